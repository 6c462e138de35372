"""Pauses and voices inside pages that `publish` narrates: the extension marks them, or an author of HTML does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.published import FIRST, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.plain_program import Program
    from tests.support.sites import Site

NARRATED = f"""\
# The press

{FIRST} {{pause=2}} {SECOND}

{{pause}}

Bread is called *das tägliche Brot*{{language=de}} in German.

The lid is heavy. Lift it with both hands.
{{: voice_id=sophie speed=0.8 }}

:::speak
It was *ein Stück vom Käse*{{language=de}}, and nothing else. {{pause}} So it was left.
:::
"""
FRAME = "<!DOCTYPE html><html lang=en><body><main>{content}</main></body></html>"


def test_the_same_words_in_the_same_voices_as_mkdocs_asks_for(empty_program: Program, site: Site) -> None:
    plain = empty_program
    site.write({"index.md": f"---\nlightning: {{narrate: true}}\n---\n{NARRATED}"})
    site.config["markdown_extensions"] = ["attr_list"]
    site.build(strict=True)
    asked = [(each.body or {})["language"] for each in plain.service.requests]
    assert asked.count("de") == 2
    plain.service.clear()
    plain.build({"index.html": NARRATED}, FRAME, embed=False)
    html = plain.html("index.html")
    assert "<p></p>" not in html.replace(" ", "")
    assert "{pause" not in html.replace('data-pause="{pause', "")
    assert 'language="' not in html
    for _ in range(2):
        result = plain.publish("--select", "main")
        assert (result.exit_code, result.stderr, plain.asked()) == (0, "", [])
    assert "2 clips, " in result.stdout
    assert "0 pages changed" in result.stdout


def test_html_of_any_program_may_set_the_voice_of_an_element(
    empty_program: Program, expect_warning: Callable[[str], None]
) -> None:
    content = '<h1>Bread</h1><p>It is called <em data-speak-voice="language=de speed={}">das Brot</em> there.</p>'
    empty_program.write("index.html", FRAME.format(content=content.format("0.8")))
    result = empty_program.publish("--select", "main")
    assert (result.exit_code, result.stderr) == (0, "")
    bodies = [each.body or {} for each in empty_program.service.requests]
    assert [(body["voice_id"], body["speed"]) for body in bodies if body["language"] == "de"] == [("hanna", 0.8)]

    empty_program.service.clear()
    expect_warning("index.html:1: data-speak-voice=.*speed")
    empty_program.write("index.html", FRAME.format(content=content.format("fast")))
    result = empty_program.publish("--select", "main")
    assert "until then the page is not narrated" in result.stderr
    assert empty_program.service.requests == []


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("language=de, speed=0.9", "'de,' is not a language"),
        ("de", "unknown option 'de'"),
        ("language: de", r"unknown option 'language:' \(did you mean 'language'\?\)"),
        ("language=de speed=3", "3.0 is out of range: 0.5 to 2.0"),
        ("sample_rate=8000", "sample_rate=8000 cannot be set on an element"),
    ],
)
def test_a_mistake_in_html_is_named_as_it_is_written(
    empty_program: Program, expect_warning: Callable[[str], None], written: str, reason: str
) -> None:
    place = f'index.html:3: data-speak-voice="{written}": '
    expect_warning(f"{place}{reason}.*. Correct data-speak-voice; until then the page is not narrated$")
    content = (
        f'\n<h1 data-speak-voice="speed=1.5">Bread</h1>\n<p>It is <em data-speak-voice="{written}">das Brot</em>.</p>'
    )
    empty_program.write("index.html", FRAME.format(content=content))
    empty_program.publish("--select", "main")
    assert empty_program.service.requests == []


def test_lang_of_a_block_level_element_sets_its_voice_and_that_of_the_page_changes_nothing(
    empty_program: Program,
) -> None:
    plain = empty_program
    quotation = "<blockquote{}><p>Unser Brot ist gut.</p></blockquote>"
    content = f"<h1>Bread</h1><p>{FIRST} It is <em lang=de>das Brot</em>.</p>{quotation}"
    for lang, wanted in ((" lang=en-US", None), (" lang=x-foo", []), (" lang=de-CH", [("de", "hanna")])):
        plain.service.clear()
        plain.write("index.html", FRAME.format(content=content.format(lang)))
        result = plain.publish("--select", "main")
        assert (result.exit_code, result.stderr) == (0, "")
        bodies = [each.body or {} for each in plain.service.requests]
        found = [(body["language"], body["voice_id"]) for body in bodies]
        assert found == wanted if wanted is not None else {language for language, _ in found} == {"en"}


@pytest.mark.parametrize("lang", ["en", "en-US", "de"])
def test_the_language_that_is_set_for_a_page_overrules_the_one_that_its_markup_says(
    empty_program: Program, expect_warning: Callable[[str], None], lang: str
) -> None:
    expect_warning('1 page says lang="en", but is read as de, because language is set')
    empty_program.configure(language="de", narrate=["**"])
    quotation = "<blockquote lang=fr>Le pain est bon.</blockquote>"
    text = f"<main lang={lang}><p>Unser Brot ist gut.</p>{quotation}</main>"
    empty_program.write("index.html", f"<!doctype html><html lang=en><title>T</title><body>{text}</body></html>")
    assert empty_program.publish().exit_code == 0
    spoken = {(body["language"], body["voice_id"]) for each in empty_program.service.requests if (body := each.body)}
    assert spoken == {("de", "hanna"), ("fr", "manon")}


def test_an_element_inside_another_language_may_return_to_that_of_the_page(empty_program: Program) -> None:
    inner = "<p>Das Brot.</p><p lang=en>Bread is bread everywhere.</p>"
    empty_program.write("index.html", FRAME.format(content=f"<p>{FIRST}</p><div lang=de>{inner}</div>"))
    assert empty_program.publish("--select", "main").exit_code == 0
    languages = {body["text"]: body["language"] for each in empty_program.service.requests if (body := each.body)}
    assert languages == {FIRST: "en", "Das Brot.": "de", "Bread is bread everywhere.": "en"}


def test_marks_are_empty_elements_on_pages_that_nobody_narrates(empty_program: Program) -> None:
    empty_program.build({"index.html": f"{FIRST} {{pause}} {SECOND}\n\nAn *item*{{speed=2}}.\n"}, FRAME)
    html = empty_program.html("index.html")
    assert f'<p>{FIRST}<speak-mark data-pause="{{pause}}"></speak-mark> {SECOND}</p>' in html
    assert '<p>An <em data-speak-voice="speed=2">item</em>.</p>' in html
