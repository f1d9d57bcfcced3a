"""Addresses of schedulers, and versions of slots."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from commands import Ran

from automl.cluster.address import Address
from automl.cluster.versions import difference, slot_facts, versions
from automl.errors import ConfigError

Cli = Callable[..., Ran]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("pc1", "tls://pc1:8786"),
        ("pc1.lab:99", "tls://pc1.lab:99"),
        ("tls://10.0.0.1", "tls://10.0.0.1:8786"),
        ("tcp://localhost:1", "tcp://localhost:1"),
        ("tcp://127.0.0.5:1", "tcp://127.0.0.5:1"),
        ("tcp://[::1]:1", "tcp://[::1]:1"),
    ],
)
def test_an_address_has_a_port_and_tls_unless_it_says_so(text: str, address: str) -> None:
    assert str(Address.parse(text, "HOST")) == address


@pytest.mark.parametrize(
    "text",
    ["", "a b", "http://pc1", "pc1:99999", "pc1:x", "tcp://pc1", "tcp://0.0.0.0", "[::1", "a/b"],
)
def test_any_other_is_refused_in_one_line(text: str, cli: Cli) -> None:
    with pytest.raises(ConfigError):
        Address.parse(text, "HOST")
    for command in ("scheduler", "worker"):
        ran = cli("cluster", command, text)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("options", [["--slots", "0"], ["--slots", "many"], ["--slots", "9999"]])
def test_slots_are_a_number_of_jobs(options: list[str], cli: Cli) -> None:
    ran = cli("cluster", "worker", "pc1", *options)
    assert (ran.code, ran.out) == (2, "")
    assert "--slots" in ran.err


def test_a_host_is_a_name(cli: Cli) -> None:
    ran = cli("cluster", "init", "pc1; rm -r")
    assert ran.code == 2
    assert "HOSTS: must be names" in ran.err


def test_a_slot_of_this_machine_has_our_versions() -> None:
    facts = slot_facts(place=3)
    assert facts["place"] == 3
    assert difference(versions(), facts["versions"]) is None


def test_other_versions_are_named_on_both_sides() -> None:
    ours = {"Python": "3.11", "torch": "2.13.0", "plug-in mine": "1.0"}
    theirs = {"Python": "3.12", "torch": "2.13.0"}
    assert difference(ours, theirs) == (
        "Python is 3.12 there and 3.11 here; plug-in mine is missing there and 1.0 here"
    )
