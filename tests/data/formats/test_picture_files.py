"""Which files below a folder are pictures: by name or content, through links, and never twice."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image

from automl.data.formats.picture_files import LeftOut, find_pictures


def draw(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (2, 2)).save(path, "PNG")


def found(folder: Path) -> tuple[list[str], tuple[str, ...]]:
    left_out = LeftOut(folder)
    paths = find_pictures(folder, left_out)
    return [path.relative_to(folder).as_posix() for path in paths], left_out.sentences()


def test_folder_by_folder_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/1", "a/x/2.png", "a/10.png", "a/9.png", "a-b/1.png"):
        draw(tmp_path / name)
    names = ["a/10.png", "a/9.png", "a/x/2.png", "a-b/1.png", "b/1"]
    assert found(tmp_path) == (names, ())


def test_links_are_followed_once(tmp_path: Path) -> None:
    draw(tmp_path / "elsewhere" / "1.png")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(inside)
    (inside / "1.png").symlink_to(tmp_path / "elsewhere" / "1.png")
    assert found(inside) == (["1.png", "a/1.png"], ())


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.png")
    assert found(tmp_path) == (
        [],
        (
            "left out: 1 file that cannot be read (gone.png: No such file or directory)",
            "left out: 1 file of another format (pipe.png)",
        ),
    )


def test_a_table_is_no_picture_however_it_begins(tmp_path: Path) -> None:
    for i, text in enumerate(["BMI,age\n1,2\n", "P5,P6\n1,2\n", "GIF,b\n1,2\n", "II*,c\n", ""]):
        (tmp_path / f"{i}.csv").write_text(text)
    names, (sentence,) = found(tmp_path)
    assert names == []
    assert sentence == "left out: 5 files of another format (0.csv, 1.csv, 2.csv, ...)"
