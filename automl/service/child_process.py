"""How child processes are started: what they may know, and how they find automl."""

from __future__ import annotations

import os
import sys

from automl.locations import package_home

SECRETS = ("AUTOML_DATABASE", "PGPASSWORD")
"""Variables that no child needs."""


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs `main` of a module of this package."""
    start = (
        f"import sys; sys.path.append({str(package_home())!r});"
        f" from automl.service.{module} import main; main()"
    )
    return [sys.executable, "-P", "-c", start, *arguments]  # -P: no module of the current folder


def environment(**more: str) -> dict[str, str]:
    """Return the variables of a child."""
    return {k: v for k, v in os.environ.items() if k not in SECRETS} | more
