"""The codes of three letters, as programs and people write them."""

from __future__ import annotations

import pytest

from mkdocs_lightning.audio.tags.id3 import LANGUAGE_CODES
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES, language_code, with_two_letters


def test_each_language_of_the_service_has_one() -> None:
    assert LANGUAGE_CODES.keys() == LANGUAGE_NAMES.keys()
    for two, three in LANGUAGE_CODES.items():
        assert with_two_letters(three) == language_code(three) == language_code(f"{three.upper()}_XX") == two


@pytest.mark.parametrize(
    ("tag", "shorter"),
    [
        ("ger", "de"),
        ("GER-at", "de-at"),
        ("fre_CA", "fr_CA"),
        ("chi-Hant-TW", "zh-Hant-TW"),
        ("dut", "nl"),
        ("gre", "el"),
        ("may", "ms"),
        ("nob", "nb"),
        ("nno-NO", "nn-NO"),
    ],
)
def test_other_codes_of_the_same_languages(tag: str, shorter: str) -> None:
    assert with_two_letters(tag) == shorter
    assert language_code(tag) == language_code(shorter) is not None


@pytest.mark.parametrize("tag", ["", "de", "de-deu", "heb", "x-ger", "german", "deux", "ger1", " deu", "d", "und"])
def test_other_tags_stay_as_they_are(tag: str) -> None:
    assert with_two_letters(tag) == tag
