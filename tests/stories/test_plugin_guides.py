"""The guides of docs/plugins.md are run: each makes a plug-in, and holds it to its contract."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import automl

PAGE = Path(automl.__file__).parents[1] / "docs" / "plugins.md"
GUIDES = {
    match[1]: match[2]
    for match in re.finditer(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.M | re.S)
}


def test_there_is_a_guide_for_each_kind() -> None:
    kinds = ["family", "data source", "baseline", "section of the report", "executor"]
    assert sorted(GUIDES) == sorted(f"An {k}" if k[0] in "aeiou" else f"A {k}" for k in kinds)


@pytest.mark.parametrize("kind", GUIDES)
def test_a_guide_makes_what_keeps_the_contract(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDES[kind], re.M | re.S)
    assert "automl.testing" in blocks[-1]
    module = ModuleType("guide")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # where a dataclass looks
    for block in blocks:
        exec(compile(block, f"{PAGE.name}: {kind}", "exec"), vars(module))
