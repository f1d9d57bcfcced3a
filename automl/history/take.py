"""What a new study takes from earlier ones: configurations that it tries first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.history.folder import Read
from automl.history.past import Facts, PastStudy
from automl.history.portfolio import SIZE, Chosen, portfolio
from automl.space.domains import Params
from automl.space.space import FAMILY, SearchSpace, in_family

FEWEST_TRIALS = 10
"""Trials of a study whose outcome is known, below which its ranks tell little."""

FEWEST_STUDIES = 3
"""Studies of other data, below which nothing is taken: what was good once may not be again."""

SHARE = 3
"""One trial of as many is taken, at most, where a search says how many it will have."""

NAMED = 5
"""Studies that are named in a sentence."""

LIKE = 2.0
"""Weight of a study that predicts the same kind of thing, classes or numbers, beside one that does
not."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a study took when it was made. It is kept with the study, and never looked up again.

    Attributes
    ----------
    starts : tuple of Chosen
        Configurations, under the names that the study has.
    studies : int
        Earlier studies that they were chosen by.
    skipped : dict of str to str
        Why each of the other studies was left out.
    """

    starts: tuple[Chosen, ...] = ()
    studies: int = 0
    skipped: Mapping[str, str] | None = None

    @property
    def params(self) -> tuple[Params, ...]:
        """The configurations alone."""
        return tuple(start.params for start in self.starts)

    @property
    def sources(self) -> list[str]:
        """Names of the studies that configurations come from, the first one's first."""
        return list(dict.fromkeys(start.study for start in self.starts))

    def source(self, params: Mapping[str, Any]) -> Chosen | None:
        """Return what a trial's parameters were taken from.

        Parameters
        ----------
        params : mapping of str to scalar
            Under plain names, as a `automl.trial.TrialRecord` has them.
        """
        for start in self.starts:
            family = start.params.get(FAMILY)
            plain = {n.removeprefix(f"{family}."): v for n, v in start.params.items()}
            if all(params.get(name) == value for name, value in plain.items()):
                return start
        return None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain types."""
        return {
            "starts": [
                {"study": s.study, "trial": s.trial, "params": s.params} for s in self.starts
            ],
            "studies": self.studies,
            "skipped": dict(self.skipped or {}),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Taken:
        """Read what `to_json` wrote."""
        starts = tuple(Chosen(s["study"], s["trial"], s["params"]) for s in plain["starts"])
        return cls(starts, plain["studies"], plain["skipped"])

    def __str__(self) -> str:
        count = len(self.starts)
        return (
            f"starts from {count} configuration{'' if count == 1 else 's'} of"
            f" {name_some(self.sources)}; --no-history leaves them out"
        )


def name_some(studies: Sequence[str]) -> str:
    """Return earlier studies in a few words: how many there are, and the names of the first."""
    count, more = len(studies), len(studies) - NAMED
    names = ", ".join(studies[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{count} earlier stud{'y' if count == 1 else 'ies'} ({names})"


NOTHING = Taken()


@dataclass(frozen=True, slots=True)
class Asking:
    """A study that is about to be made.

    Attributes
    ----------
    space : SearchSpace
    dataset : str
        Name or path of the data.
    fingerprint : str
    facts : mapping
    trials : int or None
        Trials that it will have, where that is known.
    """

    space: SearchSpace
    dataset: str
    fingerprint: str
    facts: Facts
    trials: int | None = None

    @property
    def size(self) -> int:
        """Configurations of each family that may be taken: the others of its trials are its own."""
        if self.trials is None:
            return SIZE
        shared = self.trials / SHARE / len(self.space.all_families)
        return min(SIZE, max(1, math.floor(shared)))


def take(asking: Asking, read: Read) -> Taken:
    """Return what a new study takes.

    Studies of the same data are left out. They have chosen by the same validation rows, so that a
    second study would not be another look, and its validation scores would be too good; where the
    rows were split in another way, they may have learned from what is the test split now.
    """
    skipped = dict(read.skipped)
    usable = []
    for past in read.studies:
        why = _why_not(past, asking)
        if why is None:
            usable.append(past)
        else:
            skipped[past.name] = why
    if len(usable) < FEWEST_STUDIES:
        return Taken(skipped=skipped)
    weights = [_weight(past.facts, asking.facts) for past in usable]
    families = asking.space.families
    if not families:
        found = portfolio(usable, weights, asking.space, asking.size)
        return Taken(tuple(found), len(usable), skipped)
    starts = [
        replace(chosen, params={FAMILY: family, **in_family(chosen.params, family)})
        for family in families
        for chosen in portfolio(usable, weights, asking.space.of_family(family), asking.size)
    ]
    return Taken(tuple(starts), len(usable), skipped)


def with_starts(space: SearchSpace, taken: Taken, first: int) -> SearchSpace:
    """Return the space with what was taken behind the first start configurations.

    Parameters
    ----------
    space : SearchSpace
    taken : Taken
    first : int
        Start configurations of each family that keep their places: by those a search is judged.
    """
    if not taken.starts:
        return space
    placed: list[Params] = []
    for family in space.families or (None,):
        own = [s for s in space.start if family is None or s[FAMILY] == family]
        new = [p for p in taken.params if family is None or p[FAMILY] == family]
        placed += [*own[:first], *new, *own[first:]]
    return replace(space, start=tuple(placed))


def _why_not(past: PastStudy, asking: Asking) -> str | None:
    """Return why nothing is taken from a study, or None."""
    if past.facts.get("kind") != asking.facts["kind"]:
        return "is of another kind of rows"
    if _same_data(past, asking):
        return "is of the same data"
    if sum(np.isfinite(trial.cost) for trial in past.trials) < FEWEST_TRIALS:
        return f"has fewer than {FEWEST_TRIALS} trials that tell something"
    return None


def _same_data(past: PastStudy, asking: Asking) -> bool:
    """Return whether two data sets are the same, or may be the same in another split."""
    if past.fingerprint == asking.fingerprint:
        return True
    if past.dataset == asking.dataset and past.dataset != "data":
        return True
    return _outline(past.facts) == _outline(asking.facts)


def _outline(facts: Facts) -> tuple[Any, ...]:
    """Return what a split changes nothing of."""
    rows = facts.get("rows")
    total = sum(rows.values()) if isinstance(rows, Mapping) else None
    return total, facts.get("shape"), facts.get("targets"), len(facts.get("classes", ()))


def _weight(past: Facts, now: Facts) -> float:
    alike = (past.get("task") == "regression") == (now["task"] == "regression")
    return LIKE if alike else 1.0
