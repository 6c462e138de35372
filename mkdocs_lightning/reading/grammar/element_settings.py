"""Voice settings and pauses inside a block or a narrated page: `{: voice_id=sophie }` and `{pause=1.5}`.

    what the author wrote ─► marks in the element tree ─► voice and pause of each sentence
                                          └─► removed from the page's HTML

Pauses are found before `attr_list` takes them for attributes, settings after it has made attributes of them. A mark
stays until all that speaks it is read: in a block for the rest of the conversion, on a narrated page until its HTML
is finished, and for good in a page that `publish` may narrate. Elsewhere, outside of blocks, nothing is touched, as a
site may use the same names for itself.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.grammar.text_marks import MARK_TAG, mark_text
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES
from mkdocs_lightning.reading.settings.voice_settings import SETTING_NAMES, VoiceSettings, as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from markdown import Markdown

    from mkdocs_lightning.reading.grammar.block import CurrentPage

VOICE_ATTRIBUTE = "data-speak-voice"
"""An element's settings, as `name=value` with spaces between, and values as in a URL."""

SILENT_CLASS = "nospeak"
"""The class of what is shown, but not spoken."""

PAUSE_RANGE = (0.1, 10.0)
"""Seconds."""

PAUSES_PRIORITY = 9  # between inline markup (20) and attr_list (8)
VOICES_PRIORITY = -9  # after attr_list, and before blocks are read (-10)
REMOVAL_PRIORITY = -5  # after all parts are back in the HTML, and before standalone players are

_ATTR_LIST = "attr_list"
_DEFAULT_PAUSE = "1"
_PAUSE = re.compile(
    r"(?<![{$])\{:?[ ]*pause(?:[ ]*[=:][^{}\n]*|[ ]+[\d.][^{}\n]*)?[ ]*\}(?!\})", re.IGNORECASE
)  # but neither `{{ pause }}` nor `${pause}`, which belong to templates
_USABLE_PAUSE = re.compile(r"""\{:?[ ]*pause(?:=(?P<quote>["']?)(?P<seconds>\d*\.?\d+)(?P=quote))?[ ]*\}""", re.ASCII)
_PAUSE_ALONE = "a pause has braces of its own: {pause}, or {pause=1.5} for 1.5 seconds"
_OURS_ALONE = ("voice_id", "say")
"""Names that nobody else gives a meaning, so what has them is a mistake on all of a narrated page."""
_MISTAKEN_NAMES = ("voice", "pause")
_WITH_COLON = r"\{:"
_ON_OWN_LINE = r"(?:\A|(?<=\n))(?=\{[^{}\n]*\}[ ]*(?:\n|\Z))\{"
_AFTER_ELEMENT = r"\A\{"
_AT_THE_END = r"(?<=[ ])(?=\{[^{}\n]*\}\s*\Z)\{"
_TAGS_WITH_SETTINGS_AT_THE_END = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "dt", "td", "th"])
"""The elements at whose end `attr_list` reads braces; others need them on a line of their own."""


def _unused(names: Iterable[str], opening: str = r"\{:?") -> str:
    """What sets one of some names, or the class `nospeak`, and is still text after `attr_list`, as a pattern."""
    name = rf"(?:{'|'.join(names)})(?==)|\.?nospeak(?=[ }}])"
    return rf"(?<![{{$]){opening}(?:[^{{}}\n]*[ ])?({name})[^{{}}\n]*\}}(?!\}})"


def _unused_on_pages(*openings: str) -> re.Pattern[str]:
    """As `_unused`, on a narrated page, where other braces may be its text.

    Args:
        openings: How braces open there that can only be meant for Markdown.
    """
    opening = f"(?:{'|'.join(openings)})"
    return re.compile(f"{_unused(_OURS_ALONE)}|{_unused([*SETTING_NAMES, 'pause'], opening)}|{_UNUSED_LANG}")


_UNUSED_LANG = _unused(["lang"], _WITH_COLON)  # without one, `{lang=fr}` may be what a text is about
_UNUSED_IN_BLOCKS = re.compile(f"{_unused([*SETTING_NAMES, 'say', *_MISTAKEN_NAMES])}|{_UNUSED_LANG}")
_UNUSED_ON_PAGES = {
    (is_heading, is_after_element): _unused_on_pages(
        *(_WITH_COLON, _ON_OWN_LINE), *[_AT_THE_END] * is_heading, *[_AFTER_ELEMENT] * is_after_element
    )
    for is_heading in (False, True)
    for is_after_element in (False, True)
}
_NEAR_MISS_CUTOFF = 0.85
_SHORTEST_NEAR_MISS = 6  # characters; short names resemble too many others, such as `mode`
_LIKE_NOSPEAK = frozenset([SILENT_CLASS, "nospeek", "nospeech"])
_ATTRIBUTES_WITHOUT_VALUE = frozenset(
    "controls download hidden inert itemscope loop markdown muted open reversed".split()
)

_MARK_PARAGRAPH = re.compile(rf"<p>((?:\s*<{MARK_TAG} [^<>]*></{MARK_TAG}>)+)\s*</p>\n?")
_MARK = re.compile(rf"<{MARK_TAG} [^<>]*>([^<]*)</{MARK_TAG}>")
_MARKED_TAG = re.compile(rf"""(<[A-Za-z][^<>]*?)\s{VOICE_ATTRIBUTE}=(?:"[^"<>]*"|'[^'<>]*')""")


class UnusedSettingError(SettingError):
    """Braces that stayed text, because they stand where `attr_list` does not read them."""


def add_element_settings(md: Markdown, blocks: Callable[[], Iterable[Element]], page: CurrentPage) -> None:
    """Have a `Markdown` instance mark pauses and settings, and remove the marks of pages that are not narrated.

    Args:
        md: The instance.
        blocks: The elements of the present document's blocks, in any order.
        page: The page that the documents belong to. Who narrates it has to call `remove_marks`.
    """
    md.treeprocessors.register(_PauseMarker(md, blocks, page), "speak-pauses", PAUSES_PRIORITY)
    md.treeprocessors.register(_VoiceMarker(md, blocks, page), "speak-voices", VOICES_PRIORITY)
    md.postprocessors.register(_MarkRemover(md, page), "speak-marks", REMOVAL_PRIORITY)


def element_voice(raw: Mapping[str, object]) -> VoiceSettings:
    """Check the settings of an element.

    Raises:
        SettingError: As `VoiceSettings.parse`, or a setting that a part of a clip cannot have.
    """
    if "sample_rate" in raw:
        raise SettingError(
            "sample_rate",
            f"sample_rate={raw['sample_rate']} cannot be set on an element, because a clip has only one; "
            "set it for the block",
        )
    if "pause" in raw:
        raise SettingError("pause", _PAUSE_ALONE)
    if SILENT_CLASS in raw:
        written = str(raw[SILENT_CLASS])
        raise SettingError(SILENT_CLASS, f"{written} has no effect; write {{.nospeak}}", written=written)
    if "lang" in raw:
        raise SettingError("lang", "lang has no value; write it without spaces, as in {: lang=fr }", written="lang")
    if "say" in raw:
        raise SettingError("say", f"say={raw['say']} ends at its first space; put quotes around the text")
    return VoiceSettings.parse(raw)


def voice_of_mark(attributes: Mapping[str, str | None]) -> VoiceSettings | None:
    """The settings that are marked on an element; None if there are none.

    Raises:
        SettingError: They cannot be used.
    """
    marked = attributes.get(VOICE_ATTRIBUTE)
    if not marked:
        return None
    raw = settings_in_mark(marked)
    try:
        return element_voice(raw)
    except SettingError as error:
        written = error.written or written_in_mark(error.setting, raw[error.setting])
        raise SettingError(error.setting, str(error), written=written) from error


def settings_in_mark(marked: str) -> dict[str, str]:
    """The settings in a `VOICE_ATTRIBUTE` by name, unchecked; without a value where it has no `=`."""
    return {name: unquote(value) for name, _, value in (pair.partition("=") for pair in marked.split())}


def written_in_mark(name: str, value: str) -> str:
    """A setting as its author wrote it into a `VOICE_ATTRIBUTE`: without `=` where it has no value."""
    return as_written(name, value) if value else name


def read_mark(attributes: Mapping[str, str | None]) -> int:
    """The pause of an element `MARK_TAG`, in milliseconds.

    Raises:
        SettingError: The pause cannot be used, or the element marks what has no effect.
    """
    if fence := attributes.get("data-fence"):
        raise fence_error(fence)
    if unused := attributes.get("data-unused"):
        raise _unused_error(unused, is_without_extension=bool(attributes.get("data-without")))
    written = attributes.get("data-pause") or ""
    seconds = _seconds(written)
    if seconds is None:
        low, high = PAUSE_RANGE
        raise SettingError(
            "pause",
            f"{written} is not a pause: write {{pause}}, or give the seconds, from {low} to {high:g}, "
            "as in {pause=1.5}",
            written=written,
        )
    return round(seconds * 1000)


def _unused_error(unused: str, *, is_without_extension: bool) -> SettingError:
    """What is wrong with braces that stayed text."""
    name = _name_in(unused)
    if name == "pause":
        return SettingError(name, _PAUSE_ALONE, written=unused)
    if is_without_extension:
        words = f"{unused} has no effect: the Markdown extension {_ATTR_LIST} is not enabled"
        return SettingError(name, words, written=unused, fix="Enable it, or write the braces as code")
    return UnusedSettingError(
        name,
        f"{unused} has no effect: with the Markdown extension attr_list, it has to follow an inline element "
        "directly, or to stand on a line of its own under a paragraph",
        written=unused,
    )


def fence_error(info: str) -> SettingError:
    """What is wrong with lines that open no code fence, although they were meant to.

    Args:
        info: What follows the backticks or tildes.
    """
    return SettingError(
        "data-say",
        f"'{info}' does not open a code fence, so its code would be spoken; a fence has its attributes in braces, "
        'as in { .py data-say="Text" }',
        written=info,
    )


def remove_marks(html: str) -> str:
    """A page's HTML without the marks; what could not be used is text again."""
    if f"<{MARK_TAG} " in html:
        html = _MARK.sub(r"\1", _MARK_PARAGRAPH.sub("", html))
    if VOICE_ATTRIBUTE in html:
        html = _MARKED_TAG.sub(r"\1", html)
    return html


class _Marker(Treeprocessor):
    """Marks something in the blocks of a document, or everywhere if the page is narrated."""

    def __init__(self, md: Markdown, blocks: Callable[[], Iterable[Element]], page: CurrentPage) -> None:
        super().__init__(md)
        self._blocks = blocks
        self._page = page

    def run(self, root: Element) -> None:
        for block in self._blocks():
            self.mark(block, is_block=True)
        if self._page.is_narrated or self._page.may_be_narrated:
            self.mark(root, is_block=False)

    def mark(self, root: Element, *, is_block: bool) -> None:
        raise NotImplementedError


class _PauseMarker(_Marker):
    def mark(self, root: Element, *, is_block: bool) -> None:  # noqa: ARG002 - pauses are the same everywhere
        mark_text(root, lambda _element, _child: _PAUSE, _pause_mark)


class _VoiceMarker(_Marker):
    def mark(self, root: Element, *, is_block: bool) -> None:
        for element in root.iter():
            # Not `attrib`, which would give every element a dictionary.
            names = [name for name, _ in element.items() if name in SETTING_NAMES or _is_near_miss(name)]
            settings = {name: element.get(name) or "" for name in names}  # None if it was written without a value
            if not is_block:
                settings.pop("pause", None)  # which slide shows of the page may have
            settings |= _misread(element)
            if settings:
                _mark_voice(element, settings)
        has_attributes = _ATTR_LIST in self.md.treeprocessors
        pattern_at = _unused_in_block if is_block else _unused_on_page
        mark_text(root, pattern_at, partial(_unused_mark, has_attributes=has_attributes))


class _MarkRemover(Postprocessor):
    def __init__(self, md: Markdown, page: CurrentPage) -> None:
        super().__init__(md)
        self._page = page

    def run(self, text: str) -> str:
        if self._page.may_be_narrated:
            return _MARK_PARAGRAPH.sub(r"\1\n", text)  # else readers would see an empty paragraph
        return text if self._page.is_narrated else remove_marks(text)


def _misread(element: Element) -> dict[str, str]:
    """What an element's author meant for the plugin, and wrote so that Markdown understands something else."""
    found: dict[str, str] = {}
    if element.get("class") or element.get("say"):  # as few elements have
        if like := next(filter(_is_like_nospeak, (element.get("class") or "").split()), None):
            found[SILENT_CLASS] = f".{like}"
        text = element.get("say") or " "
        if " " not in text and any(_is_bare(name, value) for name, value in element.items()):
            found["say"] = text
    names = element.keys()  # where `attr_list` gives this one no value
    if SILENT_CLASS in names:
        found[SILENT_CLASS] = SILENT_CLASS
    if "lang" in names and element.get("lang") in {None, "lang"}:  # as after `{: lang = fr }`
        found["lang"] = ""
    return found


def _is_like_nospeak(name: str) -> bool:
    """Whether a class may have been meant as `nospeak`."""
    return name != SILENT_CLASS and name.lower().replace("-", "").replace("_", "") in _LIKE_NOSPEAK


def _is_bare(name: str, value: str | None) -> bool:
    """Whether an attribute is a word that stood by itself, as the second one in `say=two words` does."""
    return value in {None, "", name} and name not in _ATTRIBUTES_WITHOUT_VALUE


def _mark_voice(element: Element, settings: Mapping[str, str]) -> None:
    """Replace attributes by the mark. Names that only resemble settings stay, as the site may use them."""
    element.set(VOICE_ATTRIBUTE, " ".join(f"{name}={quote(value, safe='')}" for name, value in settings.items()))
    for name in SETTING_NAMES:
        element.attrib.pop(name, None)
    language = settings.get("language")
    if language in LANGUAGE_NAMES and element.get("lang") is None:
        element.set("lang", language)  # for browsers and screen readers


def _unused_in_block(_element: Element, _child: Element | None) -> re.Pattern[str]:
    return _UNUSED_IN_BLOCKS


def _unused_on_page(element: Element, child: Element | None) -> re.Pattern[str]:
    """What has no effect in an element's text, which follows one of its children, or is before the first."""
    return _UNUSED_ON_PAGES[element.tag in _TAGS_WITH_SETTINGS_AT_THE_END, child is not None]


@lru_cache(maxsize=1024)
def _is_near_miss(name: str) -> bool:
    """Whether an attribute may have been meant as a voice setting."""
    if name.rstrip(":") in _MISTAKEN_NAMES:
        return True
    if len(name) < _SHORTEST_NEAR_MISS:
        return False
    plain = name.lower().replace("-", "_")
    import difflib

    return bool(difflib.get_close_matches(plain, SETTING_NAMES, n=1, cutoff=_NEAR_MISS_CUTOFF))


def _pause_mark(written: str) -> Element:
    mark = Element(MARK_TAG, {"data-pause": written})
    mark.text = None if _seconds(written) else AtomicString(written)
    return mark


def _unused_mark(written: str, *, has_attributes: bool) -> Element:
    without = {} if has_attributes else {"data-without": _ATTR_LIST}
    mark = Element(MARK_TAG, {"data-unused": written, **without})
    mark.text = AtomicString(written)
    return mark


def _seconds(written: str) -> float | None:
    """The length of a pause such as `{pause=1.5}`; None if it cannot be used."""
    found = _USABLE_PAUSE.fullmatch(written)
    if found is None:
        return None
    seconds = float(found["seconds"] or _DEFAULT_PAUSE)
    low, high = PAUSE_RANGE
    return seconds if low <= seconds <= high else None


def _name_in(unused: str) -> str:
    found = _UNUSED_IN_BLOCKS.fullmatch(unused)
    return found[found.lastindex or 0].removeprefix(".") if found else "attributes"
