"""A search space: what may be sampled, and how.

`automl.space.file` reads one from YAML. The parameters are flat, with dotted names such as
``model.depth``; the file has them nested. Where several families are searched, ``family`` is a
choice, and every other name begins with the family that it belongs to, as in
``cnn.model.kernel``: two families may give one name two meanings, and the study keeps them apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from automl.errors import SpaceError, UnknownNameError
from automl.settings import option
from automl.space.domains import ChoiceDomain, Domain, Params, Scalar, Suggests

FAMILY = "family"
"""The parameter that says which kind of architecture is built."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Budget:
    """How ``automl train`` runs a configuration: what the ``budget`` section of a file may name.

    A search has its own budget, and leaves this one alone.

    Attributes
    ----------
    epochs : int
        0 for what fits the number of rows.
    rows : {"train", "all"}
        Train on the training split, and keep the epoch that is best on the validation split; or
        on the rows of both, as textbooks do, and keep the last epoch.
    """

    epochs: int = option(0, low=0, high=100_000)
    rows: str = option("train", choices=("train", "all"))


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """What may be sampled.

    Attributes
    ----------
    source : str
        File or name it was read from, for messages.
    domains : dict of str to Domain
        Sampled parameters by dotted name, in the file's order.
    fixed : dict of str to scalar
        Parameters with one value.
    start : tuple of dict
        Configurations tried first, the first of each family in full; each gives values for
        sampled parameters.
    budget : Budget
        Budget of a configuration.
    """

    source: str
    domains: dict[str, Domain]
    fixed: Params
    start: tuple[Params, ...] = ()
    budget: Budget = Budget()

    @property
    def is_configuration(self) -> bool:
        """Whether every parameter has one value, so that there is nothing to search."""
        return not self.domains

    @property
    def families(self) -> tuple[str, ...]:
        """The families that may be drawn; empty where there is no choice of them."""
        domain = self.domains.get(FAMILY)
        return tuple(map(str, domain.corners())) if domain is not None else ()

    @property
    def all_families(self) -> tuple[str, ...]:
        """The families that may be drawn, or the only one."""
        return self.families or (str(self.fixed.get(FAMILY)),)

    def of_family(self, family: str) -> SearchSpace:
        """Return the space of one of `families`, with plain names such as ``model.depth``."""
        domains = of_family(self.domains, family, self.families)
        fixed = of_family(self.fixed, family, self.families)
        del domains[FAMILY]
        start = tuple(
            {n: v for n, v in of_family(s, family, self.families).items() if n != FAMILY}
            for s in self.start
            if s.get(FAMILY) == family
        )
        return SearchSpace(
            f"{self.source}: {family}", domains, {FAMILY: family, **fixed}, start, self.budget
        )

    def each_family(self, change: Callable[[SearchSpace], SearchSpace]) -> SearchSpace:
        """Return the space with every family's own changed."""
        if not self.families:
            return change(self)
        return join(self.source, [change(self.of_family(family)) for family in self.families])

    def narrow(self, families: Sequence[str]) -> SearchSpace:
        """Return the space of some of the families, or of all if none is named.

        That of one alone is as if there were no others.

        Raises
        ------
        UnknownNameError
            When one of them is not a family of this space.
        """
        known = self.all_families
        for family in families:
            if family not in known:
                raise UnknownNameError("family of this space", family, known)
        if not self.families or not families:
            return self
        return join(self.source, [self.of_family(f) for f in known if f in families])

    def sampled(self, params: Mapping[str, Any]) -> list[str]:
        """Names of what was drawn for a candidate with these parameters."""
        if not self.families:
            return list(self.domains)
        family = str(params[FAMILY])
        return [FAMILY, *self.of_family(family).domains] if family in self.families else []

    def sample(self, trial: Suggests) -> Params:
        """Draw one value for every parameter; the fixed ones are included.

        For a space of one family.
        """
        drawn = {name: domain.suggest(trial, name) for name, domain in self.domains.items()}
        return {**self.fixed, **drawn}

    def fix(self, values: Mapping[str, Scalar]) -> SearchSpace:
        """Return a space in which these parameters have one value.

        Raises
        ------
        SpaceError
            When a name is not a parameter of this space.
        """
        if self.families:
            return self._fix_in_families(values)
        for name in values:
            if name not in self.domains and name not in self.fixed:
                known = [*self.fixed, *self.domains]
                raise SpaceError(f"{self.source}: {UnknownNameError('parameter', name, known)}")
        domains = {n: d for n, d in self.domains.items() if n not in values}
        start = tuple({n: v for n, v in s.items() if n in domains} for s in self.start)
        distinct = tuple(s for i, s in enumerate(start) if s and s not in start[:i])
        fixed = {**self.fixed, **values}
        return replace(self, domains=domains, fixed=fixed, start=distinct)

    def _fix_in_families(self, values: Mapping[str, Scalar]) -> SearchSpace:
        """Fix a plain name in every family that has it, one with a family in that family."""
        rest = {name: value for name, value in values.items() if name != FAMILY}
        if FAMILY in values:
            return self.narrow([str(values[FAMILY])]).fix(rest)
        spaces, used = [], set()
        for family in self.families:
            space, own = self.of_family(family), {}
            for name, value in rest.items():
                plain = name.removeprefix(f"{family}.")
                if plain in space.domains or plain in space.fixed:
                    own[plain] = value
                    used.add(name)
            spaces.append(space.fix(own))
        for name in rest:
            if name not in used:
                known = [FAMILY, *self.fixed, *self.domains]
                raise SpaceError(f"{self.source}: {UnknownNameError('parameter', name, known)}")
        return join(self.source, spaces)

    def fingerprint(self) -> str:
        """Return the SHA-256 over everything that can be sampled, in hexadecimal.

        Where a search starts is no part of it: with other start configurations it is the same
        space, and what was learned of it holds.
        """
        return _digest(self._plain())

    def fingerprint_with_start(self) -> str:
        """Return the fingerprint of earlier versions, which their studies are known by."""
        return _digest({**self._plain(), "start": self.start})

    def _plain(self) -> dict[str, Any]:
        return {
            "domains": {n: [type(d).__name__, repr(d)] for n, d in self.domains.items()},
            "fixed": self.fixed,
        }


def _digest(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def of_family(values: Mapping[str, T], family: str, families: Sequence[str]) -> dict[str, T]:
    """Return what belongs to one of several families, under plain names.

    Parameters
    ----------
    values : mapping
        Values by the names that a study has: ``cnn.model.kernel``, or ``family`` for all.
    family : str
    families : sequence of str
        All of the space.
    """
    others = {other for other in families if other != family}
    return {
        name.removeprefix(f"{family}."): value
        for name, value in values.items()
        if name.partition(".")[0] not in others
    }


def in_family(values: Mapping[str, T], family: str) -> dict[str, T]:
    """Return the names that values have in a study of several families; see `of_family`."""
    return {name if name == FAMILY else f"{family}.{name}": v for name, v in values.items()}


def join(source: str, spaces: Sequence[SearchSpace]) -> SearchSpace:
    """Join the spaces of several families, each of which keeps what it samples.

    Parameters
    ----------
    source : str
        Where it comes from, for messages.
    spaces : sequence of SearchSpace
        Spaces of one family each; a single one is returned as it is.
    """
    if len(spaces) == 1:
        return spaces[0]
    families = [str(space.fixed[FAMILY]) for space in spaces]
    domains: dict[str, Domain] = {FAMILY: ChoiceDomain(tuple(families))}
    fixed: Params = {}
    start: list[Params] = []
    for family, space in zip(families, spaces, strict=True):
        domains |= in_family(space.domains, family)
        fixed |= in_family({n: v for n, v in space.fixed.items() if n != FAMILY}, family)
        start += [{FAMILY: family, **in_family(s, family)} for s in space.start]
    return SearchSpace(source, domains, fixed, tuple(start))
