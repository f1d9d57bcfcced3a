"""A bundle that is altered, truncated, too new, or lies about itself is refused in one line."""

from __future__ import annotations

import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automl.bundle.archive import copy_bundle
from automl.bundle.find import open_bundle
from automl.bundle.model import load_model
from automl.data.preprocess.standardise import PreprocessingSettings
from automl.errors import BundleError

MakeBundle = Callable[..., Path]
Tamper = Callable[[Path, Callable[[dict[str, Any]], None]], Path]


def refusal(source: Path) -> str:
    with pytest.raises(BundleError) as error:
        load_model(source)
    text = str(error.value)
    assert len(text.splitlines()) == 1
    assert len(text) < 500
    return text


@pytest.mark.parametrize("name", ["model.safetensors", "MODEL_CARD.md"])
def test_a_changed_file_is_refused(make_bundle: MakeBundle, name: str) -> None:
    path = make_bundle() / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert "was altered or truncated" in refusal(path.parent)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_truncated_weights_are_refused(make_bundle: MakeBundle, share: float) -> None:
    path = make_bundle() / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "was altered or truncated" in refusal(path.parent)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_model_json_is_refused(make_bundle: MakeBundle, share: float) -> None:
    path = make_bundle() / "model.json"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "must be JSON" in refusal(path.parent)


def test_a_missing_file_is_refused(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    (bundle / "model.safetensors").unlink()
    assert "is missing" in refusal(bundle)


def test_a_newer_format_says_upgrade(make_bundle: MakeBundle, tamper: Tamper) -> None:
    bundle = tamper(make_bundle(), lambda info: info.update(format=4))
    assert "`format <= 3` must hold, but got 4" in refusal(bundle)


def test_a_file_outside_the_bundle_is_refused(make_bundle: MakeBundle) -> None:
    path = make_bundle() / "model.json"
    info = json.loads(path.read_text())
    info["files"]["../../secret"] = "0"
    path.write_text(json.dumps(info))
    assert "must be plain file names" in refusal(path.parent)


def nested(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(info: dict[str, Any]) -> None:
        node: Any = info
        *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
        for parent in parents:
            node = node[parent]
        node[last] = value

    return edit


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("recipe.model.width", 33, "weights must fit the architecture"),
        ("recipe.model.depth", 0, "weights must fit the architecture"),
        ("recipe.model.normalisation", "batch", "weights must fit the architecture"),
        ("task.classes", [1, 2, 3, 4], "weights must fit the architecture"),
        ("task.classes", [1], "two classes or more"),
        ("task.classes", [1, None, 2], "class names must be"),
        ("task.kind", "telepathy", "telepathy"),
        ("recipe.family", "oracle", "unknown family 'oracle'"),
        ("recipe.model.width", "wide", "must be a whole number"),
        ("recipe.model.width", 10**9, "must hold"),
        ("preprocessing.shape", [5], "cannot become"),
        ("preprocessing.shape", [-4], "positive whole numbers"),
        ("preprocessing.mean", [0.0], "mean and scale must fit"),
        ("preprocessing.scale", [1.0, 0.0, 1.0, 1.0], "scale positive"),
        ("preprocessing.scale", "wide", "could not convert"),
        ("input.shape", [5], "input.shape must be"),
        ("target", [0.0, 0.0], "scale must be positive"),
        ("target", [0.0], "not enough values"),
        ("input.dtype", "telepathy", "telepathy"),
        ("input.pictures", {"colour": True, "alpha": False, "bits": 8}, "input.pictures must be"),
        ("input.pictures", {"colour": True, "alpha": False}, "'bits' is missing"),
        ("input.pictures", {"colour": 1, "alpha": False, "bits": 8}, "pictures must be colour or"),
        ("input.pictures", "png", "must be"),
    ],
)
def test_a_model_json_that_lies_is_refused(
    make_bundle: MakeBundle, tamper: Tamper, path: str, value: Any, reason: str
) -> None:
    bundle = tamper(make_bundle(width=8), nested(path, value))
    assert reason in refusal(bundle)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("input.columns", [{"name": "a", "kind": "number", "categories": []}], "columns of a"),
        ("input.columns", [{"name": "a", "kind": "number"}], "'categories' is missing"),
        ("input.columns.0.kind", "telepathy", "must have names and kinds"),
        ("input.columns.0.name", 7, "must have names and kinds"),
        ("input.columns.1.categories", [1, 2, 3, 4], "must have names and kinds"),
        ("input.columns.4.categories", ["a"], "must have a code a category"),
        ("input.shape", [5], "input.shape must be"),
        ("preprocessing.kind", "telepathy", "is missing or unknown"),
        ("preprocessing.kind", "vector", "is missing or unknown"),
        ("preprocessing.fills", [], "must be one finite number a column"),
        ("preprocessing.fills", [[0.0]], "must be one finite number a column"),
        ("preprocessing.fills.0", 1e999, "no number"),
        ("preprocessing.scaled.0", 7, "must be columns from 0 to 6"),
        ("preprocessing.scaled.0", -1, "must be columns from 0 to 6"),
        ("preprocessing.scaled.0", 2**70, "too large"),
        ("preprocessing.scaled", [], "with a finite number for each"),
        ("preprocessing.means", "wide", "could not convert"),
        ("preprocessing.scales.0", 0.0, "scales: must be positive"),
        ("preprocessing.periods.0", -1.0, "periods: must be positive"),
        ("preprocessing.places.0", -1, "places: must not be negative"),
        ("preprocessing.missing.0", 7, "must be columns from 0 to 6"),
        ("preprocessing.one_hot.0", 7, "must be columns from 0 to 6"),
        ("preprocessing.ranked.0.0", 7, "must be columns from 0 to 6"),
        ("preprocessing.ranked.0.0", "age", "must be columns from 0 to 6"),
        ("preprocessing.ranked.0.1.0", 1e9, "must have ascending values"),
        ("preprocessing.ranked.0.2.0", 1e9, "must have ascending values"),
        ("preprocessing.ranked.0.1", [1.0], "must have ascending values"),
        ("preprocessing.ranked.0", [0], "not enough values"),
        ("preprocessing.embedded.0.0", 7, "must be columns from 0 to 6"),
        ("preprocessing.embedded.0.1.0", 10**9, "must have codes from 0"),
        ("preprocessing.embedded.0.1.0", -1, "must have codes from 0"),
        ("preprocessing.embedded.0.1.40", 1, "and 0 at the end"),
        ("preprocessing.embedded", [], "weights must fit"),
        ("preprocessing.missing", [], "weights must fit"),
        ("recipe.preprocessing.numeric", "telepathy", "unknown preprocessing.numeric"),
        ("recipe.preprocessing.embed_above", 0, "must hold"),
    ],
)
def test_a_model_json_that_lies_about_a_table_is_refused(
    make_bundle: MakeBundle, tamper: Tamper, path: str, value: Any, reason: str
) -> None:
    bundle = make_bundle(kind="table", settings=PreprocessingSettings("quantile"))
    assert reason in refusal(tamper(bundle, nested(path, value)))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("preprocessing.pieces.0", 7, "must be columns from 0 to 6"),
        ("preprocessing.lows", [], "with a finite number for each"),
        ("preprocessing.highs.0", -1e9, "highs: must be above lows"),
    ],
)
def test_a_model_json_that_lies_about_pieces_is_refused(
    make_bundle: MakeBundle, tamper: Tamper, path: str, value: Any, reason: str
) -> None:
    bundle = make_bundle(kind="table", settings=PreprocessingSettings("piecewise"))
    assert reason in refusal(tamper(bundle, nested(path, value)))


@pytest.mark.parametrize("field", ["task", "recipe", "preprocessing", "files", "input", "format"])
@pytest.mark.parametrize("value", [None, 7, "text", []])
def test_a_field_of_another_type_is_refused(
    make_bundle: MakeBundle, field: str, value: Any
) -> None:
    path = make_bundle() / "model.json"
    info = json.loads(path.read_text()) | {field: value}
    path.write_text(json.dumps(info))
    refusal(path.parent)


def test_nan_in_model_json_is_refused(make_bundle: MakeBundle) -> None:
    path = make_bundle() / "model.json"
    path.write_text(path.read_text().replace('"valid": 0.5', '"valid": NaN'))
    assert "NaN is no number" in refusal(path.parent)


def test_an_architecture_of_a_terabyte_takes_no_memory(
    make_bundle: MakeBundle, tamper: Tamper
) -> None:
    def edit(info: dict[str, Any]) -> None:
        info["recipe"]["model"].update(width=65_536, depth=64)

    assert "weights must fit the architecture" in refusal(tamper(make_bundle(), edit))


@pytest.mark.parametrize(
    "header", [2**63, 2**31, 200_000_000], ids=["most", "beyond the file", "oversize"]
)
def test_a_safetensors_header_that_claims_too_much_is_refused(
    make_bundle: MakeBundle, tamper: Tamper, header: int
) -> None:
    bundle = make_bundle()
    (bundle / "model.safetensors").write_bytes(struct.pack("<Q", header) + b"{}" + b" " * 100)
    assert "eader" in refusal(tamper(bundle, lambda info: None))


def test_a_pickle_in_place_of_the_weights_is_refused(
    make_bundle: MakeBundle, tamper: Tamper
) -> None:
    import torch

    bundle = make_bundle()
    torch.save({"a": torch.zeros(3)}, bundle / "model.safetensors")
    refusal(tamper(bundle, lambda info: None))


def test_a_folder_that_is_no_bundle_says_what_was_looked_for(tmp_path: Path) -> None:
    assert "neither a study" in refusal(tmp_path)
    assert "neither a study" in refusal(tmp_path / "nowhere")


@pytest.fixture
def packed(make_bundle: MakeBundle, tmp_path: Path) -> Path:
    copy_bundle(make_bundle(), tmp_path / "made.zip")
    return tmp_path / "made.zip"


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK not really")
    assert "must be a zip of a bundle" in refusal(tmp_path / "a.zip")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "has no model.json" in refusal(tmp_path / "a.zip")


@pytest.mark.parametrize("cut", [10, 2_000])
def test_a_truncated_zip_is_refused(packed: Path, cut: int) -> None:
    packed.write_bytes(packed.read_bytes()[:-cut])
    assert "must be a zip of a bundle" in refusal(packed)


def test_a_zip_with_a_changed_byte_is_refused(packed: Path) -> None:
    content = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as archive:
        offset = archive.getinfo("model.safetensors").header_offset
    content[offset + 200] ^= 1
    packed.write_bytes(content)
    text = refusal(packed)
    assert str(packed) in text
    assert "automl-" not in text  # not the temporary folder


@pytest.mark.parametrize("name", ["../model.json", "/model.json", "a/../../model.json"])
def test_a_zip_whose_names_leave_it_is_refused(packed: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(name, "{}")
    assert "names must stay inside the zip" in refusal(packed)
    assert not (tmp_path.parent / "model.json").exists()


def test_a_zip_with_a_file_twice_is_refused(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of Python, that the name is there already
        archive.writestr("model.json", "{}")
    assert "twice" in refusal(packed)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(packed: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", "{}")
        archive.writestr("model.safetensors", bytes(50_000_000))
    assert "a zip bomb?" in refusal(bomb)


def test_other_files_in_a_zip_are_left_there(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("notes.txt", "mine")
    load_model(packed)
    with open_bundle(packed) as folder:
        assert not (folder / "notes.txt").exists()


def test_a_zip_may_hold_the_bundle_in_a_folder(packed: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(again, "w") as archive:
        for name in source.namelist():
            archive.writestr(f"mnist/{name}", source.read(name))
    load_model(again)


def test_the_same_bundle_makes_the_same_zip(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = make_bundle()
    for name in ("a.zip", "b.zip"):
        copy_bundle(bundle, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_copying_never_overwrites_a_folder_with_something_in_it(
    make_bundle: MakeBundle, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    with pytest.raises(BundleError, match="new or empty"):
        copy_bundle(make_bundle(), tmp_path / "full")
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["mine"]
    assert not list(tmp_path.glob(".*partial"))
