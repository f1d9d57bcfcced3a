"""No message names an option that its command lacks."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import Ran

import automl

PACKAGE = Path(automl.__file__).parent

DATA = ("search", "train", "inspect")
LATER = ("compare", "scaling", "replay", "export")
FOLDERS = ("show", "report", "watch", "dashboard", "remove", "rename", "move")
GROUPS = ("cluster",)

HEARD = {
    "bundle/inputs": ("predict",),
    "bundle": ("predict", "export", "replay"),
    "data": DATA,
    "data/formats": (*DATA, *LATER, "predict"),
    "cluster/certificates.py": ("cluster init",),
    "cluster/slurm.py": ("cluster slurm",),
    "cluster/worker.py": ("cluster worker",),
    "data/sources": (*DATA, *LATER),
    "data/read/table/cells.py": (*DATA, "predict"),
    "data/read/table/encode.py": (*DATA, "predict"),
    "data/read/table/file.py": (*DATA, "predict"),
    "executors/__init__.py": ("search", "train"),
    "executors": ("search", "train", *LATER),
    "followup": LATER,
    "models": ("search", "train"),
    "report": FOLDERS,
    "study/bulk_reader.py": (*LATER, *FOLDERS),
    "study/folder.py": (*LATER, *FOLDERS, "search", "train"),
    "study/view.py": (*LATER, *FOLDERS),
    "training/entry.py": ("search",),
    "training": ("search", "train", *LATER),
}
"""Which commands say what is in a module; the longest path that fits counts. In all other modules
an option must be one of some command."""

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def _messages() -> Iterator[tuple[str, str]]:
    """Module and text of every string that is no docstring, with gaps for what is filled in."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        parts = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                parts.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts |= {value for value in node.values if isinstance(value, ast.Constant)}
                texts = [v.value if isinstance(v, ast.Constant) else "…" for v in node.values]
                yield str(path.relative_to(PACKAGE)), "".join(map(str, texts))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
                yield str(path.relative_to(PACKAGE)), node.value


@pytest.fixture
def options(cli: Callable[..., Ran]) -> dict[str, set[str]]:
    """The options of every command, as its help shows them."""
    names = _names(cli("--help").out)
    names += [f"{group} {name}" for group in GROUPS for name in _names(cli(group, "--help").out)]
    return {name: set(OPTION.findall(cli(*name.split(), "--help").out)) for name in names}


def _names(listed: str) -> list[str]:
    """Return the commands that a help lists."""
    return re.findall(r"^\W*([a-z]+)  ", listed, re.MULTILINE)


def test_every_option_that_is_advised_is_one_of_its_command(options: dict[str, set[str]]) -> None:
    assert {*DATA, *LATER, *FOLDERS, "predict"} <= set(options)
    known = set().union(*options.values())
    wrong = []
    for module, text in _messages():
        if OPTION.fullmatch(text):
            continue  # an option's declaration, or its name as a key
        for found in OPTION.finditer(text):
            named = re.findall(
                rf"\bautoml ((?:{'|'.join(GROUPS)}) \w+|\w+)\b[^`\n]*$", text[: found.start()]
            )
            rooms = [room for room in HEARD if module == room or module.startswith(f"{room}/")]
            heard = (named[-1],) if named else HEARD[max(rooms, key=len)] if rooms else ()
            lacking = [command for command in heard if found[0] not in options[command]]
            if lacking or found[0] not in known | {"--version", "--help", "--no-"}:
                wrong.append(f"{module}: {text!r} for {', '.join(lacking) or 'any command'}")
    assert not wrong, "\n".join(wrong)
