"""Find tags and text in the HTML of a page, with their offsets, as a browser does: no tags in comments and scripts.

The time is linear in the length of the page, whatever is in it, and nothing is an error. `html.parser` of Python 3.11
reads the rest of the page again for each tag that is never closed, and raises an AssertionError for `<![`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# As https://html.spec.whatwg.org/multipage/parsing.html#tokenization reads them. Each part takes all that it can.
_ATTRIBUTE = r"""
    (?P<name>[^\s/>][^\s/>=]*+)
    (?:\s*+=\s*+(?:"(?P<double>[^"]*+)(?:"|\Z)|'(?P<single>[^']*+)(?:'|\Z)|(?P<bare>[^\s>]*+)))?
"""
_ATTRIBUTE_PATTERN = re.compile(_ATTRIBUTE, re.VERBOSE)
_ATTRIBUTES = re.sub(r"\?P<\w+>", "?:", rf"(?>(?:[\s/]++|{_ATTRIBUTE})*)")
_MARKUP = re.compile(
    rf"""<(?:
        (?P<comment>!--)
      | (?P<other>[!?]|/(?![A-Za-z]))
      | (?P<slash>/?)(?P<name>[A-Za-z][^\s/>]*+)(?P<attributes>{_ATTRIBUTES})(?P<end>>?)
    )""",
    re.VERBOSE,
)
_COMMENT_END = re.compile("-->|(?<!<!)--!>")
_TEXT_ONLY = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}
"""Elements that hold text and no tags, with the pattern of their end tag."""

_NO_REFERENCES = frozenset("iframe noembed noframes plaintext script style xmp".split())
"""Of these, the elements whose text is as it is written, also where it looks like a character reference."""

_REFERENCE = re.compile(r"&(?:#(?P<number>[0-9]++|[xX][0-9a-fA-F]++)|(?P<entity>[A-Za-z][A-Za-z0-9]*+))")

_FOREIGN = frozenset(["svg", "math"])
"""Elements in which the same names (`<title>`, `<style>`) do hold tags."""

HEAD_TAGS = frozenset("base link meta noscript script style template title".split())
"""Elements that a head may hold. As in a browser, the first other one begins the body."""

_APART_IN_HEAD = frozenset(["noscript", "template"])
"""Of these, those that may hold anything, without beginning the body."""

_AROUND_HEAD = frozenset(["head", "html"])

_HIDING = frozenset("details dialog noscript template".split())
_META = {
    "generator": "generator",
    "description": "description",
    "lightning": "settings",
    "article:published_time": "published",
    "refresh": "refresh",
}
"""The names of `<meta>` elements, or what they stand for in HTTP, with what `PageMetadata` calls them."""

_SOON_ELSEWHERE = re.compile(r"\s*\d?(?:\.\d*)?\s*[;,\s]\s*url\s*=\s*\S", re.IGNORECASE)
"""The `content` of a refresh that leads to another page within 10 s, such as `0; url=new.html`."""

VOID_TAGS = frozenset("area base br col embed hr img input link meta source track wbr".split())
"""Elements that hold nothing, and have no end tag."""


class Tag(NamedTuple):
    """A start tag or an end tag.

    Attributes:
        name: In lower case.
        is_end: Whether it is an end tag.
        start: The offset of its `<`.
        end: The offset after its `>`.
        written: Its attributes as they are written.
    """

    name: str
    is_end: bool
    start: int
    end: int
    written: str

    @property
    def pairs(self) -> list[tuple[str, str | None]]:
        """The attributes as they are written: names in lower case, character references resolved; None for no value."""
        if not self.written:
            return []
        return [(found["name"].lower(), _value(found)) for found in _ATTRIBUTE_PATTERN.finditer(self.written)]

    @property
    def attributes(self) -> Mapping[str, str]:
        """The attributes by name; "" where one has no value."""
        return {name: value or "" for name, value in reversed(self.pairs)}  # of two, a browser takes the first

    @property
    def is_hidden(self) -> bool:
        """Whether the attribute `hidden` hides the element."""
        return "hidden" in self.written.lower() and "hidden" in self.attributes


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page says about itself; empty texts where it does not.

    Attributes:
        language: The `lang` of `<html>`.
        title: Plain text, white space collapsed.
        canonical_url: The `href` of `<link rel="canonical">`.
        base: That of `<base>`.
        generator: The `content` of `<meta name="generator">`.
        description: That of `<meta name="description">`.
        settings: That of `<meta name="lightning">`.
        published: That of `<meta property="article:published_time">`.
        refresh: That of `<meta http-equiv="refresh">`.
        audio_urls: The `src` of each `<audio>` that has one, in the order of the page.
    """

    language: str = ""
    title: str = ""
    canonical_url: str = ""
    base: str = ""
    generator: str = ""
    description: str = ""
    settings: str = ""
    published: str = ""
    refresh: str = ""
    audio_urls: tuple[str, ...] = ()

    @property
    def is_redirect(self) -> bool:
        """Whether the page leads its readers to another one."""
        return _SOON_ELSEWHERE.match(self.refresh) is not None


class HtmlReader:
    """Calls a method for each tag and each piece of text; the methods and their arguments are those of `html.parser`.

    Args:
        convert_charrefs: Whether character references are resolved in text. If not, each is reported by itself.

    Attributes:
        offset: Of what is being reported, in the HTML that was passed to `feed`.
    """

    def __init__(self, *, convert_charrefs: bool = True) -> None:
        self.convert_charrefs = convert_charrefs
        self.offset = 0

    def feed(self, html: str) -> None:
        """Read some HTML to its end; a tag or a comment that does not end in it is left out."""
        position = 0
        has_references = True
        for start, end, tag in _markup(html):
            if position < start:
                self._report_text(html, position, start, has_references=has_references)
            position = end
            if tag is None:
                continue
            self.offset = start
            has_references = tag.is_end or tag.name not in _NO_REFERENCES
            self._report_tag(tag)
        if position < len(html):
            self._report_text(html, position, len(html), has_references=has_references)
        self.offset = len(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a start tag, by its name in lower case."""

    def handle_endtag(self, tag: str) -> None:
        """Take an end tag, or the end of one that is written as `<br/>`."""

    def handle_data(self, data: str) -> None:
        """Take a piece of text."""

    def handle_charref(self, name: str) -> None:
        """Take the reference `&#NAME`; a semicolon may follow."""

    def handle_entityref(self, name: str) -> None:
        """Take the reference `&NAME`; a semicolon may follow."""

    def _report_tag(self, tag: Tag) -> None:
        if tag.is_end:
            self.handle_endtag(tag.name)
            return
        self.handle_starttag(tag.name, tag.pairs)
        if tag.written.endswith("/"):
            self.handle_endtag(tag.name)

    def _report_text(self, html: str, position: int, end: int, *, has_references: bool) -> None:
        self.offset = position
        if self.convert_charrefs or not has_references:
            text = html[position:end]
            self.handle_data(unescape(text) if has_references else text)
            return
        while position < end:
            found = _REFERENCE.search(html, position, end)
            self.offset = position
            if (start := found.start() if found else end) > position:
                self.handle_data(html[position:start])
            if found is None:
                return
            self.offset, position = start, found.end()
            if found["number"]:
                self.handle_charref(found["number"])
            else:
                self.handle_entityref(found["entity"])
            position += html[position : position + 1] == ";"


def tags(html: str) -> Iterator[Tag]:
    """The tags of a page, in order; without those in comments, scripts, style sheets, titles and text fields."""
    return (tag for _, _, tag in _markup(html) if tag is not None)


def _value(attribute: re.Match[str]) -> str | None:
    kind = attribute.lastgroup
    return None if kind is None or kind == "name" else unescape(attribute[kind])


def _markup(html: str) -> Iterator[tuple[int, int, Tag | None]]:
    """The start and the end of all that is no text, in order; each with its tag, if it is one."""
    position = depth = 0
    while found := _MARKUP.search(html, position):
        name, slash, written, end = found.group("name", "slash", "attributes", "end")
        if not name:  # a comment, a doctype, an instruction, or what a browser takes for a comment
            position = _comment_end(html, found)
            yield found.start(), position, None
            continue
        if not end:  # the page ends within the tag
            yield found.start(), len(html), None
            return
        start, position = found.span()
        name = name.lower()
        yield start, position, Tag(name, bool(slash), start, position, written)
        if name in _FOREIGN and not written.endswith("/"):
            depth = max(0, depth + (-1 if slash else 1))
        elif name == "plaintext" and not slash and not depth:  # has no end tag
            position = len(html)
        elif name in _TEXT_ONLY and not slash and not depth:
            text_end = _TEXT_ONLY[name].search(html, position)
            position = text_end.start() if text_end else len(html)


def _comment_end(html: str, start: re.Match[str]) -> int:
    if start["other"]:
        return html.find(">", start.start()) + 1 or len(html)
    end = _COMMENT_END.search(html, start.start() + len("<!"))
    return end.end() if end else len(html)


def head_end(html: str) -> int:
    """The offset at which to insert into the head: before `</head>` or, where that is left out, before the body.

    Without a body, it is the end of the page.
    """
    apart = ""
    for tag in tags(html):
        if apart:
            apart = "" if tag.is_end and tag.name == apart else apart
        elif tag.is_end:
            if tag.name == "head":
                return tag.start
        elif tag.name in _APART_IN_HEAD:
            apart = tag.name
        elif tag.name not in HEAD_TAGS and tag.name not in _AROUND_HEAD:
            return tag.start
    return len(html)


def visible_title_end(html: str, *hiding: str) -> int | None:
    """The offset after the first `<h1>` that readers see when they open a page; None if it has none.

    Args:
        html: The page's content.
        hiding: Names of further elements that may hide what they hold.
    """
    hidden_in, depth = "", 0  # the outermost element that hides, and how many of its name are open
    for tag in tags(html):
        if depth:
            depth += (-1 if tag.is_end else 1) if tag.name == hidden_in else 0
        elif tag.is_end:
            if tag.name == "h1":
                return tag.end
        elif tag.name in _HIDING or tag.name in hiding or (tag.name not in VOID_TAGS and tag.is_hidden):
            hidden_in, depth = tag.name, 1
    return None


def _name_of_meta(tag: Tag) -> str:
    attributes = tag.attributes
    names = (attributes.get(name) for name in ("name", "property", "http-equiv"))
    return next(filter(None, names), "").lower()


def _tags_with_scripts(html: str) -> Iterator[Tag]:
    """The tags that count in a browser with scripts: all but those in a `<noscript>`."""
    is_read = True
    for tag in tags(html):
        if tag.name == "noscript":
            is_read = tag.is_end
        elif is_read:
            yield tag


def read_metadata(html: str) -> PageMetadata:
    """What a page says about itself; of several titles, links and so on the first counts."""
    first: dict[str, str] = {}
    audio_urls: list[str] = []
    title_start: int | None = None
    for tag in _tags_with_scripts(html):
        if title_start is not None:  # a title holds no tags, so this is its end
            first.setdefault("title", " ".join(unescape(html[title_start : tag.start]).split()))
            title_start = None
        if tag.is_end:
            continue
        if tag.name == "title" and "title" not in first:
            title_start = tag.end
        elif tag.name == "html":
            first.setdefault("language", tag.attributes.get("lang", ""))
        elif tag.name == "link" and "canonical" in tag.attributes.get("rel", "").lower().split():
            first.setdefault("canonical_url", tag.attributes.get("href", ""))
        elif tag.name == "base" and (base := tag.attributes.get("href", "").strip()):
            first.setdefault("base", base)
        elif tag.name == "meta" and (known := _META.get(_name_of_meta(tag))):
            first.setdefault(known, tag.attributes.get("content", ""))
        elif tag.name == "audio" and (url := tag.attributes.get("src")):
            audio_urls.append(url)
    return PageMetadata(**first, audio_urls=tuple(audio_urls))
