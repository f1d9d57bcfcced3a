"""One rival on one table, in a process of its own interpreter: what a search is compared with.

INTERPRETER benchmarks/rival_process.py NAME TRAIN TEST TARGET CLASSES SEED SECONDS OUTPUT

AutoGluon and pytabkit pin other versions than automl does, so they are installed apart, and
`tables.py --interpreter` names the Python that has them. TRAIN and TEST are Parquet files; OUTPUT
is an NPY file of probabilities in the order of the sorted classes, or of numbers. CLASSES is their
number, or 0.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def autogluon(preset: str) -> Callable[..., Any]:
    """AutoGluon with this preset, on one core."""

    def run(X: Any, y: Any, test: Any, classes: int, seed: int, seconds: float) -> Any:
        from autogluon.tabular import TabularPredictor

        kind = "multiclass" if classes > 2 else "binary" if classes else "regression"
        metric = "log_loss" if classes else "root_mean_squared_error"
        with tempfile.TemporaryDirectory() as folder:
            predictor = TabularPredictor(
                "the target", problem_type=kind, eval_metric=metric, path=folder, verbosity=0
            ).fit(
                X.assign(**{"the target": y}),
                time_limit=seconds,
                presets=preset,
                num_cpus=1,
                num_gpus=0,
            )
            if not classes:
                return predictor.predict(test).to_numpy()
            return predictor.predict_proba(test)[list(range(classes))].to_numpy()

    return run


def pytabkit(name: str, **classifier: Any) -> Callable[..., Any]:
    """A network of pytabkit with its tuned defaults, five of it bagged, however long it takes."""

    def run(X: Any, y: Any, test: Any, classes: int, seed: int, seconds: float) -> Any:
        import pytabkit

        options = classifier if classes else {}
        model = getattr(pytabkit, f"{name}_{'Classifier' if classes else 'Regressor'}")(
            device="cpu", random_state=seed, n_cv=5, n_threads=1, verbosity=0, **options
        )
        words = [c for c in X.columns if X[c].dtype.kind not in "biuf"]
        X, test = (f.assign(**{c: f[c].astype(str) for c in words}) for f in (X, test))
        numbers = [c for c in X.columns if c not in words]
        middle = X[numbers].median()  # it takes no missing numbers
        X, test = (f.assign(**f[numbers].fillna(middle)) for f in (X, test))
        model.fit(X, y, cat_col_names=words)
        return model.predict_proba(test) if classes else model.predict(test)

    return run


RIVALS: dict[str, Callable[..., Any]] = {
    "autogluon medium": autogluon("medium_quality"),
    "autogluon best": autogluon("best_quality"),
    # Its label smoothing is for accuracy: it keeps probabilities from being sure.
    "realmlp": pytabkit("RealMLP_TD", use_ls=False),
    "tabm": pytabkit("TabM_D"),
}


def main() -> None:
    """Fit on one table, and write what the test rows get."""
    name, train_path, test_path, target, classes, seed, seconds, output = sys.argv[1:]
    warnings.simplefilter("ignore")
    train, test = pd.read_parquet(train_path), pd.read_parquet(test_path)
    y = train[target].to_numpy()
    y = np.unique(y, return_inverse=True)[1] if int(classes) else y.astype(float)
    X, test = train.drop(columns=target), test.drop(columns=target)
    found = RIVALS[name](X, y, test, int(classes), int(seed), float(seconds))
    np.save(output, np.asarray(found, dtype=np.float64))


if __name__ == "__main__":
    main()
