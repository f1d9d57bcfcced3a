"""Pictures as rows: read as those that a model was trained on."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.arrays import Array
from automl.bundle.inputs.schema import InputSchema
from automl.data.formats.picture_changes import Changes
from automl.data.formats.picture_files import (
    UNREADABLE,
    LeftOut,
    as_text,
    find_pictures,
    name_below,
)
from automl.data.formats.pictures import (
    Picture,
    PictureForm,
    UnreadablePictureError,
    as_row,
    fit_picture,
    read_picture,
    to_picture,
)
from automl.errors import DataError, DataWarning

_MOST_LEVELS = 16
"""Values up to this are levels of grey of 4 bits, as in the digits, and not dim pixels of 8."""


def read_images(
    path: Path, inputs: InputSchema, *, invert: bool = False
) -> tuple[Array, list[str]]:
    """Read a picture, or every picture below a folder, in the order of their names.

    Pictures of another size are resized, and what cannot be read in a folder is left out, with a
    `DataWarning`.

    Parameters
    ----------
    path : Path
    inputs : InputSchema
        Schema of a model for images: ``(height, width)`` or ``(channels, height, width)``.
    invert : bool
        Whether bright and dark change places.

    Returns
    -------
    rows : array of shape (images, *inputs.shape)
    names : list of str
        Names of the files, from the folder on.

    Raises
    ------
    DataError
        When no picture can be read, or the model is not for images.
    """
    try:
        _image_form(inputs)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    if not path.is_dir():
        name = as_text(path.name)
        return _as_rows([(name, read_picture(path))], inputs, invert=invert), [name]
    left_out, names = LeftOut(path), []

    def read() -> Iterator[tuple[str, Picture]]:
        for file in find_pictures(path, left_out):
            try:
                picture = read_picture(file)
            except UnreadablePictureError as error:
                left_out.add(UNREADABLE, file, error.reason)
            else:
                names.append(name_below(file, path))
                yield names[-1], picture

    rows = _as_rows(read(), inputs, invert=invert)
    sentences = left_out.sentences()
    if not names:
        more = "".join(f"; {sentence}" for sentence in sentences)
        raise DataError(f"{path}: must hold images that can be read, but there are none{more}")
    for sentence in sentences:
        warnings.warn(sentence, DataWarning, stacklevel=2)
    return rows, names


def read_named(X: Any, inputs: InputSchema) -> Array | None:
    """Read pictures as rows of a model, or return None for what is none.

    Parameters
    ----------
    X : str, Path or one of Pillow's images; or a sequence, array or Series of them
        One path may be a folder, and stands for every picture below it; see `read_images`.
    inputs : InputSchema

    Raises
    ------
    DataError
        When one cannot be read.
    """
    if isinstance(X, str | Path):
        return read_images(Path(X), inputs)[0]
    if hasattr(X, "getexif"):
        X = [X]
    if getattr(X, "ndim", 1) != 1:
        return None
    items = X.tolist() if hasattr(X, "tolist") else X
    if not isinstance(items, Sequence) or not items:
        return None
    if all(isinstance(item, str | Path) for item in items):
        paths = map(Path, items)
        return _as_rows(((as_text(p.name), read_picture(p)) for p in paths), inputs)
    if all(hasattr(item, "getexif") for item in items):  # as all of Pillow's images have
        names = (f"image {i}" for i in range(len(items)))
        return _as_rows(((n, to_picture(x, n)) for n, x in zip(names, items, strict=True)), inputs)
    return None


def _as_rows(
    pictures: Iterable[tuple[str, Picture]], inputs: InputSchema, *, invert: bool = False
) -> Array:
    """Bring pictures with their names to the form and the size of a model's rows."""
    form = _image_form(inputs)
    height, width = inputs.shape[-2:]
    rows = []
    any_bits = inputs.pictures is None  # of arrays nobody has told what white is
    changes = Changes(form, height, width, "the size of training", any_bits=any_bits)
    for name, picture in pictures:
        changes.add(name, picture)
        rows.append(as_row(fit_picture(picture.pixels, form, height, width)))
    for sentence in changes.sentences():
        warnings.warn(sentence, DataWarning, stacklevel=4)
    values = np.array(rows, form.dtype).reshape(len(rows), *form.row_shape(height, width))
    if invert:
        values = _inverted(values, form)
    return values if inputs.pictures is not None else _stretched(values, inputs, form)


def _image_form(inputs: InputSchema) -> PictureForm:
    """Return what pictures are brought to; refuse a model that takes none."""
    if inputs.pictures is not None:
        return inputs.pictures
    channels = 1 if len(inputs.shape) == 2 else inputs.shape[0]
    if inputs.kind != "image" or len(inputs.shape) not in (2, 3) or channels not in (1, 3):
        raise DataError(
            "images need a model for images in grey or colour, but this one takes"
            f" {inputs.kind} rows of shape {inputs.shape}"
        )
    return PictureForm(colour=channels == 3, bits=16)


def _inverted(values: Array, form: PictureForm) -> Array:
    if not form.alpha:
        return form.white - values
    return np.concatenate([form.white - values[:, :-1], values[:, -1:]], axis=1)


def _stretched(values: Array, inputs: InputSchema, form: PictureForm) -> Array:
    """Bring pictures to the values of arrays, whose black and white nobody has told."""
    black, white = _black_and_white(inputs)
    rows = black + values / form.white * (white - black)
    dtype = np.dtype(inputs.dtype)
    if dtype.kind in "iu":
        rows = np.rint(rows)
    return rows.astype(dtype).reshape(len(rows), *inputs.shape)


def _black_and_white(inputs: InputSchema) -> tuple[float, float]:
    """Return what black and white are among the training rows.

    Pixels go to 1 or 255, or 65,535 where they are so stored, however dim the brightest picture
    is. Of other values, such as 0 to 16 or -1 to 1, the least is black and the greatest white.
    """
    low, high = inputs.low, inputs.high
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= 0 and _MOST_LEVELS < high <= 255:
        return 0.0, 255.0
    if inputs.dtype == "uint16" and high > 255:
        return 0.0, 65_535.0
    return low, high
