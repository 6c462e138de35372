"""The languages of the service by their codes, and what else people call them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.tags.id3 import LANGUAGE_CODES
from mkdocs_lightning.base.errors import listed

if TYPE_CHECKING:
    from collections.abc import Collection

LANGUAGE_NAMES = {
    "en": "english", "es": "spanish", "fr": "french", "de": "german", "it": "italian", "nl": "dutch", "sv": "swedish",
    "pt": "portuguese", "pl": "polish", "ru": "russian", "hi": "hindi", "mr": "marathi", "gu": "gujarati",
    "pa": "punjabi", "bn": "bengali", "or": "odia", "ta": "tamil", "te": "telugu", "kn": "kannada", "ml": "malayalam",
    "el": "greek", "fi": "finnish", "no": "norwegian", "zh": "chinese", "ja": "japanese", "ko": "korean",
    "id": "indonesian", "ms": "malay", "vi": "vietnamese", "tr": "turkish", "ar": "arabic",
}  # fmt: skip
"""The names of languages by code, as in the service's catalog of voices."""

_OWN_NAMES = {
    "español": "es", "français": "fr", "deutsch": "de", "italiano": "it", "nederlands": "nl", "svenska": "sv",
    "português": "pt", "polski": "pl", "русский": "ru", "हिन्दी": "hi", "हिंदी": "hi", "ελληνικά": "el", "suomi": "fi",
    "norsk": "no", "中文": "zh", "日本語": "ja", "한국어": "ko", "tiếng việt": "vi", "türkçe": "tr", "العربية": "ar",
}  # fmt: skip
"""The codes of languages by the names that they have for themselves."""


_TWO_LETTERS = {three: two for two, three in LANGUAGE_CODES.items()} | {
    "chi": "zh", "dut": "nl", "fre": "fr", "ger": "de", "gre": "el", "may": "ms", "nno": "nn", "nob": "nb",
}  # fmt: skip
"""The codes of ISO 639-1 by those of ISO 639-2, some of which also have an older form, such as `ger` beside `deu`."""

_PRIMARY_SUBTAG = re.compile(r"\A[A-Za-z]{3}(?![A-Za-z0-9])")


def with_two_letters(tag: str) -> str:
    """A language tag with the code of two letters, as BCP 47 wants it, if it has one of three: `de-AT` for `deu-AT`."""
    return _PRIMARY_SUBTAG.sub(lambda code: _TWO_LETTERS.get(code[0].lower(), code[0]), tag)


def language_code(name: str) -> str | None:
    """The service's code for a language.

    Args:
        name: A locale, such as `de`, `deu` or `pt-BR`, or the language's name in English or in the language itself.

    Returns:
        None if the service does not have the language.
    """
    code = re.split("[-_]", with_two_letters(name.strip()), maxsplit=1)[0].lower()
    code = {"nb": "no", "nn": "no"}.get(code, code)
    codes = {language: code for code, language in LANGUAGE_NAMES.items()} | _OWN_NAMES
    return code if code in LANGUAGE_NAMES else codes.get(name.strip().lower())


def language_advice(name: object, known: Collection[str], otherwise: str = "use one of") -> str:
    """What to write instead of what is not a known language.

    Args:
        name: What was written.
        known: The codes of the known languages, in the order to list them in.
        otherwise: What introduces their list, if it is not clear which of them was meant.
    """
    code = language_code(str(name))
    return f"write {code!r}" if code in known else f"{otherwise} {listed(known)}"
