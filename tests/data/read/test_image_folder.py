"""Folders of images: what is read, how it is split, and what is said of what is not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import automl
from automl.data.dataset import Dataset
from automl.data.formats.pictures import PictureForm
from automl.data.load import load
from automl.data.options import DataOptions
from automl.errors import ConfigError, DataError


def draw(path: Path, value: int = 7, mode: str = "L", size: tuple[int, int] = (5, 6)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, value).convert(mode).save(path)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for label in ("cat", "dog"):
        for i in range(5):
            draw(tmp_path / "pets" / label / f"{i}.png")
    return tmp_path / "pets"


def total(dataset: Dataset) -> int:
    return len(dataset.train) + len(dataset.valid) + len(dataset.test)


def test_images_in_deeper_folders_and_of_other_formats_belong_to_the_class(pets: Path) -> None:
    draw(pets / "cat" / "2024" / "may" / "0.png")
    for suffix in ("bmp", "tif", "gif", "JPG", "webp"):
        draw(pets / "eel" / "2024" / f"0.{suffix}")
    (pets / "eel" / "2024" / "0.bmp").rename(pets / "eel" / "no-suffix")
    dataset = load(str(pets))
    assert dataset.task.classes == ("cat", "dog", "eel")
    assert total(dataset) == 16
    assert dataset.notes == ()


def left_no_image(pets: Path) -> None:
    (pets / "dog" / "readme.txt").write_text("no image")
    (pets / "cat" / "labels.csv").write_text("BMI,age\n1,2\n")


def left_hidden(pets: Path) -> None:
    draw(pets / "cat" / "._0.png")
    draw(pets / ".thumbnails" / "1.png")


def left_damaged(pets: Path) -> None:
    whole = (pets / "cat" / "0.png").read_bytes()
    (pets / "cat" / "9.png").write_bytes(whole[:-30])


def left_beside(pets: Path) -> None:
    for i in range(4):
        draw(pets / f"{i}.png")


def left_empty(pets: Path) -> None:
    (pets / "eel").mkdir()


def left_frames(pets: Path) -> None:
    frames = [Image.new("L", (5, 6), value) for value in (1, 2)]
    frames[0].save(pets / "cat" / "0.gif", save_all=True, append_images=frames[1:])


def left_size(pets: Path) -> None:
    draw(pets / "cat" / "9.png", size=(50, 10))


def left_bits(pets: Path) -> None:
    for path in [*pets.rglob("[1-4].png"), pets / "cat" / "9.png"]:
        Image.fromarray(np.full((6, 5), 4_000, np.uint16)).save(path)


def left_wide_colour(pets: Path) -> None:
    """Write 16 bits of colour, which Pillow cannot: a filter's 0, and three values a pixel."""
    rows = (b"\0" + bytes(range(30))) * 6
    parts = {b"IHDR": struct.pack(">IIBBBBB", 5, 6, 16, 2, 0, 0, 0), b"IDAT": zlib.compress(rows)}
    (pets / "cat" / "9.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
            for name, content in {**parts, b"IEND": b""}.items()
        )
    )


@pytest.mark.parametrize(
    ("leave", "said"),
    [
        (left_no_image, "left out: 2 files of another format (cat/labels.csv, dog/readme.txt)"),
        (left_hidden, "left out: 2 hidden files or folders (.thumbnails, cat/._0.png)"),
        (left_damaged, "left out: 1 file that cannot be read (cat/9.png: "),
        (left_beside, "left out: 4 images outside of the class folders (0.png, 1.png, 2.png, ...)"),
        (left_empty, "left out: 1 class folder without an image (eel)"),
        (left_frames, "1 image of which only the first frame is used (cat/0.gif)"),
        (left_size, "1 image resized to the most frequent size, 5 wide and 6 high (cat/9.png)"),
        (left_bits, "2 images of 8 bits, read as of 16: "),
        (left_wide_colour, "1 image of 16 bits, of which only the upper 8 are used (cat/9.png)"),
    ],
)
def test_what_is_not_used_as_it_is_is_counted_and_named(
    pets: Path, leave: Callable[[Path], None], said: str
) -> None:
    leave(pets)
    dataset = load(str(pets))
    (note,) = dataset.notes
    assert note.startswith(said)
    assert total(dataset) == 10 + said[0].isdigit()
    assert dataset.train.X.shape[-2:] == (6, 5)


def test_grey_is_grey_in_lossy_formats(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(5):
            grey = Image.fromarray(random.randint(0, 256, (20, 20)).astype(np.uint8))
            grey.save(tmp_path / label / f"{i}.webp", quality=50)
    assert load(str(tmp_path)).train.X.shape[1:] == (20, 20)


@pytest.mark.parametrize("valid", ["val", "Valid", "validation"])
@pytest.mark.parametrize("has_test", [True, False])
def test_a_validation_folder_validates(tmp_path: Path, valid: str, has_test: bool) -> None:
    for split, value in {"train": 1, valid: 2, **({"test": 3} if has_test else {})}.items():
        for label in "ab":
            for i in range(5):
                draw(tmp_path / split / label / f"{i}.png", value)
    dataset = load(str(tmp_path))
    assert (dataset.valid.X == 2).all()
    assert np.bincount(dataset.valid.y).tolist() == [5, 5]
    assert (dataset.train.X == 1).all()
    assert ((3 if has_test else 1) == dataset.test.X).all()
    assert (len(dataset.train), len(dataset.test)) == ((10, 10) if has_test else (8, 2))
    inspected = automl.inspect(str(tmp_path))
    assert inspected.folds is None, "few rows as these are, they were given to validate"
    assert inspected.data.split == f"validation {'and test splits' if has_test else 'split'}: given"


def test_what_lies_beside_the_splits_is_named(pets: Path) -> None:
    for path in sorted(pets.iterdir()):
        (pets / "train").mkdir(exist_ok=True)
        path.rename(pets / "train" / path.name)
    draw(pets / "unlabelled" / "0.png")
    draw(pets / "test" / "0.png")
    dataset = load(str(pets))
    assert total(dataset) == 10
    assert dataset.notes == (
        "left out: 1 image outside of train, test (unlabelled/0.png)",
        "left out: 1 image outside of the class folders (test/0.png)",
    )


def test_train_is_a_class_among_others(pets: Path) -> None:
    (pets / "cat").rename(pets / "train")
    dataset = load(str(pets), options=DataOptions(target=("class",)))
    assert dataset.task.classes == ("dog", "train")
    assert dataset.notes[0].startswith("the folder train is read as a class; splits are folders")


def test_a_second_test_split_is_refused(pets: Path) -> None:
    for split in ("train", "test"):
        for label in "ab":
            draw(pets / split / label / "0.png")
    options = DataOptions(test_data=str(pets / "train"))
    with pytest.raises(ConfigError, match="has a test split of its own"):
        load(str(pets), options=options)


def test_a_folder_without_classes_says_what_lies_in_it(tmp_path: Path) -> None:
    draw(tmp_path / "0.png")
    with pytest.raises(DataError, match=r"has none; left out: 1 image outside .* \(0\.png\)"):
        load(str(tmp_path))


def test_one_folder_around_the_classes_is_named(pets: Path) -> None:
    with pytest.raises(DataError, match=r"but has pets; if the classes are .*/pets, name that"):
        load(str(pets.parent))


def test_names_that_are_no_text_are_told_as_one_line_of_text(
    pets: Path, one_line: Callable[[str], str]
) -> None:
    (pets / "cat").rename(pets / "cat\udcff")
    (pets / "dog" / "a\nb.txt").write_text("no image")
    dataset = load(str(pets))
    assert dataset.task.classes == (r"cat\xff", "dog")
    assert one_line(dataset.notes[0]).endswith(r"('dog/a\nb.txt')")


def test_a_picture_is_no_data_set(pets: Path) -> None:
    with pytest.raises(DataError, match="one folder a class"):
        load(str(pets / "cat" / "0.png"))


@pytest.mark.parametrize(
    ("more", "form", "pixel"),
    [
        (Image.new("L", (5, 6), 9), PictureForm(colour=False), 7),
        (Image.new("RGB", (5, 6), 9), PictureForm(colour=True), [7, 7, 7]),
        (Image.new("RGBA", (5, 6), (9, 9, 9, 255)), PictureForm(colour=True), [7, 7, 7]),
        (
            Image.new("RGBA", (5, 6), (9, 9, 9, 254)),
            PictureForm(colour=True, alpha=True),
            [7, 7, 7, 255],
        ),
        (Image.new("LA", (5, 6), (9, 0)), PictureForm(colour=False, alpha=True), [7, 255]),
        (
            Image.fromarray(np.full((6, 5), 9, np.uint16)),
            PictureForm(colour=False, bits=16),
            7 * 257,
        ),
    ],
)
def test_no_image_loses_anything_beside_others(
    pets: Path, more: Image.Image, form: PictureForm, pixel: int | list[int]
) -> None:
    more.save(pets / "cat" / "9.png")
    dataset = load(str(pets))
    assert dataset.pictures == form
    rows = np.concatenate([dataset.train.X, dataset.valid.X, dataset.test.X])
    assert rows.dtype == form.dtype
    assert sum(row[..., 0, 0].tolist() == pixel for row in rows) == 10
    assert PictureForm.from_json(form.to_json()) == form


def test_an_image_is_turned_as_its_camera_was(pets: Path) -> None:
    tag = Image.Exif()
    tag[0x0112] = 6
    Image.new("L", (6, 5), 7).save(pets / "cat" / "turned.jpg", exif=tag)
    dataset = load(str(pets))
    assert (dataset.train.X.shape[1:], dataset.notes) == ((6, 5), ())
