"""`kill -9` of the server and of searches: nothing is lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def test_kills_at_random_moments_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import service_kills

    tally = service_kills.run(2, seed=1, root=tmp_path / "service", longest=1.5, busy=2)
    assert tally.faults == []
    assert tally.kills == 2
    assert tally.states["finished"] >= 1
