"""`InputSchema`: what a raw row looks like, for whoever brings rows of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.data.formats.pictures import PictureForm
from automl.data.schema import USUAL_FORM, Column, LongForm, TableForm
from automl.data.series.form import ForecastForm
from automl.data.stored_rows import AnyRows, limits
from automl.task import InputKind


@dataclass(frozen=True, slots=True)
class InputSchema:
    """Raw rows as the training split has them.

    Attributes
    ----------
    kind : {"vector", "image", "sequence"}
    shape : tuple of int
        Shape of one row; of the longest where sequences differ.
    dtype : str
        NumPy's name, such as ``"uint8"``.
    low, high : float
        Smallest and largest training value: whether pixels go to 1, 16 or 255.
    columns : tuple of Column
        Columns of a table, whose rows come by name or as `Column` says; else empty.
    ignored : tuple of str
        Columns that rows by name may have and that do not count, such as the target.
    padded : bool
        Whether sequences may be shorter than `shape` says, and are filled up with NaN.
    long : LongForm or None
        How sequences come as lines of a table.
    pictures : PictureForm or None
        What the files of pictures were brought to that the model was trained on; None for rows
        that were no files.
    form : TableForm
        How files with rows of a table are read.
    forecast : ForecastForm or None
        What a table of series is, of which the rows are windows.
    """

    kind: InputKind
    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float
    columns: tuple[Column, ...] = ()
    ignored: tuple[str, ...] = ()
    padded: bool = False
    long: LongForm | None = None
    pictures: PictureForm | None = None
    form: TableForm = USUAL_FORM
    forecast: ForecastForm | None = None

    @classmethod
    def measure(
        cls,
        X: AnyRows,
        kind: InputKind,
        columns: tuple[Column, ...] = (),
        ignored: tuple[str, ...] = (),
        *,
        padded: bool = False,
        long: LongForm | None = None,
        pictures: PictureForm | None = None,
        form: TableForm = USUAL_FORM,
        forecast: ForecastForm | None = None,
    ) -> InputSchema:
        """Look at the training rows.

        Parameters
        ----------
        X : array of shape (rows, ...)
            Rows, with at least one value that is not missing.
        kind : {"vector", "image", "sequence"}
        columns : tuple of Column
        ignored : tuple of str
        padded : bool
        long : LongForm, optional
        pictures : PictureForm, optional
        form : TableForm
        forecast : ForecastForm, optional
        """
        has_gaps = padded or bool(columns)
        low, high = (np.nanmin(np.asarray(X)), np.nanmax(np.asarray(X))) if has_gaps else limits(X)
        shape, dtype = tuple(X.shape[1:]), X.dtype.name
        low, high = float(low), float(high)
        more = (columns, ignored, padded, long, pictures, form, forecast)
        return cls(kind, shape, dtype, low, high, *more)

    @property
    def is_small(self) -> bool:
        """Whether values are whole numbers that float32 holds exactly, as pixels are."""
        dtype = np.dtype(self.dtype)
        return dtype.kind in "bui" and dtype.itemsize <= 2

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        plain: dict[str, Any] = {
            "kind": self.kind,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "low": self.low,
            "high": self.high,
            "columns": [column.to_json() for column in self.columns],
            "ignored": list(self.ignored),
        }
        if self.kind == "image":
            plain["pictures"] = None if self.pictures is None else self.pictures.to_json()
        if self.form != USUAL_FORM:
            plain["form"] = self.form.to_json()
        if self.kind != "sequence":
            return plain
        long = None if self.long is None else self.long.to_json()
        if self.forecast is not None:
            plain["forecast"] = self.forecast.to_json()
        return {**plain, "padded": self.padded, "long": long}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> InputSchema:
        """Read what `to_json` wrote."""
        shape = tuple(int(side) for side in values["shape"])
        low, high = float(values["low"]), float(values["high"])
        # Bundles of before there were tables have no columns.
        columns = tuple(Column.from_json(column) for column in values.get("columns", []))
        ignored = tuple(map(str, values.get("ignored", [])))
        dtype = np.dtype(values["dtype"]).name
        padded = values.get("padded") is True
        long = None if values.get("long") is None else LongForm.from_json(values["long"])
        pictures = _read_form(values)
        form = TableForm.from_json(values["form"]) if "form" in values else USUAL_FORM
        found = values.get("forecast")
        forecast = None if found is None else ForecastForm.from_json(found)
        more = (columns, ignored, padded, long, pictures, form, forecast)
        return cls(values["kind"], shape, dtype, low, high, *more)


def _read_form(values: Mapping[str, Any]) -> PictureForm | None:
    """Return the form of pictures, also that of bundles which were saved before it was kept."""
    form = values.get("pictures")
    if form is not None:
        return PictureForm.from_json(form)
    # Folders of pictures had a target of that name, and were read in one way.
    is_folder = values["kind"] == "image" and values.get("ignored") == ["class"]
    if is_folder and "pictures" not in values and values["dtype"] == "uint8":
        return PictureForm(colour=len(values["shape"]) == 3, drops_alpha=True)
    return None
