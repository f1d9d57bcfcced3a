"""A search on three hosts: one is unplugged in the middle, one is killed, and one is new."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")
pytest.importorskip("cryptography")

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("unshare") is None,
    reason="network namespaces need root, ip and unshare",
)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import network_hosts

    monkeypatch.setenv("AUTOML_CLUSTER_FOLDER", str(tmp_path / "cluster"))
    try:
        made = network_hosts.Lab(tmp_path)
    except OSError as error:
        pytest.skip(f"no network namespaces here: {error}")
    try:
        yield made
    finally:
        made.close()


@pytest.mark.timeout(600)
def test_a_search_on_hosts_that_come_and_go_finds_the_same_as_one_worker(lab: Any) -> None:
    import network_hosts

    options = {**network_hosts.SMALL, "max_epochs": 1, "family": ["mlp"]}
    there = network_hosts.search_with_changes(lab, "digits", 6, **options)
    here = network_hosts.search_here("digits", 6, executor="inline", workers=1, **options)
    assert network_hosts.facts(there) == network_hosts.facts(here)
    assert there[-1].host == lab.hosts[2]
