"""What has changed in a site, as text for a terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import count, listed, printable, printable_path
from mkdocs_lightning.cli.changes.wording import (
    COLUMNS,
    cost_of,
    groups_of,
    named,
    row_of,
    summary_of,
    voice_difference,
)
from mkdocs_lightning.cli.site_report import table_of
from mkdocs_lightning.exports.changes.narration_diff import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.cli.changes.since import ChangesSince
    from mkdocs_lightning.cli.changes.wording import ChangeGroup
    from mkdocs_lightning.exports.changes.narration_diff import NarrationDiff, PlayerChanges, SentenceChange

_MOST_LINES = 60


def text_of_changes(changes: ChangesSince) -> str:
    """A summary, a table by page, and the sentences, as far as they fit on a screen or two."""
    if changes.diff is None or not changes.diff.pages:
        return summary_of(changes)
    diff = changes.diff
    names = named(diff.pages)
    rows = [row_of(printable_path(name), page.figures) for name, page in names]
    table = table_of([COLUMNS, *rows, row_of("total", diff.figures)])
    sentences = "\n".join(_bounded(_sentence_lines(diff)))
    return "\n\n".join(part for part in (summary_of(changes), table, sentences, cost_of(diff.figures)) if part)


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    yield from islice(lines, _MOST_LINES)
    if left := sum(1 for _ in lines):
        yield f"… {count(left, 'more line')}; '--format json' has all"


def _sentence_lines(diff: NarrationDiff) -> Iterator[str]:
    """Each player with its changes; players that several languages of a site share, once."""
    locales: defaultdict[tuple[str, int, tuple[str, ...]], list[str]] = defaultdict(list)
    for page in diff.pages:
        for number, player in enumerate(page.players):
            place = _place(printable_path(page.name.uri), player)
            lines = tuple(line for group in groups_of(page, player) for line in _lines_of(group))
            locales[place, number, lines].append(page.name.locale)
    versions = Counter((place, number) for place, number, _ in locales)
    for (place, number, lines), languages in locales.items():
        yield place if versions[place, number] == 1 else f"{place} [{listed(dict.fromkeys(languages))}]"
        yield from (f"  {line}" for line in lines)


def _place(uri: str, player: PlayerChanges) -> str:
    line = player.after.line if player.after else None
    return f"{uri}:{line}" if line else uri


def _lines_of(group: ChangeGroup) -> Iterator[str]:
    """The lines of one group: as in a diff, `-` is before what was, `+` before what is."""
    first = group.changes[0]
    if group.kind in (ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.CHANGED):
        yield from _edit_lines(first)
        return
    text = printable(first.after.text) if first.after else ""
    more = f" … and {count(len(group.changes) - 1, 'more sentence')}" if len(group.changes) > 1 else ""
    about = {
        ChangeKind.REVOICED: printable(group.about),
        ChangeKind.MOVED: f"from {printable(group.about)}" if group.about else "moved within the page",
        ChangeKind.COPIED: f"also in {printable(group.about)}" if group.about else "repeated on the page",
    }[group.kind]
    yield f"~ ({about}) {text}{more}"


def _edit_lines(change: SentenceChange) -> Iterator[str]:
    voices = f"({printable(voices)}) " if (voices := voice_difference(change)) else ""
    if change.before:
        yield f"- {printable(change.before.text)}"
    if change.after:
        yield f"+ {voices}{printable(change.after.text)}"
