"""Make ``mlp_image.json``: learning curves of random perceptrons on a quarter of MNIST, unpruned.

python benchmarks/replay/make_table.py [--trials 100]

7,500 images to train and 2,500 to validate, 12 epochs each; the space is `mlp-image` without its
start configurations, so that schedules and augmentation differ, as they do in a search.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import optuna
import yaml

import automl
from automl.data import load

HERE = Path(__file__).parent
ROWS = 12_500
EPOCHS = 12
SEED = 7


def main() -> None:
    """Train, and write what each configuration reached after each epoch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    options = parser.parse_args()
    mnist = load("mnist").train
    space = yaml.safe_load((HERE.parents[1] / "search_spaces" / "mlp-image.yaml").read_text())
    del space["start"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        chosen = np.random.default_rng(0).permutation(len(mnist.X))[:ROWS]
        np.savez("quarter.npz", X=np.asarray(mnist.X)[chosen], y=np.asarray(mnist.y)[chosen])
        Path("space.yaml").write_text(yaml.safe_dump(space))
        automl.search(
            "quarter.npz",
            target="y",
            space="space.yaml",
            sampler="random",
            pruner="none",
            trials=options.trials,
            max_epochs=EPOCHS,
            patience=EPOCHS,
            finalists=0,
            baselines=(),
            onnx=False,
            report=False,
            workers=1,
            seed=SEED,
            study="table",
        )
        write("sqlite:///studies/table/study.db", options.trials)


def write(storage: str, trials: int) -> None:
    """Write the curves of a study's first trials."""
    study = optuna.load_study(study_name=None, storage=storage)
    curves = [
        {
            "schedule": t.params["optimizer.schedule"],
            "scores": [round(t.intermediate_values[e], 4) for e in range(1, EPOCHS + 1)],
        }
        for t in study.get_trials(deepcopy=False)[:trials]
        if t.state is optuna.trial.TrialState.COMPLETE
    ]
    text = ",\n".join(json.dumps(curve) for curve in curves)
    (HERE / "mlp_image.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
