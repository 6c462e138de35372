"""The service from Python, without MkDocs: one text, or many at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning import (
    EngineStoppedError,
    Lightning,
    RequestExtras,
    SettingError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)
from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.reading.voice import PRO_MODEL, STANDARD_MODEL, Voice, VoiceSettings, resolve_voice
from tests.support.service import Failure, Fault, Service, every
from tests.support.sites import KEY
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.engines.lightning_reply import WireFormat
    from tests.support.service import Json

VOICE = resolve_voice(VoiceSettings(sample_rate=8000))


@pytest.fixture
def lightning(service: Service) -> Iterator[Lightning]:
    with Lightning(KEY, base_url=service.url) as lightning:
        yield lightning


def test_one_text_in_the_default_voice(service: Service, lightning: Lightning) -> None:
    text = "Hello, this is a test of synchronous speech."
    audio = lightning.synthesize(text)
    check(audio, text=text, sample_rate=24000, speed=1)
    (request,) = service.requests
    assert request.body is not None
    assert (request.body["model"], request.body["voice_id"]) == ("lightning_v3.1_pro", "kaitlyn")


@pytest.mark.parametrize("wire_format", ["wav", "pcm", "mp3", "ulaw", "alaw"])
def test_one_text_in_any_voice_and_format(service: Service, wire_format: WireFormat) -> None:
    voice = resolve_voice(VoiceSettings(voice_id="olivia", language="es", speed=1.5, sample_rate=16000))
    extras = RequestExtras(session_id="s-1")
    with Lightning(KEY, base_url=service.url, wire_format=wire_format, extras=extras) as lightning:
        assert lightning.synthesize("Buenos días a todas.", voice).sample_rate == 16000
    body = service.requests[0].body
    assert body is not None
    assert (body["voice_id"], body["language"], body["speed"]) == ("olivia", "es", 1.5)
    assert (body["output_format"], body["session_id"]) == (wire_format, "s-1")


def test_what_one_text_fails_of_is_raised(service: Service, lightning: Lightning) -> None:
    with pytest.raises(VoiceRefusedError, match="Invalid Voice ID"):
        lightning.synthesize("Hello.", Voice(model=PRO_MODEL, voice_id="nobody"))
    with pytest.raises(TextRefusedError, match="1 to 8,000 characters"):
        lightning.synthesize(" ")
    service.faults = every(1, Failure(503))
    with (
        Lightning(KEY, base_url=service.url, retries=0) as impatient,
        pytest.raises(TransientError, match="answered 503"),
    ):
        impatient.synthesize("Hello.")
    with Lightning("sk_wrong", base_url=service.url) as stranger, pytest.raises(EngineStoppedError, match="API key"):
        stranger.synthesize("Hello.")


def test_a_failure_in_passing_is_not_seen(service: Service, lightning: Lightning) -> None:
    service.faults = lambda number, _body: Fault.TRUNCATED_WAV if number == 1 else None
    assert lightning.synthesize("Hello.").duration > 0
    assert len(service.requests) == 2


def test_many_texts_come_in_their_order(service: Service, lightning: Lightning) -> None:
    texts = [f"This is sentence {number}." for number in range(30)]
    service.faults = lambda _number, _body: wait_until(lambda: service.peak > 1, "there are two at one time")
    spoken = lightning.synthesize_all(iter(texts), VOICE)
    assert [each.text for each in spoken] == texts
    assert [each.index for each in spoken] == list(range(30))
    assert all(each.audio and each.error is None for each in spoken)
    assert service.peak > 1


def test_a_text_given_twice_is_sent_once(service: Service, lightning: Lightning) -> None:
    spoken = lightning.synthesize_all(["One two.", "Three four.", "One two.", "One two."], VOICE)
    assert [each.text for each in spoken] == ["One two.", "Three four.", "One two.", "One two."]
    assert spoken[0].audio is spoken[2].audio is spoken[3].audio
    assert sorted(service.spoken) == ["One two.", "Three four."]


def test_each_text_has_its_own_error(service: Service) -> None:
    service.content_filter_words = {"bad"}
    service.faults = lambda _number, body: Failure(500) if "broken" in str(body["text"]) else None
    extras = RequestExtras(content_filter="reject")
    with Lightning(KEY, base_url=service.url, retries=0, extras=extras) as lightning:
        spoken = lightning.synthesize_all(["Good one.", "A bad one.", "", "A broken one.", "Another good one."], VOICE)
    assert [each.audio is not None for each in spoken] == [True, False, False, False, True]
    assert [type(each.error) for each in spoken[1:4]] == [TextRefusedError, TextRefusedError, TransientError]


def test_nothing_to_speak(service: Service, lightning: Lightning) -> None:
    assert lightning.synthesize_all([]) == []
    assert service.requests == []


def test_many_texts_come_as_they_are_done(service: Service) -> None:
    others_are_done = threading.Event()

    def hold_the_first(_number: int, body: Json) -> None:
        if "first" in str(body["text"]):
            others_are_done.wait(60)

    service.faults = hold_the_first
    order = []
    with Lightning(KEY, base_url=service.url, concurrency=2) as lightning:
        for each in lightning.synthesize_as_completed(["The first.", "The second.", "The third."], VOICE):
            order.append(each.index)
            if len(order) == 2:
                others_are_done.set()
    assert order == [1, 2, 0]


def test_leaving_early_asks_for_nothing_more(service: Service) -> None:
    is_left = threading.Event()

    def answer_the_first(number: int, _body: Json) -> None:
        if number > 1:
            is_left.wait(60)

    service.faults = answer_the_first
    with Lightning(KEY, base_url=service.url, concurrency=1) as lightning:
        some = lightning.synthesize_as_completed([f"Sentence {number}." for number in range(500)], VOICE)
        next(some)
        some.close()
        is_left.set()
        assert lightning.synthesize("The last one.", VOICE).duration > 0
    assert len(service.requests) <= 3


def test_what_was_found_of_the_account_lasts(service: Service, lightning: Lightning) -> None:
    service.limit = 1
    service.faults = lambda _number, _body: wait_until(lambda: service.offered > 1, "one is refused")
    lightning.synthesize_all([f"Sentence {number}." for number in range(10)], VOICE)
    service.clear()
    service.faults = None
    lightning.synthesize_all([f"Sentence {number}." for number in range(10)], VOICE)
    assert {request.status for request in service.requests} == {200}


def test_threads_may_share_one(service: Service) -> None:
    service.faults = lambda _number, _body: wait_until(lambda: service.peak > 1, "there are two at one time")
    done = []
    with Lightning(KEY, base_url=service.url, concurrency=2) as lightning:

        def synthesize(name: int) -> None:
            done.extend(lightning.synthesize_all([f"Sentence {number} of {name}." for number in range(5)], VOICE))

        threads = [threading.Thread(target=synthesize, args=(name,)) for name in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len([each for each in done if each.audio]) == 15
    assert service.peak == 2


def test_the_key_of_the_environment(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", f"{KEY}\n")
    with Lightning(base_url=service.url) as lightning:
        lightning.synthesize("Hello.")
    with Lightning("sk_other", base_url=service.url) as other, pytest.raises(EngineStoppedError):
        other.synthesize("Hello.")


def test_no_key_at_all() -> None:
    with Lightning() as lightning, pytest.raises(EngineStoppedError, match="SMALLEST_API_KEY"):
        lightning.synthesize("Hello.")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("base_url", "http://example.org"),
        ("timeout", 0),
        ("concurrency", 0),
        ("retries", -1),
        ("requests_per_minute", 0),
    ],
)
def test_settings_that_cannot_be_used(setting: str, value: object) -> None:
    with pytest.raises(SettingError) as raised:
        Lightning(KEY, **{setting: value})  # type: ignore[arg-type]
    assert raised.value.setting == setting


def test_nothing_shows_the_key() -> None:
    assert "sk_secret" not in repr(Lightning("sk_secret"))


def test_voices(lightning: Lightning) -> None:
    assert {voice.model for voice in lightning.voices(STANDARD_MODEL)} == {STANDARD_MODEL}
