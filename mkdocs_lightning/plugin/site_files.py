"""The files that the plugin puts into the site: clips, captions, the player's style sheet and script, the feed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.exceptions import PluginError
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File

from mkdocs_lightning.base.file_system import case_conflict, is_same_file, long_path
from mkdocs_lightning.player.site_assets import ASSETS, asset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_lightning.plugin.config import LightningConfig
    from mkdocs_lightning.plugin.podcast_pages import Feed
    from mkdocs_lightning.site.narration import Narration

_log = get_plugin_logger(__name__)


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """Those files of the site that pages refer to; None for one that the site does not have.

    Attributes:
        feed_title: The title of the podcast; empty if there is none.
    """

    style_sheet: File | None = None
    script: File | None = None
    feed: File | None = None
    feed_title: str = ""


class SiteWriter:
    """Puts one build's files into the site: the player's assets at once, clips and captions as they come to be there.

        link ─► … ─► link ─► finish

    Args:
        narration: Whose clips are linked.
        options: The plugin's own.
        nav_pages: The pages in the order of the navigation, for the feed; None if not all were read, so that the feed
            stays as it is.
        config: MkDocs' own.
        files: The files of the site; those of the player are added to them.

    Attributes:
        files: What pages refer to.

    Raises:
        PluginError: The site cannot be written.
    """

    def __init__(
        self,
        narration: Narration,
        options: LightningConfig,
        nav_pages: Sequence[Page] | None,
        config: MkDocsConfig,
        files: Files,
    ) -> None:
        style_sheet, script = (_add_asset(name, options.audio_dir, config, files) for name in ASSETS)
        self._narration = narration
        self._audio_dir = options.audio_dir
        self._directory = long_path(Path(config.site_dir, options.audio_dir))
        self._foreign = _names_in(options.audio_dir, files)
        self._has_warned = False
        self._is_complete = False  # whether all clips are linked
        self._link(None, is_first=True)
        _warn_of_other_spelling(options.audio_dir, config, files)
        self._feed = _make_feed(narration, options, nav_pages, config, files)
        feed, title = (self._feed.file, self._feed.title) if self._feed else (None, "")
        self.files = SiteFiles(style_sheet, script, feed, title)

    def link(self, slots: Collection[str]) -> None:
        """Wait for the clips of some slots, and link them and their captions into the site, unless they are there.

        Raises:
            PluginError: The site cannot be written.
        """
        if not self._is_complete:
            self._narration.wait_for(slots)
            self._link(slots, is_first=False)

    def finish(self) -> None:
        """Put into the site what is not there yet, once all clips are there.

        Raises:
            PluginError: The site cannot be written.
        """
        if not self._is_complete:
            self._link(None, is_first=False)
        if self._feed is not None:
            with _as_plugin_error(self._directory):
                self._feed.write()

    def _link(self, slots: Iterable[str] | None, *, is_first: bool) -> None:
        """Link those clips and captions of some slots, or of all, that are there and not linked yet.

        Args:
            slots: None for all.
            is_first: Whether MkDocs has not written the site's own files yet.
        """
        self._is_complete = slots is None and self._narration.is_complete
        with _as_plugin_error(self._directory):
            found = self._narration.link_audio(self._directory, self._foreign, slots, replaces_foreign=is_first)
        if found and not self._has_warned:
            self._has_warned = True
            _log.warning(
                "audio_dir: the site has files of its own with the names of clips in '%s', such as '%s', and they are "
                "published instead. Remove them: clips belong in cache_dir",
                self._audio_dir,
                found[0],
            )


def _make_feed(
    narration: Narration,
    options: LightningConfig,
    nav_pages: Sequence[Page] | None,
    config: MkDocsConfig,
    files: Files,
) -> Feed | None:
    """The site's feed, which is written later; None if the site has none."""
    if options.feed is False:
        return None
    from mkdocs_lightning.plugin.podcast_pages import Feed

    return Feed(narration, nav_pages, options, config, files)


@contextmanager
def _as_plugin_error(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PluginError(f"the site's directory {directory} cannot be written ({error.strerror})") from error


def are_all_read(files: Files) -> bool:
    """Whether MkDocs has read all pages of the site; with `--dirty` it reads those that have changed."""
    return all(file.page is not None and file.page.content is not None for file in files.documentation_pages())


def _add_asset(name: str, audio_dir: str, config: MkDocsConfig, files: Files) -> File:
    """The file of the player, or the site's own file of that name."""
    uri = f"{audio_dir}/{name}"
    file = files.get_file_from_path(uri)
    if file is None:
        file = File.generated(config, uri, content=asset(name))
        remove_link(file)
        files.append(file)
    return file


def remove_link(file: File) -> None:
    """Remove a link from the place of a file of ours: with `--dirty` it is still there, and MkDocs writes through it.

    Raises:
        PluginError: It cannot be removed.
    """
    path = Path(file.abs_dest_path)
    try:
        if path.is_symlink():
            path.unlink()
    except OSError as error:
        raise PluginError(f"the site's directory {path.parent} cannot be written ({error.strerror})") from error


def _names_in(audio_dir: str, files: Files) -> frozenset[str]:
    """Names, in lower case, of the files that MkDocs itself writes into `audio_dir`: after the clips are there."""
    own = audio_dir.strip("/").casefold()
    paths = (file.dest_uri.casefold().rpartition("/") for file in files)
    return frozenset(name for directory, _, name in paths if directory == own)


def _warn_of_other_spelling(audio_dir: str, config: MkDocsConfig, files: Files) -> None:
    """On Windows and macOS, `Assets` and `assets` are one directory; it gets the name that was written first: ours."""
    other = case_conflict(audio_dir, (file.dest_uri for file in files))
    if other is None:
        return
    own = audio_dir[: len(other)]
    if is_same_file(Path(config.site_dir, other), Path(config.site_dir, own)):
        _log.warning(
            "audio_dir: '%s' and '%s' are one directory on this machine but two on most web servers, "
            "where the files of one would be missing. In audio_dir, spell it '%s'",
            own,
            other,
            other,
        )
