"""Coloured pictures in ten classes, made by this program: single trainings of start configurations.

python benchmarks/pictures.py [--size 64] [--each 100] [--epochs 30] [--seeds 2] [--sides SPACE ...]

The classes need shape, texture, colour and position: discs that are warm or cold, squares,
triangles, rings, stripes, checks, dots, and light from above or below. All are turned, moved,
scaled, and drawn on noise in random colours. Each side is the first start configuration of a
space, trained for as many epochs, and judged on the test rows; nothing is chosen by time, so that
other programs on the machine change no accuracy.

The space for pictures was developed on the pictures of ``--drawn 0``; those of 1 are for reporting.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import yaml
from PIL import Image

import automl
from automl.arrays import Array
from automl.space.file import load_space

CLASSES = (
    *("warm disc", "cold disc", "square", "triangle", "ring"),
    *("stripes", "checks", "dots", "light above", "light below"),
)
SIDES = ("cnn-picture", "cnn-small", "svm", "hog")
SHARES = (0.6, 0.8)
"""Where the training rows end, and the validation rows."""


def draw(kind: str, size: int, random: np.random.RandomState) -> Array:
    """Draw one picture of a class: ``(size, size, 3)`` of bytes."""
    v, u = np.mgrid[0:size, 0:size] / size - 0.5
    angle = random.uniform(0, 2 * np.pi)
    x, y = u - random.uniform(-0.2, 0.2), v - random.uniform(-0.2, 0.2)
    x, y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    radius = random.uniform(0.12, 0.25)
    wave = 2 * np.pi * random.uniform(4, 8)
    patch = np.hypot(x, y) < 1.5 * radius
    inside = {
        "square": np.maximum(abs(x), abs(y)) < 0.85 * radius,
        "triangle": (y > -0.6 * radius) & (y < radius - 1.7 * abs(x)),
        "ring": abs(np.hypot(x, y) - radius) < 0.3 * radius,
        "stripes": patch & (np.sin(wave * x) > 0),
        "checks": patch & (np.sin(wave * x) * np.sin(wave * y) > 0),
        "dots": patch & (np.cos(wave * x) + np.cos(wave * y) > 0.8),
    }.get(kind, np.hypot(x, y) < radius)
    fore, back = random.uniform(0.1, 0.9, (2, 3))
    if kind.endswith("disc"):
        strong, weak = random.uniform(0.6, 1), random.uniform(0, 0.35)
        fore = np.array([strong, random.uniform(0.1, 0.6), weak])
        fore = fore if kind.startswith("warm") else fore[::-1]
    picture = np.where(inside[:, :, None], fore, back)
    if kind.startswith("light"):
        picture = picture + (0.35 if kind.endswith("above") else -0.35) * -2 * v[:, :, None]
    rough = random.normal(scale=0.1, size=(size // 8 + 1, size // 8 + 1, 3)).repeat(8, 0)
    picture = (
        picture + rough.repeat(8, 1)[:size, :size] + random.normal(scale=0.06, size=(size, size, 3))
    )
    return (255 * np.clip(picture, 0, 1)).astype(np.uint8)


def make_folder(to: Path, size: int, each: int, seed: int) -> None:
    """Write a folder of pictures, split into training, validation and test rows."""
    random = np.random.RandomState(seed)
    for kind in CLASSES:
        for i in range(each):
            split = ("train", "val", "test")[sum(i >= share * each for share in SHARES)]
            folder = to / split / kind
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(draw(kind, size, random)).save(folder / f"{i}.png")


def train(space_name: str, folder: Path, epochs: int, seed: int, values: dict[str, Any]) -> Any:
    """Train a space's first start configuration; `values` replace its own."""
    space = load_space(space_name)
    nested: dict[str, Any] = {}
    for name, value in {**space.fixed, **space.start[0]}.items():
        section, _, setting = name.partition(".")
        if setting:
            nested.setdefault(section, {})[setting] = value
        else:
            nested[section] = value
    path = folder.parent / "start.yaml"
    path.write_text(yaml.safe_dump(nested))
    options: dict[str, Any] = {"epochs": epochs, "fixed": values, "seed": seed}
    return automl.train(str(path), dataset=str(folder), **options, executor="inline")


def tune(baseline: str, folder: Path, seed: int) -> Any:
    """Tune the baseline of a search whose only trial is as short as can be."""
    options: dict[str, Any] = {"family": "mlp", "trials": 1, "max_epochs": 1, "onnx": False}
    options["study"] = f"{baseline}-{seed}"  # a study that is there would be taken up
    result = automl.search(str(folder), **options, seed=seed, baselines=(baseline,))
    return result.baselines[baseline]


def main() -> None:
    """Draw the pictures, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--drawn", type=int, default=1, help="seed of the pictures")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--sides", nargs="+", default=SIDES, choices=SIDES)
    parser.add_argument("--set", nargs="*", default=[], help="model.depth=6: replaces a value")
    options = parser.parse_args()
    values = {n: yaml.safe_load(v) for n, _, v in (one.partition("=") for one in options.set)}
    print("| side | accuracy | each | processor seconds |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["AUTOML_STUDIES"] = f"{scratch}/studies"
        folder = Path(scratch) / "pictures"
        make_folder(folder, options.size, options.each, options.drawn)
        for side in options.sides:
            scores, started = [], time.process_time()
            for seed in range(options.seeds):
                is_space = side.startswith("cnn")
                found = train(side, folder, options.epochs, seed, values) if is_space else None
                found = found or tune(side, folder, seed)
                scores.append(found.test.score)
            seconds = (time.process_time() - started) / options.seeds
            each = ", ".join(f"{score:.3f}" for score in scores)
            print(f"| {side} | {fmean(scores):.3f} | {each} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
