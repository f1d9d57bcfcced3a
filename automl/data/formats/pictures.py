"""Pictures as arrays: one reader for training, inspection and prediction.

What all pictures of a data set are brought to is decided once, when it is read for training; a
model keeps it as its `PictureForm` and reads what it is asked about in the same way.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from automl.arrays import Array
from automl.errors import DataError
from automl.warning_filters import warnings_as

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
"""Pillow's names of the formats that are read; of an animation, the first frame."""

NAMES = "PNG, JPEG, GIF, BMP, TIFF, WebP or PGM/PPM"

START_BYTES = 18
"""Bytes at the beginning of a file that `is_picture` looks at."""

_STARTS = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II[*+]\0|MM\0[*+]|RIFF....WEBP"
    # A table may begin with "BMI," or "P5,": the headers of BMP and PPM have more to be told by.
    rb"|BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0|P[2356]\n(?:#|\d+ \d+\s)",
    re.DOTALL,
)

_BROKEN = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError, SyntaxError, EOFError),
    *(ArithmeticError, RuntimeError, MemoryError, AssertionError, struct.error, zlib.error),
)
"""What Pillow's readers let pass of a damaged file."""

_WITHOUT_GREY = {"GIF": 0, "WEBP": 1}
"""Formats that write grey as colour, and by how much its channels differ in what is read: in lossy
WebP by 1, whatever its quality."""

_ORIENTATION = 0x0112  # tag of EXIF: how the camera was held


@dataclass(frozen=True, slots=True)
class PictureForm:
    """What pictures are brought to.

    Attributes
    ----------
    colour : bool
        Whether there are red, green and blue, or only grey.
    alpha : bool
        Whether a last channel says how opaque each pixel is. Without one, what is transparent
        shows white.
    bits : {8, 16}
        Bits of a value: white is 255 or 65,535.
    drops_alpha : bool
        Whether, without a channel for it, alpha counts for nothing: what is transparent shows the
        colours beneath. So training read pictures before models kept a form; no JSON has it.
    """

    colour: bool
    alpha: bool = False
    bits: Literal[8, 16] = 8
    drops_alpha: bool = False

    @classmethod
    def of(cls, pictures: Iterable[Array]) -> PictureForm:
        """Return the form in which no picture loses anything.

        Parameters
        ----------
        pictures : iterable of array
            As the pixels of `Picture`.
        """
        colour = alpha = wide = False
        for picture in pictures:
            colour |= picture.shape[2] > 2
            alpha |= picture.shape[2] in (2, 4)
            wide |= picture.dtype == np.uint16
        return cls(colour, alpha, 16 if wide else 8)

    @property
    def channels(self) -> int:
        """Values of a pixel."""
        return (3 if self.colour else 1) + self.alpha

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a value."""
        return np.dtype(np.uint16 if self.bits == 16 else np.uint8)

    @property
    def white(self) -> int:
        """Greatest value."""
        return int(np.iinfo(self.dtype).max)

    def row_shape(self, height: int, width: int) -> tuple[int, ...]:
        """Return the shape of a row: ``(height, width)`` for plain grey, else channels first."""
        return (height, width) if self.channels == 1 else (self.channels, height, width)

    def to_json(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {"colour": self.colour, "alpha": self.alpha, "bits": self.bits}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> PictureForm:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            When it is something else.
        """
        colour, alpha, bits = values["colour"], values["alpha"], values["bits"]
        if type(colour) is not bool or type(alpha) is not bool or bits not in (8, 16):
            raise ValueError(f"pictures must be colour or not, of 8 or 16 bits, but got {values}")
        return cls(colour, alpha, bits)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is, upright.

    Attributes
    ----------
    pixels : uint8 or uint16 array of shape (height, width, channels)
        Grey, grey and alpha, colour, or colour and alpha, as they are in the file. There is no
        alpha where every pixel is opaque.
    frames : int
        Pictures in the file, of which this is the first.
    is_cut : bool
        Whether the file has 16 bits where these are the upper 8: Pillow reads 16 in grey alone.
    """

    pixels: Array
    frames: int = 1
    is_cut: bool = False


class UnreadablePictureError(DataError):
    """A file is no picture, or a damaged one; `reason` says so without the path."""

    def __init__(self, name: Path | str, reason: str) -> None:
        super().__init__(f"{name}: must be a {NAMES} picture, but {reason}")
        self.reason = reason


def is_picture(start: bytes) -> bool:
    """Return whether a file that begins with these `START_BYTES` is a picture."""
    return _STARTS.match(start) is not None


def read_picture(path: Path) -> Picture:
    """Read a picture, turned as its EXIF data says.

    Raises
    ------
    UnreadablePictureError
        When it cannot be read.
    """
    # Pillow's remarks on odd files are nothing that a user can do anything about.
    with warnings_as("ignore"):
        return read_unfiltered(path)


def read_unfiltered(path: Path) -> Picture:
    """Read a picture as `read_picture` does, where warnings are ignored already.

    Threads that read at the same time cannot filter each its own: `warnings_as` would let one of
    them read at a time.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=FORMATS) as image:
            most = Image.MAX_IMAGE_PIXELS  # 89 million, of which Pillow only warns
            if most is not None and image.width * image.height > most:
                raise ValueError(f"it has {image.width:,} x {image.height:,} pixels")
            return _picture(image)
    except UnidentifiedImageError:
        reason = "it is of another format, or damaged"
    except (*_BROKEN, Image.DecompressionBombError) as error:
        reason = _reason(error)
    raise UnreadablePictureError(path, reason)


def peek_size(path: Path) -> tuple[int, int] | None:
    """Return the height and width that a picture's header tells, or None where it tells none.

    To be called where warnings are ignored, as `read_unfiltered`.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=FORMATS) as image:
            # Of a PNG, Pillow reads all for its EXIF data, and hardly any is turned by it.
            turned = image.format != "PNG" and image.getexif().get(_ORIENTATION, 1) > 4
            width, height = image.size
    except (*_BROKEN, Image.DecompressionBombError):
        return None
    return (width, height) if turned else (height, width)


def to_picture(image: Any, name: str) -> Picture:
    """Return an image of Pillow's as `read_picture` returns that of a file.

    Raises
    ------
    UnreadablePictureError
        When it cannot be read; the message begins with `name`.
    """
    try:
        return _picture(image)
    except _BROKEN as error:
        raise UnreadablePictureError(name, _reason(error)) from None


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return " ".join((said or str(error)).split())[:200] or type(error).__name__


def _picture(image: Any) -> Picture:
    # A JPEG of a telephone may hold its depth or a thumbnail as well.
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    is_cut = any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
    pixels = _pixels(_upright(image), image.format)
    return Picture(pixels, frames, is_cut and pixels.dtype == np.uint8)


def _upright(image: Any) -> Any:
    from PIL import ImageOps

    image.load()
    try:
        turned = image.getexif().get(_ORIENTATION, 1) != 1
    except _BROKEN:  # the EXIF data is damaged, and the picture is not
        return image
    return ImageOps.exif_transpose(image) if turned else image


def _pixels(image: Any, file_format: str | None) -> Array:
    """Return the values of a picture of Pillow's; see `Picture`."""
    if image.mode.startswith("I"):  # 16 bits, which Pillow would clip at 255
        wide = np.asarray(image)
        if wide.min() < 0 or wide.max() > np.iinfo(np.uint16).max:
            raise ValueError("its values must have 8 or 16 bits")
        return wide.astype(np.uint16)[:, :, None]
    if image.mode == "F":
        raise ValueError("its values must be whole numbers of 8 or 16 bits")
    grey = image.mode in ("L", "LA", "La", "1")
    alpha = None
    if image.has_transparency_data:
        pixels = np.asarray(image.convert("LA" if image.mode in ("L", "LA", "La") else "RGBA"))
        pixels, alpha = pixels[:, :, :-1], pixels[:, :, -1:]
    else:
        plain = "L" if grey else "RGB"
        pixels = np.asarray(image if image.mode == plain else image.convert(plain))
        pixels = pixels.reshape(*pixels.shape[:2], -1)
    if file_format in _WITHOUT_GREY:
        apart = pixels.max(axis=2).astype(int) - pixels.min(axis=2)
        pixels = pixels[:, :, :1] if apart.max() <= _WITHOUT_GREY[file_format] else pixels
    has_alpha = alpha is not None and alpha.min() < 255
    return np.concatenate([pixels, alpha], axis=2) if has_alpha else pixels


def fit_picture(picture: Array, form: PictureForm, height: int, width: int) -> Array:
    """Bring a picture to a form and a size.

    Parameters
    ----------
    picture : array
        As the pixels of `Picture`.
    form : PictureForm
    height, width : int

    Returns
    -------
    array of shape (height, width, form.channels)
        Of type ``form.dtype``.
    """
    if picture.shape[:2] != (height, width):
        picture = _resize(picture, height, width)  # first, so that what follows is about less
    if picture.dtype != form.dtype:
        wide = picture.astype(np.uint32)
        picture = (wide * 257 if form.bits == 16 else (wide + 128) // 257).astype(form.dtype)
    return picture if picture.shape[2] == form.channels else _fit_channels(picture, form)


def as_row(picture: Array) -> Array:
    """Return a picture as the row of a model: ``(height, width)``, or channels first."""
    return picture[:, :, 0] if picture.shape[2] == 1 else picture.transpose(2, 0, 1)


def _fit_channels(picture: Array, form: PictureForm) -> Array:
    has_alpha = picture.shape[2] in (2, 4)
    values = picture[:, :, :-1] if has_alpha else picture
    alpha = picture[:, :, -1:] if has_alpha else np.full_like(picture[:, :, :1], form.white)
    if has_alpha and not (form.alpha or form.drops_alpha):
        shade = values.astype(np.float64) * alpha + float(form.white) * (form.white - alpha)
        values = np.rint(shade / form.white).astype(form.dtype)
    if form.colour and values.shape[2] == 1:
        values = np.repeat(values, 3, axis=2)
    elif not form.colour and values.shape[2] == 3:
        values = _luma(values)
    return np.concatenate([values, alpha], axis=2) if form.alpha else values


def _luma(colour: Array) -> Array:
    """Grey by the weights of ITU-R BT.601, in 16 bits as Pillow has them."""
    weights = np.array([19_595, 38_470, 7_471], dtype=np.uint64)
    grey = (colour.astype(np.uint64) * weights).sum(axis=2, keepdims=True)
    return np.asarray((grey + 2**15) >> 16, dtype=colour.dtype)


def _resize(picture: Array, height: int, width: int) -> Array:
    """Resize each channel: Pillow's bilinear filter averages when it shrinks."""
    from PIL import Image

    def resized(channel: Array) -> Array:
        image = Image.fromarray(channel.astype(np.float32))
        return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))

    channels = [resized(picture[:, :, i]) for i in range(picture.shape[2])]
    values: Array = np.rint(np.stack(channels, axis=2))
    return values.astype(picture.dtype)
