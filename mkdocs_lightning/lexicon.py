"""How words are to be said: a file in the repository, word -> respelling, per language.

    en:
      kubectl: kube control
      SQL: sequel
    all:            # every language
      GmbH: G M B H

Case-sensitive, whole words, applied to each sentence before its key is made: to edit a word costs the sentences
that hold it, and no others.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from mkdocs_lightning.errors import SettingError
from mkdocs_lightning.voice import LANGUAGES, PRO_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EVERY_LANGUAGE = "all"

_WITHOUT_SPACES = frozenset(["zh", "ja"])  # where words have no edges to look for


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Respellings by language.

    Attributes:
        words: For a language's code, or `all`: word -> what is said instead.
    """

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def apply(self, sentence: str, language: str) -> str:
        """A sentence with its words respelled; what a respelling says is not looked up again."""
        respellings = {**self.words.get(EVERY_LANGUAGE, {}), **self.words.get(language, {})}
        if not respellings:
            return sentence
        longest_first = sorted(respellings, key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, longest_first)))

        def respell(found: re.Match[str]) -> str:
            is_whole = language in _WITHOUT_SPACES or not (
                _continues(sentence, found.start()) or _continues(sentence, found.end())
            )
            return respellings[found[0]] if is_whole else found[0]

        return pattern.sub(respell, sentence)


def _continues(sentence: str, place: int) -> bool:
    """Whether a word goes on from before a place to after it."""
    return 0 < place < len(sentence) and _is_of_a_word(sentence[place - 1]) and _is_of_a_word(sentence[place])


def _is_of_a_word(character: str) -> bool:
    """Letters, digits, and the marks that Indic vowels are written with."""
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon's file.

    Raises:
        SettingError: No such file, no YAML, or not of the form above; with the line where there is one.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError("lexicon", f"{path} cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingError("lexicon", f"{path} is not YAML: {error}") from error
    if not isinstance(raw, dict | None):
        raise SettingError("lexicon", f"{path} has no languages with their words")
    return Lexicon({language: dict(_checked(path, language, words)) for language, words in (raw or {}).items()})


def _checked(path: Path, language: object, words: object) -> Iterator[tuple[str, str]]:
    """The words of one language, NFC as sentences are."""
    known = (EVERY_LANGUAGE, *LANGUAGES[PRO_MODEL])
    if language not in known:
        hint = "; put quotes around 'no'" if language is False else ""
        raise SettingError("lexicon", f"{path}: {language!r} is not a language: {', '.join(known)}{hint}")
    if not isinstance(words, dict):
        raise SettingError("lexicon", f"{path}: {language} has no words with their respellings")
    for word, respelling in words.items():
        if not isinstance(word, str) or not isinstance(respelling, str) or not word.strip() or not respelling.strip():
            raise SettingError(
                "lexicon",
                f"{path}: {language}: {word!r}: {respelling!r} is not a word and a respelling; put quotes around both",
            )
        yield unicodedata.normalize("NFC", word.strip()), unicodedata.normalize("NFC", " ".join(respelling.split()))
