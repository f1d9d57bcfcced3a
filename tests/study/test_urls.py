"""Secrets in a storage URL are never shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ran
from hypothesis import given
from hypothesis import strategies as st

from automl.study.study import _public
from automl.study.urls import public_url, without_secrets

SECRET = "s3cr3t-w0rd"

URLS = [
    f"postgresql://user:{SECRET}@127.0.0.1:1/studies",
    f"postgresql+psycopg://user:{SECRET}@127.0.0.1:1/studies?sslpassword={SECRET}",
    f"postgresql://user@127.0.0.1:1/studies?password={SECRET}&sslmode=require",
    f"mysql://user:{SECRET}@host:port/studies",
    f"sqlite://user:{SECRET}@/studies.db",
    f"nonsense:{SECRET}",
    f"://{SECRET}",
]


@pytest.mark.parametrize("url", URLS)
def test_no_command_shows_it(cli: Callable[..., Ran], studies: Path, url: str) -> None:
    ran = cli("search", "--dataset", "iris", "--storage", url, "--executor", "inline")
    assert ran.code == 2
    assert SECRET not in ran.out + ran.err
    assert len(ran.err.splitlines()) == 1
    written = [p.read_bytes() for p in studies.rglob("*") if p.is_file()]
    assert not any(SECRET.encode() in data for data in written)


def test_what_stays_is_enough_to_know_it_by() -> None:
    assert public_url(URLS[0]) == "postgresql://user:***@127.0.0.1:1/studies"
    assert "sslmode=require" in public_url(URLS[2])


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6, max_size=20))
def test_a_driver_that_quotes_it_is_not_quoted(secret: str) -> None:
    secret = f"{secret}!"
    url = f"postgresql://user:{secret.replace('!', '%21')}@host/name?password={secret}"
    said = f"cannot connect with {secret} to {url}"
    assert secret not in without_secrets(said, url)
    assert secret.replace("!", "%21") not in without_secrets(said, url)
    assert secret not in public_url(url)


def test_the_study_remembers_the_address_without_it() -> None:
    from automl.config import SearchConfig

    for url in URLS:
        assert SECRET not in json.dumps(_public(SearchConfig(dataset="iris", storage=url)))
