"""Pages are written while others' clips are still synthesized; each waits for its own, and nobody sees a difference."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from tests.support.published import SITE_URL
from tests.support.service import Failure
from tests.support.waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from tests.support.service import AnyFault, Json, Service
    from tests.support.sites import Site

HOOK = """\
from mkdocs.plugins import event_priority

from tests.plugin import test_join

def on_post_page(output, page, **_):
    test_join.watcher.see(output, page)

@event_priority(50)
def on_post_build(config, **_):
    test_join.watcher.end(config)
"""

DATE = re.compile(r"Build Date UTC : .*")
FIRST, SECOND, THIRD = (f"This is what the {name} page has to say." for name in ("first", "second", "third"))
PAGES = {
    "index.md": f"# One\n\n:::speak\n{FIRST}\n:::\n",
    "page-2.md": f"---\nlightning: {{narrate: true}}\n---\n# Two\n\n{SECOND}\n",
    "page-3.md": f"# Three\n\n:::speak\n{THIRD}\n:::\n\n- item\n\n    ::: speak text=collapse\n    {FIRST}\n    :::\n",
    "page-4.md": "# Four\n\nNobody reads this aloud.\n",
}


@dataclass
class Watcher:
    """Another plugin, which looks at each page behind ours, and at the finished site.

    Attributes:
        at_page: What it does, by the name of the page.
        seen: Each page, as it was seen.
        dead: Links of players whose file was not there at that moment.
        files: Of the site, at its end.
    """

    at_page: dict[str, Callable[[], None]] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)

    def see(self, output: str, page: Page) -> None:
        self.seen[page.file.src_uri] = DATE.sub("", output)
        folder = Path(page.file.abs_dest_path).parent
        links = re.findall(r'<(?:audio|track|script)\b[^>]* src="([^"]*assets/lightning/[^"]+)"', output)
        self.dead += [link for link in links if not Path(os.path.normpath(folder / link)).is_file()]
        self.at_page.get(page.file.src_uri, lambda: None)()

    def end(self, config: MkDocsConfig) -> None:
        root = Path(config.site_dir)
        self.files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


watcher = Watcher()


@pytest.fixture(autouse=True)
def _new_watcher() -> None:
    watcher.__init__()  # type: ignore[misc]


@pytest.fixture
def pages(site: Site) -> Site:
    """A site with blocks, a narrated page, and a feed; nothing of it is cached."""
    (site.root / "hook.py").write_text(HOOK)
    site.config = {"hooks": ["hook.py"], "nav": list(PAGES), "site_url": SITE_URL}
    site.options |= {"sample_rate": 8000, "retries": 0, "concurrency": 4, "feed": True}
    site.write(PAGES)
    return site


@dataclass
class Gate:
    """Keeps one sentence from being answered until it is opened."""

    sentence: str
    opened: threading.Event = field(default_factory=threading.Event)
    fault: AnyFault | None = None

    def open_when(self, is_so: Callable[[], bool]) -> None:
        wait_until(is_so, f"this may be answered: {self.sentence}")
        self.opened.set()

    def __call__(self, _number: int, body: Json) -> AnyFault | None:
        if body["text"] != self.sentence:
            return None
        assert self.opened.wait(PATIENCE), f"waited in vain until this may be answered: {self.sentence}"
        return self.fault


def contents(site: Site) -> dict[str, str]:
    """The built site, byte for byte, but for the time of the build."""
    root = site.root / "site"
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {
        name: DATE.sub("", path.read_bytes().decode("latin-1"))
        for name, path in found.items()
        if name != "sitemap.xml.gz"
    }


def test_a_page_is_written_while_the_clip_of_a_later_one_is_synthesized(pages: Site, service: Service) -> None:
    """The last sentence is answered only when the pages before it are there: a build that waits for it hangs."""
    gate = Gate(THIRD)
    service.faults = gate
    second = pages.root / "site/page-2/index.html"
    watcher.at_page["page-2.md"] = gate.opened.set

    pages.build(strict=True)

    assert second.exists()
    assert [len(pages.clips(page)) for page in ("index.html", "page-2/index.html", "page-3/index.html")] == [1, 1, 2]


@pytest.mark.parametrize("sentence", [FIRST, SECOND, THIRD])
@pytest.mark.parametrize("limit", [None, 10_000])
@pytest.mark.parametrize("feed", [True, False])
def test_the_site_is_the_same_however_late_a_clip_is(
    pages: Site, service: Service, sentence: str, limit: int | None, feed: bool
) -> None:
    """All others are answered first. What comes behind us sees finished pages, and finds all files that they name."""
    gate = Gate(sentence)
    service.faults = gate
    opener = threading.Thread(target=gate.open_when, args=(lambda: len(service.requests) >= 3,))
    opener.start()

    if limit is None:
        pages.build(strict=True, feed=feed)
    else:
        pages.build(strict=True, feed=feed, max_characters=limit)
    opener.join()
    assert watcher.dead == []
    cold, seen, files = contents(pages), watcher.seen, watcher.files
    assert len(service.requests) == 4
    watcher.__init__()  # type: ignore[misc]
    pages.build(strict=True, feed=feed)

    assert len(service.requests) == 4
    assert cold == contents(pages)
    assert seen == watcher.seen
    assert files == watcher.files
    assert "assets/lightning/player.css" in files
    assert ("podcast.xml" in files) == feed
    assert sum(name.endswith(".vtt") for name in files) == 3


@pytest.mark.parametrize("sentence", [FIRST, SECOND, THIRD])
def test_a_page_whose_sentence_fails_has_the_text_and_the_others_are_as_ever(
    pages: Site, service: Service, expect_warning: Callable[[str], None], sentence: str
) -> None:
    gate = Gate(sentence, fault=Failure(500))
    gate.opened.set()
    service.faults = gate
    expect_warning("1 sentence missing: ")

    pages.build()
    failed = contents(pages)
    assert watcher.dead == []
    requests = len(service.requests)
    pages.build(synthesize="never")

    assert len(service.requests) == requests
    assert failed == contents(pages)
    assert not any("speak-block" in html for html in failed.values())
    with pytest.raises(Abort):
        pages.build(strict=True)


def test_where_all_fails_there_is_nothing_of_ours(
    pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    service.faults = lambda _number, _body: Failure(500)
    expect_warning(r"\d sentences? missing: .*500")  # the last may not be sent any more, which is another reason

    pages.build()

    assert not any(name.startswith("assets/") or name == "podcast.xml" for name in contents(pages))
    assert not any(re.search(r"speak-(block|player|cue)|podcast|ld\+json", html) for html in watcher.seen.values())


def test_on_error_fail_stops_the_build_before_a_page_is_written(
    pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    """Also where the failure comes late: it comes with the first page that is written, or else after a second."""
    page_written = threading.Event()
    watcher.at_page["index.md"] = page_written.set

    def fail_late(_number: int, body: Json) -> Failure | None:
        if body["text"] != THIRD:
            return None
        page_written.wait(1)
        return Failure(400)

    service.faults = fail_late
    expect_warning("1 sentence missing: ")
    expect_warning("the site was not built: on_error is 'fail'")

    with pytest.raises(Abort):
        pages.build(on_error="fail")

    assert watcher.seen == {}
    assert not any(name.endswith(".html") for name in contents(pages))


def test_a_build_that_breaks_between_pages_leaves_no_slot_and_keeps_what_was_in_flight(
    pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    gate = Gate(THIRD)
    service.faults = gate

    def crash() -> None:
        gate.opened.set()
        raise Abort("a mistake in another plugin")

    watcher.at_page["page-2.md"] = crash
    expect_warning("a mistake in another plugin")
    expect_warning("the synthesis was stopped: 4 sentences synthesized and stored, and nothing that was sent is lost")
    with pytest.raises(Abort):
        pages.build()

    left = contents(pages)
    assert len(pages.clips("index.html")) == 1
    assert not any("speak-block" in html for name, html in left.items() if name.endswith(".html"))
    watcher.__init__()  # type: ignore[misc]
    pages.build(strict=True)
    assert len(service.requests) == 4


def test_a_file_of_the_site_with_the_name_of_a_late_clip_stays(
    pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    """MkDocs has written it before the clip is there."""
    pages.build(strict=True)
    clip = pages.clips("page-3/index.html")[0]
    sound, name = clip.read_bytes(), f"assets/lightning/{clip.name}"
    pages.write({name: "Something else.\n"})
    for part in ("clips", "segments"):
        for path in (pages.root / ".cache/plugin/lightning" / part).rglob("*.*"):
            path.unlink()
    gate = Gate(THIRD)
    service.faults = gate
    watcher.at_page["page-2.md"] = gate.opened.set
    expect_warning(f"audio_dir: the site has files of its own with the names of clips in .*{clip.name}")

    pages.build()

    assert (pages.root / "site" / name).read_text(encoding="utf-8") == "Something else.\n"
    (cached,) = (pages.root / ".cache/plugin/lightning/clips").rglob(clip.name)
    assert cached.read_bytes() == sound
