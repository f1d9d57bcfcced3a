from __future__ import annotations

from pathlib import Path

import pytest

from automl.data.cache import folders
from automl.data.cache.folders import download_folder, search_folders


def test_the_chosen_folder_comes_first_then_the_checkout_then_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_cache: Path
) -> None:
    monkeypatch.setenv("AUTOML_DATASETS", str(tmp_path / "mine"))
    checkout = Path(folders.__file__).parents[3] / "datasets"
    expected = [tmp_path / "mine" / "wine", checkout / "wine", own_cache / "wine"]
    assert search_folders("wine") == expected
    assert download_folder("wine") == tmp_path / "mine" / "wine"


def test_an_empty_choice_is_none(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    monkeypatch.setenv("AUTOML_DATASETS", "")
    assert download_folder("wine") == own_cache / "wine"


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AUTOML_DATASETS", "~/sets")
    assert download_folder("wine") == tmp_path / "sets" / "wine"


@pytest.mark.parametrize("value", ["", "relative"])
def test_a_cache_that_is_not_absolute_is_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert download_folder("wine") == tmp_path / ".cache" / "automl" / "datasets" / "wine"


def test_an_installed_package_does_not_look_beside_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_cache: Path
) -> None:
    installed = tmp_path / "site-packages" / "automl" / "data" / "folders.py"
    monkeypatch.setattr(folders, "__file__", str(installed))
    monkeypatch.chdir(tmp_path)
    assert search_folders("wine") == [tmp_path / "datasets" / "wine", own_cache / "wine"]
