"""The report and the dashboard in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from automl.dashboard.process import running_dashboard
from automl.result import SearchResult
from automl.study.folder import StudyFolder

CHROMIUM = os.environ.get("AUTOML_CHROMIUM") or shutil.which("chromium")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no browser: install chromium, or set AUTOML_CHROMIUM to its path"
)

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

# Playwright's own waiting evaluates text, which the page's Content-Security-Policy forbids.
NEXT_COLOUR = """async (before) => {
  const ink = () => document.getElementById('chart-scores').layout.font.color;
  for (let frame = 0; frame < 600 && ink() === before; frame++)
    await new Promise(requestAnimationFrame);
  return ink();
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


SCROLL_WIDTH = "document.documentElement.scrollWidth"


class Watched:
    """A page with all that went wrong on it, and every address it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.asked: list[tuple[str, str]] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.asked.append((request.method, request.url)))

    def _said(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning", "trace"):
            self.errors.append(str(message))

    def outside(self, *allowed: str) -> list[str]:
        """Addresses that begin with none of these, and hold no data themselves."""
        return [url for _, url in self.asked if not url.startswith((*allowed, "data:", "blob:"))]


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    yield Watched(page)
    page.close()


def _open_report(watched: Watched, study: Path) -> None:
    watched.page.goto((study / "report.html").as_uri())


def test_the_report_opens_without_errors_or_a_network_and_agrees_with_the_result(
    watched: Watched, searched: Path
) -> None:
    _open_report(watched, searched)
    assert watched.errors == []
    assert watched.outside("file://") == []
    drawn = watched.page.evaluate(
        "[...document.querySelectorAll('[data-chart]')].filter(p => !p.querySelector('svg')).length"
    )
    assert drawn == 0
    _check_figures(watched, SearchResult.read(searched / "result.json"))
    assert watched.page.evaluate(SCROLL_WIDTH) <= 1100


def _check_figures(watched: Watched, result: SearchResult) -> None:
    """That they agree with the result."""
    assert result.test is not None
    bars = watched.page.evaluate("document.getElementById('chart-scores').data[0]")
    scores = [result.test.score]
    if result.ensemble is not None and result.ensemble.test is not None:
        scores.append(result.ensemble.test.score)
    scores += [b.test.score for b in result.baselines.values() if b.test is not None]
    assert bars["x"] == scores
    counts = watched.page.evaluate("document.getElementById('chart-confusion').data[0].text")
    assert [[int(n or 0) for n in row] for row in counts] == result.confusion
    steps = watched.page.evaluate(
        "document.getElementById('chart-best-by-trials').data.find(t => t.name === 'best so far').y"
    )
    assert max(steps) == steps[-1]
    lead = watched.page.inner_text("p.lead")
    assert f"{100 * result.test.score:.2f} %" in lead


def test_on_a_telephone_the_page_need_not_be_scrolled_sideways(
    watched: Watched, searched: Path
) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 844})
    _open_report(watched, searched)
    assert watched.page.evaluate(SCROLL_WIDTH) <= 390


def test_figures_follow_the_dark_scheme(watched: Watched, searched: Path) -> None:
    _open_report(watched, searched)
    ink = "document.getElementById('chart-scores').layout.font.color"
    light = watched.page.evaluate(ink)
    watched.page.emulate_media(color_scheme="dark")
    assert watched.page.evaluate(NEXT_COLOUR, light) == "#e7eaee"
    assert watched.errors == []


def test_a_printed_page_has_light_figures_that_fit_the_paper(
    watched: Watched, searched: Path
) -> None:
    watched.page.emulate_media(color_scheme="dark")
    _open_report(watched, searched)
    widths = watched.page.evaluate(
        """() => {
          dispatchEvent(new Event('beforeprint'));
          return [...document.querySelectorAll('[data-chart]')].map(p => p._fullLayout.width);
        }"""
    )
    assert max(widths) <= 660
    ink = "document.getElementById('chart-scores').layout.font.color"
    assert watched.page.evaluate(ink) == "#1d2127"
    assert watched.page.pdf(format="A4").startswith(b"%PDF")


def test_the_dashboard_opens_without_errors_and_writes_nothing(
    watched: Watched, searched: Path
) -> None:
    with running_dashboard(StudyFolder(searched)) as (address, _):
        watched.page.goto(address)
        watched.page.get_by_text("digits-svm").wait_for()
        watched.page.goto(f"{address}/studies/1")
        # The figure of that name has it as the title of an axis, too, as soon as it is drawn.
        watched.page.get_by_role("heading", name="Hyperparameter Importance").wait_for()
        base = address.rsplit("/", 1)[0]
        assert watched.errors == []
        assert watched.outside(base) == []
        assert {method for method, _ in watched.asked} == {"GET"}
