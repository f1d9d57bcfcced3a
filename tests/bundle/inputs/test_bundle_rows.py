"""Rows are read from CSV, NPY, NPZ, IDX and pictures; everything else is refused in a line."""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_rows import make_rows
from PIL import Image

from automl.bundle.inputs.rows import read_rows
from automl.bundle.inputs.schema import InputSchema
from automl.data.formats.pictures import PictureForm
from automl.errors import DataError, DataWarning

VECTOR = InputSchema.measure(make_rows("vector"), "vector")
IMAGE = InputSchema("image", (6, 5), "uint8", 0.0, 16.0)
X = make_rows("vector")[:3]

changed = pytest.mark.filterwarnings("ignore:1 image:automl.errors.DataWarning")


def lines(rows: np.ndarray, delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(repr, row)) + "\n" for row in rows.tolist())


@pytest.mark.parametrize(
    "text",
    [
        lines(X),
        "a,b,c,d\n" + lines(X),
        '"a, first",b,c,d\n' + lines(X),
        "\ufeffa,b,c,d\n" + lines(X),
        lines(X).replace("\n", "\r\n"),
        "a;b;c;d\n" + lines(X, ";"),
        lines(X, "\t"),
        lines(X) + "\n",
    ],
    ids=["plain", "header", "quoted", "mark", "windows", "semicolon", "tab", "blank line"],
)
def test_csv_with_and_without_a_header(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    rows, names = read_rows(tmp_path / "a.csv", VECTOR)
    np.testing.assert_array_equal(rows, X)
    assert names == []


def test_one_row_of_csv_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(lines(X[:1]))
    np.testing.assert_array_equal(read_rows(tmp_path / "a.csv", VECTOR)[0], X[:1])


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">2xBB{array.ndim}I", 8, array.ndim, *array.shape) + array.tobytes()


WRITE: dict[str, Callable[[Path, np.ndarray], object]] = {
    "a.npy": lambda path, X: np.save(path, X),
    "a.npz": lambda path, X: np.savez(path, X=X, y=np.zeros(3)),
    "one.npz": lambda path, X: np.savez(path, rows=X),
    "packed.npz": lambda path, X: np.savez_compressed(path, X=X),
    "a.csv": lambda path, X: path.write_text(lines(X.reshape(len(X), -1))),
    "a-ubyte": lambda path, X: path.write_bytes(idx(X)),
    "a-ubyte.gz": lambda path, X: path.write_bytes(gzip.compress(idx(X))),
}


@pytest.mark.parametrize("name", WRITE)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    images = make_rows("image")[:3]
    WRITE[name](tmp_path / name, images)
    rows, _ = read_rows(tmp_path / name, IMAGE)
    np.testing.assert_array_equal(rows, images)


def refusal(path: Path, inputs: InputSchema = VECTOR) -> str:
    with pytest.raises(DataError) as error:
        read_rows(path, inputs)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must hold rows, but the file is empty"),
        ("a,b,c,d\n", "there are none"),
        ("1,2,3,4\n1,2,3\n", "columns"),
        ("1,2,3,4\n1,2,3,x\n", "'x'"),
        ("1,2,3,4\n1,2,,4\n", "''"),
        ("1,2,3,4,5\n", "every row must have 4 values"),
        ("\x80\x81", "must be CSV"),
    ],
)
def test_csv_that_does_not_fit_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode("latin-1"))
    assert reason in refusal(tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_pickles_in_numpy_files_are_refused(tmp_path: Path, name: str) -> None:
    trap = np.array([Path("x")], dtype=object)
    with (tmp_path / name).open("wb") as file:
        np.save(file, trap) if name == "a.npy" else np.savez(file, X=trap)  # type: ignore[func-returns-value]
    assert "numbers, but" in refusal(tmp_path / name)


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a-ubyte", "a-ubyte.gz"])
@pytest.mark.parametrize("cut", [1, 60])
def test_truncated_files_are_refused(tmp_path: Path, name: str, cut: int) -> None:
    WRITE[name](tmp_path / name, make_rows("image")[:3])
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-cut])
    refusal(tmp_path / name, IMAGE)


def test_an_npy_header_that_claims_a_petabyte_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((3, 4)))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content.replace(b"(3, 4), }", b"(9999999999999, 4), }"[:21]))
    refusal(tmp_path / "a.npy")


def test_an_npz_without_x_lists_what_it_has(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", rows=X, targets=X)
    assert "['rows', 'targets']" in refusal(tmp_path / "a.npz")


def test_a_zip_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("X", "hello")
    refusal(tmp_path / "a.npz")


def test_images_with_channels_last_are_those_with_channels_first(tmp_path: Path) -> None:
    schema = InputSchema("image", (3, 6, 5), "uint8", 0.0, 255.0)
    first = np.arange(180, dtype=np.uint8).reshape(2, 3, 6, 5)
    np.save(tmp_path / "a.npy", np.moveaxis(first, 1, 3))
    np.testing.assert_array_equal(read_rows(tmp_path / "a.npy", schema)[0], first)


@pytest.mark.parametrize("shape", [(2, 5, 6), (2, 3, 10), (2, 2, 3, 5)])
def test_as_many_values_in_another_shape_are_no_rows(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    np.save(tmp_path / "a.npy", np.zeros(shape, np.uint8))
    assert "(6 x 5)" in refusal(tmp_path / "a.npy", IMAGE)


@pytest.mark.parametrize("shape", [(2, 30), (2, 6, 5), (2, 1, 6, 5), (2, 6, 5, 1)])
def test_grey_images_come_flat_or_with_a_channel(tmp_path: Path, shape: tuple[int, ...]) -> None:
    rows = np.arange(60, dtype=np.uint8)
    np.save(tmp_path / "a.npy", rows.reshape(shape))
    found, _ = read_rows(tmp_path / "a.npy", IMAGE)
    np.testing.assert_array_equal(found, rows.reshape(2, 6, 5))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "a.csv")


def draw(path: Path, values: np.ndarray, mode: str = "L") -> None:
    Image.fromarray(values).convert(mode).save(path)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1"])
def test_images_are_brought_to_the_range_of_the_training_data(tmp_path: Path, mode: str) -> None:
    black, white = np.zeros((6, 5), np.uint8), np.full((6, 5), 255, np.uint8)
    draw(tmp_path / "b.png", white, mode)
    draw(tmp_path / "a.png", black, mode)
    rows, names = read_rows(tmp_path, IMAGE)
    assert names == ["a.png", "b.png"]
    assert rows.dtype == np.uint8
    np.testing.assert_array_equal(rows, [np.zeros((6, 5)), np.full((6, 5), 16)])
    inverted, _ = read_rows(tmp_path, IMAGE, invert=True)
    np.testing.assert_array_equal(inverted, rows[::-1])


def test_images_of_16_bits_are_not_clipped(tmp_path: Path) -> None:
    Image.fromarray(np.full((6, 5), 32_896, np.uint16)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_rows(tmp_path, IMAGE)[0][0], np.full((6, 5), 8))


def test_images_of_another_size_are_resized(tmp_path: Path) -> None:
    left = np.zeros((60, 50), np.uint8)
    left[:, :20] = 255
    draw(tmp_path / "a.png", left)
    with pytest.warns(DataWarning, match=r"1 image resized .* 5 wide and 6 high \(a\.png\)"):
        rows, _ = read_rows(tmp_path, IMAGE)
    np.testing.assert_array_equal(rows[0][:, 0], 16)
    np.testing.assert_array_equal(rows[0][:, -1], 0)


@pytest.mark.parametrize(
    ("trained", "asked", "said"),
    [
        (PictureForm(False), np.zeros((6, 5), np.uint16), "of 16 bits, of which only the upper 8"),
        (PictureForm(False, bits=16), np.zeros((6, 5), np.uint8), "of 8 bits, read as of 16"),
        (PictureForm(False), np.full((6, 5, 3), [9, 0, 0], np.uint8), "in colour"),
        (PictureForm(True), np.zeros((6, 5, 4), np.uint8), "with transparent parts"),
    ],
)
def test_what_a_picture_loses_for_a_model_is_said(
    tmp_path: Path, trained: PictureForm, asked: np.ndarray, said: str
) -> None:
    Image.fromarray(asked).save(tmp_path / "a.png")
    shape = trained.row_shape(6, 5)
    schema = InputSchema("image", shape, trained.dtype.name, 0.0, 1.0, pictures=trained)
    with pytest.warns(DataWarning, match=f"^1 image {said}.*(a.png)"):
        read_rows(tmp_path / "a.png", schema)


@changed
def test_transparent_means_white(tmp_path: Path) -> None:
    Image.new("RGBA", (5, 6), (0, 0, 0, 0)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_rows(tmp_path, IMAGE)[0][0], np.full((6, 5), 16))


def test_colour_stays_where_the_model_sees_colour(tmp_path: Path) -> None:
    Image.new("RGB", (5, 6), (255, 0, 127)).save(tmp_path / "a.png")
    rows, _ = read_rows(tmp_path, InputSchema("image", (3, 6, 5), "uint8", 0.0, 255.0))
    assert rows.shape == (1, 3, 6, 5)
    assert rows[0, :, 0, 0].tolist() == [255, 0, 127]


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nxxxx"])
def test_a_picture_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert "must be a PNG, JPEG" in refusal(tmp_path / "a.png", IMAGE)
    assert "1 file that cannot be read (a.png: " in refusal(tmp_path, IMAGE)


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    Image.new("1", (9_500, 9_500)).save(tmp_path / "a.png")
    assert "it has 9,500 x 9,500 pixels" in refusal(tmp_path / "a.png", IMAGE)


def test_what_cannot_be_read_in_a_folder_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "deeper").mkdir()
    draw(tmp_path / "deeper" / "b.png", np.zeros((6, 5), np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.warns(DataWarning) as said:
        rows, names = read_rows(tmp_path, IMAGE)
    assert (len(rows), names) == (1, ["deeper/b.png"])
    assert [str(one.message) for one in said] == [
        "left out: 1 file of another format (notes.txt)",
        "left out: 1 file that cannot be read (a.png: it is of another format, or damaged)",
    ]


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp", "pgm"])
@pytest.mark.parametrize("is_named", [True, False])
def test_one_picture_of_any_format_is_a_row(tmp_path: Path, suffix: str, is_named: bool) -> None:
    path = tmp_path / f"a.{suffix}"
    draw(path, np.full((6, 5), 255, np.uint8))
    if not is_named:
        path = path.rename(tmp_path / "picture")
    rows, names = read_rows(path, IMAGE)
    assert names == [path.name]
    np.testing.assert_array_equal(rows, np.full((1, 6, 5), 16))


def test_a_name_that_is_no_text_is_told_as_text(tmp_path: Path) -> None:
    draw(tmp_path / "\udcff.png", np.zeros((6, 5), np.uint8))
    assert read_rows(tmp_path, IMAGE)[1] == [r"\xff.png"]


@changed
def test_a_picture_is_read_as_those_of_the_training(tmp_path: Path) -> None:
    form = PictureForm(colour=False, alpha=True, bits=16)
    schema = InputSchema("image", (2, 6, 5), "uint16", 100.0, 130.0, pictures=form)
    Image.new("RGBA", (5, 6), (255, 0, 0, 51)).save(tmp_path / "a.png")
    red = round(0.299 * 255 * 257)
    rows, _ = read_rows(tmp_path / "a.png", schema)
    assert rows[0, :, 0, 0].tolist() == [red, 51 * 257]
    inverted, _ = read_rows(tmp_path / "a.png", schema, invert=True)
    assert inverted[0, :, 0, 0].tolist() == [65_535 - red, 51 * 257]


@pytest.mark.parametrize(
    ("dtype", "low", "high", "pixels", "values"),
    [
        ("uint8", 100, 130, [100, 130], [100, 130]),
        ("float32", 10, 200, [0, 51], [0, 51]),
        ("float64", 0.2, 0.6, [51, 255], [0.2, 1]),
        ("uint16", 0, 4_000, [7, 4_000], [7, 4_000]),
        ("uint8", 0, 16, [0, 255], [0, 16]),
        ("float32", -1, 1, [0, 255], [-1, 1]),
    ],
)
def test_a_model_of_arrays_takes_pictures_for_what_they_are(
    tmp_path: Path, dtype: str, low: float, high: float, pixels: list[int], values: list[float]
) -> None:
    stored = np.uint16 if dtype == "uint16" else np.uint8
    for name, pixel in zip("ab", pixels, strict=True):
        Image.fromarray(np.full((6, 5), pixel, stored)).save(tmp_path / f"{name}.png")
    rows, _ = read_rows(tmp_path, InputSchema("image", (6, 5), dtype, low, high))
    assert rows.dtype == dtype
    np.testing.assert_allclose(rows[:, 0, 0], values, rtol=1e-6)


@changed
@pytest.mark.parametrize("has_form", [True, False])
def test_a_bundle_of_before_reads_pictures_as_its_training_did(
    tmp_path: Path, has_form: bool
) -> None:
    schema = InputSchema("image", (3, 6, 5), "uint8", 100.0, 130.0, ignored=("class",)).to_json()
    assert InputSchema.from_json(schema).pictures is None, "arrays may have a target called class"
    del schema["pictures"]
    if has_form:
        schema["pictures"] = PictureForm(colour=True).to_json()
    Image.new("RGBA", (5, 6), (110, 120, 130, 0)).save(tmp_path / "a.png")
    rows, _ = read_rows(tmp_path, InputSchema.from_json(schema))
    assert rows[0, :, 0, 0].tolist() == ([255, 255, 255] if has_form else [110, 120, 130])


@changed
@pytest.mark.parametrize(("bits", "white"), [(8, 255), (16, 65_535)])
def test_what_is_half_transparent_is_half_white(tmp_path: Path, bits: int, white: int) -> None:
    form = PictureForm(colour=False, bits=bits)  # type: ignore[arg-type]
    schema = InputSchema("image", (6, 5), form.dtype.name, 0.0, 1.0, pictures=form)
    Image.new("LA", (5, 6), (51, 51)).save(tmp_path / "a.png")
    rows, _ = read_rows(tmp_path / "a.png", schema)
    assert (rows == round(white * (0.2 * 0.2 + 0.8))).all()


def test_images_for_a_model_of_rows_are_refused(tmp_path: Path) -> None:
    assert "images need a model for images" in refusal(tmp_path)


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    assert "there are none" in refusal(tmp_path, IMAGE)


def test_only_images_can_be_inverted(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", X)
    with pytest.raises(DataError, match="only images can be inverted"):
        read_rows(tmp_path / "a.npy", VECTOR, invert=True)
