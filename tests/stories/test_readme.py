"""Every block of the README and of the guide is run, in one folder, with smaller searches.

``console`` blocks hold lines that begin with ``$``; what follows them is output and not compared.
A search is made small by `SMALLER`: other numbers, one worker and no SVM. A block after an HTML
comment ``<!-- test: skip, because … -->`` is not run. The commands that install and test are
checked against ``pyproject.toml``, because running them here would run them without end.

The first search is typed into a shell. What follows it runs in this process: torch, scikit-learn
and the fork server are loaded once, which took two thirds of the time of every command.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from commands import Ran

import automl

ROOT = Path(automl.__file__).parents[1]
FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=fence)\s*$", re.M | re.S
)
SKIP = re.compile(r"<!-- test: skip, because [^>]+-->\s*\Z")

SMALLER = {
    "--trials": "2",
    "--max-epochs": "2",
    "--time-budget": "20s",
    "--finalists": "1",
}
"""Options of ``automl search`` and the values that they are given here."""


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    skipped: bool

    def __str__(self) -> str:
        return f"{self.page}, line {self.line} ({self.language})"


def read_blocks(text: str, page: str = "README.md") -> list[Block]:
    """Every fenced block, in its order."""
    return [
        Block(
            page,
            text[: m.start()].count("\n") + 1,
            m["language"],
            m["text"],
            SKIP.search(text[: m.start()]) is not None,
        )
        for m in FENCE.finditer(text)
    ]


def commands(block: Block) -> list[str]:
    """The commands of a console block; a backslash at the end goes on in the next line."""
    joined = re.sub(r"\\\n>?\s*", "", block.text)
    return [line[2:].strip() for line in joined.splitlines() if line.startswith("$ ")]


def smaller(command: str) -> str:
    """The same search with small numbers."""
    if not re.match(r"automl search\b", command):
        return command
    for option, value in SMALLER.items():
        pattern = rf"{option}[ =]\S+"
        if re.search(pattern, command):
            command = re.sub(pattern, f"{option} {value}", command)
        elif option in ("--trials", "--max-epochs", "--finalists"):
            command += f" {option} {value}"
    extra = {"--baselines": "dummy", "--workers": "1"}
    if "--dataset digits" not in command:  # which is not cross-validated
        extra["--folds"] = "2"
    for option, value in extra.items():
        if option not in command:
            command += f" {option} {value}"
    return command if "onnx" in command else f"{command} --no-onnx"


PAGES = {page: (ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/guide.md")}
BLOCKS = [block for page, text in PAGES.items() for block in read_blocks(text, page)]
SHELL = {"&&", "||", "|", ">", "<", ";", "&"}
SETTING_UP = re.compile(r"\b(pip install|pytest|python -m venv|git clone)\b|activate")


def test_blocks_are_found_wherever_they_stand() -> None:
    text = (
        "a\n```console\n$ b \\\n    c\nd\n```\n<!-- test: skip, because x -->\n```python\ne\n```\n"
    )
    one, other = read_blocks(text)
    assert (one.line, one.language, commands(one), one.skipped) == (2, "console", ["b c"], False)
    assert (other.text, other.skipped) == ("e\n", True)
    assert text.count("```") == 4


def test_a_search_is_made_small_and_nothing_else_is() -> None:
    assert smaller("automl search --dataset iris --trials 100 --seed 5") == (
        "automl search --dataset iris --trials 2 --seed 5 --max-epochs 2 --finalists 1"
        " --baselines dummy --workers 1 --folds 2 --no-onnx"
    )
    assert smaller("automl show iris --trial 0") == "automl show iris --trial 0"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_blocks_and_all_of_them_are_closed(page: str) -> None:
    blocks = [block for block in BLOCKS if block.page == page]
    assert len(blocks) >= 3
    assert PAGES[page].count("\n```") == 2 * len(blocks)
    assert all(block.language for block in BLOCKS), "a block names its language"


def _extras(command: str) -> set[str]:
    return {e for group in re.findall(r"\[([\w,-]+)\]", command) for e in group.split(",")}


def test_what_is_installed_is_there_to_be_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installing = [c for b in BLOCKS for c in commands(b) if "pip install" in c]
    assert "python -m pip install -e . && automl search --dataset mnist --trials 100" in installing
    assert "python -m pip install -e '.[dev]' && pytest" in installing
    for command in installing:
        assert _extras(command) <= project["optional-dependencies"].keys()
        shlex.split(command)


def test_yaml_blocks_are_spaces_that_training_knows() -> None:
    from automl.space.file import parse_space
    from automl.training.recipe import check_space

    for block in BLOCKS:
        if block.language in ("yaml", "yml"):
            if "family:" in block.text:
                check_space(parse_space(block.text, block.page))
            else:
                yaml.safe_load(block.text)


def _shell(command: str) -> None:
    beside = str(Path(sys.executable).parent)
    assert shutil.which("automl", path=beside), "the command is installed beside this Python"
    path = f"{beside}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"


def _python(block: Block) -> None:
    tree = ast.parse(block.text)
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "search":
            small = {"trials": 2, "max_epochs": 2, "finalists": 1, "workers": 1, "onnx": False}
            kept = [k for k in call.keywords if k.arg not in small]
            added = [ast.keyword(name, ast.Constant(value)) for name, value in small.items()]
            if not any(k.arg == "baselines" for k in kept):
                added.append(ast.keyword("baselines", ast.Constant(("dummy",))))
            call.keywords = [*kept, *added]
            # Rows of a program have a study of their own.
            named = any(k.arg == "study" for k in kept) or not isinstance(
                call.args[0], ast.Constant
            )
            if not named and (Path("studies") / ast.literal_eval(call.args[0])).exists():
                # A console block has searched this data set, perhaps with other options.
                call.keywords.append(ast.keyword("study", ast.Constant("from-python")))
    code = compile(ast.fix_missing_locations(tree), str(block), "exec")
    exec(code, {"__name__": "__main__"})


@pytest.mark.timeout(400)
def test_every_block_runs_in_the_order_of_the_pages(
    cli: Callable[..., Ran], own_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one folder, as a reader would type them."""
    monkeypatch.chdir(own_machine)
    monkeypatch.delenv("AUTOML_STUDIES")
    typed = 0
    for block in BLOCKS:
        if block.skipped:
            continue
        if block.language == "python":
            _python(block)
        if block.language in ("console", "bash", "sh", "shell"):
            for command in commands(block):
                if SETTING_UP.search(command):
                    continue
                program, *words = shlex.split(smaller(command))
                if program == "automl" and typed and SHELL.isdisjoint(words):
                    ran = cli(*words)
                    assert ran.code == 0, f"{block}: {command}\n{ran.out}\n{ran.err}"
                else:
                    _shell(smaller(command))
                typed += 1
    assert typed


def test_every_search_names_options_that_exist() -> None:
    from automl.config import SearchConfig

    fields = set(SearchConfig.model_fields) | {"set", "quiet", "no_onnx", "no_history", "plugin"}
    for command in (c for b in BLOCKS for c in commands(b)):
        for part in command.split("&&"):
            words = shlex.split(part)
            if words[:2] == ["automl", "search"]:
                used = {w.split("=")[0] for w in words if w.startswith("--")}
                assert {u.removeprefix("--").replace("-", "_") for u in used} <= fields
