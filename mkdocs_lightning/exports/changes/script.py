"""What a site speaks, as values that can be compared: pages, their players, and the sentences of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class PlayerScript:
    """What one player speaks.

    Attributes:
        name: The block's title or id; empty if it has neither.
        line: Of the block's opener in the page's source, from 1; None for a whole page, or if it is not known.
        is_page: Whether it is the player of a whole page.
        sentences: One or more, in order; a long sentence is several.
        clip: The name of its clip's file in the cache; empty if it is not known.
    """

    name: str
    line: int | None
    is_page: bool
    sentences: tuple[Segment, ...]
    clip: str = ""


class PageName(NamedTuple):
    """What identifies a page.

    Attributes:
        uri: The path of its source in the docs directory.
        locale: Of a site in several languages, the one that it was read in; else empty.
    """

    uri: str
    locale: str = ""


@dataclass(frozen=True, slots=True)
class PageScript:
    """What the players of one page speak, in their order."""

    name: PageName
    players: tuple[PlayerScript, ...]

    @property
    def sentences(self) -> Iterator[Segment]:
        """Those of all players."""
        return (sentence for player in self.players for sentence in player.sentences)


class _VoiceJson(TypedDict):
    """The attributes of a `Voice`."""

    model: str
    voice_id: str
    language: str
    speed: float
    sample_rate: int
    pronunciation_dicts: list[str]
    number_pronunciation_language: str | None
    math_notation: bool


class _PlayerJson(TypedDict):
    """A player; of each sentence the index of its speaker, and its text."""

    name: str
    line: int | None
    is_page: bool
    sentences: list[tuple[int, str]]
    clip: str


class _PageJson(TypedDict):
    """A page."""

    uri: str
    locale: str
    players: list[_PlayerJson]


class SiteScriptJson(TypedDict):
    """A `SiteScript` for JSON. Each engine with a voice is written once."""

    speakers: list[tuple[str, _VoiceJson]]
    pages: list[_PageJson]


@dataclass(frozen=True)
class SiteScript:
    """What a site speaks, at one moment of its history.

    Attributes:
        pages: Those on which something is spoken, in the order in which they were read.
    """

    pages: tuple[PageScript, ...] = ()

    @cached_property
    def pages_by_key(self) -> Mapping[str, PageName]:
        """For the key of each sentence, the first page that has it."""
        found: dict[str, PageName] = {}
        for page in self.pages:
            for sentence in page.sentences:
                found.setdefault(sentence.key, page.name)
        return found

    def as_json(self) -> SiteScriptJson:
        """This value for JSON; `from_json` reads it."""
        speakers = _Speakers()
        pages: list[_PageJson] = [
            {
                "uri": page.name.uri,
                "locale": page.name.locale,
                "players": [_player_json(p, speakers) for p in page.players],
            }
            for page in self.pages
        ]
        return {"speakers": speakers.as_json(), "pages": pages}

    @classmethod
    def from_json(cls, written: SiteScriptJson) -> SiteScript:
        """The value that `as_json` has written, with the same version of this package."""
        speakers = [(engine, _voice_of(voice)) for engine, voice in written["speakers"]]
        return cls(
            tuple(
                PageScript(
                    PageName(page["uri"], page["locale"]),
                    tuple(_player_of(player, speakers) for player in page["players"]),
                )
                for page in written["pages"]
            )
        )


class _Speakers:
    """Numbers each engine with a voice."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, Voice], int] = {}

    def number_of(self, sentence: Segment) -> int:
        return self._numbers.setdefault((sentence.engine, sentence.voice), len(self._numbers))

    def as_json(self) -> list[tuple[str, _VoiceJson]]:
        return [(engine, _voice_json(voice)) for engine, voice in self._numbers]


def _player_json(player: PlayerScript, speakers: _Speakers) -> _PlayerJson:
    return {
        "name": player.name,
        "line": player.line,
        "is_page": player.is_page,
        "sentences": [(speakers.number_of(sentence), sentence.text) for sentence in player.sentences],
        "clip": player.clip,
    }


def _player_of(written: _PlayerJson, speakers: list[tuple[str, Voice]]) -> PlayerScript:
    sentences = _sentences_of(written["sentences"], speakers)
    return PlayerScript(written["name"], written["line"], written["is_page"], tuple(sentences), written["clip"])


def _sentences_of(written: Iterable[tuple[int, str]], speakers: list[tuple[str, Voice]]) -> Iterator[Segment]:
    for number, text in written:
        engine, voice = speakers[number]
        yield Segment(engine, voice, text)


def _voice_json(voice: Voice) -> _VoiceJson:
    return {
        "model": voice.model,
        "voice_id": voice.voice_id,
        "language": voice.language,
        "speed": voice.speed,
        "sample_rate": voice.sample_rate,
        "pronunciation_dicts": list(voice.pronunciation_dicts),
        "number_pronunciation_language": voice.number_pronunciation_language,
        "math_notation": voice.math_notation,
    }


def _voice_of(written: _VoiceJson) -> Voice:
    return Voice(
        model=written["model"],
        voice_id=written["voice_id"],
        language=written["language"],
        speed=written["speed"],
        sample_rate=written["sample_rate"],
        pronunciation_dicts=tuple(written["pronunciation_dicts"]),
        number_pronunciation_language=written["number_pronunciation_language"],
        math_notation=written["math_notation"],
    )
