"""The `:::speak` grammar: every place where a block may stand, and every way to get it wrong."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import markdown
import pytest
import yaml
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.block import Block, BlockOptions, Diagnostic, Origin, TextMode
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.script import read_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

GRAMMAR = Path(__file__).parent / "grammar"


@pytest.mark.parametrize("path", sorted(GRAMMAR.glob("*.yml")), ids=lambda path: path.stem)
def test_grammar(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GRAMMAR)  # for snippets
    case = yaml.unsafe_load(path.read_text(encoding="utf-8"))  # as MkDocs reads mkdocs.yml, with its !!python/name
    blocks: list[dict[str, Any]] = []
    diagnostics: list[str] = []

    def on_block(block: Block) -> str:
        spoken = [
            part for sentence in read_script(block.body, block.raw_html, PlaceVoice("en")) for part in sentence.parts
        ]
        blocks.append({**_set_options(block.options), "spoken": spoken})
        return str(len(blocks))

    configs = {name: config or {} for name, config in case.get("extensions", {}).items()}
    extension = SpeakExtension(on_block, lambda diagnostic: diagnostics.append(diagnostic.message))
    html = markdown.markdown(case["source"], extensions=[*configs, extension], extension_configs=configs)

    assert blocks == case["blocks"]
    assert len(diagnostics) == len(case["mistakes"]), diagnostics
    assert [part for part, message in zip(case["mistakes"], diagnostics, strict=True) if part not in message] == []
    assert html == case["html"].removesuffix("\n")


def _set_options(options: BlockOptions) -> dict[str, Any]:
    """The options that differ from their defaults, as YAML has them."""
    values = {part.name: getattr(holder, part.name) for holder in (options.voice, options) for part in fields(holder)}
    defaults = {"voice": options.voice, "text": TextMode.SHOW, "classes": ()}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value != defaults.get(name)
    }


MODULE = '''
"""A module with words of its own.

:::speak
This is spoken from within a docstring.
:::
"""


def documented() -> None:
    """Do nothing.

    - In a list.

        :::speak
        This is spoken from within a list in a docstring.

        And this too, in a second paragraph.
        :::
    """
'''


def test_blocks_stand_beside_mkdocstrings_and_inside_what_it_shows(site: Site, service: Service) -> None:
    (site.root / "some_module.py").write_text(MODULE, encoding="utf-8")
    python = {"paths": ["."], "options": {"heading_level": 2, "show_source": False}}
    site.config["plugins"] = ["search", {"mkdocstrings": {"handlers": {"python": python}}}]
    site.write({
        "index.md": """
            :::speak
            This comes before the module.
            :::

            ::: some_module
                options:
                  show_docstring_examples: false
            :::speak
            This is glued to the module, on one side.
            :::
            ## ::: some_module.documented
            :::speak
            This is glued to it on both sides.
            :::
            ::: some_module.documented
            """,
    })  # fmt: skip

    site.build(strict=True, concurrency=1)

    in_list = ["This is spoken from within a list in a docstring.", "And this too, in a second paragraph."]
    assert set(service.spoken) == {
        "This comes before the module.",
        "This is spoken from within a docstring.",
        *in_list,
        "This is glued to the module, on one side.",
        "This is glued to it on both sides.",
    }
    html = site.html("index.html")
    assert ":::" not in html
    assert len(site.clips("index.html")) == 3 + 1 + 3  # ours, the module's, and the function's on each showing


def test_without_callbacks_blocks_are_plain_containers() -> None:
    html = markdown.markdown(
        ":::speak #intro .wide .tall text=hide\nText.\n:::\n\n:::speak\nMore.\n:::", extensions=[SpeakExtension()]
    )

    assert html == (
        '<div class="speak wide tall" id="intro">\n<p>Text.</p>\n</div>\n<div class="speak">\n<p>More.</p>\n</div>'
    )


def test_without_callbacks_mistakes_are_logged(expect_warning: Callable[[str], None]) -> None:
    expect_warning(r"^:::speak speed=fast: 'fast' is not a number\. Correct the block's first line")

    html = markdown.markdown(":::speak speed=fast\nText.\n:::", extensions=[SpeakExtension()])

    assert html == '<div class="speak nospeak">\n<p>Text.</p>\n</div>'


def test_a_mistake_is_found_again_by_its_first_words() -> None:
    diagnostics: list[Diagnostic] = []
    source = """
- item

    :::speak {speed=1.2}

    Never
    ends.

> :::speek title="It's"
"""

    markdown.markdown(source, extensions=["smarty", SpeakExtension(on_diagnostic=diagnostics.append)])

    assert [diagnostic.origin for diagnostic in diagnostics] == [
        Origin(":::speak {speed=1.2}", "Never"),
        Origin(':::speek title="It\'s"'),
    ]


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        ("::::speak\nNever ends.", "End it with a line of ::::"),
        (":::speek\nText.", "Write :::speak, then its options"),
        ("- item\n    :::speak", "Leave an empty line before it, and in a list indent it by four spaces"),
        (":::speak Text. :::", "Give its text and its closing colons lines of their own, .*"),
        (":::speak\n:::speak\n:::", "End it with a line of colons; .* needs more colons .*"),
        (":::speak\nText.\n:::\n:::", "Remove that line, or .* more colons .*"),
    ],
)
def test_a_mistake_says_how_to_mend_it(source: str, fix: str) -> None:
    diagnostics: list[Diagnostic] = []

    markdown.markdown(source, extensions=[SpeakExtension(on_diagnostic=diagnostics.append)])

    (diagnostic,) = diagnostics
    assert re.fullmatch(fix, diagnostic.fix)


def test_one_instance_converts_document_after_document() -> None:
    found: list[str] = []
    diagnostics: list[Diagnostic] = []
    extension = SpeakExtension(lambda block: found.append(block.origin.first_line), diagnostics.append)
    converter = markdown.Markdown(extensions=[extension])

    converter.convert(":::speek\n\n:::speak\nUnclosed.")
    converter.reset()
    html = converter.convert("Text.\n\n:::speak\nSpoken.\n:::\n\n:::")
    converter.reset()
    plain = converter.convert(":::\n\nText.")

    assert found == []
    assert [(diagnostic.origin.opener, diagnostic.origin.first_line) for diagnostic in diagnostics] == [
        (":::speak", "Unclosed."),
        (":::speek", ":::speak"),
        (":::speak", "Spoken."),
    ]
    assert html.startswith("<p>Text.</p>\n<div")
    assert plain == "<p>:::</p>\n<p>Text.</p>"


def test_one_extension_serves_two_converters_at_once() -> None:
    """As mkdocstrings does, which renders a docstring in the middle of a page."""
    found: list[str] = []
    extension = SpeakExtension(lambda block: found.append(block.origin.first_line))
    inner = markdown.Markdown(extensions=[extension])

    class Nested(Preprocessor):
        def run(self, lines: list[str]) -> list[str]:
            inner.convert(":::speak\nInner.\n:::")
            return lines

    class NestedExtension(Extension):
        def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802
            md.preprocessors.register(Nested(md), "nested", 0)

    markdown.markdown(":::speak\nOuter.\n:::", extensions=[extension, NestedExtension()])

    assert found == ["Inner.", "Outer."]


@pytest.mark.parametrize(
    ("opener", "advice"),
    [
        (":::speak hello there", "The text of a block begins on the next line"),
        (":::speak speed=1.2 And then, text.", "The text of a block begins on the next line"),
        (":::speak title=One word", 'a value with spaces needs quotes: title="One word"'),
        (":::speak title='It''s'", """has to end at its next ', so put " around one that contains '"""),
        (':::speak title="a "b" c"', """has to end at its next ", so put ' around one that contains \""""),
        (':::speak title="Over', 'the value of title has no closing "'),
        (":::speak title=\u201cOver\u201d", "title begins with \u201c; use straight quotes"),
        (":::speak {speed=1 title=\u2018Over all\u2019}", "title begins with \u2018; use straight quotes"),
    ],
)
def test_an_opener_that_cannot_be_read_is_told_how_to_be_written(opener: str, advice: str) -> None:
    told: list[str] = []
    extension = SpeakExtension(on_diagnostic=lambda diagnostic: told.append(diagnostic.message))

    markdown.markdown(f"{opener}\nWords.\n:::\n", extensions=[extension])

    assert len(told) == 1
    assert advice in told[0]
