"""Files and folders of the user's own as `Raw`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from automl.arrays import Array
from automl.data.formats.arrays import read_npy, read_npz, read_numbers
from automl.data.formats.idx import read_idx
from automl.data.formats.sniff import file_kind
from automl.data.options import LONG, TABLE, TEXT, DataOptions, find_columns
from automl.data.raw import Raw
from automl.data.read.arrays import LONG_ONLY, TABLE_ONLY, raw_arrays
from automl.data.sequences import pad
from automl.errors import ConfigError, DataError
from automl.files import path_kind
from automl.task import InputKind

PAIRS = (("X", "y"), ("x", "y"), ("X_train", "y_train"), ("x_train", "y_train"))
"""Names under which an NPZ file may hold rows and targets."""

TEST_PAIRS = (("X_test", "y_test"), ("x_test", "y_test"))
"""Names under which it may hold a test split as well."""

LENGTHS, TEST_LENGTHS = "lengths", "lengths_test"
"""Names of the steps of each sequence, and of each of the test split."""

IDX_FILES = (
    *("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    *("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
)
"""As MNIST's files are called, plain or gzipped."""


def load_path(path: Path, options: DataOptions) -> tuple[InputKind, Raw]:
    """Read a data set.

    Parameters
    ----------
    path : Path
        A table (CSV, TSV, Parquet) of which `options` name the target; an NPZ file with ``X``
        and ``y``, and with ``lengths`` if ``X`` holds sequences that differ in length; an NPY or
        IDX file, whose targets lie in the file that `options` name; a folder with the four IDX
        files of MNIST; or a folder of images with one folder a class.
    options : DataOptions

    Raises
    ------
    ConfigError
        When an option does not fit what the path holds.
    DataError
        When it cannot be read or used.
    """
    if path.is_dir():
        return _load_folder(path, options)
    kind = file_kind(path)
    if kind == "picture":
        raise DataError(
            f"{path}: is one picture; a data set of pictures is a folder with one folder a class"
        )
    if kind in ("parquet", "text"):
        is_series = options.task == "forecast" or options.sequence is not None
        rows: InputKind = "sequence" if is_series else "vector"
        said = "is for arrays; the sequences of a table come with --sequence"
        options.refuse_other_kind(rows, said)
        return rows, _load_table(path, options)
    options.refuse_forecast()
    options.refuse((*TABLE, *TEXT), TABLE_ONLY)
    options.refuse(LONG, LONG_ONLY)
    return _load_npz(path, options) if kind == "npz" else _load_pair(path, options)


def _load_table(path: Path, options: DataOptions) -> Raw:
    from automl.data.read.table.file import Table, read_table
    from automl.data.read.table.forecast import raw_forecast
    from automl.data.read.table.raw import raw_table

    def read_test(texts: list[str]) -> Table:
        return read_table(_existing(str(options.test_data)), texts, options)

    def as_text(names: Sequence[str]) -> list[str]:
        # 1 and 01 may be two sequences, and two classes.
        by = [name for name in (options.sequence, options.group) if name is not None]
        return [*find_columns(options.target, names), *by]

    def by_text(names: Sequence[str]) -> list[str]:
        return [] if options.sequence is None else [options.sequence]

    is_forecast = options.task == "forecast"
    table = read_table(path, as_text if not is_forecast else by_text, options)
    try:
        if is_forecast:
            return raw_forecast(table, options)
        return raw_table(table, options, read_test if options.test_data else None)
    except DataError as error:
        if str(error).startswith((str(path), str(options.test_data))):
            raise
        raise DataError(f"{path}: {error}") from None


def _load_npz(path: Path, options: DataOptions) -> tuple[InputKind, Raw]:
    if len(options.target) > 1:
        raise ConfigError("target: an NPZ file has one array of targets; name that")
    target = options.target[0] if options.target else None
    found = read_npz(path, lambda names: _choose_arrays(names, target))
    train, *test = _pairs(found)
    name = list(found)[1]
    if options.test_data is not None:
        if test:
            raise ConfigError(f"test-data: {path} has a test split of its own")
        other = _existing(options.test_data)
        test = _pairs(read_npz(other, lambda names: _choose_arrays(names, target)))[:1]
    if LENGTHS in found:
        options.refuse_other_kind("sequence", f"{path} has lengths, so its rows are sequences")
        options = replace(options, kind="sequence")
    return raw_arrays(*train, options, test[0] if test else None, name)


def _pairs(arrays: Mapping[str, Array]) -> list[tuple[Array, Array]]:
    """Rows and targets, and those of the test split; sequences filled up with NaN."""
    plain = [array for name, array in arrays.items() if name not in (LENGTHS, TEST_LENGTHS)]
    pairs = []
    for X, y, lengths in zip(plain[::2], plain[1::2], (LENGTHS, TEST_LENGTHS), strict=False):
        pairs.append((pad(X, arrays[lengths]) if lengths in arrays else X, y))
    return pairs


def _choose_arrays(names: list[str], target: str | None) -> list[str]:
    """Choose which arrays are rows, targets, those of the test split, and lengths."""
    chosen = _choose_pairs([n for n in names if n not in (LENGTHS, TEST_LENGTHS)], target)
    lengths = [LENGTHS, TEST_LENGTHS][: len(chosen) // 2]
    if any(name in names for name in lengths) and not all(name in names for name in lengths):
        raise ValueError(f"it must hold {' and '.join(lengths)}, or none of them, but has {names}")
    return [*chosen, *(name for name in lengths if name in names)]


def _choose_pairs(names: list[str], target: str | None) -> list[str]:
    if target is not None:
        others = [name for name in names if name != target]
        if target not in names or len(others) != 1:
            raise ValueError(f"it must hold {target!r} and one array of rows, but has {names}")
        return [*others, target]
    pairs = [pair for pair in PAIRS if set(pair) <= set(names)]
    if not pairs:
        raise ValueError(
            f"it must hold X and y, or two arrays of which --target names one, but has {names}"
        )
    test = [pair for pair in TEST_PAIRS if set(pair) <= set(names)]
    return [*pairs[0], *(test[0] if test else ())]


def _load_pair(path: Path, options: DataOptions) -> tuple[InputKind, Raw]:
    """Rows in one file, targets in another."""
    if len(options.target) != 1:
        raise ConfigError(f"target: must name the file with the targets of {path} (--target FILE)")
    if options.test_data is not None:
        raise ConfigError("test-data: needs a table, an NPZ file or a folder")
    other = _existing(options.target[0])
    return raw_arrays(_read(path), _read(other), options, name="y")


def _read(path: Path) -> Array:
    return read_npy(path) if file_kind(path) == "npy" else read_numbers(path)


def _load_folder(path: Path, options: DataOptions) -> tuple[InputKind, Raw]:
    if options.target == ("class",):  # as reports call it
        options = replace(options, target=())
    options.refuse(("target", *TABLE, *TEXT), TABLE_ONLY)
    options.refuse(LONG, f"{path} holds images")
    options.refuse_forecast()
    options.refuse_other_kind("image", f"{path} holds images")
    files = [_idx_file(path, name) for name in IDX_FILES]
    if files[0] is not None and files[1] is not None:
        options.refuse(("test_data",), f"{path} has a test split of its own")
        X, y = read_idx(files[0]), read_idx(files[1])
        test = None
        if files[2] is not None and files[3] is not None:
            test = read_idx(files[2]), read_idx(files[3])
        return raw_arrays(X, y, options, test)
    from automl.data.read.image_folder import raw_images

    test_folder = None if options.test_data is None else _existing(options.test_data)
    return "image", raw_images(path, test_folder, options)


def _idx_file(folder: Path, name: str) -> Path | None:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


def _existing(name: str) -> Path:
    path = Path(name)
    if path_kind(path) is None:
        raise DataError(f"{name!r:.120}: there is no such file or folder")
    return path
