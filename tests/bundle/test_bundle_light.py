"""Loading needs torch, numpy and safetensors, and nothing else that pip installs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_rows import make_rows

from automl.bundle.model import load_model
from automl.data.preprocess.standardise import PreprocessingSettings

ONLY = """
import sys
from importlib.machinery import PathFinder

ALLOWED = {"torch", "torchgen", "numpy", "safetensors", "automl"} | {
    # What torch itself requires, after its own metadata.
    "typing_extensions", "sympy", "mpmath", "networkx", "jinja2", "markupsafe", "fsspec",
    "filelock", "setuptools",
}

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if path is not None or name in ALLOWED or name in sys.stdlib_module_names:
            return None
        found = PathFinder.find_spec(name)
        if found is not None and "site-packages" in (found.origin or ""):
            raise ModuleNotFoundError(f"{name} is not installed here", name=name)

sys.meta_path.insert(0, Refuse())
for name in ("optuna", "pydantic", "yaml", "sklearn", "scipy", "sqlalchemy", "pandas", "typer"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{name} could be imported: the test shows nothing")

import automl
import numpy as np

model = automl.load_model(sys.argv[1])
print(model.predict(np.load(sys.argv[2])).tolist())
"""


@pytest.mark.parametrize("kind", ["vector", "table"])
def test_loading_imports_torch_numpy_and_safetensors_alone(
    make_ensemble: Callable[..., Path], tmp_path: Path, kind: str
) -> None:
    settings = PreprocessingSettings("quantile", embed_above=5)
    bundle = make_ensemble("multiclass", {"dropout": 0.2}, {}, kind=kind, settings=settings)
    X = make_rows(kind)
    np.save(tmp_path / "X.npy", X)
    ran = subprocess.run(
        [sys.executable, "-c", ONLY, str(bundle), str(tmp_path / "X.npy")],
        capture_output=True,
        text=True,
    )
    assert ran.stderr == ""
    assert ran.stdout.strip() == str(load_model(bundle).predict(X).tolist())
