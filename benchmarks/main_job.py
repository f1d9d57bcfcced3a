"""The main job, as a user types it: `automl search --dataset mnist --trials 100`.

python benchmarks/main_job.py [--seeds 0] [--family mlp]

Finalists, tuned SVM, test, ONNX and report included. The ratio is that of the network's part to
the SVM's: both are tuned and fitted on the same rows in the same run.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from automl.config import available_cores
from automl.result import SearchResult


def main() -> None:
    """Print a line a seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--family", nargs="*", default=[], help="by default what a search takes")
    options = parser.parse_args()
    seeds, families = options.seeds, [part for f in options.family for part in ("--family", f)]
    automl = shutil.which("automl", path=str(Path(sys.executable).parent)) or "automl"
    command = [automl, "search", "--dataset", "mnist", "--trials", "100"]
    print(f"{platform.processor() or platform.machine()}, {available_cores()} cores")
    print("| seed | whole command (s) | phases (s) | network: test, core-s | SVM: test, core-s |")
    print("| --- | --- | --- | --- | --- |")
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            subprocess.run(
                [*command, "--seed", str(seed), *families],
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            seconds = time.perf_counter() - started
            result = SearchResult.read(Path(folder) / "studies" / "mnist" / "result.json")
        assert result.test is not None
        assert result.best is not None
        assert result.best.seconds is not None
        svm = result.baselines["svm"]
        assert svm.test is not None
        phases = ", ".join(f"{name} {value:.0f}" for name, value in result.phases.items())
        network, rival = (s.tune + s.fit for s in (result.best.seconds, svm.seconds))
        print(
            f"| {seed} | {seconds:.0f} | {phases} | {result.test.score:.4f}, {network:.0f} |"
            f" {svm.test.score:.4f}, {rival:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
