"""A folder of images with one folder a class as `Raw`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.options import DataOptions
from automl.data.raw import Raw
from automl.errors import DataError
from automl.warning_filters import warnings_as

Array = NDArray[Any]

SUFFIXES = (".png", ".jpg", ".jpeg")

MAX_BYTES = 16 * 10**9
"""Bytes that the images of a folder may have together."""


def raw_images(folder: Path, test: Path | None, options: DataOptions) -> Raw:
    """Read the images.

    Parameters
    ----------
    folder : Path
        Holds one folder a class with PNG or JPEG files of one size; or such a folder in
        ``train``, and another in ``test``.
    test : Path, optional
        Such a folder with the test split.
    options : DataOptions
        Only `task` and `test_data` fit images.

    Returns
    -------
    Raw
        uint8 rows of shape ``(height, width)`` when every image is grey, else ``(3, height,
        width)``; classes are the names of the folders.

    Raises
    ------
    DataError
        When there are fewer than two classes, or an image cannot be read or has another size.
    """
    if test is None and (folder / "train").is_dir() and (folder / "test").is_dir():
        folder, test = folder / "train", folder / "test"
    files = _files(folder)
    classes = tuple(files)
    if len(classes) < 2:
        raise DataError(
            f"{folder}: must hold at least two folders with images, one a class, but has"
            f" {', '.join(classes) or 'none'}"
        )
    kind = "binary" if len(classes) == 2 else "multiclass"
    if options.task not in (None, kind):
        raise DataError(f"{folder}: {len(classes)} folders are a {kind} task, not {options.task}")
    tests = {} if test is None else _files(test)
    if new := sorted(tests.keys() - files.keys()):
        raise DataError(f"{test}: must have the folders of {folder}, but {new[0]!r} is new")
    if test is not None and not tests:
        raise DataError(f"{test}: must hold folders with images, but has none")
    paths = [path for found in (files, tests) for group in found.values() for path in group]
    images = _read_all(paths)
    count = sum(map(len, files.values()))
    y, test_y = (
        np.repeat([classes.index(c) for c in found], [len(g) for g in found.values()])
        for found in (files, tests or files)
    )
    why = f"{len(classes)} folders"
    if test is None:
        return Raw(images, y, classes, targets=("class",), why=why)
    tested = images[count:], test_y
    return Raw(images[:count], y, classes, *tested, targets=("class",), why=why)


def _files(folder: Path) -> dict[str, list[Path]]:
    """Return the images of each class, in the order of their names."""
    found = {}
    for inner in sorted(folder.iterdir()):
        if inner.is_dir() and not inner.name.startswith("."):
            paths = sorted(p for p in inner.iterdir() if p.suffix.lower() in SUFFIXES)
            if paths:
                found[inner.name] = paths
    return found


def _read_all(paths: list[Path]) -> Array:
    """uint8 images of shape (images, height, width) or (images, 3, height, width)."""
    first = _read(paths[0])
    if len(paths) * first.nbytes > MAX_BYTES:
        raise DataError(f"{len(paths):,} images of {paths[0]} must stay below 16 GB; shrink them")
    images = []
    for path in paths:
        image = _read(path)
        if image.shape[:2] != first.shape[:2]:
            height, width = image.shape[:2]
            raise DataError(
                f"every image must have the size of the first, {first.shape[1]} x"
                f" {first.shape[0]}, but {path} is {width} x {height}; bring them to one size"
            )
        images.append(image)
    if all(image.ndim == 2 for image in images):
        return np.stack(images)
    colour = [i if i.ndim == 3 else np.repeat(i[:, :, None], 3, axis=2) for i in images]
    return np.ascontiguousarray(np.stack(colour).transpose(0, 3, 1, 2))


def _read(path: Path) -> Array:
    """Read one image as uint8, (height, width) when it is grey, else (height, width, 3)."""
    from PIL import Image

    try:
        # Pillow warns of an image that would unpack to more than 89 megapixels.
        with (
            warnings_as("error", Image.DecompressionBombWarning),
            Image.open(path, formats=["PNG", "JPEG"]) as image,
        ):
            if image.mode.startswith("I"):  # 16 bits, which Pillow would clip at 255
                wide = np.asarray(image, dtype=np.float64)
                return np.rint(wide / 257.0).clip(0, 255).astype(np.uint8)
            grey = image.mode in ("1", "L", "LA")
            return np.asarray(image.convert("L" if grey else "RGB"))
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise DataError(f"{path}: must be a PNG or JPEG image, but: {error}") from None
