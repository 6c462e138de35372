"""The page of voices: it lists each voice of the package's own table, under its language, and no other."""

from __future__ import annotations

import re

from mkdocs_lightning.reading.settings.catalogue import LANGUAGE_VOICES, LANGUAGES, PRO_MODEL, KnownVoice, catalogue
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES
from tests.support.repository import DOCS

PAGE = (DOCS / "reference/voices.md").read_text(encoding="utf-8")
LISTENING = (DOCS / "listening.md").read_text(encoding="utf-8")
CODES = {name: code for code, name in LANGUAGE_NAMES.items()}


def sections() -> dict[str, str]:
    """What is below the heading of each language, by its code."""
    _, *parts = re.split(r"^## .+, `(\w\w)`$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def voices_of(code: str, table: str) -> dict[str, KnownVoice]:
    """The voices that a language's table lists."""
    head, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    )
    return dict(_voice(code, dict(zip(head, row, strict=True))) for row in rows)


def _voice(code: str, row: dict[str, str]) -> tuple[str, KnownVoice]:
    told = {name: None if value == "-" else value.lower().strip("`") for name, value in row.items()}
    others = (told.get("also speaks") or "").split(", ")
    voice = KnownVoice(
        model=row["model"].strip("`"),
        languages=(code, *(CODES[name] for name in others if name)),
        accent=told.get("accent"),
        gender=told.get("gender"),
    )
    return row["voice"].strip("*"), voice


def test_the_page_lists_the_voices_of_the_package_with_what_is_known_of_them() -> None:
    listed = {name: voice for code, table in sections().items() for name, voice in voices_of(code, table).items()}
    assert listed == catalogue()


def test_languages_are_in_alphabetical_order_and_have_their_names() -> None:
    named = re.findall(r"^## (\w+), `(\w\w)`$", PAGE, re.MULTILINE)
    assert named == sorted((LANGUAGE_NAMES[code].capitalize(), code) for _, code in named)


def test_the_voice_that_speaks_if_none_is_set_is_bold() -> None:
    bold = {code: re.findall(r"^\| \*\*(\w+)\*\*", table, re.MULTILINE) for code, table in sections().items()}
    assert bold == {code: [voice] for code, voice in LANGUAGE_VOICES.items()}


def test_every_language_can_be_listened_to() -> None:
    _, examples = LISTENING.split("\n## One sentence in ")
    spoken = re.findall(r"^:::speak title=\"\w+.*\" language=(\w\w)$", examples.split("</div>")[0], re.MULTILINE)
    assert sorted(spoken) == sorted(code for code in LANGUAGES[PRO_MODEL] if code != "auto")
    assert spoken == sorted(spoken, key=LANGUAGE_NAMES.__getitem__)
    assert examples.startswith(f"{len(spoken)} languages\n")


def test_the_start_page_and_the_page_of_voices_count_them() -> None:
    languages = len(LANGUAGE_VOICES)
    start = " ".join((DOCS / "index.md").read_text(encoding="utf-8").split())
    assert f"can choose from {len(catalogue())} natural voices, in {languages} languages" in start
    assert f"voices for {languages} languages" in PAGE
