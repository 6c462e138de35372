"""Diagnostics that stay in a page. Other programs convert a page only when it has changed, so they warn of it once.

    <speak-diagnostics hidden data-list="[{…}]"></speak-diagnostics>

`mkdocs-lightning publish` reports them on each run, until the page is right.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Self

from mkdocs_lightning.base.errors import SettingError, count, printable, shown
from mkdocs_lightning.base.html_scanner import tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_lightning.base.errors import Log

DIAGNOSTICS_TAG = "speak-diagnostics"

_LIST = "data-list"
_MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class KeptDiagnostic:
    """What was logged while a page was converted.

    Attributes:
        text: One line.
        names_place: Whether the text says where to look: at a line of a source, or at an option of the program.
        is_error: True if no block of the site can be spoken before it is corrected.
    """

    text: str
    names_place: bool
    is_error: bool = False

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read one entry of what `element_of` wrote.

        Raises:
            SettingError: Anything else; a page may come from anywhere.
        """
        match raw:
            case {"text": str(text), "names_place": bool(names_place), "is_error": bool(is_error)} if text:
                return cls(printable(text[:_MAX_TEXT]), names_place, is_error)
        raise SettingError(_LIST, f"{shown(raw)} is not a diagnostic")


def element_of(diagnostics: Iterable[KeptDiagnostic]) -> str:
    """The element that keeps diagnostics in a page; empty if there are none."""
    raw = [asdict(diagnostic) for diagnostic in diagnostics]
    if not raw:
        return ""
    value = escape(json.dumps(raw, ensure_ascii=False, separators=(",", ":")))
    return f'<{DIAGNOSTICS_TAG} hidden {_LIST}="{value}"></{DIAGNOSTICS_TAG}>'


def diagnostics_in(html: str) -> list[KeptDiagnostic]:
    """The diagnostics that a page keeps.

    Raises:
        SettingError: They cannot be read.
    """
    elements = (tag for tag in tags(html) if tag.name == DIAGNOSTICS_TAG and not tag.is_end)
    return [KeptDiagnostic.parse(raw) for tag in elements for raw in _read_list(tag.attributes.get(_LIST, ""))]


def _read_list(text: str) -> list[object]:
    """Read a JSON list.

    Raises:
        SettingError: It is none.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingError(_LIST, f"{shown(text)} is not JSON") from error
    if not isinstance(raw, list):
        raise SettingError(_LIST, f"{shown(raw)} is not a list")
    return raw


@dataclass(slots=True)
class DiagnosticReport:
    """The diagnostics of a site. What several pages keep, such as an article and an index that repeats it, is one.

    Attributes:
        is_whole: False if an error keeps all blocks of the site from being spoken, or if a page's diagnostics cannot be
            read, of which a warning has told.
    """

    is_whole: bool = True
    _pages: dict[KeptDiagnostic, list[str]] = field(default_factory=dict)

    def read(self, html: bytes, uri: str, log: Log) -> None:
        """Add those of a page.

        Args:
            html: The page.
            uri: Its path within the site.
            log: Receives a warning if they cannot be read.

        Raises:
            UnicodeDecodeError: It has some, and is no UTF-8.
        """
        if f"<{DIAGNOSTICS_TAG}".encode() not in html:
            return
        try:
            self.add(uri, diagnostics_in(html.decode()))
        except SettingError as error:
            log.warning("%s: its diagnostics cannot be read: %s. Build the site again", uri, error)
            self.is_whole = False

    def add(self, uri: str, diagnostics: Iterable[KeptDiagnostic]) -> None:
        """Add those of a page.

        Args:
            uri: The path of the page within the site.
            diagnostics: What it keeps.
        """
        for diagnostic in diagnostics:
            self.is_whole = self.is_whole and not diagnostic.is_error
            pages = self._pages.setdefault(diagnostic, [])
            if uri not in pages[-1:]:
                pages.append(uri)

    @property
    def is_empty(self) -> bool:
        """Whether no page keeps any."""
        return not self._pages

    def log_to(self, log: Log) -> None:
        """Report each of them once, with its page if it does not say where to look itself."""
        for diagnostic, pages in self._pages.items():
            place = "" if diagnostic.names_place else f"{_named(pages)}: "
            log.log(logging.ERROR if diagnostic.is_error else logging.WARNING, "%s%s", place, diagnostic.text)


def _named(pages: list[str]) -> str:
    others = len(pages) - 1
    return f"{pages[0]} and {count(others, 'other page')}" if others else pages[0]


class DocumentLog(logging.Logger):
    """Passes on to another logger what is logged while a document is converted, and remembers the warnings.

    Attributes:
        warnings: Their texts, each in one line.
    """

    def __init__(self, parent: logging.Logger) -> None:
        super().__init__(parent.name)  # at no level of its own, as what is not shown is remembered, too
        self.parent = parent
        self.warnings: list[str] = []
        self.setLevel(logging.DEBUG)
        self.addFilter(self._remember)

    def _remember(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            self.warnings.append(" ".join(record.getMessage().split()))
        return self.parent is not None and self.parent.isEnabledFor(record.levelno)
