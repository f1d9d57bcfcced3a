"""`automl.search` from a script, as users write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import automl

Python = Callable[..., CompletedProcess[str]]


def test_a_script_without_a_guard_works(python: Python, own_machine: Path) -> None:
    script = own_machine / "script.py"
    script.write_text(
        "import automl\n"
        "print('begun')\n"
        "result = automl.search('iris', trials=3, max_epochs=2, workers=2, seed=0,\n"
        "                       finalists=1, baselines=('dummy',), onnx=False,\n"
        "                       fixed={'model.width': 16})\n"
        "print(type(result).__name__, result.trials.total, result.test.score)\n"
        "model = automl.load_model('iris')\n"
        "print(model.predict([[5.1, 3.5, 1.4, 0.2]]).shape)\n"
    )
    ran = python("-W", "error", str(script))
    assert ran.stderr == ""
    assert ran.returncode == 0
    begun, result, shape = ran.stdout.splitlines()
    assert begun == "begun"
    assert result.startswith("SearchResult 3 ")
    assert shape == "(1,)"


def test_a_wrong_option_is_a_config_error() -> None:
    with pytest.raises(automl.ConfigError, match="unknown option 'trails'"):
        automl.SearchConfig(dataset="iris", trails=3)
    with pytest.raises(automl.ConfigError, match="lengths: must come with sequences"):
        automl.search("iris", lengths=[3, 4])
    with pytest.raises(automl.UnknownNameError, match="unknown data set 'irsi'"):
        automl.search("irsi", trials=3)


def test_a_budget_can_be_written_as_text() -> None:
    assert automl.SearchConfig(dataset="iris", time_budget="5m").time_budget == 300.0
