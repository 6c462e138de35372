"""What a site needs, and what has changed in it, as Markdown for GitHub's job summaries and for notes on GitLab.

Its length is bounded, so that it fits into a comment on GitHub (65,536 characters), too: a job summary may have 1 MiB,
a note on GitLab 1,000,000 characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import count
from mkdocs_lightning.cli.changes.markdown_text import differing, figure, plain
from mkdocs_lightning.cli.changes.wording import (
    COLUMNS,
    OF_SITE,
    cost_of,
    groups_of,
    named,
    row_of,
    summary_of,
    voice_difference,
)
from mkdocs_lightning.cli.site_report import COLUMNS as SITE_COLUMNS
from mkdocs_lightning.cli.site_report import LANGUAGE_COLUMNS
from mkdocs_lightning.exports.changes.narration_diff import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_lightning.cli.changes.since import ChangesSince
    from mkdocs_lightning.cli.changes.wording import ChangeGroup
    from mkdocs_lightning.cli.site_report import PageReport, SiteReport
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.exports.changes.narration_diff import PageChanges, SentenceChange

_TITLE = "### Narration"

_TABLE_SIZE = 15_000
_SENTENCES_SIZE = 40_000
"""Characters of the table of pages, and of all that is told of single sentences."""

_MOST_OPEN = 10
"""Rows of sentences that are not folded."""

_EXCERPT = 300
"""Characters of a text that is shown; sentences have 250 at most, names of pages and reasons any number."""


def markdown_of_report(report: SiteReport, engine: Engine) -> str:
    """What the site needs: tables by page and by language, the cost, and the missing sentences, folded."""
    rows = [page.figures.as_row(page.page) for page in report.pages]
    missing = [_missing_section(page) for page in report.pages if page.plan.missing]
    total = report.figures.as_row("total")
    return _joined(
        _TITLE,
        _table(SITE_COLUMNS, rows, total),
        _table(LANGUAGE_COLUMNS, report.language_rows(), total) if report.languages else "",
        *(plain(line) for line in report.summary(engine)),
        *_sections(missing),
    )


def markdown_of_changes(changes: ChangesSince, report: SiteReport, engine: Engine) -> str:
    """What has changed: a table by page, the cost of the changes and of all that is missing, and the sentences.

    Args:
        changes: Since a revision.
        report: What the site needs as it is now.
        engine: Whose prices these are.
    """
    of_site = [plain(line) for line in report.summary(engine, OF_SITE)]
    if changes.diff is None or not changes.diff.pages:
        return _joined(_TITLE, _with_commit(_short(summary_of(changes)), changes), *of_site)
    names = named(changes.diff.pages)
    rows = [row_of(name, page.figures) for name, page in names]
    return _joined(
        _TITLE,
        _with_commit(summary_of(changes), changes),
        _table(COLUMNS, rows, row_of("total", changes.diff.figures)),
        plain(cost_of(changes.diff.figures)),
        *of_site,
        *_sections([_changes_section(page, name) for name, page in names if page.players]),
    )


def _with_commit(text: str, changes: ChangesSince) -> str:
    """A text as plain, but for the commit, which is code: so it can be copied, and is no reference."""
    commit = changes.revision.short
    return plain(text).replace(f"({plain(commit)})", f"(`{commit}`)")


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1]}…"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], total: Sequence[str]) -> str:
    """A table of figures by page, as far as there is room for it."""
    lines = [_row([plain(_short(name)), *map(figure, figures)]) for name, *figures in rows]
    shown = _within(lines, _TABLE_SIZE)
    if left := len(lines) - len(shown):
        shown.append(_row([f"… {count(left, 'more page')}", *[""] * (len(columns) - 1)]))
    total_line = _row(f"**{figure(cell)}**" for cell in total)
    rule = _row([":--", *["--:"] * (len(columns) - 1)])
    return "\n".join([_row(columns), rule, *shown, total_line])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _within(lines: Sequence[str], size: int) -> list[str]:
    """The first lines, as far as all of them together have no more than some number of characters."""
    shown = []
    for line in lines:
        size -= len(line) + 1
        if size < 0:
            break
        shown.append(line)
    return shown


@dataclass(frozen=True, slots=True)
class _Section:
    """What is told of one page.

    Attributes:
        title: Its heading.
        head: The first two lines of its table.
        rows: The others.
    """

    title: str
    head: str
    rows: tuple[str, ...]


def _sections(sections: Sequence[_Section]) -> Iterator[str]:
    """The sections, folded if they are long, as far as there is room for them; then how many rows are left out."""
    is_open = sum(len(section.rows) for section in sections) <= _MOST_OPEN
    room, left = _SENTENCES_SIZE, 0
    for section in sections:
        room -= len(_folded(section, (), is_open=is_open))
        rows = _within(section.rows, room)
        if rows:
            yield _folded(section, rows, is_open=is_open)
        left += len(section.rows) - len(rows)
        room = 0 if left else room - sum(len(row) + 1 for row in rows)
    if left:
        yield f"… {count(left, 'more row')}: `mkdocs-lightning plan` with `--format json` has all."


def _folded(section: _Section, rows: Sequence[str], *, is_open: bool) -> str:
    opener = "<details open>" if is_open else "<details>"
    table = "\n".join([section.head, *rows])
    return f"{opener}<summary>{section.title}</summary>\n\n{table}\n\n</details>"


_MISSING_HEAD = "| missing | characters |\n| :-- | --: |"
_CHANGES_HEAD = "| before | after | characters | price |\n| :-- | :-- | --: | --: |"


def _missing_section(page: PageReport) -> _Section:
    rows = tuple(_row([plain(segment.text), f"{len(segment.text):,}"]) for segment in page.plan.missing)
    return _Section(f"{plain(_short(page.page))}: {count(len(rows), 'missing sentence')}", _MISSING_HEAD, rows)


def _changes_section(page: PageChanges, name: str) -> _Section:
    groups = [group for player in page.players for group in groups_of(page, player)]
    number = sum(len(group.changes) for group in groups)
    return _Section(
        f"{plain(_short(name))}: {count(number, 'change')}",
        _CHANGES_HEAD,
        tuple(_row(_cells(group)) for group in groups),
    )


def _cells(group: ChangeGroup) -> Iterator[str]:
    is_edit = group.kind in (ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.CHANGED)
    yield from _edit_cells(group.changes[0]) if is_edit else _group_cells(group)
    yield f"{group.characters:,}" if group.characters else ""
    yield "" if group.kind is ChangeKind.REMOVED else figure(group.price) if group.characters else "-"


def _edit_cells(change: SentenceChange) -> tuple[str, str]:
    """What was, and what is, of one sentence."""
    if change.before and change.after:
        before, after = differing(change.before.text, change.after.text)
        voices = voice_difference(change)
        return before, f"{after} ({plain(voices)})" if voices else after
    return plain(change.before.text) if change.before else "", plain(change.after.text) if change.after else ""


def _group_cells(group: ChangeGroup) -> tuple[str, str]:
    """What is told of sentences that have another voice or place."""
    about = {
        ChangeKind.REVOICED: plain(group.about),
        ChangeKind.MOVED: f"moved from {plain(group.about)}" if group.about else "moved within the page",
        ChangeKind.COPIED: f"also in {plain(group.about)}" if group.about else "repeated on the page",
    }[group.kind]
    texts = [plain(change.after.text) for change in islice(group.changes, 1) if change.after]
    more = f" … and {count(len(group.changes) - 1, 'more sentence')}" if len(group.changes) > 1 else ""
    return f"*{about}*", "".join(texts) + more
