"""`ServiceSettings`: what the operator decides, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from automl.config import available_cores
from automl.errors import ConfigError
from automl.study.urls import sqlite_url, without_password
from automl.units import parse_size

LOOPBACK = ("127.0.0.1", "::1", "localhost")

MAX_UPLOAD = 2 * 10**9
"""Bytes of one data set, by default."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one user may have; an administrator can change it for each.

    Attributes
    ----------
    running : int
        Searches at the same time.
    bytes : int
        Bytes of data sets and of models that are kept.
    compute_seconds : int
        Seconds that all searches of a user may run together, those that are deleted included.
    """

    running: int = 2
    bytes: int = 10 * 10**9
    compute_seconds: int = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How a service is run.

    Attributes
    ----------
    root : Path
        Folder of everything that the service keeps.
    database : str or None
        SQLAlchemy URL; None for a SQLite file in `root`.
    host, port : str, int
        Where it listens.
    names : tuple of str
        Host names that it answers to, beside those of loopback; port numbers do not count.
    behind_proxy : bool
        Whether a proxy on this machine terminates TLS and says who asked, in `X-Forwarded-For`.
    tls : bool
        Whether the server itself has a certificate.
    max_running : int
        Searches at the same time.
    max_workers : int
        Workers that one search may have.
    max_upload : int
        Bytes of one data set.
    limits : Limits
        What each user may have, unless an administrator has changed it.
    """

    root: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8321
    names: tuple[str, ...] = ()
    behind_proxy: bool = False
    tls: bool = False
    max_running: int = field(default_factory=lambda: max(1, available_cores() // 4))
    max_workers: int = field(default_factory=available_cores)
    max_upload: int = MAX_UPLOAD
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        # Child processes run elsewhere; a dataclass that is frozen has no other way.
        object.__setattr__(self, "root", self.root.absolute())

    def check(self) -> None:
        """Check what must hold before anything listens.

        Raises
        ------
        ConfigError
            When the service would be reachable without TLS, or answers to no name there.
        """
        if self.host in LOOPBACK:
            return
        if not self.tls and not self.behind_proxy:
            raise ConfigError(
                f"--host {self.host} can be reached from other machines, which needs TLS: give"
                " --tls-cert and --tls-key, or --behind-proxy where a proxy has them"
            )
        if not self.names:
            raise ConfigError(
                f"--host {self.host} needs --name, the host name by which browsers reach it; may"
                " be repeated"
            )

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by https, so that cookies are kept to that."""
        return self.tls or self.behind_proxy

    @property
    def workers(self) -> int:
        """Workers of a search that asks for no number."""
        return max(1, self.max_workers // max(1, self.max_running))

    @property
    def database_url(self) -> str:
        """SQLAlchemy's address of the database."""
        return self.database or sqlite_url(self.root / "service.db")

    @property
    def uploads(self) -> Path:
        """Folder of what is being uploaded."""
        return self.root / "uploads"

    @property
    def data(self) -> Path:
        """Folder of data sets, each called by the SHA-256 of its bytes."""
        return self.root / "data"

    @property
    def searches(self) -> Path:
        """Folder of searches, each called by its id."""
        return self.root / "searches"

    @property
    def models(self) -> Path:
        """Folder of pinned models."""
        return self.root / "models"

    def create_folders(self) -> None:
        """Make the folders, for this user's eyes only.

        Raises
        ------
        ConfigError
            When they cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.uploads, self.data, self.searches, self.models):
                folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(
                f"--root must be a folder that can be written, but {self.root}: {error.strerror}"
            ) from None


def parse_bytes(option: str, text: str) -> int:
    """Return a size that was typed, such as ``2GB``, in bytes.

    Raises
    ------
    ConfigError
        When it is no size.
    """
    size = parse_size(text)
    if not isinstance(size, int) or size < 1:
        raise ConfigError(f"{option} must be a size such as 200MB or 2GB, but got {text!r}")
    return size


def refuse_password(option: str, url: str | None) -> str | None:
    """Return an address that was typed.

    Raises
    ------
    ConfigError
        When it holds a password: every user of the machine can read a command's arguments.
    """
    if url is not None and "***" in (shown := without_password(url)):
        raise ConfigError(
            f"{option} must not hold a password, which others could read, but got {shown};"
            " put the address into $AUTOML_DATABASE"
        )
    return url
