"""What every data source must do."""

from __future__ import annotations

import numpy as np

from automl.data import Dataset, build
from automl.data.raw import Raw
from automl.data.sequences import find_lengths
from automl.data.sources import Source


def check_source(source: Source, name: str = "data") -> None:
    """Hold a data source that is on this machine to its contract.

    Parameters
    ----------
    source : Source
    name : str
        Its name, for messages.

    Raises
    ------
    AssertionError
        With what is broken.
    """
    check_description(source, name)
    assert source.on_disk(), f"{name} is not on this machine"
    raw = source.load()
    dataset = build(name, source.kind, raw)
    check_shape(source, name, raw, dataset)
    check_labels(name, dataset)
    check_values(name, dataset)
    again = build(name, source.kind, source.load())
    assert again.fingerprint == dataset.fingerprint, f"{name} loads differently the second time"
    assert dataset.test.reads == 0, f"loading {name} reads test labels"


def check_description(source: Source, name: str) -> None:
    """Check that a source is described in one line that names a licence."""
    assert "\n" not in source.about, f"{name}: about is one line"
    assert "; " in source.about, f"{name}: about names where it comes from; and its licence"
    assert len(source.about) <= 100, f"{name}: about has {len(source.about)} characters, not 100"


def check_shape(source: Source, name: str, raw: Raw, dataset: Dataset) -> None:
    """Check that the attributes tell what `load` gives."""
    test_rows = 0 if raw.test_X is None else len(raw.test_X)
    rows = len(raw.X) + test_rows
    assert rows == source.rows, f"{name} has {rows} rows, and says {source.rows}"
    assert raw.X.shape[1:] == source.shape, f"{name}: {raw.X.shape[1:]}, and says {source.shape}"
    assert dataset.kind == source.kind
    assert dataset.task.kind == source.task, f"{name} is {dataset.task.kind}"
    assert len(dataset.train) + len(dataset.valid) + len(dataset.test) == source.rows


def check_labels(name: str, dataset: Dataset) -> None:
    """Check that labels are the codes of the classes, and each class is in each part."""
    parts = (dataset.train, dataset.valid)
    if not dataset.task.is_classification:
        assert dataset.task.classes == ()
        several = () if dataset.task.n_targets == 1 else (dataset.task.n_targets,)
        assert all(part.y.shape[1:] == several for part in parts), name
        return
    codes = list(range(len(dataset.task.classes)))
    for part in parts:
        assert part.y.dtype == np.int64, name
        assert np.unique(part.y).tolist() == codes, f"{name}: a part lacks a class"
    assert len(set(dataset.task.classes)) == len(codes), f"{name}: a class has two codes"


def check_values(name: str, dataset: Dataset) -> None:
    """Check that every value is finite, or behind the end of a sequence."""
    for part in (dataset.train, dataset.valid, dataset.test):
        if dataset.kind == "sequence":
            assert find_lengths(np.asarray(part.X)).min() > 0, f"{name} has an empty sequence"
        elif not dataset.columns:
            assert np.isfinite(part.X).all(), f"{name} has a value that is not finite"
    assert all(np.isfinite(part.y).all() for part in (dataset.train, dataset.valid)), name
