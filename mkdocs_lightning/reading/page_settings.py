"""Settings of pages: the key `lightning:` in their front matter, and in the `.meta.yml` files of their folders.

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
    from pathlib import Path

    from mkdocs_lightning.base.errors import Log

META_KEY = "lightning"
FOLDER_FILE = ".meta.yml"

_OURS_ALONE = frozenset(["narrate", "voice_id"])
"""Settings whose names nobody else uses: by themselves, without `lightning:` above them, they are a mistake."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The settings in one front matter or `.meta.yml`.

    Attributes:
        voice: The voice settings.
        narrate: Whether the whole page is spoken; None if it is not set here.
        is_for_many: Whether `narrate` is set for more pages than this one, some of which may have nothing to speak.
    """

    voice: VoiceSettings = NO_SETTINGS
    narrate: bool | None = None
    is_for_many: bool = False

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Check the value of `lightning:`.

        Raises:
            SettingError: A setting is unknown, or has a value of the wrong type.
        """
        if raw is None:
            return cls()
        if not isinstance(raw, dict):
            raise _not_a_mapping(raw)
        settings = {str(name): value for name, value in raw.items()}  # YAML allows other keys, and reads `no` as false
        narrate = settings.pop("narrate", None)
        if not isinstance(narrate, bool | None):
            raise SettingError("narrate", f"narrate: {shown(narrate)} is neither true nor false")
        return cls(VoiceSettings.parse(settings), narrate)

    def over(self, other: PageSettings) -> PageSettings:
        """Merge two settings; these win."""
        decides = other if self.narrate is None else self
        return PageSettings(self.voice.over(other.voice), decides.narrate, decides.is_for_many)


def settings_of_page(uri: str, meta: Mapping[str, object], log: Log) -> PageSettings | None:
    """The settings in a page's front matter; None, with a warning, if they cannot be used.

    Args:
        uri: The path of the page's source, for the warning.
        meta: The front matter.
        log: Receives the warning.
    """
    for name in _OURS_ALONE & meta.keys():
        log.warning("%s: front matter: %s does nothing by itself. Indent it below lightning:", uri, name)
    try:
        return PageSettings.parse(meta.get(META_KEY))
    except SettingError as error:
        log.warning(
            "%s: front matter, %s: %s. Correct it; until then the page's blocks are shown without players",
            uri,
            META_KEY,
            error,
        )
        return None


def _not_a_mapping(value: object) -> SettingError:
    return SettingError(META_KEY, f"a mapping is expected, such as `lightning: {{narrate: true}}`, not {shown(value)}")


class FolderSettings:
    """The settings in the `.meta.yml` files of a docs directory. Each file is read once.

    Args:
        docs_dir: The directory of the pages' sources.
    """

    def __init__(self, docs_dir: Path) -> None:
        self._docs_dir = docs_dir
        self._read: dict[PurePosixPath, PageSettings] = {}

    def of_page(self, uri: str) -> PageSettings:
        """The merged settings of a page's folders; the innermost folder wins.

        Args:
            uri: The path of the page's source, relative to the docs directory, with slashes.

        Raises:
            SettingError: A file cannot be used. The message names it.
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
        except (FileNotFoundError, NotADirectoryError):  # no such file, or a generated page
            return PageSettings()
        except (OSError, NotYamlError) as error:
            raise SettingError(META_KEY, f"{name} cannot be read: {error}") from error
        if not isinstance(meta, dict | None):
            raise SettingError(META_KEY, f"{name}: {_not_a_mapping(meta)}")
        try:
            return PageSettings.parse((meta or {}).get(META_KEY))
        except SettingError as error:
            raise SettingError(error.setting, f"{name}: {error}") from error
