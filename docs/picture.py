"""Take the README's picture of a report.

python docs/picture.py studies/mnist/report.html docs/report.png
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-sync", "--no-first-run"]


def main() -> None:
    """From the top of the page to the end of its first figure."""
    page_path, picture_path = map(Path, sys.argv[1:])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1000, "height": 1400}, color_scheme="light")
        page.goto(page_path.resolve().as_uri())
        box = page.locator("#chart-scores").bounding_box()
        assert box is not None
        height = box["y"] + box["height"]
        clip = {"x": 0.0, "y": 0.0, "width": 1000.0, "height": height}
        page.screenshot(path=picture_path, clip=clip)
        browser.close()


if __name__ == "__main__":
    main()
