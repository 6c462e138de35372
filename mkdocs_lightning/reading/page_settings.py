"""What a page asks for: the key `lightning:` of its front matter, and of the `.meta.yml` files of its folders.

For example `lightning: {voice_id: sophie, narrate: true}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError, shown
from mkdocs_lightning.base.yaml_file import NotYamlError, read_yaml
from mkdocs_lightning.reading.voice import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from logging import Logger, LoggerAdapter
    from pathlib import Path

META_KEY = "lightning"
FOLDER_FILE = ".meta.yml"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The settings of one place that speaks for pages; None, or an empty voice, where it says nothing.

    Attributes:
        narrate: Whether the whole page is spoken.
    """

    voice: VoiceSettings = NO_SETTINGS
    narrate: bool | None = None

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read what stands under `lightning:`.

        Raises:
            SettingError: Anything but known settings with values of their types.
        """
        if raw is None:
            return cls()
        if not isinstance(raw, dict):
            raise SettingError(META_KEY, f"{shown(raw)} is not a list of settings with their values")
        settings = {str(name): value for name, value in raw.items()}  # YAML has names that are no text, such as `no`
        narrate = settings.pop("narrate", None)
        if not isinstance(narrate, bool | None):
            raise SettingError("narrate", f"narrate: {shown(narrate)} is neither true nor false")
        return cls(VoiceSettings.parse(settings), narrate)

    def over(self, other: PageSettings) -> PageSettings:
        """These settings, and the other's where these say nothing."""
        narrate = other.narrate if self.narrate is None else self.narrate
        return PageSettings(self.voice.over(other.voice), narrate)


def settings_of_page(uri: str, meta: Mapping[str, object], log: Logger | LoggerAdapter[Logger]) -> PageSettings | None:
    """What a page's front matter says; None, with a warning, when that cannot be used.

    Args:
        uri: Of the page, as its author knows it.
        meta: Its front matter.
        log: Where the author is told.
    """
    try:
        return PageSettings.parse(meta.get(META_KEY))
    except SettingError as error:
        log.warning(
            "%s: front matter, %s: %s. Correct it; until then the page's blocks are shown unspoken",
            uri,
            META_KEY,
            error,
        )
        return None


class FolderSettings:
    """The `.meta.yml` files of a docs directory; each is read once.

    Args:
        docs_dir: Where the pages' sources are.
    """

    def __init__(self, docs_dir: Path) -> None:
        self._docs_dir = docs_dir
        self._read: dict[PurePosixPath, PageSettings] = {}

    def of_page(self, uri: str) -> PageSettings:
        """What a page's folders say, the nearest first.

        Args:
            uri: Of the page, relative to the docs directory, with slashes.

        Raises:
            SettingError: A file that cannot be used; its message names it.
        """
        settings = PageSettings()
        for folder in PurePosixPath(uri).parents:
            if folder not in self._read:
                self._read[folder] = self._read_file(folder / FOLDER_FILE)
            settings = settings.over(self._read[folder])
        return settings

    def _read_file(self, name: PurePosixPath) -> PageSettings:
        try:
            meta = read_yaml(self._docs_dir / name)
        except (FileNotFoundError, NotADirectoryError):  # none, or a page that has no source
            return PageSettings()
        except (OSError, NotYamlError) as error:
            raise SettingError(META_KEY, f"{name} cannot be read: {error}") from error
        if not isinstance(meta, dict | None):
            raise SettingError(META_KEY, f"{name}: {shown(meta)} is not a list of settings with their values")
        try:
            return PageSettings.parse((meta or {}).get(META_KEY))
        except SettingError as error:
            raise SettingError(error.setting, f"{name}: {error}") from error
