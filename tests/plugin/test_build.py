"""Whole builds, as an author runs them: what is sent, what is published, what is said."""

from __future__ import annotations

import json
import logging
import re
import shutil
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.reading.sentences import Pause
from tests.support.commands import start
from tests.support.service import Failure, Service, every
from tests.support.sites import KEY, Site, duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOME = "The first sentence of this site is here. And this is the second one, a little longer."
PAGES = {
    "index.md": f"# Home\n\n:::speak\n{HOME}\n:::\n",
    "guide/start.md": '# Start\n\n:::speak title="Start"\nA page further down has its own words to say.\n:::\n',
    "guide/deep/er.md": (
        "# Deeper\n\n- item\n\n    :::speak\n    The deepest page of all speaks from within a list.\n    :::\n"
    ),
}
SENTENCES = {
    "The first sentence of this site is here.",
    "And this is the second one, a little longer.",
    "A page further down has its own words to say.",
    "The deepest page of all speaks from within a list.",
}


@pytest.fixture
def built(site: Site, service: Service) -> Site:
    """A site that was built once; the service has forgotten what it was asked."""
    site.write(PAGES)
    site.build(strict=True)
    service.clear()
    return site


@pytest.mark.parametrize("use_directory_urls", [True, False])
@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs", "material"])
def test_every_block_gets_a_clip_that_plays(site: Site, service: Service, theme: str, use_directory_urls: bool) -> None:
    site.config = {"theme": {"name": theme}, "use_directory_urls": use_directory_urls}
    site.write(PAGES)

    site.build(strict=True)

    assert set(service.spoken) == SENTENCES
    assert len(service.requests) == len(SENTENCES)
    pages = [path for path in (site.root / "site").rglob("*.html") if path.name != "404.html"]
    clips = [clip for page in pages for clip in site.clips(str(page.relative_to(site.root / "site")))]
    assert len(clips) == len(PAGES)
    assert all(duration(clip) > 2 for clip in clips)


class TestNothingIsPaidForTwice:
    def test_second_build(self, built: Site, service: Service) -> None:
        clips = built.clips("index.html")

        built.build(strict=True)

        assert service.requests == []
        assert built.clips("index.html") == clips

    def test_one_edited_word(self, built: Site, service: Service) -> None:
        built.write({"index.md": PAGES["index.md"].replace("a little longer", "a little shorter")})

        built.build(strict=True)

        assert service.spoken == ["And this is the second one, a little shorter."]
        assert len(service.requests) == 1

    @pytest.mark.parametrize(
        "body",
        [
            HOME.replace(". And", ".\nAnd").replace("sentence of", "sentence\nof"),
            HOME.replace("first", "**first**").replace("second", "<em>second</em>").replace("site", "`site`"),
            f"- {HOME}",
            f"> {HOME}",
            f"[{HOME}](https://example.org)",
        ],
        ids=["re-wrapped", "emphasized", "list", "quote", "link"],
    )
    def test_the_same_words_in_another_dress(self, built: Site, service: Service, body: str) -> None:
        built.write({"index.md": f"# Home\n\n:::speak\n{body}\n:::\n"})

        built.build(strict=True)

        assert service.requests == []
        assert len(built.clips("index.html")) == 1

    def test_a_moved_paragraph(self, site: Site, service: Service) -> None:
        first, second = (
            "This paragraph came first, before the other one.",
            "That paragraph came second, after the other.",
        )
        site.write({"index.md": f":::speak\n{first}\n\n{second}\n:::\n"})
        site.build()
        service.clear()
        site.write({"index.md": f":::speak\n{second}\n\n{first}\n:::\n"})

        site.build(strict=True)

        assert service.requests == []

    def test_a_renamed_page(self, built: Site, service: Service) -> None:
        shutil.move(built.root / "docs/guide/start.md", built.root / "docs/begin.md")

        built.build(strict=True)

        assert service.requests == []
        assert len(built.clips("begin/index.html")) == 1

    def test_the_same_sentence_on_five_pages(self, site: Site, service: Service) -> None:
        site.write({f"page{n}.md": ":::speak\nThis very sentence stands on five pages.\n:::\n" for n in range(5)})

        site.build(strict=True)

        assert service.spoken == ["This very sentence stands on five pages."]
        assert len({*site.clips("page0/index.html"), *site.clips("page4/index.html")}) == 1

    def test_another_format_is_only_encoded_anew(self, built: Site, service: Service) -> None:
        built.build(strict=True, output_format="opus")

        assert service.requests == []
        assert [clip.suffix for clip in built.clips("index.html")] == [".opus"]

    @pytest.mark.parametrize("part", ["segments", "clips"])
    def test_what_is_damaged_is_made_again(self, built: Site, service: Service, part: str) -> None:
        """A damaged segment costs one request where its clip is gone too; a damaged clip costs none."""
        cache = built.root / ".cache/plugin/lightning"
        victims = sorted(path for path in (cache / part).rglob("*") if path.suffix in {".flac", ".mp3"})
        damaged = bytearray(victims[0].read_bytes())
        damaged[len(damaged) // 2] ^= 0xFF
        victims[0].write_bytes(damaged)
        if part == "segments":
            shutil.rmtree(cache / "clips")

        built.build(strict=True)

        assert len(service.requests) == (1 if part == "segments" else 0)
        assert len(built.clips("index.html")) == 1


class TestVoice:
    def test_defaults(self, built: Site, service: Service) -> None:
        built.write({"index.md": ":::speak\nA new sentence in the voice of the defaults.\n:::\n"})
        built.build()

        (request,) = service.requests
        assert request.body == {
            "text": "A new sentence in the voice of the defaults.",
            "model": "lightning_v3.1_pro",
            "voice_id": "kaitlyn",
            "language": "en",
            "speed": 1.0,
            "sample_rate": 24000,
            "output_format": "wav",
        }
        assert request.headers["accept"] == "audio/wav"

    def test_the_model_follows_the_voice(
        self, site: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("lightning_v3.1 .* reportedly .*retired on 2026-11-30")
        site.write({"index.md": ":::speak\nMagnus belongs to the standard pool.\n:::\n"})

        site.build(strict=True, voice_id="magnus")

        assert [(body["model"], body["voice_id"]) for body in bodies(service)] == [("lightning_v3.1", "magnus")]

    def test_what_an_engine_says_of_a_voice_is_told_before_it_is_paid(
        self, site: Site, service: Service, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
    ) -> None:
        """Once, with the first place; and a strict build, whose audio is complete, does not fail for it."""
        told: list[list[str]] = []

        def note(_number: int, _body: object) -> None:
            told.append([record.getMessage() for record in caplog.records if "reportedly" in record.getMessage()])

        service.faults = note
        expect_warning("lightning_v3.1 .* reportedly .*retired on 2026-11-30")
        site.write({"index.md": "# Home\n\n:::speak voice_id=magnus\nMagnus belongs to the standard pool.\n:::\n"})
        site.write({"later.md": ":::speak voice_id=magnus\nMagnus has more to say on another page.\n:::\n"})

        site.build(strict=True)

        assert len(told) == 2
        assert [len(messages) for messages in told] == [1, 1]
        assert told[0][0].endswith("(cached audio keeps playing); needed first in index.md:3")

    @pytest.mark.parametrize(("option", "labels"), [("--strict", 1), ("--quiet", 0)])
    @pytest.mark.parametrize("annotations", [0, 1])
    def test_what_it_says_of_a_voice_looks_like_any_warning(
        self,
        site: Site,
        service: Service,
        *,
        monkeypatch: pytest.MonkeyPatch,
        option: str,
        labels: int,
        annotations: int,
    ) -> None:
        """Also beside a hook that has the root logger print all that reaches it."""
        monkeypatch.setenv("GITHUB_ACTIONS", "true" if annotations else "")
        (site.root / "hook.py").write_text("import logging\nlogging.basicConfig()\n", encoding="utf-8")
        site.config["hooks"] = ["hook.py"]
        site.write({"index.md": "# Home\n\n:::speak voice_id=magnus\nMagnus belongs to the standard pool.\n:::\n"})

        program = start(site, "mkdocs", "build", "-f", "CONFIG", option)
        _, said = program.communicate(timeout=60)

        assert (program.returncode, len(service.requests)) == (0, 1)
        assert said.count("WARNING -  mkdocs_lightning: model lightning_v3.1 of voice_id 'magnus' ") == labels
        assert said.count("::warning title=mkdocs-lightning::model lightning_v3.1 of voice_id 'magnus' ") == annotations
        assert said.count("'magnus'") == labels + annotations

    def test_block_over_page_over_site(self, site: Site, service: Service) -> None:
        site.write(
            {
                "index.md": """\
                ---
                lightning: {speed: 1.5, voice_id: sophie}
                ---
                ::: speak {speed=0.75}
                This sentence has its speed from the block itself.
                :::

                :::speak
                This sentence has its speed from the page's front matter.
                :::
                """,
                "other.md": ":::speak\nThis sentence has its speed from mkdocs.yml alone.\n:::\n",
            }
        )

        site.build(speed=1.25, concurrency=1)

        voices = [(body["speed"], body["voice_id"]) for body in bodies(service)]
        assert voices == [(0.75, "sophie"), (1.5, "sophie"), (1.25, "kaitlyn")]


def test_a_long_block_is_one_clip_as_long_as_its_parts_and_pauses(site: Site) -> None:
    paragraph = " ".join(f"Sentence number {n} of this paragraph is here to be spoken." for n in range(12))
    text = "\n\n".join([paragraph] * 3)
    assert len(text) > 2000
    site.write({"index.md": f":::speak\n{text}\n:::\n"})

    site.build(strict=True)

    parts = {path: duration(path) for path in (site.root / ".cache").rglob("*.flac")}
    assert len(parts) == 12
    pauses = (3 * 11 * Pause.SENTENCE + 2 * Pause.PARAGRAPH) / 1000
    (clip,) = site.clips("index.html")
    assert duration(clip) == pytest.approx(3 * sum(parts.values()) - 2 * 0.35 + 2 * 0.35 + pauses, abs=0.01)


class TestWithoutWhatItNeeds:
    def test_no_key_plays_what_is_cached_and_lists_the_rest_once(
        self, built: Site, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
    ) -> None:
        expect_warning(
            r"2 sentences missing: there is no API key; set the environment variable SMALLEST_API_KEY\. "
            r"These have no player:\n    index\.md:7 'New words[^']*'\n    new\.md:1 'A page"
        )
        built.write(
            {
                "index.md": PAGES["index.md"] + "\n:::speak\nNew words are not in the cache yet, are they?\n:::\n",
                "new.md": ":::speak\nA page that nobody has voiced so far.\n:::\n",
            }
        )
        built.options = {}

        built.build()

        assert len(built.clips("index.html")) == 1
        assert "New words are not in the cache yet" in built.html("index.html")
        assert len(warnings_of(caplog)) == 1

    def test_strict_says_so_with_its_exit(self, site: Site, expect_warning: Callable[[str], None]) -> None:
        expect_warning("there is no API key")
        site.write(PAGES)
        site.options = {}

        with pytest.raises(Abort):
            site.build(strict=True)

    def test_a_wrong_key_is_refused_once(
        self, site: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning(r"4 sentences missing: the service answered 401.*check the API key in api_key")
        site.write(PAGES)

        site.build(api_key="sk_of_another_account", concurrency=1)

        assert len(service.requests) == 1
        assert "sk_of_another_account" not in site.html("index.html")

    def test_a_service_that_is_down_loses_nothing_else(
        self, built: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning(r"1 sentence missing: the service answered 503")
        service.faults = every(1, Failure(503))
        built.write({"more.md": ":::speak\nNobody will hear this sentence today.\n:::\n"})

        built.build(retries=0)

        assert built.clips("more/index.html") == []
        assert "Nobody will hear this sentence today." in built.html("more/index.html")
        assert len(built.clips("index.html")) == 1

    def test_a_clip_that_lacks_one_sentence_is_not_published(
        self, site: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning(r"1 sentence missing: the service answered 500.*\n    index\.md:3 'The first")
        service.faults = lambda _n, body: Failure(500) if "second" in str(body["text"]) else None
        site.write(PAGES)

        site.build(retries=0)

        assert site.clips("index.html") == []
        assert len(site.clips("guide/start/index.html")) == 1
        service.faults = None
        service.clear()
        site.build(strict=True)
        assert service.spoken == ["And this is the second one, a little longer."]

    def test_on_error_fail_stops_the_build(
        self, site: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("4 sentences missing")
        service.faults = every(1, Failure(402))
        site.write(PAGES)

        expect_warning("the site was not built: on_error is 'fail'")
        with pytest.raises(Abort):
            site.build(on_error="fail")

    def test_a_cache_that_cannot_be_written_is_found_out_before_anything_is_sent(
        self, site: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning(r"the cache .* cannot be written .*see cache_dir")
        site.write(PAGES)
        (site.root / "occupied").write_text("a file where the cache should be", encoding="utf-8")

        site.build(cache_dir="occupied")

        assert service.requests == []

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a folder that takes nothing, not even of root")
    def test_a_folder_of_the_cache_that_cannot_be_written_is_found_out_before_anything_is_sent(
        self, site: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        """As when another user has made it: the trial in the folder above goes well."""
        expect_warning(r"the cache .*segments.* cannot be written \(No such file or directory\); see cache_dir")
        site.write(PAGES)
        (site.root / "cache").mkdir()
        (site.root / "cache/segments").symlink_to("/proc")

        site.build(cache_dir="cache")

        assert service.requests == []


class TestSpending:
    @pytest.mark.parametrize(("limit", "sent"), [(0, False), (-1, False), (None, True)])
    def test_max_characters(
        self, site: Site, service: Service, expect_warning: Callable[[str], None], limit: int | None, sent: bool
    ) -> None:
        need = sum(len(sentence) for sentence in SENTENCES)
        if not sent:
            expect_warning(f"4 sentences missing: {need} characters to send, and max_characters is")
        site.write(PAGES)

        site.build(max_characters=need if limit is None else max(0, need + limit) if limit else 0)

        assert bool(service.requests) == sent
        assert bool(site.clips("index.html")) == sent

    @pytest.mark.parametrize(
        ("command", "synthesize", "sent"),
        [
            ("build", "build", True),
            ("gh-deploy", "build", True),
            ("serve", "build", False),
            ("serve", "always", True),
            ("build", "never", False),
        ],
    )
    def test_synthesize(self, site: Site, service: Service, command: str, synthesize: str, sent: bool) -> None:
        site.write(PAGES)

        site.build(command, strict=True, synthesize=synthesize)  # type: ignore[arg-type]

        assert bool(service.requests) == sent


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (
            "\n\n:::speak\nNever closed.\n",
            r"index\.md:3 ':::speak': this block is never closed\. End it with a line of :::",
        ),
        (
            ":::speak\nOne.\n\n:::speak\nTwo is a fine block to be spoken.\n:::\n",
            r"index\.md:1 .*not closed before the next",
        ),
        (
            ":::speak voice=olivia\nText.\n:::\n",
            r"index\.md:1 ':::speak voice=olivia': unknown option 'voice'.*voice_id",
        ),
        (
            ':::speak title="\x1b[2J\0\x9b" speed=9\nText.\n:::\n',
            "index\\.md:1 ':::speak title=\"\ufffd\\[2J\ufffd\ufffd\" speed=9': 9\\.0 is out of",
        ),
        ("::: speak {speed=9}\nText.\n:::\n", r"index\.md:1 .*9\.0 is out of range: 0\.5 to 2\.0"),
        (":::speak voice_id=voice_1\nText.\n:::\n", r"index\.md:1 .*'voice_1' is a cloned voice, .* set model as well"),
        (":::speak voice_id=rhodes\nText.\n:::\n", r"index\.md:1 .*'rhodes' belongs to lightning_v4, which is offered"),
        (":::speak voice_id=magnus model=lightning_v3.1_pro\nText.\n:::\n", r"belongs to lightning_v3\.1, not to"),
        (":::speak language=xx\nText.\n:::\n", r"index\.md:1 .*'xx' is not a language of lightning_v3\.1_pro"),
        (":::speak\n```\ncode only\n```\n:::\n", r"index\.md:1 ':::speak': there is nothing to speak"),
        ("# Title\n\n:::speek\nText.\n:::\n", r"index\.md:3 ':::speek': this line looks like the start of a block"),
        ("---\ntitle: x\n---\n\n:::speak bogus\nText.\n:::\n", r"index\.md:5 ':::speak bogus': cannot read 'bogus'"),
        (
            "---\nlightning: {speed: fast}\n---\n:::speak\nText.\n:::\n",
            r"index\.md:2: front matter.*'fast' is not a number",
        ),
        ("---\nlightning: olivia\n---\n:::speak\nText.\n:::\n", r"index\.md:2: front matter.*'olivia'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_sends_nothing(
    site: Site, service: Service, expect_warning: Callable[[str], None], page: str, message: str
) -> None:
    expect_warning(message)
    site.write({"index.md": page, "fine.md": "# Fine\n"})

    site.build()

    spoken = ["Two is a fine block to be spoken."] if "Two" in page else []
    assert service.spoken == spoken
    assert len(site.clips("index.html")) == len(spoken)
    for word in ("Text.", "Never closed.", "One.", "code only"):
        assert (word in page) == (word in site.html("index.html"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed": 3}, r"option 'speed': 3\.0 is out of range: 0\.5 to 2\.0"),
        ({"speed": True}, r"option 'speed': true is not a number"),
        ({"voice_id": "voice_1"}, r"option 'voice_id': 'voice_1' is a cloned voice, .* set model as well"),
        ({"model": "lightning_v4"}, r"option 'model': 'lightning_v4' is offered over a WebSocket only"),
        ({"sample_rate": 22050}, r"option 'sample_rate': 22050 is not one of 8000, 16000, 24000, 44100"),
        ({"engine": "polly"}, r"option 'engine': there is no engine 'polly'; installed engines: auto, lightning"),
        ({"base_url": "http://example.org"}, r"option 'base_url': .* is not an https URL"),
        ({"base_url": "https://exa\nmple.org"}, r"option 'base_url': 'https://exa\\nmple\.org' is not an https URL"),
        (
            {"base_url": "http://example.org", "engine": "auto", "api_key": None},
            r"option 'base_url': .* is not an https",
        ),
        ({"audio_dir": "../outside"}, r"option 'audio_dir': '\.\./outside' is not a directory within the site"),
        ({"audio_dir": "a\0b"}, r"option 'audio_dir': 'a\\x00b' has a control character or an unpaired surrogate"),
        ({"audio_dir": "a\ud83d"}, r"option 'audio_dir': 'a\\ud83d' has a control character or an unpaired surrogate"),
        ({"audio_dir": "index.html"}, r"option 'audio_dir': 'index\.html' is a file of the site; name a directory"),
        ({"audio_dir": "404.html"}, r"option 'audio_dir': '404\.html' is a file of the site; name a directory"),
        ({"audio_dir": "sitemap.xml/a"}, r"option 'audio_dir': 'sitemap\.xml' is a file of the site; name a directory"),
        ({"audio_dir": "index.html/a"}, r"option 'audio_dir': 'index\.html' is a file of the site; name a directory"),
        ({"cache_dir": "a\0b"}, r"option 'cache_dir': '.*a\\x00b' has a control character or an unpaired surrogate"),
        (
            {"cache_dir": "a\ud83d"},
            r"option 'cache_dir': '.*a\\ud83d' has a control character or an unpaired surrogate",
        ),
        ({"api_key": "sk one"}, r"option 'api_key': the API key contains a space"),
        ({"cache_dir": "docs/cache"}, r"option 'cache_dir': .* is inside docs_dir, so 'mkdocs serve' would"),
        ({"cache_dir": "site/voice"}, r"option 'cache_dir': .* is inside site_dir, so each build would delete it"),
        ({"cache_dir": "overrides/voice"}, r"option 'cache_dir': .* is inside a directory of the theme, so all of"),
    ],
)
def test_a_bad_option_stops_the_build_before_anything_is_sent(
    site: Site,
    service: Service,
    expect_warning: Callable[[str], None],
    options: dict[str, object],
    message: str,
) -> None:
    expect_warning("^Config value 'plugins': Plugin 'lightning' " + message + r".* \(mkdocs\.yml:\d+\)$")
    site.write({**PAGES, "../overrides/main.html": "{% extends 'base.html' %}"})
    site.config["theme"] = {"name": "mkdocs", "custom_dir": "overrides"}

    site.options |= options

    with pytest.raises(Abort):
        site.build()

    assert service.requests == []


@pytest.mark.parametrize("folder", ["clips", "words", "usage/x"])
def test_a_folder_of_the_cache_is_in_no_directory_that_is_deleted(
    site: Site, service: Service, expect_warning: Callable[[str], None], folder: str
) -> None:
    """With `cache_dir: .`, which holds site_dir, as it holds docs_dir and all else."""
    site.write(PAGES)
    site.options["cache_dir"] = "."
    site.config["site_dir"] = folder.partition("/")[0]
    expect_warning(f"option 'cache_dir': '{site.config['site_dir']}' of '.*' is inside site_dir")
    with pytest.raises(Abort):
        site.build()
    assert service.requests == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_charcters": 10}, "option 'max_charcters': unknown option .*max_characters"),
        ({"voice": {"de": "petra"}}, r"option 'voice': unknown option 'voice' \(did you mean 'voices'\?\)"),
        ({"voice": "petra"}, r"option 'voice': unknown option 'voice' \(did you mean 'voice_id'\?\)"),
        ({"podcast": {"title": "x"}}, r"unknown option 'podcast' \(did you mean 'feed'\?\)"),
        ({"voices": None, "de": "petra"}, "option 'de': 'de' is a language; indent it below voices"),
    ],
)
def test_an_option_that_does_not_exist_stops_the_build(
    site: Site,
    service: Service,
    expect_warning: Callable[[str], None],
    options: dict[str, Any],
    message: str,
) -> None:
    expect_warning(message)
    site.write(PAGES)

    with pytest.raises(Abort):
        site.build(**options)

    assert service.requests == []


@pytest.mark.parametrize("name", [1, None, True, 1.5, date(2026, 1, 1)])
def test_an_option_whose_name_is_no_text_stops_the_build(
    site: Site, service: Service, expect_warning: Callable[[str], None], name: object
) -> None:
    """As YAML reads `1:`, `null:` and `on:`."""
    expect_warning(f"option '{name}': unknown option '{name}'")
    site.write(PAGES)
    site.options[name] = 10  # type: ignore[index]

    with pytest.raises(Abort):
        site.build()

    assert service.requests == []


class TestTheRestOfTheSite:
    def test_without_blocks_nothing_changes(self, site: Site) -> None:
        site.write({"index.md": "# Home\n\nPlain.\n", "other.md": "# Other\n"})
        site.build(enabled=False)
        plain = contents(site.root / "site")

        site.build()

        assert contents(site.root / "site") == plain

    def test_disabled_shows_the_text(self, site: Site, service: Service) -> None:
        site.write(PAGES)

        site.build(strict=True, enabled=False)

        assert HOME in site.html("index.html")
        assert ":::" not in site.html("index.html")
        assert service.requests == []

    @pytest.mark.parametrize("theme", ["mkdocs", "material"])
    def test_the_search_index_has_the_text_and_no_word_of_the_player(self, site: Site, theme: str) -> None:
        site.config = {"theme": {"name": theme}}
        page = f":::speak text=collapse\n{HOME}\n:::\n"
        site.write({"index.md": f"# Home\n\n{page}"})

        site.build()

        index = json.loads((site.root / "site/search/search_index.json").read_text(encoding="utf-8"))
        text = " ".join(entry["text"] for entry in index["docs"])
        assert HOME in text
        assert "Listen" not in text
        assert "0:0" not in text

    def test_the_key_is_written_nowhere(self, built: Site, caplog: pytest.LogCaptureFixture) -> None:
        files = [path for path in built.root.rglob("*") if path.is_file() and path.name != "mkdocs.yml"]

        assert files
        assert not [path for path in files if KEY.encode() in path.read_bytes()]
        assert KEY not in caplog.text

    def test_the_last_line_counts_what_was_done(self, built: Site, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        built.write({"index.md": PAGES["index.md"].replace("a little longer", "a little shorter")})

        built.build()

        assert "3 clips, 4 sentences: 3 cached, 1 synthesized (45 characters), " in caplog.text

    def test_two_blocks_with_the_same_words_have_ids_of_their_own(self, site: Site, service: Service) -> None:
        site.write({"index.md": ":::speak\nThe same words in two places of a page.\n:::\n\n" * 2})

        site.build(strict=True)

        assert len(service.requests) == 1
        assert len(set(site.ids("index.html"))) == len(site.clips("index.html")) == 2


def bodies(service: Service) -> list[dict[str, object]]:
    return [request.body for request in service.requests if request.body is not None]


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def contents(directory: Path) -> dict[str, bytes]:
    """All files but the sitemaps, which hold the date, as does a comment of the theme."""
    files = [path for path in directory.rglob("*") if path.is_file() and not path.name.startswith("sitemap")]
    built = re.compile(rb"Build Date UTC : .*")
    return {str(path.relative_to(directory)): built.sub(b"", path.read_bytes()) for path in files}


def test_a_blog_s_excerpts_play_the_clips_of_their_posts(site: Site, service: Service) -> None:
    """They are rendered late, and know nothing of the post's front matter."""
    site.config = {"theme": {"name": "material"}, "plugins": ["blog"]}
    front_matter = "---\ndate: 2026-01-01\nlightning: {speed: 1.5}\n---\n"
    post = f"{front_matter}# Post\n\n:::speak\nThis post is spoken, also in brief.\n:::\n"
    site.write(
        {"index.md": "# Home\n", "blog/index.md": "# Blog\n", "blog/posts/post.md": f"{post}\n<!-- more -->\n\nMore.\n"}
    )

    site.build(strict=True)

    assert service.spoken == ["This post is spoken, also in brief."]
    (clip,) = site.clips("blog/2026/01/01/post/index.html")
    assert site.clips("blog/index.html") == site.clips("blog/archive/2026/index.html") == [clip]
    assert duration(clip) > 1


def test_a_block_s_id_can_be_linked_to(site: Site) -> None:
    site.config = {"validation": {"anchors": "warn"}}
    site.write({"index.md": "[Hear it](#intro)\n\n::: speak {#intro}\nThis block has an id to link to.\n:::\n"})

    site.build(strict=True)

    assert site.html("index.html").count('id="intro"') == 1
