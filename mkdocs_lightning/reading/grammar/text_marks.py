"""Marks in the text of an element tree: elements in place of what an author wrote in braces."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from markdown.util import AtomicString

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

MARK_TAG = "speak-mark"
"""An element for a pause, or for what has no effect. It holds what was written if that cannot be used."""

_VERBATIM_TAGS = frozenset(["code", "pre", "script", "style", MARK_TAG])
_AFTER_WORD = " \n.,;:!?"


def mark_text(
    root: Element, pattern_at: Callable[[Element, Element | None], re.Pattern[str]], mark_of: Callable[[str], Element]
) -> None:
    """Put a mark in place of each match of a pattern in the text of a tree, but for code.

    Args:
        root: The tree.
        pattern_at: The pattern for the text in an element, after one of its children, or before the first (None).
        mark_of: Makes the mark for a match.
    """
    waiting = [root]
    while waiting:
        element = waiting.pop()
        children = list(element)
        content: list[Element] = []  # the children with the marks between them
        if element.tag not in _VERBATIM_TAGS and isinstance(element.tag, str):  # not a comment
            if _has_braces(element.text) and (found := _split(element.text, pattern_at(element, None), mark_of)):
                element.text, content = found
            waiting += children
        for child in children:
            content.append(child)
            if _has_braces(child.tail) and (found := _split(child.tail, pattern_at(element, child), mark_of)):
                child.tail, marks = found
                content += marks
        if len(content) > len(children):
            element[:] = content


def _has_braces(text: str | None) -> TypeGuard[str]:
    return text is not None and "{" in text and not isinstance(text, AtomicString)


def _split(text: str, pattern: re.Pattern[str], mark_of: Callable[[str], Element]) -> tuple[str, list[Element]] | None:
    """The text before the first mark, and the marks with the text after each as tails; None if there are none."""
    marks: list[Element] = []
    before, end = "", 0
    for found in pattern.finditer(text):
        mark = mark_of(found[0])
        between = text[end : found.start()]
        end = found.end()
        if mark.text is None and between.endswith(" ") and text[end : end + 1] and text[end] in _AFTER_WORD:
            between = between[:-1]  # or two spaces, or one before a period, would stay
        if marks:
            marks[-1].tail = between
        else:
            before = between
        marks.append(mark)
    if not marks:
        return None
    marks[-1].tail = text[end:]
    return before, marks
