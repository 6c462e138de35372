"""Engines of other packages: whatever they raise or return, the site is built with text, and a message names them."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.base.errors import LightningError, SettingError
from mkdocs_lightning.base.interruptible import INTERRUPTIONS
from mkdocs_lightning.engines import DefectError, Engine, EngineOptions, TransientError, make_engine
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.engines.test_conformance import Robot
from tests.engines.test_conformance import make_robot as make_plain_robot
from tests.support.commands import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mkdocs_lightning.reading.settings.voice import Voice
    from tests.support.sites import Site

VOICE = resolve_voice(VoiceSettings())
PAGE = {"index.md": "# Home\n\n:::speak\nThis sentence is spoken by a robot.\n:::\n"}
made: Callable[[EngineOptions], object] = make_plain_robot


def make_robot(options: EngineOptions) -> object:
    """The factory that is installed: it makes what the test wants."""
    return made(options)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Callable[[EngineOptions], object]], None]:
    """Installs an engine `robot` that a factory makes."""
    info = tmp_path / "installed/robot-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: robot\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[mkdocs_lightning.engines]\nrobot = tests.engines.test_guard:make_robot\nlost = tests.nowhere:nothing\n"
    )
    monkeypatch.syspath_prepend(str(info.parent))

    def installed(factory: Callable[[EngineOptions], object]) -> None:
        monkeypatch.setattr("tests.engines.test_guard.made", factory)

    return installed


def failing(*_: object) -> Any:
    raise ZeroDivisionError("a slip\nof two lines")


def ending_the_program(*_: object) -> Any:
    raise SystemExit(3)


class Panic(BaseException):
    """What a library in another language raises, past `except Exception`."""


def panicking(*_: object) -> Any:
    raise Panic("index out of range")


def robot_with(**members: object) -> Callable[[EngineOptions], object]:
    """A factory of robots of which some members are others."""
    return lambda _options: type("OtherRobot", (Robot,), members)()


def returning(value: object) -> Callable[..., object]:
    return lambda *_: value


SOUND = np.full(48000, 3000, np.int16)
FACTORIES: dict[str, tuple[Callable[[EngineOptions], object], str]] = {
    "raises": (failing, "ZeroDivisionError: a slip of two lines"),
    "ends the program": (ending_the_program, "SystemExit: 3"),
    "panics": (panicking, "Panic: index out of range"),
    "returns nothing": (returning(None), "its factory returned None"),
    "returns a class": (returning(Robot), "its factory returned <class"),
    "no name": (robot_with(name=None), "its name is None"),
    "a name for no key": (robot_with(name="Loud Robot"), "its name is 'Loud Robot'"),
    "the name of another engine": (robot_with(name="lightning"), "its name is 'lightning', which is not allowed"),
    "the name of the offline voice": (robot_with(name="offline"), "its name is 'offline', which is not allowed"),
    "no concurrency": (robot_with(max_concurrency=0), "its max_concurrency is 0"),
    "a failing attribute": (robot_with(max_concurrency=property(failing)), "ZeroDivisionError"),
}
MEMBERS: dict[str, tuple[dict[str, object], str]] = {
    "unavailable_reason": ({"unavailable_reason": property(failing)}, "unavailable_reason failed: ZeroDivisionError"),
    "a reason that is none": ({"unavailable_reason": 7}, "unavailable_reason is 7"),
    "normalize_voice": ({"normalize_voice": failing}, "normalize_voice failed: ZeroDivisionError"),
    "ends the program": ({"normalize_voice": ending_the_program}, "normalize_voice failed: SystemExit: 3"),
    "no voice": ({"normalize_voice": returning(None)}, "normalize_voice is None"),
    "price_per_character": ({"price_per_character": failing}, "price_per_character failed: ZeroDivisionError"),
    "a price that is none": ({"price_per_character": returning("dear")}, "price_per_character is 'dear'"),
    "an endless price": ({"price_per_character": returning(10**400)}, "price_per_character is 1000"),
    "not a number": ({"price_per_character": returning(float("nan"))}, "price_per_character is nan"),
}
SYNTHESES: dict[str, tuple[Callable[..., object], str]] = {
    "raises": (failing, "engine 'robot' failed: ZeroDivisionError: a slip of two lines"),
    "ends the program": (ending_the_program, "engine 'robot' failed: SystemExit: 3"),
    "panics": (panicking, "engine 'robot' failed: Panic: index out of range"),
    "None": (returning(None), "engine 'robot' returned None instead of mono audio"),
    "bytes": (returning(b"RIFF"), "engine 'robot' returned b'RIFF'"),
    "floats": (returning(Audio(SOUND.astype(np.float32), 24000)), "samples of float32"),
    "not numbers": (returning(Audio(SOUND * np.nan, 24000)), "samples of float64"),  # type: ignore[arg-type]
    "stereo": (returning(Audio(np.stack([SOUND, SOUND], 1), 24000)), r"in the shape \(48000, 2\)"),
    "a list": (returning(Audio([1, 2], 24000)), "samples of no dtype"),  # type: ignore[arg-type]
    "no rate": (returning(Audio(SOUND, 0)), "a sample rate of 0"),
    "a rate in words": (returning(Audio(SOUND, "24000")), "a sample rate of '24000'"),  # type: ignore[arg-type]
    "nothing": (returning(Audio(SOUND[:0], 24000)), "the audio is silent"),
}


def build_with_text(site: Site, engine: str = "robot") -> None:
    site.write(PAGE)
    site.build(engine=engine)
    assert "This sentence is spoken by a robot." in site.html("index.html")
    assert site.clips("index.html") == []


def expect_a_warning_in_commands(site: Site, words: str, engine: str = "robot") -> None:
    for command, code in (("plan", 0), ("check", 1)):
        ended = run(site, command, engine=engine)
        assert ended.exit_code == code
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", FACTORIES)
def test_an_engine_that_cannot_be_made(
    site: Site,
    install: Callable[[object], None],
    expect_warning: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    factory, words = FACTORIES[name]
    install(factory)
    caplog.set_level(logging.DEBUG)
    expect_warning(f"1 sentence missing: engine 'robot' cannot be used: .*{words}")
    build_with_text(site)
    expect_a_warning_in_commands(site, words)


def test_an_engine_that_cannot_be_loaded(
    site: Site, install: Callable[[object], None], expect_warning: Callable[[str], None]
) -> None:
    install(Robot)
    expect_warning("engine 'lost' cannot be used: it could not be created: ModuleNotFoundError: .*tests.nowhere")
    build_with_text(site, "lost")
    expect_a_warning_in_commands(site, "tests.nowhere", "lost")


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_that_fails(
    site: Site, install: Callable[[object], None], expect_warning: Callable[[str], None], name: str
) -> None:
    members, words = MEMBERS[name]
    install(robot_with(**members))
    expect_warning(f"1 sentence missing: engine 'robot' cannot be used: its {words}")
    build_with_text(site)
    if "reason" not in name:
        expect_a_warning_in_commands(site, words)


@pytest.mark.parametrize("name", SYNTHESES)
def test_a_synthesis_that_fails(
    site: Site, install: Callable[[object], None], expect_warning: Callable[[str], None], name: str
) -> None:
    synthesize, words = SYNTHESES[name]
    install(robot_with(synthesize=synthesize))
    expect_warning(f"1 sentence missing: .*{words}.*; an earlier try had the same defect")
    build_with_text(site)


KEY = "sk_LEAKME_7f3a"


def raising(error: BaseException) -> Callable[..., Any]:
    """What raises an error whose cause says more than it should."""

    def fail(*_: object) -> Any:
        raise error from ValueError(f"Authorization: Bearer {KEY}")

    return fail


TELLTALES: dict[str, Callable[[EngineOptions], object]] = {
    "a factory": raising(RuntimeError(KEY)),
    "a factory, on purpose": raising(SettingError("api_key", f"{KEY} is refused")),
    "a synthesis": robot_with(synthesize=raising(RuntimeError(KEY))),
    "a synthesis, on purpose": robot_with(synthesize=raising(TransientError(f"{KEY} is refused", KEY))),
    "a cause alone": robot_with(synthesize=raising(TransientError("refused"))),
    "audio": robot_with(synthesize=returning(KEY)),
    "a list of voices": robot_with(voices=raising(RuntimeError(KEY))),
    "a list of voices, on purpose": robot_with(voices=raising(TransientError(KEY))),
    "a member that fails": robot_with(normalize_voice=raising(RuntimeError(KEY))),
    "a member of a wrong type": robot_with(price_per_character=returning(KEY)),
    "a reason": robot_with(unavailable_reason=f"{KEY} is refused"),
    "a warning": robot_with(voice_warning=returning(f"{KEY} expires")),
}


@pytest.mark.parametrize("name", TELLTALES)
def test_no_engine_shows_the_key_that_it_was_given(
    install: Callable[[object], None], caplog: pytest.LogCaptureFixture, name: str
) -> None:
    install(TELLTALES[name])
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    calls: tuple[Callable[[Engine], object], ...] = (
        lambda engine: engine.synthesize("Hello.", VOICE),
        lambda engine: engine.voices("robot"),
        lambda engine: engine.normalize_voice(VOICE),
        lambda engine: engine.price_per_character(VOICE),
        lambda engine: engine.voice_warning(VOICE),
    )
    for call in calls:
        try:
            engine = make_engine("robot", EngineOptions(f"{KEY}\n"))
            said.append(f"{call(engine)} {engine.unavailable_reason}")
        except LightningError as error:
            said.append("".join(traceback.format_exception(error)) + str(getattr(error, "request_id", "")))
    shown = "\n".join([*said, caplog.text])
    assert KEY not in shown
    assert "[the key]" in shown or name == "a cause alone"


def test_the_traceback_is_in_the_debug_log(install: Callable[[object], None], caplog: pytest.LogCaptureFixture) -> None:
    install(robot_with(synthesize=failing))
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DefectError):
        make_engine("robot", EngineOptions()).synthesize("Hello.", VOICE)
    assert "Traceback (most recent call last):" in caplog.text


def test_what_an_engine_says_on_purpose_comes_through(install: Callable[[object], None]) -> None:
    def refuse(_options: EngineOptions) -> Engine:
        raise SettingError("voice_id", "no such voice")

    def fail(_self: Engine, text: str, _voice: Voice) -> Audio:
        raise TransientError(text, retry_after="soon")  # type: ignore[arg-type]

    install(refuse)
    with pytest.raises(SettingError):
        make_engine("robot", EngineOptions())
    install(robot_with(synthesize=fail, close=failing))
    engine = make_engine("robot", EngineOptions())
    with pytest.raises(TransientError, match="Hello") as raised:
        engine.synthesize("Hello.", VOICE)
    assert type(raised.value) is TransientError
    assert raised.value.retry_after is None
    engine.close()


@pytest.mark.parametrize("interruption", INTERRUPTIONS)
def test_a_signal_still_ends_the_build(install: Callable[[object], None], interruption: type[BaseException]) -> None:
    def interrupt(*_: object) -> Any:
        raise interruption

    install(robot_with(synthesize=interrupt, normalize_voice=interrupt))
    engine = make_engine("robot", EngineOptions())
    with pytest.raises(interruption):
        engine.synthesize("Hello.", VOICE)
    with pytest.raises(interruption):
        engine.normalize_voice(VOICE)
