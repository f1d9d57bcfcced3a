"""Addresses of Ray clusters."""

from __future__ import annotations

import pytest

from automl.cluster.ray_address import RayAddress
from automl.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ray://localhost", "ray://localhost:10001"),
        ("ray://[::1]:99", "ray://[::1]:99"),
        ("127.0.0.1", "127.0.0.1:6379"),
        ("localhost:1234", "localhost:1234"),
    ],
)
def test_an_address_has_the_port_that_ray_has(text: str, address: str) -> None:
    assert str(RayAddress.parse(text, "--cluster")) == address


@pytest.mark.parametrize("text", ["tls://pc1", "ray://", "pc1:99999", "pc1:0", "a b"])
def test_another_form_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--cluster: must be ray://HOST, ray://HOST:PORT or"):
        RayAddress.parse(text, "--cluster")


def test_beyond_this_machine_somebody_says_whether_there_is_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RAY_USE_TLS", raising=False)
    with pytest.raises(ConfigError, match="must be reached with TLS beyond this machine"):
        RayAddress.parse("ray://pc1", "--cluster")
    monkeypatch.setenv("RAY_USE_TLS", "1")
    assert str(RayAddress.parse("ray://pc1", "--cluster")) == "ray://pc1:10001"
