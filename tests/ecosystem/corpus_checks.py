"""What must hold of every page of the corpus: each check returns the sentences that break it, with the reason."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.support.page_text import PageText, letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.ecosystem.corpus_reader import ReadPage

_NUMBER_ALONE = re.compile(r"(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|\(\d{1,3}\)")
_LIST_NUMBER = re.compile(r"^(?:\d{1,4}|[A-Za-z]|[ivxlIVXL]{1,6})[.)] |^(?:done|to do): ")
_NAMES_OF_SIGNS = frozenset("yes no yellow".split())
_SHORTEST_REPEAT = 4  # letters: `yes`, `1` and the like are cells of a table
_PLACEHOLDER = re.compile(r"[\x00-\x08\x0b-\x1f\ue000-\uf8ff]|wzxhzdk|klzzwxh|\[object ")
_ENDS_ITSELF = re.compile(
    r"[\u3002\uff01\uff1f\u0964\u2026\uff1a\uff1b]['\"\u201d\u2019\u300d\u300f\uff09)]*$"
)  # needs no space after it


def written(page: ReadPage) -> list[str]:
    """All sentences of a page, one after the other."""
    return [str(sentence["written"]) for script in page["scripts"] for sentence in script]


def spoken(page: ReadPage) -> list[str]:
    """What is sent for them."""
    parts = [sentence["parts"] for script in page["scripts"] for sentence in script]
    return [str(part) for listed in parts if isinstance(listed, list) for part in listed]


def lone_signs(page: ReadPage) -> Iterator[str]:
    """Sentences that are only the number of a list's item, or have no letter or digit at all."""
    for sentence in written(page):
        if _NUMBER_ALONE.fullmatch(sentence) or not letters(sentence):
            yield sentence


def placeholders(page: ReadPage) -> Iterator[str]:
    """Sentences with what Python-Markdown, an extension or a script has put in the place of something."""
    for sentence in (*written(page), *spoken(page)):
        if _PLACEHOLDER.search(sentence):
            yield sentence


def unseen_words(page: ReadPage, text: PageText) -> Iterator[str]:
    """Sentences whose letters do not stand on the page in this order outside of code: markup, or code."""
    visible = [letters(text.lines), letters(text.lines_without_names), letters(" ".join(text.names))]
    for sentence in written(page):
        forms = {letters(sentence), letters(_LIST_NUMBER.sub("", sentence))}
        is_seen = any(form in shown for form in forms for shown in visible)
        if not is_seen and sentence not in _NAMES_OF_SIGNS:
            yield sentence


def split_words(page: ReadPage, text: PageText) -> Iterator[str]:
    """Pairs of sentences that stand on the page with no white space between them."""
    for script in page["scripts"]:
        sentences = [str(sentence["written"]) for sentence in script]
        for before, after in pairwise(sentences):
            joint = before[-15:] + after[:15]
            if not _ENDS_ITSELF.search(before) and len(joint) > 12 and joint in text.lines:
                yield f"{before[-60:]} | {after[:60]}"


def repeats(page: ReadPage, text: PageText) -> Iterator[str]:
    """Sentences that follow themselves, and are spoken more often than they stand on the page."""
    for script in page["scripts"]:
        sentences = [str(sentence["written"]) for sentence in script]
        found = Counter(sentences)
        for before, after in pairwise(sentences):
            times = letters(text.lines).count(letters(before))
            if before == after and len(letters(before)) >= _SHORTEST_REPEAT and times < found[before]:
                yield before


def lone_labels(page: ReadPage, text: PageText) -> Iterator[str]:
    """Labels of tabs, summaries and titles of admonitions that have nothing but code beneath them."""
    sentences = set(written(page))
    yield from (label for label in text.silent_labels() if label in sentences)


def faults(page: ReadPage) -> list[tuple[str, str]]:
    """The names of the checks that a page does not pass, each with the sentence."""
    text = PageText(page["html"])
    of_script = [(check, check(page)) for check in (lone_signs, placeholders)]
    of_page = [(check, check(page, text)) for check in (unseen_words, split_words, repeats, lone_labels)]
    return [(check.__name__, sentence) for check, found in (*of_script, *of_page) for sentence in found]


def differing(build: Sequence[ReadPage], plan: Sequence[ReadPage]) -> list[str]:
    """The pages whose scripts are not the same in both, in any detail, with the first sentence that is not."""
    found = []
    for (uri, nth), in_build, in_plan in _pairs(build, plan):
        if in_build != in_plan:
            pairs = zip([*in_build, None], [*in_plan, None], strict=False)
            found.append(f"{uri} ({nth}): {next((pair for pair in pairs if pair[0] != pair[1]), None)}")
    return found


def _pairs(
    build: Sequence[ReadPage], plan: Sequence[ReadPage]
) -> Iterator[tuple[tuple[str, int], list[object], list[object]]]:
    """Each page of both by its source and a count, since each language of a site has pages of its own."""
    sides: list[dict[tuple[str, int], list[object]]] = []
    for pages in (build, plan):
        seen: Counter[str] = Counter()
        side: dict[tuple[str, int], list[object]] = {}
        for page in pages:
            side[page["uri"], seen[page["uri"]]] = [sentence for script in page["scripts"] for sentence in script]
            seen[page["uri"]] += 1
        sides.append(side)
    for key in sorted(sides[0].keys() | sides[1].keys()):
        yield key, sides[0].get(key, []), sides[1].get(key, [])
