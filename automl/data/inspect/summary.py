"""What a search sees in its data, in three lines, before it trains."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.inspect.suspicions import advice_on, duplicates, remarks_of
from automl.data.schema import ColumnKind, number_columns
from automl.number_text import format_apart
from automl.task import label_text

SHOWN = 5
"""Classes and remarks that are named."""

MAX_COLUMNS = 100
"""Up to this many columns are looked into, which takes about a millisecond each."""

RARE = 2
"""A class of at most this many rows outside of the test split cannot be learned."""

MAX_SEEN = 0.1
"""Share of the test rows that may be training rows without a remark."""

MAX_COMPARED_BYTES = 10**8
"""Data up to this size is looked through for rows that come again, which takes 0.2 s."""

_PLURALS: dict[ColumnKind, str] = {
    "number": "numbers",
    "category": "categories",
    "boolean": "booleans",
    "date": "dates",
}


def summarise(dataset: Dataset) -> list[str]:
    """Describe rows, columns and task in a line each, and what is odd in a third if anything is."""
    return [f"data: {_rows(dataset)}", f"task: {_task(dataset)}", *_odd(dataset)]


def _rows(dataset: Dataset) -> str:
    parts = (len(dataset.train), len(dataset.valid), len(dataset.test))
    shape = dataset.train.X.shape[1:]
    said = f"{sum(parts):,} rows"
    if dataset.kind == "image":
        return f"{said}, images of {' x '.join(map(str, shape))}"
    if dataset.windows is not None:
        return f"{dataset.windows.about}; {said}"
    if dataset.kind == "sequence":
        steps = f"up to {shape[0]:,}" if dataset.is_padded else f"{shape[0]:,}"
        return f"{said}, sequences of {steps} steps with {_counted(shape[1], 'feature')}"
    columns = dataset.columns or number_columns(shape[0])
    counts = Counter(column.kind for column in columns)
    kinds = (
        _counted(n, kind, _PLURALS[kind]) for kind, n in sorted(counts.items(), key=lambda c: -c[1])
    )
    missing = sum(
        _missing(np.asarray(part)) for part in (dataset.train.X, dataset.valid.X, dataset.test.X)
    )
    gaps = f"; {_counted(missing, 'value')} missing" if missing else ""
    return f"{said} of {_counted(shape[0], 'column')}: {', '.join(kinds)}{gaps}"


def _task(dataset: Dataset) -> str:
    task = dataset.task
    what = " and ".join(dataset.targets[:SHOWN])
    reason = f", for {what or 'the target'} has {dataset.why}" if _is_found(dataset.why) else ""
    if not reason and dataset.why:
        reason = f", by {dataset.why}"
    if task.is_classification:
        counts = np.bincount(np.concatenate([dataset.train.y, dataset.valid.y])).tolist()
        ranked = sorted(zip(task.classes, counts, strict=False), key=lambda pair: -pair[1])
        rows = sum(counts)
        shown = ", ".join(
            f"{label_text(label):.30} ({n / rows:.1%})" for label, n in ranked[:SHOWN]
        )
        more = f", and {len(ranked) - SHOWN:,} more" if len(ranked) > SHOWN else ""
        return f"{task.kind}{reason}: {shown}{more}"
    if task.is_forecast:
        return f"forecast of {_counted(task.n_targets, 'step')} of {what}"
    y = dataset.train.y.reshape(len(dataset.train), -1)
    spans = (format_apart([column.min(), column.max()], 6) for column in y.T[:SHOWN])
    return f"regression{reason}: from {', '.join(' to '.join(span) for span in spans)}"


def _is_found(why: str) -> bool:
    """Return whether the task was told by the target's values, and not by the user."""
    return why[:1].isdigit()


def _odd(dataset: Dataset) -> list[str]:
    found = [*_columns(dataset), *_rare_classes(dataset), *_seen_rows(dataset)]
    if not found:
        return []
    more = f"; and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
    return [f"look at: {'; '.join(found[:SHOWN])}{more}"]


def _columns(dataset: Dataset) -> list[str]:
    if dataset.kind != "vector" or len(dataset.columns) > MAX_COLUMNS:
        return []
    return [
        f"{column.name} {advice_on(remark)}"
        for i, column in enumerate(dataset.columns)
        for remark in remarks_of(dataset.train.X[:, i], column, dataset, i)
    ]


def _rare_classes(dataset: Dataset) -> list[str]:
    if not dataset.task.is_classification:
        return []
    counts = np.bincount(np.concatenate([dataset.train.y, dataset.valid.y])).tolist()
    return [
        f"class {label_text(label):.30} has {_counted(n, 'row')} outside of the test split, too few"
        " to learn it"
        for label, n in zip(dataset.task.classes, counts, strict=False)
        if n <= RARE
    ]


def _seen_rows(dataset: Dataset) -> list[str]:
    if dataset.windows is not None:  # a series may stand still
        return []
    parts = (dataset.train.X, dataset.valid.X, dataset.test.X)
    if sum(X.nbytes for X in parts) > MAX_COMPARED_BYTES:
        return []
    _, _, seen = duplicates(dataset)
    if seen <= MAX_SEEN * len(dataset.test):
        return []
    return [
        f"{seen:,} of {len(dataset.test):,} test rows are training rows, too: the test score tells"
        " less of new rows than it seems to"
    ]


def _missing(X: NDArray[np.generic]) -> int:
    return int(np.isnan(X).sum()) if X.dtype.kind == "f" else 0


def _counted(count: int, one: str, several: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
