"""Search spaces as YAML files, parsed and checked once.

The file has the shape of the parameters that it yields. A plain value is fixed; a mapping with
``int``, ``float`` or ``choice`` is sampled::

    family: mlp
    model:
      depth: {int: [1, 4]}
      width: {int: [32, 512], log: true}
    optimizer:
      name: {choice: [sgd, adam]}
      learning_rate: {float: [1.0e-4, 1.0e-1], log: true}
    start:
      - {model: {depth: 1, width: 100}, optimizer: {name: adam, learning_rate: 0.001}}

Several families are searched with a section for each, whose parameters are only that family's; or
the name of a space in place of the section. What stands beside them is every family's::

    family: {choice: [mlp, lstm]}
    mlp: mlp
    lstm:
      model: {layers: 1, width: {int: [16, 256], log: true}}
      optimizer: {learning_rate: {float: [1.0e-4, 1.0e-2], log: true}}

A file in which every value is fixed is a configuration, for ``automl train``; its section
``budget`` says how long it is trained, and on which rows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from automl.errors import SpaceError, UnknownNameError
from automl.space.domains import ChoiceDomain, Scalar
from automl.space.parsing import is_domain, parse_leaf, parse_scalar, parse_tree
from automl.space.space import FAMILY, SearchSpace, join

MAX_FILE_BYTES = 1_000_000
"""No hand-written space comes near; a larger file is something else."""

MAX_SCALAR = 1000
"""Characters of one value. Python refuses to print whole numbers of more than 4,300 digits."""


def spaces_folder() -> Path:
    """Return where the spaces of the package lie: in the wheel, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "search_spaces"
    return installed if installed.is_dir() else package.parent / "search_spaces"


def space_names() -> list[str]:
    """Names of the spaces that come with the package."""
    return sorted(p.stem for p in spaces_folder().glob("*.yaml"))


def load_space(name_or_path: str, *, nested: bool = False) -> SearchSpace:
    """Read a space by its name, or from a file.

    Parameters
    ----------
    name_or_path : str
    nested : bool
        Whether it is named in a space of several families, so that it must be of one.

    Raises
    ------
    UnknownNameError
        When there is neither a space nor a file of that name.
    SpaceError
        When the file breaks a rule, with the path to the mistake.
    """
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or _is_file(path):
        return parse_space(_read(path), str(path), nested=nested)
    if name_or_path not in space_names():
        raise UnknownNameError("search space", name_or_path, space_names())
    shipped = spaces_folder() / f"{name_or_path}.yaml"
    return parse_space(_read(shipped), f"{name_or_path}.yaml", nested=nested)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any file's
        return False


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SpaceError(f"{path}: a search space must be smaller than 1 MB")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpaceError(f"{path}: there is no such file; `automl spaces` lists names") from None
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        raise SpaceError(f"{str(path)!r}: cannot be read as UTF-8 text: {error}") from None


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses what a space never needs.

    That is a key given twice, aliases, which can grow without bound, and tags, with which text
    can be forced into a constructor that cannot read it.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        problem = None
        if isinstance(event, yaml.AliasEvent):
            problem = "aliases (*name) are not supported"
        elif getattr(event, "tag", None) is not None:
            problem = "tags (!name) are not supported"
        elif isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_SCALAR:
            problem = f"a value must be at most {MAX_SCALAR} characters long"
        if problem is not None:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem=f"a key must be a name, but got {key!r}; bare yes/no/on/off are"
                    " booleans in YAML: put them in quotes",
                    problem_mark=key_node.start_mark,
                )
            if not key.isprintable():
                raise yaml.MarkedYAMLError(
                    problem=f"a key must be a printable name, but got {key!r}",
                    problem_mark=key_node.start_mark,
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key!r} is given twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def parse_space(text: str, source: str, *, nested: bool = False) -> SearchSpace:
    """Parse and check a space.

    Parameters
    ----------
    text : str
        YAML.
    source : str
        File name for messages.
    nested : bool
        As in `load_space`.

    Raises
    ------
    SpaceError
        With file, path in the file, rule and value.
    """
    try:
        tree = yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f":{mark.line + 1}" if mark else ""
        problem = (error.problem or "is not valid YAML").replace("but found", "must end, but has")
        raise SpaceError(f"{source}{line}: {problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SpaceError(f"{source}: is not valid YAML: {reason}") from None
    if not isinstance(tree, dict) or not tree:
        got = "is empty" if not tree else f"got {tree!r:.80}"
        raise SpaceError(f"{source}: a space must be a mapping of sections, but {got}")
    family = tree.get(FAMILY)
    if isinstance(family, dict):
        return _parse_families(tree, family, source, nested=nested)
    return parse_tree(tree, source)


def _parse_families(
    tree: dict[str, Any], family: dict[str, Any], source: str, *, nested: bool
) -> SearchSpace:
    """Parse a choice of families with a section for each; other sections are those of all."""
    if nested:
        raise SpaceError(f"{source}: {FAMILY}: must be one name here, but got {family!r:.80}")
    domain = parse_leaf(family, FAMILY, source)
    if not isinstance(domain, ChoiceDomain) or not all(isinstance(c, str) for c in domain.choices):
        raise SpaceError(f"{source}: {FAMILY}: must be a choice of names, but got {family!r:.80}")
    names = [str(choice) for choice in domain.choices]
    common = {key: node for key, node in tree.items() if key not in (FAMILY, *names)}
    return join(source, [_parse_family(name, tree.get(name), common, source) for name in names])


def _parse_family(name: str, own: Any, common: dict[str, Any], source: str) -> SearchSpace:
    place = f"{source}: {name}"
    if isinstance(own, str):
        space = load_space(own, nested=True)
        if space.fixed.get(FAMILY) != name:
            raise SpaceError(
                f"{place}: must be a space of this family, but {own!r} is one of"
                f" {space.fixed.get(FAMILY)!r}"
            )
        if common:
            raise SpaceError(
                f"{place}: names a file of its own, which no section for all families changes, but"
                f" there is {min(common)!r}"
            )
        return space
    if not isinstance(own, dict):
        raise SpaceError(
            f"{place}: needs a section with the family's own parameters, or the name of a space,"
            f" but got {own!r:.80}"
        )
    if FAMILY in own:
        raise SpaceError(f"{place}: must not name a family once more, but has {own[FAMILY]!r:.80}")
    return parse_tree({FAMILY: name, **_merge(common, own, place)}, place)


def _merge(common: dict[str, Any], own: dict[str, Any], place: str) -> dict[str, Any]:
    """Sections of all families and of one, setting by setting."""
    merged = dict(common)
    for key, node in own.items():
        if key not in merged:
            merged[key] = node
        elif isinstance(node, dict) and isinstance(merged[key], dict) and not is_domain(node):
            merged[key] = _merge(merged[key], node, f"{place}: {key}")
        else:
            raise SpaceError(f"{place}: {key}: must be given once, for all families or for one")
    return merged


def parse_assignment(text: str) -> tuple[str, Scalar]:
    """``model.depth=2`` from the command line, the value as in YAML.

    Raises
    ------
    SpaceError
        With the rule and the value.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name.isprintable() or not name or not value:
        raise SpaceError(f"--set: must be NAME=VALUE, such as model.depth=2, but got {text!r:.80}")
    try:
        node = yaml.load(value, Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError):
        raise SpaceError(
            f"--set: {name}: must be a number or a name, but got {value!r:.80}"
        ) from None
    if isinstance(node, str):
        # The shell has no types: 1e-4 is a number here, whatever YAML thinks.
        with contextlib.suppress(ValueError):
            node = float(node)
    return name, parse_scalar(node, name, "--set")
