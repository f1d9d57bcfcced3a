"""100 trials on digits (1,797 rows): the whole command, SVM, ONNX and report included.

python benchmarks/small_data.py [--seeds 0 1 2]

Ours is `automl search --dataset digits --family mlp --trials 100` as a user types it; the other
side is the plain Optuna loop, whose time is that of its trials alone. Both in turn, each alone.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from automl.config import available_cores
from automl.result import SearchResult

HERE = Path(__file__).parent
TRIALS = 100


def ours(seed: int, folder: Path) -> tuple[float, float, float]:
    """Seconds of the whole command, seconds of its trials, test accuracy."""
    automl = shutil.which("automl", path=str(Path(sys.executable).parent)) or "automl"
    command = [automl, "search", "--dataset", "digits", "--trials", str(TRIALS)]
    command += ["--family", "mlp"]  # the space of the other side
    started = time.perf_counter()
    subprocess.run(
        [*command, "--seed", str(seed)], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - started
    result = SearchResult.read(folder / "studies" / "digits" / "result.json")
    assert result.test is not None
    return seconds, result.phases["trials"], result.test.score


def plain(seed: int, folder: Path) -> tuple[float, float, float]:
    """As `ours`; its trials are all that it does."""
    command = [sys.executable, str(HERE / "plain_loop.py"), "--dataset", "digits"]
    done = subprocess.run(
        [*command, "--trials", str(TRIALS), "--seed", str(seed)],
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["seconds"], found["test"]


def main() -> None:
    """Print both sides, seed by seed, and the ratios of their medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    print(f"{platform.processor() or platform.machine()}, {available_cores()} cores")
    print("| seed | ours, whole (s) | trials (s) | test | plain loop (s) | test |")
    print("| --- | --- | --- | --- | --- | --- |")
    mine, theirs = [], []
    for seed in seeds:
        for side, runs in ((ours, mine), (plain, theirs)):
            with tempfile.TemporaryDirectory() as folder:
                runs.append(side(seed, Path(folder)))
        (whole, trials, test), (other, _, other_test) = mine[-1], theirs[-1]
        print(
            f"| {seed} | {whole:.1f} | {trials:.1f} | {test:.4f} | {other:.1f} |"
            f" {other_test:.4f} |",
            flush=True,
        )
    whole, trials, test = (median(run[i] for run in mine) for i in range(3))
    other, _, other_test = (median(run[i] for run in theirs) for i in range(3))
    print(
        f"medians: whole command {other / whole:.1f} times as fast ({whole:.1f} s, {other:.1f} s)"
    )
    print(f"trials a second: {other / trials:.1f} times as many ({trials:.1f} s, {other:.1f} s)")
    print(f"test accuracy: {test:.4f} and {other_test:.4f}")


if __name__ == "__main__":
    main()
