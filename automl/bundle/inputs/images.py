"""Pictures as rows: read as those that a model was trained on."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.bundle.inputs.schema import InputSchema
from automl.data.formats.picture_files import (
    FIRST_FRAME,
    UNREADABLE,
    LeftOut,
    as_text,
    count_names,
    find_pictures,
    name_below,
)
from automl.data.formats.pictures import (
    PictureForm,
    UnreadablePictureError,
    as_row,
    fit_picture,
    read_picture,
)
from automl.errors import DataError, DataWarning

Array = NDArray[Any]


def read_images(
    path: Path, inputs: InputSchema, *, invert: bool = False
) -> tuple[Array, list[str]]:
    """Read a picture, or every picture below a folder, in the order of their names.

    Parameters
    ----------
    path : Path
        What cannot be read in a folder is left out, with a `DataWarning`.
    inputs, invert
        As in `read_image_files`.

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
    if not path.is_dir():
        return read_image_files([path], inputs, invert=invert), [as_text(path.name)]
    form = _image_form(path, inputs)
    left_out = LeftOut(path)
    found = _read(find_pictures(path, left_out), inputs, form, left_out)
    sentences = left_out.sentences()
    if not found:
        more = "".join(f"; {sentence}" for sentence in sentences)
        raise DataError(f"{path}: must hold images that can be read, but there are none{more}")
    for sentence in sentences:
        warnings.warn(sentence, DataWarning, stacklevel=2)
    rows = _as_rows(list(found.values()), inputs, form, invert=invert)
    return rows, [name_below(file, path) for file in found]


def read_image_files(paths: Sequence[Path], inputs: InputSchema, *, invert: bool = False) -> Array:
    """Read pictures as rows of a model.

    Those of another size are resized, with a `DataWarning`.

    Parameters
    ----------
    paths : sequence of Path
        At least one.
    inputs : InputSchema
        Schema of a model for images: ``(height, width)`` or ``(channels, height, width)``.
    invert : bool
        Whether bright and dark change places.

    Returns
    -------
    array of shape (images, *inputs.shape)

    Raises
    ------
    DataError
        When a picture cannot be read, or the model is not for images.
    """
    form = _image_form(paths[0], inputs)
    found = _read(paths, inputs, form)
    return _as_rows([found[path] for path in paths], inputs, form, invert=invert)


def read_named(X: Any, inputs: InputSchema) -> Array | None:
    """Read the pictures that paths name, or return None for what is no path.

    Parameters
    ----------
    X : str, Path, or a sequence, an array or a Series of them
        A folder stands for every picture below it; see `read_images`.
    inputs : InputSchema

    Raises
    ------
    DataError
        See `read_image_files`.
    """
    if isinstance(X, str | Path):
        return read_images(Path(X), inputs)[0]
    if getattr(X, "ndim", 1) != 1:
        return None
    names = X.tolist() if hasattr(X, "tolist") else X
    if not isinstance(names, Sequence) or not names:
        return None
    if not all(isinstance(name, str | Path) for name in names):
        return None
    return read_image_files([Path(name) for name in names], inputs)


def _read(
    paths: Sequence[Path], inputs: InputSchema, form: PictureForm, left_out: LeftOut | None = None
) -> dict[Path, Array]:
    """Read pictures in the form and the size of the model's rows.

    Without `left_out`, which is told of what cannot be read, that is an error.
    """
    height, width = inputs.shape[-2:]
    rows, resized, several = {}, [], []
    for path in paths:
        try:
            picture = read_picture(path)
        except UnreadablePictureError as error:
            if left_out is None:
                raise
            left_out.add(UNREADABLE, path, error.reason)
            continue
        if picture.pixels.shape[:2] != (height, width):
            resized.append(as_text(path.name))
        if picture.frames > 1:
            several.append(as_text(path.name))
        rows[path] = as_row(fit_picture(picture.pixels, form, height, width))
    _warn(f"image{{s}} resized to the size of training, {width} wide and {height} high", resized)
    _warn(FIRST_FRAME, several)
    return rows


def _as_rows(
    pictures: Sequence[Array], inputs: InputSchema, form: PictureForm, *, invert: bool
) -> Array:
    rows = np.stack(pictures)
    if invert:
        rows = _inverted(rows, form)
    return rows if inputs.pictures is not None else _stretched(rows, inputs, form)


def _image_form(what: Path, inputs: InputSchema) -> PictureForm:
    """Return what pictures are brought to; refuse a model that takes none."""
    if inputs.pictures is not None:
        return inputs.pictures
    channels = 1 if len(inputs.shape) == 2 else inputs.shape[0]
    if inputs.kind != "image" or len(inputs.shape) not in (2, 3) or channels not in (1, 3):
        raise DataError(
            f"{what}: images need a model for images in grey or colour, but this one takes"
            f" {inputs.kind} rows of shape {inputs.shape}"
        )
    return PictureForm(colour=channels == 3, bits=16)


def _inverted(values: Array, form: PictureForm) -> Array:
    if not form.alpha:
        return form.white - values
    colour, alpha = values[:, :-1], values[:, -1:]
    return np.concatenate([alpha - colour, alpha], axis=1)  # white is as bright as it is opaque


def _stretched(values: Array, inputs: InputSchema, form: PictureForm) -> Array:
    """Bring black and white to the least and the greatest value of the training rows.

    These were arrays, whose pixels may go to 1, to 16 or to 255.
    """
    rows = inputs.low + values / form.white * (inputs.high - inputs.low)
    dtype = np.dtype(inputs.dtype)
    if dtype.kind in "iu":
        rows = np.rint(rows)
    return rows.astype(dtype).reshape(len(rows), *inputs.shape)


def _warn(what: str, names: Sequence[str]) -> None:
    if names:
        warnings.warn(count_names(what, list(names)), DataWarning, stacklevel=3)
