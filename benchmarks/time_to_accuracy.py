"""Test accuracy after 300 seconds on MNIST, and how soon the plain Optuna loop is overtaken.

python benchmarks/time_to_accuracy.py [--seeds 0 1 2] [--seconds 300] [--sides ours plain ...]

Each side runs alone, in a process of its own, in turn. Both have the same data, split, space,
budget and cores, and 20 epochs a trial at most. Our budget includes the finalists; loading the
data and measuring the test accuracy come on top on both sides. The other sides are ours without
one of its parts, or the plain loop with our start configurations.

Finished runs are kept in the file of ``--results``, so that a run can be taken up again.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from automl.config import SearchConfig, available_cores
from automl.orchestrator import trial_jobs
from automl.orchestrator.observer import Observer
from automl.orchestrator.search import search
from automl.trial import EpochResult

HERE = Path(__file__).parent

OURS: dict[str, dict[str, Any]] = {
    "ours": {},
    "without start configurations": {"starts": False},
    "without halving (median pruner)": {"pruner": "median"},
    "with random sampling": {"sampler": "random"},
    "with TPE": {"sampler": "tpe"},
    "without start configurations and halving": {"starts": False, "pruner": "median"},
    "without start configurations, with random sampling": {"starts": False, "sampler": "random"},
    "without start configurations, with TPE": {"starts": False, "sampler": "tpe"},
    "without glimpses": {"glimpses": False},
    "without augmentation": {"augmentation": False},
    "with widths up to 1,024": {"width": 1024},
}
PLAIN = {"plain": [], "plain with our start configurations": ["--starts"]}


class _Curve(Observer):
    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.points: list[tuple[float, float]] = []
        self.epochs = 0

    def epoch(self, worker: int, result: EpochResult) -> None:
        self.epochs += 1
        best = max(self.points[-1][1] if self.points else 0.0, result.valid_score)
        self.points.append((time.perf_counter() - self.started, best))


def ours(
    seconds: float,
    seed: int,
    *,
    starts: bool = True,
    width: int | None = None,
    augmentation: bool = True,
    glimpses: bool = True,
    **options: Any,
) -> dict[str, Any]:
    """One search of this project."""
    curve = _Curve()
    space = None
    if not (starts and augmentation) or width is not None:
        space = _other_space(starts=starts, width=width, augmentation=augmentation)
    if not glimpses:
        trial_jobs.GLIMPSE_FROM = sys.maxsize
    result = search(
        SearchConfig(
            dataset="mnist",
            family=("mlp",),  # the space of the other side
            trials=100_000,
            time_budget=seconds,
            seed=seed,
            baselines=(),
            onnx=False,
            space=space,
            **options,
        ),
        curve,
    )
    assert result.best is not None
    assert result.test is not None
    return {
        "trials": result.trials.total,
        "epochs": curve.epochs,
        "seconds": sum(result.phases[name] for name in ("trials", "finalists")),
        "valid": result.best.valid_score,
        "test": result.test.score,
        "curve": curve.points,
    }


def _other_space(*, starts: bool, width: int | None, augmentation: bool) -> str:
    """The shipped space without one of its parts, or with wider networks."""
    space = yaml.safe_load((HERE.parent / "search_spaces" / "mlp-image.yaml").read_text())
    if not starts:
        del space["start"]
    if width is not None:
        space["model"]["width"]["int"][1] = width
    if not augmentation:
        for part in (space, *space.get("start", [])):
            del part["augmentation"]
    path = Path("space.yaml")
    path.write_text(yaml.safe_dump(space))
    return str(path)


def run_side(side: str, seed: int, seconds: float) -> dict[str, Any]:
    """One side in a process and a folder of its own."""
    if side in PLAIN:
        command = [str(HERE / "plain_loop.py"), "--dataset", "mnist", *PLAIN[side]]
    else:
        command = [str(HERE / "time_to_accuracy.py"), "--one", side]
    command += ["--seconds", str(seconds), "--seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, *command], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def passed(curve: list[tuple[float, float]], accuracy: float) -> float | None:
    """Seconds until that validation accuracy was reached."""
    return next((seconds for seconds, best in curve if best >= accuracy), None)


def table(results: dict[str, Any], seconds: float) -> str:
    """Medians over the seeds that have been run, a side a line."""
    lines = [
        "| side | seeds | trials | epochs | valid | test | all tests |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    sides = [side for side in [*OURS, *PLAIN] if _runs(results, side, seconds)]
    for side in sides:
        runs = _runs(results, side, seconds)
        trials, epochs = (round(median(r[key] for r in runs)) for key in ("trials", "epochs"))
        valid, test = (median(r[key] for r in runs) for key in ("valid", "test"))
        tests = ", ".join(f"{r['test']:.4f}" for r in runs)
        lines.append(
            f"| {side} | {len(runs)} | {trials} | {epochs} | {valid:.4f} | {test:.4f} | {tests} |"
        )
    if "ours" in sides and "plain" in sides:
        theirs = median(r["valid"] for r in _runs(results, "plain", seconds))
        times = [passed(r["curve"], theirs) for r in _runs(results, "ours", seconds)]
        reached = [t for t in times if t is not None]
        lines.append("")
        if len(reached) == len(times):
            when = median(reached)
            lines.append(
                f"The plain loop's final validation accuracy, {theirs:.4f}, is passed after"
                f" {when:.1f} s: {when:.1f} / {seconds:g} = {when / seconds:.3f} of its time."
            )
        else:
            lines.append(f"{len(times) - len(reached)} runs did not reach {theirs:.4f}.")
    return "\n".join(lines)


def _runs(results: dict[str, Any], side: str, seconds: float) -> list[dict[str, Any]]:
    return [r for key, r in results.items() if key.startswith(f"{side}/{seconds:g}/")]


def main() -> None:
    """Run what has not been run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--sides", nargs="+", default=["ours", "plain"], choices=[*OURS, *PLAIN])
    parser.add_argument("--results", type=Path, default=Path("time_to_accuracy.json"))
    parser.add_argument("--one", choices=OURS, help="one run of one side, printed as JSON")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(ours(options.seconds, options.seed, **OURS[options.one])))
        return
    results = json.loads(options.results.read_text()) if options.results.exists() else {}
    for seed in options.seeds:
        for side in options.sides:
            key = f"{side}/{options.seconds:g}/{seed}"
            if key not in results:
                results[key] = run_side(side, seed, options.seconds)
                options.results.write_text(json.dumps(results))
    print(f"{platform.processor() or platform.machine()}, {available_cores()} cores")
    print(table(results, options.seconds))


if __name__ == "__main__":
    main()
