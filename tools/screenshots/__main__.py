"""Write a picture of every page, light and dark, wide and narrow: ``make screenshots``.

It starts a Tidemark of its own in a temporary folder, fills it with the sample projects of
``make demo-data``, signs in and opens every page that the navigation links to.
``TO=screenshots SIZE=1 DAYS=90 LANGUAGE=en`` choose the folder, the amount of data and the
language of the dashboard; ``ONLY=web,game`` those pages whose name has one of these words.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools.browser import HOW_TO, find_browser
from tools.screenshots.own_tidemark import OwnTidemark, running_tidemark
from tools.screenshots.pages import Visitor, addresses_of, name_of

WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")


def main() -> int:
    """Write the pictures; return the exit code."""
    executable = find_browser()
    if executable is None:
        print(f"tidemark: there is no Chromium. {HOW_TO}", file=sys.stderr)
        return 1
    folder = Path(os.environ.get("TO") or "screenshots").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="tidemark-screenshots-") as data_dir,
        running_tidemark(Path(data_dir)) as tidemark,
        sync_playwright() as playwright,
    ):
        tidemark.add_demo_data()
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        count = _take_all(browser, tidemark, folder)
        browser.close()
    print(f"tidemark: {count} pictures in {folder}")
    return 0


def _take_all(browser: Browser, tidemark: OwnTidemark, folder: Path) -> int:
    wanted = [word for word in os.environ.get("ONLY", "").split(",") if word]
    language = os.environ.get("LANGUAGE") or "en"
    count = 0
    with closing(Visitor(browser, tidemark, WIDTHS["wide"], "light", language)) as visitor:
        addresses = addresses_of(visitor, tidemark)
    named = {one: name_of(one, tidemark) for one in addresses}
    chosen = {
        one: name
        for one, name in named.items()
        if not wanted or any(word in name for word in wanted)
    }
    for width, viewport in WIDTHS.items():
        for scheme in SCHEMES:
            with closing(Visitor(browser, tidemark, viewport, scheme, language)) as visitor:
                for address, name in chosen.items():
                    visitor.take(address, folder / f"{name}-{width}-{scheme}.png")
                    count += 1
            print(f"tidemark: {width}, {scheme}: {len(chosen)} pages", flush=True)
    return count


if __name__ == "__main__":
    sys.exit(main())
