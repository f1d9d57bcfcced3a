"""Made studies with known numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from automl.report.facts import Judged
from automl.result import Baseline, Best, ClassScore, Score, SearchResult, Seconds, TrialCounts
from automl.result import Comparison as Compared
from automl.space.domains import ChoiceDomain, Domain, FloatDomain, IntDomain
from automl.trial import EpochResult, TrialRecord, TrialStatus

DOMAINS: dict[str, Domain] = {
    "model.depth": IntDomain(1, 4),
    "model.width": IntDomain(16, 256, log=True),
    "optimizer.learning_rate": FloatDomain(1e-4, 1e-1, log=True),
    "optimizer.name": ChoiceDomain(("adam", "sgd")),
}


def make_record(number: int = 0, score: float | None = 0.9, **changes: Any) -> TrialRecord:
    """A complete trial of three epochs; `changes` are fields of `TrialRecord`."""
    random = np.random.default_rng(number)
    epochs = changes.pop("epochs", 3)
    status = changes.get("status", TrialStatus.COMPLETE)
    reached = [] if score is None else [score - 0.01 * (epochs - 1 - i) for i in range(epochs)]
    values: dict[str, Any] = {
        "number": number,
        "status": status,
        "params": {
            "family": "mlp",
            "model.depth": int(random.integers(1, 5)),
            "model.width": int(random.integers(16, 257)),
            "model.taper": 0.5,
            "optimizer.learning_rate": float(10 ** random.uniform(-4, -1)),
            "optimizer.name": ["adam", "sgd"][random.integers(2)],
        },
        "valid_score": score,
        "history": tuple(
            EpochResult(number, i + 1, 1.0, 1.0, value, 0.5, 100.0)
            for i, value in enumerate(reached)
        ),
        "best_epoch": epochs if reached else None,
        "seconds": 0.5 * epochs,
        "started": 2.0 * number,
        "finished": 2.0 * number + 0.5 * epochs,
        "n_weights": 1000 + number,
    }
    return TrialRecord(**(values | changes))


def make_records(count: int) -> list[TrialRecord]:
    """Half of them complete, a third pruned, a few failed; scores below one."""
    random = np.random.default_rng(0)
    found = []
    for number in range(count):
        score = float(0.7 + 0.25 * random.random())
        kind = number % 6
        if kind in (1, 2):
            pruned = TrialStatus.PRUNED
            found.append(make_record(number, score, status=pruned, epochs=1))
        elif kind == 5:
            failed = TrialStatus.FAILED
            found.append(make_record(number, None, status=failed, error="loss is not finite"))
        else:
            found.append(make_record(number, score))
    return found


def make_result(
    records: list[TrialRecord], labels: tuple[str, ...] = ("a", "b", "c")
) -> SearchResult:
    """What a search over these trials could have found."""
    best = max(
        (r for r in records if r.status is TrialStatus.COMPLETE), key=lambda r: r.valid_score or 0
    )
    seconds = Seconds(tune=12.0, fit=1.0, predict_1000=0.01)
    size = len(labels)
    counts = {s.value: sum(r.status is s for r in records) for s in TrialStatus}
    return SearchResult(
        study="made",
        folder="studies/made",
        status="finished",
        dataset="made",
        fingerprint="f" * 64,
        task="multiclass",
        metric="accuracy",
        direction="maximize",
        seed=3,
        rows={"train": 60, "valid": 20, "test": 30},
        max_epochs=9,
        seconds=20.0,
        phases={"trials": 12.0, "finalists": 4.0},
        trials=TrialCounts(**counts),
        best=Best(
            number=best.number,
            params=dict(best.params),
            valid_score=0.93,
            trial_score=best.valid_score or 0.0,
            n_weights=best.n_weights,
            epochs=3,
            seconds=seconds,
            size_bytes=4096,
        ),
        test=Score(score=0.9, low=0.8, high=0.95),
        test_reads=1,
        gap=0.03,
        classes=[ClassScore(label=c, precision=0.9, recall=0.9, f1=0.9, rows=10) for c in labels],
        confusion=[
            [9 if i == j else int(j == (i + 1) % size) for j in range(size)] for i in range(size)
        ],
        baselines={
            "svm": Baseline(
                description="RBF kernel",
                test=Score(score=0.87, low=0.77, high=0.93),
                valid_score=0.86,
                seconds=seconds,
                size_bytes=100,
                comparison=Compared(
                    difference=0.03, low=-0.02, high=0.08, p_value=0.2, method="McNemar exact"
                ),
            ),
            "dummy": Baseline(
                description="most frequent class",
                test=Score(score=0.33, low=0.2, high=0.5),
                comparison=Compared(
                    difference=0.57, low=0.4, high=0.7, p_value=1e-6, method="McNemar exact"
                ),
            ),
        },
        verdict="The network is fine.",
        versions={"python": "3.11", "automl": "0.1.0"},
        cores=2,
    )


def make_judged(rows: int = 30, classes: int = 3, picture: bool = False) -> Judged:
    """Predictions of which nine in ten are right."""
    random = np.random.default_rng(1)
    y = random.integers(0, classes, rows)
    predicted = np.where(np.arange(rows) % 10 == 0, (y + 1) % classes, y)
    output = np.full((rows, classes), 0.2 / (classes - 1))
    output[np.arange(rows), predicted] = 0.8
    shown = random.random((rows, 8, 8)) if picture else random.random((rows, 5))
    return Judged(y, output, shown)
