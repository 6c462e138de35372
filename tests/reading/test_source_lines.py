"""The line on which a block opens, whatever stands around it. In the sources, `§` marks the lines that are expected."""

from __future__ import annotations

from pathlib import Path

import markdown
import pytest

from mkdocs_lightning.reading.grammar.block import Origin
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.grammar.source_lines import find_lines, unique_lines
from mkdocs_lightning.site.spoken_block import SourceLocation, SourcePage

EXTENSIONS = (
    "admonition",
    "def_list",
    "footnotes",
    "md_in_html",
    "pymdownx.blocks.admonition",
    "pymdownx.details",
    "pymdownx.snippets",
    "pymdownx.superfences",
    "pymdownx.tabbed",
)
GOOD = "§:::speak\nText.\n:::\n"
EXAMPLE = ":::speak\nText.\n:::\n"


def indented(text: str, columns: int = 4) -> str:
    return "".join(f"{' ' * columns}{line}\n" for line in text.splitlines())


def quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.splitlines())


def fenced(text: str, options: str = "", fence: str = "```") -> str:
    return f"{fence}md{options}\n{text}{fence}\n"


SOURCES = {
    "after a fence": f"# Title\n\n{fenced(EXAMPLE)}\n{GOOD}",
    "after a fence of tildes": fenced(EXAMPLE, fence="~~~~") + f"\n{GOOD}",
    "after a fence with options": fenced(EXAMPLE, ' title="x" hl_lines="1"') + f"\n{GOOD}",
    "after a fence in a list": f"- item\n\n{indented(fenced(EXAMPLE))}\n{indented(GOOD)}\n{GOOD}",
    "after a fence in a quote": f"{quoted(fenced(EXAMPLE))}>\n{quoted(GOOD)}\n{GOOD}",
    "after a fence in a tab": f'=== "A"\n\n{indented(fenced(EXAMPLE))}\n{indented(GOOD)}',
    "between fences": f"{fenced(EXAMPLE)}\n{GOOD}\n{fenced(EXAMPLE)}\n{GOOD}",
    "after a fence that never ends": f'```md title="x"\n{GOOD}\nText.\n\n{GOOD}',
    "after a fence that ends outside of its list": f"- item\n\n    ```md\n{indented(GOOD)}\n```\n\n{GOOD}",
    "after indented code": f"Text.\n\n{indented(EXAMPLE)}\n{GOOD}",
    "after code in a list": f"- item\n\n{indented(EXAMPLE, 8)}\n{indented(GOOD)}",
    "after code in a quote": f"{quoted(f'{indented(EXAMPLE)}')}>\n{quoted(GOOD)}",
    "after a comment": f"<!--\n{EXAMPLE}-->\n\n{GOOD}",
    "after raw HTML": f"<pre>\n{EXAMPLE}</pre>\n\n<script>\n{EXAMPLE}</script>\n\n{GOOD}",
    "in HTML": f'<div markdown>\n\n{GOOD}\n</div>\n\n<div markdown="1">\n{GOOD}</div>\n',
    "in containers": f"!!! note\n\n{indented(GOOD)}\n??? tip\n\n{indented(GOOD)}",
    "in blocks of pymdownx": f"/// note | Title\n\n{GOOD}\n///\n\n{GOOD}",
    "in lists": f"1. one\n\n{indented(GOOD)}\n2. two\n\n    - three\n\n{indented(GOOD, 8)}\n{indented(GOOD)}\n{GOOD}",
    "behind a bullet": "- §:::speak\n    Text.\n    :::\n\n- §:::speak\n    Text.\n    :::\n",
    "in a definition": f"Term\n\n:   Text.\n\n{indented(GOOD)}\n{GOOD}",
    "in a footnote": f"Text.[^1]\n\n{GOOD}\n[^1]:\n    Note.\n\n{indented(GOOD)}",
    "in a block": f"§::::speak\nText.\n\n{GOOD}\n::::\n\n{GOOD}",
    "glued": f"Text.\n{GOOD}Text.\n{GOOD}",
    "with tabs": "- item\n\n\t§:::speak\n\tText.\n\t:::\n",
    "with line breaks of Windows": f"Text.\n\n{GOOD}\n{GOOD}".replace("\n", "\r\n"),
    "with other line breaks": f"One\u2028two\x0cthree\n\n{GOOD}",
    "with code at the start": f"§:::speak\n{fenced('code')}Text.\n:::\n\n{GOOD}",
    "with front matter": f"---\ntitle: x\n---\n\n{GOOD}",
    "never closed in lists": "- a\n\n    §:::speak\n    Text.\n\n- b\n\n    §:::speak\n    Text.\n",
    "never closed in quotes": "> §:::speak\n> Text.\n\nText.\n\n> §:::speak\n> Text.\n",
    "indented alone": f"{GOOD}\n!!! tip\n\n{indented(GOOD)}\n    §:::speak\nText.\n    :::\n",
    "indented alone in a tab": f'=== "A"\n\n{indented(GOOD)}\n    §:::speak\n\nText.\n\n    :::\n\n{GOOD}',
    "quoted alone": f"> §:::speak\n\nText.\n\n> :::\n\n{GOOD}",
    "on one line": f"§:::speak:::\nText.\n\n§::: speak x :::\n\n{GOOD}\n- item\n\n    §:::speak x=y :::\n    Text.\n",
    "without any text": "§:::speak\n:::\n\n§:::speak\n§:::speak\n:::\n\n§:::speak\n",
    "nearly": f"§:::speek\nText.\n:::\n\n{fenced(':::speek')}\n§:::speek\nText.\n:::\n\n- item\n    §:::speak\n",
}


def lines_of(source: str) -> list[int | None]:
    """The lines of all blocks and diagnostics, sorted."""
    origins: list[Origin] = []
    extension = SpeakExtension(
        lambda block: origins.append(block.origin), lambda diagnostic: origins.append(diagnostic.origin)
    )
    snippets = {"base_path": [str(Path(__file__).parent / "grammar")]}
    markdown.markdown(source, extensions=[*EXTENSIONS, extension], extension_configs={"pymdownx.snippets": snippets})
    lines = [find_lines(source, origin.document.words)[origin.index] for origin in origins if origin.document]
    assert len(lines) == len(origins)
    return sorted(lines, key=lambda line: line or 0)


@pytest.mark.parametrize("marked", SOURCES.values(), ids=SOURCES.keys())
def test_a_block_is_where_it_opens(marked: str) -> None:
    source = marked.replace("§", "")

    lines = lines_of(source)

    assert lines == [number for number, line in enumerate(marked.split("\n"), start=1) if "§" in line]


def test_a_block_whose_first_line_another_extension_changes_is_found_by_its_opener() -> None:
    assert find_lines(":::speak\n{{ words }}\n", [(":::speak", "What the macro says")]) == (1,)
    assert find_lines(":::speak\n<b>Words</b>\n", [(":::speak", "\x02wzxhzdk:0\x03")]) == (1,)


def test_a_block_that_is_not_in_the_source_has_no_line() -> None:
    lines = lines_of(f'--8<-- "snippets/greeting.md"\n\n{EXAMPLE}')

    assert lines == [None, 3]


def test_blocks_that_cannot_be_told_apart_have_no_line() -> None:
    words = (":::speak", "Text.")

    assert find_lines(EXAMPLE, [words, words]) == (None, None)


def test_a_line_is_known_by_its_text_if_no_other_has_it() -> None:
    source = '# A\n\n> - ```py say="x"\n\n```py say="y"\n\n  ```py say="y"\n'
    lines = unique_lines(source)
    assert (lines['```py say="x"'], lines.get('```py say="y"'), lines["# A"]) == (3, None, 1)


def test_many_lines_of_a_page_are_found_in_one_reading() -> None:
    reads = []

    def read_source() -> str:
        reads.append(1)
        return "".join(f'```py say="{number}"\n\n```\n' for number in range(9))

    page = SourcePage("index.md", None, read_source)
    origins = [Origin(f'```py say="{number}"') for number in range(9)]

    assert [SourceLocation(page, origin, 0).line for origin in origins] == [1 + 3 * number for number in range(9)]
    assert len(reads) == 1
