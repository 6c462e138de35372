"""The options of the Markdown extension `mkdocs_lightning`, where no MkDocs reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_lightning.audio.formats import OutputFormat, named_format
from mkdocs_lightning.base.errors import SettingError, shown, unknown_name
from mkdocs_lightning.reading.lexicon import Lexicon, read_lexicon
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, SETTING_NAMES, VoiceSettings
from mkdocs_lightning.site.lasting_slot import text_in

if TYPE_CHECKING:
    from collections.abc import Mapping

CACHE = ".lightning"
MKDOCS_CACHE = ".cache/plugin/lightning"
"""The default cache of an MkDocs build; `zensical build --clean` deletes it."""

_TEXT_OPTIONS = ("engine", "lexicon", "cache_dir")
_OPTIONS = (*SETTING_NAMES, *_TEXT_OPTIONS, "output_format", "embed")


@dataclass(frozen=True, slots=True)
class StandaloneOptions:
    """The extension's options: those of the plugin that make sense without a site.

    Attributes:
        engine: The name that pages carry; None leaves the choice to `publish`.
        output_format: The format that pages carry; None leaves the choice to `publish`.
        cache_dir: Where clips are looked for.
        embed: Whether pages play what is cached before they are published.
    """

    voice: VoiceSettings = NO_SETTINGS
    engine: str | None = None
    output_format: OutputFormat | None = None
    lexicon: Lexicon = field(default_factory=Lexicon)
    cache_dir: Path = Path(CACHE)
    embed: bool = True

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> StandaloneOptions:
        """Read the options as a program passes them to Python-Markdown.

        Raises:
            SettingError: An unknown name or an invalid value.
        """
        for name in raw:
            if name not in _OPTIONS:
                raise SettingError(name, unknown_name(name, _OPTIONS))
        embed = raw.get("embed", True)
        if not isinstance(embed, bool):
            raise SettingError("embed", f"{shown(embed)} is neither true nor false")
        texts = {name: text_in(raw, name) or None for name in _TEXT_OPTIONS}
        return cls(
            voice=VoiceSettings.parse({name: value for name, value in raw.items() if name in SETTING_NAMES}),
            engine=texts["engine"],
            output_format=output_format_in(raw),
            lexicon=read_lexicon(Path(texts["lexicon"])) if texts["lexicon"] else Lexicon(),
            cache_dir=Path(texts["cache_dir"]) if texts["cache_dir"] else default_cache_dir(Path()),
            embed=embed,
        )


def output_format_in(raw: Mapping[str, object]) -> OutputFormat | None:
    """The setting `output_format`; None if it is not set.

    Raises:
        SettingError: There is no such format.
    """
    name = text_in(raw, "output_format")
    return named_format(name) if name else None


def default_cache_dir(folder: Path) -> Path:
    """The default cache of a site that another program builds.

    Args:
        folder: Holds the site's configuration. A cache that MkDocs has filled there is used, so that nothing is paid
            for again.
    """
    own, of_mkdocs = folder / CACHE, folder / MKDOCS_CACHE
    return of_mkdocs if of_mkdocs.is_dir() and not own.is_dir() else own
