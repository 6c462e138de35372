"""The scanner of pages: what a browser takes for a tag, where it is, and in how long."""

from __future__ import annotations

import time

import pytest

from mkdocs_lightning.base.html_scanner import HtmlReader, PageMetadata, head_end, read_metadata, tags

PAGE = """<!DOCTYPE html>
<html lang="pt-BR"><head>
<!-- a comment with </head> and <html lang="en"> in it -->
<meta content="mkdocs-1.6 &amp; more" name=Generator>
<title>A page
 &amp; its </head> site</title>
<script>const end = "</head>", audio = "<audio src=no.mp3>";</script>
<style>/* </head> */</style>
<link HREF='https://example.org/a?b=1&amp;c=2' rel="home canonical">
</HEAD ><body data-text="</head><audio src=no.mp3>">
<audio src="one.mp3"></audio><audio controls src=two.mp3/></audio><audio></audio>
<svg><title>A <b>bold</b> one</title><style/></svg><AUDIO title="a > b" src = 'three.mp3'>
<textarea><audio src="no.mp3"></textarea>
<link rel=canonical href="another"><title>Another</title>
"""


def test_a_page_says_of_itself() -> None:
    assert read_metadata(PAGE) == PageMetadata(
        language="pt-BR",
        title="A page & its </head> site",
        canonical_url="https://example.org/a?b=1&c=2",
        generator="mkdocs-1.6 & more",
        audio_urls=("one.mp3", "two.mp3/", "three.mp3"),
    )
    assert read_metadata("<p>nothing</p>") == PageMetadata()


def test_the_head_ends_at_its_own_end_tag() -> None:
    assert PAGE[head_end(PAGE) :].startswith("</HEAD ><body")


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ("<head></head>", 6),
        ("<!doctype html><title>a</title><p>text</head>", 31),  # as in a browser, `<p>` begins the body
        ("<noscript><link href=a></noscript><main>", 34),
        ("<head><noscript><img src=a></noscript></head><body>", 38),
        ("<template><p>a</p></template><main>", 29),
        ("<title>a</title><body class=x></head>", 16),  # a minifier may leave `</head>` out
        ("<header></header><p>text", 0),
        ("<!--></head>", 5),
        ("<!---></head>", 6),
        ("<!-- a --!></head>", 11),
        ("<!--!></head>", -1),
        ("<!-- </head>", -1),
        ("<?php </head>", -1),
        ("<?php ?></head>", 8),
        ("<script></head>", -1),
        ("<script></scripts></head></script></head>", 34),
        ('<meta a="</head>', -1),
        ("<meta a='\"'></head>", 12),
        ("<meta =a=b></head>", 11),
        ("1 < 2 <> </></head>", 12),
        ("", -1),
    ],
)
def test_the_end_of_a_head(html: str, place: int) -> None:
    assert head_end(html) == (len(html) if place < 0 else place)


def test_tags_have_offsets_and_attributes() -> None:
    html = 'text <A b=1 B=2 c d="&lt;" e>x</a>'
    first, last = tags(html)
    assert (first.name, first.is_end, html[first.start : first.end]) == ("a", False, html[5:29])
    assert first.attributes == {"b": "1", "c": "", "d": "<", "e": ""}
    assert (last.name, last.is_end, html[last.start : last.end]) == ("a", True, "</a>")


@pytest.mark.parametrize(
    "part",
    ["<audio ", "<audio", "<", "</", "<!--", "<!", "<a b='", "<a b=\"'", "<script>", "<title>", "<svg>", "a= ", "<a ="],
)
def test_no_page_takes_longer_than_it_is_long(part: str) -> None:
    html = part * (1_000_000 // len(part))
    began = time.process_time()
    read_metadata(html)
    head_end(html)
    assert time.process_time() - began < 5


class Heard(HtmlReader):
    """Notes what it is told, with the offset of each."""

    def __init__(self, html: str, *, convert_charrefs: bool = True) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.heard: list[tuple[int, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.heard.append((self.offset, f"<{tag} {dict(attrs)}>" if attrs else f"<{tag}>"))

    def handle_endtag(self, tag: str) -> None:
        self.heard.append((self.offset, f"</{tag}>"))

    def handle_data(self, data: str) -> None:
        self.heard.append((self.offset, data))

    def handle_charref(self, name: str) -> None:
        self.heard.append((self.offset, f"#{name}"))

    def handle_entityref(self, name: str) -> None:
        self.heard.append((self.offset, f"&{name}"))


@pytest.mark.parametrize(
    ("html", "heard"),
    [
        ("a<B c>d</B >e", [(0, "a"), (1, "<b {'c': None}>"), (6, "d"), (7, "</b>"), (12, "e")]),
        ("<br/>a", [(0, "<br>"), (0, "</br>"), (5, "a")]),
        ("<a b='&lt;' b=c>", [(0, "<a {'b': 'c'}>")]),
        ("a<!-- <b> -->b<!>c<?d?>e</ f>g", [(0, "a"), (13, "b"), (17, "c"), (23, "e"), (29, "g")]),
        (
            "a &amp; b<script>&amp;<b></script>c",
            [(0, "a & b"), (9, "<script>"), (17, "&amp;<b>"), (25, "</script>"), (34, "c")],
        ),
        ("<textarea>&lt;b></textarea>", [(0, "<textarea>"), (10, "<b>"), (16, "</textarea>")]),
        ("1 < 2 &c", [(0, "1 < 2 &c")]),
        ("a<![b", [(0, "a")]),
        ("a<!-- b", [(0, "a")]),
        ("a<b c", [(0, "a")]),
    ],
)
def test_tags_and_text_are_heard_as_a_browser_reads_them(html: str, heard: list[tuple[int, str]]) -> None:
    assert Heard(html).heard == heard


def test_references_are_heard_by_themselves() -> None:
    heard = Heard("<p>a&amp;b&#65c&#x41;&d e&&#</p>", convert_charrefs=False).heard
    assert [part for _, part in heard] == ["<p>", "a", "&amp", "b", "#65", "c", "#x41", "&d", " e&&#", "</p>"]
    assert [offset for offset, _ in heard] == [0, 3, 4, 9, 10, 14, 15, 21, 23, 28]
