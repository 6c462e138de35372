"""What the tests in a real browser share: Chromium, tabs that forgive nothing, sites served on loopback.

To know when writing a test:

- `tab.evaluate` counts as a user's gesture: the page may play sound, and copy, from then on.
- Nothing in a test may call `asyncio.run`: Playwright runs a loop in this thread until the last test of this
  directory has ended. Threads are free to.
- The clipboard is one for all tabs.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page, expect, sync_playwright

from tests.browser.listener import Listener
from tests.browser.listening_site import EXTENSIONS, FEATURES, PAGES, repeat_block
from tests.browser.sites import THEMES, ServedSite, published
from tests.support.browsers import firefox, webkit
from tests.support.browsers.chromium import ChromiumTab
from tests.support.repository import ROOT
from tests.support.web_server import WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator

    from tests.support.browsers.tab import Tab

SCREENSHOTS = ROOT / ".screenshots"
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "there is no Chromium: apt-get install chromium, or python -m playwright install --with-deps chromium"
LOOPBACK = ("127.0.0.1", "localhost")
FLAGS = (
    # Playwright gives these itself, as of today; here they are so by intention.
    "--no-sandbox",  # which root does not have
    "--mute-audio",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    # No way out: names and addresses of other hosts lead nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, " + ", ".join(f"EXCLUDE {host}" for host in LOOPBACK),
)
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"
ENDLESS = "addEventListener('timeupdate', ({ target }) => { target.loop = !target.mayEnd }, true)"
"""JavaScript: every clip begins again, unless a test lets it end. The player itself sets `loop` when it starts."""
LET_END = "audio => { audio.mayEnd = true; audio.loop = false }"
"""JavaScript: a clip ends, although its tab is endless."""
PATIENCE = 60_000.0  # milliseconds

expect.set_options(timeout=PATIENCE)


def find_chromium(own: str) -> str:
    """This machine's Chromium, or else Playwright's own; without one, tests are skipped, but fail in CI."""
    found = next(filter(None, map(shutil.which, COMMANDS)), own if Path(own).exists() else None)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    return found


class Guard:
    """Notes what goes wrong in the tabs of a context, and which of their requests are for other hosts.

    It only listens. Nothing that could delay a request stands between page and server: it is Chromium's flag
    `--host-resolver-rules` that lets none out.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._troubles: list[str] = []
        context.on("weberror", lambda caught: self._catch(caught.error))
        context.on("console", self._hear)
        context.on("request", lambda request: self._check(request.url))
        context.on("page", self._follow)

    def errors(self) -> list[str]:
        """What went wrong until now, each in a few words."""
        for page in self._context.pages:
            with suppress(Error):  # a page that has crashed, or is on its way to another
                page.title()  # whatever it had to tell comes before the answer
        return self._troubles

    def _note(self, kind: str, what: str) -> None:
        self._troubles.append(f"{kind}: {what}")

    def _catch(self, error: Error) -> None:
        self._note("page error", error.stack or f"{error.name}: {error.message}")

    def _hear(self, message: ConsoleMessage) -> None:
        url = message.location["url"]
        if message.type in {"error", "assert"} and urlsplit(url).path != "/favicon.ico":  # the browser's own wish
            self._note("console", f"{message.text} ({url})")

    def _follow(self, page: Page) -> None:
        page.on("crash", lambda page: self._note("crash", page.url))
        page.on("websocket", lambda socket: self._check(socket.url))

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOOPBACK:
            self._note("request outside", url)


def judge(errors: Sequence[str], expected: Sequence[str]) -> None:
    """Fail for an error that no pattern expects, and for a pattern without its error."""
    unexpected = [error for error in errors if not any(re.search(pattern, error) for pattern in expected)]
    missing = [pattern for pattern in expected if not any(re.search(pattern, error) for error in errors)]
    assert not unexpected, f"errors in the browser that were not expected: {unexpected}"
    assert not missing, f"no error in the browser matched: {missing}; there were {list(errors)}"


class OpenTab(Protocol):
    """Opens a page in a new context, both closed when the test has ended."""

    def __call__(self, *, autoplay: bool = False, endless: bool = False, **context_options: Any) -> Page:
        """Open it.

        Args:
            autoplay: Whether a page may play sound though the user has not done anything yet.
            endless: Whether sound begins anew where it ends: it plays on, however late a test gets to look.
            context_options: Of Playwright's `Browser.new_context`: `viewport`, `color_scheme`, `reduced_motion`,
                `forced_colors`, `java_script_enabled`, `locale`, `permissions` such as
                `["clipboard-read", "clipboard-write"]`, …
        """


class Host(Protocol):
    """Serves a directory until the test has ended and its tabs are closed."""

    def __call__(self, directory: Path, **knobs: Any) -> WebServer:
        """Serve it, with knobs of `WebServer`."""


class Serve(Protocol):
    """The same, for who only wants to know where."""

    def __call__(self, directory: Path, **knobs: Any) -> str:
        """Serve it, with knobs of `WebServer`; the URL has no slash at its end."""


class Screenshot(Protocol):
    """Keeps a picture for a person to look at."""

    def __call__(self, of: Page | Locator, name: str) -> Path:
        """Take it, of a whole page or of an element; it is `.screenshots/NAME.png`."""


# For this directory and not for the session: all others may call `asyncio.run`, before and after.
@pytest.fixture(scope="package")
def launch() -> Iterator[Callable[..., Browser]]:
    """Gives a headless Chromium with further flags, the same one for the same flags."""
    with sync_playwright() as playwright:
        executable = find_chromium(playwright.chromium.executable_path)
        running: dict[tuple[str, ...], Browser] = {}

        def launch(*flags: str) -> Browser:
            if flags not in running:
                running[flags] = playwright.chromium.launch(
                    executable_path=executable, args=[*FLAGS, *flags], timeout=2 * PATIENCE
                )
            return running[flags]

        yield launch
        for browser in running.values():
            browser.close()


@pytest.fixture
def host() -> Iterator[Host]:
    """Serves a built site as a real host does; the server, with its record and its knobs."""
    with ExitStack() as servers:
        yield lambda directory, **knobs: servers.enter_context(WebServer(directory, **knobs))


@pytest.fixture
def serve(host: Host) -> Serve:
    """Serves a built site as a real host does; its URL."""
    return lambda directory, **knobs: host(directory, **knobs).url


@pytest.fixture
def _expected() -> list[str]:
    return []


@pytest.fixture
def expect_trouble(_expected: list[str]) -> Callable[[str], None]:
    """Call with a pattern for each error in a tab that the test means to cause; any other fails it, as does none.

    An error reads "page error: …", "console: …", "request outside: URL" or "crash: URL".
    """
    return _expected.append


@pytest.fixture
def open_tab(launch: Callable[..., Browser], host: Host, _expected: list[str]) -> Iterator[OpenTab]:
    """Opens tabs that fail the test for an uncaught error, an error on the console, or a request to another host."""
    del host  # asked for so that the tabs are closed before their servers are
    guards: list[Guard] = []
    with ExitStack() as contexts:

        def open_tab(*, autoplay: bool = False, endless: bool = False, **context_options: Any) -> Page:
            context = launch(*[AUTOPLAY] * autoplay).new_context(**context_options)
            if endless:
                context.add_init_script(ENDLESS)
            contexts.callback(context.close)
            context.set_default_timeout(PATIENCE)
            guards.append(Guard(context))
            return context.new_page()

        yield open_tab
        errors = [error for guard in guards for error in guard.errors()]
    judge(errors, _expected)


@pytest.fixture
def tab(open_tab: OpenTab) -> Page:
    """A page in a context of its own, as `open_tab` opens it."""
    return open_tab()


@pytest.fixture
def endless_tab(open_tab: OpenTab) -> Page:
    """The same, whose sound never ends."""
    return open_tab(endless=True)


def find_others(programs: Sequence[str], package: str) -> None:
    """Skip a test whose browser is not on this machine, or fail it in CI."""
    if missing := [program for program in programs if shutil.which(program) is None]:
        reason = f"there is no {missing[0]}: apt-get install {package}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="package", params=["chromium", "firefox", "webkit"])
def new_tab(request: pytest.FixtureRequest, launch: Callable[..., Browser]) -> Iterator[Callable[[], Tab]]:
    """Opens a tab of one browser after the other, which is started once."""
    match request.param:
        case "chromium":
            yield lambda: ChromiumTab(launch().new_context())
        case "firefox":
            find_others(firefox.PROGRAMS, firefox.PACKAGES)
            with firefox.firefox() as bidi:
                yield lambda: firefox.FirefoxTab(bidi)
        case _:
            find_others(webkit.PROGRAMS, webkit.PACKAGES)
            with webkit.webkit() as session:
                yield lambda: webkit.WebKitTab(session)


@pytest.fixture(scope="package")
def listening_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """The site that listeners in all browsers go through."""
    theme = {**THEMES["material"], "features": FEATURES}
    config: dict[str, object] = {"site_name": "Handbook", "markdown_extensions": EXTENSIONS}
    root = tmp_path_factory.mktemp("site")
    with published(root, PAGES, theme=theme, config=config) as url:
        repeat_block(root / "site")
        yield ServedSite(url, root / "site")


@pytest.fixture
def listener(any_tab: Tab) -> Listener:
    """A listener in each of the three browsers."""
    return Listener(any_tab)


@pytest.fixture
def any_tab(
    new_tab: Callable[[], Tab],
    host: Host,
    expect_trouble: Callable[[str], None],
    _expected: list[str],
) -> Iterator[Tab]:
    """A tab in each of the three browsers, which fails the test for an error of its pages that is not expected."""
    del host, expect_trouble  # asked for so that the tab is closed before its servers are
    tab = new_tab()
    try:
        tab.resize(1280, 720)
        yield tab
        errors = tab.errors()
    finally:
        tab.close()
    judge(errors, _expected)


@pytest.fixture
def screenshot() -> Screenshot:
    """Keeps a picture, of a whole page or of an element, for a person to look at."""

    def screenshot(of: Page | Locator, name: str) -> Path:
        path = SCREENSHOTS / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(of, Page):
            of.screenshot(path=path, animations="disabled", full_page=True)
        else:
            of.screenshot(path=path, animations="disabled")
        return path

    return screenshot
