"""The documentation is of this code: drawn from it, and naming what is there."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from slow_places import SLOW

import automl

ROOT = Path(automl.__file__).parents[1]
PAGES = sorted(
    path
    for path in {*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("*/README.md")}
    if path.name != "CHANGELOG.md"
)


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    path = ROOT / "docs" / "draw_architecture.py"
    spec = importlib.util.spec_from_file_location("draw_architecture", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_of_the_rooms_is_that_of_the_code(draw: ModuleType) -> None:
    assert draw.picture() == draw.PICTURE.read_text(encoding="utf-8"), "run: make docs"


def test_the_table_of_the_rooms_is_that_of_the_code(draw: ModuleType) -> None:
    text = draw.PAGE.read_text(encoding="utf-8")
    assert draw.page(text) == text, "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#:]+)\)", text) if target]
    missing = [target for target in linked if not (page.parent / target).exists()]
    named = re.findall(
        r"`((?:automl|tests|benchmarks|docs|search_spaces)/[^`\s*<{:]+)(?:::\w+)?`", text
    )
    missing += [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def _tests_in(path: Path) -> set[str]:
    """The names of a file's tests, which is read and not run."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {name for name in functions if name.startswith("test_")}


def test_every_promise_of_the_service_is_held_by_tests_that_are_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    section = text.partition("\n## The service\n")[2].partition("\nNot promised")[0]
    promises = re.split(r"^- ", section, flags=re.M)[1:]
    assert len(promises) >= 14
    for promise in promises:
        held = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise.partition("*Held by*")[2])
        assert held, promise
        assert [name for file, name in held if name not in _tests_in(ROOT / file)] == []


def test_what_an_attribute_is_begins_with_a_noun() -> None:
    """Not with a relative clause or a genitive, which need a second reading."""
    entry = re.compile(r"^( +)[\w*, ]+ : .*\n\1    ((?:That|Of|From|By(?! default))\b.*)", re.M)
    package = ROOT / "automl"
    riddles = [
        f"{path.relative_to(package)}: {found[2]}"
        for path in package.rglob("*.py")
        for found in entry.finditer(path.read_text(encoding="utf-8"))
        if not found[2].startswith("From 0")
    ]
    assert riddles == []


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_section_that_a_page_links_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    assert [
        f"{target}#{anchor}"
        for target, anchor in links
        if anchor not in _anchors(page.parent / target if target else page)
    ] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert [name for name in sorted(pages) if f"]({name})" not in index] == []


def test_every_word_of_the_task_runner_is_explained() -> None:
    words = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert set(words) >= {"lint", "types", "test", "fast", "docs"}
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [word for word in words if f"`make {word}`" not in contributing] == []


def test_every_place_that_is_slow_is_there() -> None:
    missing = [place for place in SLOW if not (ROOT / "tests" / place).exists()]
    assert missing == []
    assert "markers" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_reference_is_built_from_the_docstrings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pdoc", "--docformat", "numpy", "-o", str(tmp_path)]
    built = subprocess.run(
        [*command, "automl", "automl.job", "automl.models"], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    assert "Warn" not in built.stderr
    page = (tmp_path / "automl.html").read_text(encoding="utf-8")
    assert [name for name in automl.__all__ if f'id="{name}"' not in page] == []
