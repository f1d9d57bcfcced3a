"""What a space's YAML says, checked: domains, values, start configurations, budget.

`automl.space.file` calls `parse_tree` with what the file holds for one family.
"""

from __future__ import annotations

import math
import re
import sys
from typing import Any

from automl.errors import ConfigError, SpaceError, UnknownNameError
from automl.settings import check
from automl.space.domains import ChoiceDomain, Domain, FloatDomain, IntDomain, Params, Scalar
from automl.space.space import Budget, SearchSpace

_DOMAIN_KEYS = {"int", "float", "choice"}


def parse_tree(tree: dict[str, Any], source: str) -> SearchSpace:
    """Parse a space of one family.

    Parameters
    ----------
    tree : dict
        Sections, as YAML has them.
    source : str
        File name for messages.

    Raises
    ------
    SpaceError
        With the path to the mistake, the rule and the value.
    """
    tree = dict(tree)
    start, budget = tree.pop("start", []), tree.pop("budget", {})
    domains: dict[str, Domain] = {}
    fixed: Params = {}
    for name, node in _flatten(tree, source).items():
        parsed = parse_leaf(node, name, source)
        if isinstance(parsed, IntDomain | FloatDomain | ChoiceDomain):
            domains[name] = parsed
        else:
            fixed[name] = parsed
    space = SearchSpace(source, domains, fixed)
    parsed_start = _parse_start(start, space)
    return SearchSpace(source, domains, fixed, parsed_start, _parse_budget(budget, source))


def is_domain(node: dict[str, Any]) -> bool:
    """Return whether a mapping says what is sampled, and not what a section holds."""
    return bool(_DOMAIN_KEYS & node.keys())


def _flatten(tree: dict[str, Any], source: str, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, node in tree.items():
        name = prefix + key
        if isinstance(node, dict) and not is_domain(node):
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


def parse_leaf(node: Any, name: str, source: str) -> Domain | Scalar:
    """Parse a domain, or a fixed value."""
    if not isinstance(node, dict):
        return parse_scalar(node, name, source)
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
    values = tuple(parse_scalar(value, place, source) for value in node)
    if len(set(values)) < len(values):  # 1 and 1.0 are one value, for Optuna too
        raise SpaceError(f"{source}: {place}: must not repeat a value, but got {node!r:.80}")
    return ChoiceDomain(values)


_PLAIN_NUMBER = re.compile(r"[-+]?(\d+|\d+\.\d*([eE][-+]\d+)?|\.\d+)")
"""What YAML 1.1 reads as a number, unless it stands in quotes."""


def parse_scalar(node: Any, place: str, source: str) -> Scalar:
    """Parse a number or a name."""
    if node is None:
        raise SpaceError(f"{source}: {place}: must be a number or a name, but has no value")
    if isinstance(node, bool):
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
    """Say what to write in place of a number that YAML reads as text."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    if _PLAIN_NUMBER.fullmatch(value):
        return " (take the quotes away)"
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
    value = parse_scalar(node, place, space.source)
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
