"""``automl inspect``: what a data set looks like before anything is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from automl.cli.options import DOWNLOAD, add_command

if TYPE_CHECKING:
    from automl import ColumnFacts, DataConfig, Inspected, Inspection

MAX_COLUMNS = 40
"""More columns would scroll what is said of the target out of sight."""

MAX_CLASSES = 20


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    add_command(app, "inspect", inspect, "DataConfig", {"dataset": "data"})


def inspect(config: DataConfig, download: DOWNLOAD = False) -> None:
    """Show what is in a data set: columns, target, task, split, and what looks suspicious."""
    import automl

    _print(automl.inspect(**dict(config), download=download), config.dataset)


def _print(inspected: Inspected, data: str) -> None:
    found = inspected.data
    print(f"{found.name}: {found.rows:,} rows, {_described(found)}")
    if found.dataset is not None and found.dataset.windows is not None:
        print(found.dataset.windows.about)
    for note in found.notes:
        print(f"note: {note}")
    _print_columns(found.columns)
    if found.dataset is None:
        print(f"\nnext: automl inspect {data} --target COLUMN")
        return
    print(f"task: {found.dataset.task.kind} ({found.why})")
    _print_target(found)
    data_set = found.dataset
    print(
        f"split: {len(data_set.train):,} rows train, {len(data_set.valid):,} validate,"
        f" {len(data_set.test):,} test; {found.split}"
    )
    if inspected.folds:  # the validation split is not used then
        rows = len(data_set.train) + len(data_set.valid)
        what = "blocks of time" if data_set.windows is not None else "folds"
        outside = f"of the {rows:,} rows outside of the test split"
        print(f"trials are judged on {inspected.folds} {what} {outside}")
    if data_set.windows is not None:
        return
    train, valid, test = found.duplicates
    print(
        f"repeated rows: {train:,} within the training split; {valid:,} validation rows that are"
        f" training rows too; {test:,} test rows that are training or validation rows too"
    )
    for column in found.columns:
        for advice in column.advice:
            print(f"look at: {column.name}: {advice}")


def _described(found: Inspection) -> str:
    """Say what a row is."""
    if found.columns:
        return f"{len(found.columns):,} columns"
    if not found.lengths:
        return f"images of {' x '.join(map(str, found.shape))}"
    shortest, median, longest = found.lengths
    steps = f"{shortest:,g} to {longest:,g} steps (median {median:,g})"
    if shortest == longest:
        steps = f"{longest:,g} steps"
    features = found.shape[1]
    if found.dataset is not None and found.dataset.windows is not None:
        return (
            f"windows of {longest:,g} steps with {features:,} feature{'' if features == 1 else 's'}"
        )
    return f"sequences of {steps} with {features:,} feature{'' if features == 1 else 's'}"


def _print_columns(columns: tuple[ColumnFacts, ...]) -> None:
    from automl.cli.views.tables import print_table

    if not columns:
        return
    # Those with a remark are shown whatever their place.
    order = sorted(range(len(columns)), key=lambda i: (not columns[i].remarks, i))
    shown = [columns[i] for i in sorted(order[:MAX_COLUMNS])]
    rows = [
        [c.name, c.kind, f"{c.missing:,}", f"{c.distinct:,}", c.values, ", ".join(c.remarks)]
        for c in shown
    ]
    print_table(["column", "kind", "missing", "distinct", "values", "remarks"], rows, right=[2, 3])
    if len(columns) > len(shown):
        print(f"and {len(columns) - len(shown):,} more columns\n")


def _print_target(found: Inspection) -> None:
    for name, described in found.ranges.items():
        print(f"target {name}: {described}")
    if not found.balance:
        return
    rows = sum(found.balance.values())
    ranked = sorted(found.balance.items(), key=lambda item: -item[1])
    shares = [f"{name} {100 * n / rows:.1f} % ({n:,})" for name, n in ranked[:MAX_CLASSES]]
    more = f", and {len(ranked) - MAX_CLASSES:,} more" if len(ranked) > MAX_CLASSES else ""
    print(f"classes: {', '.join(shares)}{more}")
    few = [name for name, n in ranked if n < 3]
    if few:
        print(f"look at: fewer than 3 rows of {', '.join(few[:5])}: not in every part of the split")
