"""Sentences are spoken, and clips made, while later pages are still read; but not before a limit is known to hold."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import entries
from mkdocs_lightning.engines.offline import OfflineEngine
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis.clip_builder import ClipBuilder
from mkdocs_lightning.synthesis.policy import Policy
from tests.support.commands import plan
from tests.support.service import Failure, every
from tests.support.waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.settings.voice import Voice
    from tests.support.service import Service
    from tests.support.sites import Site

HOOK = """\
from tests.synthesis import test_clip_builder

def on_page_markdown(markdown, page, **_):
    test_clip_builder.at_page[page.file.src_uri]()
"""
at_page: dict[str, Callable[[], None]] = {}
"""What is done when a page is about to be read, by its name."""


def first() -> str:
    return "The first page has this sentence, and it is asked for at once."


@pytest.fixture
def two_pages(site: Site) -> Site:
    """Two pages, and something that happens between them."""
    (site.root / "hook.py").write_text(HOOK)
    site.config = {"hooks": ["hook.py"], "nav": ["index.md", "page-2.md"]}
    site.options |= {"sample_rate": 8000, "output_format": "wav", "retries": 0}
    site.write({"index.md": f"# One\n\n:::speak\n{first()}\n:::\n", "page-2.md": "# Two\n"})
    at_page.clear()
    at_page["index.md"] = lambda: None
    return site


def stored(site: Site, kind: str) -> list[str]:
    return [entry.name for entry in entries(Cache(site.root / ".cache/plugin/lightning")) if entry.kind == kind]


def test_a_page_is_voiced_while_the_next_one_is_read(two_pages: Site, service: Service) -> None:
    at_page["page-2.md"] = lambda: wait_until(lambda: stored(two_pages, "sentence"), "it is spoken")

    two_pages.build(strict=True)

    assert service.spoken == [first()]
    assert len(two_pages.clips("index.html")) == 1


def test_a_clip_is_made_while_later_pages_are_read(two_pages: Site, service: Service) -> None:
    """A build looks at the end of each page what has arrived; one request at a time ends before the next one begins."""
    two_pages.write(
        {
            "page-2.md": ":::speak\nThe second page has something else to say.\n:::\n",
            "page-3.md": "# Three\n",
            "page-4.md": "# Four\n",
        }
    )
    two_pages.config["nav"] = ["index.md", "page-2.md", "page-3.md", "page-4.md"]
    at_page["page-2.md"] = lambda: None
    at_page["page-3.md"] = lambda: wait_until(lambda: len(service.requests) == 2, "the second is asked for")
    at_page["page-4.md"] = lambda: wait_until(lambda: stored(two_pages, "clip"), "the clip is made")

    two_pages.build(strict=True, concurrency=1)

    assert len(service.requests) == 2


def test_nothing_is_sent_before_a_limit_is_known_to_hold(
    two_pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    two_pages.write({"page-2.md": f"# Two\n\n:::speak\n{first()} And more than the limit allows.\n:::\n"})
    at_page["page-2.md"] = lambda: None
    expect_warning("max_characters is")

    two_pages.build(max_characters=len(first()))

    assert service.requests == []


def test_a_plan_sends_nothing(two_pages: Site, service: Service) -> None:
    at_page["page-2.md"] = lambda: None
    assert plan(two_pages)["missing"] == 1
    assert service.requests == []


def test_what_fails_early_is_told_once_with_its_place(
    two_pages: Site, service: Service, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    service.faults = every(1, Failure(500))
    at_page["page-2.md"] = lambda: wait_until(lambda: service.requests, "it is asked for")
    expect_warning(r"1 sentence missing: (?s:.*)index\.md:3")

    two_pages.build()

    assert len(service.requests) == 1
    assert sum("missing" in record.getMessage() for record in caplog.records) == 1


def test_a_sentence_that_failed_is_not_requested_again_for_the_next_page(
    two_pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    """Each page that shares it would pay for it, if the service answers with audio that cannot be used."""
    service.faults = every(1, Failure(500))
    names = [f"page-{number}.md" for number in range(2, 8)]
    two_pages.write({name: f"# {name}\n\n:::speak\n{first()}\n:::\n" for name in names})
    two_pages.config["nav"] = ["index.md", *names]
    at_page.update(dict.fromkeys(names, lambda: wait_until(lambda: service.requests, "the first page's is sent")))
    expect_warning(r"1 sentence missing: (?s:.*)index\.md:3")

    two_pages.build()

    assert service.spoken == []
    assert len(service.requests) == 1


def test_a_build_that_breaks_keeps_what_was_in_flight(
    two_pages: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("a mistake on the second page")
    expect_warning("the synthesis was stopped: 1 sentence synthesized and stored, and nothing that was sent is lost")
    service.latency = 0.3

    def crash() -> None:
        wait_until(lambda: service.requests, "it is asked for")
        raise Abort("a mistake on the second page")

    at_page["page-2.md"] = crash
    with pytest.raises(Abort):
        two_pages.build()

    assert len(stored(two_pages, "sentence")) == 1
    at_page["page-2.md"] = lambda: None
    two_pages.build(strict=True)
    assert len(service.requests) == 1


VOICE = OfflineEngine().normalize_voice(resolve_voice(VoiceSettings(sample_rate=8000)))
SEGMENTS = [Segment("offline", VOICE, f"This is the sentence with the number {number}.") for number in range(4)]
CLIPS = [Clip((segment,), (), OutputFormat.WAV) for segment in SEGMENTS]


class SlowEngine(OfflineEngine):
    """Speaks when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_speak = threading.Event()

    def synthesize(self, text: str, voice: Voice) -> Audio:
        assert self.may_speak.wait(PATIENCE)
        return super().synthesize(text, voice)


def test_clips_that_share_a_segment_are_made_once_each(tmp_path: Path) -> None:
    engine = SlowEngine()
    builder = ClipBuilder(engine, Policy(), Cache(tmp_path))
    both = Clip((SEGMENTS[0], SEGMENTS[1]), (0.1,), OutputFormat.WAV)
    builder.request([CLIPS[0], both], SEGMENTS[:2])
    builder.request([CLIPS[0]], SEGMENTS[:1])
    engine.may_speak.set()

    results = list(builder.results())
    built = builder.collect()
    builder.close(is_urgent=False)
    engine.close()

    assert sorted(result.segment.text for result in results) == [segment.text for segment in SEGMENTS[:2]]
    assert all(result.audio is None and result.error is None for result in results), "sound piles up"
    assert set(built.clips) == {CLIPS[0].key, both.key}
    assert built.error is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a folder that takes nothing, not even of root")
def test_a_clip_that_cannot_be_kept_leaves_the_others(tmp_path: Path) -> None:
    engine = OfflineEngine()
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / CLIPS[0].key[:2]).symlink_to("/proc")
    builder = ClipBuilder(engine, Policy(), Cache(tmp_path))
    builder.request(CLIPS, SEGMENTS)
    assert not [result for result in builder.results() if result.error]

    built = builder.collect()
    builder.close(is_urgent=False)
    engine.close()

    assert set(built.clips) == {clip.key for clip in CLIPS[1:]}
    assert isinstance(built.error, StoreError)
