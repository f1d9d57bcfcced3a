"""Kill anything, any time: nothing that was finished is lost, and the search ends as asked."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def kills() -> ModuleType:
    """The program that kills for longer, outside the suite."""
    spec = importlib.util.spec_from_file_location("kills", BENCHMARKS / "kills.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kills"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.timeout(600)
def test_five_kills_at_random_moments_lose_nothing(kills: ModuleType, studies: Path) -> None:
    tally = kills.run(studies, kills=5, seed=7)
    assert tally.kills >= 5
    assert set(tally.victims) == {"parent", "worker", "all"}
    assert tally.slowest_orphan < kills.ORPHAN_SECONDS
