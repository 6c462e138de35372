"""The patterns of the option `narrate`, which name pages that are spoken as a whole.

A page of another program has several names for them: its path in the site, and those that its source may have had. One
of MkDocs has one; a translation also has that of the page that it translates.
"""

from __future__ import annotations

import re
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


def warn_of_ineffective(patterns: Sequence[str], pages: Sequence[Collection[str]], log: Log) -> None:
    """Warn of each pattern that excludes pages, all of which stay narrated, and of patterns that exclude alone.

    Args:
        patterns: In the order in which they are written.
        pages: The names of each page.
        log: Receives the warnings.
    """
    uris = [name for names in pages for name in names]
    if (excluding := _effective(patterns)) and all(pattern.startswith("!") for pattern in excluding):
        log.warning("narrate: '%s' only excludes pages, and no pattern includes any; put '**' first", excluding[0])
    for pattern in _ineffective(patterns, pages):
        folder = pattern.rstrip("/")
        is_folder = any(f"/{uri}".startswith(f"/{folder.strip('!/')}/") for uri in uris)
        advice = f"write '{folder}/**'" if is_folder else "move it below those"
        log.warning(
            "narrate: '%s' excludes no page, because other patterns name its pages; %s", printable(pattern), advice
        )


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


def with_meant_exclusions(patterns: Iterable[str], meant: Mapping[str, str | None]) -> GitIgnoreSpec:
    """The pages that patterns name, without those that mistyped ones mean to exclude: a slip must not cost money.

    Args:
        patterns: As they are written.
        meant: As `meant_by` returns it.
    """
    lines: list[str] = []
    for pattern in patterns:
        lines.append(pattern)
        if pattern.startswith("!") and (name := meant.get(pattern)):
            lines.append(f"!/{_excluding(_WILDCARDS.sub(_ESCAPED, name))}")
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
            until = f". Until you correct it, {printable(name)} is not narrated either"
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
