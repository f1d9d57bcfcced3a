"""Plug-in folders: a file's name is its name on the command line and in YAML.

Called by whoever offers a choice of families, data sources, baselines or executors. A folder's
``__init__.py`` holds the contract; every other public module in it is one implementation and
assigns it to the attribute that its `Registry` names. Installed packages add their own through
an entry point group of the folder's name: ``automl.models`` with ``mine = "my_package:MyFamily"``.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar, cast

from automl.errors import UnknownNameError

T = TypeVar("T")


def canonical_name(name: str) -> str:
    """``mlp_sklearn`` and ``mlp-sklearn`` are one name; the hyphen is how it is shown."""
    return name.replace("_", "-")


class Registry(Generic[T]):
    """The implementations in one plug-in folder.

    Parameters
    ----------
    package : str
        Import path of the folder, also its entry point group.
    attribute : str
        The module-level name that each file assigns its implementation to.
    kind : str
        What one of them is called in messages, such as ``"family"``.
    """

    def __init__(self, package: str, attribute: str, kind: str) -> None:
        self.package = package
        self.attribute = attribute
        self.kind = kind

    def names(self) -> list[str]:
        """Sorted names of all implementations, found without importing any of them."""
        return sorted(self._modules() | self._entry_points().keys())

    def get(self, name: str) -> T:
        """Import and return one implementation.

        Raises
        ------
        UnknownNameError
            With the known names, when there is none of that name.
        """
        name = canonical_name(name)
        if name in self._modules():
            module = importlib.import_module(f"{self.package}.{name.replace('-', '_')}")
            return cast(T, getattr(module, self.attribute))
        installed = self._entry_points()
        if name in installed:
            return cast(T, installed[name].load())
        raise UnknownNameError(self.kind, name, self.names())

    def _modules(self) -> set[str]:
        folder = importlib.import_module(self.package).__path__
        return {
            canonical_name(m.name)
            for m in pkgutil.iter_modules(folder)
            if not m.name.startswith("_")
        }

    def _entry_points(self) -> dict[str, EntryPoint]:
        return {canonical_name(e.name): e for e in entry_points(group=self.package)}
