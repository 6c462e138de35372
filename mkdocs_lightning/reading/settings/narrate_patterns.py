"""The patterns of the option `narrate`, which name pages that are spoken as a whole.

A page of another program has several names for them: its path in the site, and those that its source may have had. One
of MkDocs has one; a translation also has that of the page that it translates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from mkdocs_lightning.base.errors import most_similar, printable
from mkdocs_lightning.base.file_system import to_nfc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mkdocs_lightning.base.errors import Log


_LIKENESS_OF_SLIP = 0.85  # `!old-guide.md` is no slip for `guide.md`
_DOCS_PREFIX = "docs/"  # which patterns are already relative to
_WILDCARDS = re.compile(r"[\\*?\[\] ]")
_SUFFIX = re.compile(r"\.\w+$")
_ESCAPED = r"\\\g<0>"


def is_named(spec: GitIgnoreSpec, names: Iterable[str]) -> bool:
    """Whether patterns name a page: of those that match any of its names, the last one decides."""
    results = [spec.check_file(to_nfc(name)) for name in names]
    last = max(results, key=lambda result: -1 if result.index is None else result.index)
    return bool(last.include)


@dataclass(frozen=True, slots=True)
class Ineffective:
    """A pattern that excludes pages, all of which other patterns name.

    Attributes:
        pattern: As it is written.
        instead: What excludes the folder that it names; None if it names none.
        is_too_early: Whether it names no folder, and no pattern above it includes any page.
    """

    pattern: str
    instead: str | None
    is_too_early: bool

    @property
    def is_slip(self) -> bool:
        """Whether it is clear that its pages are not meant to be narrated."""
        return self.instead is not None or self.is_too_early


def ineffective(patterns: Sequence[str], pages: Sequence[Collection[str]]) -> list[Ineffective]:
    """The patterns that exclude pages, all of which stay narrated.

    Args:
        patterns: In the order in which they are written.
        pages: The names of each page.
    """
    uris = [f"/{to_nfc(name)}" for names in pages for name in names]
    found = []
    for pattern in _ineffective(patterns, pages):
        instead = _excluding_folder(pattern, uris)
        above = _effective(patterns[: patterns.index(pattern)])
        is_first = all(each.startswith("!") for each in above) and not all(map(_named_by(pattern).match_file, uris))
        found.append(Ineffective(pattern, instead, is_first and instead is None))
    return found


def _excluding_folder(pattern: str, uris: Iterable[str]) -> str | None:
    """What excludes all below the folder that a pattern names; None if it names none."""
    folder = to_nfc(pattern).removeprefix("!").rstrip("/")
    inner = f"/{folder.strip('/')}/"
    places = [uri.find(inner) for uri in uris]
    if 0 in places:
        return f"!{folder}/**"
    return f"!**/{folder}/**" if max(places, default=-1) > 0 and not folder.startswith("/") else None


def warn_of_ineffective(patterns: Sequence[str], found: Iterable[Ineffective], log: Log) -> None:
    """Warn of patterns that exclude no page, and of patterns that exclude alone.

    Args:
        patterns: In the order in which they are written.
        found: As `ineffective` returns it.
        log: Receives the warnings.
    """
    if (excluding := _effective(patterns)) and all(pattern.startswith("!") for pattern in excluding):
        log.warning("narrate: '%s' only excludes pages, and no pattern includes any; put '**' first", excluding[0])
    for each in found:
        advice = f"write '{printable(each.instead)}'" if each.instead else "move it below those"
        until = _until(each.pattern.removeprefix("!")) if each.is_slip else ""
        log.warning(
            "narrate: '%s' excludes no page, because other patterns name its pages; %s%s",
            printable(each.pattern),
            advice,
            until,
        )


def _until(name: str) -> str:
    return f". Until you correct it, {printable(name)} is not narrated either"


def meant_by(patterns: Iterable[str], uris: Collection[str]) -> dict[str, str | None]:
    """For each pattern that `unmatched` returned, the page or folder with the most similar name; None if none has.

    Args:
        patterns: Those that match nothing.
        uris: All names of all pages.
    """
    folders = {f"{folder}/" for uri in uris for folder in PurePosixPath(uri).parents if folder.name}
    names = [*uris, *folders]
    return {pattern: _meant_by(pattern, names) for pattern in patterns}


def _meant_by(pattern: str, names: Sequence[str]) -> str | None:
    if not pattern.startswith("!"):
        return most_similar(pattern, names)
    written = pattern.removeprefix("!")
    if same := next((name for name in names if _SUFFIX.sub("", name) == _SUFFIX.sub("", written)), None):
        return same  # such as the page of an `api.rst`
    spellings = (written, written.removeprefix(_DOCS_PREFIX))
    return next(filter(None, (most_similar(each, names, likeness=_LIKENESS_OF_SLIP) for each in spellings)), None)


def with_meant_exclusions(
    patterns: Iterable[str], meant: Mapping[str, str | None], found: Collection[Ineffective]
) -> GitIgnoreSpec:
    """The pages that patterns name, without those that mistaken ones mean to exclude: a slip must not cost money.

    Args:
        patterns: As they are written.
        meant: As `meant_by` returns it.
        found: As `ineffective` returns it.
    """
    instead = {each.pattern: each.instead for each in found if each.instead}
    lines: list[str] = []
    for pattern in patterns:
        lines.append(pattern)
        if pattern.startswith("!") and (name := meant.get(pattern)):
            lines.append(f"!/{_excluding(_WILDCARDS.sub(_ESCAPED, name))}")
        if pattern in instead:
            lines.append(instead[pattern])
    lines += [each.pattern for each in found if each.is_too_early]
    return GitIgnoreSpec.from_lines(map(to_nfc, lines))


def warn_of_unmatched(meant: Mapping[str, str | None], root: str, log: Log) -> None:
    """Warn of patterns that match nothing.

    Args:
        meant: As `meant_by` returns it.
        root: What patterns begin in, for the message.
        log: Receives the warnings.
    """
    for pattern, name in meant.items():
        like = until = ""
        if name and pattern.startswith("!"):
            like = f" (did you mean '!{printable(_excluding(name))}'?)"
            until = _until(name)
        elif name:
            like = f" (did you mean {name!r}?)"
        log.warning(
            "narrate: '%s' matches no page%s; patterns are relative to %s%s", printable(pattern), like, root, until
        )


def _excluding(name: str) -> str:
    """What a pattern that excludes a page or a folder has after its exclamation mark."""
    return f"{name}**" if name.endswith("/") else name


def unmatched(patterns: Iterable[str], uris: Iterable[str]) -> list[str]:
    """The patterns that name something, or exclude it, but nothing of some paths."""
    paths = [to_nfc(uri) for uri in uris]
    specs = {pattern: _named_by(pattern) for pattern in patterns}
    return [
        pattern
        for pattern, spec in specs.items()
        if any(each.include for each in spec.patterns) and not any(map(spec.match_file, paths))
    ]


def _effective(patterns: Iterable[str]) -> list[str]:
    """The patterns that are neither empty nor comments."""
    return [printable(pattern) for pattern in patterns if any(each.include for each in _named_by(pattern).patterns)]


def _ineffective(patterns: Sequence[str], pages: Iterable[Collection[str]]) -> list[str]:
    """The patterns that exclude pages, all of which stay narrated."""
    specs = {pattern: _named_by(pattern) for pattern in patterns if pattern.startswith("!")}
    if not specs:
        return []
    whole = GitIgnoreSpec.from_lines(map(to_nfc, patterns))
    narrated: dict[str, list[bool]] = {pattern: [] for pattern in specs}
    for names in pages:
        for pattern in [pattern for pattern, spec in specs.items() if any(map(spec.match_file, map(to_nfc, names)))]:
            narrated[pattern].append(is_named(whole, names))
    return [pattern for pattern, each in narrated.items() if each and all(each)]


def _named_by(pattern: str) -> GitIgnoreSpec:
    """What a pattern names, be it to include or to exclude that."""
    return GitIgnoreSpec.from_lines([to_nfc(pattern).removeprefix("!")])
