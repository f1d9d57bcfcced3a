"""Facts to draw: made ones with known numbers, and a real search that is run once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from made_studies import DOMAINS, make_judged, make_records, make_result

from automl.metrics import METRICS
from automl.report.facts import Facts
from automl.trial import TrialStatus


@pytest.fixture
def make_facts() -> Callable[..., Facts]:
    """Facts about a made study of so many trials; keyword arguments are fields of `Facts`."""

    def make(trials: int = 30, **changes: Any) -> Facts:
        records = changes.pop("records", None) or make_records(trials)
        complete = any(r.status is TrialStatus.COMPLETE for r in records)
        values: dict[str, Any] = {
            "study": "made",
            "metric": METRICS["accuracy"],
            "records": records,
            "domains": DOMAINS,
            "importance": {"optimizer.learning_rate": 0.7, "model.width": 0.3},
            "config": {"dataset": "made", "trials": trials, "seed": 3},
            "result": make_result(records) if complete else None,
            "judged": make_judged() if complete else None,
        }
        return Facts(**(values | changes))

    return make


@pytest.fixture(scope="session")
def searched_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of studies with one search of digits: images, an SVM, finalists."""
    import automl

    folder = tmp_path_factory.mktemp("searched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOML_STUDIES", str(folder / "studies"))
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        automl.search(
            "digits",
            study="digits",
            trials=18,
            max_epochs=6,
            executor="inline",
            finalists=1,
            baselines=("svm", "dummy"),
            onnx=False,
            fixed={"model.width": 64},
        )
    yield folder / "studies"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def searched(searched_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the folder of studies of this test; its study is ``digits``."""
    monkeypatch.setenv("AUTOML_STUDIES", str(searched_once))
    return searched_once / "digits"
