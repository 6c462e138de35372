"""`Lightning`: the client for programs that wait, alone or with several threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from mkdocs_lightning.synthesis.client.core import Client
from mkdocs_lightning.synthesis.client.settings import check_named, checked_item, checked_text, checked_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from types import TracebackType
    from typing import Never, Unpack

    from mkdocs_lightning.engines import CatalogueVoice
    from mkdocs_lightning.synthesis.client.batch import Progress
    from mkdocs_lightning.synthesis.client.call import Call
    from mkdocs_lightning.synthesis.client.core import CacheFolder
    from mkdocs_lightning.synthesis.client.plan import SpeechPlan
    from mkdocs_lightning.synthesis.client.settings import VoiceOptions
    from mkdocs_lightning.synthesis.client.speech import Speech


class Lightning(Client):
    """Synthesizes texts through the Lightning REST API. Any number of threads may share one.

        with Lightning(voice_id="sophie") as lightning:
            lightning.synthesize("One text, one call.").save("one.mp3")

    Close it, or use it in a `with` statement. All settings have the names that they have in mkdocs.yml, and are checked
    in the same way.

    Args:
        api_key: None for the value of the environment variable SMALLEST_API_KEY. If it is empty, that is an error.
        cache: A folder. What is in it is not sent again, by this program, by another, or by a site with the same
            `cache_dir`: the same text in the same voice is paid once.
        max_characters: Characters that may be sent in all calls together, those of further tries included. A text that
            would exceed it is not sent, and has a `BudgetSpentError`.
        concurrency: Maximum number of requests in flight; `auto` finds the account's limit.
        retries: Further tries of one text after a transient failure.
        requests_per_minute: Maximum rate of requests; None for no limit.
        patience: Seconds in which one text is tried again, after a failure or while the service is busy; 0 for one try.
        timeout: Seconds for one request.
        base_url: https, or plain http to this machine.
        wire_format: How the service sends the audio: `wav`, `pcm`, `mp3`, `ulaw` or `alaw`; the last three are lossy.
        extras: Fields of each request besides the text and the voice.
        voice: The voice of all texts, if a call does not name another: `voice_id`, `language`, `speed`, `model`,
            `sample_rate`, `pronunciation_dicts`, `number_pronunciation_language`, `math_notation`.

    Raises:
        SettingError: A setting is unknown or cannot be used.
        TypeError: A setting is passed by position: all have names, `api_key` too.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. With a cache, wait up to 10 s for replies in flight, as they are paid for."""
        self._close()

    def synthesize(
        self, text: str, *_unnamed: Never, cache: CacheFolder | None = None, **voice: Unpack[VoiceOptions]
    ) -> Speech:
        """Synthesize one text with one request: the synchronous mode.

        White space is collapsed, and emoji are left out, as on a site. For a text of more than 250 characters,
        `split_text` and `synthesize_all` sound better.

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
        call = self._begin(dict(voice), cache)
        (speech,) = _spoken(call, [checked_text(text)])
        if speech.error:
            raise speech.error
        return speech

    def synthesize_all(
        self,
        texts: Iterable[str],
        *_unnamed: Never,
        as_completed: bool = False,
        progress: Callable[[Progress], object] | None = None,
        cache: CacheFolder | None = None,
        **voice: Unpack[VoiceOptions],
    ) -> Generator[Speech, None, None]:
        """Synthesize many texts, several at once: the concurrent mode. Yields one speech for each text.

        Sending begins with the first speech that is asked for, and goes on while you use the ones that you have. Only a
        few texts are read ahead, so a generator may yield any number. Leaving the loop stops the sending.

        A text that cannot be synthesized does not end the loop, as the texts after it are paid for, too: its speech has
        an `error`, which its `audio` and `save` raise. Nor is what was read lost if `texts` itself fails: its exception
        is raised after the last speech.

        Args:
            texts: A list or another iterable. A text that a list has twice is sent once.
            as_completed: Yield speeches as they finish, and not in the order of the texts; see `Speech.index`.
            progress: Called after each text, in the thread that asks for the speeches.
            cache: A folder, instead of that of the client.
            voice: Settings that win over those of the client, such as `voice_id` or `speed`.

        Raises:
            TypeError: `texts` is a single text, or holds something else than texts, or a setting is passed by position.
            SettingError: A setting is unknown or cannot be used; nothing was sent.
            StoreError: The cache cannot be written; nothing was sent.
        """
        check_named(_unnamed, "synthesize_all(texts, voice_id='sophie')")
        checked = checked_texts(texts)
        known = checked if isinstance(checked, list) else None
        call = self._begin(dict(voice), cache, texts=known, as_completed=as_completed, progress=progress)
        return _spoken(call, checked)

    def plan(
        self, texts: Iterable[str], *_unnamed: Never, cache: CacheFolder | None = None, **voice: Unpack[VoiceOptions]
    ) -> SpeechPlan:
        """Find out which texts are cached, and what the others would cost. Sends nothing, and needs no key.

        Args:
            texts: As for `synthesize_all`; all of them are read.
            cache: As for `synthesize_all`.
            voice: As for `synthesize_all`.

        Raises:
            TypeError: As for `synthesize_all`.
            SettingError: A setting is unknown or cannot be used.
        """
        check_named(_unnamed, "plan(texts, voice_id='sophie')")
        checked = [checked_item(index, text) for index, text in enumerate(checked_texts(texts))]
        return self._plan(checked, dict(voice), cache)

    def voices(self, model: str | None = None, *, language: str | None = None) -> tuple[CatalogueVoice, ...]:
        """The voices that the service lists now.

        Args:
            model: Only those of this model.
            language: Only those that speak this language: a code such as `de`, or an English name such as `german`.

        Raises:
            SettingError: The model is spelled in another way, or the service does not have the language.
            EngineError: The service did not answer with a list, as it does for a model that it does not have.
        """
        return self._list_voices(model, language)


def _spoken(call: Call, texts: Iterable[str]) -> Generator[Speech, None, None]:
    """The speeches of a call: each step reads one text, or waits for one result, and hands out what is ready."""
    source, has_more, failure = iter(texts), True, None
    try:
        while has_more or not call.is_done:
            if has_more and call.has_room:
                try:
                    text = checked_item(call.read_count, next(source))
                except StopIteration:
                    has_more = False
                except Exception as error:  # noqa: BLE001 - raised below, after what was read before it
                    has_more, failure = False, error
                else:
                    _take(call, text)
                call.collect()
            else:
                call.wait()
            yield from call.ready()
    finally:
        call.stop()
    if failure:
        raise failure


def _take(call: Call, text: str) -> None:
    segment = call.read(text)
    if segment is not None:
        call.go_on(segment, call.look_up(segment))
