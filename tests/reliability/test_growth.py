"""No Markdown takes longer than it is long: what the grammar adds to a conversion is linear in the size of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import markdown
import pytest

from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.grammar.source_lines import find_lines
from mkdocs_lightning.reading.script import read_script
from tests.support.growth import LINEAR, growth, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_lightning.reading.grammar.block import Block, DocumentOpeners, Origin

SIZE = 50_000  # characters, and twice as many: no page is longer
EXTENSIONS = ["attr_list", "footnotes", "md_in_html", "pymdownx.details"]


def item(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


def repeated(part: str) -> Callable[[int], str]:
    return lambda size: part * (size // len(part))


BLOCK = ":::speak\nHi there.\n:::\n"
REPEATED = {
    "blocks": f"{BLOCK}\n",
    "glued blocks": BLOCK,
    "glued blocks between text": f"Text.\n{BLOCK}",
    "glued blocks between code": f"`a`\n{BLOCK}",
    "blocks of one id": f"{BLOCK.replace('speak', 'speak #a')}\n",
    "unclosed blocks": ":::speak\nHi.\n\n",
    "openers": ":::speak\n",
    "closers": ":::\n\n",
    "glued closers": ":::\n",
    "near misses": ":::speek\n\n",
    "glued near misses": ":::speek\n",
    "quotes": f"> {BLOCK.strip()}\n\n".replace("\n:", "\n> :"),
    "unclosed blocks in quotes": "> :::speak\n> Hi.\n\n",
    "lists": f"- a\n\n{item(BLOCK)}\n",
    "unclosed blocks in lists": "- a\n\n    :::speak\n    Hi.\n\n",
    "details": f"??? note\n\n{item(BLOCK)}\n",
    "HTML": f"<div markdown>\n\n{BLOCK}\n</div>\n\n",
    "code spans": "`a`\n::b\n",
    "comments that never end": "<!-- a\n::b\n",
    "fences that never end": "```md\n:::speak\n\n",
    "fences that end elsewhere": "    ```md\n    :::speek\n",
}
SHAPES: dict[str, Callable[[int], str]] = {
    **{name: repeated(part) for name, part in REPEATED.items()},
    "paragraphs around": lambda size: "a\n\n" * (size // 6) + ":::speak\n" + "b\n\n" * (size // 6) + ":::\n",
    "a long block": lambda size: f":::speak\n{'A line of text. ' * (size // 16)}\n:::\n",
    "inner openers": lambda size: ":::speak\n" + "    :::speak\n" * (size // 13),
    "footnotes": lambda size: "".join(f"a[^{n}]\n\n[^{n}]:\n{item(BLOCK)}\n" for n in range(size // 50)),
    "colons": lambda size: ":" * size,
    "an opener of colons": lambda size: f"{':' * size}speak\nHi.\n",
    "an opener of spaces": lambda size: f":::speak{' ' * size}x\n\nHi.\n\n:::\n",
    "indentation": lambda size: f"{' ' * size}:::speak\n\nHi.\n",
    "options": lambda size: f":::speak {'.a ' * (size // 3)}\nHi.\n:::\n",
    "braces": lambda size: f":::speak {'{' * size}\nHi.\n:::\n",
    "a long word": lambda size: f"::{'speek' * (size // 5)}\n",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_the_grammar_adds_time_in_proportion_to_the_text(shape: Callable[[int], str]) -> None:
    def added(size: int) -> float:
        text = shape(size)
        with_grammar = seconds(lambda: convert_and_locate(text))
        return with_grammar - seconds(lambda: markdown.markdown(text, extensions=EXTENSIONS))

    assert growth(added, SIZE) < LINEAR


def convert_and_locate(text: str) -> None:
    """Convert a text, read the script of each block, and find the line of each block and each diagnostic."""
    documents: dict[int, DocumentOpeners] = {}

    def note(origin: Origin) -> None:
        assert origin.document is not None
        documents[id(origin.document)] = origin.document

    def on_block(block: Block) -> str:
        note(block.origin)
        read_script(block.body, block.raw_html, PlaceVoice("en"))
        return "slot"

    extension = SpeakExtension(on_block, lambda diagnostic: note(diagnostic.origin))
    markdown.markdown(text, extensions=[*EXTENSIONS, extension])
    for document in documents.values():
        find_lines(text, document.words)
