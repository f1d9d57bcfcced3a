"""Private names of other packages, which may change without notice, stand in one list.

To upgrade a package: change its bound in pyproject.toml, run this file, and look at each line of
that package.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

import automl

PACKAGE = Path(automl.__file__).parent

SEEN = {
    "optuna": "5.0",
    "optuna-dashboard": "0.21",
    "torch": "2.13",
    "scikit-learn": "1.9",
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
    # dashboard/server.py and its shared twin; dashboard/notes.py writes what this module writes.
    "optuna_dashboard._app:create_app": "optuna-dashboard",
    "optuna_dashboard._note:SYSTEM_ATTR_MAX_LENGTH": "optuna-dashboard",
    # training/optimizers.py: a step in one kernel, held to torch.optim by tests/training.
    "torch:_fused_adam_": "torch",
    "torch:_fused_adamw_": "torch",
    "torch:_fused_sgd_": "torch",
    # training/stepping.py: the method without the decorator that loads torch's compiler.
    "torch.optim:Optimizer.add_param_group.__wrapped__": "torch",
    # training/loop.py: clipping all gradients at once, as torch.nn.utils does inside.
    "torch:_foreach_norm": "torch",
    "torch:_foreach_mul_": "torch",
    # training/averaging.py: all weights averaged, and lent, at once.
    "torch:_foreach_copy_": "torch",
    "torch:_foreach_lerp_": "torch",
    # training/hardware.py: taken for False where it is not there.
    "torch.cpu:_is_amx_tile_supported": "torch",
    # estimators.py: scikit-learn's own words about a wrong number of columns, or their names.
    "sklearn.utils.validation:_check_feature_names": "scikit-learn",
    "sklearn.utils.validation:_check_n_features": "scikit-learn",
    # baselines/_tree_arrays.py: the trees that boosting has grown, held to its predictions.
    "sklearn.ensemble:HistGradientBoostingRegressor._raw_predict:_predictors": "scikit-learn",
    "sklearn.ensemble:HistGradientBoostingRegressor._raw_predict:_baseline_prediction": (
        "scikit-learn"
    ),
    # processes/forked.py: the protocol of multiprocessing's fork server.
    "subprocess:_args_from_interpreter_flags": "python",
    "multiprocessing.process:_children": "python",
    "multiprocessing.connection:arbitrary_address": "python",
    "multiprocessing.context:set_spawning_popen": "python",
    "multiprocessing.util:close_fds": "python",
    "multiprocessing.popen_forkserver:Popen.__init__:_fds": "python",
    "multiprocessing.popen_forkserver:Popen._launch": "python",
    "multiprocessing.process:BaseProcess.start:_popen": "python",
    "multiprocessing.process:BaseProcess.start:_sentinel": "python",
    "multiprocessing.process:BaseProcess._bootstrap:_start_method": "python",
    "os:_exit": "python",  # documented, in spite of its name
}
"""Each as ``module:name``, or ``module:function:name`` for one that a function uses."""


DOCUMENTED = {
    *(
        "__annotations__",
        "__array_interface__",
        "__cause__",
        "__context__",
        "__dict__",
        "__doc__",
        "__file__",
        "__init__",
        "__setattr__",
    ),
    *("__module__", "__mro__", "__name__", "__signature__", "__sklearn_tags__", "__traceback__"),
    *("__version__", "_asdict", "_fields", "_replace"),
}
"""Such names that Python, NumPy or scikit-learn promise; those with one underscore are of named
tuples."""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in PACKAGE.rglob("*.py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _defined(tree: ast.AST) -> set[str]:
    """Every name that this file gives to something of its own."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    return names


def _private(name: str) -> bool:
    return name.startswith("_") and name not in DOCUMENTED


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _used() -> set[str]:
    """Every private name of somebody else that this package takes from where it stands.

    That another file of ours has something of the same name does not excuse it.
    """
    names: set[str] = set()
    ours = set().union(*(_defined(tree) for _, tree in _trees()))
    for _, tree in _trees():
        here = _defined(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and _private(node.attr):
                if node.attr not in (ours if _of_self(node) else here):
                    names.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value.startswith(("_fused_", "_foreach_")):
                    names.add(node.value)
            elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("automl"):
                if any(map(_private, (node.module or "").split("."))):
                    names.update(alias.name for alias in node.names)
                names.update(alias.name for alias in node.names if _private(alias.name))
    return names


def _replaced() -> set[str]:
    """Every private name of somebody else's class that a class of ours gives to its own."""
    names = set()
    for path, tree in _trees():
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for node in tree.body:
            if not isinstance(node, ast.ClassDef) or path.name in ("__init__.py", "__main__.py"):
                continue
            if path.name == "_catboost.py" and find_spec("catboost") is None:  # an extra
                continue
            bases = vars(importlib.import_module(module))[node.name].__mro__
            theirs = [base for base in bases if not base.__module__.startswith("automl")]
            for name in filter(_private, _defined(node)):
                if not name.startswith("__") and any(_has(base, name) for base in theirs):
                    names.add(name)
    return names


def _has(base: type, name: str) -> bool:
    functions = [inspect.unwrap(f) for f in vars(base).values() if inspect.isfunction(f)]
    return name in vars(base) or any(name in f.__code__.co_names for f in functions)


def test_every_private_name_that_is_used_is_listed() -> None:
    listed = {name.rpartition(":")[2].rpartition(".")[2] for name in NAMES}
    assert sorted((_used() | _replaced()) - listed - {"annotations"}) == []


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
