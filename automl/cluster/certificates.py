"""Make the certificates of a cluster."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from automl.cluster.folder import ROLES, ClusterFolder, Role
from automl.errors import ConfigError
from automl.files import replace_file

EARLIER = timedelta(days=1)
"""Time before now from which they are valid: the clocks of machines differ."""

_SPEAKS = {
    # Scheduler and workers call each other. A search only calls, and with its certificate nobody
    # can pass for a scheduler.
    "scheduler": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
    "worker": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
    "client": [ExtendedKeyUsageOID.CLIENT_AUTH],
}


def make_certificates(
    folder: ClusterFolder, hosts: Sequence[str] = (), days: int = 365
) -> datetime:
    """Make an authority, and a certificate with its key for each role.

    The authority's own key is kept nowhere: nobody can add a certificate later, and new ones are
    new ones for every machine.

    Parameters
    ----------
    folder : ClusterFolder
        It is made, and must be new or empty.
    hosts : sequence of str
        Names or addresses of the machines, for whoever reads the certificates.
    days : int
        How long they are valid.

    Returns
    -------
    datetime
        When they expire.

    Raises
    ------
    ConfigError
        When the folder holds something, or cannot be written.
    """
    path = folder.path
    if os.path.lexists(path) and not (path.is_dir() and not any(path.iterdir())):
        raise ConfigError(
            f"{path}: must be new or empty, but it holds something; certificates are never"
            " overwritten: name another with --folder, or remove it first"
        )
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as partial:
            partial.mkdir(mode=0o700)
            _write_all(ClusterFolder(partial), hosts, expires)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
    return expires


def _write_all(folder: ClusterFolder, hosts: Sequence[str], expires: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("automl cluster")
    authority = (
        _builder(name, key.public_key(), expires)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    _write(folder.authority, authority.public_bytes(Encoding.PEM), 0o644)
    for role in ROLES:
        _write_role(folder, role, hosts, expires, key)
    _write(folder.path / ".gitignore", b"*\n", 0o644)  # keys belong into no repository


def _write_role(
    folder: ClusterFolder,
    role: Role,
    hosts: Sequence[str],
    expires: datetime,
    signer: ec.EllipticCurvePrivateKey,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [_general_name(host) for host in dict.fromkeys(["localhost", "127.0.0.1", *hosts])]
    issuer = signer.public_key()
    certificate = (
        _builder(_name(f"automl {role}"), key.public_key(), expires)
        .issuer_name(_name("automl cluster"))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_SPEAKS[role]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(folder.certificate(role), certificate.public_bytes(Encoding.PEM), 0o644)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(folder.key(role), text, 0o600)


def _builder(
    name: x509.Name, key: ec.EllipticCurvePublicKey, expires: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - EARLIER)
        .not_valid_after(expires)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a new file that has had these permissions from the start."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
