"""Option types that MkDocs does not have, or whose messages name Python's types instead of what an author writes.

A wrong option is named with the file and the line in which it is written, and so is one that stands where nothing reads
it: a budget that is not read limits nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from mkdocs.config import base
from mkdocs.config import config_options as c
from mkdocs.config.base import BaseConfigOption, ValidationError
from mkdocs.exceptions import Abort

from mkdocs_lightning.audio.formats import LOUDEST, SOFTEST
from mkdocs_lightning.base.errors import SettingError, did_you_mean, listed, most_similar, shown
from mkdocs_lightning.base.yaml_file import NotYamlError, line_of, read_mkdocs_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mkdocs.config.defaults import MkDocsConfig

PLUGIN = "lightning"
_LIKENESS = 0.75  # of a name that is misspelt
_NAMES = [PLUGIN, "mkdocs_lightning", "mkdocs-lightning"]
"""The plugin's, and the package's."""
CONFIG_LOGGER = base.log.name
"""Where MkDocs, or ProperDocs, tells of wrong options."""

_log = logging.getLogger(CONFIG_LOGGER)
_LONG_NUMBER = re.compile(r"(?P<digits>\d{1,3}(?:[ ,._']\d{3})+|\d+(?= ?[kK]))(?P<thousands> ?[kK])?")

_T = TypeVar("_T")

KINDS = {
    type(None): "nothing",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a mapping",
}
"""What YAML can hold, in words."""


def place_of(option: str, config_file: str | None) -> str:
    """The file, with the line if that is known, in which an option of the plugin is written.

    Args:
        option: Its name; empty for the plugin's entry itself.
        config_file: The site's configuration; None if that has no file.
    """
    return place_of_key(("plugins", PLUGIN, option) if option else ("plugins", PLUGIN), config_file)


def place_of_key(keys: Sequence[str], config_file: str | None) -> str:
    """Where a key of the configuration, or of one that it inherits from, is written, as `file:line`.

    Args:
        keys: From the outermost on, as for `line_of`.
        config_file: As for `place_of`.
    """
    path = Path(config_file or "mkdocs.yml")
    for file in (path, *_inherited_from(path)):
        if line := line_of(file, keys):
            return f"{file.name}:{line}"
    return path.name


def _inherited_from(path: Path) -> Iterator[Path]:
    """The files that a configuration inherits from, the nearest first."""
    seen = {path}
    while (inherited := _inherited(path)) is not None and inherited not in seen:
        path = inherited
        seen.add(path)
        yield path


def _inherited(path: Path) -> Path | None:
    try:
        raw = read_mkdocs_yaml(path)
    except (OSError, NotYamlError):  # MkDocs has said so
        return None
    inherited = raw.get("INHERIT") if isinstance(raw, dict) else None
    return path.parent / inherited if isinstance(inherited, str) else None


class MisplacedError(SettingError):
    """The plugin, or one of its options, stands where nothing reads it; the message has the place."""


class Kind(c.OptionallyRequired[_T], Generic[_T]):
    """A value of a type, or of one of several types.

    Args:
        types: The type or the types.
        expected: What is expected, in words. A wrong value is not repeated, as it may be a key.
        default: The default; an option that has none must be given.

    Attributes:
        types: The types.
    """

    def __init__(self, types: type[_T] | tuple[type[_T], ...], expected: str, *, default: _T | None = None) -> None:
        super().__init__(default=default)
        self.types: tuple[type[_T], ...] = types if isinstance(types, tuple) else (types,)
        self._expected = expected

    def run_validation(self, value: object) -> _T:
        """The checked value."""
        if not isinstance(value, self.types):
            is_bare = isinstance(value, int | float | date) and not isinstance(value, bool)
            quotes = "; put quotes around it" if self.types == (str,) and is_bare else ""
            raise ValidationError(f"{self._expected} is expected, not {KINDS.get(type(value), 'a date')}{quotes}")
        return value


_OTHER_WORDS = {"ogg": "opus", "oga": "opus", "wave": "wav"}
"""What files of a format are called."""


class OneOf(c.OptionallyRequired[str]):
    """One of a few words.

    Attributes:
        choices: These words.
    """

    def __init__(self, choices: Sequence[str], *, default: str) -> None:
        super().__init__(default=default)
        self.choices = choices

    def run_validation(self, value: object) -> str:
        """The checked value."""
        if not isinstance(value, str) or value not in self.choices:
            word = value if isinstance(value, str) else ""
            hint = did_you_mean(_OTHER_WORDS.get(word.lower(), word), self.choices, likeness=0.75)
            raise ValidationError(f"{shown(value)} is not one of {listed(self.choices)}{hint}")
        return value


class ExistingFile(c.File):
    """The path of a file that must exist."""

    def __init__(self) -> None:
        super().__init__(exists=True)

    def run_validation(self, value: object) -> str:
        """The checked value."""
        if not isinstance(value, str):
            raise ValidationError(f"the path of a file is expected, not {KINDS.get(type(value), 'a date')}")
        return super().run_validation(value)


class Directory(c.Dir):
    """The path of a directory, which need not exist."""

    def run_validation(self, value: object) -> str:
        """The checked value."""
        if not isinstance(value, str):
            raise ValidationError(f"a path is expected, not {KINDS.get(type(value), 'a date')}")
        return super().run_validation(value)


class WholeNumber(c.OptionallyRequired[int]):
    """A whole number of at least `least`, also as text, as `!ENV` gives it; true and false are refused."""

    def __init__(self, *, least: int, default: int | None = None) -> None:
        super().__init__(default=default)
        self.least = least

    def run_validation(self, value: object) -> int:
        """The checked value."""
        return _whole_number(value, self.least)


class Concurrency(c.OptionallyRequired[int | None]):
    """A whole number of 1 or more, or `auto`, whose value is None."""

    def run_validation(self, value: object) -> int | None:
        """The checked value."""
        return None if value == "auto" else _whole_number(value, 1, "'auto' or ")


def _whole_number(value: object, least: int, alternative: str = "") -> int:
    try:
        number = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or number < least:
        raise ValidationError(f"{shown(value)} is not {alternative}a whole number of {least} or more{_digits(value)}")
    return number


def _digits(value: object) -> str:
    """What to write for a number with separators, or with a k for thousands; empty for anything else."""
    if isinstance(value, float) and value.is_integer():
        return "; a period does not separate thousands"
    found = _LONG_NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return ""
    digits = re.sub(r"\D", "", found["digits"]) + ("000" if found["thousands"] else "")
    return f"; write {digits}"


class Seconds(c.OptionallyRequired[float]):
    """A number of seconds above 0."""

    def run_validation(self, value: object) -> float:
        """The checked value."""
        try:
            seconds = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
        except (ValueError, OverflowError):
            seconds = 0.0
        if not 0 < seconds < float("inf"):
            raise ValidationError(f"{shown(value)} is not a number of seconds above 0")
        return seconds


class Loudness(c.OptionallyRequired[float | None]):
    """A loudness in LUFS that speech can have, also as text, as `!ENV` gives it; or `none`, whose value is None."""

    def run_validation(self, value: object) -> float | None:
        """The checked value."""
        if value == "none":
            return None
        try:
            loudness = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
        except (ValueError, OverflowError):
            loudness = 0.0
        if not SOFTEST <= loudness <= LOUDEST:
            raise ValidationError(f"{shown(value)} is not 'none' or a loudness from {SOFTEST:g} to {LOUDEST:g} LUFS")
        return loudness


class AnyValue(BaseConfigOption[object]):
    """Any value; `VoiceSettings` checks it, as it does for a block and for front matter."""


@contextmanager
def abort_on_wrong_option(config: MkDocsConfig) -> Iterator[None]:
    """End the build where an option cannot be used, with a message in the form of MkDocs' own.

    Raises:
        Abort: One cannot.
    """
    try:
        yield
    except MisplacedError as error:
        _log.error("Config value '%s': %s", error.setting, error)
        raise Abort("Aborted with a configuration error!") from error
    except SettingError as error:
        place = place_of(error.setting, config.config_file_path)
        _log.error("Config value 'plugins': Plugin '%s' option '%s': %s (%s)", PLUGIN, error.setting, error, place)
        raise Abort("Aborted with a configuration error!") from error


def error_in(plugins: object, config_file: str | None) -> str | None:
    """What is wrong with the plugin's entry in a value of `plugins`; None if nothing is."""
    entries = plugins if isinstance(plugins, list) else [plugins]
    for entry in (each for each in entries if isinstance(each, dict) and PLUGIN in each):
        if entry is not plugins and len(entry) > 1:
            others = listed(repr(name) for name in entry if name != PLUGIN)
            return f"{others} must be indented below 'lightning:', or begin with '-' ({place_of('', config_file)})"
        if not isinstance(entry[PLUGIN], dict | None):
            return f"{not_a_mapping(entry[PLUGIN])} ({place_of('', config_file)})"
    return None


def not_a_mapping(options: object) -> str:
    """The message for a plugin's options that are no mapping."""
    kind = KINDS.get(type(options), "a date")
    return f"lightning: a mapping of options is expected, such as `lightning: {{engine: offline}}`, not {kind}"


def entries_of(plugins: object) -> Iterator[tuple[str, object]]:
    """The names and the options of the entries of `plugins`, a list or a mapping."""
    for entry in plugins if isinstance(plugins, list) else [plugins]:
        if isinstance(entry, dict):
            yield from ((str(name), options) for name, options in entry.items())
        elif isinstance(entry, str):
            yield entry, None


def check_places(settings: Mapping[str, object], config_file: str | None, options: Collection[str]) -> None:
    """Check that the plugin is listed once, and that its options stand below it.

    Other programs' configurations may hold anything else.

    Args:
        settings: The whole configuration, as YAML has it.
        config_file: Its file, for the message; None if it has none.
        options: The names of the plugin's options.

    Raises:
        MisplacedError: An option, or the plugin, stands where nothing reads it.
    """
    _check_top_level(settings, config_file, options)
    _check_entries([*entries_of(settings.get("plugins"))], config_file, options)


def check_listed_once(count: int) -> None:
    """Check how often the plugin is listed: two would read a site, and pay for it, with different options.

    Raises:
        MisplacedError: It is listed more than once.
    """
    if count > 1:
        raise MisplacedError("plugins", "lightning is listed twice; remove one of the two entries")


def _check_top_level(settings: Mapping[str, object], config_file: str | None, options: Collection[str]) -> None:
    for keys in _misplaced(settings, options):
        place = place_of_key(keys, config_file)
        words = f"this is a plugin; write it below plugins: as '- lightning:' ({place})"
        if keys[-1] in options:
            words = f"this is an option of lightning; write it below '- lightning:' in plugins: ({place})"
        raise MisplacedError(keys[-1], words)
    for name in settings:
        if name != "plugins" and _is_like(name, "plugins") and PLUGIN in dict(entries_of(settings[name])):
            raise MisplacedError(name, f"write 'plugins:' ({place_of_key([name], config_file)})")


def _misplaced(settings: Mapping[str, object], options: Collection[str]) -> Iterator[Sequence[str]]:
    """Where the plugin or one of its options is set outside of `plugins`: the keys, from the outermost on."""
    for name in settings:
        if name in options or name in _NAMES:
            yield [name]
    extra = settings.get("extra")
    for name, value in extra.items() if isinstance(extra, Mapping) else ():
        if name in _NAMES and isinstance(value, dict):
            yield ["extra", name]


def _check_entries(entries: Sequence[tuple[str, object]], config_file: str | None, options: Collection[str]) -> None:
    plugins = [name for name, _ in entries]
    check_listed_once(plugins.count(PLUGIN))
    for name, value in entries:
        is_option = PLUGIN in plugins and name in options
        is_value = name == "name" and value in _NAMES
        if not (is_option or is_value or (PLUGIN not in plugins and (PLUGIN in name or _is_like(name, PLUGIN)))):
            continue
        place = place_of_key(["plugins", name], config_file)
        words = f"there is no plugin {name!r}; write 'lightning' ({place})"
        if is_option:
            words = f"'{name}' is an option of lightning; write it below 'lightning:', indented further ({place})"
        elif is_value:
            words = f"write '- lightning:' instead of '- name: {value}', and its options below it ({place})"
        raise MisplacedError("plugins", words)


def _is_like(name: str, meant: str) -> bool:
    return most_similar(name, [meant], likeness=_LIKENESS) is not None
