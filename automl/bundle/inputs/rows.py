"""Rows to predict, read from a file or a folder: CSV, Parquet, NPY, NPZ, IDX, or pictures.

What a file is, is told by its first bytes. No file can run code here: pickles are refused.
"""

from __future__ import annotations

import math
from pathlib import Path

from automl.arrays import Array
from automl.bundle.inputs.layout import fit_layout
from automl.bundle.inputs.schema import InputSchema
from automl.bundle.inputs.sequences import fit_sequences
from automl.data.formats.arrays import read_npz, read_numbers, rows_and_lengths
from automl.data.formats.picture_files import holds_picture
from automl.data.formats.pictures import NAMES
from automl.data.formats.sniff import file_kind
from automl.errors import DataError
from automl.files import path_kind


def read_rows(path: Path, inputs: InputSchema, *, invert: bool = False) -> tuple[Array, list[str]]:
    """Read rows that a model can predict.

    Parameters
    ----------
    path : Path
        A CSV file with or without a header, an NPY file, an NPZ file with ``X``, an IDX file,
        plain or gzipped, a picture, or a folder of pictures. For a table, CSV and its relatives
        with a header, or Parquet; NPY and NPZ hold numbers, as `Column` says. Sequences of
        different lengths: an NPZ file with ``X`` and ``lengths``, NaN behind the ends, or a table
        as that which the model was trained on.
    inputs : InputSchema
        What the model was trained on.
    invert : bool
        Whether images are dark where the training data is bright.

    Returns
    -------
    rows : array of shape (rows, *inputs.shape)
    names : list of str
        File names of images, or what a table calls its sequences; else empty.

    Raises
    ------
    DataError
        When it cannot be read, or the rows have another shape.
    """
    if _holds_images(path):
        from automl.bundle.inputs.images import read_images

        return read_images(path, inputs, invert=invert)
    if invert:
        raise DataError(f"{path}: only images can be inverted")
    if inputs.kind == "sequence":
        return _read_sequences(path, inputs)
    if inputs.columns and file_kind(path) in ("text", "parquet"):
        from automl.data.read.table.encode import encode_file

        return encode_file(path, inputs.columns, inputs.form, ignore=inputs.ignored, warn=True), []
    is_text = file_kind(path) == "text"
    try:
        rows = read_numbers(path)
    except DataError as error:
        if inputs.kind == "image" and is_text:
            raise DataError(
                f"{path}: must be a {NAMES} picture, or hold numbers: {error}"
            ) from None
        raise
    return _shaped(rows, path, inputs), []


def _holds_images(path: Path) -> bool:
    kind = path_kind(path)
    try:
        return kind == "folder" or (kind == "file" and holds_picture(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def _read_sequences(path: Path, inputs: InputSchema) -> tuple[Array, list[str]]:
    kind = file_kind(path)
    names: list[str] = []
    lengths = None
    if inputs.long is not None and kind in ("text", "parquet"):
        from automl.data.read.table.encode import reading_options, texts_of
        from automl.data.read.table.file import read_table
        from automl.data.read.table.long import take_sequences

        options = reading_options(path, inputs.form)
        texts = [*texts_of(inputs.long.columns), inputs.long.sequence]
        table = read_table(path, texts, options)
        try:
            X, _, names = take_sequences(table.frame, inputs.long, ignore=inputs.ignored)
        except DataError as error:
            raise DataError(f"{path}: {error}") from None
    elif kind == "npz":
        found = read_npz(path, rows_and_lengths)
        lengths = found.pop("lengths", None)
        (X,) = found.values()
    else:
        X = read_numbers(path)
    if X.ndim == 2 and X.shape[1] == math.prod(inputs.shape):
        X = X.reshape(len(X), *inputs.shape)
    try:
        return fit_sequences(X, lengths, inputs), names
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _shaped(X: Array, path: Path, inputs: InputSchema) -> Array:
    """Rows of the model's shape; flattened ones are folded."""
    if X.dtype.kind not in "biuf":
        raise DataError(f"{path}: rows must be numbers, but got {X.dtype}")
    rows = fit_layout(X, inputs)
    if rows is None:
        shape = " x ".join(map(str, inputs.shape))
        raise DataError(
            f"{path}: every row must have {math.prod(inputs.shape)} values ({shape}), but got an"
            f" array of shape {X.shape}"
        )
    return rows
