"""Families of the user's own, each in a file: ``--plugin my_models.py``.

Called by every command that may meet such a family, and in each worker, which gets the file's text
from the parent: all of them build from the same text, whatever becomes of the file meanwhile. A
file is run when its user names it and never because a study or a saved model does.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import threading
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from automl.errors import ConfigError
from automl.models import FAMILIES
from automl.registry import Origin, canonical_name

_SLOW = ("torch", "torchvision", "tensorflow", "jax")
"""Libraries that would make the parent wait for seconds."""


@dataclass(frozen=True, slots=True)
class FamilyFile:
    """A file that was named, as it was then.

    Attributes
    ----------
    path : str
        Whole.
    text : bytes
    """

    path: str
    text: bytes

    @property
    def family(self) -> str:
        """The name of its family, which is the file's."""
        return canonical_name(Path(self.path).stem)


_LOADED: dict[str, FamilyFile] = {}
"""Shared by the whole process, as its modules are: `load_model` finds what a search was given."""

_TURN = threading.RLock()


def add_families(paths: Iterable[str]) -> None:
    """Make the families in these files known.

    Parameters
    ----------
    paths : iterable of str
        Python files; a file's name is that of its family, and `FAMILY` in it an instance of
        `automl.models.Family`.

    Raises
    ------
    ConfigError
        In one line, when there is no such file, it cannot be run, or it breaks the contract.
    """
    load_files(map(_read, paths))


def loaded_files() -> tuple[FamilyFile, ...]:
    """Return all that are known, for a worker to `load_files` them."""
    return tuple(_LOADED.values())


def forget_file(file: FamilyFile) -> None:
    """Make a family unknown again, for a program that only tries one out."""
    with _TURN:
        if _LOADED.pop(file.family, None) is not None:
            FAMILIES.remove(file.family)


def load_files(files: Iterable[FamilyFile]) -> None:
    """Make the families of texts known that were read before; see `add_families`."""
    for file in files:
        with _TURN:
            _load(file)


def _load(file: FamilyFile) -> None:
    before = _LOADED.get(file.family, file)
    if before.path != file.path:
        raise ConfigError(
            f"plugin {file.path}: the family {file.family!r} is there already, from"
            f" {before.path}; rename one of the files"
        )
    if _LOADED.get(file.family) != file:
        origin = Origin(Path(file.path).name, hashlib.sha256(file.text).hexdigest(), True)
        FAMILIES.add(file.family, _run(file), origin)
        _LOADED[file.family] = file


def _read(path: str) -> FamilyFile:
    try:
        if not path.endswith(".py") or not Path(path).stem.isidentifier():
            raise ConfigError(
                f"plugin: must be a Python file such as my_models.py, whose name is that of the"
                f" family, but got {path!r:.120}"
            )
        whole = Path(path).resolve()
        return FamilyFile(str(whole), whole.read_bytes())
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"plugin {path!r:.120}: cannot be read: {reason}") from None


def _run(file: FamilyFile) -> object:
    """Run a file, and return its family.

    The module can be found by its name, or no dataclass could be made in it.
    """
    module = ModuleType(f"automl_plugin_{Path(file.path).stem}")
    module.__file__ = file.path
    sys.modules[module.__name__] = module
    try:
        tree = ast.parse(file.text, file.path)
        _check_imports(tree, file.path)
        exec(compile(tree, file.path, "exec"), module.__dict__)  # noqa: S102 - its user named it
        return vars(module)["FAMILY"]
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the user's file may raise
        raise ConfigError(f"plugin {_where(error, file.path)}: {_what(error)}") from None


def _check_imports(tree: ast.Module, path: str) -> None:
    for node in tree.body:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.partition(".")[0] in _SLOW:
                raise ConfigError(
                    f"plugin {path}, line {node.lineno}: must import {name} inside of `build`"
                    " alone: the process that searches never loads it"
                )


def _where(error: Exception, path: str) -> str:
    """Return the file, and the line in it that has raised."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{path}, line {error.lineno}"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    return f"{path}, line {lines[-1]}" if lines else path


def _what(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"is no Python: {error.msg}"
    if isinstance(error, KeyError) and error.args == ("FAMILY",):
        return "must assign its family to FAMILY: FAMILY = MyFamily()"
    return f"cannot be run: {type(error).__name__}: {' '.join(str(error).split()):.200}"
