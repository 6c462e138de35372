"""Which words a voice may get wrong: few enough that a person can listen to each."""

from __future__ import annotations

import pytest

from mkdocs_lightning.exports.review.oddities import OddKind, count_odd, odd_words, words_of
from mkdocs_lightning.reading.lexicon import Lexicon

CASES = [
    ("Read the API over HTTP, 24 hours a day, for $5 or 50% of it, in the 1990s: the 1st of 1,000,000.", "en", {}),
    ("This is well-known, e.g. to readers and/or writers; it's o'clock.", "en", {}),
    ("She said: \u201cStop!\u201d \u2014 and he did (at once).", "en", {}),
    ("FastAPI uses JSON, PyPI and two APIs.", "en", {"FastAPI": "capitals", "JSON": "capitals", "PyPI": "capitals"}),
    ("An OpenAPI-based site, and FastAPI's own.", "en", {"OpenAPI": "capitals", "FastAPI": "capitals"}),
    ("OAuth2, v1.2.3 and utf8", "en", {"OAuth2": "digits", "v1.2.3": "digits", "utf8": "digits"}),
    ("On 2024-01-31 at 10:30 from 127.0.0.1", "en", dict.fromkeys(["2024-01-31", "10:30", "127.0.0.1"], "digits")),
    ("version 3.10 is not version 3.10.1, nor 20240131", "en", {"3.10.1": "digits", "20240131": "digits"}),
    ("Set a_b in main.py, or ask @who.", "en", dict.fromkeys(["a_b", "main.py", "@who"], "symbols and code")),
    ("A dict[str, int] with --reload", "en", {}),
    ("Sebastián, Прив and 教程", "en", dict.fromkeys(["Sebastián", "Прив", "教程"], "foreign letters")),
    ("Größe über alles, auch Привет", "de", {"Привет": "foreign letters"}),
    ("यह FastAPI का दस्तावेज़ है, और Привет", "hi", {"FastAPI": "capitals", "Привет": "foreign letters"}),
    ("コーヒーを飲みます。人々は「サーバ・ルーム」で〆切、こゝろ、一ヶ月、ｺｰﾋｰ。", "ja", {}),
    ("यह एक वाक्य है। यह दूसरा है॥", "hi", {}),
    ("এটি একটি বাক্য।", "bn", {}),
    ("한국어 문장입니다. 漢字도 있다.", "ko", {}),
    ("這是第一頁\uff0c人々\u3007。", "zh", {}),
    ("La 1ª edición y el nº 3.", "es", {"1ª": "digits"}),
    ("It is コーヒー.", "en", {"コーヒー": "foreign letters"}),
    ("日本語のガイドです。한국어", "ja", {"日本語のガイドです。한국어": "foreign letters"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "odd"), CASES)
def test_what_is_odd(text: str, language: str, odd: dict[str, str]) -> None:
    found = odd_words(text, language)

    assert {word.text: word.kind.value for word in found} == odd
    assert all(text.startswith(word.text, word.start) for word in found)


def test_what_the_lexicon_has_is_not_odd() -> None:
    lexicon = Lexicon({"en": {"PyPI": "pie pea eye", "JSON": "JSON"}, "all": {"GmbH": "G.M.B.H. AG"}})

    assert odd_words("PyPI, JSON, AG: XYZ", "en", words_of(lexicon)) == odd_words("PyPI, JSON, AG: XYZ", "en")[3:]


def test_words_are_counted_by_kind_the_most_frequent_first() -> None:
    words = odd_words("ABC XYZ v2 XYZ", "en")

    assert count_odd(words) == {OddKind.DIGITS: [("v2", 1)], OddKind.CAPITALS: [("XYZ", 2), ("ABC", 1)]}


@pytest.mark.parametrize(
    "text", ["", " ", "...", "\u200b", "\U0001f600", "a" * 100_000, "_" * 10_000, "1." * 10_000, "A-" * 10_000]
)
def test_any_text_is_read(text: str) -> None:
    assert len(odd_words(text, "en")) <= len(text)
