"""The player's words: every language has them all, any tag finds its language, and English stands in."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, fields
from importlib import resources

import pytest

from mkdocs_lightning.player.ui_strings import (
    UiStrings,
    is_right_to_left,
    pick_ui_strings,
    primary_subtag,
    ui_strings_for,
)
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES

TABLES: dict[str, dict[str, str]] = json.loads(
    resources.files("mkdocs_lightning.player").joinpath("ui_strings.json").read_text(encoding="utf-8")
)
NAMES = [field.name for field in fields(UiStrings)]
MESSAGES = {"failed", "no_seek", "click_to_play", "retry"}
"""Whole sentences, which are shown beside the buttons."""
LONGEST, LONGEST_MESSAGE = 60, 80
"""Characters; a button with more is no button."""
PLACEHOLDERS = {
    "resume": ["{time}"],
    "chapter_of": ["{title}"],
    "play_clip": ["{title}"],
    "pause_clip": ["{title}"],
    "minutes": ["{number}"],
    "key_skip": ["{number}"],
}
FRENCH_SPACE = "\u00a0"
"""Stands before a colon, and must not be the end of a line."""


def test_every_language_of_the_service_is_there_and_no_other() -> None:
    assert set(TABLES) == set(LANGUAGE_NAMES) == set(LANGUAGES[PRO_MODEL]) - {"auto"}


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_a_language_has_every_word_and_no_other(language: str) -> None:
    assert list(TABLES[language]) == NAMES
    assert asdict(ui_strings_for(language)) == TABLES[language]


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_a_word_is_clean(language: str) -> None:
    for name, word in TABLES[language].items():
        assert word, name
        assert word == word.strip(), name
        assert "  " not in word, name
        assert {letter for letter in word if letter.isspace()} <= {" ", FRENCH_SPACE}, name
        assert "|" not in word, name  # they are joined by it
        assert unicodedata.is_normalized("NFC", word), name
        assert len(word) <= (LONGEST_MESSAGE if name in MESSAGES else LONGEST), name


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_a_word_has_its_placeholders_as_they_are_in_english(language: str) -> None:
    found = {name: re.findall(r"\{.*?\}", word) for name, word in TABLES[language].items()}
    assert {name: some for name, some in found.items() if some} == PLACEHOLDERS
    rest = [re.sub(r"\{.*?\}", "", word) for word in TABLES[language].values()]
    assert not any(re.search(r"[{}$]|%[a-z(]", word) for word in rest)


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_no_two_words_of_a_language_are_the_same(language: str) -> None:
    assert len(set(TABLES[language].values())) == len(NAMES)


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_a_button_is_called_by_its_name(language: str) -> None:
    words = {name: word.lower() for name, word in TABLES[language].items()}
    assert words["play_clip"].startswith(words["play"])
    assert words["pause_clip"].startswith(words["pause"])
    assert [name for name in ("click_to_play", "retry") if words["play"] not in words[name]] == []


@pytest.mark.parametrize("language", [code for code in LANGUAGE_NAMES if code != "en"])
def test_a_language_has_words_of_its_own(language: str) -> None:
    same = [name for name in NAMES if TABLES[language][name] == TABLES["en"][name]]
    assert len(same) < len(NAMES) / 6, same  # a `Position` and a `Transcript` are


@pytest.mark.parametrize(
    "name", ["failed", "copy_link", "link_copied", "synthetic", "copy_this", "click_to_play", "no_seek", "retry"]
)
def test_no_two_languages_have_the_same_sentence(name: str) -> None:
    assert len({words[name] for words in TABLES.values()}) == len(TABLES)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de_CH", "de"),
        ("pt-BR", "pt"),
        ("zh-Hant", "zh"),
        ("zh-Hans-CN", "zh"),
        ("ar-u-nu-latn", "ar"),
        ("no", "no"),
        ("nb", "no"),
        ("nn", "no"),
        ("NB-no", "no"),
        ("nn_NO", "no"),
        ("in", "id"),
        ("in-ID", "id"),
        ("auto", "en"),
        ("he", "en"),
        ("tlh", "en"),
        ("den", "en"),  # Slavey, and no German
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_tag_finds_its_language_and_english_where_there_is_none(tag: str | None, language: str) -> None:
    assert asdict(ui_strings_for(tag)) == TABLES[language]


def test_the_words_are_in_their_languages() -> None:
    found = [ui_strings_for(language).play for language in ("en", "es", "de", "hi", "ja", "ar")]
    assert found == ["Play", "Reproducir", "Abspielen", "चलाएं", "再生", "تشغيل"]


def test_a_missing_word_is_english() -> None:
    tables = {"en": TABLES["en"], "de": {"play": "Abspielen"}}
    assert asdict(pick_ui_strings(tables, "de-AT")) == {**TABLES["en"], "play": "Abspielen"}
    assert asdict(pick_ui_strings(tables, "fr")) == TABLES["en"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("pt", "pt"), ("pt-BR", "pt"), ("PT_br", "pt"), ("zh-Hant-TW", "zh"), ("ckb_IQ", "ckb"), ("nb", "nb"), ("", "")],
)
def test_the_primary_subtag_is_what_a_tag_begins_with(tag: str, expected: str) -> None:
    assert primary_subtag(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        *((language, True) for language in "ar he iw fa ur ps sd ug yi dv ckb".split()),
        *((language, language == "ar") for language in LANGUAGE_NAMES),
        ("ar-EG", True),
        ("AR_eg", True),
        ("fa-IR", True),
        ("pa-Arab", True),
        ("pa-Arab-PK", True),
        ("uz_arab", True),
        ("lad-Hebr", True),
        ("dv-Thaa", True),
        ("ff-Adlm", True),
        ("pa-Guru", False),
        ("sd-Deva", False),  # the script has the last word
        ("ar-Latn", False),
        ("zh-yue-Hant", False),
        ("ar-arb-Arab", True),
        ("ar-u-nu-latn", True),  # the digits' script, not the text's
        ("en-x-arab", False),
        ("auto", False),
        ("", False),
    ],
)
def test_the_direction_is_that_of_the_language_or_of_its_script(tag: str, expected: bool) -> None:
    assert is_right_to_left(tag) is expected
