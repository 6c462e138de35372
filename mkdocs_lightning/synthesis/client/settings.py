"""What a client can be told, and the checks that come before anything is sent."""

from __future__ import annotations

import inspect
import os
from collections.abc import AsyncIterable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, get_args

from mkdocs_lightning.base.errors import SettingError, listed, meant_name, shown, unknown_name
from mkdocs_lightning.engines.lightning_reply import WireFormat
from mkdocs_lightning.engines.lightning_request import RequestExtras
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES, language_advice, language_code
from mkdocs_lightning.reading.settings.voice_settings import SETTING_NAMES, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENT_OPTIONS = (
    *("api_key", "base_url", "cache", "concurrency", "extras", "max_characters"),
    *("patience", "requests_per_minute", "retries", "timeout", "wire_format"),
)
"""What is set when a client is made, beside the voice."""

CALL_OPTIONS = ("as_completed", "progress")
"""What is set when several texts are synthesized, beside the voice and the cache."""

_OF_A_FILE = ("format", "output_format")


class VoiceOptions(TypedDict, total=False):
    """Voice settings, by name as in mkdocs.yml. None is the same as not given.

    Attributes:
        model: By default the model that has the voice.
        voice_id: By default a native voice of the language.
        language: A code such as `en`, or `auto`; by default `en`.
        speed: 0.5 to 2; by default 1.
        sample_rate: 8000, 16000, 24000 or 44100 Hz; by default 24000.
        pronunciation_dicts: Ids of pronunciation dictionaries.
        number_pronunciation_language: The language in which numbers are read.
        math_notation: Whether formulas are spoken.
    """

    model: str | None
    voice_id: str | None
    language: str | None
    speed: float | None
    sample_rate: int | None
    pronunciation_dicts: Sequence[str] | None
    number_pronunciation_language: str | None
    math_notation: bool | None


@contextmanager
def naming_settings() -> Iterator[None]:
    """Have the error of a setting name it, as there is no file and no line that does."""
    try:
        yield
    except SettingError as error:
        raise error.named() from None


def check_named(unnamed: tuple[object, ...], example: str) -> None:
    """Check that nothing was passed by position that has a name. It is not shown, as it may be a key.

    Args:
        unnamed: What was passed by position.
        example: What to write instead.

    Raises:
        TypeError: Something was.
    """
    if unnamed:
        raise TypeError(f"settings are passed by name, as in {example}")


def voice_settings(given: Mapping[str, object], *, is_call: bool) -> VoiceSettings:
    """Check voice settings that are given by name.

    Args:
        given: As `VoiceOptions`, but not checked.
        is_call: Whether they are given for some texts, and not for a client.

    Raises:
        SettingError: A name is unknown, or a value has the wrong type.
    """
    for name in given:
        if name not in SETTING_NAMES:
            raise SettingError(name, _advice(name, is_call=is_call))
    return VoiceSettings.parse(given)


def _advice(name: str, *, is_call: bool) -> str:
    """What to write instead of a name that is no voice setting."""
    if name in _OF_A_FILE:
        return f"{name!r} is set when you save a file, as in speech.save('one.mp3')"
    if is_call and name in CLIENT_OPTIONS:
        return _of_client(name)
    if name == "engine":
        return (
            "Lightning always uses the service: set engine on a site, or try another engine with "
            "'mkdocs-lightning say --engine'"
        )
    if name in CALL_OPTIONS:
        return f"{name!r} belongs to synthesize_all, which takes several texts"
    if (
        is_call
        and (meant := meant_name(name, [*SETTING_NAMES, *CLIENT_OPTIONS])) in CLIENT_OPTIONS
        and meant != "cache"
    ):
        return f"unknown option {name!r} (did you mean {meant!r}?). {_of_client(meant)}"
    return unknown_name(name, [*SETTING_NAMES, *(["cache"] if is_call else CLIENT_OPTIONS)])


def _of_client(name: str) -> str:
    return f"{name!r} applies to all calls: set it on the client, as in Lightning({name}=…)"


def checked_text_option(name: str, value: object) -> str:
    """A text, such as an address. A wrong value is not shown, as it may hold a key.

    Raises:
        SettingError: It is something else.
    """
    if not isinstance(value, str):
        raise SettingError(name, f"{name} is not text but {kind(value)}")
    return value


def checked_language_name(language: object) -> str:
    """The English name of a language, in lower case, as lists of voices have it, by its code or by a name.

    Raises:
        SettingError: The service does not have it.
    """
    code = language_code(language) if isinstance(language, str) else None
    if code is None:
        advice = language_advice(language, sorted(LANGUAGE_NAMES))
        raise SettingError("language", f"language: {shown(language)} is not a language; {advice}")
    return LANGUAGE_NAMES[code]


def checked_concurrency(value: object) -> int | None:
    """The maximum number of requests in flight; None for `auto`.

    Raises:
        SettingError: It is something else.
    """
    if value is None or value == "auto":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SettingError("concurrency", f"{shown(value)} is not 'auto' or a whole number of 1 or more")
    return value


def checked_wire_format(value: object) -> WireFormat:
    """A format in which the service can send audio.

    Raises:
        SettingError: It cannot.
    """
    for known in get_args(WireFormat):
        if value == known:
            wire_format: WireFormat = known
            return wire_format
    raise SettingError("wire_format", f"{shown(value)} is not one of {listed(get_args(WireFormat))}")


def checked_extras(value: object) -> RequestExtras | None:
    """Further fields of each request.

    Raises:
        SettingError: They are not a `RequestExtras`.
    """
    if value is not None and not isinstance(value, RequestExtras):
        raise SettingError("extras", f"{kind(value)} is not a RequestExtras")
    return value


def checked_cache(value: object) -> Path | None:
    """The folder of a cache; `~` stands for the home folder.

    Raises:
        SettingError: It is not the path of a folder.
    """
    if value is None:
        return None
    path = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise SettingError("cache", f"{shown(value)} is not the path of a folder")
    try:
        folder = Path(path).expanduser()
    except RuntimeError:
        raise SettingError(
            "cache", f"{shown(path)} names the home folder of a user who does not exist; write the path of a folder"
        ) from None
    if folder.is_file():
        raise SettingError("cache", f"'{folder}' is a file; name a folder")
    return folder


def checked_text(text: object) -> str:
    """One text.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(text, str):
        return text
    hint = "; for several texts use synthesize_all" if isinstance(text, Iterable) else ""
    raise TypeError(f"a text is a str, not {kind(text)}{hint}")


def checked_texts(texts: object) -> Iterable[str]:
    """Several texts. A collection is copied, and each of its texts checked; others are read as they are needed.

    Raises:
        TypeError: They are one text, or something else than texts.
    """
    if isinstance(texts, str | bytes):
        raise TypeError("texts is one text, which would be read letter by letter: write synthesize(text), or [text]")
    if isinstance(texts, Mapping):
        raise TypeError("texts is a dict: pass a list of its texts, such as list(texts.values())")
    if isinstance(texts, Collection):
        return [checked_item(index, text) for index, text in enumerate(texts)]
    if not isinstance(texts, Iterable):
        hint = ": AsyncLightning reads those" if isinstance(texts, AsyncIterable) else ""
        raise TypeError(f"texts is not a list of texts but {kind(texts)}{hint}")
    return texts


def checked_item(index: int, text: object) -> str:
    """One of several texts.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(text, str):
        raise TypeError(f"texts[{index}] is not a str but {kind(text)}")
    return text


def checked_progress(progress: object) -> None:
    """Check that the progress can be told.

    Raises:
        TypeError: It is not a function.
        SettingError: It is an `async def`, which nobody would wait for.
    """
    if progress is not None and not callable(progress):
        raise TypeError(f"progress is not a function but {kind(progress)}")
    if progress is not None and (_is_async(progress) or _is_async(type(progress).__call__)):
        raise SettingError("progress", "progress is an 'async def', which is not awaited: write it with 'def'")


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def kind(value: object) -> str:
    """The name of a value's type, for a message that must not show the value."""
    return "None" if value is None else f"a value of type {type(value).__name__}"
