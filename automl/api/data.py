"""What there is to search: data sets and spaces by name, and what a data set looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from automl.api._rows import Names
from automl.config import DataConfig
from automl.task import TaskKind

if TYPE_CHECKING:
    from automl.data.inspect.inspection import Inspection
    from automl.data.load import SourceInfo
    from automl.space.space import SearchSpace


@dataclass(frozen=True, slots=True)
class Inspected:
    """A data set before anything is trained.

    Attributes
    ----------
    data : Inspection
        Columns, target, task, split, and what looks suspicious.
    folds : int or None
        Folds on which a search would judge every trial; None for the validation split.
    """

    data: Inspection
    folds: int | None


def inspect(
    dataset: str,
    *,
    target: Names = (),
    task: TaskKind | None = None,
    test_data: str | None = None,
    group: str | None = None,
    time: str | None = None,
    drop: Names = (),
    kind: Literal["image", "sequence"] | None = None,
    sequence: str | None = None,
    order: str | None = None,
    horizon: int | None = None,
    season: int | None = None,
    known: Names = (),
    header: bool | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    decimal: Literal[".", ","] | None = None,
    thousands: str | None = None,
    missing: Names = (),
    date_format: str | None = None,
    download: bool = False,
) -> Inspected:
    """Look at a data set before anything is trained.

    Parameters
    ----------
    dataset : str
        A name that ``automl datasets`` lists, ``openml:ID``, a file, or a folder.
    target
        Column to predict, in a table; several with commas or repeated.
    task
        binary, multiclass, regression or forecast; by default, what the target looks like, which is
        never a forecast.
    test_data
        File or folder with the test split; by default, a fifth of the rows.
    group
        Column whose equal values stay on one side of the split. It is not used as a feature.
    time
        Column of time: the latest rows are the test split, and those before them validate. It is
        not used as a feature. Of a forecast, the time of each step.
    drop
        Column to leave out; several with commas or repeated.
    kind
        image or sequence: what the rows of an array (rows, a, b) are; by default, what they look
        like.
    sequence
        Column that names the sequence of each line, in a table with one line a step; of a forecast,
        the series.
    order
        Column by which the lines of a sequence are ordered; by default, the order of the file.
    horizon
        Steps to forecast, with --task forecast.
    season
        Steps of a season, of a forecast; 1 for none. By default, what the times say: 12 for months,
        7 for days.
    known
        Column that is known ahead of a forecast, such as holidays; several with commas or repeated.
    header
        Whether the first line of a text file names the columns; where none does, they are called
        x0, x1, and so on. By default, what the first line looks like.
    delimiter
        What stands between the fields of a text file: one character, or tab; by default, the one of
        comma, semicolon, tab and | that fits.
    encoding
        How a text file is encoded, such as latin-1; by default UTF-8 or UTF-16, or Windows-1252
        where it is none of these.
    decimal
        Decimal sign of a table's numbers; by default, what fits the column.
    thousands
        Sign between the thousands of a table's numbers: a comma, a point, an apostrophe, or space;
        by default, what fits the column.
    missing
        Text that stands for a missing value in a table, beside an empty cell; may be repeated. By
        default NA, NaN, null and ?.
    date_format
        How the dates of a table are written, such as %d/%m/%Y; by default, what all of a column
        agree with.
    download
        Download the data set if it is missing.

    Raises
    ------
    AutomlError
        When an option or the data breaks its rule.
    """
    options = dict(locals())  # every option, by its name; before anything else has one
    del options["download"]
    config = DataConfig(**options)
    from automl.data import DataOptions
    from automl.data.inspect.inspection import inspect as look
    from automl.data.split.folds import check_windows, fitting_folds
    from automl.orchestrator.defaults import choose_folds

    found = look(config.dataset, DataOptions.of(config), download=download)
    folds = None
    data = found.dataset
    if data is not None and data.windows is not None:
        folds = choose_folds(None, len(data.train) + len(data.valid), "window")
        folds = fitting_folds(data, folds)
        check_windows(data, folds)
    elif data is not None and not found.by_column and not data.has_own_valid:
        folds = choose_folds(None, len(data.train) + len(data.valid), data.kind)
    return Inspected(found, folds.total if folds else None)


def datasets() -> list[SourceInfo]:
    """List the data sets that are known by name."""
    from automl.data import describe

    return describe()


def spaces() -> dict[str, SearchSpace]:
    """Return the search spaces and single configurations that come with automl, by name."""
    from automl.space.file import load_space, space_names

    return {name: load_space(name) for name in space_names()}
