"""The same for asyncio: the loop goes on, tasks may be canceled, and one loop may follow another."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning import (
    AsyncLightning,
    EngineStoppedError,
    Lightning,
    Progress,
    SettingError,
    Speech,
    TextRefusedError,
    TransientError,
)
from mkdocs_lightning.reading.settings.catalogue import STANDARD_MODEL
from tests.support.service import Failure, Fault, Service, every
from tests.support.sites import KEY
from tests.support.waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator
    from pathlib import Path
    from typing import TypeVar

    from tests.support.service import Json

    T = TypeVar("T")

TEXTS = [f"This is sentence {number}." for number in range(30)]


def run(program: Coroutine[object, object, T]) -> T:
    return asyncio.run(program, debug=False)


def client(service: Service, **options: object) -> AsyncLightning:
    return AsyncLightning(api_key=KEY, base_url=service.url, sample_rate=8000, **options)  # type: ignore[arg-type]


async def all_of(speeches: AsyncIterator[Speech]) -> list[Speech]:
    return [speech async for speech in speeches]


async def until(is_so: asyncio.Event | threading.Event) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so.is_set():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def test_one_text(service: Service) -> None:
    async def program() -> Speech:
        async with client(service) as lightning:
            return await lightning.synthesize("Hello.", speed=1.5)

    speech = run(program())
    assert (speech.text, speech.voice.speed) == ("Hello.", 1.5)
    assert speech.duration > 0
    assert service.spoken == ["Hello."]


def test_many_texts_come_in_their_order(service: Service) -> None:
    service.faults = lambda _number, _body: wait_until(lambda: service.peak > 1, "there are two at one time")

    async def program() -> list[Speech]:
        async with client(service) as lightning:
            return await all_of(lightning.synthesize_all(TEXTS))

    speeches = run(program())
    assert [speech.text for speech in speeches] == TEXTS
    assert all(speech.duration for speech in speeches)
    assert service.peak > 1


def test_many_texts_come_as_they_are_done(service: Service) -> None:
    others_are_done = threading.Event()

    def hold_the_first(_number: int, body: Json) -> None:
        if "first" in str(body["text"]):
            others_are_done.wait(60)

    service.faults = hold_the_first

    async def program() -> list[int]:
        order = []
        async with client(service, concurrency=2) as lightning:
            texts = ["The first.", "The second.", "The third."]
            async for speech in lightning.synthesize_all(texts, as_completed=True):
                order.append(speech.index)
                if len(order) == 2:
                    others_are_done.set()
        return order

    order = run(program())
    assert sorted(order) == [0, 1, 2]
    assert order[-1] == 0


def test_tasks_share_the_limits(service: Service) -> None:
    async def program() -> list[Speech]:
        async with client(service, concurrency=3, max_characters=10_000) as lightning, asyncio.TaskGroup() as group:
            tasks = [group.create_task(lightning.synthesize(text)) for text in TEXTS]
        return [task.result() for task in tasks]

    # The group ends before the client, as it stands inside.
    assert [speech.text for speech in run(program())] == TEXTS
    assert service.peak <= 3


def test_errors_are_raised_or_carried_as_without_asyncio(service: Service) -> None:
    service.faults = lambda _number, body: Failure(500) if "broken" in str(body["text"]) else None

    async def program() -> list[Speech]:
        async with client(service, retries=0) as lightning:
            with pytest.raises(TransientError, match="answered 500"):
                await lightning.synthesize("A broken one.")
            for wrong in ({"voice": "sophie"}, {"speed": 9}, {"output_format": "mp3"}, {"timeout": 3}):
                with pytest.raises(SettingError):
                    lightning.synthesize_all(TEXTS, **wrong)
            for texts in ("Hello", b"Hello", {"a": "Hello"}, 7, ["Hello", 7]):
                with pytest.raises(TypeError):
                    lightning.synthesize_all(texts)  # type: ignore[arg-type]
            with pytest.raises(TypeError):
                await lightning.synthesize(["Hello"])  # type: ignore[arg-type]
            return await all_of(lightning.synthesize_all(["Good.", "", "A broken one.", "Good, too."]))

    kinds = [type(speech.error) for speech in run(program())]
    assert kinds == [type(None), TextRefusedError, TransientError, type(None)]
    assert len(service.requests) == 4

    async def with_a_wrong_key() -> list[Speech]:
        async with AsyncLightning(api_key="sk_wrong", base_url=service.url) as stranger:
            return await all_of(stranger.synthesize_all(TEXTS))

    assert all(isinstance(speech.error, EngineStoppedError) for speech in run(with_a_wrong_key()))


def test_one_client_serves_one_loop_after_another(service: Service) -> None:
    lightning = client(service)
    for text in ("In the first loop.", "In the second loop."):
        assert run(lightning.synthesize(text)).duration > 0
    threads = [threading.Thread(target=lambda text=text: run(lightning.synthesize(text))) for text in TEXTS[:4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(service.spoken) == 6
    run(lightning.aclose())
    with pytest.raises(RuntimeError, match="this client is closed"):
        run(lightning.synthesize("Too late."))


@pytest.mark.parametrize("has_cache", [False, True])
def test_the_loop_is_never_blocked(service: Service, tmp_path: Path, *, has_cache: bool) -> None:
    service.latency = 3.0
    longest = 0.0

    async def measure() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - began)

    async def program() -> int:
        async with client(service, cache=tmp_path if has_cache else None) as lightning:
            watch = asyncio.create_task(measure())
            count = len(await all_of(lightning.synthesize_all(TEXTS[:3])))
            watch.cancel()
        return count

    assert run(program()) == 3
    assert longest < 2, "a request takes 3 s, and a busy machine has pauses of its own"


class TestTexts:
    """Where they come from."""

    def test_an_asynchronous_generator_is_read_while_speeches_come(self, service: Service) -> None:
        async def program() -> list[str]:
            events: list[str] = []
            has_first = asyncio.Event()

            async def lines() -> AsyncIterator[str]:
                yield "The first."
                await has_first.wait()  # for ever, if a text were waited for before a speech is handed out
                yield "The second."

            async with client(service) as lightning:
                async for speech in lightning.synthesize_all(lines()):
                    events.append(speech.text)
                    has_first.set()
            return events

        assert run(program()) == ["The first.", "The second."]

    def test_only_a_few_are_read_ahead(self, service: Service) -> None:
        read: list[int] = []

        def endless() -> Iterator[str]:
            while True:
                read.append(len(read))
                yield f"Sentence {len(read)}."

        async def program() -> None:
            lightning = client(service, concurrency=2)
            async with lightning, aclosing(lightning.synthesize_all(endless())) as speeches:
                assert read == []
                async for speech in speeches:
                    assert len(read) <= speech.index + 1 + 4
                    if speech.index == 9:
                        break

        run(program())
        assert len(service.requests) <= 14

    @pytest.mark.parametrize("item", [ValueError("no more lines"), 7, None])
    @pytest.mark.parametrize("is_async", [False, True])
    def test_what_was_read_is_handed_out_before_the_source_fails(
        self, service: Service, item: object, *, is_async: bool
    ) -> None:
        def failing() -> Iterator[str]:
            yield "The first."
            yield "The second."
            if isinstance(item, Exception):
                raise item
            yield item  # type: ignore[misc]
            raise AssertionError("nothing is read after a failure")

        async def failing_later() -> AsyncIterator[str]:
            for text in failing():
                await asyncio.sleep(0)
                yield text

        async def program() -> list[str]:
            async with client(service) as lightning:
                speeches = lightning.synthesize_all(failing_later() if is_async else failing())
                seen = [(await anext(speeches)).text, (await anext(speeches)).text]
                with pytest.raises((ValueError, TypeError), match=r"no more lines|texts\[2\] is not a str"):
                    await anext(speeches)
            return seen

        assert run(program()) == ["The first.", "The second."]

    def test_a_client_without_asyncio_says_that_it_cannot_read_it(self, service: Service) -> None:
        async def lines() -> AsyncIterator[str]:
            yield "The first."

        with (
            Lightning(api_key=KEY, base_url=service.url) as lightning,
            pytest.raises(TypeError, match="AsyncLightning"),
        ):
            lightning.synthesize_all(lines())  # type: ignore[arg-type]


class TestCancelling:
    def test_it_sends_nothing_more_and_stores_what_arrives(self, service: Service, tmp_path: Path) -> None:
        is_asked, is_cancelled = threading.Event(), threading.Event()

        def hold(_number: int, _body: Json) -> None:
            is_asked.set()
            is_cancelled.wait(60)

        service.faults = hold

        async def program() -> None:
            async with client(service, concurrency=2, cache=tmp_path) as lightning:
                task = asyncio.create_task(all_of(lightning.synthesize_all(TEXTS)))
                await until(is_asked)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                is_cancelled.set()

        run(program())
        sent = len(service.spoken)
        assert 1 <= sent <= 2
        service.clear()
        with Lightning(base_url=service.url, cache=tmp_path, sample_rate=8000) as without_key:
            cached = [speech.is_cached for speech in without_key.synthesize_all(TEXTS)]
        assert cached.count(True) == sent
        assert service.requests == []

    def test_a_timeout_ends_the_wait_at_once(self, service: Service) -> None:
        service.faults = every(1, Fault.HANG)

        async def program() -> float:
            lightning = client(service)
            began = time.monotonic()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await lightning.synthesize("Hello.")
            await lightning.aclose()
            return time.monotonic() - began

        assert run(program()) < 20  # the request's own timeout is 60 s

    def test_leaving_the_loop_stops_the_sending(self, service: Service) -> None:
        is_left = threading.Event()
        service.faults = lambda number, _body: None if number == 1 else (is_left.wait(60), None)[1]

        async def program() -> None:
            async with client(service, concurrency=1) as lightning:
                async for _ in lightning.synthesize_all(f"Sentence {number}." for number in range(500)):
                    break
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                is_left.set()
                assert (await lightning.synthesize("The last one.")).duration > 0

        run(program())
        assert len(service.requests) <= 3


def test_progress_is_told_in_the_thread_of_the_loop(service: Service) -> None:
    told: list[tuple[Progress, threading.Thread]] = []

    async def program() -> None:
        async with client(service) as lightning:
            speeches = lightning.synthesize_all(
                TEXTS, progress=lambda progress: told.append((progress, threading.current_thread()))
            )
            await all_of(speeches)

    run(program())
    assert [progress.done for progress, _ in told] == list(range(1, 31))
    assert {thread for _, thread in told} == {threading.current_thread()}


def test_voices(service: Service) -> None:
    listed = run(client(service).voices(STANDARD_MODEL))
    assert {voice.model for voice in listed} == {STANDARD_MODEL}
