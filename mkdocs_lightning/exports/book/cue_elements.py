"""Gives each cue of a page one element, which reading systems highlight while it is heard.

A sentence that markup cuts is in several `<span data-cue="READING NUMBER">`. They are put into one, and an element that
belongs to two sentences, such as a link, is divided between them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias
from xml.etree.ElementTree import Element

from mkdocs_lightning.exports.book.clean_html import CUE_ATTRIBUTE
from mkdocs_lightning.exports.book.content_model import BLOCKS, SPAN
from mkdocs_lightning.player.sentence_highlights import CUE_CLASS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    CueIds: TypeAlias = Mapping[tuple[int, int], str]

_CUE = re.compile(r"(\d{1,9}) (\d{1,9})", re.ASCII)


def mark_cues(body: Element) -> CueIds:
    """Put each cue of a page into one element that has an id.

    Args:
        body: Its ids are unique, and none begins with `speak-cue-`.

    Returns:
        By the numbers of the reading and of the cue: the id of its element. A cue that the page does not show has none.
    """
    spans: defaultdict[tuple[int, int], list[Element]] = defaultdict(list)
    for element in body.iter(SPAN):
        cue = _CUE.fullmatch(element.attrib.pop(CUE_ATTRIBUTE, ""))
        if cue and element.get("class") == CUE_CLASS:
            del element.attrib["class"]
            spans[int(cue[1]), int(cue[2])].append(element)
    marker = _Marker(body)
    return {cue: marker.id_of(cue, of_cue) for cue, of_cue in spans.items()}


class _Marker:
    """Changes a page's tree, and remembers the parent of each element meanwhile."""

    def __init__(self, body: Element) -> None:
        self._parents = {child: parent for parent in body.iter() for child in parent}

    def id_of(self, cue: tuple[int, int], spans: Sequence[Element]) -> str:
        """The id of the element that has all pieces of a cue, if there can be one; else of the first piece."""
        element = self._element_of(spans) if len(spans) > 1 else spans[0]
        return element.attrib.setdefault("id", f"{CUE_CLASS}-{cue[0]}-{cue[1]}")

    def _element_of(self, spans: Sequence[Element]) -> Element:
        first, last = self._path(spans[0]), self._path(spans[-1])
        depth = next(depth for depth, (one, other) in enumerate(zip(first, last, strict=False)) if one is not other)
        ancestor = first[depth - 1]
        children = list(ancestor)
        between = children[children.index(first[depth]) : children.index(last[depth]) + 1]
        if any(inner.tag in BLOCKS for child in between for inner in child.iter()):  # such as the cells of a row
            return ancestor if _is_all_of(ancestor, spans) else spans[0]
        start = self._split_before(first[depth:])
        end = self._split_after(self._path(spans[-1])[depth:])
        return self._wrap(ancestor, start, end)

    def _path(self, element: Element) -> list[Element]:
        """The elements from the root to this one."""
        path = [element]
        while (parent := self._parents.get(path[-1])) is not None:
            path.append(parent)
        return path[::-1]

    def _split_before(self, path: Sequence[Element]) -> Element:
        """Divide the elements around the last one, so that the first one, which is returned, begins with it."""
        node = path[-1]
        for parent in reversed(path[:-1]):
            index = list(parent).index(node)
            has_text_before = index > 0 or bool((parent.text or "").strip())
            node = self._divide(parent, index, None) if has_text_before else parent
        return node

    def _split_after(self, path: Sequence[Element]) -> Element:
        """Divide the elements around the last one, so that the first one, which is returned, ends with it."""
        node = path[-1]
        for parent in reversed(path[:-1]):
            index = list(parent).index(node) + 1
            if index < len(parent) or (node.tail or "").strip():
                text, node.tail = node.tail, None
                self._divide(parent, index, text)
            node = parent
        return node

    def _divide(self, element: Element, index: int, text: str | None) -> Element:
        """Move an element's children, from an index on, into a copy of it that follows; the copy."""
        copy = Element(element.tag, {name: value for name, value in element.attrib.items() if name != "id"})
        copy.text = text
        copy[:] = element[index:]
        del element[index:]
        copy.tail, element.tail = element.tail, None
        self._parents |= dict.fromkeys(copy, copy)
        parent = self._parents[element]
        parent.insert(list(parent).index(element) + 1, copy)
        self._parents[copy] = parent
        return copy

    def _wrap(self, parent: Element, start: Element, end: Element) -> Element:
        """Put some neighbors into an element of their own."""
        children = list(parent)
        wrapped = slice(children.index(start), children.index(end) + 1)
        wrapper = Element(SPAN)
        wrapper[:] = children[wrapped]
        wrapper.tail, end.tail = end.tail, None
        parent[wrapped] = [wrapper]
        self._parents |= dict.fromkeys(wrapper, wrapper)
        self._parents[wrapper] = parent
        return wrapper


def _is_all_of(element: Element, spans: Sequence[Element]) -> bool:
    """Whether an element has no other text than that of some spans in it."""
    return _letters(element) == sum(map(_letters, spans))


def _letters(element: Element) -> int:
    return sum(len("".join(text.split())) for text in element.itertext())
