"""The main thread's time for a page with hundreds of players, in Chromium.

    python -m benchmarks.players              three runs of 300 players, and as many of a page without the script
    python -m benchmarks.players --runs 5

Prints for each run the processor's milliseconds that the main thread takes to show the page (Chromium's own metric
`TaskDuration`), with the player's script and without it, and the median of the differences. The goal is 150.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, find_chromium
from tests.browser.listening_site import EXTENSIONS, MANY, PAGES, repeat_block
from tests.browser.sites import THEMES, published

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IDLE: Final = "() => new Promise((resolve) => setTimeout(() => requestIdleCallback(resolve), 1000))"
GOAL: Final = 150.0
"""Milliseconds."""


def main_thread(browser: Browser, url: str, *, with_script: bool) -> float:
    """Milliseconds that the main thread works to show a page."""
    with browser.new_context() as context:
        page = context.new_page()
        if not with_script:
            page.route("**/player.js", lambda route: route.fulfill(body=""))
        client = context.new_cdp_session(page)
        client.send("Performance.enable", {"timeDomain": "threadTicks"})  # other programs do not count
        page.goto(url)
        page.evaluate(IDLE)
        metrics = {one["name"]: one["value"] for one in client.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(metrics["TaskDuration"])


def measure(url: str, runs: int) -> list[float]:
    """The difference that the script makes, in milliseconds, of each run; both ways take turns."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path), args=[*FLAGS]
        )
        differences = []
        for _ in range(runs):
            without, ours = (main_thread(browser, url, with_script=with_script) for with_script in (False, True))
            print(f"without the script {without:.0f} ms, with it {ours:.0f} ms")
            differences.append(ours - without)
        browser.close()
        return differences


def main() -> None:
    """Build the page, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as directory:
        theme = {**THEMES["mkdocs"]}
        root = Path(directory)
        config: dict[str, object] = {"site_name": "Handbook", "markdown_extensions": EXTENSIONS}
        with published(root, {**PAGES, "js/darkmode.js": ""}, theme=theme, config=config) as url:
            repeat_block(root / "site")
            taken = measure(f"{url}/many/", runs)
    verdict = "holds" if median(taken) <= GOAL else "does not hold"
    print(f"{MANY} players: {median(taken):.0f} ms (goal {GOAL:.0f} ms: {verdict})")


if __name__ == "__main__":
    main()
