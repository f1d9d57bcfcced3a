"""Files that were made to do harm: refused in seconds, with little memory, and no code is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ran

HERE = Path(__file__).parent


@pytest.fixture
def bundle(small_search: Callable[..., Ran], studies: Path) -> Path:
    assert small_search().code == 0
    return (studies / "iris" / "best").resolve()


def test_hostile_files_are_refused(bundle: Path, tmp_path: Path) -> None:
    paths = os.pathsep.join(
        [str(HERE), str(HERE.parent), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    )
    ran = subprocess.run(
        [sys.executable, str(HERE / "hostile.py"), str(bundle)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        timeout=150,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    *lines, last = ran.stdout.splitlines()
    assert last == "no code ran"
    assert len(lines) >= 25
    for line in lines:
        assert not re.search(r": (READ|NO MEMORY)$", line), line
