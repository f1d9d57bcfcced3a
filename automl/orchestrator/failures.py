"""When trials fail: which failures end a search, and what they have in common."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from automl.space.domains import FloatDomain, IntDomain
from automl.space.space import FAMILY, SearchSpace
from automl.trial import TrialRecord, TrialStatus

MANY_FAILURES = 20
"""A search whose first trials all fail, so many of them, stops: of a space of which half the
candidates diverge, one search in a million begins so. A single trial that was pruned is enough to
go on: it has trained for a while and has a score. What diverges is never pruned, but fails: the
worker raises before it reports such an epoch or glimpse."""

_ENOUGH = 5
"""Failures below this number lie together by chance."""

_SHARE = 0.34
"""Failures that span no more than this share of a parameter's range lie together."""


def why_none(records: Sequence[TrialRecord], space: SearchSpace, name: str) -> str:
    """Why there is no complete trial, and what the failed ones have in common."""
    if not records:
        return "the search ended before a trial was complete; there is no model yet"
    failed = [r for r in records if r.status is TrialStatus.FAILED]
    said = (
        f"none of {len(records)} trials is complete ({len(failed)} failed,"
        f" {len(records) - len(failed)} pruned)"
    )
    if failed:
        errors = [r.error or "" for r in failed]
        kind, count = Counter(map(_kind, errors)).most_common(1)[0]
        said += f"; {count} of them: {next(e for e in errors if _kind(e) == kind)}"
        if len(failed) > 1 and (common := in_common(failed, space)):
            said += f"; the {len(failed)} that failed have in common: {', '.join(common)}"
    return f"{said}; `automl show {name}` lists them"


def in_common(failed: Sequence[TrialRecord], space: SearchSpace) -> list[str]:
    """Return what failed trials have in common, of parameters that could have been different."""
    found = []
    if space.families:
        families = {str(r.params[FAMILY]) for r in failed}
        if len(families) > 1:
            return []  # a parameter of one means something else in another
        family = families.pop()
        found.append(f"{FAMILY}={family}")
        space = space.of_family(family)
    for name, domain in space.domains.items():
        values = [r.params[name] for r in failed if name in r.params]
        if not values:
            continue
        if len(set(values)) == 1:
            found.append(f"{name}={values[0]}")
        elif isinstance(domain, IntDomain | FloatDomain) and len(failed) >= _ENOUGH:
            low, high = min(map(float, values)), max(map(float, values))
            if _share(domain, low, high) <= _SHARE:
                found.append(f"{name} from {low:.3g} to {high:.3g}")
    return found


def _share(domain: IntDomain | FloatDomain, low: float, high: float) -> float:
    """Return the share of a parameter's range from `low` to `high`."""
    ends = [domain.low, domain.high, low, high]
    a, b, c, d = map(math.log, ends) if domain.log else ends
    return (d - c) / (b - a) if b > a else 0.0


def _kind(reason: str) -> str:
    """Return a reason without its numbers, which differ from trial to trial."""
    return re.sub(r"\d[\d.,e+-]*|\b(nan|inf)\b", "N", reason)
