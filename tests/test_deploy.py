"""`deploy/` is of this program: what it starts, where it listens, and what it may do there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import automl
from automl.cli import app
from automl.service.guard import OPEN
from automl.service.settings import ServiceSettings

ROOT = Path(automl.__file__).parents[1]
DEPLOY = ROOT / "deploy"


def _unit() -> ConfigParser:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string((DEPLOY / "automl.service").read_text(encoding="utf-8"))
    return unit


def _dockerfile() -> list[tuple[str, str]]:
    """The instructions of the image, with what they are given."""
    text = re.sub(r"\\\n *", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def _last(instruction: str) -> str:
    return [given for name, given in _dockerfile() if name == instruction][-1]


def _served(words: list[str]) -> ServiceSettings:
    """What `automl serve` makes of a command line, which is read and not run."""
    serve: Any = typer.main.get_command(app).get_command(None, "serve")  # type: ignore[attr-defined]
    given = serve.make_context("serve", words).params
    return ServiceSettings(
        root=given["root"],
        host=given["host"],
        port=given["port"],
        names=tuple(given["name"] or ()),
        behind_proxy=given["behind_proxy"],
    )


def test_the_unit_serves_behind_a_proxy_and_leaves_searches_alone() -> None:
    unit = _unit()["Service"]
    program, command, *words = unit["ExecStart"].split()
    assert (Path(program).name, command) == ("automl", "serve")
    settings = _served(words)
    settings.check()
    assert (settings.host, settings.behind_proxy) == ("127.0.0.1", True)
    assert settings.root == Path("/var/lib", unit["StateDirectory"])
    assert unit["KillMode"] == "process"  # a search outlives the server
    assert unit["User"] == "automl"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "automl.service").read_text(encoding="utf-8")
    path = tmp_path / "automl.service"
    path.write_text(text.replace("/opt/automl/bin/automl", "/bin/true"), encoding="utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def test_the_image_is_built_of_what_is_there_and_runs_as_nobody_special() -> None:
    for name, given in _dockerfile():
        if name == "COPY" and not given.startswith("--from="):
            assert [path for path in given.split()[:-1] if not (ROOT / path).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = re.search(r"\.\[([\w,]+)\]", "".join(given for _, given in _dockerfile()))
    assert asked is not None
    assert set(asked[1].split(",")) <= project["optional-dependencies"].keys()
    uid = _last("USER")
    assert uid.isdecimal()
    assert int(uid) > 0
    _, _, *words = json.loads(_last("ENTRYPOINT"))
    settings = _served([*words, *json.loads(_last("CMD"))])
    settings.check()
    assert _last("EXPOSE") == str(settings.port)
    assert _last("VOLUME") == str(settings.root)
    asked = re.search(rf"http://127\.0\.0\.1:{settings.port}(/[\w/]+)", _last("HEALTHCHECK"))
    assert asked is not None
    assert f"GET {asked[1]}" in OPEN


def test_the_compose_file_shows_nothing_to_other_machines_and_holds_no_password() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    compose = yaml.safe_load(text)
    service, database = compose["services"]["automl"], compose["services"]["database"]
    assert service["ports"] == ["127.0.0.1:8321:8321"]
    assert "ports" not in database
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    mounts = [mount.partition(":") for one in (service, database) for mount in one["volumes"]]
    assert {name for name, _, _ in mounts} == compose["volumes"].keys()
    assert _last("VOLUME") in [place for _, _, place in mounts]
    assert service["depends_on"]["database"]["condition"] == "service_healthy"
    assert "healthcheck" in database
    passwords = re.findall(r"PASSWORD: (.*)|://automl:(.*)@", text)
    assert {one or other for one, other in passwords} == {"${POSTGRES_PASSWORD:?set it}"}


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="no docker-compose")
def test_docker_compose_takes_the_file_with_a_password_and_not_without() -> None:
    command = ["docker-compose", "-f", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    for more, right in (({"POSTGRES_PASSWORD": "four lazy words"}, True), ({}, False)):
        env = {name: value for name, value in os.environ.items() if "PASSWORD" not in name}
        ran = subprocess.run(command, capture_output=True, text=True, env=env | more)
        assert (ran.returncode == 0) is right, ran.stderr
