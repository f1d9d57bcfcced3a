"""What a study keeps of its data, so that later ones can learn which was like it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from automl.data import Dataset


def data_facts(dataset: Dataset) -> dict[str, Any]:
    """Return the size and the kind of a data set, in plain types, from its training rows.

    Returns
    -------
    dict
        ``kind`` and ``task``; ``rows`` of each split; ``shape`` of a row; ``columns``, how many
        there are of each kind in a table; ``missing``, the share of values that are not there;
        ``targets``; and the training rows of every class, most first, in ``classes``.
    """
    X, y = dataset.train.X, dataset.train.y
    hollow = np.isnan(X).mean() if np.issubdtype(X.dtype, np.floating) else 0.0
    counts: list[int] = []
    if dataset.task.is_classification:
        counts = np.unique(y, return_counts=True)[1].tolist()
    return {
        "kind": dataset.kind,
        "task": dataset.task.kind,
        "rows": {
            "train": len(dataset.train),
            "valid": len(dataset.valid),
            "test": len(dataset.test),
        },
        "shape": list(X.shape[1:]),
        "columns": dict(Counter(column.kind for column in dataset.columns)),
        "missing": round(float(hollow), 6),
        "targets": dataset.task.n_targets,
        "classes": sorted(counts, reverse=True),
    }
