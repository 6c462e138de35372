"""What an author says of a podcast: the option `feed`, checked before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from uuid import UUID

from mkdocs_lightning.base.errors import SettingError, did_you_mean, listed, shown, unknown_name
from mkdocs_lightning.exports.artwork import ENDINGS
from mkdocs_lightning.exports.podcast_categories import CATEGORIES, PARENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT = 255
"""Characters of a title or another text of one line; longer ones are cut by directories, or refused."""
MAX_DESCRIPTION = 4000
"""Bytes of a description in UTF-8."""
MAX_LABEL = 128
"""Characters of the text beside a link, and of a person's name."""

EPISODIC = "episodic"
"""The type of a podcast that is sorted by date."""

TYPES = ("serial", EPISODIC)

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_NO_URL = re.compile(r"[\s\x00-\x1f\x7f<>\"]")
_NO_PATH = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Funding:
    """Where listeners can support a podcast.

    Attributes:
        url: An https or http URL.
        text: What its link says; None for the title of the podcast.
    """

    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """What an author says of a podcast. What is None or empty is taken from the site, if it has it.

    Attributes:
        title: One line.
        description: Plain text.
        author: One line.
        email: Of the owner, to whom directories send a code. It is public in the feed.
        image: A URL, or the path of a file in the docs directory.
        category: Categories and subcategories of Apple's list, the most important first.
        explicit: Whether it is for adults only.
        type: `serial`, to be heard from the first to the last, or `episodic`, the newest first.
        funding: None if there is none.
        locked: Whether other hosts are told not to import it; None to tell them nothing.
        guid: Of a podcast that has moved here; None for one made of the feed's URL.
    """

    title: str | None = None
    description: str | None = None
    author: str | None = None
    email: str | None = None
    image: str | None = None
    category: tuple[str, ...] = ()
    explicit: bool = False
    type: str = TYPES[0]
    funding: Funding | None = None
    locked: bool | None = None
    guid: str | None = None

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Check the option.

        Args:
            raw: True, or a mapping.

        Raises:
            SettingError: A name is unknown, or a value cannot be used.
        """
        if raw is True:
            return cls()
        if not isinstance(raw, dict):
            raise SettingError("feed", f"{shown(raw)} is not true, false or a mapping")
        given = {str(name): value for name, value in raw.items() if value is not None}
        known = [field.name for field in fields(cls)]
        for name in map(str, raw):
            if name not in known:
                raise SettingError("feed", unknown_name(name, known))
        defaults = cls()
        return cls(
            title=_line(given, "title", MAX_TEXT),
            description=_description(given),
            author=_line(given, "author", MAX_TEXT),
            email=_email(given),
            image=_image(given),
            category=_categories(given.get("category", [])),
            explicit=_flag(given, "explicit") or False,
            type=_type(given.get("type", defaults.type)),
            funding=_funding(given.get("funding")),
            locked=_flag(given, "locked"),
            guid=_guid(given),
        )

    @property
    def image_path(self) -> str | None:
        """The image's path in the docs directory; None if it is a URL, or missing."""
        return None if self.image is None or _is_url(self.image) else self.image


def url_reason(url: str) -> str | None:
    """Why a text is not the address of something on the web, in words that follow it; None if it is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "is not a URL"
    if parts.scheme not in {"http", "https"} or not host or _NO_URL.search(url):
        return "is not a URL such as https://example.org/page: it needs https://, a host, and no spaces"
    return None


def _wrong(name: str, message: str) -> SettingError:
    return SettingError("feed", f"{name}: {message}")


def _text(given: Mapping[str, object], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, f"{shown(value)} is not text")
    return value.strip()


def _line(given: Mapping[str, object], name: str, most: int) -> str | None:
    text = _text(given, name)
    if text is None:
        return None
    if len(text.splitlines()) > 1:
        raise _wrong(name, f"{shown(text)} has a line break; write it on one line")
    if len(text) > most:
        raise _wrong(name, f"it has {len(text):,} characters; podcast directories accept {most}")
    return text


def _description(given: Mapping[str, object]) -> str | None:
    text = _text(given, "description")
    if text is not None and len(text.encode(errors="replace")) > MAX_DESCRIPTION:
        size = len(text.encode(errors="replace"))
        raise _wrong("description", f"it has {size:,} bytes; podcast directories accept {MAX_DESCRIPTION:,}")
    return text


def _email(given: Mapping[str, object]) -> str | None:
    email = _text(given, "email")
    if email is not None and not _EMAIL.fullmatch(email):
        raise _wrong("email", f"{shown(email)} is not an e-mail address, such as podcast@example.org")
    return email


def _is_url(text: str) -> bool:
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text)) or text.startswith("//")


def _image(given: Mapping[str, object]) -> str | None:
    image = _text(given, "image")
    if image is None:
        return None
    if _NO_PATH.search(image):
        raise _wrong(
            "image",
            f"{shown(image)} has a control character or an unpaired surrogate (half of a character), which no path "
            "may have",
        )
    if _is_url(image) and (reason := url_reason(image)):
        raise _wrong("image", f"{shown(image)} {reason}; or write the path of a file, such as assets/cover.png")
    path = urlsplit(image).path if _is_url(image) else image
    if not path.lower().endswith(ENDINGS):
        endings = listed(ENDINGS)
        raise _wrong("image", f"{shown(image)} does not end in {endings}; podcast directories accept no other kind")
    return image


def _categories(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(map(_category, names)))


def _category(name: object) -> str:
    known = [*CATEGORIES, *PARENTS]
    found = {each.lower(): each for each in known}
    if isinstance(name, str) and (category := found.get(" ".join(name.lower().split()))):
        return category
    suggestion = did_you_mean(name, known) if isinstance(name, str) else ""
    categories = listed(CATEGORIES)
    raise _wrong("category", f"{shown(name)} is not in Apple's list of categories{suggestion}; it has {categories}")


def _flag(given: Mapping[str, object], name: str) -> bool | None:
    value = given.get(name)
    if isinstance(value, str):  # as !ENV may give it
        value = _FLAGS.get(value.lower(), value)
    if value is not None and not isinstance(value, bool):
        raise _wrong(name, f"{shown(value)} is neither true nor false")
    return value


def _type(value: object) -> str:
    if value in TYPES:
        return str(value)
    suggestion = did_you_mean(value, TYPES) if isinstance(value, str) else ""
    raise _wrong("type", f"{shown(value)} is not a type{suggestion}: {' or '.join(TYPES)}")


def _funding(value: object) -> Funding | None:
    if value is None:
        return None
    given = value if isinstance(value, dict) else {"url": value}
    for name in map(str, given):
        if name not in {"url", "text"}:
            raise _wrong("funding", unknown_name(name, ["url", "text"]))
    url = given.get("url")
    reason = url_reason(url) if isinstance(url, str) else "is not a URL"
    if not isinstance(url, str) or reason:
        raise _wrong("funding", f"{shown(url)} {reason}")
    try:
        return Funding(url, _line(given, "text", MAX_LABEL))
    except SettingError as error:
        raise _wrong("funding", str(error)) from error


def _guid(given: Mapping[str, object]) -> str | None:
    guid = _text(given, "guid")
    try:
        return None if guid is None else str(UUID(guid))
    except ValueError:
        raise _wrong("guid", f"{shown(guid)} is not a UUID, as podcast:guid must be") from None
