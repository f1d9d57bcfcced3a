"""Coloured pictures in ten classes, made by this program: single trainings of start configurations.

python benchmarks/pictures.py [--size 64] [--each 100] [--epochs 30] [--seeds 2] [--sides SPACE ...]
python benchmarks/pictures.py --size 160 --each 500 --search 600 [--copies 10] [--keep DIR]

The classes need shape, texture, colour and position: discs that are warm or cold, squares,
triangles, rings, stripes, checks, dots, and light from above or below. All are turned, moved,
scaled, and drawn on noise in random colours. Each side is the first start configuration of a
space, trained for as many epochs, and judged on the test rows; nothing is chosen by time, so that
other programs on the machine change no accuracy.

With ``--search`` it is a whole search of that many seconds in place of single trainings: accuracy
on the test rows of the network, of the ensemble and of the baselines, and the greatest memory of
all its processes together (of pages that several share, each has its part). ``--copies`` names
each picture so many times, for a folder that is larger. ``--keep`` keeps folder and study, and a
second call goes on with them.

The space for pictures was developed on the pictures of ``--drawn 0``; those of 1 are for reporting.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import yaml
from PIL import Image

import automl
from automl.arrays import Array
from automl.data.load import load
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


def make_folder(to: Path, size: int, each: int, seed: int, copies: int = 1) -> None:
    """Write a folder of pictures, split into training, validation and test rows."""
    if to.exists():
        return
    random = np.random.RandomState(seed)
    for kind in CLASSES:
        for i in range(each):
            split = ("train", "val", "test")[sum(i >= share * each for share in SHARES)]
            folder = to / split / kind
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{i}.png"
            Image.fromarray(draw(kind, size, random)).save(path)
            for copy in range(1, copies):
                (folder / f"{i}-{copy}.png").hardlink_to(path)


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


def memory_of_all() -> float:
    """Return the MB of this process and all that it started."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
    family = [os.getpid()]
    for one in family:
        family += [pid for pid, parent in parents.items() if parent == one]
    total = 0
    for pid in family:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """Give a list whose only number is the greatest memory so far, in MB."""
    most, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            most[0] = max(most[0], memory_of_all())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def search(folder: Path, seconds: float, workers: int) -> None:
    """Search for so long, and print what came of it."""
    started = time.perf_counter()
    with watched_memory() as most:
        dataset = load(str(folder))
        loaded, in_loading = time.perf_counter() - started, most[0]
        result = automl.search(
            str(folder),
            time_budget=seconds,
            workers=workers,
            study="pictures",
            baselines=("svm", "hog"),
        )
    assert result.best is not None
    assert result.best.test is not None
    scores = {"network": result.best.test.score}
    if result.ensemble is not None and result.ensemble.test is not None:
        scores["ensemble"] = result.ensemble.test.score
    for name, baseline in result.baselines.items():
        if baseline.test is not None:
            scores[name] = baseline.test.score
    print("| side | accuracy |\n| --- | --- |")
    for name, score in scores.items():
        print(f"| {name} | {score:.3f} |")
    rows = [len(part) for part in (dataset.train, dataset.valid, dataset.test)]
    print(
        f"handed over: {result.handed_over}; rows {rows}; {loaded:.0f} s to read;"
        f" {time.perf_counter() - started:.0f} s in all; at most {in_loading:.0f} MB while reading"
        f" and {most[0]:.0f} MB in all"
    )


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
    parser.add_argument("--search", type=float, help="seconds of a search")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where folder and study are kept")
    options = parser.parse_args()
    if options.search is not None:
        with tempfile.TemporaryDirectory() as scratch:
            root = options.keep or Path(scratch)
            os.environ |= {"AUTOML_STUDIES": f"{root}/studies", "XDG_CACHE_HOME": f"{root}/cache"}
            folder = root / "pictures"
            make_folder(folder, options.size, options.each, options.drawn, options.copies)
            search(folder, options.search, options.workers)
        return
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
