"""How words are to be said: a file in the repository, word -> respelling, per language.

    en:
      kubectl: kube control
      SQL: sequel
    all:            # every language
      GmbH: G M B H

Case-sensitive, whole words, the longest first; applied to each sentence before its key is made: to edit a word
costs the sentences that hold it, and no others.
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
"""Han and kana: whichever the language, their words have no edges to look for."""

_HANGUL = "[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"
"""Its particles follow a foreign word without a space."""

_Prepared: TypeAlias = "tuple[Mapping[str, str], re.Pattern[str]]"
"""A language's words, the longest first, with a pattern of where one may begin."""

_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Lexicon:
    """Respellings by language.

    Attributes:
        words: For a language's code, or `all`: word -> what is said instead.
    """

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _prepared: dict[str, _Prepared] = field(default_factory=dict, init=False, repr=False, compare=False)

    def apply(self, sentence: str, language: str) -> str:
        """A sentence with its words respelled; what a respelling says is not looked up again."""
        if language not in self._prepared:
            merged = {**self.words.get(EVERY_LANGUAGE, {}), **self.words.get(language, {})}
            longest_first = {word: merged[word] for word in sorted(merged, key=len, reverse=True)}
            self._prepared[language] = longest_first, re.compile("|".join(map(re.escape, longest_first)))
        respelling_of, any_word = self._prepared[language]
        if not respelling_of:
            return sentence
        parts: list[str] = []
        place = looked = 0
        while found := any_word.search(sentence, looked):
            start = found.start()
            word = next((word for word in respelling_of if _is_whole(word, sentence, start)), None)
            if word is None:
                looked = start + 1
                continue
            end = start + len(word)
            parts += [sentence[place:start], _apart(respelling_of[word], word, sentence[:start], sentence[end:])]
            place = looked = end
        return "".join([*parts, sentence[place:]])


NO_LEXICON = Lexicon()
"""Every word as it is written."""


def _is_whole(word: str, sentence: str, start: int) -> bool:
    """Whether a word stands at a place of a sentence, with an edge before and after it."""
    end = start + len(word)
    return sentence.startswith(word, start) and not (
        _continues(sentence[:start], sentence[start:]) or _continues(sentence[:end], sentence[end:])
    )


def _apart(respelling: str, word: str, before: str, after: str) -> str:
    """A respelling that does not run into the letters that touched a sign of its word, as in `ASP.NET`."""
    first = " " if not _is_of_a_word(word[0]) and _continues(before, respelling) else ""
    last = " " if not _is_of_a_word(word[-1]) and _continues(respelling, after) else ""
    return first + respelling + last


def _continues(before: str, after: str) -> bool:
    """Whether a word goes on from the end of one text to the beginning of the next."""
    first, second = before[-1:], after[:1]
    if not _is_of_a_word(first) or not _is_of_a_word(second):
        return False
    # Patterns of so many characters take long to compile: `re` does it when a site has a lexicon, and keeps them.
    if re.match(_WITHOUT_SPACES, first) or re.match(_WITHOUT_SPACES, second):
        return False
    return bool(re.match(_HANGUL, first)) == bool(re.match(_HANGUL, second))


def _is_of_a_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _is_mark(character: str) -> bool:
    """The marks that Indic vowels are written with, and what ties letters together."""
    return bool(character) and (unicodedata.category(character).startswith("M") or character in _JOINERS)


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon's file.

    Raises:
        SettingError: No such file, no YAML, or not of the form above; with the line where there is one.
    """
    try:
        raw = read_yaml(path)
    except OSError as error:
        raise SettingError("lexicon", f"{path} cannot be read ({error.strerror})") from error
    except NotYamlError as error:
        raise SettingError("lexicon", f"{path} is not YAML: {error}") from error
    if not isinstance(raw, dict | None):
        raise SettingError("lexicon", f"{path} has no languages with their words")
    return Lexicon({language: dict(_checked(path, language, words)) for language, words in (raw or {}).items()})


def _checked(path: Path, language: object, words: object) -> Iterator[tuple[str, str]]:
    """The words of one language, NFC as sentences are."""
    known = (EVERY_LANGUAGE, *LANGUAGES[PRO_MODEL])
    if language not in known:
        hint = "; put quotes around 'no'" if language is False else ""
        raise SettingError("lexicon", f"{path}: {shown(language)} is not a language: {', '.join(known)}{hint}")
    if words is None:  # all of its words may be commented out
        return
    if not isinstance(words, dict):
        raise SettingError("lexicon", f"{path}: {language} has no words with their respellings")
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
    """Whether there is something to read or say, and no half of a character, which YAML can write."""
    return isinstance(value, str) and bool(value.strip()) and not any("\ud800" <= sign <= "\udfff" for sign in value)
