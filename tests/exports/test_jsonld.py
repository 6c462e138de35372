"""What programs learn of a page's clips."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from mkdocs_lightning.exports.jsonld import AudioObject, structured_data

CLIP = AudioObject(
    name="Überblick",
    content_url="https://docs.example.org/assets/lightning/1.mp3?a=1&b=2",
    media_type="audio/mpeg",
    duration=65.4,
    transcript="Größe & Gewicht.\nSchöne neue Welt: 日本, \U0001f600.",
    language="de",
    disclosure="Read by a synthetic voice",
    size=123456,
)
HOSTILE = [
    "</script>",
    "</SCRIPT ><img src=x onerror=alert(1)>",
    "<!--",
    "<!-- <script>",
    "--> ]]> &lt;/script&gt; &quot;",
    '"}]}; alert(1) //',
    "\\u003c/script\\u003e \\",
    "a\u2028b\u2029c",
    "\x00\x08\x1b\x7f",
    "\u202eسبت\u202c, שבת",
    "\ud800",
]


class _Page(HTMLParser):
    """Collects a page's elements, its comments, and what stands in the first script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if self.tags == ["script"]:
            self.script += data


def described(clip: AudioObject) -> Any:
    [found] = json.loads(structured_data([clip]))["@graph"]
    return found


def test_what_goes_in_comes_out() -> None:
    assert json.loads(structured_data([CLIP])) == {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "AudioObject",
                "name": "Überblick",
                "description": "Read by a synthetic voice",
                "digitalSourceType": "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
                "contentUrl": "https://docs.example.org/assets/lightning/1.mp3?a=1&b=2",
                "encodingFormat": "audio/mpeg",
                "contentSize": "123456 B",
                "duration": "PT0H1M5S",
                "inLanguage": "de",
                "transcript": "Größe & Gewicht.\nSchöne neue Welt: 日本, \U0001f600.",
            }
        ],
    }


def test_a_language_that_is_not_known_is_left_out() -> None:
    assert set(described(CLIP)) - set(described(replace(CLIP, language=None))) == {"inLanguage"}


def test_a_voice_made_by_rules_is_not_called_a_trained_one() -> None:
    source = described(replace(CLIP, is_trained=False))["digitalSourceType"]
    assert source == "https://schema.org/AlgorithmicMediaDigitalSource"


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0.4, "PT0H0M1S"),
        (59.96, "PT0H1M0S"),
        (3600, "PT1H0M0S"),
        (3725.25, "PT1H2M5S"),
        (90061, "PT25H1M1S"),
    ],
)
def test_durations(duration: float, text: str) -> None:
    assert described(replace(CLIP, duration=duration))["duration"] == text


def test_the_order_of_the_page_is_kept() -> None:
    names = ["Second", "First", "Third", "First"]
    found = json.loads(structured_data([replace(CLIP, name=name) for name in names]))["@graph"]
    assert [clip["name"] for clip in found] == names


def test_no_clips() -> None:
    assert json.loads(structured_data([])) == {"@context": "https://schema.org", "@graph": []}


def test_other_alphabets_stay_readable() -> None:
    text = structured_data([CLIP])
    assert "Überblick" in text
    assert "Schöne neue Welt: 日本, \U0001f600." in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_ends_the_script_element(hostile: str) -> None:
    clip = AudioObject(hostile, hostile, hostile, 1.0, hostile, hostile, hostile, 1)
    text = structured_data([clip])
    page = _Page()
    page.feed(f'<script type="application/ld+json">{text}</script><p>After.</p>')
    page.close()

    assert page.tags == ["script", "p"]
    assert page.script == text
    assert not page.comments
    found = described(clip)
    keys = ("name", "description", "contentUrl", "encodingFormat", "inLanguage", "transcript")
    assert [found[key] for key in keys] == [hostile] * len(keys)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_none_of_the_dangerous_characters_is_there(hostile: str) -> None:
    """As browsers know more states of a script than html.parser does: `<!--<script>` hides the end from them."""
    text = structured_data([replace(CLIP, transcript=hostile)])
    assert not set("<>&\u2028\u2029\ud800\x00\n") & set(text)
    assert text.encode()
