"""The lexicon: a YAML file that maps words to respellings, by language.

    en:
      kubectl: kube control
      SQL: sequel
    all:            # every language
      GmbH: G M B H

Words match case-sensitively and as a whole; of several, the longest wins. Respellings are applied to each sentence
before its key is computed, so an edit costs only the sentences that contain the word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.base.errors import SettingError, shown
from mkdocs_lightning.base.yaml_file import NotYamlError, read_yaml
from mkdocs_lightning.reading.voice import LANGUAGES, PRO_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EVERY_LANGUAGE = "all"

_WITHOUT_SPACES = (
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Han and kana, which are written without spaces, so their words have no edges."""

_HANGUL = "[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"
"""Hangul, whose particles follow a foreign word without a space."""

_Prepared: TypeAlias = "tuple[Mapping[str, str], re.Pattern[str]]"
"""A language's words with their respellings, the longest first, and a pattern that finds where one may begin."""

_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Lexicon:
    """Respellings by language.

    Attributes:
        words: For each language code, or `all`: its words with their respellings.
    """

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _prepared: dict[str, _Prepared] = field(default_factory=dict, init=False, repr=False, compare=False)

    def apply(self, sentence: str, language: str) -> str:
        """Respell the words of a sentence. Respellings are not respelled again."""
        if language not in self._prepared:
            merged = {**self.words.get(EVERY_LANGUAGE, {}), **self.words.get(language, {})}
            longest_first = {word: merged[word] for word in sorted(merged, key=len, reverse=True)}
            self._prepared[language] = longest_first, re.compile("|".join(map(re.escape, longest_first)))
        respelling_of, any_word = self._prepared[language]
        if not respelling_of:
            return sentence
        parts: list[str] = []
        end_of_last = search_start = 0
        while found := any_word.search(sentence, search_start):
            start = found.start()
            word = next((word for word in respelling_of if _is_whole(word, sentence, start)), None)
            if word is None:
                search_start = start + 1
                continue
            end = start + len(word)
            parts += [sentence[end_of_last:start], _spaced(respelling_of[word], word, sentence[:start], sentence[end:])]
            end_of_last = search_start = end
        return "".join([*parts, sentence[end_of_last:]])


NO_LEXICON = Lexicon()
"""An empty lexicon."""


def _is_whole(word: str, sentence: str, start: int) -> bool:
    """Whether a word occurs at an index of a sentence, with a word boundary before and after it."""
    end = start + len(word)
    return sentence.startswith(word, start) and not (
        _continues(sentence[:start], sentence[start:]) or _continues(sentence[:end], sentence[end:])
    )


def _spaced(respelling: str, word: str, before: str, after: str) -> str:
    """A respelling, with spaces where the word began or ended with a sign that touches letters, as in `ASP.NET`."""
    first = " " if not _is_word_character(word[0]) and _continues(before, respelling) else ""
    last = " " if not _is_word_character(word[-1]) and _continues(respelling, after) else ""
    return first + respelling + last


def _continues(before: str, after: str) -> bool:
    """Whether there is no word boundary between two texts."""
    first, second = before[-1:], after[:1]
    if not _is_word_character(first) or not _is_word_character(second):
        return False
    # These patterns take long to compile. `re` does so only if a site has a lexicon, and caches them.
    if re.match(_WITHOUT_SPACES, first) or re.match(_WITHOUT_SPACES, second):
        return False
    return bool(re.match(_HANGUL, first)) == bool(re.match(_HANGUL, second))


def _is_word_character(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _is_mark(character: str) -> bool:
    """Whether a character is a combining mark, such as an Indic vowel sign, or a joiner."""
    return bool(character) and (unicodedata.category(character).startswith("M") or character in _JOINERS)


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon from its file.

    Raises:
        SettingError: The file does not exist, is not YAML (with the line), or does not have the form above.
    """
    try:
        raw = read_yaml(path)
    except OSError as error:
        raise SettingError("lexicon", f"{path} cannot be read ({error.strerror})") from error
    except NotYamlError as error:
        raise SettingError("lexicon", f"{path} is not YAML: {error}") from error
    if not isinstance(raw, dict | None):
        raise SettingError("lexicon", f"{path} must map languages to words")
    return Lexicon({language: dict(_checked(path, language, words)) for language, words in (raw or {}).items()})


def _checked(path: Path, language: object, words: object) -> Iterator[tuple[str, str]]:
    """The words of one language, in NFC as sentences are."""
    known = (EVERY_LANGUAGE, *LANGUAGES[PRO_MODEL])
    if language not in known:
        hint = "; put quotes around 'no'" if language is False else ""
        raise SettingError("lexicon", f"{path}: {shown(language)} is not a language: {', '.join(known)}{hint}")
    if words is None:  # such as when all words are commented out
        return
    if not isinstance(words, dict):
        raise SettingError("lexicon", f"{path}: {language} must map words to respellings")
    for word, respelling in words.items():
        if not _is_text(word) or not _is_text(respelling):
            raise SettingError(
                "lexicon",
                f"{path}: {language}: {shown(word)}: {shown(respelling)} is not a word and a respelling; "
                "put quotes around both",
            )
        assert isinstance(word, str)
        assert isinstance(respelling, str)
        yield unicodedata.normalize("NFC", word.strip()), unicodedata.normalize("NFC", " ".join(respelling.split()))


def _is_text(value: object) -> bool:
    """Whether a value is a text that is not blank and has no surrogates, which YAML can write."""
    return isinstance(value, str) and bool(value.strip()) and not any("\ud800" <= sign <= "\udfff" for sign in value)
