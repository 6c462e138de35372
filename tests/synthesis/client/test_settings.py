"""What a client is told: checked as on a site, and before anything is sent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mkdocs_lightning
from mkdocs_lightning import (
    AsyncLightning,
    KeyRefusedError,
    Lightning,
    Progress,
    RequestExtras,
    SettingError,
    VoiceRefusedError,
)
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from tests.support.service import Service

WRONG_SETTINGS: dict[str, list[tuple[object, str]]] = {
    "voice": [("sophie", "did you mean 'voice_id'")],
    "voice_ids": [("sophie", "did you mean 'voice_id'")],
    "voice_id": [("no such voice", "is not a voice_id"), (7, "7 is not a name"), ("voice_1a2b", "set model as well")],
    "language": [
        ("english", "write 'en'"),
        ("en-US", "write 'en'"),
        ("xx", "write 'auto' to have it detected, or one of ar, bn"),
    ],
    "speed": [(9, "0.5 to 2.0"), ("fast", "is not a number"), (True, "is not a number")],
    "sample_rate": [(22050, "8000, 16000, 24000, 44100"), (8000.5, "is not a whole number")],
    "model": [
        ("lightning_v4", "WebSocket"),
        ("lightning-v3.1", "write 'lightning_v3.1'"),
        ("Lightning_V3.1_Pro", "_pro'"),
    ],
    "pronunciation_dicts": [(["a"], "24 hexadecimal digits"), (7, "is not a list of ids")],
    "math_notation": [("maybe", "neither true nor false")],
    "output_format": [("mp3", r"is set when you save a file, as in speech.save\('one.mp3'\)")],
    "format": [("mp3", "is set when you save")],
    "cache": [
        (True, "not the path of a folder"),
        ("", "not the path of a folder"),
        ("a\0b", "not the path of a folder"),
        ("~nobody1/cache", "home folder of a user"),
    ],
    "cache_dir": [("folder", "did you mean 'cache'")],
    "engine": [("offline", "always uses the service: .* 'mkdocs-lightning say --engine'")],
    "rate": [(1.2, "did you mean 'speed'")],
    "speaking_rate": [(1.2, "did you mean 'speed'")],
    "nonsense": [(1, "use one of .*voice_id")],
}
MEANT = {
    **dict.fromkeys(["workers", "max_workers", "threads", "num_threads", "n_jobs", "semaphore"], "concurrency"),
    **dict.fromkeys(["max_concurrency", "max_connections", "concurency"], "concurrency"),
    **dict.fromkeys(["max_retries", "attempts"], "retries"),
    "rpm": "requests_per_minute",
    "deadline": "patience",
    "budget": "max_characters",
    "time_out": "timeout",
}
"""What other programs call a setting of a client, or a mistyped one."""
WRONG_OPTIONS: dict[str, list[tuple[object, str]]] = {
    "base_url": [("http://example.org", "not an https URL"), (7, "is not text")],
    "timeout": [(0, "number of seconds"), ("60", "number of seconds"), (True, "number of seconds")],
    "concurrency": [(0, "'auto' or a whole number of 1"), ("many", "'auto' or a whole"), (1.5, "'auto' or a whole")],
    "retries": [(-1, "whole number of 0"), ("5", "whole number of 0"), (None, "whole number of 0")],
    "patience": [(value, "from 0 to 86400") for value in (-1, "5", None, True, float("inf"), float("nan"), 10**400)],
    "requests_per_minute": [(0, "whole number of 1"), (2.5, "whole number of 1")],
    "max_characters": [(-1, "whole number of 0"), ("10k", "whole number of 0"), (True, "whole number of 0")],
    "wire_format": [("ogg", "wav, pcm, mp3, ulaw, alaw"), (None, "wav, pcm"), ([], "wav, pcm")],
    "extras": [({"session_id": "a"}, "is not a RequestExtras")],
    "progress": [(print, "belongs to synthesize_all")],
    **{name: [(3, f"did you mean '{meant}'")] for name, meant in MEANT.items()},
}


def cases(*tables: dict[str, list[tuple[object, str]]]) -> list[tuple[str, object, str]]:
    return [(name, value, said) for table in tables for name, wrong in table.items() for value, said in wrong]


@pytest.mark.parametrize("kind", [Lightning, AsyncLightning])
@pytest.mark.parametrize(("name", "value", "said"), cases(WRONG_SETTINGS, WRONG_OPTIONS))
def test_a_client_is_not_made_with_it(
    name: str, value: object, said: str, kind: type[Lightning | AsyncLightning]
) -> None:
    with pytest.raises(SettingError, match=said) as raised:
        kind(api_key=KEY, **{name: value})  # type: ignore[arg-type]
    assert raised.value.setting == name
    assert name in str(raised.value)


@pytest.mark.parametrize(("name", "value", "said"), cases(WRONG_SETTINGS))
def test_a_call_is_not_begun_with_it(service: Service, name: str, value: object, said: str) -> None:
    with Lightning(api_key=KEY, base_url=service.url) as lightning:
        settings: dict[str, Any] = {name: value}
        with pytest.raises(SettingError, match=said) as raised:
            lightning.synthesize("Hello.", **settings)
        with pytest.raises(SettingError, match=said):
            lightning.synthesize_all(["Hello."], **settings)
    assert raised.value.setting == name
    assert name in str(raised.value)
    assert service.requests == []


@pytest.mark.parametrize("name", ["api_key", "base_url", "concurrency", "max_characters", "timeout"])
def test_what_holds_for_a_client_is_not_told_a_call(service: Service, name: str) -> None:
    with (
        Lightning(api_key=KEY, base_url=service.url) as lightning,
        pytest.raises(SettingError, match=rf"set it on the client, as in Lightning\({name}=…\)"),
    ):
        lightning.synthesize("Hello.", **{name: 3})  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "meant"), MEANT.items())
def test_another_name_of_what_holds_for_a_client_is_not_taken_for_a_setting_of_a_call(
    service: Service, name: str, meant: str
) -> None:
    said = (
        rf"^unknown option '{name}' \(did you mean '{meant}'\?\)\. .*set it on the client, as in Lightning\({meant}=…\)"
    )
    with Lightning(api_key=KEY, base_url=service.url) as lightning, pytest.raises(SettingError, match=said):
        lightning.synthesize_all(["Hello."], **{name: 3})  # type: ignore[arg-type]


def test_settings_have_names(service: Service) -> None:
    with Lightning(api_key=KEY, base_url=service.url) as lightning:
        for method in (lightning.synthesize, lightning.synthesize_all):
            with pytest.raises(TypeError, match=rf"by name, as in {method.__name__}\(text.?, voice_id='sophie'\)"):
                method("Hello.", "sophie")  # type: ignore[arg-type]
    for kind in (Lightning, AsyncLightning):
        with pytest.raises(TypeError, match=rf"by name, as in {kind.__name__}\(voice_id='sophie'\)") as raised:
            kind("sk_secret")  # type: ignore[arg-type]
        assert "secret" not in str(raised.value)
    assert service.requests == []


def test_voices_are_listed_of_a_model(service: Service) -> None:
    with Lightning(api_key=KEY, base_url=service.url) as lightning:
        with pytest.raises(SettingError, match=r"write 'lightning_v3\.1'"):
            lightning.voices("lightning-v3.1")
        assert service.requests == []
        assert {voice.model for voice in lightning.voices("lightning_v3.1")} == {"lightning_v3.1"}
        with pytest.raises(VoiceRefusedError, match="lists no voices of model 'nonsense'"):
            lightning.voices("nonsense")


def test_voices_are_listed_for_a_language(service: Service) -> None:
    with Lightning(api_key=KEY, base_url=service.url) as lightning:
        for wrong in ("klingon", "auto", "", 7):
            with pytest.raises(SettingError, match=r"language: .* is not a language; use one of ar, bn") as raised:
                lightning.voices(language=wrong)  # type: ignore[arg-type]
            assert raised.value.setting == "language"
        assert service.requests == []
        german = lightning.voices(language="de")
        assert german == tuple(voice for voice in lightning.voices() if "german" in voice.languages)
        assert "hanna" in {voice.voice_id for voice in german}
        assert lightning.voices(language="German") == german
        assert {voice.model for voice in lightning.voices("lightning_v3.1", language="es")} == {"lightning_v3.1"}

    async def main() -> None:
        async with AsyncLightning(api_key=KEY, base_url=service.url) as loop_client:
            assert await loop_client.voices(language="de") == german

    asyncio.run(main())


def test_settings_have_names_in_a_loop(service: Service) -> None:
    async def main() -> None:
        async with AsyncLightning(api_key=KEY, base_url=service.url) as lightning:
            with pytest.raises(TypeError, match="by name"):
                await lightning.synthesize("Hello.", "sophie")  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="by name"):
                lightning.synthesize_all(["Hello."], "sophie")  # type: ignore[arg-type]

    asyncio.run(main())


@pytest.mark.parametrize("key", [7, b"sk_secret", ["sk_secret"]])
def test_a_key_that_is_no_text_is_not_shown(key: object) -> None:
    with pytest.raises(SettingError, match="api_key is not text") as raised:
        Lightning(api_key=key)  # type: ignore[arg-type]
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("environment", ["", KEY])
@pytest.mark.parametrize("key", ["", " \n"])
def test_an_empty_key_is_not_replaced_by_another_account_s(
    key: str, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", environment)
    with pytest.raises(SettingError, match="api_key is empty: pass a key, or None to use the one from the environment"):
        Lightning(api_key=key)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("Hello", "letter by letter"),
        (b"Hello", "letter by letter"),
        ({"a": "Hello"}, r"list\(texts.values\(\)\)"),
        (7, "not a list of texts but a value of type int"),
        (None, "not a list of texts but None"),
        (["Hello", 7], r"texts\[1\] is not a str but a value of type int"),
        (("Hello", None), r"texts\[1\] is not a str but None"),
        ({7}, r"texts\[0\] is not a str"),
    ],
)
def test_texts_that_are_none_are_refused_before_anything_is_sent(service: Service, texts: object, said: str) -> None:
    with Lightning(api_key=KEY, base_url=service.url) as lightning, pytest.raises(TypeError, match=said):
        lightning.synthesize_all(texts)  # type: ignore[arg-type]
    assert service.requests == []


@pytest.mark.parametrize("text", [["Hello"], None, b"Hello", 7, Path("hello.txt")])
def test_a_text_that_is_none_is_refused_before_anything_is_sent(service: Service, text: object) -> None:
    with (
        Lightning(api_key=KEY, base_url=service.url) as lightning,
        pytest.raises(TypeError, match="a text is a str, not"),
    ):
        lightning.synthesize(text)  # type: ignore[arg-type]
    assert service.requests == []


def test_progress_is_a_function(service: Service) -> None:
    with (
        Lightning(api_key=KEY, base_url=service.url) as lightning,
        pytest.raises(TypeError, match="is not a function"),
    ):
        lightning.synthesize_all(["Hello."], progress=True)  # type: ignore[arg-type]


async def awaited(_progress: Progress) -> None: ...


async def yielding(_progress: Progress) -> AsyncGenerator[None, None]:
    yield


class Awaited:
    async def __call__(self, _progress: Progress) -> None: ...


@pytest.mark.parametrize("progress", [awaited, yielding, Awaited(), Awaited().__call__, partial(awaited)])
@pytest.mark.parametrize("kind", [Lightning, AsyncLightning])
def test_a_progress_that_nobody_would_await_is_refused_before_anything_is_sent(
    service: Service, kind: type[Lightning | AsyncLightning], progress: Callable[[Progress], object]
) -> None:
    lightning = kind(api_key=KEY, base_url=service.url)
    with pytest.raises(SettingError, match="not awaited: write it with 'def'") as raised:
        lightning.synthesize_all(["Hello."], progress=progress)
    assert raised.value.setting == "progress"
    assert service.requests == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match="is a file; name a folder"):
        Lightning(api_key=KEY, cache=tmp_path / "file")


def test_messages_name_where_the_key_was_read(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(api_key: str | None = None) -> str:
        with Lightning(base_url=service.url, api_key=api_key) as lightning, pytest.raises(KeyRefusedError) as raised:
            lightning.synthesize("Hello.")
        return str(raised.value)

    assert "SMALLEST_API_KEY" in said()
    assert "check the API key in api_key" in said(api_key="sk_wrong")
    monkeypatch.setenv("SMALLEST_API_KEY", "sk_wrong")
    assert "check the API key in SMALLEST_API_KEY" in said()
    monkeypatch.setenv("SMALLEST_API_KEY", " ")
    assert "SMALLEST_API_KEY is set but empty" in said()


SAMPLE = """
import asyncio
from collections.abc import AsyncGenerator, Generator

from mkdocs_lightning import Audio, AsyncLightning, Lightning, LightningError, Progress, Speech, Voice


def tell(progress: Progress) -> None:
    print(progress.done, progress.total)


with Lightning(voice_id="sophie", speed=1.1, cache="folder", max_characters=1000) as lightning:
    speech: Speech = lightning.synthesize("One.", language="en", pronunciation_dicts=["a" * 24])
    audio: Audio = speech.audio
    error: LightningError | None = speech.error
    voice: Voice = speech.voice
    data: bytes = speech.to_bytes("mp3")
    speeches: Generator[Speech, None, None] = lightning.synthesize_all(iter(["One."]), progress=tell, as_completed=True)
    lightning.synthesize("One.", voice="sophie")  # E: Unexpected keyword argument "voice"
    lightning.synthesize("One.", speed="fast")  # E: Argument "speed"
    lightning.synthesize_all(7)  # E: Argument 1 to "synthesize_all"
    lightning.synthesize("One.", "sophie")  # E: Argument 2 to "synthesize"
    Lightning(concurrency="many")  # E: Argument "concurrency"


async def main() -> None:
    async with AsyncLightning() as lightning:
        speech: Speech = await lightning.synthesize("One.")
        speeches: AsyncGenerator[Speech, None] = lightning.synthesize_all(["One."], speed=1.1)
        async for each in speeches:
            each.save("one.mp3")
        lightning.synthesize_all(["One."], tempo=3)  # E: Unexpected keyword argument "tempo"


asyncio.run(main())
"""


@pytest.mark.slow
def test_a_type_checker_knows_the_settings(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir", str(tmp_path / "c")]
    env = {**os.environ, "MYPYPATH": str(Path(mkdocs_lightning.__path__[0]).parent)}
    ended = subprocess.run([*command, "sample.py"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    found = [line for line in ended.stdout.splitlines() if ": error: " in line]
    expected = [
        (number, line.partition("# E: ")[2]) for number, line in enumerate(SAMPLE.splitlines(), 1) if "# E: " in line
    ]
    assert len(found) == len(expected), ended.stdout
    for line, (number, said) in zip(found, expected, strict=True):
        assert line.startswith(f"sample.py:{number}: error: {said}"), line


def test_help_tells_what_a_client_can_do() -> None:
    program = "import mkdocs_lightning; help(mkdocs_lightning.Lightning)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    for word in ("voice_id", "max_characters", "synthesize_all", "as_completed", "BudgetSpentError", "with Lightning"):
        assert word in shown


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("session_id", "not an id", "is not an id"),
        ("request_id", 7, "7 is not an id"),
        ("request_id", "", "is not an id"),
        ("source", None, "None cannot be sent"),
        ("source", "Ä", "only printable ASCII"),
        ("content_filter", "Reject", "is not one of reject, flag"),
        ("content_filter", True, "is not one of reject, flag"),
        ("content_filter", [], "is not one of reject, flag"),
        ("save_history", "no", "is neither True nor False"),
        ("expire_content", None, "is neither True nor False"),
    ],
)
def test_extras_are_checked(name: str, value: object, said: str) -> None:
    with pytest.raises(SettingError, match=f"{name}: .*{said}") as raised:
        RequestExtras(**{name: value})  # type: ignore[arg-type]
    assert raised.value.setting == name
