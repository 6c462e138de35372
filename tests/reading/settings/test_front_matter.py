"""Front matter that MkDocs does not read, as a build and `lint` tell of it."""

from __future__ import annotations

import pytest
from mkdocs.utils.meta import get_data

from mkdocs_lightning.reading.settings.front_matter import has_unread_settings, mistake_in, settings_as_pairs

MISTAKES = {
    "no lines": ("lightning: {narrate: true}\n\n# T\n", 1, "it has no --- lines"),
    "no lines, below others": ("title: x\nlightning:\n  narrate: true\n\n# T\n", 2, "it has no --- lines"),
    "no lines, in capitals": ("Lightning: {narrate: true}\n\n# T\n", 1, "it has no --- lines"),
    "no lines, as another program takes them": ("Lightning: narrate: true\n\n# T\n", 1, "it has no --- lines"),
    "a tab": ("---\nlightning:\n\tnarrate: true\n---\n# T\n", 3, "a tab in the indentation; use spaces"),
    "not YAML": ("---\ntitle: a: b\nlightning: {}\n---\n# T\n", 2, "mapping values are not allowed here"),
    "no such date": ("---\ndate: 2020-13-13\nlightning: {}\n---\n", 2, "month must be in 1..12"),
    "an empty line above": ("\n---\nlightning: {narrate: true}\n---\n# T\n", 1, "on the first line of the file"),
    "a space before": (" ---\nlightning: {narrate: true}\n---\n# T\n", 1, "on the first line of the file"),
    "not YAML below an empty line": ("\n---\na: [\nlightning: {}\n---\n", 5, "is not YAML"),
    "capitals": ("---\ntitle: x\nLightning:\n  narrate: true\n---\n", 3, "Lightning: has no effect; write lightning:"),
    "misspelt": ("---\nlightening: {voice_id: x}\n---\n", 2, "lightening: has no effect; write lightning:"),
    "misspelt, with a language": ("---\nlightening: {language: fr}\n---\n", 2, "lightening: has no effect; write"),
    "no end": ("---\ntitle: x\nlightning: {narrate: true}\n\n# T\n", 3, "it has no closing --- line"),
}
RIGHT = {
    "right": "---\nlightning: {narrate: true}\n---\n\n# T\n",
    "none": "# T\n",
    "of others": "---\nlightnings: {speed: 1}\n---\n\n# T\n",
    "a text": "---\nlightning: a text\n---\n\n# T\n",
    "code between lines": "---\n\n```yaml\nlightning: {}\n```\n\n---\n",
    "code": "```yaml\nlightning: {}\n```\n",
    "further down": "# T\n\n---\nlightning: {narrate: true}\n---\n",
}


@pytest.mark.parametrize(("source", "line", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_what_is_not_read_is_told_with_its_line(source: str, line: int, said: str) -> None:
    text, meta = get_data(source)

    mistake = mistake_in(source, meta)

    assert has_unread_settings(text, meta)
    assert mistake
    assert mistake[0] == line
    assert said in mistake[1]


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_read_or_no_front_matter_is_left_alone(source: str) -> None:
    assert mistake_in(source, get_data(source)[1]) is None


@pytest.mark.parametrize(
    ("source", "found"),
    {
        "first": ("Lightning: narrate: true\nDate: 2026-11-29", (1, "narrate: true")),
        "by itself, as in a page of MkDocs": ("Title: A\nLightning: narrate: true", None),
        "below others": (
            "Title: A: b\n    and more\nSlug: a\nlightning:speed: 1; x: y \n\nText.\n",
            (4, "speed: 1; x: y"),
        ),
        "between lines": ("---\nDate: A\nLightning: narrate: true\n---\nText.\n", (3, "narrate: true")),
        "below a line": ("---\nLightning: narrate: true\nAuthor: A\n\nText.\n", (2, "narrate: true")),
        "further down": ("Date: x\n\nLightning: narrate: true\n", None),
        "below a word that is no name": ("Date: x\nT\u00edtulo: x\nLightning: narrate: true\n", None),
        "in two lines, which make a list": ("Date: x\nLightning: narrate: true\n    speed: 1\n", None),
        "YAML without lines": ("lightning: {narrate: true}\n", None),
        "YAML": ("---\nlightning: narrate:true\n---\n", None),
        "a text": ("lightning: text\n", None),
    }.values(),
)
def test_settings_that_another_program_takes_are_found(source: str, found: tuple[int, str] | None) -> None:
    assert settings_as_pairs(source, get_data(source)[1]) == found
