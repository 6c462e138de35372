"""`AsyncLightning`: the client for programs with asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from mkdocs_lightning.synthesis.client.core import Client
from mkdocs_lightning.synthesis.client.settings import check_named, checked_item, checked_text, checked_texts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
    from types import TracebackType
    from typing import Never, Unpack

    from mkdocs_lightning.engines import CatalogueVoice
    from mkdocs_lightning.synthesis.client.batch import Progress
    from mkdocs_lightning.synthesis.client.call import Call
    from mkdocs_lightning.synthesis.client.core import CacheFolder
    from mkdocs_lightning.synthesis.client.plan import SpeechPlan
    from mkdocs_lightning.synthesis.client.settings import VoiceOptions
    from mkdocs_lightning.synthesis.client.speech import Speech

_T = TypeVar("_T")
_END = object()


class AsyncLightning(Client):
    """As `Lightning`, for asyncio: the loop goes on while requests are in flight.

        async with AsyncLightning(voice_id="sophie") as lightning:
            async for speech in lightning.synthesize_all(["First sentence.", "Second sentence."]):
                await asyncio.to_thread(speech.save, f"{speech.index}.mp3")

    Any number of tasks may share one, and it may be used in one loop after another. All of its calls share its limits.
    A task that is canceled sends nothing more; replies in flight are still stored, if there is a cache.

    Args:
        api_key: As for `Lightning`, and so are all others.
        cache: A folder.
        max_characters: Characters that may be sent in all calls together.
        concurrency: Maximum number of requests in flight; `auto` finds the account's limit.
        retries: Further tries of one text after a transient failure.
        requests_per_minute: Maximum rate of requests; None for no limit.
        patience: Seconds in which one text is tried again, after a failure or while the service is busy; 0 for one try.
        timeout: Seconds for one request.
        base_url: https, or plain http to this machine.
        wire_format: How the service sends the audio.
        extras: Fields of each request besides the text and the voice.
        voice: The voice of all texts, if a call does not name another.

    Raises:
        SettingError: A setting is unknown or cannot be used.
        TypeError: A setting is passed by position: all have names, `api_key` too.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. With a cache, wait up to 10 s for replies in flight, as they are paid for."""
        await _in_thread(self._close)

    async def synthesize(
        self, text: str, *_unnamed: Never, cache: CacheFolder | None = None, **voice: Unpack[VoiceOptions]
    ) -> Speech:
        """Synthesize one text with one request; see `Lightning.synthesize`.

        Args:
            text: 1 to 8000 characters.
            cache: A folder, instead of that of the client.
            voice: Settings that win over those of the client, such as `voice_id` or `speed`.

        Raises:
            TypeError: The text is not a `str`, or a setting is passed by position.
            SettingError: A setting is unknown or cannot be used; nothing was sent.
            LightningError: The text could not be synthesized.
        """
        check_named(_unnamed, "synthesize(text, voice_id='sophie')")
        (speech,) = [speech async for speech in self.synthesize_all([checked_text(text)], cache=cache, **voice)]
        if speech.error:
            raise speech.error
        return speech

    def synthesize_all(
        self,
        texts: Iterable[str] | AsyncIterable[str],
        *_unnamed: Never,
        as_completed: bool = False,
        progress: Callable[[Progress], object] | None = None,
        cache: CacheFolder | None = None,
        **voice: Unpack[VoiceOptions],
    ) -> AsyncGenerator[Speech, None]:
        """Synthesize many texts, several at once; see `Lightning.synthesize_all`. Yields one speech for each text.

        Args:
            texts: A list or another iterable, which may be asynchronous. A text that a list has twice is sent once.
            as_completed: Yield speeches as they finish, and not in the order of the texts; see `Speech.index`.
            progress: Called after each text, in the thread of the loop.
            cache: A folder, instead of that of the client.
            voice: Settings that win over those of the client, such as `voice_id` or `speed`.

        Raises:
            TypeError: `texts` is a single text, or holds something else than texts, or a setting is passed by position.
            SettingError: A setting is unknown or cannot be used; nothing was sent.
            StoreError: The cache cannot be written; nothing was sent.
        """
        check_named(_unnamed, "synthesize_all(texts, voice_id='sophie')")
        checked = texts if isinstance(texts, AsyncIterable) else checked_texts(texts)
        bell = _Bell()
        call = self._begin(
            dict(voice),
            cache,
            texts=checked if isinstance(checked, list) else None,
            as_completed=as_completed,
            progress=progress,
            notify=bell.ring,
        )
        return _spoken(call, checked, bell)

    async def plan(
        self,
        texts: Iterable[str] | AsyncIterable[str],
        *_unnamed: Never,
        cache: CacheFolder | None = None,
        **voice: Unpack[VoiceOptions],
    ) -> SpeechPlan:
        """Find out which texts are cached, and what the others would cost; see `Lightning.plan`. Sends nothing.

        Args:
            texts: As for `synthesize_all`; all of them are read.
            cache: As for `synthesize_all`.
            voice: As for `synthesize_all`.

        Raises:
            TypeError: As for `synthesize_all`.
            SettingError: A setting is unknown or cannot be used.
        """
        check_named(_unnamed, "plan(texts, voice_id='sophie')")
        given = [text async for text in texts] if isinstance(texts, AsyncIterable) else checked_texts(texts)
        checked = [checked_item(index, text) for index, text in enumerate(given)]
        return await _in_thread(lambda: self._plan(checked, dict(voice), cache))

    async def voices(self, model: str | None = None, *, language: str | None = None) -> tuple[CatalogueVoice, ...]:
        """The voices that the service lists now.

        Args:
            model: Only those of this model.
            language: Only those that speak this language: a code such as `de`, or an English name such as `german`.

        Raises:
            SettingError: The model is spelled in another way, or the service does not have the language.
            EngineError: The service did not answer with a list, as it does for a model that it does not have.
        """
        return await _in_thread(lambda: self._list_voices(model, language))


class _Bell:
    """Wakes the one task that waits, from any thread. It belongs to the loop in which it is first waited for."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """Wake the task, or have its next wait end at once."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._rung.set)

    def reset(self) -> None:
        """Forget what has rung: what follows takes all that there is."""
        self._loop = asyncio.get_running_loop()
        self._rung.clear()

    async def wait(self) -> None:
        """Wait until it has rung since `reset`."""
        await self._rung.wait()


async def _spoken(call: Call, texts: Iterable[str] | AsyncIterable[str], bell: _Bell) -> AsyncGenerator[Speech, None]:
    """The speeches of a call: whenever a text has been read, or a result has come, hands out what is ready."""
    source = _Source(texts, bell)
    try:
        while True:
            bell.reset()
            if (text := source.take(call.read_count)) is not None:
                await _take(call, text)
            if call.has_room:
                source.read_on()
            call.collect()
            for speech in call.ready():
                yield speech
            if source.has_ended and call.is_done:
                break
            await bell.wait()
    finally:
        call.stop()
        source.close()
    source.raise_failure()


async def _take(call: Call, text: str) -> None:
    segment = call.read(text)
    if segment is None:
        return
    found = await _in_thread(lambda: call.look_up(segment)) if call.has_cache else None
    call.go_on(segment, found)


class _Source:
    """Texts that are read one by one, while the task does something else.

    Nothing is read ──`read_on`──► a text is being read ──it rings──► read ──`take`──► nothing is read, or all is

    What goes wrong is remembered until the texts before it are done.
    """

    def __init__(self, texts: Iterable[str] | AsyncIterable[str], bell: _Bell) -> None:
        self.has_ended = False
        self._texts: AsyncIterator[str] = aiter(texts if isinstance(texts, AsyncIterable) else _one_by_one(texts))
        self._bell = bell
        self._reading: asyncio.Task[object] | None = None
        self._failure: Exception | None = None

    def read_on(self) -> None:
        """Begin to read the next text, unless one is being read, or there is none."""
        if self._reading is None and not self.has_ended:
            self._reading = asyncio.ensure_future(self._read())
            self._reading.add_done_callback(lambda _: self._bell.ring())

    def take(self, index: int) -> str | None:
        """The text that was read, whose place is `index`; None if none was."""
        if self._reading is None or not self._reading.done():
            return None
        reading, self._reading = self._reading, None
        try:
            text = reading.result()
            if text is not _END:
                return checked_item(index, text)
        except Exception as error:  # noqa: BLE001 - raised by `raise_failure`
            self._failure = error
        self.has_ended = True
        return None

    def close(self) -> None:
        """Read nothing more."""
        if self._reading is not None:
            self._reading.cancel()

    def raise_failure(self) -> None:
        """Raise what went wrong with a text, if anything did."""
        if self._failure:
            raise self._failure

    async def _read(self) -> object:
        return await anext(self._texts, _END)


async def _one_by_one(texts: Iterable[str]) -> AsyncGenerator[str, None]:
    for text in texts:
        yield text


async def _in_thread(function: Callable[[], _T]) -> _T:
    """What a function returns that waits or reads files.

    Its thread is not one of the loop's own, for which the end of the program would wait.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def deliver(set_outcome: Callable[[], None]) -> None:
        if not future.done():  # canceled
            set_outcome()

    def work() -> None:
        try:
            value = function()
        except BaseException as error:  # noqa: BLE001 - raised where the future is awaited
            outcome = partial(future.set_exception, error)
        else:
            outcome = partial(future.set_result, value)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(deliver, outcome)

    threading.Thread(target=work, daemon=True, name="lightning-wait").start()
    return await future
