"""The words for what is shown without text: icons, signs, checkboxes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib import resources
from typing import TYPE_CHECKING

from mkdocs_lightning.reading.elements.silence import ICON_CLASSES, classes_of, is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ENGLISH = "en"

_IMAGE_ROLES = frozenset(["image", "img"])
_IMAGE_TAGS = frozenset(["i", "svg"])

_SHORTCODE = re.compile(r":([\w+-]+):")
_ICON_CLASS = re.compile(r"(?:bi|fa|glyphicon|icon|mdi|octicon|ri|ti)-([a-z0-9-]+)")
_WORD_OF_NAME = re.compile(r"[a-z]+")
_ICON_SETS = re.compile(r"(?:material|octicons|simple|fontawesome-(?:solid|regular|brands))-|-(?:16|24)\Z")

_IMAGE_FILE = re.compile(r"[^\s]+\.(?:avif|gif|jpe?g|png|svg|webp)", re.IGNORECASE)

_MOST_NAMES = 5  # of one cell


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of `words.json`.

    Attributes:
        words: For each language, its words by their names, such as `yes` and `to do`.
        signs: The name of the word for a sign.
        icons: Likewise for a word in the name of an icon, such as `:material-close-circle:` and `fa-check`.
        paths: Likewise for an icon's shape: the first 8 hexadecimal digits of the SHA-256 of its path's `d`. They are
            the icons of Material for MkDocs that have no title.
    """

    words: Mapping[str, Mapping[str, str]]
    signs: Mapping[str, str]
    icons: Mapping[str, str]
    paths: Mapping[str, str]


def word_for(name: str, language: str) -> str:
    """The word for one of `yes`, `no`, `done`, `to do` and the like, in a language or else in English."""
    words = _tables().words
    return words.get(language, words[_ENGLISH])[name]


def described(attributes: Mapping[str, str | None]) -> str:
    """The alt text of an image; empty if it is the image's path, as Sphinx writes where there is none."""
    alternative = unescape(attributes.get("alt") or "")
    return "" if _IMAGE_FILE.fullmatch(alternative) else alternative


def checkbox_word(attributes: Mapping[str, str | None], language: str) -> str:
    """What is spoken for the checkbox of a task."""
    return word_for("done" if "checked" in attributes else "to do", language)


def explicit_name(tag: str, attributes: Mapping[str, str | None]) -> str:
    """The name that an author has given to an icon or an image for assistive technology; empty if there is none."""
    has_role = attributes.get("role") in _IMAGE_ROLES
    if (not has_role and tag not in _IMAGE_TAGS) or is_hidden(attributes):
        return ""
    label = attributes.get("aria-label") or (attributes.get("title") if has_role else "") or ""
    return "" if _SHORTCODE.fullmatch(label.strip()) else unescape(label).strip()


def names_of_signs(text: str, language: str) -> list[str]:
    """The words for the signs in a text that has no letters, such as a check mark."""
    if text.isascii():
        return []
    signs = _tables().signs
    return [word_for(signs[sign], language) for sign in text if sign in signs][:_MOST_NAMES]


def names_of_icon(tag: str, attributes: Mapping[str, str | None], language: str) -> list[str]:
    """The words for an icon: by its title, its alternative text, its class or its shape; none if it says nothing."""
    if not attributes or is_hidden(attributes):
        return []
    if tag == "path":
        return [word_for(name, language) for name in _name_of_path(attributes)]
    classes = classes_of(attributes)
    icon = next((found[1] for name in classes if (found := _ICON_CLASS.fullmatch(name))), "")
    if icon or tag in _IMAGE_TAGS or not ICON_CLASSES.isdisjoint(classes):
        alternative = names_of_signs(attributes.get("alt") or "", language)
        return alternative or _names_of_title(unescape(attributes.get("title") or ""), icon, language)
    return []


def _names_of_title(title: str, icon: str, language: str) -> list[str]:
    shortcode = _SHORTCODE.fullmatch(title.strip())
    if title and not shortcode:
        return names_of_signs(title, language) or [title]
    name = shortcode[1] if shortcode else icon
    icons = _tables().icons
    for word in _WORD_OF_NAME.findall(name.lower()):
        if word in icons:
            return [word_for(icons[word], language)]
    return [" ".join(_WORD_OF_NAME.findall(_ICON_SETS.sub("", name)))] if shortcode and language == _ENGLISH else []


def _name_of_path(attributes: Mapping[str, str | None]) -> Iterator[str]:
    shape = hashlib.sha256((attributes.get("d") or "").encode()).hexdigest()[:8]
    if shape in _tables().paths:
        yield _tables().paths[shape]


@cache
def _tables() -> _Tables:
    text = resources.files("mkdocs_lightning.reading.elements").joinpath("words.json").read_text(encoding="utf-8")
    tables = json.loads(text)
    return _Tables(tables["words"], *(_by_item(tables[name]) for name in ("signs", "icons", "paths")))


def _by_item(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {item: name for name, items in table.items() for item in items}


class Cells:
    """Follows table cells and list items, and tells the words for one that has only signs and icons.

    Args:
        language: The language of the words.

    Attributes:
        opened: The cells and items that are open.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self.opened: list[_Cell] = []

    def start(self, depth: int) -> None:
        """A cell starts, inside which so many elements are open, with itself."""
        self.opened.append(_Cell(depth))

    def add_text(self, text: str) -> None:
        """Some text of the innermost cell is spoken."""
        if not self.opened or self.opened[-1].has_words:
            return
        if any(map(str.isalnum, text)):
            self.opened[-1].has_words = True
        else:
            self.opened[-1].names += names_of_signs(text, self._language)

    def add_element(self, tag: str, attributes: Mapping[str, str | None]) -> bool:
        """An element of the innermost cell starts.

        Returns:
            Whether it is an icon with a name.
        """
        if not self.opened or self.opened[-1].has_words:
            return False
        names = names_of_icon(tag, attributes, self._language)
        self.opened[-1].names += names
        return bool(names)

    def end(self, depth: int) -> str:
        """Some elements end, and so many remain open: what is spoken for a cell that has ended, if it had no words."""
        name = ""
        while self.opened and depth < self.opened[-1].depth:
            cell = self.opened.pop()
            if not cell.has_words:
                name = " ".join(cell.names[:_MOST_NAMES])
            if self.opened and (cell.has_words or name):
                self.opened[-1].has_words = True
        return name


class _Cell:
    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.has_words = False
        self.names: list[str] = []
