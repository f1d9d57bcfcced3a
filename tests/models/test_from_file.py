"""A family of the user's own, from a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import Ran

import automl
from automl.errors import BundleError, ConfigError, UnknownNameError
from automl.models import FAMILIES
from automl.models import _from_file as own_families

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
GATED = EXAMPLES / "gated.py"

Cli = Callable[..., Ran]


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Begins without families of anybody's own, and does so again when called."""

    def clear() -> None:
        monkeypatch.setattr(FAMILIES, "_added", {})
        monkeypatch.setattr(own_families, "_LOADED", {})

    clear()
    return clear


def test_the_example_is_searched_saved_exported_and_loaded(
    cli: Cli, one_line: Callable[[str], str], forget: Callable[[], None], own_machine: Path
) -> None:
    mine = own_machine / "gated.py"
    mine.write_text(GATED.read_text())
    ran = cli(
        *("search", "--dataset", "iris", "--trials", "2", "--max-epochs", "2", "--folds", "0"),
        *("--plugin", str(mine), "--space", str(EXAMPLES / "gated.yaml"), "--workers", "1"),
        *("--finalists", "1", "--baselines", "none", "--prefer", "single", "--quiet"),
    )
    assert (ran.code, ran.err) == (0, "")
    best = own_machine / "studies" / "iris" / "best"
    told = json.loads((best / "model.json").read_text())
    assert told["recipe"]["family"] == "gated"
    assert told["plugin"]["source"] == "gated.py"
    assert (best / "model.onnx").exists()
    assert "gated.py" in (best / "MODEL_CARD.md").read_text()
    np.save(own_machine / "rows.npy", np.full((3, 4), 2.0))
    predict = ("predict", "iris", str(own_machine / "rows.npy"))
    with_plugin = cli(*predict, "--plugin", str(mine))
    assert with_plugin.code == 0
    assert len(with_plugin.out.splitlines()) == 4
    assert cli("replay", "iris", "--trial", "0", "--plugin", str(mine)).code == 0

    # The bundle brings no code: without the file nothing is run, with another there is a word.
    forget()
    (best / "gated.py").write_text("raise SystemExit('run from a bundle')")
    assert cli("report", "iris").code == 0
    assert "gated.py" in cli("best", "iris").out
    for command in (predict, ("replay", "iris", "--trial", "0")):
        refused = cli(*command)
        assert refused.code == 2
        assert "--plugin" in one_line(refused.err)
    with pytest.raises(BundleError, match=r"comes from the file gated\.py"):
        automl.load_model("iris")
    mine.write_text(GATED.read_text() + "\n# changed\n")
    with pytest.warns(UserWarning, match="may compute something else"):
        automl.load_model("iris", plugins=[str(mine)])


def test_a_name_that_nobody_knows_says_how_to_bring_it() -> None:
    with pytest.raises(UnknownNameError, match="--plugin"):
        FAMILIES.get("gated")
    own_families.add_families([str(GATED)])
    assert "gated" in FAMILIES.names()


HEAD = "from automl.models import Cost, Family\nfrom automl.models.mlp import Mlp, MlpSettings\n"
BAD = {
    "no such file": (None, "cannot be read: No such file"),
    "not Python": ("family = = 1", "line 1: is no Python"),
    "null bytes": ("x = 1\0", "is no Python|cannot be run"),
    "no FAMILY": ("x = 1", "must assign its family to FAMILY"),
    "raises": ("x = 1\n1 / 0\n", "line 2: cannot be run: ZeroDivisionError"),
    "imports torch": ("from torch import nn", "line 1: must import torch inside of `build`"),
    "another class": ("FAMILY = 3", "must be an instance of automl.models.Family, but is int"),
    "the class": (f"{HEAD}FAMILY = Mlp", "but is ABCMeta"),
    "half a family": (f"{HEAD}class F(Family): pass\nFAMILY = F()", "line 4: cannot be run"),
    "no settings": (
        f"{HEAD}class F(Mlp):\n    Settings = dict\nFAMILY = F()",
        "must have Settings, a dataclass",
    ),
    "settings without rules": (
        f"{HEAD}from dataclasses import dataclass\n@dataclass\nclass S:\n    a: int = 1\n"
        "class F(Mlp):\n    Settings = S\nFAMILY = F()",
        "a setting 'a' that is not made by",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_in_one_line(
    cli: Cli, one_line: Callable[[str], str], own_machine: Path, what: str
) -> None:
    text, expected = BAD[what]
    path = own_machine / "mine.py"
    if text is not None:
        path.write_text(text)
    ran = cli("search", "--dataset", "iris", "--plugin", str(path))
    assert ran.code == 2
    with pytest.raises(AssertionError, match=expected):
        raise AssertionError(one_line(ran.err))
    assert "mine.py" in ran.err
    assert "mine" not in FAMILIES.names()


@pytest.mark.parametrize("name", ["mlp.py", "my-models.py", "mine.txt", "folder", ".py"])
def test_a_name_that_cannot_be_a_familys_is_refused(
    cli: Cli, one_line: Callable[[str], str], own_machine: Path, name: str
) -> None:
    (own_machine / name).write_text(GATED.read_text())
    ran = cli("search", "--dataset", "iris", "--plugin", str(own_machine / name))
    assert ran.code == 2
    assert name in one_line(ran.err)


def test_a_file_may_be_changed_and_named_again(own_machine: Path) -> None:
    path = own_machine / "gated.py"
    for width in (64, 32):
        path.write_text(GATED.read_text().replace("option(64", f"option({width}"))
        own_families.add_families([str(path)])
        assert FAMILIES.get("gated").Settings().width == width
    (other := own_machine / "other").mkdir()
    (other / "gated.py").write_text(GATED.read_text())
    with pytest.raises(ConfigError, match="is there already"):
        own_families.add_families([str(other / "gated.py")])
