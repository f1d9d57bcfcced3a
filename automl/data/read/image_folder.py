"""A folder of images with one folder a class as `Raw`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import numpy as np

from automl.arrays import Array
from automl.data.formats.picture_changes import Changes
from automl.data.formats.picture_files import (
    UNREADABLE,
    LeftOut,
    as_text,
    count_names,
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
)
from automl.data.options import DataOptions
from automl.data.raw import Raw
from automl.data.read.image_aim import MAX_BYTES, rows_bytes
from automl.data.read.image_store import STORED_BYTES, Decoded, decode
from automl.data.stored_rows import take
from automl.errors import ConfigError, DataError

Classes = dict[str, list[Path]]
"""Images of each class."""

SPLITS = {
    "train": ("train", "training"),
    "valid": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}
"""Names of folders that hold a split each."""


def raw_images(folder: Path, test: Path | None, options: DataOptions) -> Raw:
    """Read the images.

    Parameters
    ----------
    folder : Path
        Holds one folder a class, with images in it and in the folders below; or such a folder in
        ``train``, and others in ``val`` and ``test``, of which one may be missing.
    test : Path, optional
        Such a folder with the test split.
    options : DataOptions
        Only `task` and `test_data` fit images.

    Returns
    -------
    Raw
        Rows of the most frequent size, in the form in which no image loses anything; classes are
        the names of the folders; notes say what was left out or resized.

    Raises
    ------
    DataError
        When there are fewer than two classes with an image that can be read.
    """
    left_out = LeftOut(folder)
    splits = _find_splits(folder, left_out)
    if test is not None:
        splits["test"] = _given_test(folder, test, splits, left_out)
    paths = [p for classes in splits.values() for group in classes.values() for p in group]
    decoded = (decode if rows_bytes(paths) >= STORED_BYTES else _read_all)(folder, paths)
    for place, reason in decoded.unreadable.items():
        left_out.add(UNREADABLE, paths[place], reason)
    read = {path for place, path in enumerate(paths) if place not in decoded.unreadable}
    kept = {name: _of_split(classes, read) for name, classes in splits.items()}
    kept = {name: found for name, found in kept.items() if found or name == "train"}
    names = tuple(kept["train"])
    _check_classes(folder, kept, options, left_out)
    y = {
        name: np.repeat([names.index(c) for c in found], [len(g) for g in found.values()])
        for name, found in kept.items()
    }
    count = len(decoded.rows) - len(y.get("test", ()))
    return Raw(
        take(decoded.rows, slice(count)),
        np.concatenate([y[name] for name in ("train", "valid") if name in y]),
        names,
        take(decoded.rows, slice(count, None)) if "test" in y else None,
        y.get("test"),
        targets=("class",),
        notes=(
            *_splits_as_classes(names),
            *decoded.sentences,
            *_empty_classes(folder, names, splits),
            *left_out.sentences(),
        ),
        why=f"{len(names)} folders",
        validates=np.arange(count) >= len(y["train"]) if "valid" in y else None,
        pictures=decoded.form,
    )


def _find_splits(folder: Path, left_out: LeftOut) -> dict[str, Classes]:
    """Return the images of each class of each split that lies in a folder of its own."""
    pictures = find_pictures(folder, left_out)
    folders = split_folders(folder)
    if not folders:
        return {"train": _by_class(folder, pictures, left_out)}
    inside: dict[Path, list[Path]] = {inner: [] for inner in folders.values()}
    for path in pictures:
        inner = folder / path.relative_to(folder).parts[0]
        if inner in inside:
            inside[inner].append(path)
        else:
            left_out.add(f"image{{s}} outside of {_listed(folders)}", path)
    return {name: _by_class(at, inside[at], left_out) for name, at in folders.items()}


def _listed(folders: Mapping[str, Path]) -> str:
    return ", ".join(path.name for path in folders.values())


def split_folders(folder: Path) -> dict[str, Path]:
    """Return the folder of each split, if `folder` holds ``train`` and others, or it alone."""
    inner = _folders(folder)
    found = {
        split: path
        for split, names in SPLITS.items()
        for path in inner
        if path.name.lower() in names
    }
    is_split = "train" in found and (len(found) > 1 or len(inner) == 1)
    return found if is_split else {}


def _by_class(folder: Path, pictures: Sequence[Path], left_out: LeftOut) -> Classes:
    """Return the pictures of each folder in `folder`, at any depth."""
    found: Classes = {}
    for path in pictures:
        label, *deeper = path.relative_to(folder).parts
        if deeper:
            found.setdefault(as_text(label), []).append(path)
        else:
            left_out.add("image{s} outside of the class folders", path)
    return found


def _given_test(
    folder: Path, test: Path, splits: Mapping[str, Classes], left_out: LeftOut
) -> Classes:
    if splits.get("test") and not test.samefile(split_folders(folder)["test"]):
        raise ConfigError(f"test-data: {folder} has a test split of its own")
    found = _by_class(test, find_pictures(test, left_out), left_out)
    if not found:
        raise DataError(f"{test}: must hold folders with images, but has none")
    return found


def _read_all(folder: Path, paths: Sequence[Path]) -> Decoded:
    """Read every image that can be read into memory."""
    images: dict[Path, Picture] = {}
    unreadable: dict[int, str] = {}
    size = 0
    for place, path in enumerate(paths):
        try:
            images[path] = read_picture(path)
        except UnreadablePictureError as error:
            unreadable[place] = error.reason
            continue
        size += images[path].pixels.nbytes
        if size > MAX_BYTES:
            raise DataError(f"{path}: images up to here exceed 16 GB; shrink them")
    form, rows, sentences = _stack(images, folder)
    return Decoded(rows, form, unreadable, sentences)


def _of_split(classes: Classes, read: Set[Path]) -> Classes:
    left = {name: [path for path in group if path in read] for name, group in classes.items()}
    return {name: group for name, group in left.items() if group}


def _check_classes(
    folder: Path, kept: Mapping[str, Classes], options: DataOptions, left_out: LeftOut
) -> None:
    train, *others = kept.values()
    if len(train) < 2:
        more = [*_hint(folder, train), *left_out.sentences()]
        raise DataError(
            f"{folder}: must hold at least two folders with images, one a class, but has"
            f" {', '.join(train) or 'none'}{''.join(f'; {sentence}' for sentence in more)}"
        )
    kind = "binary" if len(train) == 2 else "multiclass"
    if options.task not in (None, kind):
        raise DataError(f"{folder}: {len(train)} folders are a {kind} task, not {options.task}")
    for found in others:
        if new := sorted(found.keys() - train.keys()):
            example = found[new[0]][0]
            raise DataError(
                f"{example}: its class must have a folder with training images in {folder}, but"
                f" {new[0]!r} is new"
            )


def _hint(folder: Path, classes: Classes) -> list[str]:
    """Say where the classes may be when one folder holds all, as after unpacking an archive."""
    inner = [path for path in _folders(folder) if as_text(path.name) in classes]
    return [
        f"if the classes are the folders in {path}, name that"
        for path in inner
        if len(_folders(path)) > 1
    ]


def _folders(folder: Path) -> list[Path]:
    """Return the folders in a folder that are not hidden."""
    return [p for p in sorted(folder.iterdir()) if p.is_dir() and not p.name.startswith(".")]


def _splits_as_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence on the first class that is called as a split is."""
    called = {name for names in SPLITS.values() for name in names}
    return tuple(
        f"the folder {name} is read as a class; splits are folders called train, val and test, each"
        " with a folder a class"
        for name in classes
        if name.lower() in called
    )[:1]


def _empty_classes(
    folder: Path, classes: Sequence[str], splits: Mapping[str, Classes]
) -> tuple[str, ...]:
    """Return a sentence on the folders of no class."""
    at = split_folders(folder).get("train", folder)
    empty = [name_below(p, folder) for p in _folders(at) if as_text(p.name) not in classes]
    what = "class folder{s} without an image"
    return (f"left out: {count_names(what, empty)}",) if empty else ()


def _stack(images: dict[Path, Picture], folder: Path) -> tuple[PictureForm, Array, tuple[str, ...]]:
    """Bring all images to one form and size, and empty the dictionary on the way."""
    form = PictureForm.of(image.pixels for image in images.values())
    if not images:
        return form, np.empty((0, 1, 1), form.dtype), ()
    sizes = Counter(image.pixels.shape[:2] for image in images.values())
    height, width = sizes.most_common(1)[0][0]
    changes = Changes(form, height, width, "the most frequent size")
    rows = np.empty((len(images), *form.row_shape(height, width)), form.dtype)
    for row, path in zip(rows, list(images), strict=True):
        image = images.pop(path)  # at once, because two copies of all may be too large
        changes.add(name_below(path, folder), image)
        row[...] = as_row(fit_picture(image.pixels, form, height, width))
    return form, rows, changes.sentences()
