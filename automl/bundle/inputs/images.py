"""PNG images as rows: converted to the channels, size and range that a model was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.bundle.inputs.schema import InputSchema
from automl.errors import DataError
from automl.warning_filters import warnings_as

Array = NDArray[Any]

_MODES = {1: "L", 3: "RGB"}


def read_images(
    folder: Path, inputs: InputSchema, *, invert: bool = False
) -> tuple[Array, list[str]]:
    """Read every PNG file of a folder, in the order of their names.

    Parameters
    ----------
    folder : Path
    inputs : InputSchema
        Schema of a model for images: ``(height, width)`` or ``(channels, height, width)``.
    invert : bool
        Whether bright and dark change places.

    Returns
    -------
    rows : array of shape (images, *inputs.shape)
    names : list of str

    Raises
    ------
    DataError
        When there is no image, one cannot be read, or the model is not for images.
    """
    shape = (1, *inputs.shape) if len(inputs.shape) == 2 else inputs.shape
    if inputs.kind != "image" or len(shape) != 3 or shape[0] not in _MODES:
        raise DataError(
            f"{folder}: images need a model for images in grey or colour, but this one takes"
            f" {inputs.kind} rows of shape {inputs.shape}"
        )
    channels, height, width = shape
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".png")
    if not paths:
        raise DataError(f"{folder}: must hold PNG images (*.png), but there are none")
    rows = np.stack([_read(path, channels, height, width) for path in paths])
    if invert:
        rows = 1.0 - rows
    rows = inputs.low + rows * (inputs.high - inputs.low)
    dtype = np.dtype(inputs.dtype)
    if dtype.kind in "iu":
        rows = np.rint(rows)
    return rows.astype(dtype).reshape(len(rows), *inputs.shape), [path.name for path in paths]


def _read(path: Path, channels: int, height: int, width: int) -> Array:
    """Read one image as ``(channels, height, width)`` from 0 (black) to 1 (white)."""
    from PIL import Image

    try:
        # Pillow warns of an image that would unpack to more than 89 megapixels.
        with (
            warnings_as("error", Image.DecompressionBombWarning),
            Image.open(path, formats=["PNG"]) as image,
        ):
            plain = _plain(image, _MODES[channels])
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise DataError(f"{path}: must be a PNG image, but: {error}") from None
    if plain.size != (width, height):
        # Pillow's bilinear filter averages when it shrinks, and never leaves the range.
        plain = plain.resize((width, height), Image.Resampling.BILINEAR)
    values = np.asarray(plain, dtype=np.float64) / 255.0
    return values.reshape(height, width, channels).transpose(2, 0, 1)


def _plain(image: Any, mode: str) -> Any:
    """Grey or colour with 8 bits, on white where it was transparent."""
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits, which Pillow would clip at 255
        wide = np.asarray(image, dtype=np.float64)
        return Image.fromarray(np.rint(wide / 257.0).clip(0, 255).astype(np.uint8)).convert(mode)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert(mode)
