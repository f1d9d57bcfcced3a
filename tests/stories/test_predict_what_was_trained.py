"""What a study's own files predict is what the search saw: by command, in Python and by ONNX."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from commands import SMALL, Ran
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import automl
from automl.bundle.inputs.images import read_images
from automl.bundle.inputs.schema import InputSchema
from automl.data.load import load
from automl.study.view import read_study

Cli = Callable[..., Ran]
Save = Callable[[np.ndarray, Path], None]

SIDE = 8


def save_plain(grey: np.ndarray, path: Path) -> None:
    Image.fromarray(grey).save(path.with_suffix(".png"))


def save_dim(grey: np.ndarray, path: Path) -> None:
    save_plain(100 + grey // 8, path)


def save_faint(grey: np.ndarray, path: Path) -> None:
    """Save 12 bits in a file of 16, as cameras and scanners do."""
    Image.fromarray(grey.astype(np.uint16) * 16).save(path.with_suffix(".png"))


def save_see_through(grey: np.ndarray, path: Path) -> None:
    """Save a white shape, or a black one, on nothing at all."""
    shade = 255 * (int(path.name) % 2)
    pixels = np.full((*grey.shape, 4), shade, np.uint8)
    pixels[..., 3] = grey
    Image.fromarray(pixels).save(path.with_suffix(".webp"), lossless=True, exact=True)


def save_palette(grey: np.ndarray, path: Path) -> None:
    Image.fromarray(np.stack([grey, 255 - grey, grey // 2], axis=2)).quantize(16).save(
        path.with_suffix(".gif")
    )


def save_turned(grey: np.ndarray, path: Path) -> None:
    """Save every second picture as a camera does that was held upright."""
    upright = np.ascontiguousarray(grey[:, : SIDE - 2])
    tag = Image.Exif()
    if int(path.name) % 2:
        tag[0x0112] = 6
        upright = np.ascontiguousarray(np.rot90(upright))
    Image.fromarray(upright).convert("RGB").save(path.with_suffix(".jpg"), exif=tag)


KINDS: dict[str, Save] = {
    "plain": save_plain,
    "dim": save_dim,
    "faint": save_faint,
    "see-through": save_see_through,
    "palette": save_palette,
    "turned": save_turned,
}


READ = {
    **dict.fromkeys(("plain", "dim"), "read from pictures in grey of 8 bits"),
    "faint": "read from pictures in grey of 16 bits",
    "see-through": "read from pictures in grey and alpha of 8 bits",
    **dict.fromkeys(("palette", "turned"), "read from pictures in red, green and blue of 8 bits"),
}
"""What the model says of the pictures."""


def draw(folder: Path, save: Save) -> None:
    """Draw shapes that lie to the left or to the right, some of them in folders of their own."""
    random = np.random.RandomState(0)
    for label, shift in (("left", 0), ("right", 3)):
        for i in range(15):
            grey = np.zeros((SIDE, SIDE), np.uint8)
            top = random.randint(1, 4)
            grey[top : top + 4, shift : shift + 3] = random.randint(200, 256, (4, 3))
            inner = folder / label / ("more" if i % 5 == 0 else "")
            inner.mkdir(parents=True, exist_ok=True)
            save(grey, inner / str(i))


@pytest.mark.parametrize("kind", KINDS)
def test_pictures(cli: Cli, own_machine: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(own_machine)
    draw(Path(kind), KINDS[kind])
    ran = cli("search", "--dataset", kind, "--trials", "1", "--family", "mlp", *SMALL, "--onnx")
    assert (ran.code, ran.err) == (0, "")

    model = automl.load_model(kind)
    dataset = load(kind)
    assert model.inputs.pictures == dataset.pictures
    assert READ[kind] in cli("best", kind).out
    rows, names = read_images(Path(kind), model.inputs)
    seen = [dataset.train.X, dataset.valid.X, dataset.test.X]
    assert sorted(row.tobytes() for part in seen for row in part) == sorted(map(bytes, rows))
    assert len(np.unique(rows)) > 2, "something is to be seen"

    labels = model.predict(rows)
    told = cli("predict", kind, kind)
    assert (told.code, told.err) == (0, "")
    lines = [f"{name},{label}" for name, label in zip(names, labels, strict=True)]
    assert told.out.splitlines() == ["file,prediction", *lines]
    paths = [Path(kind, name) for name in names]
    np.testing.assert_array_equal(model.predict(paths), labels)
    np.testing.assert_array_equal(model.predict(kind), labels)
    proba = model.predict_proba(rows)
    with ExitStack() as stack:
        images = [stack.enter_context(Image.open(path)) for path in paths]
        np.testing.assert_array_equal(model.predict_proba(images), proba)
        np.testing.assert_array_equal(model.predict_proba(images[0]), proba[:1])
    one = cli("predict", kind, str(paths[3]), "--proba").out.splitlines()[1].split(",")
    assert one[0] == paths[3].name
    np.testing.assert_allclose(np.array(one[1:], float), proba[3], atol=1e-6)

    record = read_study(kind).records[0]
    valid = dataset.valid
    assert model.score(valid.X, model.classes_[valid.y]) == record.valid_score
    session = onnxruntime.InferenceSession(f"studies/{kind}/best/model.onnx")
    (found,) = session.run(None, {"rows": rows.astype(model.info["onnx"]["input_dtype"])})
    np.testing.assert_allclose(found, proba, atol=1e-5)


def test_colour_images_with_channels_last(
    cli: Cli, own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_machine)
    random, y = np.random.RandomState(0), np.arange(40) % 2
    X = random.randint(0, 60, (40, SIDE, SIDE, 3)).astype(np.uint8)
    X[y == 1, : SIDE // 2, :, 0] += 150
    np.savez("colour.npz", X=X, y=y)
    np.save("X.npy", X)
    ran = cli("search", "--dataset", "colour.npz", "--trials", "1", "--family", "mlp", *SMALL)
    assert (ran.code, ran.err) == (0, "")
    model = automl.load_model("colour")
    expected = model.predict_proba(np.moveaxis(X, 3, 1))
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    lines = cli("predict", "colour", "X.npy", "--proba").out.splitlines()[1:]
    told = np.array([line.split(",") for line in lines], float)
    np.testing.assert_allclose(told, expected, atol=1e-6)


FILES = st.lists(
    st.tuples(
        st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"]),
        st.sampled_from(["png", "jpg", "gif", "bmp", "tif", "webp"]),
        st.sampled_from([(6, 4), (6, 4), (4, 6), (3, 9)]),
        st.integers(1, 8),
        st.sampled_from(["", "deeper", "deeper/still"]),
    ),
    min_size=4,
    max_size=10,
)
"""Pictures of every kind: mode, format, size, how the camera was held, and folder."""


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, seed=st.integers(0, 99))
def test_any_folder_is_read_for_a_prediction_as_for_a_training(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[Any, ...]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    random = np.random.RandomState(seed)
    for i, (mode, suffix, (width, height), held, inner) in enumerate(files):
        path = folder / "ab"[i % 2] / inner / f"{i}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = random.randint(0, 256, (height, width, 4)).astype(np.uint8)
        picture = Image.fromarray(pixels).convert("RGBA" if mode == "I;16" else mode)
        if mode == "I;16":
            picture = Image.fromarray(pixels[..., 0].astype(np.uint16) * 200)
        tag = Image.Exif()
        tag[0x0112] = held
        try:
            picture.save(path, exif=tag)
        except (OSError, ValueError):  # the format lacks the mode
            Image.fromarray(pixels[..., 0]).save(path)
    dataset = load(str(folder))
    parts = [dataset.train.X, dataset.valid.X, dataset.test.X]
    assert sum(map(len, parts)) == len(files)
    schema = InputSchema.measure(dataset.train.X, "image", pictures=dataset.pictures)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", automl.DataWarning)  # on those that are resized
        rows, names = read_images(folder, InputSchema.from_json(schema.to_json()))
    assert len(names) == len(files)
    assert sorted(row.tobytes() for part in parts for row in part) == sorted(map(bytes, rows))
