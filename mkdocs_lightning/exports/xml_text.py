"""XML as readers of feeds and of EPUB accept it: texts without forbidden characters, and whole documents."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from mkdocs_lightning.base.html_scanner import VOID_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
XLINK = "{http://www.w3.org/1999/xlink}"
XML = "{http://www.w3.org/XML/1998/namespace}"
EPUB = "{http://www.idpf.org/2007/ops}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"

_PREFIXES = {XLINK: "xlink", XML: "xml", EPUB: "epub", DUBLIN_CORE: "dc"}
"""Any other namespace is the default one of its elements."""
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, escaped or not: https://www.w3.org/TR/xml/#charsets."""
_ESCAPES = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
"""White space that a reader of XML would change within an attribute."""


def to_xml(root: Element, doctype: str = "") -> bytes:
    """A whole document in UTF-8. The same tree always gives the same bytes.

    Args:
        root: The tree, without comments; tags and attributes have their namespaces in braces.
        doctype: Stands before it.
    """
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n', doctype]
    defaults = [""]
    for is_start, element in walk(root):
        if is_start:
            default = _default_namespace(element.tag, defaults[-1])
            declared = {"xmlns": default[1:-1]} if default != defaults[-1] else {}
            if element is root:
                declared |= _declarations(root)
            defaults.append(default)
            pieces.append(_start_tag(element, declared))
        else:
            defaults.pop()
            pieces.append("" if _is_one_tag(element) else f"</{_name(element.tag)}>")
            pieces.append(_text(element.tail) if element is not root else "\n")
    return "".join(pieces).encode()


def walk(root: Element) -> Iterator[tuple[bool, Element]]:
    """Each element twice, in the order of the tags: with True at its start, with False at its end."""
    yield True, root
    open_elements = [(root, iter(root))]
    while open_elements:
        element, children = open_elements[-1]
        child = next(children, None)
        if child is None:
            open_elements.pop()
            yield False, element
        else:
            open_elements.append((child, iter(child)))
            yield True, child


def namespace_of(name: str) -> str:
    """The namespace of a tag or an attribute, in its braces; empty if it has none."""
    return name[: name.index("}") + 1] if name.startswith("{") else ""


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def _start_tag(element: Element, declared: Mapping[str, str]) -> str:
    """The start tag, and the text after it; the whole element if it has no content."""
    attributes = {**declared, **{_name(name): value for name, value in element.attrib.items()}}
    tag = "".join([f"<{_name(element.tag)}", *(_attribute(*pair) for pair in attributes.items())])
    return f"{tag}/>" if _is_one_tag(element) else f"{tag}>{_text(element.text)}"


def _is_one_tag(element: Element) -> bool:
    """Whether an element is written as one tag: those of HTML may only be if HTML gives them no content."""
    if element.text or len(element):
        return False
    is_html = element.tag.startswith(XHTML)
    return not is_html or element.tag.removeprefix(XHTML) in VOID_TAGS


def _default_namespace(tag: str, default: str) -> str:
    namespace = namespace_of(tag)
    return default if namespace in _PREFIXES else namespace


def _declarations(root: Element) -> dict[str, str]:
    """The namespaces with a prefix that a tree has somewhere."""
    used = {namespace_of(name) for element in root.iter() for name in (element.tag, *element.keys())}
    return {
        f"xmlns:{prefix}": namespace[1:-1]
        for namespace, prefix in _PREFIXES.items()
        if namespace in used and namespace != XML  # which every document knows
    }


def _name(name: str) -> str:
    namespace = namespace_of(name)
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{name[len(namespace) :]}" if prefix else name[len(namespace) :]


def _attribute(name: str, value: str) -> str:
    text = escape(clean(value))
    for character, reference in _ESCAPES.items():
        text = text.replace(character, reference)
    return f' {name}="{text}"'


def _text(text: str | None) -> str:
    return escape(clean(text), quote=False).replace("\r", "&#13;") if text else ""
