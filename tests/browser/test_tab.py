"""The tabs that the other tests rely on: what they must notice, and what they must be able to do."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.browser.conftest import MISSING, SCREENSHOTS, find_chromium, judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Host, OpenTab, Screenshot, Serve

OUTSIDE = "http://192.0.2.1/"  # an address that is nobody's (RFC 5737)


@pytest.fixture
def show(serve: Serve, tmp_path: Path) -> Callable[[Page, str], None]:
    """Shows a page of a served site in a tab."""
    url = serve(tmp_path)

    def show(tab: Page, html: str) -> None:
        (tmp_path / "index.html").write_text(f"<!doctype html><title>Page</title>{html}", encoding="utf-8")
        tab.goto(url)

    return show


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("<script>throw new Error('thrown')</script>", "page error: Error: thrown"),
        ("<script>Promise.reject(new TypeError('rejected'))</script>", "page error: TypeError: rejected"),
        ("<script>new Audio().play()</script>", "page error: NotAllowedError: "),
        ("<script>console.error('said')</script>", "console: said"),
        ("<script>console.assert(false, 'wrong')</script>", "console: wrong"),
        ("<img src=missing.png>", "console: .*404.*missing.png"),
    ],
)
def test_an_error_on_a_page_is_a_trouble(
    show: Callable[[Page, str], None], tab: Page, expect_trouble: Callable[[str], None], html: str, error: str
) -> None:
    expect_trouble(error)
    show(tab, html)


@pytest.mark.parametrize(
    "html",
    [
        f"<img src={OUTSIDE} onerror=fail()>",
        f"<audio src={OUTSIDE} preload=auto onerror=fail()></audio>",
        f"<script>fetch('{OUTSIDE}').catch(fail)</script>",
        f"<script>new WebSocket('{OUTSIDE.replace('http', 'ws')}').onerror = fail</script>",
        "<link rel=stylesheet href=https://fonts.example/css onerror=fail()>",
    ],
)
def test_a_request_for_another_host_is_a_trouble_and_goes_nowhere(
    show: Callable[[Page, str], None], tab: Page, expect_trouble: Callable[[str], None], html: str
) -> None:
    expect_trouble("request outside: (http|ws)|console: .*ERR_NAME_NOT_RESOLVED")
    show(tab, f"<script>function fail() {{ document.title = 'Failed' }}</script>{html}")
    expect(tab).to_have_title("Failed")


def test_errors_in_a_tab_that_a_page_opens_are_troubles_too(
    show: Callable[[Page, str], None], tab: Page, expect_trouble: Callable[[str], None]
) -> None:
    expect_trouble("console: in the second")
    show(tab, "<button onclick=\"window.open('/').console.error('in the second')\">Open</button>")
    # A click does not wait for the tab that it opens; a favicon that is missing may have its message meanwhile.
    with tab.context.expect_console_message(lambda message: message.text == "in the second"):
        tab.get_by_role("button").click()


def test_only_what_is_expected_passes_and_it_has_to_happen() -> None:
    judge([], [])
    judge(["console: a", "console: b"], ["a$", "^console: b"])
    with pytest.raises(AssertionError, match=r"not expected: \['console: a'\]"):
        judge(["console: a", "console: b"], ["b$"])
    with pytest.raises(AssertionError, match=r"matched: \['b'\]"):
        judge(["console: a"], ["a", "b"])


def test_without_chromium_tests_are_skipped_but_fail_in_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "chrome"
    monkeypatch.setenv("PATH", str(tmp_path))

    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=MISSING):
        find_chromium(str(own))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=MISSING):
        find_chromium(str(own))

    own.touch()
    assert find_chromium(str(own)) == str(own)


def test_a_clip_plays_and_seeks_by_range(host: Host, open_tab: OpenTab, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 24000 * 120)  # 5 MB: more than a browser reads ahead
    soundfile.write(tmp_path / "clip.wav", noise, 24000)
    (tmp_path / "index.html").write_text("<!doctype html><title>Page</title><audio src=clip.wav></audio>")
    server = host(tmp_path)
    tab = open_tab(autoplay=True)
    tab.goto(server.url)

    tab.evaluate("audio = document.querySelector('audio'); audio.play()")
    tab.wait_for_function("audio.currentTime > 0.2")
    tab.evaluate("audio.currentTime = 100")
    tab.wait_for_function("audio.currentTime > 100.2")

    ranges = [request.range for request in server.requests if request.path == "/clip.wav"]
    assert ranges[0] == "bytes=0-"
    assert len(ranges) > 1
    assert None not in ranges


def test_sound_needs_a_gesture_unless_the_tab_is_open_for_it(
    show: Callable[[Page, str], None], open_tab: OpenTab, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "clip.wav", np.zeros(24000), 24000)
    page = "<script>new Audio('clip.wav').play().then(() => { document.title = 'Plays' }, e => document.title = e.name)"
    refused, played = open_tab(), open_tab(autoplay=True)

    show(refused, f"{page}</script>")
    show(played, f"{page}</script>")

    expect(refused).to_have_title("NotAllowedError")
    expect(played).to_have_title("Plays")


def test_a_tab_is_as_the_user_has_it(open_tab: OpenTab, show: Callable[[Page, str], None]) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    tab = open_tab(viewport={"width": 320, "height": 480}, color_scheme="dark", permissions=permissions)
    plain = open_tab(java_script_enabled=False)
    page = "<p></p><script>document.querySelector('p').textContent = 'script'</script>"

    show(tab, page)
    show(plain, page)

    assert tab.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [320, True]
    assert tab.evaluate("navigator.clipboard.writeText('text').then(() => navigator.clipboard.readText())") == "text"
    expect(tab.locator("p")).to_have_text("script")
    expect(plain.locator("p")).to_have_text("")


def test_a_screenshot_is_kept(
    show: Callable[[Page, str], None], tab: Page, screenshot: Screenshot, request: pytest.FixtureRequest
) -> None:
    show(tab, "<p>A page.</p>")
    for of in (tab, tab.locator("p")):
        path = screenshot(of, f"of-{request.node.name}")

        assert path.parent == SCREENSHOTS
        assert path.read_bytes().startswith(b"\x89PNG")
        path.unlink()


@pytest.mark.usefixtures("tab")
def test_playwright_runs_a_loop_in_this_thread_but_not_in_others() -> None:
    async def answer() -> int:
        return 42

    asked = answer()
    with pytest.raises(RuntimeError, match="running event loop"):
        asyncio.run(asked)
    asked.close()
    with ThreadPoolExecutor() as threads:
        assert threads.submit(lambda: asyncio.run(answer())).result() == 42
