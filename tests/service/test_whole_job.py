"""The whole job on a service that was just started: in a browser, by curl, by `automl.Client`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from commands import Ran
from PIL import Image
from playwright.sync_api import Page, sync_playwright

import automl
from automl.client.events import Event
from automl.service.runner import Runner
from automl.service.search_folder import SearchFolder

ROOT = Path(automl.__file__).parent.parent

CHROMIUM = os.environ.get("AUTOML_CHROMIUM") or shutil.which("chromium")

pytestmark = pytest.mark.timeout(600)

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

PASSWORD = "four lazy words here"


@dataclass(frozen=True)
class Serving:
    url: str
    invitation: str
    folder: Path


def write_data(folder: Path) -> None:
    """Write a table, a ZIP of pictures and one of them, and arrays."""
    random = np.random.RandomState(0)
    rooms, town = random.randint(1, 7, 120), random.choice(["Ayr", "Bath"], 120)
    sold = np.where((rooms > 3) ^ (town == "Bath"), "yes", "no")
    lines = [f"{r},{t},{s}" for r, t, s in zip(rooms, town, sold, strict=True)]
    (folder / "sales.csv").write_text("\n".join(["rooms,town,sold", *lines]) + "\n")
    with zipfile.ZipFile(folder / "shapes.zip", "w") as archive:
        for i in range(24):
            name, low = ("bright", 150) if i % 2 else ("dark", 0)
            content = BytesIO()
            Image.fromarray(random.randint(low, low + 100, (8, 8), np.uint8)).save(content, "PNG")
            archive.writestr(f"{name}/{i}.png", content.getvalue())
    (folder / "one.png").write_bytes(content.getvalue())
    X = random.normal(size=(40, 2))
    np.savez(folder / "signals.npz", X=X, y=(X.sum(axis=1) > 0).astype(int))


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service in a process of its own, as whoever starts it for the first time has it."""
    folder = tmp_path_factory.mktemp("service")
    write_data(folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "automl", "serve", "--port", "0", "--max-running", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    first, second = process.stdout.readline(), process.stdout.readline()
    url = first.split()[-1].rstrip("/")
    yield Serving(url, second.split("=")[-1].strip(), folder)
    process.terminate()
    process.wait()
    process.stdout.close()
    # A search outlives its service: where a test has failed, one may run for an hour.
    for begun in folder.rglob("begun.json"):
        Runner().kill(SearchFolder(begun.parent), json.loads(begun.read_text())["attempt"])


@pytest.fixture(scope="module")
def token(serving: Serving) -> str:
    """The token that the first user makes on the page, after the whole job was done there."""
    if CHROMIUM is None:
        pytest.skip("no browser: install chromium, or set AUTOML_CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.set_default_timeout(300_000)  # on a machine that does much else
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        asked: list[str] = []
        page.context.on("request", lambda request: asked.append(request.url))  # of every tab
        do_the_job(page, serving)
        try_pictures_and_arrays(page, serving.folder)
        made = make_token(page, serving)
        browser.close()
    # The one bad row, of which the page says more than the browser.
    assert [line for line in errors if "status of 422" not in line] == []
    assert [url for url in asked if not url.startswith((serving.url, "blob:"))] == []
    return made


def do_the_job(page: Page, serving: Serving) -> None:
    page.goto(f"{serving.url}/")
    page.get_by_role("heading", name="Log in").wait_for()
    page.goto(f"{serving.url}/#invitation={serving.invitation}")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Go in").click()
    search_until_paused(page, serving.folder / "sales.csv", target="sold")
    # For one more trial and its end; a search that has all of them ends at once.
    trials = page.locator(".figures div", has=page.get_by_text("Trials", exact=True))
    done = int(trials.locator("dd").inner_text().split()[0])
    page.get_by_text("Give it more time").click()
    page.get_by_label("1 minute").check(force=True)
    page.get_by_label("Trials in all").fill(str(done + 1))
    page.get_by_role("button", name="Give more, and go on").click()
    page.get_by_text("finished", exact=True).wait_for()
    assert page.get_by_role("link", name="Read the report").get_attribute("href")
    page.locator("svg circle.curve.best").first.wait_for()
    look_at_the_trials(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the model").click()
    model = automl.load_model(str(download.value.path()))
    page.get_by_role("button", name="Keep and try the model").click()
    page.get_by_label("rooms").fill("6")
    page.get_by_label("town").select_option("Ayr")
    page.get_by_role("button", name="Predict").click()
    assert [told(page)] == model.predict([{"rooms": 6, "town": "Ayr"}]).tolist()
    page.get_by_label("rooms").fill("many")
    page.get_by_role("button", name="Predict").click()
    assert "'rooms'" in page.get_by_role("alert").inner_text()


def search_until_paused(page: Page, data: Path, target: str | None = None) -> None:
    """Drop data, look at it, search, and pause when the first trial has come to its end."""
    page.get_by_role("link", name="Searches", exact=True).click()
    page.get_by_label("Drop your data here").set_input_files(data)
    if target is not None:
        page.get_by_label("Which column should be predicted?").select_option(target)
    page.get_by_text("two classes", exact=True).wait_for()
    page.get_by_text("More", exact=True).click()
    page.get_by_label("At most so many trials").fill("1000")
    page.get_by_label("1 hour").check(force=True)
    page.get_by_role("button", name="Start the search").click()
    page.locator("svg .dot.best").first.wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("paused", exact=True).wait_for()
    page.get_by_role("button", name="Go on").wait_for()


def look_at_the_trials(page: Page) -> None:
    """Open optuna-dashboard, which has a tab of its own and shows the one study."""
    with page.expect_popup() as opened:
        page.get_by_role("link", name="All trials, in optuna-dashboard").click()
    opened.value.get_by_text("1. sales").click()
    opened.value.get_by_text("Best Trial").first.wait_for()
    opened.value.close()


def told(page: Page) -> str:
    """The prediction that the page shows, behind the name of what is predicted."""
    return page.locator(".answer .headline").inner_text().split()[-1]


def try_pictures_and_arrays(page: Page, folder: Path) -> None:
    search_until_paused(page, folder / "shapes.zip")
    page.get_by_role("button", name="Keep and try the model").click()
    page.get_by_label("Drop a picture here").set_input_files(folder / "one.png")
    assert told(page) in ("bright", "dark")
    search_until_paused(page, folder / "signals.npz")
    page.get_by_role("button", name="Keep and try the model").click()
    page.get_by_label("One row: 2 numbers").fill("0.5, 1")
    page.get_by_role("button", name="Predict").click()
    assert told(page) in ("0", "1")


def make_token(page: Page, serving: Serving) -> str:
    page.get_by_role("link", name="ada").click()
    page.get_by_label("Name of a new token").fill("laptop")
    page.get_by_role("button", name="Make it").click()
    return page.get_by_label("It is shown this once").input_value()


def test_the_whole_job_in_a_browser(token: str) -> None:
    assert token.startswith("amt_")


def walk_through() -> str:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return str(script)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_same_by_curl_as_it_is_written(serving: Serving, token: str) -> None:
    env = {**os.environ, "AUTOML_URL": serving.url, "AUTOML_TOKEN": token}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", walk_through()],
        capture_output=True,
        text=True,
        cwd=serving.folder,
        env=env,
    )
    assert ran.returncode == 0, ran.stderr
    assert "event: finished" in ran.stdout
    *_, last = ran.stdout.splitlines()
    assert last.split(",")[0] in ("no", "yes")
    assert automl.load_model(serving.folder / "sales.zip").predicted == ["prediction"]


def test_the_same_by_the_client(
    serving: Serving, token: str, one_line: Callable[[str], str], tmp_path: Path
) -> None:
    client = automl.Client(serving.url, token)
    assert client.me()["name"] == "ada"
    assert token not in repr(client)
    search = client.search(serving.folder / "sales.csv", target="sold", trials=3, name="again")
    client.pause(search)
    events = list(client.watch(search))
    assert events[-1].name == "paused"
    assert client.status(search)["state"] == "paused"
    client.more_time(search, "10s")
    client.cancel(search)
    client.delete(search)
    with pytest.raises(automl.ServiceError, match="there is no search"):
        client.status(search)

    done = next(one["id"] for one in client.searches() if one["state"] == "finished")
    check_watching(client, done)
    assert client.wait(done)["metric"] == "accuracy"
    path = client.fetch(done, tmp_path / "model.zip")
    model, rows = automl.load_model(path), [{"rooms": 2, "town": "Bath"}]
    client.pin("mine", done)
    client.promote("mine", 1)
    np.testing.assert_allclose(
        client.predict_proba("mine", rows, version="production"),
        model.predict_proba(rows),
        atol=1e-4,
    )
    assert client.predict("mine", rows).tolist() == model.predict(rows).tolist()
    with pytest.raises(automl.ServiceError) as refused:
        client.predict("mine", [{"rooms": "many", "town": "Bath"}])
    assert "row 1" in one_line(str(refused.value))


def test_the_same_on_the_command_line(
    serving: Serving,
    token: str,
    cli: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("AUTOML_URL", serving.url)
    monkeypatch.setenv("AUTOML_TOKEN", token)
    listed = [line.split() for line in cli("remote", "list").out.splitlines()]
    done = next(search for search, state, *_ in listed if state == "finished")
    assert "the best so far" in cli("remote", "watch", done).out
    fetched = cli("remote", "fetch", done, "--to", str(tmp_path / "model.zip"))
    assert Path(fetched.out.strip()).is_file()
    assert cli("remote", "pin", "shell", done).out.startswith("shell: version 1")
    told = cli("remote", "predict", "shell", str(serving.folder / "sales.csv"))
    assert set(told.out.split()) == {"no", "yes"}
    refused = cli("remote", "watch", "0" * 16)
    assert (refused.code, refused.out) == (2, "")
    assert token not in refused.err


def check_watching(client: automl.Client, search: str) -> None:
    """Whoever comes back behind an event gets the rest, and nothing twice."""
    every = list(client.watch(search))
    assert every[-1].name == "finished"
    middle = len(every) // 2
    rest: list[Event] = list(client.watch(search, after=every[middle].id))
    assert rest == every[middle + 1 :]
    assert list(client.watch(search, after=every[-1].id)) == []
