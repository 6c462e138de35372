"""`:::speak` in plain Python-Markdown: players for what is cached, slots for the rest, and nothing is ever sent."""

from __future__ import annotations

import base64
import io
import logging
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import markdown
import pytest
import soundfile
from markdown.preprocessors import Preprocessor
from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.site.standalone import _tell_of_plugin
from tests.support.pages import slots_in
from tests.support.published import FIRST, SECOND
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

PAGE = f"# Title\n\n:::speak\n{FIRST} {SECOND}\n:::\n\nAfter.\n"
BLOCK = f":::speak\n{FIRST}\n:::\n"


def convert(source: str, **options: object) -> str:
    """What a program gets that names the extension, and knows no more of it."""
    return markdown.markdown(source, extensions=["mkdocs_lightning"], extension_configs={"mkdocs_lightning": options})


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def voiced(site: Site) -> Site:
    """A site that MkDocs has voiced, with the cache in this folder."""
    site.write({"index.md": PAGE})
    site.build()
    return site


def test_what_is_not_cached_is_text_in_a_slot(tmp_path: Path) -> None:
    html = convert(PAGE)
    assert "<audio" not in html
    assert "<speak-block" not in html
    assert f"<p>{FIRST} {SECOND}</p>" in html
    (slot,) = slots_in(html)
    assert [sentence.written for sentence in slot.sentences] == [FIRST, SECOND]
    assert list(tmp_path.iterdir()) == []


def test_what_is_cached_has_its_player_with_the_sound_inside(voiced: Site, service: Service) -> None:
    (clip,) = voiced.clips("index.html")
    service.clear()
    html = convert(PAGE)
    (source,) = re.findall(r'<audio [^>]*src="data:audio/mpeg;base64,([^"]+)"', html)
    assert base64.b64decode(source) == clip.read_bytes()
    samples, sample_rate = soundfile.read(io.BytesIO(base64.b64decode(source)))
    assert len(samples) / sample_rate > 3
    (track,) = re.findall(r'<track [^>]*src="data:text/vtt;base64,([^"]+)"', html)
    assert base64.b64decode(track).startswith(b"WEBVTT")
    assert "<script" not in html
    assert len(slots_in(html)) == 1
    assert service.requests == []


@pytest.mark.usefixtures("voiced")
def test_without_embedded_audio_what_is_cached_stays_text_in_a_slot() -> None:
    """For feeds: readers of an article's feed would load its audio with each article."""
    assert "<audio" in convert(PAGE)
    assert "data:" not in convert(PAGE, embed=False)
    assert slots_in(convert(PAGE, embed=False)) == slots_in(convert(PAGE))


def test_nothing_is_ever_sent(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with a key: whoever converts a text does not mean to pay."""
    monkeypatch.setenv("SMALLEST_API_KEY", KEY)
    monkeypatch.setenv("HTTPS_PROXY", service.url)  # the way out of this machine
    html = convert(PAGE)
    assert len(slots_in(html)) == 1
    assert "<audio" not in html
    assert service.connections == 0


def test_sentences_that_are_cached_without_their_clip_are_joined(voiced: Site, service: Service) -> None:
    assert voiced.clips("index.html")
    service.clear()
    html = convert(f":::speak\n{SECOND}\n\n{FIRST}\n:::\n")
    assert html.count("<audio ") == 1
    assert service.requests == []


def test_the_options_are_those_of_the_plugin(site: Site) -> None:
    (site.root / "words.yml").write_text("en: {first: 1st}\n", encoding="utf-8")
    options: dict[str, Any] = {
        "voice_id": "sophie",
        "speed": 1.5,
        "output_format": "wav",
        "cache_dir": str(site.root / "sounds"),
        "lexicon": "words.yml",
    }
    site.write({"index.md": PAGE})
    site.build(**options)
    html = convert(PAGE, **options)
    assert html.count('src="data:audio/wav;base64,') == 1
    (slot,) = slots_in(html)
    assert (slot.options.voice.voice_id, slot.options.voice.speed) == ("sophie", 1.5)
    assert slot.output_format is not None
    assert slot.sentences[0].parts == (FIRST.replace("first", "1st"),)


def test_a_block_s_settings_come_before_the_extension_s() -> None:
    source = f':::speak {{speed=0.8 title="Über" text=hide #one .wide}}\n{FIRST}\n:::\n'
    (slot,) = slots_in(convert(source, speed=1.5, language="de", engine="offline"))
    assert (slot.options.voice.speed, slot.options.voice.language, slot.engine) == (0.8, "de", "offline")
    assert (slot.options.title, slot.options.text, slot.options.id, slot.options.classes) == (
        "Über",
        "hide",
        "one",
        ("wide",),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"voice": "sophie"}, "unknown option 'voice'"),
        ({"max_characters": 5}, "unknown option 'max_characters'"),
        ({"output_format": "midi"}, "'midi' is not one of mp3"),
        ({"cache_dir": 5}, "5 is not text"),
        ({"embed": "no"}, "'no' is neither true nor false"),
        ({"speed": "fast"}, "'fast' is not a number"),
        ({"engine": "steam"}, "there is no engine 'steam'"),
        ({"language": "klingon"}, "'klingon'"),
        ({"voice_id": 'a" b'}, "is not a voice_id"),
        ({"lexicon": "missing.yml"}, "missing.yml"),
    ],
)
def test_a_wrong_option_is_refused_in_words(options: Mapping[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message) as caught:
        convert(PAGE, **options)
    assert str(caught.value).startswith(f"the Markdown extension mkdocs_lightning, option '{next(iter(options))}': ")


def test_mistakes_are_told_and_stay_text(expect_warning: Callable[[str], None]) -> None:
    expect_warning(r"^line 5 ':::speak': this block is never closed")
    expect_warning(r"^line 1 ':::speak \{voice_id=voice_1\}': 'voice_1' is a cloned voice")
    html = convert(f":::speak {{voice_id=voice_1}}\n{SECOND}\n:::\n\n:::speak\n{FIRST}\n")
    assert slots_in(html) == []
    assert FIRST in html
    assert SECOND in html


def test_one_instance_converts_many_texts(voiced: Site) -> None:
    md = markdown.Markdown(extensions=["mkdocs_lightning"])
    first = md.convert(PAGE)
    assert md.reset().convert("# Nothing\n") == "<h1>Nothing</h1>"
    assert md.reset().convert(PAGE) == first
    assert voiced.clips("index.html")


def test_blocks_within_blocks_each_have_their_slot() -> None:
    html = convert(f"::::speak\n{FIRST}\n\n:::speak\n{SECOND}\n:::\n::::\n")
    assert [[sentence.written for sentence in slot.sentences] for slot in slots_in(html)] == [[SECOND], [FIRST, SECOND]]


def test_a_cache_that_is_damaged_gives_text(voiced: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for path in (voiced.root / ".cache").rglob("*"):
        if path.suffix in {".mp3", ".flac"}:
            path.write_bytes(path.read_bytes()[:-9])
    html = convert(PAGE)
    assert "<audio" not in html
    assert len(slots_in(html)) == 1


def test_a_slot_says_nothing_of_this_machine_or_the_key(voiced: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", "sk_a_secret")
    html = unescape(convert(PAGE, cache_dir=str(voiced.root / ".cache/plugin/lightning")))
    assert "<audio" in html
    assert str(voiced.root) not in html
    assert "sk_" not in html


@pytest.mark.parametrize("enabled", [True, False])
def test_beside_the_plugin_it_does_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, *, enabled: bool) -> None:
    """One mkdocs.yml for MkDocs and for another program."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")  # the theme writes down when it was built
    site.write({"index.md": PAGE})
    site.build(enabled=enabled)
    alone = site.html("index.html")
    site.config["markdown_extensions"] = ["mkdocs_lightning"]
    site.build(strict=True, enabled=enabled)
    assert site.html("index.html") == alone
    assert "speak-slot" not in alone


def test_mkdocs_without_the_plugin_has_slots(site: Site, expect_warning: Callable[[str], None]) -> None:
    _tell_of_plugin.cache_clear()
    expect_warning("^under MkDocs, the plugin adds the players")
    site.write({"index.md": PAGE})
    build(load_config(site.write_config(), plugins=["search"], markdown_extensions=["mkdocs_lightning"]))
    (slot,) = slots_in(site.html("index.html"))
    assert slot.sentences[0].written == FIRST


class Inner(Preprocessor):
    """Converts a text of its own with the extensions of the page, in the middle of the page, as mkautodoc does."""

    def run(self, lines: list[str]) -> list[str]:
        assert self.md is not None
        inner = markdown.Markdown(extensions=self.md.registeredExtensions)
        return [*lines, "", self.md.htmlStash.store(inner.convert(f":::speak\n{SECOND}\n:::"))]


def test_blocks_of_another_converter_of_the_same_extensions_belong_to_the_page() -> None:
    page = markdown.Markdown(extensions=["mkdocs_lightning"])
    page.preprocessors.register(Inner(page), "inner", 0)

    html = page.convert(f":::speak\n{FIRST}\n:::")

    assert html.count("<speak-slot ") == 2
