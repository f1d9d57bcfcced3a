"""Addresses of schedulers, and which of them may do without TLS."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from automl.errors import ConfigError

PORT = 8786
"""Port of a scheduler, which is Dask's own default."""

_FORM = re.compile(
    r"(?:(?P<scheme>tls|tcp)://)?(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a scheduler is.

    Attributes
    ----------
    host : str
        A name or a number; one of IPv6 without brackets.
    port : int
    encrypted : bool
        Whether it is spoken to with TLS.
    """

    host: str
    port: int = PORT
    encrypted: bool = True

    @classmethod
    def parse(cls, text: str, where: str) -> Address:
        """Read an address: ``pc1``, ``pc1:8786``, ``tls://pc1:8786``, ``tcp://127.0.0.1:8786``.

        Parameters
        ----------
        text : str
        where : str
            The option or argument that it was given to, for messages.

        Raises
        ------
        ConfigError
            When it has another form, or is one without TLS beyond this machine.
        """
        match = _FORM.fullmatch(text)
        if match is None or not 0 <= int(match["port"] or PORT) <= 65535:
            raise ConfigError(
                f"{where}: must be HOST, HOST:PORT or tls://HOST:PORT, but got {text!r:.120}"
            )
        host = match["host"].strip("[]")
        address = cls(host, int(match["port"] or PORT), match["scheme"] != "tcp")
        if not address.encrypted and not address.is_loopback:
            raise ConfigError(
                f"{where}: must be tls:// beyond this machine, but got {text!r:.120}; make"
                " certificates with: automl cluster init"
            )
        return address

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.encrypted else 'tcp'}://{host}:{self.port}"
