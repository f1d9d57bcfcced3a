"""The extra that a cluster needs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from automl.errors import ConfigError

_OF_EXTRA = ("distributed", "dask", "cryptography")


def load(module: str) -> Any:
    """Import a module that needs Dask or cryptography.

    Parameters
    ----------
    module : str
        Name of a library, or of a module of automl.

    Raises
    ------
    ConfigError
        When the extra is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_EXTRA:
            raise
        raise ConfigError("a cluster needs the extra dask: pip install 'automl[dask]'") from None
