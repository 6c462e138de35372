"""A run ends well whatever befalls the service on the way: all that can be spoken is, once, and nothing bad is kept."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from email.utils import formatdate
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mkdocs_lightning.audio.samples import Audio, check
from mkdocs_lightning.base.errors import SettingError, StoreError
from mkdocs_lightning.engines import (
    BusyError,
    DefectError,
    Engine,
    EngineError,
    EngineStoppedError,
    KeyRefusedError,
    TextRefusedError,
    TransientError,
    VoiceRefusedError,
)
from mkdocs_lightning.engines.lightning import LightningEngine
from mkdocs_lightning.engines.lightning_request import RequestExtras
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL, STANDARD_MODEL
from mkdocs_lightning.reading.settings.voice import Voice, resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from mkdocs_lightning.synthesis import synthesizer as synthesizer_module
from mkdocs_lightning.synthesis import throttle as throttle_module
from mkdocs_lightning.synthesis.policy import GIVE_UP_AFTER, Budget, BudgetSpentError, Policy, Spending
from mkdocs_lightning.synthesis.synthesizer import Synthesizer
from tests.support.service import Failure, Fault, Redirect, Service, Shape, every, first
from tests.support.sites import KEY
from tests.support.waiting import PATIENCE, Clock, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_lightning.synthesis.run import Result
    from tests.support.service import AnyFault, Json

VOICE = resolve_voice(VoiceSettings(sample_rate=8000))


def segments(number: int, voice: Voice = VOICE) -> list[Segment]:
    return [Segment("lightning", voice, f"This is sentence number {index} of some.") for index in range(number)]


class Store:
    """Keeps what arrives, and checks each as it comes."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def store(self, segment: Segment, audio: Audio) -> None:
        check(audio, text=segment.text, sample_rate=segment.voice.sample_rate, speed=segment.voice.speed)
        self.kept.append(segment.text)


class OwnEngine(Engine):
    """An engine that speaks a tone; `ask`, which may wait or raise, sees each text before."""

    name = "lightning"

    def __init__(self, ask: Callable[[str], None] = lambda _text: None) -> None:
        self.asked: list[str] = []
        self._ask = ask

    def synthesize(self, text: str, voice: Voice) -> Audio:
        self.asked.append(text)
        self._ask(text)
        return Audio(np.full(voice.sample_rate * 2, 1000, np.int16), voice.sample_rate)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again at once: with many failures, the waits would add up."""
    monkeypatch.setattr(synthesizer_module, "FIRST_WAIT", 0.01)


@pytest.fixture(autouse=True)
def _all_threads_end() -> Iterator[None]:
    yield
    end_workers()


def end_workers() -> None:
    for thread in threading.enumerate():
        if thread.name == "lightning":
            thread.join(30)
            assert not thread.is_alive()


@contextlib.contextmanager
def speaking(
    service: Service, policy: Policy | None = None, key: str = KEY, timeout: float = 60
) -> Iterator[Synthesizer]:
    engine = LightningEngine(key, service.url, timeout)
    yield Synthesizer(engine, policy or Policy())
    engine.close()


def gather(service: Service, wanted: Callable[[], int]) -> None:
    """Have the service answer nobody before so many were asked for at one time, however slow this machine is."""

    def stay(_number: int, _body: Json) -> None:
        wait_until(lambda: service.offered >= wanted(), f"{wanted()} are asked for at one time")

    service.faults = stay


def assert_set(event: threading.Event) -> None:
    assert event.wait(PATIENCE)


def errors_of(results: Sequence[Result]) -> Counter[str]:
    return Counter(str(result.error) for result in results if result.error)


# Faults -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("concurrency", [None, 1])
@pytest.mark.parametrize(
    "fault",
    [
        *(fault for fault in Fault if fault is not Fault.SLOW),
        *(Failure(status) for status in (408, 429, 500, 502, 503, 529)),
        Failure(502, shape=Shape.E),
        "redirect",
    ],
    ids=str,
)
def test_every_fifth_request_goes_wrong(service: Service, fault: AnyFault | str, concurrency: int | None) -> None:
    timeout = 1.5 if fault is Fault.HANG else 60  # others end by themselves; and what is well may take its time
    wrong: set[object] = set()  # texts: the same defect twice would be no accident
    most = 16 if concurrency else 2  # of several at once, three could arrive in a row, which ends a run
    with Service() as other, speaking(service, Policy(concurrency), timeout=timeout) as synthesizer:
        redirect = Redirect(other.url + "/waves/v1/tts")

        def go_wrong(number: int, body: Json) -> AnyFault | None:
            if number % 5 or body["text"] in wrong or len(wrong) == most:
                return None
            wrong.add(body["text"])
            return redirect if isinstance(fault, str) else fault

        service.faults = go_wrong
        wanted, store = segments(16), Store()

        results = list(synthesizer.run(wanted, store.store))

        assert other.requests == []
    assert errors_of(results) == {}
    assert sorted(result.segment.text for result in results) == sorted(segment.text for segment in wanted)
    assert sorted(store.kept) == sorted(segment.text for segment in wanted)
    assert max(Counter(service.spoken).values()) == 1  # what arrived whole was not asked for again
    assert len(wrong) >= 2
    assert len(service.requests) == 16 + len(wrong)


@pytest.mark.usefixtures("hasty")
def test_tries_run_out(service: Service) -> None:
    service.faults = lambda _number, body: Fault.SILENCE if "number 3" in str(body["text"]) else None
    store = Store()
    with speaking(service, Policy(retries=2)) as synthesizer:
        results = list(synthesizer.run(segments(10), store.store))
    (words,) = errors_of(results)
    assert words.startswith("the audio was rejected: the audio is silent")
    assert words.endswith("; an earlier try had the same defect")
    assert len(store.kept) == 9
    assert len(service.requests) == 11


DEFECTS = (
    Fault.SILENCE,
    Fault.TOO_SHORT,
    Fault.WRONG_RATE,
    Fault.STEREO,
    Fault.TRUNCATED_WAV,
    Fault.TRUNCATED_CLOSE,
    Fault.ENDLESS,
)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", DEFECTS)
def test_a_defect_of_one_sentence_ends_its_tries(service: Service, fault: Fault) -> None:
    """And what was paid for in vain is counted."""
    service.faults = lambda _number, body: fault if "number 3" in str(body["text"]) else None
    with speaking(service, Policy(retries=5)) as synthesizer:
        errors = errors_of(list(synthesizer.run(segments(10))))
    assert errors.total() == 1
    assert next(iter(errors)).endswith("an earlier try had the same defect")
    assert len(service.requests) == 11
    length = len(segments(1)[0].text)
    assert (synthesizer.spending.answered, synthesizer.spending.refused) == (11 * length, 2 * length)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("second", [Fault.TRUNCATED_LENGTH, Fault.SILENCE])
def test_a_sentence_is_paid_for_in_vain_twice_at_most(service: Service, second: Fault) -> None:
    """Also if its audio is lost on the way, or has another defect each time; what costs nothing does not count."""
    faults: dict[int, AnyFault] = {1: Fault.TRUNCATED_LENGTH, 2: Failure(503), 3: second}
    service.faults = lambda number, _body: faults.get(number)
    (wanted,) = segments(1)
    with speaking(service, Policy(retries=5)) as synthesizer:
        (result,) = synthesizer.run([wanted])
    assert str(result.error).endswith("; an earlier reply could not be used either")
    assert len(service.requests) == 3
    assert synthesizer.spending.refused == 2 * len(wanted.text)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("fault", DEFECTS)
def test_a_defect_of_several_sentences_ends_the_run(service: Service, fault: Fault, concurrency: int) -> None:
    service.faults = every(1, fault)
    with speaking(service, Policy(concurrency)) as synthesizer:
        results = list(synthesizer.run(segments(100)))
    assert {type(result.error) for result in results} <= {EngineStoppedError, DefectError}
    assert any("3 sentences in a row had this defect" in str(result.error) for result in results)
    assert len(service.requests) <= 2 * GIVE_UP_AFTER + concurrency
    spending = synthesizer.spending
    assert spending.answered == spending.refused > 0


@pytest.mark.usefixtures("hasty")
def test_defects_among_good_audio_end_no_run(service: Service) -> None:
    """One in four is silent, and each sentence is at last spoken."""
    silent: set[object] = set()

    def be_silent(number: int, body: Json) -> Fault | None:
        if number % 4 or body["text"] in silent:
            return None
        silent.add(body["text"])
        return Fault.SILENCE

    service.faults = be_silent
    with speaking(service, Policy(1)) as synthesizer:
        assert errors_of(list(synthesizer.run(segments(40)))) == {}
    assert len(silent) > GIVE_UP_AFTER


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("fault", "is_answered"),
    [
        *((fault, True) for fault in (*DEFECTS, Fault.TRUNCATED_LENGTH, Fault.GZIP_BOMB)),
        *((fault, False) for fault in (Fault.RESET, Fault.EMPTY, Fault.JSON_200, Failure(503), Failure(429))),
    ],
    ids=str,
)
def test_only_what_was_answered_with_audio_stays_taken(service: Service, fault: AnyFault, *, is_answered: bool) -> None:
    """With a budget for one try, one that was answered is the last, and one that failed is not."""
    (wanted,) = segments(1)
    service.faults = first(1, fault)
    spending = Spending(Budget(len(wanted.text)))
    with speaking(service) as synthesizer:
        (result,) = synthesizer.run([wanted], spending=spending)
    assert len(service.requests) == (1 if is_answered else 2)
    assert (result.audio is None) == is_answered
    if is_answered:
        assert isinstance(result.error, BudgetSpentError)
        assert str(result.error).endswith(f"; another request would exceed max_characters, {len(wanted.text)}")
    assert spending.answered == len(wanted.text)
    assert spending.refused == (len(wanted.text) if is_answered else 0)


@pytest.mark.usefixtures("hasty")
def test_what_was_not_answered_in_time_stays_taken(service: Service) -> None:
    """The service may be at work on it, and charge for it."""
    (wanted,) = segments(1)
    service.faults = every(1, Fault.HANG)
    spending = Spending(Budget(2 * len(wanted.text) + 1))
    with speaking(service, timeout=1.5) as synthesizer:
        (result,) = synthesizer.run([wanted], spending=spending)
    assert isinstance(result.error, BudgetSpentError)
    assert str(result.error).startswith("the service did not answer in time; see timeout; another request would exceed")
    assert len(service.requests) == 2
    assert spending.answered == 0


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("kind", [BusyError, TransientError])
def test_a_spent_budget_is_not_blamed_on_a_try_that_cost_nothing(kind: type[TransientError]) -> None:
    class SharedBudget(Budget):
        """Another run spends what this one gives back."""

        def give_back(self, characters: int) -> None:
            super().give_back(characters)
            self.take(characters)

    def refuse(_text: str) -> None:
        raise kind("not now")

    (wanted,) = segments(1)
    length = len(wanted.text)
    synthesizer = Synthesizer(OwnEngine(refuse), Policy(1), Spending(SharedBudget(length)))
    (result,) = synthesizer.run([wanted])
    assert isinstance(result.error, BudgetSpentError)
    assert str(result.error) == f"another request would exceed max_characters, {length}"


@pytest.mark.parametrize("concurrency", [1, 8])
def test_no_run_takes_more_than_its_budget(service: Service, concurrency: int) -> None:
    wanted = segments(20)
    length = len(wanted[0].text)
    with speaking(service, Policy(concurrency)) as synthesizer:
        results = list(synthesizer.run(wanted[:10] + wanted[10:], spending=Spending(Budget(7 * length + 5))))
    assert sum(result.audio is not None for result in results) == 7
    assert len(service.requests) == 7
    assert errors_of(results).keys() == {f"another request would exceed max_characters, {7 * length + 5}"}


@pytest.mark.parametrize("half", [0xD83D, 0xDE00, 0xDCFF])
def test_half_a_character_is_not_sent(service: Service, half: int) -> None:
    wanted = [Segment("lightning", VOICE, f"This is {chr(half)} nothing to be sent."), *segments(2)]
    with speaking(service) as synthesizer:
        errors = errors_of(list(synthesizer.run(wanted)))
    assert errors == {"the text has an unpaired surrogate (half of a character), which cannot be sent": 1}
    assert len(service.requests) == 2


def test_no_retries(service: Service) -> None:
    service.faults = every(2, Failure(500))
    with speaking(service, Policy(1, retries=0)) as synthesizer:
        results = list(synthesizer.run(segments(6)))
    assert [result.audio is None for result in results] == [False, True] * 3
    assert len(service.requests) == 6


@pytest.mark.parametrize("status", [500, 429])
def test_patience_ends(service: Service, status: int) -> None:
    service.faults = every(1, Failure(status))
    with speaking(service, Policy(1, patience=0)) as synthesizer:
        (result,) = synthesizer.run(segments(1))
    assert f"answered {status}" in str(result.error)
    assert len(service.requests) == 1


def test_no_wait_lasts_longer_than_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("FIRST_WAIT", "MAX_WAIT"):
        monkeypatch.setattr(synthesizer_module, wait, 900)
    monkeypatch.setattr("random.uniform", lambda _least, most: most)

    def ask(_text: str) -> None:
        raise TransientError("the connection failed")

    engine = OwnEngine(ask)
    begun = time.monotonic()
    (result,) = Synthesizer(engine, Policy(1, patience=0.5)).run(segments(1))
    assert str(result.error) == "the connection failed"
    assert len(engine.asked) == 2
    assert 0.5 <= time.monotonic() - begun < 60


def test_patience_is_shorter_than_the_wait_that_is_asked_for(service: Service) -> None:
    service.faults = every(1, Failure(503, retry_after="60"))
    with speaking(service, Policy(1, patience=10)) as synthesizer:
        (result,) = synthesizer.run(segments(1))
    assert "; it asks for a wait of 60 s" in str(result.error)
    assert len(service.requests) == 1


def test_patience_begins_with_the_first_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment that waited long for its permit has as many tries as any other."""
    clock = Clock()
    monkeypatch.setattr(synthesizer_module, "time", clock)
    monkeypatch.setattr(synthesizer_module, "FIRST_WAIT", 0)
    slow, other = segments(2)
    is_asked, is_next = threading.Event(), threading.Event()
    failures = iter([TransientError("once")])

    def ask(text: str) -> None:
        if text == slow.text:
            is_asked.set()
            assert is_next.wait(60)
            clock.now += 2 * Policy().patience
        else:
            for error in failures:
                raise error

    synthesizer = Synthesizer(OwnEngine(ask), Policy(1))
    first_run = threading.Thread(target=lambda: list(synthesizer.run([slow])))
    first_run.start()
    assert is_asked.wait(60)
    second_run = synthesizer.start()
    second_run.add([other])  # which waits for the first
    is_next.set()
    (result,) = second_run.results()
    first_run.join()
    assert result.error is None


def test_nothing_is_claimed_that_cannot_be_sent_soon() -> None:
    """Other builds wait for what is claimed, so the spare workers claim nothing."""
    concurrency = 4
    may_answer = threading.Event()
    claimed: set[str] = set()

    @contextlib.contextmanager
    def claim(segment: Segment, _stopped: threading.Event) -> Iterator[None]:
        claimed.add(segment.text)
        yield
        claimed.discard(segment.text)

    engine = OwnEngine(lambda _text: assert_set(may_answer))
    run = Synthesizer(engine, Policy(concurrency)).start(claim=claim)
    run.add(segments(40))
    wait_until(lambda: len(engine.asked) == concurrency, "all permits are used")
    assert sum(thread.name == "lightning" for thread in threading.enumerate()) > concurrency
    assert claimed == set(engine.asked)
    may_answer.set()
    assert not errors_of(list(run.results()))
    assert len(engine.asked) == 40


def test_one_text_is_refused(service: Service) -> None:
    service.content_filter_words = {"7"}
    engine = LightningEngine(KEY, service.url, extras=RequestExtras(content_filter="reject"))
    store = Store()
    results = list(Synthesizer(engine, Policy()).run(segments(20), store.store))
    (failed,) = [result for result in results if result.error]
    assert failed.segment.text == "This is sentence number 7 of some."
    assert type(failed.error) is TextRefusedError
    assert "CONTENT_FILTER_BLOCKED" in str(failed.error)
    assert len(store.kept) == 19
    assert len(service.requests) == 20


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1), (None, 4)])
def test_a_refused_voice_is_not_asked_again(service: Service, concurrency: int | None, most: int) -> None:
    nobody = Voice(model=PRO_MODEL, voice_id="nobody", sample_rate=8000)
    wanted = [segment for pair in zip(segments(30, nobody), segments(30), strict=True) for segment in pair]
    with speaking(service, Policy(concurrency)) as synthesizer:
        results = list(synthesizer.run(wanted))
        (again,) = synthesizer.run([Segment("lightning", nobody, "Another.")])
    assert all(type(result.error) is VoiceRefusedError for result in results if result.segment.voice is nobody)
    assert all(result.audio for result in results if result.segment.voice is VOICE)
    assert len(errors_of(results)) == 1
    assert type(again.error) is VoiceRefusedError
    asked = [request for request in service.requests if request.body and request.body["voice_id"] == "nobody"]
    assert 1 <= len(asked) <= most


def test_a_refused_voice_does_not_use_up_the_pace(service: Service) -> None:
    nobody = Voice(model=PRO_MODEL, voice_id="nobody", sample_rate=8000)
    begun = time.monotonic()
    with speaking(service, Policy(requests_per_minute=30)) as synthesizer:
        assert len(list(synthesizer.run(segments(100, nobody)))) == 100
    assert time.monotonic() - begun < 60  # and not for 200 s


@pytest.mark.parametrize("status", [401, 402, 403, 410])
@pytest.mark.parametrize("concurrency", [1, None])
def test_what_concerns_all_texts_stops_the_run(service: Service, status: int, concurrency: int | None) -> None:
    service.quota_keys = {"sk_poor": status}
    service.retired_models = {STANDARD_MODEL: 410}
    key = {401: "sk_wrong", 410: KEY}.get(status, "sk_poor")
    voice = resolve_voice(VoiceSettings(model=STANDARD_MODEL)) if status == 410 else VOICE
    store = Store()
    with speaking(service, Policy(concurrency), key) as synthesizer:
        results = list(synthesizer.run(segments(50, voice), store.store))
    assert {type(result.error) for result in results} == {KeyRefusedError if status == 401 else EngineStoppedError}
    assert len(errors_of(results)) == 1
    assert len(results) == 50
    assert f"answered {status}" in str(results[0].error)
    assert store.kept == []
    routes = 2 if status == 410 else 1
    assert len(service.requests) <= routes * (concurrency or 4)


def test_what_is_in_flight_when_a_run_stops_is_kept() -> None:
    stopped = threading.Event()

    def ask(text: str) -> None:
        if "number 1 " in text:
            raise EngineStoppedError("no credit")
        assert stopped.wait(60)

    engine, store = OwnEngine(ask), Store()
    results = []
    for result in Synthesizer(engine, Policy(2)).run(segments(10), store.store):
        results.append(result)
        stopped.set()  # the other request is answered after the run has stopped
    assert store.kept == ["This is sentence number 0 of some."]
    assert [result.audio is not None for result in results] == [False, True, *[False] * 8]
    assert errors_of(results) == {"no credit": 9}
    assert len(engine.asked) == 2


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", [Failure(503), Fault.RESET, Fault.EMPTY], ids=str)
def test_a_service_that_is_down_is_given_up(service: Service, fault: AnyFault) -> None:
    service.faults = every(1, fault)
    with speaking(service) as synthesizer:
        results = list(synthesizer.run(segments(300)))
    assert len(results) == 300
    assert errors_of(results).most_common(1)[0][0].startswith("the service seems to be down: ")
    assert len(service.requests) <= (GIVE_UP_AFTER + 3) * 6


def test_a_service_may_be_given_up_at_once(service: Service) -> None:
    service.faults = every(1, Failure(503))
    with speaking(service, Policy(1, retries=0, give_up_after=1)) as synthesizer:
        results = list(synthesizer.run(segments(10)))
    assert type(results[-1].error) is EngineStoppedError
    assert len(service.requests) <= 2


@pytest.mark.usefixtures("hasty")
def test_a_service_that_goes_down_is_given_up(service: Service) -> None:
    service.latency = 0.005
    service.faults = lambda number, _body: Failure(503) if number > 100 else None
    store = Store()
    with speaking(service, Policy(8, retries=2)) as synthesizer:
        results = list(synthesizer.run(segments(300), store.store))
    assert len(store.kept) == 100
    assert len(results) == 300
    assert len(service.requests) < 100 + 3 * 2 * 8


def test_what_cannot_be_kept_stops_the_run(service: Service) -> None:
    def store(segment: Segment, _audio: Audio) -> None:
        if "number 2 " in segment.text:
            raise StoreError("the disk is full")

    with speaking(service, Policy(1)) as synthesizer:
        results = list(synthesizer.run(segments(50), store))
    assert errors_of(results) == {"the disk is full": 48}
    assert len(service.requests) == 3


# The account's limit ------------------------------------------------------------------------------


MANY = 17  # more than any source says that an account takes


@pytest.mark.parametrize("retry_after", [None, "0"])
@pytest.mark.parametrize(("limit", "latency"), [(1, 0.01), (3, 0.02), (10, 0.05), (None, 0.02)])
def test_the_limit_is_found(service: Service, limit: int | None, latency: float, retry_after: str | None) -> None:
    service.limit, service.latency, service.retry_after = limit, latency, retry_after
    store = Store()
    with speaking(service) as synthesizer:
        gather(service, lambda: min(synthesizer.throttle.limit, limit + 1 if limit else MANY))
        results = list(synthesizer.run(segments(200), store.store))
    assert errors_of(results) == {}
    assert len(set(store.kept)) == len(store.kept) == 200
    refused = [request for request in service.requests if request.status == 429]
    assert len(refused) < 0.05 * len(service.requests)
    assert len(service.requests) == 200 + len(refused)
    if limit:
        assert service.peak == limit
        assert synthesizer.throttle.limit in {limit, limit + 1}
    else:
        assert service.peak >= MANY


def test_what_was_found_lasts_for_the_next_run(service: Service) -> None:
    service.limit = 3
    with speaking(service) as synthesizer:
        gather(service, lambda: min(synthesizer.throttle.limit, 4))
        list(synthesizer.run(segments(40)))
        service.clear()
        service.faults = None
        list(synthesizer.run(segments(40)))
    assert [request.status for request in service.requests] == [200] * 40


def test_slow_refusals_find_the_same_limit(service: Service) -> None:
    service.limit, service.latency, service.error_latency = 6, 0.06, 0.03
    with speaking(service) as synthesizer:
        gather(service, lambda: min(synthesizer.throttle.limit, 7))
        results = list(synthesizer.run(segments(150)))
    assert errors_of(results) == {}
    assert synthesizer.throttle.limit in {5, 6, 7}


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_a_number_is_never_exceeded(service: Service, concurrency: int) -> None:
    service.latency = 0.01
    gather(service, lambda: concurrency)
    with speaking(service, Policy(concurrency)) as synthesizer:
        assert errors_of(list(synthesizer.run(segments(40)))) == {}
    assert service.peak == concurrency


def test_a_number_above_the_limit_is_no_failure(service: Service) -> None:
    service.limit, service.latency = 3, 0.02
    gather(service, lambda: 4)
    with speaking(service, Policy(10, retries=0)) as synthesizer:
        assert errors_of(list(synthesizer.run(segments(60)))) == {}
    assert service.peak == 3


@pytest.mark.parametrize("concurrency", [2, 4])
def test_a_slow_store_does_not_keep_the_service_waiting(concurrency: int) -> None:
    """While some workers store, others send; never more at one time than the number says."""
    engine = OwnEngine()

    def store(_segment: Segment, _audio: Audio) -> None:
        wait_until(lambda: len(engine.asked) > concurrency, "another worker sends meanwhile")

    results = list(Synthesizer(engine, Policy(concurrency)).run(segments(3 * concurrency), store))
    assert not errors_of(results)


def test_one_at_a_time_is_in_order_and_keeps_each_before_the_next(service: Service) -> None:
    wanted = segments(20)
    sent_when_kept = []

    def store(_segment: Segment, _audio: Audio) -> None:
        sent_when_kept.append(len(service.requests))

    with speaking(service, Policy(1)) as synthesizer:
        results = list(synthesizer.run(wanted, store))
    assert [result.segment for result in results] == wanted
    assert service.spoken == [segment.text for segment in wanted]
    assert sent_when_kept == list(range(1, 21))
    assert (service.peak, service.connections) == (1, 1)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_an_asked_wait_holds_all_requests(service: Service, status: int, *, as_date: bool) -> None:
    is_refused = threading.Event()
    with speaking(service, Policy(4)) as synthesizer:

        def faults(number: int, _body: Json) -> Failure | None:
            if number in {17, 18, 19}:  # answered when the refusal was heard, so that no other is on its way by then
                wait_until(lambda: is_refused.is_set() and synthesizer.throttle.in_flight < 4, "the refusal is heard")
            if number != 20:
                return None
            is_refused.set()
            return Failure(status, retry_after=formatdate(time.time() + 3, usegmt=True) if as_date else "1")

        service.faults = faults
        assert errors_of(list(synthesizer.run(segments(40)))) == {}
    (refused,) = [request for request in service.requests if request.status == status]
    later = [request.started - refused.ended for request in service.requests if request.started > refused.ended]
    assert len(later) == 21
    assert min(later) > 0.9


@pytest.mark.parametrize("status", [429, 503])
def test_an_absurd_wait_ends_the_run(service: Service, status: int) -> None:
    service.faults = every(1, Failure(status, retry_after="3600"))
    begun = time.monotonic()
    with speaking(service) as synthesizer:
        results = list(synthesizer.run(segments(50)))
    assert time.monotonic() - begun < 60
    assert {type(result.error) for result in results} == {EngineStoppedError}
    assert "; it asks for a wait of 3600 s" in str(results[-1].error)
    assert len(service.requests) <= 2


@pytest.mark.parametrize(
    ("error", "ended"),
    [(TransientError("answered 503"), TransientError), (BusyError("answered 429"), EngineStoppedError)],
)
def test_without_patience_only_a_refusal_ends_the_run(error: TransientError, ended: type[EngineError]) -> None:
    first, *others = segments(3)

    def ask(text: str) -> None:
        if text == first.text:
            raise error

    results = list(Synthesizer(OwnEngine(ask), Policy(1, patience=0)).run([first, *others]))
    failed = {result.segment.text: result.error for result in results if result.error}
    assert type(failed[first.text]) is ended
    assert "for 0 s" not in str(failed[first.text])
    assert (len(failed) == 1) == (ended is TransientError)


@pytest.mark.parametrize("is_named", [False, True])
def test_a_service_that_takes_no_request_is_told_and_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None], *, is_named: bool
) -> None:
    """All segments share one time for it, as each would wait as long; whether or not the service names a wait."""
    clock = refusing_clock(monkeypatch)

    def ask(_text: str) -> None:
        clock.now += 30
        raise BusyError("answered 429", retry_after=0.001 if is_named else None)

    engine = OwnEngine(ask)
    expect_warning(r"answered 429\. Retrying for up to 300 s; see concurrency and requests_per_minute")
    results = list(Synthesizer(engine, Policy(1)).run(segments(5)))
    assert {type(result.error) for result in results} == {EngineStoppedError}
    assert "answered 429. It has accepted no request for 300 s, so nothing more was sent" in str(results[-1].error)
    assert set(engine.asked) == {results[0].segment.text}
    assert len(engine.asked) == 11


def test_a_refusal_after_a_long_silence_is_a_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a server in Python is asked for nothing at night: the service has not refused anything meanwhile."""
    clock = refusing_clock(monkeypatch)
    answers = iter([BusyError("answered 429"), TextRefusedError("no"), BusyError("answered 429")])

    def ask(_text: str) -> None:
        for error in answers:
            raise error

    synthesizer = Synthesizer(OwnEngine(ask), Policy(1))
    (before,) = synthesizer.run(segments(1))
    assert isinstance(before.error, TextRefusedError)
    clock.now += 10 * Policy().patience
    (after,) = synthesizer.run(segments(1))
    assert after.error is None


def test_refusals_between_audio_end_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = refusing_clock(monkeypatch)

    def ask(text: str) -> None:
        clock.now += 4
        if engine.asked.count(text) == 1:
            raise BusyError("answered 429")

    engine = OwnEngine(ask)
    results = list(Synthesizer(engine, Policy(1)).run(segments(100)))
    assert errors_of(results) == {}


@pytest.mark.parametrize("error", [BusyError, TransientError])
def test_a_long_wait_that_the_service_names_is_told_before_it_begins(
    expect_warning: Callable[[str], None], error: type[TransientError]
) -> None:
    refused = threading.Event()

    def ask(_text: str) -> None:
        refused.set()
        raise error("answered so", retry_after=100.0)

    expect_warning(r"answered so\. Retrying")
    run = Synthesizer(OwnEngine(ask), Policy(1)).start()
    run.add(segments(3))
    assert refused.wait(60)
    run.stop()
    end_workers()


@pytest.mark.parametrize("error", [BusyError("answered 429"), TransientError("answered 503", retry_after=0.001)])
def test_the_end_of_a_wait_for_the_service_is_known(monkeypatch: pytest.MonkeyPatch, error: TransientError) -> None:
    """As long as it gives no audio; for the progress."""
    clock = refusing_clock(monkeypatch)
    monkeypatch.setattr("random.uniform", lambda _least, _most: 0.0)
    ends: list[float | None] = []

    def ask(_text: str) -> None:
        ends.append(synthesizer.waits_until())
        clock.now += 2
        if len(ends) in {1, 2}:
            raise error

    begun = clock.now
    synthesizer = Synthesizer(OwnEngine(ask), Policy(1, retries=5, patience=300))
    assert errors_of(list(synthesizer.run(segments(2)))) == {}
    assert ends == [None, begun + 300, begun + 300, None]


def refusing_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The synthesizer's clock, where a refusal that names no wait is tried again at once."""
    clock = Clock()
    monkeypatch.setattr(synthesizer_module, "time", clock)
    monkeypatch.setattr(throttle_module, "FIRST_WAIT", 0.0)
    return clock


@pytest.mark.parametrize("concurrency", [1, None])
def test_requests_per_minute(service: Service, concurrency: int | None) -> None:
    service.requests_per_minute, service.minute = 20, 1.0  # twice the pace: some may be late, and come with others
    begun = time.monotonic()
    with speaking(service, Policy(concurrency, requests_per_minute=600)) as synthesizer:
        assert errors_of(list(synthesizer.run(segments(25)))) == {}
    assert {request.status for request in service.requests} == {200}
    assert max(request.started for request in service.requests) - begun >= 24 * 60 / 600


def test_too_fast_for_the_services_minute(service: Service) -> None:
    """Nothing tells that it is the pace, and not the number; all is spoken all the same."""
    service.requests_per_minute, service.minute = 10, 1.0
    with speaking(service) as synthesizer:
        assert errors_of(list(synthesizer.run(segments(25)))) == {}


@pytest.mark.parametrize(
    ("policy", "setting"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"retries": -1}, "retries"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
    ],
)
def test_an_impossible_policy_is_refused(policy: dict[str, int], setting: str) -> None:
    with pytest.raises(SettingError) as raised:
        Policy(**policy)
    assert raised.value.setting == setting


# Endings ------------------------------------------------------------------------------------------


def test_nothing_to_do() -> None:
    assert list(Synthesizer(OwnEngine(), Policy()).run([])) == []


def test_nothing_is_sent_before_the_first_result_is_asked_for(service: Service) -> None:
    with speaking(service) as synthesizer:
        synthesizer.run(segments(5))
    assert service.requests == []


@pytest.mark.parametrize("concurrency", [1, 3, None])
@pytest.mark.parametrize("by_exception", [False, True])
def test_a_run_that_is_left_starts_nothing_more(concurrency: int | None, *, by_exception: bool) -> None:
    permits = threading.Semaphore(1)

    def ask(_text: str) -> None:
        assert permits.acquire(timeout=60)

    engine, store = OwnEngine(ask), Store()
    run = Synthesizer(engine, Policy(concurrency)).run(segments(50), store.store)
    if by_exception:

        def consume() -> None:
            with contextlib.closing(run):
                for _ in run:
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            consume()
    else:
        next(run)
        run.close()
    permits.release(100)
    end_workers()
    in_flight = concurrency or 3
    assert len(engine.asked) <= 1 + in_flight
    assert sorted(store.kept) == sorted(engine.asked)  # what was under way is kept


def test_a_run_that_is_left_while_the_service_asks_to_wait(
    service: Service, caplog: pytest.LogCaptureFixture, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("answered 429, .*Retrying")
    service.faults = lambda number, _body: Failure(429, retry_after="90") if number == 3 else None
    with speaking(service, Policy(1)) as synthesizer:
        run = synthesizer.run(segments(10))
        next(run)
        next(run)
        wait_until(lambda: "Retrying" in caplog.text, "the wait begins")
        run.close()
        end_workers()  # well before a minute has passed
    assert len(service.requests) == 3


@pytest.mark.parametrize("error", [ZeroDivisionError("broken"), SystemExit(3), OSError("no such device")])
@pytest.mark.parametrize("concurrency", [1, None])
def test_the_exception_of_a_broken_engine_comes_out(error: BaseException, concurrency: int | None) -> None:
    def ask(text: str) -> None:
        if "number 3 " in text:
            raise error

    engine = OwnEngine(ask)
    with pytest.raises(type(error)) as raised:
        list(Synthesizer(engine, Policy(concurrency)).run(segments(1000)))
    assert raised.value is error
    end_workers()
    assert len(engine.asked) < 1000


def test_the_exception_of_a_broken_store_comes_out(service: Service) -> None:
    def store(_segment: Segment, _audio: Audio) -> None:
        raise ZeroDivisionError

    with speaking(service) as synthesizer, pytest.raises(ZeroDivisionError):
        list(synthesizer.run(segments(10), store))
