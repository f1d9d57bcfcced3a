"""Plug-in folders: a file's name is its name on the command line and in YAML.

Called by whoever offers a choice of families, data sources, baselines or executors. A folder's
``__init__.py`` holds the contract; every other public module in it is one implementation and
assigns it to the attribute that its `Registry` names; a folder in it holds what several share.
Installed packages add their own through an entry point group of the folder's name:
``automl.models`` with ``mine = "my_package:FAMILY"``. A family may also come from a single file of
the user's; see `automl.models._from_file`.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar, cast

from automl.errors import ConfigError, UnknownNameError

T = TypeVar("T")


def canonical_name(name: str) -> str:
    """Return a name as it is shown, with hyphens: ``mlp_sklearn`` is ``mlp-sklearn``."""
    return name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an implementation comes from that is not automl's own.

    Attributes
    ----------
    source : str
        The name of a file, or of an installed package.
    version : str
        SHA-256 of the file, or the package's version.
    is_file : bool
    """

    source: str
    version: str
    is_file: bool

    def __str__(self) -> str:
        if self.is_file:
            return f"the file {self.source} (SHA-256 {self.version[:12]}…)"
        return f"the package {self.source} {self.version}"


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
    check : callable, optional
        Returns what breaks the contract in an implementation that is not automl's own, or None.
    more : str, optional
        Advice for an unknown name, which ends its message.
    """

    def __init__(
        self,
        package: str,
        attribute: str,
        kind: str,
        check: Callable[[object], str | None] = lambda found: None,
        more: str = "",
    ) -> None:
        self.package = package
        self.attribute = attribute
        self.kind = kind
        self._check = check
        self._more = more
        self._added: dict[str, tuple[T, Origin]] = {}

    def names(self) -> list[str]:
        """Return the sorted names of all implementations, found without importing any of them."""
        return sorted(self._modules() | self._entry_points().keys() | self._added.keys())

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
        if name in self._added:
            return self._added[name][0]
        installed = self._entry_points()
        if name in installed:
            return self._load(installed[name])
        raise UnknownNameError(self.kind, name, self.names(), self._more)

    def add(self, name: str, found: object, origin: Origin) -> None:
        """Take in an implementation from a file; one of the same file replaces it.

        Raises
        ------
        ConfigError
            When it breaks the contract, or the name is taken.
        """
        if (why := self._check(found)) is not None:
            raise ConfigError(f"{origin.source}: {self.attribute} {why}")
        name = canonical_name(name)
        before = self.origin(name)
        ours = before is not None and before.is_file and before.source == origin.source
        if name in self.names() and not ours:
            taken = f"{before}" if before else "automl itself"
            raise ConfigError(
                f"{origin.source}: the {self.kind} {name!r} is there already, from {taken};"
                " rename the file"
            )
        self._added[name] = cast(T, found), origin

    def remove(self, name: str) -> None:
        """Leave out again what was added."""
        del self._added[canonical_name(name)]

    def origin(self, name: str) -> Origin | None:
        """Return where an implementation comes from; None if it is automl's own, or unknown."""
        name = canonical_name(name)
        if name in self._modules():
            return None
        if name in self._added:
            return self._added[name][1]
        package = getattr(self._entry_points().get(name), "dist", None)
        return Origin(package.name, package.version, is_file=False) if package else None

    def _load(self, point: EntryPoint) -> T:
        package = point.dist.name if point.dist else point.module
        try:
            found = point.load()
        except Exception as error:  # noqa: BLE001 - whatever a package of the user's may raise
            raise ConfigError(
                f"the {self.kind} {point.name!r} of the package {package} cannot be imported:"
                f" {type(error).__name__}: {' '.join(str(error).split()):.200}"
            ) from None
        if (why := self._check(found)) is not None:
            raise ConfigError(f"{self.kind} {point.name!r} of the package {package}: it {why}")
        return cast(T, found)

    def _modules(self) -> frozenset[str]:
        return _own_names(self.package)

    def _entry_points(self) -> dict[str, EntryPoint]:
        return _installed(self.package)


def list_names(package: str) -> list[str]:
    """Return the sorted names in a plug-in folder, without importing the folder either.

    Help must be instant, and a contract may need numpy.
    """
    return sorted(_own_names(package) | _installed(package).keys())


@functools.cache
def _own_names(package: str) -> frozenset[str]:
    """Look once: reading the folder takes 0.1 ms, and a trial names its family nine times."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    folder = spec.submodule_search_locations
    return frozenset(
        canonical_name(module.name)
        for module in pkgutil.iter_modules(folder)
        if not (module.name.startswith("_") or module.ispkg)
    )


def _installed(package: str) -> dict[str, EntryPoint]:
    return {canonical_name(e.name): e for e in entry_points(group=package)}
