"""Private names of other packages, which may change without notice, stand in one list.

To upgrade a package: change its bound in pyproject.toml, run this file, and look at each line of
that package.
"""

from __future__ import annotations

import ast
import importlib
from importlib.metadata import version
from pathlib import Path

import pytest

import automl

PACKAGE = Path(automl.__file__).parent

SEEN = {
    "optuna": "5.0",
    "optuna-dashboard": "0.21",
    "torch": "2.13",
    "scikit-learn": "1",
}
"""The version that each name below was last seen in."""

NAMES = {
    # sampling/tpe_patch.py: scipy's function in place of a slow one; left alone where it is not.
    "optuna.samplers._tpe._truncnorm:_log_ndtr": "optuna",
    # study/bulk_reader.py: four queries for all trials, in place of four for each.
    "optuna.storages:RDBStorage._get_trials": "optuna",
    # sampling/sampler.py: a trial in memory, without the deep copy that `Study.trials` makes.
    "optuna.study:Study.__init__:_storage": "optuna",
    "optuna.trial:Trial.__init__:_trial_id": "optuna",
    # study/writer.py: the study that a name in the database stands for.
    "optuna.study:Study.__init__:_study_id": "optuna",
    # dashboard/server.py; and dashboard/notes.py writes what this module writes.
    "optuna_dashboard._app:create_app": "optuna-dashboard",
    "optuna_dashboard._note:SYSTEM_ATTR_MAX_LENGTH": "optuna-dashboard",
    # training/optimizers.py: a step in one kernel, held to torch.optim by tests/training.
    "torch:_fused_adam_": "torch",
    "torch:_fused_adamw_": "torch",
    "torch:_fused_sgd_": "torch",
    # training/loop.py: clipping all gradients at once, as torch.nn.utils does inside.
    "torch:_foreach_norm": "torch",
    "torch:_foreach_mul_": "torch",
    # training/hardware.py: taken for False where it is not there.
    "torch.cpu:_is_amx_tile_supported": "torch",
    # estimators.py: scikit-learn's own words about a wrong number of columns, or their names.
    "sklearn.utils.validation:_check_feature_names": "scikit-learn",
    "sklearn.utils.validation:_check_n_features": "scikit-learn",
    # processes/forked.py: the protocol of multiprocessing's fork server.
    "subprocess:_args_from_interpreter_flags": "python",
    "multiprocessing.process:_children": "python",
    "multiprocessing.connection:arbitrary_address": "python",
    "multiprocessing.context:set_spawning_popen": "python",
    "multiprocessing.util:close_fds": "python",
    "multiprocessing.popen_forkserver:Popen.__init__:_fds": "python",
    "os:_exit": "python",  # documented, in spite of its name
}
"""Each as ``module:name``, or ``module:function:name`` for one that a function uses."""


def _defined() -> set[str]:
    """Every name that this package gives to something of its own."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
    return names


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _used() -> set[str]:
    """Every private name of somebody else that this package takes from where it stands."""
    names, ours = set(), _defined()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and _private(node.attr) and node.attr not in ours:
                names.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value.startswith(("_fused_", "_foreach_")):
                    names.add(node.value)
            elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("automl"):
                if any(map(_private, (node.module or "").split("."))):
                    names.update(alias.name for alias in node.names)
                names.update(alias.name for alias in node.names if _private(alias.name))
    return names


def test_every_private_name_that_is_used_is_listed() -> None:
    listed = {name.rpartition(":")[2].rpartition(".")[2] for name in NAMES}
    assert sorted(_used() - listed - {"annotations"}) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_private_name_is_still_there(name: str) -> None:
    module, *path = name.split(":")
    found = importlib.import_module(module)
    for part in path[0].split("."):
        assert hasattr(found, part), f"{name} is gone: see its line in this file"
        found = getattr(found, part)
    if len(path) > 1:
        assert path[1] in found.__code__.co_names, f"{name} is gone: see its line in this file"


@pytest.mark.parametrize("package", SEEN)
def test_the_version_is_one_that_was_looked_at(package: str) -> None:
    assert version(package).startswith(SEEN[package] + "."), "look at each name, then change SEEN"
