"""What pictures lose when they are brought to one form and size."""

from __future__ import annotations

from collections.abc import Iterator

from automl.arrays import Array
from automl.data.formats.picture_files import count_names
from automl.data.formats.pictures import Picture, PictureForm


class Changes:
    """Pictures that are not used as they are, by what is changed.

    Parameters
    ----------
    form : PictureForm
        What they are brought to.
    height, width : int
    size : str
        What this size is called.
    any_bits : bool
        Whether nothing is changed by bringing 8 bits to 16.
    """

    def __init__(
        self, form: PictureForm, height: int, width: int, size: str, *, any_bits: bool = False
    ) -> None:
        self._form = form
        self._any_bits = any_bits
        self._shape = (height, width)
        self._resized = f"image{{s}} resized to {size}, {width} wide and {height} high"
        self._names: dict[str, list[str]] = {}

    def add(self, name: str, picture: Picture) -> None:
        """Note what is changed of a picture."""
        for change in self._changes(picture):
            self._names.setdefault(change, []).append(name)

    def _changes(self, picture: Picture) -> Iterator[str]:
        form, (*shape, channels) = self._form, picture.pixels.shape
        if tuple(shape) != self._shape:
            yield self._resized
        if picture.frames > 1:
            yield "image{s} of which only the first frame is used"
        bits = picture.pixels.dtype.itemsize * 8
        if picture.is_cut or bits > form.bits:
            yield "image{s} of 16 bits, of which only the upper 8 are used"
        elif bits < form.bits and not self._any_bits:
            yield "image{s} of 8 bits, read as of 16: their white is the white of the others"
        if channels > 2 and not form.colour and _has_colour(picture.pixels):
            yield "image{s} in colour, made grey as those of training are"
        if channels in (2, 4) and not (form.alpha or form.drops_alpha):
            yield "image{s} with transparent parts, which are made white"

    def sentences(self) -> tuple[str, ...]:
        """Return a sentence for each change: how many pictures, and the names of the first."""
        return tuple(count_names(change, names) for change, names in self._names.items())


def _has_colour(pixels: Array) -> bool:
    return bool((pixels[:, :, :3] != pixels[:, :, :1]).any())
