"""Whoever looks at a bundle sees the previous one or the new one, whole."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_rows import make_rows

from automl.bundle import switch
from automl.bundle.format import read_info, sha256
from automl.bundle.model import load_model
from automl.bundle.save import OnnxFile, add_onnx

MakeBundle = Callable[..., Path]

ROWS = make_rows("vector")

PUBLISH = """
import sys
from pathlib import Path
from automl.bundle.format import read_info
from automl.bundle.save import replace_bundle

link, weights = map(Path, sys.argv[1:])
fields = read_info(link)
count = fields["training"].get("count", 0)
while True:
    count += 1
    fields["training"]["count"] = count
    print(count, flush=True)
    replace_bundle(link, [weights], fields)
"""


def test_a_writer_killed_at_any_moment_leaves_the_previous_bundle_or_the_new_one(
    make_bundle: MakeBundle, tmp_path: Path
) -> None:
    link = make_bundle(width=300)
    draw = random.Random(0)
    kills = 24
    for _ in range(kills):
        before = read_info(link)["training"].get("count", 0)
        with subprocess.Popen(
            [sys.executable, "-c", PUBLISH, str(link), str(tmp_path / "made.safetensors")],
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            lines = draw.randint(1, 6)
            begun = [int(writer.stdout.readline()) for _ in range(lines)][-1]
            # Somewhere in the writing of a bundle: a spin without a clock, of a random length.
            for _ in range(draw.randint(0, 100_000)):
                pass
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split()
        last = int(rest[-1]) if rest else begun
        found = read_info(link)["training"].get("count", 0)  # raises unless it is whole
        assert found in (last - 1, last)
        assert found >= before
    load_model(link)


def test_leftovers_of_killed_writers_are_removed_by_the_next(make_bundle: MakeBundle) -> None:
    place = make_bundle()
    home = place.parent / ".best"
    (home / "0123456789abcdef").mkdir(parents=True)
    (home / "0123456789abcdef" / "model.safetensors").write_bytes(b"half")
    (place.parent / ".best.next").symlink_to("nowhere")
    make_bundle(seed=1)
    assert {p.name for p in place.parent.iterdir()} == {"best"}


def test_a_saved_bundle_is_a_folder_that_can_be_copied_and_packed(
    make_bundle: MakeBundle, tmp_path: Path
) -> None:
    place = make_bundle()
    assert not place.is_symlink()
    for copied in ("cp -r best ../model", "tar cf ../b.tar best; cd ..; tar xf b.tar; mv best tar"):
        subprocess.run(["bash", "-c", copied], cwd=place.parent, check=True)
    for folder in (place.parent.parent / "model", place.parent.parent / "tar"):
        assert {p.name for p in folder.iterdir()} == {p.name for p in place.iterdir()}
        load_model(folder)


def test_a_link_of_an_earlier_version_becomes_a_folder(make_bundle: MakeBundle) -> None:
    place = make_bundle()
    hidden = place.parent / ".best" / "0123456789abcdef"
    hidden.parent.mkdir()
    place.rename(hidden)
    place.symlink_to(Path(".best") / hidden.name)
    load_model(place)
    make_bundle(seed=1)
    assert not place.is_symlink()
    assert {p.name for p in place.parent.iterdir()} == {"best"}
    load_model(place)


def test_where_folders_cannot_be_exchanged_a_killed_writer_loses_nothing(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch, "exchange", lambda one, other: False)
    place = make_bundle()
    first = load_model(place).predict_proba(ROWS).tolist()
    make_bundle(seed=1)
    second = load_model(place).predict_proba(ROWS).tolist()
    assert second != first
    assert {p.name for p in place.parent.iterdir()} == {"best"}
    place.rename(switch.new_folder(place) / "x")  # killed after the first of two renames
    aside = place.parent / ".best"
    (next(aside.glob("*/x"))).rename(aside / "aside")
    assert load_model(place).predict_proba(ROWS).tolist() == second
    make_bundle(seed=2)
    assert {p.name for p in place.parent.iterdir()} == {"best"}


def test_model_json_has_everything_and_every_files_checksum(make_bundle: MakeBundle) -> None:
    link = make_bundle("binary", width=7)
    info = json.loads((link / "model.json").read_text())
    assert info["recipe"]["family"] == "mlp"
    assert info["recipe"]["model"]["width"] == 7
    assert info["recipe"]["optimizer"]["name"]
    assert info["task"] == {"kind": "binary", "classes": ["no", "yes"], "n_targets": 1}
    assert info["input"]["shape"] == [4]
    assert info["input"]["dtype"] == "float64"
    assert len(info["preprocessing"]["mean"]) == 4
    assert info["versions"].keys() == {"python", "automl", "torch", "numpy"}
    assert info["fingerprint"]
    assert info["training"]["seed"] == 0
    assert info["scores"]["valid"] == 0.5
    files = {p.name: sha256(p) for p in link.iterdir() if p.name != "model.json"}
    assert info["files"] == files


def test_adding_onnx_keeps_all_else(make_bundle: MakeBundle, tmp_path: Path) -> None:
    link = make_bundle()
    before = read_info(link)
    (tmp_path / "some.onnx").write_bytes(b"onnx")
    facts = {
        "input": "rows",
        "input_dtype": "float32",
        "output": "probabilities",
        "rows": 5,
        "largest_difference": 1e-7,
        "tolerance": 1e-4,
    }
    add_onnx(link, OnnxFile(str(tmp_path / "some.onnx"), facts))
    after = read_info(link)
    assert after["onnx"] == facts
    assert "1e-07" in (link / "MODEL_CARD.md").read_text()
    same = before.keys() - {"files", "onnx"}
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert after["files"]["model.safetensors"] == before["files"]["model.safetensors"]


def test_a_bundle_holds_no_pickle(make_bundle: MakeBundle) -> None:
    import pickle

    for path in make_bundle().iterdir():
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it says of other bytes
            pickle.loads(path.read_bytes())
