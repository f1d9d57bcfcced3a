"""What every reader of data returns, before any split."""

from __future__ import annotations

from dataclasses import dataclass

from automl.arrays import Array
from automl.data.formats.pictures import PictureForm
from automl.data.schema import USUAL_FORM, Column, LongForm, TableForm
from automl.data.series.form import Windows
from automl.data.stored_rows import AnyRows
from automl.task import Label


@dataclass(frozen=True, slots=True)
class Raw:
    """What a source holds, before any split.

    Attributes
    ----------
    X : array of shape (rows, features), (rows, height, width) or (rows, steps, features)
        Behind the end of a sequence that is shorter than others there is NaN.
    y : array of shape (rows,) or (rows, targets)
        Class codes 0, 1, ... or numbers.
    classes : tuple of bool, int, float, str or bytes
        The label of each code; empty for regression.
    test_X, test_y : array, optional
        The official test split, when there is one.
    columns : tuple of Column
        Columns of a table, whose `X` is written as `Column` says; empty for plain arrays.
    targets : tuple of str
        Names of what is predicted; empty for a data set that is known by name.
    left_out : tuple of str
        Columns of the table that are no features.
    groups : int64 array of shape (rows,), optional
        Rows of one number stay together when the rows are split.
    times : float64 array of shape (rows,), optional
        The latest rows are the test split, and those before them validate.
    notes : tuple of str
        What was assumed or left out, a sentence each.
    why : str
        What the task was told by.
    long : LongForm or None
        Form of a table whose lines were the steps of sequences.
    validates : bool array of shape (rows,), optional
        Rows of a validation split that was given.
    pictures : PictureForm or None
        What the files of pictures were brought to.
    form : TableForm
        How files with rows of this table are to be read.
    windows : Windows or None
        Where the rows of a forecast come from; those of training and validation in the order of
        `X`.
    """

    X: AnyRows
    y: Array
    classes: tuple[Label, ...] = ()
    test_X: AnyRows | None = None
    test_y: Array | None = None
    columns: tuple[Column, ...] = ()
    targets: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    groups: Array | None = None
    times: Array | None = None
    notes: tuple[str, ...] = ()
    why: str = ""
    long: LongForm | None = None
    validates: Array | None = None
    pictures: PictureForm | None = None
    form: TableForm = USUAL_FORM
    windows: Windows | None = None
