"""The service from Python, without MkDocs: one text, or many at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning import (
    BudgetSpentError,
    BusyError,
    EngineStoppedError,
    Lightning,
    Progress,
    RequestExtras,
    SettingError,
    Speech,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)
from mkdocs_lightning.audio.samples import check
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL, STANDARD_MODEL
from tests.support.service import Failure, Fault, Service, every
from tests.support.sites import KEY
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_lightning.engines.lightning_reply import WireFormat
    from tests.support.service import Json


@pytest.fixture
def lightning(service: Service) -> Iterator[Lightning]:
    with Lightning(api_key=KEY, base_url=service.url, sample_rate=8000) as lightning:
        yield lightning


def bodies(service: Service) -> list[Json]:
    return [request.body for request in service.requests if request.body is not None]


class TestOneText:
    def test_it_has_the_default_voice(self, service: Service) -> None:
        text = "Hello, this is a test of synchronous speech."
        with Lightning(api_key=KEY, base_url=service.url) as lightning:
            speech = lightning.synthesize(text)
        check(speech.audio, text=text, sample_rate=24000, speed=1)
        assert (speech.text, speech.index, speech.error, speech.is_cached) == (text, 0, None, False)
        (body,) = bodies(service)
        assert (body["model"], body["voice_id"]) == ("lightning_v3.1_pro", "kaitlyn")

    @pytest.mark.parametrize("wire_format", ["wav", "pcm", "mp3", "ulaw", "alaw"])
    def test_its_voice_is_named_by_settings_and_the_model_follows(
        self, service: Service, wire_format: WireFormat, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("lightning_v3.1 of voice_id .* (will reportedly be|was reportedly) retired")
        extras = RequestExtras(session_id="s-1")
        with Lightning(api_key=KEY, base_url=service.url, wire_format=wire_format, extras=extras) as lightning:
            speech = lightning.synthesize(
                "Buenos días a todas.", voice_id="olivia", language="es", speed=1.5, sample_rate=16000
            )
        assert speech.audio.sample_rate == 16000
        assert (speech.voice.voice_id, speech.voice.model) == ("olivia", STANDARD_MODEL)
        (body,) = bodies(service)
        assert (body["voice_id"], body["model"], body["language"], body["speed"]) == (
            "olivia",
            STANDARD_MODEL,
            "es",
            1.5,
        )
        assert (body["output_format"], body["session_id"]) == (wire_format, "s-1")

    def test_settings_of_a_call_win_over_those_of_the_client(self, service: Service) -> None:
        with Lightning(api_key=KEY, base_url=service.url, voice_id="sophie", speed=1.2, sample_rate=8000) as lightning:
            lightning.synthesize("One.")
            lightning.synthesize("Two.", speed=0.9)
            lightning.synthesize("Three.", voice_id="hanna", language="de", speed=None)
        seen = [(body["voice_id"], body["language"], body["speed"]) for body in bodies(service)]
        assert seen == [("sophie", "en", 1.2), ("sophie", "en", 0.9), ("hanna", "de", 1.2)]

    def test_it_is_sent_as_one_whatever_it_holds_and_spoken_as_on_a_site(
        self, service: Service, lightning: Lightning
    ) -> None:
        speech = lightning.synthesize("  Two sentences\n are here. \U0001f389 Both are sent. ")
        assert service.spoken == ["Two sentences are here. Both are sent."]
        assert speech.text == "  Two sentences\n are here. \U0001f389 Both are sent. "

    def test_what_it_fails_of_is_raised(
        self, service: Service, lightning: Lightning, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("'nobody' is not a voice that this version knows")
        with pytest.raises(VoiceRefusedError, match="Invalid Voice ID"):
            lightning.synthesize("Hello.", model=PRO_MODEL, voice_id="nobody")
        service.faults = every(1, Failure(503))
        with (
            Lightning(api_key=KEY, base_url=service.url, retries=0) as impatient,
            pytest.raises(TransientError, match="answered 503"),
        ):
            impatient.synthesize("Hello.")
        with (
            Lightning(api_key="sk_wrong", base_url=service.url) as stranger,
            pytest.raises(EngineStoppedError, match="API key"),
        ):
            stranger.synthesize("Hello.")

    @pytest.mark.parametrize("text", ["", " \n", "...", "\U0001f389", "x" * 8001, "half \ud83d"])
    def test_what_cannot_be_spoken_is_not_sent(self, service: Service, lightning: Lightning, text: str) -> None:
        with pytest.raises(TextRefusedError, match=r"nothing to speak|1 to 8,000 characters|half of a character"):
            lightning.synthesize(text)
        assert service.requests == []

    def test_a_failure_in_passing_is_not_seen(self, service: Service, lightning: Lightning) -> None:
        service.faults = lambda number, _body: Fault.TRUNCATED_WAV if number == 1 else None
        assert lightning.synthesize("Hello.").duration > 0
        assert len(service.requests) == 2


class TestManyTexts:
    def test_they_come_in_their_order(self, service: Service, lightning: Lightning) -> None:
        texts = [f"This is sentence {number}." for number in range(30)]
        service.faults = lambda _number, _body: wait_until(lambda: service.peak > 1, "there are two at one time")
        spoken = list(lightning.synthesize_all(iter(texts)))
        assert [each.text for each in spoken] == texts
        assert [each.index for each in spoken] == list(range(30))
        assert all(each.duration and each.error is None for each in spoken)
        assert service.peak > 1

    def test_one_request_at_a_time_is_the_synchronous_mode(self, service: Service) -> None:
        with Lightning(api_key=KEY, base_url=service.url, concurrency=1, sample_rate=8000) as lightning:
            assert len(list(lightning.synthesize_all([f"Sentence {number}." for number in range(5)]))) == 5
        assert service.peak == 1

    def test_a_text_that_a_list_has_twice_is_sent_once(self, service: Service, lightning: Lightning) -> None:
        texts = ["One two.", *(f"Number {number}." for number in range(200)), "One  two.", "One two."]
        spoken = list(lightning.synthesize_all(texts))
        assert [each.text for each in spoken] == texts
        assert spoken[0].audio is spoken[-1].audio is spoken[-2].audio
        assert service.spoken.count("One two.") == 1

    def test_a_text_that_fails_is_not_tried_again_where_a_list_repeats_it(self, service: Service) -> None:
        service.faults = lambda _number, body: Failure(500) if "broken" in str(body["text"]) else None
        texts = ["A broken one.", *(f"Number {number}." for number in range(100)), "A broken one."]
        with Lightning(api_key=KEY, base_url=service.url, retries=0, sample_rate=8000) as lightning:
            spoken = list(lightning.synthesize_all(texts))
        assert spoken[0].error is spoken[-1].error is not None
        assert len(service.requests) == 101

    def test_each_has_its_own_error_and_the_others_are_not_lost(self, service: Service) -> None:
        service.content_filter_words = {"bad"}
        service.faults = lambda _number, body: Failure(500) if "broken" in str(body["text"]) else None
        extras = RequestExtras(content_filter="reject")
        texts = ["Good one.", "A bad one.", "", "A broken one.", "Another good one."]
        with Lightning(api_key=KEY, base_url=service.url, retries=0, extras=extras, sample_rate=8000) as lightning:
            spoken = list(lightning.synthesize_all(texts))
        kinds = [type(each.error) for each in spoken]
        assert kinds == [type(None), TextRefusedError, TextRefusedError, TransientError, type(None)]
        with pytest.raises(TransientError, match="500"):
            _ = spoken[3].audio

    def test_there_may_be_none(self, service: Service, lightning: Lightning) -> None:
        assert list(lightning.synthesize_all([])) == []
        assert service.requests == []

    def test_they_come_as_they_are_done(self, service: Service) -> None:
        others_are_done = threading.Event()

        def hold_the_first(_number: int, body: Json) -> None:
            if "first" in str(body["text"]):
                others_are_done.wait(60)

        service.faults = hold_the_first
        order = []
        texts = ["The first.", "The second.", "The third."]
        with Lightning(api_key=KEY, base_url=service.url, concurrency=2, sample_rate=8000) as lightning:
            for each in lightning.synthesize_all(texts, as_completed=True):
                order.append(each.index)
                if len(order) == 2:
                    others_are_done.set()
        assert sorted(order) == [0, 1, 2]
        assert order[-1] == 0

    def test_a_wrong_key_ends_all_and_each_says_so(self, service: Service) -> None:
        with Lightning(api_key="sk_wrong", base_url=service.url, concurrency=1) as stranger:
            spoken = list(stranger.synthesize_all(f"Sentence {number}." for number in range(100)))
        assert len(spoken) == 100
        assert all(isinstance(each.error, EngineStoppedError) for each in spoken)
        assert len(service.requests) == 1


class TestReading:
    """Texts of a generator: how many are read, and when."""

    def test_only_a_few_are_read_ahead(self, service: Service) -> None:
        read = []

        def endless() -> Iterator[str]:
            number = 0
            while True:
                read.append(number)
                yield f"Sentence {number}."
                number += 1

        with Lightning(api_key=KEY, base_url=service.url, concurrency=2, sample_rate=8000) as lightning:
            spoken = lightning.synthesize_all(endless())
            assert read == []
            for number in range(10):
                assert next(spoken).index == number
                assert len(read) <= number + 1 + 4
            spoken.close()
        assert len(service.requests) <= 14

    def test_a_speech_is_handed_out_before_the_next_text_is_read(self, service: Service) -> None:
        seen: list[Speech] = []

        def after_the_first() -> Iterator[str]:
            yield "The first."
            wait_until(lambda: service.spoken, "the first is answered")
            yield "The second."
            deadline = time.monotonic() + 60
            while not seen and time.monotonic() < deadline:
                yield f"Another one, {time.monotonic()}."
            assert seen

        with Lightning(api_key=KEY, base_url=service.url, concurrency=8, sample_rate=8000) as lightning:
            for speech in lightning.synthesize_all(after_the_first()):
                seen.append(speech)
                assert not speech.error

    @pytest.mark.parametrize("item", [ValueError("no more lines"), 7, None])
    def test_what_was_read_is_handed_out_before_the_source_fails(self, lightning: Lightning, item: object) -> None:
        def failing() -> Iterator[str]:
            yield "The first."
            yield "The second."
            if isinstance(item, Exception):
                raise item
            yield item  # type: ignore[misc]
            raise AssertionError("nothing is read after a failure")

        seen: list[Speech] = []
        speeches = lightning.synthesize_all(failing())
        seen += [next(speeches), next(speeches)]
        assert [speech.text for speech in seen] == ["The first.", "The second."]
        assert all(speech.duration for speech in seen)
        with pytest.raises((ValueError, TypeError), match=r"no more lines|texts\[2\] is not a str"):
            next(speeches)

    def test_leaving_early_asks_for_nothing_more(self, service: Service) -> None:
        is_left = threading.Event()

        def answer_the_first(number: int, _body: Json) -> None:
            if number > 1:
                is_left.wait(60)

        service.faults = answer_the_first
        with Lightning(api_key=KEY, base_url=service.url, concurrency=1, sample_rate=8000) as lightning:
            for _ in lightning.synthesize_all([f"Sentence {number}." for number in range(500)]):
                break
            is_left.set()
            assert lightning.synthesize("The last one.").duration > 0
        assert len(service.requests) <= 3


class TestProgress:
    def test_it_is_told_after_each_text_in_the_callers_thread(self, service: Service) -> None:
        told: list[Progress] = []
        threads = set()

        def tell(progress: Progress) -> None:
            told.append(progress)
            threads.add(threading.current_thread())

        texts = ["One two.", "", "Three.", "One two."]
        with Lightning(api_key=KEY, base_url=service.url, sample_rate=8000) as lightning:
            list(lightning.synthesize_all(texts, progress=tell))
        assert [each.done for each in told] == [1, 2, 3, 4]
        assert {each.total for each in told} == {4}
        assert told[-1] == Progress(done=4, total=4, cached=0, failed=1, characters=len("One two.Three."))
        assert threads == {threading.current_thread()}

    def test_a_generator_has_no_total(self, lightning: Lightning) -> None:
        told: list[Progress] = []
        list(lightning.synthesize_all(iter(["One.", "Two."]), progress=told.append))
        assert [(each.done, each.total) for each in told] == [(1, None), (2, None)]

    def test_its_exception_ends_the_call(self, service: Service) -> None:
        def fail(_progress: Progress) -> None:
            raise ZeroDivisionError

        with Lightning(api_key=KEY, base_url=service.url, concurrency=1, sample_rate=8000) as lightning:
            with pytest.raises(ZeroDivisionError):
                list(lightning.synthesize_all([f"Sentence {number}." for number in range(100)], progress=fail))
            assert lightning.synthesize("Afterwards.").duration
        assert len(service.requests) < 10


class TestBudget:
    def test_no_call_sends_more_than_all_calls_may(self, service: Service) -> None:
        with Lightning(
            api_key=KEY, base_url=service.url, max_characters=25, concurrency=1, sample_rate=8000
        ) as lightning:
            lightning.synthesize("Twenty characters ok")
            assert lightning.characters == 20
            spoken = list(lightning.synthesize_all(["Six...", "Four", "More"]))
            assert [type(each.error) for each in spoken] == [BudgetSpentError, type(None), BudgetSpentError]
            with pytest.raises(BudgetSpentError, match="max_characters, 25"):
                lightning.synthesize("Six...")
            assert lightning.characters == 24
        assert service.spoken == ["Twenty characters ok", "Four"]

    def test_tries_count(self, service: Service) -> None:
        service.faults = every(1, Fault.SILENCE)
        with (
            Lightning(api_key=KEY, base_url=service.url, max_characters=10, sample_rate=8000) as lightning,
            pytest.raises(BudgetSpentError, match="silent"),
        ):
            lightning.synthesize("Six...")
        assert len(service.requests) == 1


class TestSharing:
    def test_what_was_found_of_the_account_lasts(self, service: Service, lightning: Lightning) -> None:
        service.limit = 1
        service.faults = lambda _number, _body: wait_until(lambda: service.offered > 1, "one is refused")
        list(lightning.synthesize_all([f"Sentence {number}." for number in range(10)]))
        service.clear()
        service.faults = None
        list(lightning.synthesize_all([f"Sentence {number}." for number in range(10)]))
        assert {request.status for request in service.requests} == {200}

    def test_threads_may_share_one(self, service: Service) -> None:
        service.faults = lambda _number, _body: wait_until(lambda: service.peak > 1, "there are two at one time")
        done: list[Speech] = []
        with Lightning(api_key=KEY, base_url=service.url, concurrency=2, sample_rate=8000) as lightning:

            def synthesize(name: int) -> None:
                done.extend(lightning.synthesize_all([f"Sentence {number} of {name}." for number in range(5)]))

            threads = [threading.Thread(target=synthesize, args=(name,)) for name in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len([each for each in done if each.duration]) == 15
        assert service.peak == 2


class TestKey:
    def test_it_is_that_of_the_environment(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SMALLEST_API_KEY", f"{KEY}\n")
        with Lightning(base_url=service.url) as lightning:
            lightning.synthesize("Hello.")
        with Lightning(api_key="sk_other", base_url=service.url) as other, pytest.raises(EngineStoppedError):
            other.synthesize("Hello.")

    def test_there_is_none_at_all(self) -> None:
        with Lightning() as lightning, pytest.raises(EngineStoppedError, match="SMALLEST_API_KEY"):
            lightning.synthesize("Hello.")

    def test_nothing_shows_it(self) -> None:
        assert "sk_secret" not in repr(Lightning(api_key="sk_secret"))


class TestClosing:
    def test_a_closed_client_says_so(self, service: Service) -> None:
        lightning = Lightning(api_key=KEY, base_url=service.url)
        lightning.close()
        lightning.close()
        for use in (
            lambda: lightning.synthesize("Hello."),
            lambda: lightning.synthesize_all(["Hello."]),
            lightning.voices,
        ):
            with pytest.raises(RuntimeError, match="this client is closed"):
                use()
        assert service.requests == []

    def test_a_call_that_was_begun_before_sends_nothing_after(self, service: Service) -> None:
        lightning = Lightning(api_key=KEY, base_url=service.url, concurrency=1, sample_rate=8000)
        spoken = lightning.synthesize_all([f"Sentence {number}." for number in range(50)])
        assert next(spoken).duration
        lightning.close()
        sent = len(service.requests)
        with pytest.raises(RuntimeError, match="this client is closed"):
            list(spoken)
        assert len(service.requests) <= sent + 1


def test_voices_of_all_models_or_of_one(lightning: Lightning) -> None:
    assert {voice.model for voice in lightning.voices(STANDARD_MODEL)} == {STANDARD_MODEL}
    assert {voice.model for voice in lightning.voices()} == {STANDARD_MODEL, PRO_MODEL}


@pytest.mark.parametrize(("fault", "told"), [(Failure(503), 1), (Failure(429), 0), (Fault.SILENCE, 0)], ids=str)
def test_a_failure_that_is_tried_again_is_told_once_a_call(
    service: Service, caplog: pytest.LogCaptureFixture, fault: Failure | Fault, told: int
) -> None:
    caplog.set_level("INFO", logger="mkdocs_lightning")
    faults: list[Failure | Fault | None] = []
    service.faults = lambda number, _body: faults[number - 1] if number <= len(faults) else None
    with Lightning(api_key=KEY, base_url=service.url, sample_rate=8000, concurrency=4, patience=60) as lightning:
        for _ in range(2):
            faults += [None] * (len(service.requests) - len(faults)) + [fault] * 2
            list(lightning.synthesize_all(f"This is the text with the number {number}." for number in range(6)))
    lines = [record.getMessage() for record in caplog.records if "Trying again" in record.getMessage()]
    assert len(lines) == 2 * told
    assert all(line.startswith("the service answered 503") for line in lines)
    assert all(line.endswith(". Trying again: retries is 5, and patience is 60 s") for line in lines)


def test_a_busy_service_is_not_waited_for_longer_than_patience_lasts(service: Service) -> None:
    service.faults = every(1, Failure(429))
    with Lightning(api_key=KEY, base_url=service.url, patience=0.5) as lightning:
        began = time.monotonic()
        with pytest.raises(EngineStoppedError, match="answered 429"):
            lightning.synthesize("Hello.")
        assert time.monotonic() - began < 20
        service.faults = None
        assert lightning.synthesize("Hello.").duration > 0


@pytest.mark.parametrize(("patience", "reason"), [(0.5, "for 0.5 s, so nothing"), (0, "[.] patience is 0, so nothing")])
def test_the_end_of_patience_is_told_as_it_is(service: Service, patience: float, reason: str) -> None:
    service.faults = every(1, Failure(429))
    with Lightning(api_key=KEY, base_url=service.url, patience=patience) as lightning:
        with pytest.raises(EngineStoppedError, match=reason) as raised:
            lightning.synthesize("Hello.")
        assert isinstance(raised.value.__cause__, BusyError)


@pytest.mark.parametrize("option", ["as_completed", "progress"])
def test_what_only_several_texts_have_is_told(lightning: Lightning, option: str) -> None:
    synthesize: Callable[..., Speech] = lightning.synthesize
    with pytest.raises(SettingError, match=f"^'{option}' belongs to synthesize_all"):
        synthesize("Hello.", **{option: True})


FORKED = """
import os, sys
from mkdocs_lightning import Lightning, LightningEngine
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

engine, client = LightningEngine("sk_test_key", sys.argv[1]), Lightning(api_key="sk_test_key", base_url=sys.argv[1])
voice = resolve_voice(VoiceSettings())
engine.synthesize("The parent's.", voice)
if child := os.fork():
    os.waitpid(child, 0)
else:
    engine.synthesize("The child's.", voice)
    try:
        client.synthesize("The child's, too.")
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_does_not_take_the_replies_of_the_other(service: Service) -> None:
    ended = subprocess.run([sys.executable, "-c", FORKED, service.url], capture_output=True, text=True, check=True)
    assert service.spoken == ["The parent's.", "The child's."]
    assert service.connections == 2
    assert "created in another process; create one in each process" in ended.stdout
