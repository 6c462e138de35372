"""The lexicon: a YAML file that maps words to respellings, by language.

    en:
      kubectl: kube control
      SQL: sequel
    all:            # every language
      GmbH: G M B H

Words match case-sensitively and as a whole; of several, the longest wins. Respellings are applied to each sentence
before its key is computed, so an edit costs only the sentences that contain the word.

Two keys of the file are not languages:

    abbreviations:  # a sentence seldom ends after them
      en: [repl., config.]
    read_in_full: true  # speak web addresses and digests as they are written
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from mkdocs_lightning.base.errors import SettingError, has_surrogate, most_similar, shown
from mkdocs_lightning.base.yaml_file import NotYamlError, read_yaml
from mkdocs_lightning.reading.sentence_ends import CODE_STOP, EVERY_LANGUAGE
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL
from mkdocs_lightning.reading.settings.languages import language_advice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SAID = "\ufdd1"
"""Marks what an author wrote to be said as it is. A noncharacter: no text has it."""

_MARKS = re.compile(f"[{CODE_STOP}{SAID}]")

_ADDRESS = re.compile(
    rf"(?i:(?<![{SAID}A-Za-z0-9_/.@:+-])(?:(?:(?:git\+)?https?|ftps?|wss?)://|www\.))"
    r"[^\s<>\"\u2018-\u201f\u00ab\u00bb\u0964\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff01-\uff5e]+"
)
"""A web address; it ends where a script without spaces goes on."""

_HOST = re.compile(r"(?:[\w+]+://)?(?:[^/?#]*@)?([^/?#]*)")

_BESIDE_DIGEST = "A-Za-z0-9+/=_:-"

_LONG_STRING = re.compile(rf" ?(?<![{SAID}.{_BESIDE_DIGEST}])(?:[{_BESIDE_DIGEST}]|\.(?=[A-Za-z0-9])){{41,}}")
"""What may be a digest, a key or the like, with the space before it."""

_DIGEST = re.compile(r"(?=[A-Za-z]*\d)[A-Za-z0-9]{41,}")

_RANDOM = re.compile(r"(?=[A-Za-z]*\d+[A-Za-z]+\d)(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{16,}")
"""Letters of both cases with digits between them, as in a long string in base64."""

_SIGNS_AFTER = ".,;:!?'*_|\u2026"

_OTHER_KEYS = ("abbreviations", "read_in_full")
"""The keys of the file that are not languages."""

_LIKENESS_OF_KEY = 0.8

_STOPS = (".", "!", "?", "\u2026")
_CLOSING = "\"'\u00bb\u2018\u2019\u201c\u201d\u203a)]*_ "

_BRACKETS = {")": "(", "]": "[", "}": "{"}

_LONGEST_READ = 40  # letters and digits without a space

_EMPTY_BRACKETS = re.compile(r" ?(?:\( *\)|\[ *\]|\{ *\})")

_WITHOUT_SPACES = (
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Han and kana, which are written without spaces, so their words have no edges."""

_HANGUL = "[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"
"""Hangul, whose particles follow a foreign word without a space."""

_Prepared: TypeAlias = "tuple[Mapping[str, str], re.Pattern[str], tuple[str, ...]]"
"""A language's words with their respellings, the longest first; a pattern that finds where one may begin; and those of
the words that end in a period."""

_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class Lexicon:
    """How words are said that are written otherwise.

    Attributes:
        words: For each language code, or `all`: its words with their respellings.
        abbreviations: Likewise: after which a sentence seldom ends, beside those that the package knows.
        reads_in_full: Whether web addresses and digests are spoken as they are written.
    """

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    abbreviations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_in_full: bool = False
    _prepared: dict[str, _Prepared] = field(default_factory=dict, init=False, repr=False, compare=False)

    def abbreviations_of(self, language: str) -> tuple[str, ...]:
        """The abbreviations of a language, with those of every language."""
        return (*self.abbreviations.get(EVERY_LANGUAGE, ()), *self.abbreviations.get(language, ()))

    def spoken(self, sentence: str, language: str) -> str:
        """A sentence as it is spoken: web addresses by their host, no digests, and words respelled."""
        if not self.reads_in_full:
            sentence = self._shortened(sentence, language)
        return self.apply(unmarked(sentence), language)

    def spoken_together(self, sentences: Sequence[str], language: str, *, is_cut: bool = False) -> str:
        """Some sentences as they are spoken together: where a word with a period of its own ends one, that stays.

        Args:
            sentences: Each with the space after it.
            language: Of all of them.
            is_cut: Whether the last one goes on in another voice, so that its end is none.
        """
        ends = [self._ends_with_own_period(sentence, language) for sentence in sentences]
        ends[-1:] = [ends[-1] and not is_cut]
        if not any(ends):
            return self.spoken("".join(sentences).strip(), language)
        spoken: list[str] = []
        for sentence, is_end in zip(sentences, ends, strict=True):
            text = self.spoken(sentence.strip(), language)
            spoken += [_ended(text) if is_end else text, sentence[len(sentence.rstrip()) :]]
        return "".join(spoken).strip()

    def _ends_with_own_period(self, sentence: str, language: str) -> bool:
        """Whether the last word of a sentence is one of the lexicon, with the period."""
        text = unmarked(sentence).rstrip(_CLOSING)
        *_, with_period = self._prepare(language)
        return text.endswith(with_period) and any(
            is_whole(word, text, len(text) - len(word)) for word in with_period if text.endswith(word)
        )

    def _shortened(self, sentence: str, language: str) -> str:
        """A sentence with only the hosts of its addresses and without its digests, but for those with a respelling."""
        if "://" in sentence or "www." in sentence.lower():
            sentence = _ADDRESS.sub(lambda found: self._short_address(found[0], language), sentence)
        if len(sentence) <= _LONGEST_READ or max(map(len, sentence.split())) <= _LONGEST_READ:  # as most
            return sentence
        shorter = _LONG_STRING.sub(lambda found: self._short_string(found[0], language), sentence)
        return sentence if shorter == sentence else _EMPTY_BRACKETS.sub("", shorter).strip()

    def _short_address(self, text: str, language: str) -> str:
        address = _without_signs_after(text)
        found = _HOST.match(address)
        host = found[1] if found else ""
        if self._has_word(address, language) or not any(map(str.isalnum, host)):
            return text
        return host + text[len(address) :]

    def _short_string(self, text: str, language: str) -> str:
        string = _without_signs_after(text)
        letters = sum(map(str.isalnum, string))
        is_digest = letters > _LONGEST_READ and (_DIGEST.search(string) or _RANDOM.search(string))
        if not is_digest or self._has_word(string.strip(), language):
            return text
        return text[len(string) :]

    def _has_word(self, word: str, language: str) -> bool:
        return word in self.words.get(language, ()) or word in self.words.get(EVERY_LANGUAGE, ())

    def apply(self, sentence: str, language: str) -> str:
        """Respell the words of a sentence. Respellings are not respelled again."""
        respelling_of, any_word, _ = self._prepare(language)
        if not respelling_of:
            return sentence
        parts: list[str] = []
        end_of_last = search_start = 0
        while found := any_word.search(sentence, search_start):
            start = found.start()
            word = next((word for word in respelling_of if is_whole(word, sentence, start)), None)
            if word is None:
                search_start = start + 1
                continue
            end = start + len(word)
            parts += [sentence[end_of_last:start], _spaced(respelling_of[word], word, sentence[:start], sentence[end:])]
            end_of_last = search_start = end
        return "".join([*parts, sentence[end_of_last:]])

    def _prepare(self, language: str) -> _Prepared:
        if language not in self._prepared:
            merged = {**self.words.get(EVERY_LANGUAGE, {}), **self.words.get(language, {})}
            longest_first = {word: merged[word] for word in sorted(merged, key=len, reverse=True)}
            any_word = re.compile("|".join(map(re.escape, longest_first)))
            with_period = tuple(word for word in longest_first if word.endswith("."))
            self._prepared[language] = longest_first, any_word, with_period
        return self._prepared[language]


NO_LEXICON = Lexicon()
"""An empty lexicon."""


def as_said(text: str) -> str:
    """A text of an author for the voice, marked so that its addresses and digests are not shortened."""
    return _LONG_STRING.sub(_marked, _ADDRESS.sub(_marked, text))


def _marked(found: re.Match[str]) -> str:
    string = found[0].lstrip(" ")
    return found[0][: -len(string)] + SAID + string


def unmarked(text: str) -> str:
    """A text without the marks of `as_said` and `mark_code`."""
    return text if text.isascii() else _MARKS.sub("", text)


def _ended(text: str) -> str:
    """A sentence with a period, before the brackets and quotation marks that close it."""
    body = text.rstrip(_CLOSING)
    return text if body.endswith(_STOPS) else f"{body}.{text[len(body) :]}"


def _without_signs_after(text: str) -> str:
    """An address or string without the signs that follow it: a period, and brackets that open before it."""
    unmatched = {bracket: text.count(bracket) - text.count(opening) for bracket, opening in _BRACKETS.items()}
    end = len(text)
    while end and (text[end - 1] in _SIGNS_AFTER or unmatched.get(text[end - 1], 0) > 0):
        end -= 1
        if text[end] in unmatched:
            unmatched[text[end]] -= 1
    return text[:end]


def is_whole(word: str, sentence: str, start: int) -> bool:
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
    raw = raw or {}
    reads_in_full = raw.pop("read_in_full", False)
    if not isinstance(reads_in_full, bool):
        raise SettingError("lexicon", f"{path}: read_in_full must be true or false, not {shown(reads_in_full)}")
    abbreviations = _checked_abbreviations(path, raw.pop("abbreviations", None))
    words = {language: dict(_checked(path, language, words)) for language, words in raw.items()}
    return Lexicon(words, abbreviations, reads_in_full)


def _checked_abbreviations(path: Path, raw: object) -> dict[str, tuple[str, ...]]:
    """The abbreviations by language, in NFC as sentences are."""
    if not isinstance(raw, dict | None):
        raise SettingError("lexicon", f"{path}: abbreviations must map languages to lists of abbreviations")
    abbreviations: dict[str, tuple[str, ...]] = {}
    for language, listed in (raw or {}).items():
        _check_language(path, language)
        if not isinstance(listed, list | None):
            raise SettingError("lexicon", f"{path}: abbreviations: {language} must be a list of abbreviations")
        abbreviations[language] = tuple(_checked_abbreviation(path, language, item) for item in listed or [])
    return abbreviations


def _checked_abbreviation(path: Path, language: str, raw: object) -> str:
    if not _is_text(raw) or not str(raw).rstrip().endswith((".", "!", "?")):
        raise SettingError(
            "lexicon",
            f"{path}: abbreviations: {language}: {shown(raw)} is not an abbreviation; it must end with a period",
        )
    return unicodedata.normalize("NFC", " ".join(str(raw).split()))


def _check_language(path: Path, language: object) -> None:
    known = (EVERY_LANGUAGE, *LANGUAGES[PRO_MODEL])
    if language not in known:
        advice = "put quotes around 'no'" if language is False else language_advice(language, known)
        if key := most_similar(str(language), _OTHER_KEYS, likeness=_LIKENESS_OF_KEY):
            advice = f"write {key!r}"
        raise SettingError("lexicon", f"{path}: {shown(language)} is not a language; {advice}")


def _checked(path: Path, language: object, words: object) -> Iterator[tuple[str, str]]:
    """The words of one language, in NFC as sentences are."""
    if isinstance(words, str) and language is not False and language not in (EVERY_LANGUAGE, *LANGUAGES[PRO_MODEL]):
        advice = "is not below a language; write 'en:' or 'all:' on a line above it, and indent it"
        raise SettingError("lexicon", f"{path}: {shown(language)} {advice}")
    _check_language(path, language)
    if words is None:  # such as when all words are commented out
        return
    if not isinstance(words, dict):
        raise SettingError("lexicon", f"{path}: {language} must map words to respellings")
    for word, respelling in words.items():
        if _is_text(word) and (respelling is None or (isinstance(respelling, str) and not respelling.strip())):
            advice = "has no respelling; write one, or silence the word on the page with {.nospeak}"
            raise SettingError("lexicon", f"{path}: {language}: {shown(word)} {advice}")
        if word == "abbreviations" and isinstance(respelling, list):
            advice = (
                f"abbreviations belong at the top level, beside the languages; write 'abbreviations:' above "
                f"'{language}:', and the list directly below '{language}:'"
            )
            raise SettingError("lexicon", f"{path}: {language}: {advice}")
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
    """Whether a value is text that is not blank and can be sent."""
    return isinstance(value, str) and bool(value.strip()) and not has_surrogate(value)
