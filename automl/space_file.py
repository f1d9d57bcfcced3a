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

A file in which every value is fixed is a configuration, for ``automl train``; its section
``budget`` says how long it is trained, and on which rows.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from automl.errors import ConfigError, SpaceError, UnknownNameError
from automl.settings import check
from automl.space import (
    Budget,
    ChoiceDomain,
    Domain,
    FloatDomain,
    IntDomain,
    Params,
    Scalar,
    SearchSpace,
)

MAX_FILE_BYTES = 1_000_000
"""No hand-written space comes near; a larger file is something else."""

MAX_SCALAR = 1000
"""Characters of one value. Python refuses to print whole numbers of more than 4,300 digits."""


def spaces_folder() -> Path:
    """Where the spaces that come with the package lie: in the wheel, or in the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "search_spaces"
    return installed if installed.is_dir() else package.parent / "search_spaces"


def space_names() -> list[str]:
    """Names of the spaces that come with the package."""
    return sorted(p.stem for p in spaces_folder().glob("*.yaml"))


def load_space(name_or_path: str) -> SearchSpace:
    """Read a space by its name, or from a file.

    Raises
    ------
    UnknownNameError
        When there is neither a space nor a file of that name.
    SpaceError
        When the file breaks a rule, with the path to the mistake.
    """
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or _is_file(path):
        return parse_space(_read(path), str(path))
    if name_or_path not in space_names():
        raise UnknownNameError("search space", name_or_path, space_names())
    shipped = spaces_folder() / f"{name_or_path}.yaml"
    return parse_space(_read(shipped), f"{name_or_path}.yaml")


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


def parse_space(text: str, source: str) -> SearchSpace:
    """Parse and check a space.

    Parameters
    ----------
    text : str
        YAML.
    source : str
        File name for messages.

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
        raise SpaceError(f"{source}{line}: {error.problem or 'is not valid YAML'}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SpaceError(f"{source}: is not valid YAML: {reason}") from None
    if not isinstance(tree, dict) or not tree:
        raise SpaceError(f"{source}: a space must be a mapping of sections, but got {tree!r:.80}")
    start, budget = tree.pop("start", []), tree.pop("budget", {})
    domains: dict[str, Domain] = {}
    fixed: Params = {}
    for name, node in _flatten(tree, source).items():
        parsed = _parse_leaf(node, name, source)
        if isinstance(parsed, IntDomain | FloatDomain | ChoiceDomain):
            domains[name] = parsed
        else:
            fixed[name] = parsed
    space = SearchSpace(source, domains, fixed)
    parsed_start = _parse_start(start, space)
    return SearchSpace(source, domains, fixed, parsed_start, _parse_budget(budget, source))


_DOMAIN_KEYS = {"int", "float", "choice"}


def _flatten(tree: dict[str, Any], source: str, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, node in tree.items():
        name = prefix + key
        if isinstance(node, dict) and not _DOMAIN_KEYS & node.keys():
            if not node or "log" in node:
                raise SpaceError(
                    f"{source}: {name}: needs one of int, float, choice, but got {node!r}"
                )
            found = _flatten(node, source, name + ".")
        else:
            found = {name: node}
        if twice := flat.keys() & found.keys():  # `model.depth: 1` beside `model: {depth: 2}`
            raise SpaceError(f"{source}: {min(twice)}: must be given once, but is given twice")
        flat |= found
    return flat


def _parse_leaf(node: Any, name: str, source: str) -> Domain | Scalar:
    if not isinstance(node, dict):
        return _scalar(node, name, source)
    kinds = _DOMAIN_KEYS & node.keys()
    extra = node.keys() - kinds - {"log"}
    if len(kinds) != 1 or extra or (kinds == {"choice"} and "log" in node):
        raise SpaceError(
            f"{source}: {name}: must be {{int: [low, high]}}, {{float: [low, high]}}"
            f" (each with an optional `log: true`) or {{choice: [a, b]}}, but got {node!r:.120}"
        )
    kind = kinds.pop()
    if kind == "choice":
        return _parse_choice(node["choice"], f"{name}.choice", source)
    log = node.get("log", False)
    if type(log) is not bool:
        raise SpaceError(f"{source}: {name}.log: must be true or false, but got {log!r}")
    low, high = _parse_bounds(node[kind], f"{name}.{kind}", source, whole=kind == "int")
    if log and low <= 0:
        raise SpaceError(f"{source}: {name}.{kind}: `low > 0` must hold with log, but got {low}")
    return IntDomain(int(low), int(high), log) if kind == "int" else FloatDomain(low, high, log)


def _parse_bounds(node: Any, place: str, source: str, *, whole: bool) -> tuple[float, float]:
    if not isinstance(node, list) or len(node) != 2:
        raise SpaceError(f"{source}: {place}: must be [low, high], but got {node!r:.80}")
    for value in node:
        if whole and type(value) is not int:
            raise SpaceError(
                f"{source}: {place}: must be whole numbers, but got {value!r}{_hint(value)}"
            )
        if type(value) not in (int, float) or not abs(value) <= sys.float_info.max:
            raise SpaceError(
                f"{source}: {place}: must be finite numbers, but got {value!r}{_hint(value)}"
            )
    low, high = node
    if low > high:
        raise SpaceError(f"{source}: {place}: `low <= high` must hold, but got [{low}, {high}]")
    return (low, high) if whole else (float(low), float(high))


def _parse_choice(node: Any, place: str, source: str) -> ChoiceDomain:
    if not isinstance(node, list) or not node:
        raise SpaceError(f"{source}: {place}: must be a list of values, but got {node!r:.80}")
    values = tuple(_scalar(value, place, source) for value in node)
    if len(set(values)) < len(values):  # 1 and 1.0 are one value, for Optuna too
        raise SpaceError(f"{source}: {place}: must not repeat a value, but got {node!r:.80}")
    return ChoiceDomain(values)


def _scalar(node: Any, place: str, source: str) -> Scalar:
    if isinstance(node, bool) or node is None:
        raise SpaceError(
            f"{source}: {place}: must be a number or a name, but got {node!r};"
            " bare yes/no/on/off are booleans in YAML: put them in quotes"
        )
    if isinstance(node, int | float) and not abs(node) <= sys.float_info.max:
        raise SpaceError(f"{source}: {place}: must be finite, but got {node!r:.80}")
    if isinstance(node, str) and (hint := _hint(node)):
        raise SpaceError(f"{source}: {place}: must be a number, but got the text {node!r}{hint}")
    if not isinstance(node, str | int | float):
        raise SpaceError(f"{source}: {place}: must be a number or a name, but got {node!r:.80}")
    return node


def _hint(value: Any) -> str:
    """What to write in place of a number that YAML reads as text."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    mantissa, _, exponent = f"{number:e}".partition("e")
    plain = f"{float(mantissa)}e{int(exponent):+d}"
    return f" (YAML reads {value} as text; write {plain})"


def _parse_start(node: Any, space: SearchSpace) -> tuple[Params, ...]:
    source = space.source
    if not isinstance(node, list) or not all(isinstance(entry, dict) for entry in node):
        raise SpaceError(f"{source}: start: must be a list of configurations, but got {node!r:.80}")
    parsed = []
    for i, entry in enumerate(node):
        values: Params = {}
        for name, value in _flatten(entry, source, f"start[{i}].").items():
            place, name = name, name.split(".", 1)[1]
            values[name] = _start_value(value, name, place, space)
        parsed.append({n: v for n, v in values.items() if n in space.domains})
    return tuple(parsed)


def _parse_budget(node: Any, source: str) -> Budget:
    if not isinstance(node, dict):
        raise SpaceError(f"{source}: budget: must be a mapping of settings, but got {node!r:.80}")
    try:
        return check(Budget, node, "budget")
    except ConfigError as error:
        raise SpaceError(f"{source}: {error}") from None


def _start_value(node: Any, name: str, place: str, space: SearchSpace) -> Scalar:
    value = _scalar(node, place, space.source)
    if name in space.fixed:
        if space.fixed[name] != value:
            raise SpaceError(
                f"{space.source}: {place}: is fixed to {space.fixed[name]!r}, but got {value!r}"
            )
        return value
    if name not in space.domains:
        known = [*space.fixed, *space.domains]
        raise SpaceError(f"{space.source}: {place}: {UnknownNameError('parameter', name, known)}")
    domain = space.domains[name]
    if isinstance(domain, FloatDomain) and type(value) is int:
        value = float(value)
    if not domain.holds(value):
        raise SpaceError(f"{space.source}: {place}: must lie in {domain}, but got {value!r}")
    return value


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
    return name, _scalar(node, name, "--set")
