"""Which configurations of which studies a new study takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made_past import SPACE, facts, params, past_study

from automl.history.folder import Read
from automl.history.past import PastStudy
from automl.history.take import Asking, Taken, take, with_starts
from automl.space.space import FAMILY, SearchSpace, join

ROWS = {"a": 90, "b": 91, "c": 92}

ASKING = Asking(SPACE, "new", "sha of new", facts(77))


def taken(*studies: PastStudy, **changes: Any) -> Taken:
    return take(replace(ASKING, **changes), Read(studies, {}))


def three(**changes: Any) -> list[PastStudy]:
    """Studies of three tables on which the widest network is best."""
    return [past_study(n, lambda w: -w, r, **changes) for n, r in ROWS.items()]


def widths(found: Taken) -> list[Any]:
    return [start.params["model.width"] for start in found.starts]


def test_what_was_good_elsewhere_comes_first() -> None:
    found = taken(*three())
    assert widths(found)[0] == 9
    assert found.studies == 3
    assert set(found.starts[0].params) == set(SPACE.domains)


def test_configurations_complete_each_other() -> None:
    narrow = past_study("d", float, 93)
    assert {1, 9} <= set(widths(taken(*three(), narrow)))


def test_two_studies_are_not_enough() -> None:
    assert taken(*three()[:2]).starts == ()


def test_a_short_study_tells_nothing() -> None:
    short = past_study("c", trials={i: params(9) for i in range(9)}, rows=92)
    found = taken(*three()[:2], short)
    assert found.starts == ()
    assert "fewer than 10 trials" in (found.skipped or {})["c"]


@pytest.mark.parametrize(
    "same",
    [
        {"fingerprint": "sha of c"},
        {"dataset": "c"},
        # The same table in another split: as many rows in all.
        {"facts": facts(92) | {"rows": {"train": 70, "valid": 11, "test": 11}}},
    ],
)
def test_studies_of_the_same_data_are_left_out(same: dict[str, Any]) -> None:
    found = taken(*three(), past_study("d", lambda w: -w, 94), **same)
    assert (found.skipped or {})["c"] == "is of the same data"
    assert "c" not in found.sources


def test_studies_of_other_kinds_of_rows_are_left_out() -> None:
    assert taken(*three(kind="image")).starts == ()


def test_numbers_beyond_a_range_are_brought_to_its_end() -> None:
    wide = {i: params(100 + i, rate=1.0) for i in range(12)}
    studies = [past_study(n, rows=r, trials=wide) for n, r in ROWS.items()]
    first = taken(*studies).starts[0].params
    assert (first["model.width"], first["optimizer.learning_rate"]) == (9, 0.1)


def test_choices_that_are_not_in_the_space_are_not_taken() -> None:
    other = {i: params(5, rate=10**-3 + i / 1e6, name="lbfgs") for i in range(12)}
    studies = [past_study(n, rows=r, trials=other) for n, r in ROWS.items()]
    assert taken(*studies).starts == ()


def test_what_is_fixed_now_stays_fixed() -> None:
    found = taken(*three(), space=SPACE.fix({"model.width": 4}))
    assert found.starts
    assert all("model.width" not in start.params for start in found.starts)


def test_start_configurations_are_not_taken_again() -> None:
    own = {n: v for n, v in params(9, 0.1).items() if n != FAMILY}
    found = taken(*three(), space=replace(SPACE, start=(own,)))
    assert own not in found.params


def test_a_short_search_takes_few() -> None:
    studies = [*three(), past_study("d", float, 93), past_study("e", lambda w: abs(w - 5), 94)]
    assert len(taken(*studies).starts) > 1
    assert len(taken(*studies, trials=4).starts) == 1


def test_each_family_takes_its_own() -> None:
    other = replace(SPACE, fixed={FAMILY: "cnn"})
    space = join("both", [other, SPACE])
    found = taken(*three(), space=space)
    assert {start.params[FAMILY] for start in found.starts} == {"mlp"}
    assert found.starts[0].params["mlp.model.width"] == 9
    first = {name.removeprefix("mlp."): v for name, v in found.starts[0].params.items()}
    assert found.source(first) == found.starts[0]
    assert found.source({**first, "model.width": 5}) is None


def start(space: SearchSpace) -> list[Any]:
    return [s["model.width"] for s in space.start]


def test_the_first_start_configurations_keep_their_places() -> None:
    own = [{**params(w), "model.width": w} for w in (3, 4)]
    space = replace(SPACE, start=tuple({n: v for n, v in o.items() if n != FAMILY} for o in own))
    found = taken(*three(), space=space)
    placed = start(with_starts(space, found, 1))
    assert placed[0] == 3
    assert placed[-1] == 4
    assert len(placed) == 2 + len(found.starts)


def test_it_is_read_as_it_was_written() -> None:
    found = taken(*three())
    assert Taken.from_json(found.to_json()) == found


def test_it_says_how_many_come_from_where() -> None:
    text = str(taken(*three()))
    assert text.startswith("starts from ")
    assert "--no-history" in text


def test_nothing_is_taken_where_the_starts_are_as_good() -> None:
    ahead = [{n: v for n, v in p.items() if n != FAMILY} for p in map(params, range(1, 10))]
    same = {i: params(1 + i % 9) for i in range(18)}
    studies = [past_study(n, rows=r, trials=same) for n, r in ROWS.items()]
    assert taken(*studies, space=replace(SPACE, start=tuple(ahead))).starts == ()
