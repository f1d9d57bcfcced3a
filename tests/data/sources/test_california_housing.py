"""California housing: from the published archive to a data set, on a mirror of this machine."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from automl.data import SOURCES, load
from automl.errors import DataError

Mirror = Any  # the class in conftest.py, which has no name to import it by

# The first block of the published file; scikit-learn documents its features and its target.
FIRST = "-122.23,37.88,41.0,880.0,129.0,322.0,126.0,8.3252,452600.0"


def archive(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


@pytest.fixture
def published(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    rows = "\n".join(f"-122.2,37.8,{i}.0,880.0,129.0,322.0,126.0,8.3,{i}00.0" for i in range(1, 30))
    content = archive("CaliforniaHousing/cal_housing.data", f"{FIRST}\n{rows}\n")
    mirror.files["/5976036"] = content
    source = type(SOURCES.get("california-housing"))
    monkeypatch.setattr(source, "mirrors", (f"{mirror.url}/5976036",))
    monkeypatch.setattr(source, "packed", hashlib.sha256(content).hexdigest())
    return mirror


def test_it_is_fetched_once_and_has_scikit_learns_features(
    published: Mirror, own_cache: Path
) -> None:
    with pytest.raises(DataError, match=r"put cal_housing\.tgz in .*california-housing, or let"):
        load("california-housing")
    assert published.requests == []
    raw = SOURCES.get("california-housing").load(download=True)
    expected = [8.3252, 41.0, 6.984127, 1.023810, 322.0, 2.555556, 37.88, -122.23]
    assert raw.X[0].tolist() == pytest.approx(expected, abs=1e-6)
    assert raw.y[0] == pytest.approx(4.526)
    assert load("california-housing").task.kind == "regression"
    assert len(published.requests) == 1


def test_an_archive_that_was_altered_is_refused(published: Mirror, own_cache: Path) -> None:
    load("california-housing", download=True)
    path = own_cache / "california-housing" / "cal_housing.tgz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="SHA256 must be"):
        load("california-housing")
