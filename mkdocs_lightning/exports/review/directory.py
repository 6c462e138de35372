"""The directory of a review: only what a review has put there is replaced or removed.

index.html  review.css  review.js  player.css  player.js
audio/ab12….mp3                          clips of the cache, linked or copied
parts/clips/ab/ab12….mp3, ….json         clips of those sentences that are cached, made for the review
.mkdocs-lightning-review                 says that the directory is ours
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from mkdocs_lightning.base.atomic_write import atomic_write
from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.base.file_system import is_within, link_out_of, retry_while_open
from mkdocs_lightning.base.hard_links import link_or_copy
from mkdocs_lightning.cache.local import Cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PAGE = "index.html"
_AUDIO = "audio"
_PARTS = "parts"
_MARKER = ".mkdocs-lightning-review"
_MARKER_TEXT = "Made by 'mkdocs-lightning review', which replaces its files here when it is run again.\n"
_CLIP = re.compile(r"[0-9a-f]{32}\.(?:mp3|opus|flac|wav|json)")


@dataclass(frozen=True, slots=True)
class ReviewDirectory:
    """A directory that is new, empty, or an earlier review.

    Raises:
        LightningError: It is none of these.
    """

    path: Path

    def __post_init__(self) -> None:
        self._check()

    @property
    def parts(self) -> Cache:
        """Stores clips that are made for the review alone."""
        return Cache(self.path / _PARTS)

    def check_apart(self, taken: Mapping[str, Path]) -> None:
        """Check that the directory is in no other one.

        Args:
            taken: Directories by what they are, such as `docs_dir`.

        Raises:
            LightningError: It is in one of these.
        """
        for name, directory in taken.items():
            if is_within(self.path, directory):
                raise LightningError(f"'{self.path}' is in {name}, {directory}; name a directory outside of it")

    def begin(self) -> None:
        """Make the directory, and mark it as ours before anything else is written.

        Raises:
            OSError: It cannot be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self._check()
        atomic_write(self.path / _MARKER, _MARKER_TEXT.encode())
        (self.path / _AUDIO).mkdir(exist_ok=True)

    def add_clip(self, file: Path) -> str:
        """Have a clip in the directory.

        Args:
            file: In a cache, or in `parts`.

        Returns:
            Its URL, relative to the page.

        Raises:
            OSError: The directory cannot be written.
        """
        if file.is_relative_to(self.parts.files.root):
            return f"{_PARTS}/{file.relative_to(self.parts.files.root).as_posix()}"
        link_or_copy(file, self.path / _AUDIO / file.name)
        return f"{_AUDIO}/{file.name}"

    def write(self, files: Mapping[str, str], clips: Iterable[str]) -> None:
        """Write the page and its assets, and remove the clips that it no longer plays.

        Args:
            files: Texts by name; the page is written last.
            clips: The URLs of those that it plays.

        Raises:
            OSError: The directory cannot be written.
        """
        for name, text in files.items():
            atomic_write(self.path / name, text.encode())
        played = {url.rpartition(".")[0] for url in clips}  # a clip of `parts` has a record beside it
        for file in self._clip_files():
            if file.relative_to(self.path).with_suffix("").as_posix() not in played:
                retry_while_open(partial(file.unlink, missing_ok=True), is_change=True)

    def _check(self) -> None:
        """Check that nothing of others is in the directory.

        Raises:
            LightningError: There is, or it is no directory.
        """
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise LightningError(f"'{self.path}' is not a directory; name one that is new, empty, or an earlier review")
        try:
            has_files = any(self.path.iterdir())
        except OSError as error:
            raise LightningError(f"'{self.path}' cannot be read ({error.strerror})") from error
        if has_files and not (self.path / _MARKER).is_file():
            raise LightningError(
                f"'{self.path}' has files that do not belong to a review; "
                "name a directory that is new, empty, or an earlier review"
            )
        for name in (_AUDIO, _PARTS):
            if link := link_out_of(self.path, self.path / name):
                raise LightningError(f"'{link}' points outside the review; remove it")

    def _clip_files(self) -> Iterator[Path]:
        """The files of clips that are there, of this review and of earlier ones."""
        for folder in (self.path / _AUDIO, *_folders(self.path / _PARTS / "clips")):
            with suppress(FileNotFoundError):
                yield from [file for file in folder.iterdir() if _CLIP.fullmatch(file.name)]


def _folders(directory: Path) -> list[Path]:
    return [folder for folder in directory.iterdir() if folder.is_dir()] if directory.is_dir() else []
