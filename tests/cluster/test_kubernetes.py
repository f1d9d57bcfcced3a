"""The manifest for Kubernetes: its commands are ours, and its parts fit together."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import Ran

import automl
from automl.cluster.address import PORT, Address
from automl.cluster.folder import ClusterFolder

ROOT = Path(automl.__file__).parents[1]

MANIFEST = ROOT / "deploy" / "kubernetes.yaml"

Cli = Callable[..., Ran]


@pytest.fixture
def parts() -> dict[tuple[str, str], Any]:
    found = list(yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8")))
    assert all({"apiVersion", "kind", "metadata", "spec"} <= set(part) for part in found)
    return {(part["kind"], part["metadata"]["name"]): part["spec"] for part in found}


@pytest.mark.parametrize("role", ["scheduler", "worker"])
def test_each_pod_runs_a_command_that_there_is_with_its_own_certificates(
    parts: dict[tuple[str, str], Any], role: str, cli: Cli
) -> None:
    pod = parts["Deployment", f"automl-{role}"]["template"]["spec"]
    (container,) = pod["containers"]
    program, group, name, address, *options = container["command"]
    assert (program, group, name) == ("automl", "cluster", role)
    assert Address.parse(address, "ADDRESS").port == PORT
    known = set(re.findall(r"--[a-z-]+", cli("cluster", role, "--help").out))
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert set(given) <= known
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}
    secret = mounted[given["--folder"]]["secret"]
    assert secret["secretName"] == f"automl-{role}"
    assert secret["defaultMode"] & 0o007 == 0  # a key that others can read is refused
    assert "emptyDir" in mounted["/tmp"]
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    text = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    for file in ClusterFolder(Path("cluster")).files(role):  # type: ignore[arg-type]
        assert f"--from-file={file}" in text


def test_the_workers_find_the_scheduler(parts: dict[tuple[str, str], Any]) -> None:
    worker = parts["Deployment", "automl-worker"]["template"]
    host = Address.parse(worker["spec"]["containers"][0]["command"][3], "HOST")
    service = parts["Service", host.host]
    scheduler = parts["Deployment", "automl-scheduler"]["template"]
    assert service["selector"].items() <= scheduler["metadata"]["labels"].items()
    assert [port["port"] for port in service["ports"]] == [host.port]
    policy = parts["NetworkPolicy", "automl"]["podSelector"]["matchLabels"].items()
    assert policy <= worker["metadata"]["labels"].items()
    assert policy <= scheduler["metadata"]["labels"].items()
