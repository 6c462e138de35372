"""Talking books as tests read them: their files, and what they say."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

XHTML = "{http://www.w3.org/1999/xhtml}"
SMIL = "{http://www.w3.org/ns/SMIL}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"


class Book:
    """A book that a command has made.

    Attributes:
        files: Their content, by their names.
    """

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as book:
            self.files = {name: book.read(name) for name in book.namelist()}

    def tree(self, name: str) -> ET.Element:
        return ET.fromstring(self.files[f"EPUB/{name}"])

    @property
    def package(self) -> ET.Element:
        return self.tree("package.opf")

    def meta(self, name: str) -> list[str]:
        """What the metadata says under a name, such as `media:narrator`."""
        found = self.package.iter(f"{OPF}meta")
        return [meta.text or "" for meta in found if meta.get("property") == name and not meta.get("refines")]

    @property
    def pages(self) -> list[str]:
        """The files of the site's pages, in the order in which they are read."""
        names = {item.get("id"): item.get("href") or "" for item in self.package.iter(f"{OPF}item")}
        order = [names[item.get("idref")] for item in self.package.iter(f"{OPF}itemref")]
        return [name for name in order if name.startswith("page-")]

    def body(self, page: str) -> ET.Element:
        (body,) = self.tree(page).iter(f"{XHTML}body")
        return body

    def read_aloud(self, page: str) -> list[tuple[str, float, float, str]]:
        """What is heard of a page: the text that is shown meanwhile, the start, the end, and the clip's file."""
        name = page.replace(".xhtml", ".smil")
        if f"EPUB/{name}" not in self.files:
            return []
        shown = {element.get("id"): text_of(element) for element in self.body(page).iter() if element.get("id")}
        found = []
        for pair in self.tree(name).iter(f"{SMIL}par"):
            text, audio = pair
            file, _, id_ = (text.get("src") or "").partition("#")
            assert file == page
            times = seconds(audio.get("clipBegin") or ""), seconds(audio.get("clipEnd") or "")
            found.append((shown[id_], *times, f"EPUB/{audio.get('src')}"))
        return found

    def links(self, page: str) -> dict[str, str | None]:
        """Where the links of a page lead, by their text."""
        return {text_of(link): link.get("href") for link in self.body(page).iter(f"{XHTML}a")}


def text_of(element: ET.Element) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def seconds(clock: str) -> float:
    """A time such as `1:02:03.456`."""
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)
