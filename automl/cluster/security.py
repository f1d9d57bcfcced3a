"""Mutual TLS for Dask, from the certificates of a cluster."""

from __future__ import annotations

import ssl
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from automl.cluster.address import Address
from automl.cluster.extra import load
from automl.cluster.folder import ClusterFolder, Role
from automl.errors import ConfigError, one_line

if TYPE_CHECKING:
    from distributed import Security


def security_for(address: Address, role: Role, folder: Path | None = None) -> Security | None:
    """Return how Dask is to speak with a scheduler.

    Parameters
    ----------
    address : Address
    role : {"scheduler", "worker", "client"}
    folder : Path, optional
        Where the certificates lie; by default, as `ClusterFolder.find` says.

    Returns
    -------
    Security or None
        None for an address without TLS, which is of this machine.

    Raises
    ------
    ConfigError
        As `security` does.
    """
    return security(role, folder) if address.encrypted else None


def security(role: Role, folder: Path | None = None) -> Security:
    """Return distributed's `Security` for a role: TLS, of which both sides show a certificate.

    Parameters
    ----------
    role : {"scheduler", "worker", "client"}
    folder : Path, optional
        Where the certificates lie; by default, as `ClusterFolder.find` says.

    Raises
    ------
    ConfigError
        When Dask is not installed, or the files are missing, expired, of different clusters, or
        open to other users.
    """
    made = load("distributed").Security
    found = ClusterFolder.find(folder)
    _check(found, role)
    files = {
        f"tls_{role}_cert": str(found.certificate(role).resolve()),
        f"tls_{role}_key": str(found.key(role).resolve()),
    }
    result: Security = made(
        require_encryption=True, tls_ca_file=str(found.authority.resolve()), **files
    )
    return result


def _check(folder: ClusterFolder, role: Role) -> None:
    authority, certificate, key = folder.files(role)
    for path in (authority, certificate, key):
        if not path.is_file():
            raise ConfigError(
                f"{path}: must be there for TLS, but is missing; make certificates with: automl"
                f" cluster init, and copy ca.pem, {certificate.name} and {key.name} to this machine"
            )
    _check_closed(key)
    _check_signed(authority, certificate)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(
            f"{key}: must be the key of {certificate.name}, but is not: {one_line(error)}; copy"
            " both from the same folder"
        ) from None


def _check_closed(key: Path) -> None:
    """Refuse a key that every user of the machine can read, as ssh does."""
    mode = stat.S_IMODE(key.stat().st_mode)
    if sys.platform != "win32" and mode & stat.S_IRWXO:
        raise ConfigError(
            f"{key}: must be closed to other users, but its mode is {mode:04o}; do: chmod 600 {key}"
        )


def _check_signed(authority: Path, certificate: Path) -> None:
    x509 = load("cryptography.x509")
    found = {}
    for path in (authority, certificate):
        try:
            found[path] = x509.load_pem_x509_certificate(path.read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{path}: must be a certificate in PEM form, but is not: {one_line(error)}"
            ) from None
        expires = found[path].not_valid_after_utc
        if expires < datetime.now(UTC):
            raise ConfigError(
                f"{path}: must be valid, but expired on {expires:%Y-%m-%d}; make new certificates"
                " with: automl cluster init, and copy them to every machine"
            )
    try:
        found[certificate].verify_directly_issued_by(found[authority])
    except Exception:  # noqa: BLE001 - errors of several kinds, all of which say that it was not
        raise ConfigError(
            f"{certificate}: must be signed by {authority.name} beside it, but is not; copy both"
            " from the same folder"
        ) from None
