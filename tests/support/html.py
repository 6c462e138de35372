"""Pages as tests read them: their elements, and their text."""

from __future__ import annotations

from html.parser import HTMLParser

Attributes = dict[str, str | None]


class Page(HTMLParser):
    """What a page holds.

    Attributes:
        elements: Each with its tag and attributes, in their order.
        data: The pieces of text, each with the tag of the last element that began before it.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.data: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """All text, that of scripts included."""
        return "".join(data for _, data in self.data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.data.append((self.elements[-1][0] if self.elements else "", data))


def attributes(html: str, tag: str, class_: str = "") -> list[Attributes]:
    """The attributes of all elements with that tag, and with that class if one is given."""
    return [found for name, found in Page(html).elements if name == tag and (not class_ or class_ in classes(found))]


def with_class(html: str, class_: str) -> list[Attributes]:
    """The attributes of all elements with that class."""
    return [found for _, found in Page(html).elements if class_ in classes(found)]


def classes(found: Attributes) -> list[str]:
    """An element's classes."""
    return (found.get("class") or "").split()
