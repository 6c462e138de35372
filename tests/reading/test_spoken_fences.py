"""A text that is spoken for a code fence, with every extension that makes fences, and what is said where it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import markdown
import pytest
from pymdownx.superfences import fence_code_format  # type: ignore[import-untyped]

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.block import CurrentPage
from mkdocs_lightning.reading.grammar.element_settings import remove_marks
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.script import read_page_script, read_script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.reading.grammar.block import Block
    from mkdocs_lightning.reading.sentences import Sentence

MERMAID = {"custom_fences": [{"name": "mermaid", "class": "mermaid", "format": fence_code_format}]}
KEEPING: dict[str, dict[str, dict[str, Any]]] = {
    "superfences": {"pymdownx.superfences": {}, "attr_list": {}},
    "superfences with line numbers": {
        "pymdownx.superfences": MERMAID,
        "attr_list": {},
        "pymdownx.highlight": {"linenums": True, "anchor_linenums": True},
    },
    "superfences without Pygments": {
        "pymdownx.superfences": {},
        "attr_list": {},
        "pymdownx.highlight": {"use_pygments": False},
    },
    "fenced_code": {"fenced_code": {}, "attr_list": {}},
}
LOSING: dict[str, dict[str, dict[str, Any]]] = {
    "superfences": {"pymdownx.superfences": {}},
    "fenced_code": {"fenced_code": {}},
    "codehilite": {"fenced_code": {}, "attr_list": {}, "codehilite": {}},
}
INFOS = ['{ .py data-say="Kube." }', '{.mermaid data-say="Kube."}', "{ .py #id data-say='Kube.' title=\"Code\" }"]


def convert(source: str, configs: dict[str, dict[str, Any]], *, is_narrated: bool = False) -> tuple[str, list[str]]:
    """The HTML of some Markdown, and what is spoken and told of it."""
    told: list[str] = []

    def on_block(block: Block) -> None:
        try:
            told.extend(parts(read_script(block.body, block.raw_html, PlaceVoice("en"))))
        except SettingError as error:
            told.append(str(error))

    extension = SpeakExtension(
        on_block, lambda problem: told.append(f"{problem.origin.opener}: {problem.message}"), CurrentPage(is_narrated)
    )
    html = markdown.markdown(source, extensions=[*configs, extension], extension_configs=configs)
    return html, told


def parts(sentences: Iterable[Sentence]) -> list[str]:
    return [part for sentence in sentences for part in sentence.parts]


def around(fence: str) -> str:
    return f"Before.\n\n{fence}\n\nAfter."


@pytest.mark.parametrize("configs", KEEPING.values(), ids=KEEPING)
@pytest.mark.parametrize("info", INFOS)
@pytest.mark.parametrize("mark", ["```", "~~~~"])
def test_the_text_is_spoken_for_the_code(mark: str, info: str, configs: dict[str, dict[str, Any]]) -> None:
    source = around(f"{mark} {info}\ncode &lt; 1\n{mark}")

    _, told = convert(f"::::speak\n{source}\n::::", configs)
    html, _ = convert(source, configs, is_narrated=True)

    assert told == ["Before.", "Kube.", "After."]
    assert parts(read_page_script(html, PlaceVoice("en"))) == told
    assert remove_marks(html) == html


@pytest.mark.parametrize("configs", LOSING.values(), ids=LOSING)
@pytest.mark.parametrize("info", INFOS[:2])
def test_a_lost_text_is_told(info: str, configs: dict[str, dict[str, Any]]) -> None:
    source = around(f"``` {info}\ncode\n```")
    message = f"``` {info}: say has no effect on this code fence"

    assert sorted(convert(f"::::speak\n{source}\n::::", configs)[1]) == sorted(["Before.", "After.", message])
    assert convert(source, configs, is_narrated=True)[1] == [message]
    assert convert(source, configs)[1] == []


@pytest.mark.parametrize("container", ["{}", "> {}", "1.  Item\n\n    {}", '!!! note "Title"\n    {}'])
def test_it_is_told_in_every_container(container: str) -> None:
    indent = container.rpartition("\n")[2].removesuffix("{}")
    fence = f'``` {{ .py say="Kube." }}\n{indent}code\n{indent}```'
    configs: dict[str, dict[str, Any]] = {"pymdownx.superfences": {}, "attr_list": {}, "admonition": {}}

    _, told = convert(f"::::speak\n{container.replace('{}', fence)}\n::::", configs)

    assert [line for line in told if "no effect" in line]


CHANGING: list[dict[str, dict[str, Any]]] = [{"pymdownx.inlinehilite": {}}, {"smarty": {}}]
"""What makes something of the text, or of inline code."""


@pytest.mark.parametrize(
    "configs", [*KEEPING.values(), *LOSING.values(), *(KEEPING["superfences"] | c for c in CHANGING)]
)
@pytest.mark.parametrize("name", ["say", "data-say"])
@pytest.mark.parametrize("mark", ["```", "~~~~"])
def test_lines_that_are_no_fence_silence_the_block(mark: str, name: str, configs: dict[str, dict[str, Any]]) -> None:
    source = around(f'{mark}py {name}="Kube."\ncode\n{mark}')

    html, told = convert(f"::::speak\n{source}\n::::", configs)

    (message,) = told
    assert f"'py {name}=\"Kube.\"' does not open a code fence" in message
    assert "speak-mark" not in html
    narrated, _ = convert(source, configs, is_narrated=True)
    with pytest.raises(SettingError, match="does not open a code fence"):
        read_page_script(narrated, PlaceVoice("en"))


@pytest.mark.parametrize(
    "source",
    [
        '````\n``` { .py say="Kube." }\ncode\n```\n````',
        '~~~\n``` { .py say="Kube." }\ncode\n```\n~~~',
        "``` py\nprint(say='Kube.')\n```",
        'Write `{ .py say="Kube." }` there.',
        '``` { .py data-essay="Kube." }\ncode\n```',
    ],
)
def test_what_only_shows_such_a_fence_is_fine(source: str) -> None:
    _, told = convert(f"::::speak\n{around(source)}\n::::", KEEPING["superfences"])
    assert told[0] == "Before."
    assert told[-1] == "After."
    assert not [line for line in told if "fence" in line]


def test_a_silenced_fence_stays_silent() -> None:
    source = around('<div class="nospeak" markdown>\n\n``` { .py data-say="Kube." }\ncode\n```\n\n</div>')
    _, told = convert(f"::::speak\n{source}\n::::", {**KEEPING["fenced_code"], "md_in_html": {}})
    assert told == ["Before.", "After."]
