"""The options of the plugin `lightning` in mkdocs.yml; a build checks them before it does anything else."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, cast

from mkdocs.config import config_options as c
from mkdocs.config.base import Config, ValidationError
from pathspec import GitIgnoreSpec

from mkdocs_lightning.audio.formats import DEFAULT_LOUDNESS, OutputFormat
from mkdocs_lightning.base.errors import SettingError, did_you_mean, shown, unknown_name
from mkdocs_lightning.base.file_system import folder_of_site, is_within, to_nfc
from mkdocs_lightning.cache.files import folders_of
from mkdocs_lightning.cache.remote_stores import RemoteMode
from mkdocs_lightning.engines import API_KEY_VARIABLE, EngineOptions
from mkdocs_lightning.plugin.option_types import (
    PLUGIN,
    AnyValue,
    Concurrency,
    Directory,
    ExistingFile,
    Kind,
    Loudness,
    OneOf,
    Seconds,
    WholeNumber,
    check_listed_once,
    check_places,
    place_of,
)
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES, language_advice
from mkdocs_lightning.reading.settings.site_voices import SiteVoices
from mkdocs_lightning.reading.settings.voice import check_alone
from mkdocs_lightning.reading.settings.voice_settings import SETTING_NAMES, VoiceSettings
from mkdocs_lightning.synthesis.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mkdocs.config.base import ConfigErrors, ConfigWarnings
    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_lightning.cache.remote import Remote
    from mkdocs_lightning.exports.podcast_settings import FeedSettings

SYNTHESIZE_CHOICES = ("build", "always", "never")
HIGHLIGHT_CHOICES = ("sentence", "word")
ON_ERROR_CHOICES = ("warn", "fail")

_NEVER_EMPTY = ("enabled", "engine", "max_characters", "on_error", "synthesize")
"""Options whose defaults send text, or publish a site without audio: an empty value must not mean the default."""
_EMPTY = (
    "it has no value, and its default may cost money or hide a failure; write a value, or remove the line"
    " (with !ENV, an environment variable that is set but empty overrides the default in the list)"
)


def _language_code(name: object) -> str:
    code = "no" if name is False else str(name)  # as YAML reads Norwegian's code
    if code not in LANGUAGE_NAMES:
        raise SettingError(
            "voices", f"{shown(name)} is not a language; {language_advice(name, sorted(LANGUAGE_NAMES))}"
        )
    return code


def _voice_of_language(name: object, value: object) -> VoiceSettings:
    """A voice as `voices` names it: a voice_id, or several settings."""
    if isinstance(value, str):
        return VoiceSettings.parse({"voice_id": value})
    if not isinstance(value, dict):
        raise SettingError("voices", f"{name}: {shown(value)} is neither a voice_id nor a mapping of voice settings")
    try:
        settings = VoiceSettings.parse({str(key): setting for key, setting in value.items()})
        check_alone(settings)
    except SettingError as error:
        raise SettingError("voices", f"{name}: {error}") from error
    return settings


class LightningConfig(Config):
    """Options of the plugin, as in the tables of docs/reference/options.md and in schema.json."""

    enabled = Kind(bool, "true or false", default=True)

    engine = Kind(str, "the name of an engine", default="lightning")
    api_key = c.Optional(Kind(str, "text"))
    base_url = Kind(str, "an address", default="https://api.smallest.ai")

    model = AnyValue()
    voice_id = AnyValue()
    language = AnyValue()
    speed = AnyValue()
    sample_rate = AnyValue()
    pronunciation_dicts = AnyValue()
    number_pronunciation_language = AnyValue()
    math_notation = AnyValue()

    voices = Kind(dict, "a mapping of languages to voices, such as {de: petra},", default={})

    output_format = OneOf([output_format.value for output_format in OutputFormat], default="mp3")
    highlight = OneOf(HIGHLIGHT_CHOICES, default="sentence")
    loudness = Loudness(default=DEFAULT_LOUDNESS)
    concurrency = Concurrency(default="auto")
    requests_per_minute = c.Optional(WholeNumber(least=1))
    timeout = Seconds(default=60.0)
    retries = WholeNumber(least=0, default=5)
    synthesize = OneOf(SYNTHESIZE_CHOICES, default="build")
    max_characters = c.Optional(WholeNumber(least=0))
    narrate = Kind((bool, str, list), "true, a pattern or a list of patterns", default=[])
    feed = Kind((bool, dict), "true or a mapping", default=False)
    lexicon = c.Optional(ExistingFile())
    on_error = OneOf(ON_ERROR_CHOICES, default="warn")
    cache_dir = Directory(exists=False, default=".cache/plugin/lightning")
    remote_cache = c.Optional(Kind(str, "an address"))
    remote_cache_mode = OneOf([mode.value for mode in RemoteMode], default=RemoteMode.AUTO.value)
    audio_dir = Kind(str, "a path", default="assets/lightning")

    def __init__(self, config_file_path: str | bytes | None = None) -> None:
        super().__init__(config_file_path)
        self._empty: set[str] = set()  # MkDocs replaces an empty value by the default, and forgets that it was there
        self._has_written_key = False

    def load_dict(self, patch: dict[str, object]) -> None:
        """Take options as they are written."""
        super().load_dict(patch)
        self._empty.update(name for name in _NEVER_EMPTY if name in patch and patch[name] is None)
        self._has_written_key |= "api_key" in patch

    def __repr__(self) -> str:
        return f"LightningConfig({self.config_file_path!r})"  # without the key

    __str__ = __repr__

    def validate(self) -> tuple[ConfigErrors, ConfigWarnings]:
        """Check the type of each option. An error names its file and line; `check_names` tells of unknown names."""
        errors, warnings = super().validate()
        errors += [(name, ValidationError(_EMPTY)) for name in sorted(self._empty)]
        told: ConfigErrors = [
            (name, ValidationError(f"{error} ({place_of(name, self.config_file_path)})")) for name, error in errors
        ]
        return told, [warning for warning in warnings if warning[0] in dict(self._schema)]

    def voice_settings(self) -> VoiceSettings:
        """The voice settings of the site, under those of folders, pages and blocks.

        Raises:
            SettingError: A value of the wrong type.
        """
        return VoiceSettings.parse({name: self[name] for name in SETTING_NAMES})

    def site_voices(self) -> SiteVoices:
        """Who speaks, where blocks, pages and folders do not say it.

        Raises:
            SettingError: An unknown language, or a value of the wrong type.
        """
        by_language = {_language_code(name): _voice_of_language(name, value) for name, value in self.voices.items()}
        return SiteVoices(self.voice_settings(), by_language)

    def engine_options(self, environment: Mapping[str, str] = os.environ) -> EngineOptions:
        """The options for the engine; the key is read here, as late as possible."""
        api_key: str | None = self.api_key or ""
        source = "api_key"
        if not api_key:
            variable = environment.get(API_KEY_VARIABLE)
            if variable or not self._has_written_key:
                api_key, source = variable, API_KEY_VARIABLE
        return EngineOptions(api_key=api_key, base_url=self.base_url, timeout=self.timeout, key_source=source)

    def remote(self) -> Remote | None:
        """The remote cache; None if the site has none.

        Raises:
            SettingError: Its address cannot be used.
        """
        if not self.remote_cache:
            return None
        from mkdocs_lightning.cache.remote import Remote

        return Remote(self.remote_cache, RemoteMode(self.remote_cache_mode))

    def check_names(self) -> None:
        """Refuse an option that does not exist: a budget with a typo in its name would limit nothing.

        Raises:
            SettingError: There is one.
        """
        known = dict(self._schema)  # MkDocs has no public way
        for key, value in self.items():
            name = str(key)  # YAML reads `on` and `1` as something else than text
            if name == PLUGIN:
                raise SettingError(name, "write the plugin's name only once, and the options directly below it")
            if name in LANGUAGE_NAMES:
                raise SettingError(name, f"{name!r} is a language; indent it below voices")
            if name not in known:
                is_voices = isinstance(value, dict) and did_you_mean(name, ["voices"])
                raise SettingError(name, unknown_name(name, ["voices"] if is_voices else known))

    def check_audio_dir(self) -> None:
        """Refuse an `audio_dir` that is not a directory within the site.

        Raises:
            SettingError: It is not.
        """
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in self.audio_dir):
            raise SettingError("audio_dir", f"{self.audio_dir!r} {_NO_PATH}")
        parts = PurePosixPath(self.audio_dir).parts
        has_drive = bool(PureWindowsPath(self.audio_dir).drive)  # on Windows, C:/audio leads out of the site
        is_within_site = parts and not any(part.startswith((".", "/")) or "\\" in part for part in parts)
        if has_drive or not is_within_site:
            raise SettingError(
                "audio_dir", f"'{self.audio_dir}' is not a directory within the site, such as assets/lightning"
            )

    def check_site(self, site: MkDocsConfig) -> None:
        """Refuse options that do not fit the site, or stand in its configuration where nothing reads them.

        Raises:
            SettingError: One of them, and why.
        """
        check_listed_once(sum(name.partition(" #")[0] == PLUGIN for name in site.plugins))  # MkDocs numbers the others
        check_places(site, site.config_file_path, self)
        self._check_cache_dir(site)
        if (feed := self.feed_settings()) is not None:
            self._check_feed(feed, site)

    def feed_settings(self) -> FeedSettings | None:
        """What the author says of the podcast; None if there is to be none.

        Raises:
            SettingError: A name is unknown, or a value cannot be used.
        """
        if self.feed is False:
            return None
        from mkdocs_lightning.exports.podcast_settings import FeedSettings

        return FeedSettings.parse(self.feed)

    def _check_feed(self, feed: FeedSettings, site: MkDocsConfig) -> None:
        """Refuse a podcast without absolute URLs, and an image that directories would refuse.

        Raises:
            SettingError: It is one.
        """
        from mkdocs_lightning.exports.artwork import artwork_reason
        from mkdocs_lightning.exports.podcast_settings import url_reason

        if not site.site_url:
            words = "a feed needs site_url, because podcast URLs must be absolute; set it in mkdocs.yml"
            raise SettingError("feed", words)
        if reason := url_reason(site.site_url):
            raise SettingError("feed", f"site_url: {site.site_url!r} {reason}")
        if feed.image_path is None:
            return
        path = Path(site.docs_dir, feed.image_path)
        if not is_within(path, Path(site.docs_dir)):
            raise SettingError("feed", f"image: {feed.image_path!r} is not in docs_dir, so it would not be published")
        if not path.exists():
            raise SettingError("feed", f"image: there is no {feed.image_path!r} in docs_dir")
        if reason := artwork_reason(path):
            raise SettingError("feed", f"image: {feed.image_path!r} {reason}")

    def check_built_site(self, site_dir: Path) -> None:
        """Refuse options that do not fit a site that another program has built.

        Raises:
            SettingError: One of them, and why.
        """
        what = (
            "is inside the site, so the program that builds it may delete it, and all of it would be paid for again. "
            "Run the command in the folder above the site, or set cache_dir in mkdocs.yml to a folder outside"
        )
        self._check_cache_outside([site_dir], what)

    def _check_cache_dir(self, site: MkDocsConfig) -> None:
        """Refuse a cache in a directory that MkDocs watches, publishes, or deletes at each build.

        Raises:
            SettingError: Which one it is in.
        """
        self._check_cache_outside([site.docs_dir], "is inside docs_dir, so 'mkdocs serve' would rebuild forever")
        what = "is inside site_dir, so each build would delete it, and pay for all of it again"
        self._check_cache_outside([site.site_dir], what)
        what = "is inside a directory of the theme, so all of it would be published with the theme"
        self._check_cache_outside(site.theme.dirs, what)

    def _check_cache_outside(self, directories: Iterable[Path | str], consequence: str) -> None:
        """Refuse a cache of which a folder is inside a directory.

        Raises:
            SettingError: Which folder it is, and what would follow.
        """
        if not _is_path(self.cache_dir):
            raise SettingError("cache_dir", f"{self.cache_dir!r} {_NO_PATH}")
        cache_dir = Path(self.cache_dir)
        for directory in directories:
            within = [path for path in folders_of(cache_dir) if is_within(path, Path(directory))]
            if within:
                folder = "" if within[0] == cache_dir else f"'{within[0].name}' of "
                raise SettingError("cache_dir", f"{folder}'{self.cache_dir}' {consequence}")

    def check_files(self, uris: Collection[str], site_dir: Path) -> None:
        """Refuse options that do not fit the files of the site.

        Args:
            uris: The paths of all files within the site.
            site_dir: As MkDocs has cleaned it up, which leaves links to directories.

        Raises:
            SettingError: One of them, and why.
        """
        self._check_feed_image(uris)
        self._check_place_of_audio(uris, site_dir)

    def _check_place_of_audio(self, uris: Collection[str], site_dir: Path) -> None:
        """Refuse an `audio_dir` that is a file of the site, or lies in one, or leads out of the site.

        Raises:
            SettingError: It does.
        """
        audio_dir = PurePosixPath(self.audio_dir)
        taken = {str(path) for path in (audio_dir, *audio_dir.parents)}.intersection(uris)
        if taken:
            raise SettingError("audio_dir", f"'{taken.pop()}' is a file of the site; name a directory")
        folder_of_site(site_dir, self.audio_dir)

    def _check_feed_image(self, uris: Collection[str]) -> None:
        """Refuse an image of the podcast that the site leaves out, as `exclude_docs` may.

        Raises:
            SettingError: It does.
        """
        feed = self.feed_settings()
        if feed and feed.image_path and PurePosixPath(feed.image_path).as_posix() not in uris:
            words = "is not a file of the site: 'exclude_docs' or a plugin leaves it out, or its path is different"
            raise SettingError("feed", f"image: {feed.image_path!r} {words}")

    def narrate_spec(self) -> GitIgnoreSpec:
        """The pages that are narrated as a whole, as patterns in the syntax of .gitignore; true is every page.

        Raises:
            SettingError: A value that is not a pattern.
        """
        try:
            return GitIgnoreSpec.from_lines(["**"] if self.narrate is True else map(to_nfc, self.narrate_patterns()))
        except ValueError as error:
            raise SettingError("narrate", str(error)) from error

    def narrate_patterns(self) -> list[str]:
        """The patterns of `narrate`, as they are written; none if it is true or false.

        Raises:
            SettingError: A value that is not a pattern.
        """
        narrate = cast("bool | str | list[object]", self.narrate)  # as its type has checked
        if isinstance(narrate, bool):
            return []
        if isinstance(narrate, str) and narrate.strip().lower() in {"true", "false"}:
            raise SettingError("narrate", f"{narrate!r} is text; write {narrate.strip().lower()} without quotes")
        listed = [*narrate.splitlines()] if isinstance(narrate, str) else narrate
        patterns = [pattern for pattern in listed if isinstance(pattern, str)]
        if patterns != listed:
            raise SettingError("narrate", f"{listed!r} is not a list of patterns, such as 'guide/**'")
        # As Windows writes paths. In a pattern, a backslash escapes the next character: it would match nothing.
        if windows := next((pattern for pattern in patterns if re.search(r"\\[\w*]", pattern)), None):
            slashed = re.sub(r"\\+", "/", windows)
            raise SettingError("narrate", f"'{windows}' has a backslash; write '{slashed}'")
        return patterns

    def policy(self) -> Policy:
        """Retries and concurrency of synthesis."""
        return Policy(concurrency=self.concurrency, retries=self.retries, requests_per_minute=self.requests_per_minute)


_NO_PATH = "has a control character or an unpaired surrogate (half of a character), which no path may have"


def _is_path(text: str) -> bool:
    """Whether the file system could hold a path; one with bytes that are no text, as `!ENV` gives it, it can."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False
