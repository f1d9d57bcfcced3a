"""Valid search spaces, as hypothesis draws them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from automl.space.domains import ChoiceDomain, Domain, FloatDomain, IntDomain
from automl.space.parsing import _hint
from automl.space.space import SearchSpace

WORDS = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(
    lambda word: word not in ("int", "float", "choice", "log", "start")
)
TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=8)
NAMES = TEXTS.filter(lambda text: not _hint(text))
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9)
SCALARS = NAMES | NUMBERS


@st.composite
def _bounds(draw: st.DrawFn, numbers: st.SearchStrategy[Any], log: bool) -> tuple[Any, Any]:
    low, high = sorted((draw(numbers), draw(numbers)))
    return (abs(low) or 1, max(abs(low) or 1, abs(high))) if log else (low, high)


@st.composite
def _domains(draw: st.DrawFn) -> Domain:
    kind, log = draw(st.sampled_from(["int", "float", "choice"])), draw(st.booleans())
    if kind == "choice":
        return ChoiceDomain(tuple(draw(st.lists(SCALARS, min_size=1, max_size=4, unique=True))))
    if kind == "int":
        return IntDomain(*draw(_bounds(st.integers(-(10**6), 10**6), log)), log)
    low, high = draw(_bounds(st.floats(-1e6, 1e6), log))
    return FloatDomain(float(low), float(high), log)


@st.composite
def _spaces(draw: st.DrawFn) -> SearchSpace:
    sections = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True))
    names = [f"{s}.{n}" for s in sections for n in draw(st.sets(WORDS, min_size=1, max_size=3))]
    domains: dict[str, Domain] = {}
    fixed: dict[str, Any] = {}
    for name in names:
        if draw(st.booleans()):
            domains[name] = draw(_domains())
        else:
            fixed[name] = draw(SCALARS)
    return SearchSpace("made.yaml", domains, fixed)


SPACES = _spaces()
