"""Plug-in folders: a file's name is its name, and installed packages can add their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from automl.baselines import BASELINES
from automl.data.sources import SOURCES
from automl.errors import ConfigError, UnknownNameError
from automl.executors import EXECUTORS
from automl.models import FAMILIES
from automl.registry import Registry, canonical_name

REGISTRIES = [FAMILIES, EXECUTORS, BASELINES, SOURCES]
ALL = [pytest.param(r, n, id=f"{r.kind} {n}") for r in REGISTRIES for n in r.names()]


@pytest.mark.parametrize(("registry", "name"), ALL)
def test_every_file_of_a_plugin_folder_offers_an_implementation(
    registry: Registry[Any], name: str
) -> None:
    assert registry.get(name) is registry.get(name.replace("-", "_"))


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda r: r.kind)
def test_names_are_those_of_the_public_files(registry: Registry[Any]) -> None:
    import automl

    folder = Path(automl.__file__).parents[1] / registry.package.replace(".", "/")
    files = [p.stem for p in folder.glob("*.py") if not p.name.startswith("_")]
    assert registry.names() == sorted(canonical_name(name) for name in files)


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda r: r.kind)
@pytest.mark.parametrize("name", ["nonsense", "", "..", "_job", "__init__", "os.path", "a\0b"])
def test_an_unknown_name_lists_the_known_ones(registry: Registry[Any], name: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        registry.get(name)
    assert f"unknown {registry.kind}" in str(error.value)
    assert ", ".join(registry.names()) in str(error.value)


def test_an_installed_package_adds_a_family(
    python: Callable[..., CompletedProcess[str]], own_machine: Path
) -> None:
    (own_machine / "kitchen.py").write_text(
        "from automl.models.mlp import Mlp\nclass Mine(Mlp): pass\nFAMILY = Mine()\n"
    )
    info = own_machine / "kitchen-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kitchen\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[automl.models]\nmy_net = kitchen:FAMILY\n")
    ran = python(
        "-c",
        "from automl.models import FAMILIES\n"
        "print(FAMILIES.names(), type(FAMILIES.get('my-net')).__name__)\n"
        "print(FAMILIES.origin('my-net'), FAMILIES.origin('mlp'))",
    )
    first, second = ran.stdout.splitlines()
    assert first == f"{sorted([*FAMILIES.names(), 'my-net'])} Mine"
    assert second == "the package kitchen 1.0 None"


@pytest.mark.parametrize(
    ("source", "said"),
    [("1 / 0", "cannot be imported: ZeroDivisionError"), ("FAMILY = 3", "but is int")],
)
def test_a_bad_installed_family_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, said: str
) -> None:
    (tmp_path / "bad_kitchen.py").write_text(source)
    point = EntryPoint("bad-net", "bad_kitchen:FAMILY", "automl.models")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "bad_kitchen", raising=False)
    monkeypatch.setattr("automl.registry.entry_points", lambda group: [point])
    with pytest.raises(ConfigError, match=said):
        FAMILIES.get("bad-net")
