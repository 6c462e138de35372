"""The grammar beside other extensions of Python-Markdown, whichever is registered first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import markdown
import pytest
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.script import read_script

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from mkdocs_lightning.reading.grammar.block import Block, Diagnostic

BLOCK = ":::speak\nA sentence to be spoken.\n\nAnd a second paragraph here.\n:::\n"
SPOKEN = "A sentence to be spoken. And a second paragraph here."


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.splitlines())


def fenced_by_slashes(kind: str, text: str) -> str:
    return f"/// {kind}\n\n{text}\n///\n"


PLACES = {
    "top": f"Text.\n\n{BLOCK}",
    "glued": f"Text.\n{BLOCK}Text.\n",
    "list": f"- item\n\n{indented(BLOCK)}",
    "ordered list": f"1. item\n\n{indented(BLOCK)}",
    "quote": quoted(BLOCK),
}
OWN_PLACES = {
    "admonition": f"!!! note\n\n{indented(BLOCK)}",
    "def_list": f"Term\n\n:   Text.\n\n{indented(BLOCK)}",
    "footnotes": f"Text.[^1]\n\n[^1]:\n    Note.\n\n{indented(BLOCK)}",
    "md_in_html": f"<div markdown>\n\n{BLOCK}\n</div>\n",
    "pymdownx.blocks.admonition": fenced_by_slashes("note | Title", BLOCK),
    "pymdownx.blocks.caption": f"{BLOCK}\n{fenced_by_slashes('caption', 'Words.')}",
    "pymdownx.blocks.definition": fenced_by_slashes("define", f"Term\n\n- Text.\n\n{indented(BLOCK)}"),
    "pymdownx.blocks.details": fenced_by_slashes("details | Title", BLOCK),
    "pymdownx.blocks.html": fenced_by_slashes("html | div", BLOCK),
    "pymdownx.blocks.tab": fenced_by_slashes("tab | Title", BLOCK),
    "pymdownx.details": f"??? note\n\n{indented(BLOCK)}",
    "pymdownx.fancylists": f"a. item\n\n{indented(BLOCK)}",
    "pymdownx.quotes": quoted(f"[!note]\n\n{BLOCK}"),
    "pymdownx.superfences": f'```py title="x" hl_lines="1"\n:::speak\nCode.\n:::\n```\n\n{BLOCK}',
    "pymdownx.tabbed": f'=== "A"\n\n{indented(BLOCK)}\n=== "B"\n\n    Text.\n',
    "pymdownx.tasklist": f"- [ ] item\n\n{indented(BLOCK)}",
}
ALONE = (
    *("abbr", "attr_list", "codehilite", "extra", "fenced_code", "legacy_em", "meta", "nl2br", "sane_lists", "smarty"),
    *("tables", "toc", "wikilinks"),
    *(
        f"pymdownx.{name}"
        for name in (
            *("arithmatex", "b64", "betterem", "caret", "critic", "emoji", "escapeall", "extra", "highlight"),
            *("inlinehilite", "keys", "magiclink", "mark", "pathconverter", "progressbar", "saneheaders"),
            *("smartsymbols", "snippets", "striphtml", "tilde"),
        )
    ),
)


class ColonLines(BlockProcessor):
    """Takes lines of colons wherever they are, as mkautodoc does, and fails on those that name nothing."""

    LINE = re.compile(r"(?:^|\n)::: ?([:a-zA-Z0-9_.]*) *(?:\n|$)")

    def test(self, _parent: Element, block: str) -> bool:
        return self.LINE.search(block) is not None

    def run(self, _parent: Element, _blocks: list[str]) -> None:
        raise ValueError


class ColonExtension(Extension):
    def __init__(self, priority: int) -> None:
        super().__init__()
        self._priority = priority

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802
        md.parser.blockprocessors.register(ColonLines(md.parser), "colons", self._priority)


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize(
    "extension",
    [*OWN_PLACES, *ALONE, *(ColonExtension(priority) for priority in (11, 75, 105, 110, 175))],
    ids=lambda extension: extension if isinstance(extension, str) else "colons",
)
def test_a_block_is_captured_whole(extension: str | ColonExtension, is_first: bool) -> None:
    own = {"own": OWN_PLACES[extension]} if extension in OWN_PLACES and isinstance(extension, str) else {}
    for place, source in {**PLACES, **own}.items():
        assert read_with(extension, source, is_first=is_first) == ([SPOKEN], []), place


def read_with(extension: str | Extension, source: str, *, is_first: bool) -> tuple[list[str], list[Diagnostic]]:
    """What is spoken, and what is diagnosed, with another extension registered before or after the grammar."""
    spoken: list[str] = []
    diagnostics: list[Diagnostic] = []
    grammar = SpeakExtension(lambda block: spoken.append(text_of(block)), diagnostics.append)
    markdown.markdown(source, extensions=[grammar, extension] if is_first else [extension, grammar])
    return spoken, diagnostics


def text_of(block: Block) -> str:
    return " ".join(
        part for sentence in read_script(block.body, block.raw_html, PlaceVoice("en")) for part in sentence.parts
    )


class Inner(Preprocessor):
    """Converts a text of its own with the extensions of the page, in the middle of the page, as mkautodoc does."""

    def run(self, lines: list[str]) -> list[str]:
        assert self.md is not None
        inner = markdown.Markdown(extensions=self.md.registeredExtensions)
        html = inner.convert(":::speak\nInner.\n:::\n\n:::speak\nUnclosed.")
        return [*lines, "", self.md.htmlStash.store(html)]


class InnerExtension(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802
        md.preprocessors.register(Inner(md), "inner", 0)


def test_another_converter_of_the_same_extensions_has_the_grammar_and_a_state_of_its_own() -> None:
    spoken: list[str] = []
    diagnostics: list[str] = []
    grammar = SpeakExtension(
        lambda block: spoken.append(block.origin.first_line),
        lambda diagnostic: diagnostics.append(diagnostic.origin.first_line),
    )
    converter = markdown.Markdown(extensions=[grammar, InnerExtension()])

    for _ in range(2):
        html = converter.reset().convert(":::speak\nOuter.\n:::")

        assert html.count('<div class="speak nospeak">') == 3
    assert (spoken, diagnostics) == (["Inner.", "Outer."] * 2, ["Unclosed."] * 2)
