"""Settings of pages: the key `lightning:` in their front matter, and in the `.meta.yml` files of their folders.

For example `lightning: {voice_id: sophie, narrate: true}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError, shown, unknown_name
from mkdocs_lightning.base.yaml_file import NotYamlError, read_yaml
from mkdocs_lightning.reading.settings.front_matter import META_KEY, PAGE_SETTINGS, misplaced_keys, misspelt_key
from mkdocs_lightning.reading.settings.voice import check_alone
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from mkdocs_lightning.base.errors import Log

FOLDER_FILE = ".meta.yml"
_OTHER_NAMES = ("meta.yml", "meta.yaml", ".meta.yaml", "_meta.yml", "_meta.yaml")

_SITE_ONLY = "voices"
_FRONT_MATTER = re.compile(r"-{3}[ \t]*\r?\n.*?\n(?:\.{3}|-{3})[ \t]*\r?(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The settings in one front matter or `.meta.yml`.

    Attributes:
        voice: The voice settings that are set, without those of the site.
        narrate: Whether the whole page is spoken; None if it is not set here.
        is_for_many: Whether `narrate` is set for more pages than this one, some of which may have nothing to speak.
        locale: The language that the page is written in, such as `de` or `pt-BR`; None if it is the site's.
        html_lang: The code of the language in the `<html lang>` of a finished page, which a setting may overrule.
    """

    voice: VoiceSettings = NO_SETTINGS
    narrate: bool | None = None
    is_for_many: bool = False
    locale: str | None = None
    html_lang: str | None = None

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Check the value of `lightning:`.

        Raises:
            SettingError: A setting is unknown, or has a value of the wrong type, or one that no voice can have.
        """
        if raw is None:
            return cls()
        if not isinstance(raw, dict):
            raise _not_a_mapping(raw)
        settings = {str(name): value for name, value in raw.items()}  # YAML allows other keys, and reads `no` as false
        narrate = settings.pop("narrate", None)
        if not isinstance(narrate, bool | None):
            raise SettingError("narrate", f"narrate: {shown(narrate)} is neither true nor false")
        if _SITE_ONLY in settings:
            raise SettingError(_SITE_ONLY, f"{_SITE_ONLY} is for the site only, in mkdocs.yml; set voice_id here")
        if unknown := next((name for name in settings if name not in PAGE_SETTINGS), None):
            raise SettingError(unknown, unknown_name(unknown, PAGE_SETTINGS))
        voice = VoiceSettings.parse(settings)
        check_alone(voice)
        return cls(voice, narrate)

    def over(self, other: PageSettings) -> PageSettings:
        """Merge two settings; these win."""
        decides = other if self.narrate is None else self
        locale = self.locale or other.locale
        return PageSettings(self.voice.over(other.voice), decides.narrate, decides.is_for_many, locale)


def settings_of_page(
    uri: str, meta: Mapping[str, object], read_source: Callable[[], str], log: Log
) -> PageSettings | None:
    """The settings in a page's front matter; None, with a warning, if they cannot be used.

    Args:
        uri: The path of the page's source, for the warning.
        meta: The front matter.
        read_source: Returns the page's whole source, whose line the warning names; empty if there is none.
        log: Receives the warning.
    """
    misplaced = list(misplaced_settings(meta))
    for name, message in misplaced:
        place = _place(uri, read_source(), name)
        log.warning("%s: %s; until then the page's blocks are shown without players", place, message)
    if misplaced:
        return None
    try:
        return PageSettings.parse(meta.get(META_KEY))
    except SettingError as error:
        log.warning(
            "%s: front matter, %s: %s. Correct it; until then the page's blocks are shown without players",
            _place(uri, read_source(), error.setting),
            META_KEY,
            error,
        )
        return None


def front_matter_line(source: str, *keys: str) -> int | None:
    """The first line of a source's front matter, from 1, on which a key is written; the first key that is counts.

    Args:
        source: The whole text.
        keys: Names of settings.
    """
    found = _FRONT_MATTER.match(source)
    lines = found[0].split("\n") if found else []
    numbers = (number for key in keys for number, line in enumerate(lines, 1) if f"{key}:" in line)
    return next(numbers, None)


def _place(uri: str, source: str, setting: str) -> str:
    line = front_matter_line(source, setting, META_KEY)
    return f"{uri}:{line}" if line else uri


def misplaced_settings(meta: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The names in front matter that stand beside `lightning:` instead of below it, each with a message."""
    for name in misplaced_keys(meta):
        yield name, f"front matter: {name} has no effect by itself. Indent it below lightning:"


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
                self._read[folder] = self._read_folder(folder)
            settings = settings.over(self._read[folder])
        return settings

    def _read_folder(self, folder: PurePosixPath) -> PageSettings:
        for other in _OTHER_NAMES:
            if self._has_settings(folder / other):
                advice = "lightning has no effect in a file of this name; name it .meta.yml"
                raise SettingError(META_KEY, f"{folder / other}: {advice}")
        return self._read_file(folder / FOLDER_FILE)

    def _has_settings(self, name: PurePosixPath) -> bool:
        """Whether a file whose name is not that of a folder's settings has some nevertheless."""
        try:
            meta = read_yaml(self._docs_dir / name)
        except (OSError, NotYamlError):
            return False
        return isinstance(meta, dict) and (META_KEY in meta or misspelt_key(meta) is not None)

    def _read_file(self, name: PurePosixPath) -> PageSettings:
        try:
            meta = read_yaml(self._docs_dir / name) or {}
        except (FileNotFoundError, NotADirectoryError):  # no such file, or a generated page
            return PageSettings()
        except (OSError, NotYamlError) as error:
            raise SettingError(META_KEY, f"{name} cannot be read: {error}") from error
        if not isinstance(meta, dict):
            raise SettingError(META_KEY, f"{name}: {_not_a_mapping(meta)}")
        if misspelt := misspelt_key(meta):
            raise SettingError(META_KEY, f"{name}: {misspelt}: has no effect; write {META_KEY}:")
        if misplaced := misplaced_keys(meta):
            raise SettingError(
                misplaced[0], f"{name}: {misplaced[0]} has no effect beside lightning:, so indent it below lightning:"
            )
        try:
            return PageSettings.parse(meta.get(META_KEY))
        except SettingError as error:
            raise SettingError(error.setting, f"{name}: {error}") from error
