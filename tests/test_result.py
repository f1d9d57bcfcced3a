"""``result.json`` holds the documented fields, and reading it back checks every one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Ran

import automl
from automl.errors import StudyError
from automl.result import FORMAT, Best, SearchResult, TrialCounts

PAGE = Path(automl.__file__).parents[1] / "docs" / "result.md"


@pytest.fixture
def path(small_search: Callable[..., Ran], studies: Path) -> Path:
    """The result of a small search with everything in it."""
    ran = small_search("--finalists", "2", "--baselines", "svm,dummy", "--pruner", "none")
    assert ran.code == 0, ran.err
    return studies / "iris" / "result.json"


def _documented() -> set[str]:
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index("holds everything that was found") :]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_every_documented_field_is_there_and_every_field_is_documented(path: Path) -> None:
    fields = set(json.loads(path.read_text()))
    assert _documented() <= fields
    assert fields - _documented() <= {"format", "command"}


def test_a_program_finds_what_the_issue_asks_for(path: Path) -> None:
    found = json.loads(path.read_text())
    assert found["study"] == found["dataset"] == "iris"
    assert (found["task"], found["metric"], found["seed"]) == ("multiclass", "accuracy", 0)
    assert found["trials"] == {"complete": 2, "pruned": 0, "failed": 0}
    assert found["best"].keys() >= {"number", "params", "valid_score"}
    assert found["test"].keys() == {"score", "low", "high"}
    svm = found["baselines"]["svm"]
    assert svm["test"].keys() == {"score", "low", "high"}
    assert svm["seconds"].keys() >= {"tune", "fit"}
    assert found["versions"].keys() >= {"automl", "python", "torch"}
    assert found["cores"] >= 1
    assert found["seconds"] > 0
    assert sum(map(sum, found["confusion"])) == 30


def test_it_says_what_the_search_added(path: Path) -> None:
    added = json.loads(path.read_text())["added"]
    assert added["from_start"]["number"] in (0, 1)  # of two trials, both are start configurations
    assert added["from_start"]["comparison"] is None
    assert "is a start configuration" in added["said"][0]


def test_a_result_survives_being_written(path: Path, tmp_path: Path) -> None:
    result = SearchResult.read(path)
    again = tmp_path / "again.json"
    result.write(again)
    assert SearchResult.read(again) == result
    assert again.read_bytes() == path.read_bytes()
    assert [p.name for p in tmp_path.iterdir() if "partial" in p.name] == []
    assert result.to_json() == json.loads(path.read_text())


def _minimal(**changed: Any) -> SearchResult:
    values: dict[str, Any] = {
        "study": "s",
        "folder": "studies/s",
        "status": "interrupted",
        "dataset": "iris",
        "fingerprint": "0",
        "task": "regression",
        "metric": "rmse",
        "direction": "minimize",
        "seed": 0,
        "rows": {"train": 1},
        "max_epochs": 1,
        "seconds": 0.5,
        "trials": TrialCounts(complete=0, pruned=0, failed=1),
        "best": None,
        "versions": {},
        "cores": 1,
    }
    return SearchResult(**{**values, **changed})


def test_numbers_that_json_lacks_survive(tmp_path: Path) -> None:
    best = Best(
        number=0,
        params={"a": 1, "b": 1.5, "c": "x"},
        valid_score=math.inf,
        trial_score=-math.inf,
        n_weights=0,
        epochs=0,
    )
    _minimal(best=best, gap=math.inf).write(tmp_path / "r.json")
    read = SearchResult.read(tmp_path / "r.json")
    assert read == _minimal(best=best, gap=math.inf)
    assert read.best is not None
    assert [type(v) for v in read.best.params.values()] == [int, float, str]
    json.loads((tmp_path / "r.json").read_text(), parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"format": FORMAT + 1, "new": 1},
            f"format: Input should be less than or equal to {FORMAT}",
        ),
        ({"metric": None}, "metric"),
        ({"trials": {"complete": 1}}, "trials.pruned"),
        ({"surplus": 1}, "surplus"),
        ({"status": "running"}, "status"),
        ({"best": {"number": 1}}, "best.params"),
    ],
)
def test_an_altered_result_is_said(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps({**_minimal().to_json(), **change}))
    with pytest.raises(StudyError, match=r"r\.json: is not a result of this version") as error:
        SearchResult.read(path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"1"])
def test_what_is_no_result_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"r\.json"):
        SearchResult.read(path)
    with pytest.raises(StudyError, match="No such file"):
        SearchResult.read(tmp_path / "missing.json")
