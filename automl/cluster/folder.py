"""The folder with the certificates of a cluster."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Role = Literal["scheduler", "worker", "client"]

ROLES: tuple[Role, ...] = get_args(Role)
"""Who takes part: the scheduler, the slots of the workers, and the searches."""

VARIABLE = "AUTOML_CLUSTER_FOLDER"
"""Environment variable that names the folder."""


@dataclass(frozen=True, slots=True)
class ClusterFolder:
    """The folder that `automl cluster init` makes; each machine needs the files of its role.

    Attributes
    ----------
    path : Path
    """

    path: Path

    @classmethod
    def find(cls, given: Path | None = None) -> ClusterFolder:
        """Return the folder that was given, else ``$AUTOML_CLUSTER_FOLDER``, else ``cluster``."""
        return cls(given or Path(os.environ.get(VARIABLE) or "cluster"))

    @property
    def authority(self) -> Path:
        """The certificate that signed the others."""
        return self.path / "ca.pem"

    def certificate(self, role: Role) -> Path:
        """Return where the certificate of a role lies."""
        return self.path / f"{role}.pem"

    def key(self, role: Role) -> Path:
        """Return where its private key lies."""
        return self.path / f"{role}-key.pem"

    def files(self, role: Role) -> tuple[Path, Path, Path]:
        """Return all that a machine needs for a role."""
        return self.authority, self.certificate(role), self.key(role)
