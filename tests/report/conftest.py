"""Facts to draw: made ones with known numbers, and a real search that is run once."""

from __future__ import annotations

from collections.abc import Callable
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
