"""It works where people run it: in pools and threads, and beside files of any name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

Python = Callable[..., "subprocess.CompletedProcess[str]"]

AUTOML = str(Path(sys.executable).with_name("automl"))

SHORT = (
    *("search", "--trials", "1", "--max-epochs", "1", "--workers", "1", "--folds", "0"),
    *("--finalists", "0", "--baselines", "none", "--no-onnx", "--no-report"),
)

IN_POOLS = """
import multiprocessing, threading
import automl

def search(name):
    result = automl.search(
        "iris", study=name, trials=1, max_epochs=1, workers=1, folds=0, finalists=0, baselines=(),
        onnx=False, report=False,
    )
    return result.trials.complete

if __name__ == "__main__":
    thread = threading.Thread(target=search, args=("thread",))
    thread.start()
    thread.join()
    print("after a thread that has ended:", search("main"))
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print("in a forked pool:", pool.apply(search, ("pool",)))
"""


def test_a_search_runs_in_a_daemonic_process_and_after_any_other(
    python: Python, own_machine: Path
) -> None:
    (own_machine / "script.py").write_text(IN_POOLS)
    ran = python("script.py")
    assert ran.stdout.splitlines() == ["after a thread that has ended: 1", "in a forked pool: 1"], (
        ran.stderr
    )


CROSS_VALIDATED = """
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score
import automl

classifier = automl.Classifier(trials=1, max_epochs=1, folds=0, workers=1, random_state=0)
X, y = load_iris(return_X_y=True)
print(cross_val_score(classifier, X, y, cv=2, n_jobs=2, error_score="raise").shape)
"""


def test_scikit_learn_may_fit_estimators_in_its_own_processes(python: Python) -> None:
    ran = python("-c", CROSS_VALIDATED)
    assert ran.stdout == "(2,)\n", ran.stderr


@pytest.mark.parametrize("start", [[AUTOML], [sys.executable, "-m", "automl"]])
def test_files_beside_the_data_are_never_run(
    own_machine: Path, python: Python, start: list[str]
) -> None:
    """Neither the command, nor the server, nor the workers look for modules there first."""
    # Python imports these itself before it runs a module; no file has the name of the last.
    before = python("-c", "import runpy, sys; print(*sys.modules)").stdout.split()
    names = sys.stdlib_module_names - {*sys.builtin_module_names, *before, "__future__"}
    names = {name for name in names if find_spec(name) is not None}
    for name in sorted(names):
        (own_machine / f"{name}.py").write_text(f"print('ran {name}')\nraise SystemExit(1)\n")
    command = [*start, *SHORT, "--dataset", "iris", "--quiet"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=own_machine, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "ran " not in ran.stdout
