"""Groups of tabs as other programs write them: each panel is read after its tab's label, also one that is not open."""

from __future__ import annotations

import pytest

from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.script import read_page_script
from tests.support.tabs import ACCORDION, DOCUSAURUS, SPHINX_DESIGN, SPHINX_TABS, STARLIGHT

LINUX, WINDOWS = "<p>Use apt to install it.</p>", "<p>Use winget to install it.</p>"
READ = ["Linux", "Use apt to install it.", "Windows", "Use winget to install it."]


def read(html: str) -> list[str]:
    """What is spoken of a page."""
    return [sentence.written for sentence in read_page_script(html, PlaceVoice("en"))]


@pytest.mark.parametrize("tabs", [DOCUSAURUS, SPHINX_TABS, SPHINX_DESIGN, STARLIGHT, ACCORDION])
def test_each_panel_is_read_after_its_label(tabs: str) -> None:
    html = f"<p>Before.</p>{tabs.format(LINUX, WINDOWS)}<p>After.</p>"
    assert read(html) == ["Before.", *READ, "After."]
    marked = highlight_sentences(html, read(html), "p", is_page=True)
    assert marked.count('data-cue="p 2"') == marked.count('data-cue="p 4"') == 1


@pytest.mark.parametrize("tabs", [DOCUSAURUS, SPHINX_TABS, STARLIGHT])
def test_a_panel_may_hold_tabs(tabs: str) -> None:
    inner = SPHINX_TABS.replace("-0-0-", "-1-0-").replace("Linux", "First").replace("Windows", "Second")
    inner = inner.format("<p>One.</p>", "<p>Two.</p>")
    assert read(tabs.format(LINUX, inner)) == [*READ[:3], "First", "One.", "Second", "Two."]


@pytest.mark.parametrize("tabs", [DOCUSAURUS, SPHINX_TABS, STARLIGHT])
def test_the_label_of_code_alone_is_silent(tabs: str) -> None:
    assert read(tabs.format("<pre><code>apt</code></pre>", WINDOWS)) == READ[2:]


@pytest.mark.parametrize(
    ("kept", "removed"), [("aria-controls", "aria-labelledby"), ("aria-labelledby", "aria-controls")]
)
def test_attributes_come_before_the_order(kept: str, removed: str) -> None:
    first, second = (f'{{}}-0-0-{number}"' for number in (0, 1))
    tabs = SPHINX_TABS.replace(removed, "data-x")
    name = "panel" if kept == "aria-controls" else "tab"
    tabs = tabs.replace(f'{kept}="{first.format(name)}', f'{kept}="?')
    tabs = tabs.replace(f'{kept}="{second.format(name)}', f'{kept}="{first.format(name)}')
    tabs = tabs.replace(f'{kept}="?', f'{kept}="{second.format(name)}')
    assert read(tabs.format(WINDOWS, LINUX)) == [*READ[2:], *READ[:2]]


@pytest.mark.parametrize(
    ("old", "new"), [('<li role="tab" tabindex="-1"', "<li"), ('<ul role="tablist"', '<ul role="x"')]
)
def test_a_panel_without_a_tab_of_its_own_has_no_label(old: str, new: str) -> None:
    html = DOCUSAURUS.format(LINUX, WINDOWS).replace(old, new)
    assert [text for text in read(html) if text not in {"Linux", "Windows"}] == [READ[1], READ[3]]


@pytest.mark.parametrize(
    "around", ["<nav>{}</nav>", "<div hidden>{}</div>", '<div role="tabpanel" aria-hidden="true">{}</div>']
)
def test_tabs_in_what_is_not_read_are_silent(around: str) -> None:
    assert read(f"<p>Text.</p>{around.format(DOCUSAURUS.format(LINUX, WINDOWS))}") == ["Text."]


def test_two_groups_do_not_share_their_tabs() -> None:
    html = f"<section>{DOCUSAURUS}{DOCUSAURUS}</section>".format(LINUX, WINDOWS, "<p>One.</p>", "<p>Two.</p>")
    assert read(html) == [*READ, "Linux", "One.", "Windows", "Two."]
