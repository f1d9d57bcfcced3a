"""From a frame with a target to `Raw`: features by their schema, target, groups and times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.data.formats.numbers import find_format, is_gap
from automl.data.labels import read_labels
from automl.data.options import DataOptions, find_columns
from automl.data.raw import Raw
from automl.data.read.table.cells import Series, to_dates, to_numbers, to_texts, without_gaps
from automl.data.read.table.encode import encode, texts_of, unseen_categories
from automl.data.read.table.file import MISSING, Table
from automl.data.read.table.infer import column_names, infer_column, infer_columns
from automl.data.read.table.long import order_format, sequence_columns, take_sequences
from automl.data.read.table.notes import describe_reading
from automl.data.schema import Column, LongForm, TableForm
from automl.data.sequences import extend
from automl.data.targets import Target, encode_labels, read_more_numbers, read_target
from automl.errors import ConfigError, DataError


def raw_table(
    table: Table, options: DataOptions, read_test: Callable[[list[str]], Table] | None = None
) -> Raw:
    """Take a table apart.

    Parameters
    ----------
    table : Table
    options : DataOptions
        `target` must name a column.
    read_test : callable, optional
        Returns the test split, a table with the same columns. Given the columns that must be read
        as text, because they are text here.

    Raises
    ------
    ConfigError
        When an option names a column that is not there, or two of them name the same.
    DataError
        When the values cannot be used.
    """
    options.refuse_forecast()
    names = column_names(table.frame)
    frame = table.frame.set_axis(names, axis=1)
    targets, left_out = _roles(names, options)
    features = [name for name in names if name not in targets and name not in left_out]
    if not features:
        raise DataError("a table must have a column beside the target to predict it from")
    long = None
    if table.number_format and options.decimal is None:
        options = replace(options, decimal=table.number_format)
    columns = infer_columns(frame[features], options, table.number_format)
    said = [*table.notes, *describe_reading(frame[features], columns)]
    in_time = [name for name in targets if frame[name].dtype.kind == "m"]
    said.extend(f"target {name!r} is read as seconds" for name in in_time)
    if options.sequence is None:
        X = encode(frame[features], columns)
    else:
        by = options.order
        written = "" if by is None else order_format(by, frame[by], options)
        long = LongForm(options.sequence, by, sequence_columns(columns), written)
        kept = [*targets, *([] if options.group is None else [options.group])]
        X, frame, _ = take_sequences(frame, long, kept, ignore=left_out)
    labels, there = _targets(frame, targets, options, table.is_text)
    try:
        target = _read_targets(labels, options, table.is_text)
    except DataError as error:
        if there.all():
            raise
        what = "rows" if long is None else "sequences"
        left = _left_out(frame, there, targets, options, table.is_text, what)
        raise DataError(f"{error}; {left}") from None
    if not there.all():
        what = "rows" if long is None else "sequences"
        said.append(_left_out(frame, there, targets, options, table.is_text, what))
    test_X = test_y = None
    if read_test is not None:
        texts = [*texts_of(columns), *targets]
        test = read_test(texts if long is None else [*texts, long.sequence])
        said.extend(test.notes)
        test_X, test_y, note = _test_rows(test, long or columns, targets, left_out, target, options)
        said.extend(note)
        if long is not None:
            longest = max(X.shape[1], test_X.shape[1])
            X, test_X = extend(X, longest), extend(test_X, longest)
        if options.group is not None:
            _check_apart(frame[options.group], test.frame, options.group)
    return Raw(
        X[there],
        target.y,
        target.classes,
        test_X,
        test_y,
        columns if long is None else (),
        tuple(targets),
        tuple(left_out),
        None if options.group is None else _groups(options.group, frame[options.group])[there],
        None if options.time is None else _times(options.time, frame[options.time], options)[there],
        tuple(said),
        target.why,
        long,
        form=TableForm(
            options.missing, table.has_header, options.encoding or "", options.delimiter or ""
        ),
    )


def _roles(names: list[str], options: DataOptions) -> tuple[list[str], list[str]]:
    """Return the target columns, and those that are neither target nor feature."""
    if not options.target:
        raise ConfigError(
            f"target: must name the column to predict (--target NAME); there are {_listed(names)}"
        )
    targets = find_columns(options.target, names)
    if options.group is not None and options.time is not None:
        raise ConfigError("time: rows are split by --group or by --time, but not by both")
    if options.sequence is None and options.order is not None:
        raise ConfigError("order: is the order within sequences; name these with --sequence COLUMN")
    if options.sequence is not None and options.time is not None:
        raise ConfigError("time: cannot split sequences, each of which takes its time; use --group")
    special = (options.group, options.time, options.sequence, options.order)
    by = find_columns([column for column in special if column is not None], names)
    dropped = find_columns(options.drop, names)
    for name in targets:
        if name in by or name in dropped:
            flags = "--sequence or --order" if options.sequence else "--group or --time"
            flag = "--drop" if name in dropped else flags
            raise ConfigError(f"target: {name!r} cannot be the target and {flag} as well")
    return targets, [*by, *(name for name in dropped if name not in by)]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 12:,} more" if len(names) > 12 else ""
    return ", ".join(repr(name) for name in names[:12]) + more


def _targets(
    frame: Any, names: Sequence[str], options: DataOptions, is_text: bool
) -> tuple[dict[str, Array], Array]:
    """Return the labels of each target in the rows that have all of them, and which these are."""
    read = {name: target_labels(name, frame[name], options, is_text) for name in names}
    there = np.logical_and.reduce([here for _, here in read.values()])
    if not there.any():
        raise DataError(f"target {', '.join(map(repr, names))} is missing in every row")
    return {name: labels[there[here]] for name, (labels, here) in read.items()}, there


def _left_out(
    frame: Any, there: Array, names: Sequence[str], options: DataOptions, is_text: bool, what: str
) -> str:
    """Say how many rows have no target, and what stands in its place in a text file."""
    said = f"{int((~there).sum()):,} of {len(there):,} {what} have no target"
    words: set[str] = set()
    if is_text:
        for name in names:
            words.update(text for text in to_texts(name, frame[name])[~there] if text is not None)
        words = {word for word in words if is_gap(word) or word in _missing_words(options)}
    if not words:
        return f"{said} and are left out"
    listed = ", ".join(map(repr, sorted(words)[:3]))
    word = sorted(words)[0]
    is_class = f"; if {word!r} is a class, say what else is missing, such as --missing '?'"
    return f"{said} ({listed}) and are left out{'' if options.missing else is_class}"


def _missing_words(options: DataOptions) -> Collection[str]:
    return options.missing or MISSING


def target_labels(
    name: str, cells: Series, options: DataOptions, is_text: bool
) -> tuple[Array, Array]:
    """Return the labels of a column, and which rows have one; see `read_labels`.

    Raises
    ------
    DataError
        When it holds dates, or what is no label.
    """
    import pandas as pd
    from pandas.api import types

    what = f"target {name!r}"
    if cells.dtype == "category":
        cells = cells.astype(cells.cat.categories.dtype)
    if types.is_timedelta64_dtype(cells):
        cells = cells.dt.total_seconds()
    are_dates = False
    if is_text:
        words = set(_missing_words(options))
        texts = to_texts(name, cells)
        texts[np.isin(texts.astype(str), list(words))] = None
        distinct = sorted(set(texts.tolist()) - {None})
        present = [text for text in distinct if not is_gap(text)]
        if present and find_format(present, options.number_formats) is not None:
            texts = without_gaps(texts)
        are_dates = _are_dates(name, pd.Series(distinct))
    if are_dates or types.is_datetime64_any_dtype(cells):
        raise DataError(f"{what} must hold classes or numbers, but holds dates")
    if is_text:
        there = texts != None  # noqa: E711 - one comparison an element
        return texts[there].astype(str), there
    plain = isinstance(cells.dtype, np.dtype)
    return read_labels(what, cells.to_numpy() if plain else cells.astype(object).to_numpy())


def _are_dates(name: str, cells: Series) -> bool:
    try:
        return infer_column(name, cells, any_number=True).kind == "date"
    except DataError:  # dates that can be read in two ways
        return True


def _read_targets(values: dict[str, Array], options: DataOptions, is_text: bool) -> Target:
    if len(values) == 1:
        ((name, only),) = values.items()
        return read_target(name, only, options, from_text=is_text)
    if options.task not in (None, "regression"):
        raise ConfigError(f"task: several targets are a regression, but got {options.task!r}")
    options = replace(options, task="regression")
    read = [
        read_target(name, column, options, from_text=is_text) for name, column in values.items()
    ]
    return Target(np.stack([t.y for t in read], axis=1), (), f"{len(read)} targets")


def _test_rows(
    test: Table,
    columns: Sequence[Column] | LongForm,
    targets: list[str],
    left_out: list[str],
    target: Target,
    options: DataOptions,
) -> tuple[Array, Array, list[str]]:
    """Return features and targets of the test split, and what was left out of it."""
    frame = test.frame.set_axis(column_names(test.frame), axis=1)
    notes: list[str] = []
    if absent := [name for name in targets if name not in frame.columns]:
        raise DataError(f"the test data must have the target, but {absent[0]!r} is missing in it")
    if isinstance(columns, LongForm):
        X, frame, _ = take_sequences(frame, columns, targets, ignore=left_out)
    else:
        X = encode(frame, columns, ignore=[*targets, *left_out])
        notes = [f"test data, {said}" for said in unseen_categories(frame, columns, X)]
    labels, there = _targets(frame, targets, options, test.is_text)
    if not there.all():
        notes.append(_left_out(frame, there, targets, options, test.is_text, "test rows"))
    if target.classes:
        ((name, only),) = labels.items()
        return X[there], encode_labels(name, only, target.classes), notes
    read = [read_more_numbers(name, column, options) for name, column in labels.items()]
    y = np.stack(read, axis=1)
    return X[there], y[:, 0] if target.y.ndim == 1 else y, notes


def _check_apart(cells: Series, test: Any, name: str) -> None:
    """Refuse a group that is in the training data and in the test data."""
    if name not in map(str, test.columns):
        raise DataError(f"the test data must have the group column {name!r}, but it is missing")
    here = set(to_texts(name, cells))
    if both := sorted(here & set(to_texts(name, test[name])) - {None}):
        raise DataError(
            f"a group must be in the training data or in the test data, but {both[0]!r:.60} is in"
            f" both (column {name!r})"
        )


def _groups(name: str, cells: Series) -> Array:
    texts = to_texts(name, cells)
    _check_filled("--group", name, texts == None)  # noqa: E711 - one comparison an element
    return np.unique(texts.astype(str), return_inverse=True)[1].astype(np.int64)


def _times(name: str, cells: Series, options: DataOptions) -> Array:
    column = infer_column(name, cells, options, any_number=True)
    if column.kind not in ("date", "number"):
        raise DataError(f"--time: column {name!r} must hold dates or numbers, but holds texts")
    is_date = column.kind == "date"
    read = to_dates if is_date else to_numbers
    times = read(name, cells, column.format)
    _check_filled("--time", name, np.isnan(times))
    return times


def _check_filled(flag: str, name: str, missing: Array) -> None:
    if missing.any():
        row = int(np.argmax(missing)) + 1
        raise DataError(
            f"{flag}: column {name!r} must be filled in every row, but row {row} is not"
        )
