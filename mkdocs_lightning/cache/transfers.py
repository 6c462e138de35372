"""Downloads and uploads in the background of a build, and what they came to."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.base.background import BackgroundPool
from mkdocs_lightning.base.errors import SettingError, count
from mkdocs_lightning.base.interruptible import get_interruptibly
from mkdocs_lightning.cache.remote import CLIPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.reading.segment import Clip


_UPLOADS = 8  # at once


@dataclass(frozen=True, slots=True)
class TransferReport:
    """Counts of downloads and uploads of one build.

    Attributes:
        fetched: Files that were downloaded and valid.
        stored: Files that need no further upload.
        lost: Files that could not be uploaded.
        invalid: Names of the files that were downloaded and failed verification.
        withheld: Sentences that are there, and could not be fetched.
        unknown: Sentences that may be there, and could not be fetched: nobody can list that store.
        is_blind: Whether some of what is there could not be looked up.
        missing: Sentences that a pull has left missing here.
    """

    remote: Remote
    fetched: int
    stored: int
    lost: int
    invalid: tuple[str, ...]
    withheld: int = 0
    unknown: int = 0
    is_blind: bool = False
    missing: int = 0

    def __str__(self) -> str:
        return f"remote cache: {count(self.fetched, 'file')} fetched, {self.stored:,} stored"

    @property
    def failure_reasons(self) -> list[str]:
        """A message for each thing that failed, where that matters: a fork's build, say, is not expected to write."""
        remote, where = self.remote, f"remote_cache {self.remote.url}"
        reasons = []
        if self.is_blind or self.unknown or (remote.failure_reason and not self.withheld):
            reason = remote.failure_reason or remote.read_failure_reason
            which = f" ({count(self.unknown, 'sentence')})" if self.unknown else ""
            reasons.append(f"{where}: {reason}. What could not be looked up there{which} counts as missing")
        if self.withheld:
            reason = remote.failure_reason or remote.read_failure_reason
            reasons.append(
                f"{where}: {count(self.withheld, 'stored sentence')} could not be fetched: {reason}. "
                "You have already paid for them, so they are not requested again and stay missing; build again later"
            )
        if self.invalid:
            reasons.append(self._invalid_reason)
        if self.lost and remote.expects_writes:
            reason = remote.write_failure_reason or remote.failure_reason or "it is too slow, or fails now and then"
            reasons.append(
                f"{where}: {count(self.lost, 'file')} could not be stored there: {reason}. "
                "cache_dir keeps all files; run 'mkdocs-lightning cache push' to try again"
            )
        return reasons

    @property
    def pull_failure_reason(self) -> str | None:
        """Why a pull has left sentences missing here; None if it has left none."""
        if not self.missing:
            return None
        remote, sentences = self.remote, count(self.missing, "sentence")
        if self.is_blind or self.withheld or self.unknown:
            reason = remote.failure_reason or remote.read_failure_reason
            return (
                f"remote_cache {remote.url}: {sentences} could not be fetched: {reason}. "
                "Run 'mkdocs-lightning cache pull' again later"
            )
        if self.invalid:
            return self._invalid_reason
        return (
            f"neither cache_dir nor {remote.url} has {sentences} of the site. 'mkdocs-lightning check' lists those "
            "that a build would send; the others are only in clips, and are sent if an edit replaces such a clip"
        )

    @property
    def _invalid_reason(self) -> str:
        return (
            f"remote_cache {self.remote.url}: {count(len(self.invalid), 'file')} failed verification, such as "
            f"'{self.invalid[0]}'. Invalid files are not used"
        )


class Downloads:
    """Fetches clips in the background while pages are read; requests that pile up meanwhile become one.

        added ──► wanted ──(fetch of all that is wanted)──► ended ──► taken

    Args:
        fetch: Fetches what there is of some clips; may raise.
    """

    def __init__(self, fetch: Callable[[Sequence[Clip]], None]) -> None:
        self._fetch = fetch
        self._pool = BackgroundPool(1, "lightning-fetch")
        self._wanted: queue.SimpleQueue[Sequence[Clip]] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Sequence[Clip] | BaseException] = queue.SimpleQueue()
        self._pending = 0  # groups of clips that were added and not taken

    def add(self, clips: Sequence[Clip]) -> None:
        """Start to fetch some clips, and return at once."""
        if clips:
            self._pending += 1
            self._wanted.put(clips)
            self._pool.submit(self._fetch_wanted)

    def take(self) -> Iterator[Clip]:
        """The clips whose fetching has ended, each once.

        Raises:
            StoreError: The local cache cannot be written.
            SettingError: The remote cache does not exist.
        """
        while not self._ended.empty():
            yield from self._next_group()

    def finish(self) -> Iterator[Clip]:
        """Wait for all clips that were added.

        Returns:
            Those that were not taken.

        Raises:
            StoreError: The local cache cannot be written.
            SettingError: The remote cache does not exist.
        """
        while self._pending:
            yield from self._next_group()

    def _next_group(self) -> Sequence[Clip]:
        ended = get_interruptibly(self._ended)
        self._pending -= 1
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def _fetch_wanted(self) -> None:
        groups = []
        while not self._wanted.empty():  # empty if an earlier call has fetched this one's clips, too
            groups.append(self._wanted.get())
        if not groups:
            return
        ended: list[Sequence[Clip] | BaseException] = [*groups]
        try:
            self._fetch([clip for group in groups for clip in group])
        except SettingError as error:  # nothing may be requested
            ended = [error for _ in groups]
        except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
            ended[0] = error
        for group_or_error in ended:
            self._ended.put(group_or_error)


class Uploads:
    """Stores files in the remote cache in the background; only the end of a build waits for it."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._pool = BackgroundPool(_UPLOADS, "lightning-upload")
        self._counts = threading.Lock()  # guards the two below
        self._added = 0
        self._stored = 0

    def add(self, kind: str, path: Path) -> None:
        """Store a file of the local cache, which is read when a thread is free."""
        with self._counts:
            self._added += 1
        if self._remote.may_write:
            self._pool.submit(lambda: self._upload(kind, path))

    def finish(self, seconds: float) -> tuple[int, int]:
        """Wait, at most so many seconds, and drop the rest.

        Returns:
            The numbers of files that were stored and that were not.
        """
        self._pool.finish(seconds)
        with self._counts:
            return self._stored, self._added - self._stored

    def _upload(self, kind: str, path: Path) -> None:
        if self._is_stored(kind, path):
            with self._counts:
                self._stored += 1

    def _is_stored(self, kind: str, path: Path) -> bool:
        try:
            data = path.read_bytes()
            if kind == CLIPS:
                data = path.with_suffix(".json").read_bytes() + b"\n" + data
        except OSError:  # gone meanwhile, such as by `cache prune`: nothing is lost
            return True
        return self._remote.write(kind, path.name, data)
