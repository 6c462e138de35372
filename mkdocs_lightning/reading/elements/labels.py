"""Labels that announce something silent, such as the tab "Linux" above a command: they are silent, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.elements.page_tree import TAB_TAG
from mkdocs_lightning.reading.elements.silence import classes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUP_TAGS = frozenset(["details", "figure", "table", TAB_TAG])
_LABEL_TAGS = frozenset(["caption", "figcaption", "summary"])


@dataclass(slots=True)
class _Group:
    """An element with a label.

    Attributes:
        depth: How many elements are open inside it, with itself.
        start: The number of paragraphs before it.
        labels: How many of its paragraphs are labels.
        has_silence: Whether something silent is in it.
    """

    depth: int
    start: int
    labels: int = 0
    has_silence: bool = False


class LabelledGroups:
    """Follows the elements that have labels, and tells which of them have nothing to announce.

    Attributes:
        opened: The elements with labels that are open.
    """

    def __init__(self) -> None:
        self.opened: list[_Group] = []
        self._label_depth: int | None = None

    def start(self, tag: str, attributes: Mapping[str, str | None], depth: int, paragraphs: int) -> None:
        """An element that is not silent starts.

        Args:
            tag: Its tag.
            attributes: Its attributes.
            depth: How many elements are open, with it.
            paragraphs: How many paragraphs there are before it.
        """
        classes = classes_of(attributes)
        if tag in _GROUP_TAGS or "admonition" in classes:
            self.opened.append(_Group(depth, paragraphs))
        elif self.opened and self._label_depth is None:
            is_tab = tag == "label" and depth == self.opened[-1].depth + 1
            if is_tab or tag in _LABEL_TAGS or "admonition-title" in classes:
                self._label_depth = depth

    def add_paragraphs(self, count: int) -> None:
        """So many paragraphs have ended."""
        if self.opened and self._label_depth is not None:
            self.opened[-1].labels += count

    def add_silence(self) -> None:
        """Something silent starts."""
        if self._label_depth is None and self.opened:
            self.opened[-1].has_silence = True

    def end(self, depth: int, paragraphs: int) -> int:
        """Some elements end.

        Args:
            depth: How many elements remain open.
            paragraphs: How many paragraphs there are.

        Returns:
            How many paragraphs remain: without labels that announce nothing but silence.
        """
        if self._label_depth is not None and depth < self._label_depth:
            self._label_depth = None
        while self.opened and depth < self.opened[-1].depth:
            group = self.opened.pop()
            if group.has_silence and self.opened:
                self.opened[-1].has_silence = True
            if group.has_silence and 0 < group.labels == paragraphs - group.start:
                paragraphs = group.start
        return paragraphs
