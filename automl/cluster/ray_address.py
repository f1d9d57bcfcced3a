"""Addresses of Ray clusters, and which of them may do without TLS."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from automl.cluster.address import Address
from automl.errors import ConfigError

CLIENT_PORT, PORT = 10001, 6379
"""Ray's own defaults: of the server for clients from anywhere, and of the cluster itself."""

_FORM = re.compile(
    r"(?P<client>ray://)?(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class RayAddress:
    """Where a Ray cluster is.

    Attributes
    ----------
    host : str
        A name or a number; one of IPv6 without brackets.
    port : int
    client : bool
        Whether a server for clients is there, which a machine outside of the cluster needs.
    """

    host: str
    port: int
    client: bool

    @classmethod
    def parse(cls, text: str, where: str) -> RayAddress:
        """Read an address: ``ray://pc1``, ``ray://pc1:10001``, ``pc1:6379``.

        Parameters
        ----------
        text : str
        where : str
            The option that it was given to, for messages.

        Raises
        ------
        ConfigError
            When it has another form, or lies beyond this machine and nobody has said whether Ray
            is to use TLS, which is one for all that Ray does on a machine.
        """
        match = _FORM.fullmatch(text)
        if match is None or not 0 < int(match["port"] or PORT) <= 65535:
            raise ConfigError(
                f"{where}: must be ray://HOST, ray://HOST:PORT or HOST:PORT, but got {text!r:.120}"
            )
        client = match["client"] is not None
        port = int(match["port"] or (CLIENT_PORT if client else PORT))
        found = cls(match["host"].strip("[]"), port, client)
        if not Address(found.host).is_loopback and "RAY_USE_TLS" not in os.environ:
            raise ConfigError(
                f"{where}: must be reached with TLS beyond this machine, but got {text!r:.120} and"
                " no RAY_USE_TLS; set it to 1 with Ray's certificates, or to 0 for a network where"
                " you trust everybody"
            )
        return found

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ray://' if self.client else ''}{host}:{self.port}"
