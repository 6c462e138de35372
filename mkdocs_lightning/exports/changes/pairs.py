"""Which pages, players and sentences of two readings of a site are versions of one another."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mkdocs_lightning.exports.changes.align import pair_up

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from mkdocs_lightning.exports.changes.script import PageName, PageScript, PlayerScript, SiteScript
    from mkdocs_lightning.reading.segment import Segment

_LEAST_ALIKE = 0.5
"""The least share that two texts, or two pages, have in common if one is a version of the other."""

_EXCERPT = 500
"""Characters of a player that are compared with those of another."""

_MOST_TEXTS, _MOST_HOLDERS = 200, 20
"""Sentences of a page, rare ones first, by which its earlier version is looked for, and pages that may have each."""


def pair_pages(before: SiteScript, after: SiteScript) -> Iterator[tuple[PageScript | None, PageScript | None]]:
    """Pair the pages of two readings: by name, by what they translate, by path in any language, by what they speak.

    Yields:
        The present pages in their order, then those that are gone.
    """
    locales = frozenset(page.name.locale for page in (*before.pages, *after.pages))
    found: dict[PageName, PageScript] = {}  # the earlier version of present pages
    for pairs_of in (_by_name, partial(_by_translation, locales=locales), _by_path, _by_text):
        taken = {page.name for page in found.values()}
        earlier = [page for page in before.pages if page.name not in taken]
        found |= pairs_of(earlier, [page for page in after.pages if page.name not in found])
    yield from ((found.get(page.name), page) for page in after.pages)
    paired = {page.name for page in found.values()}
    yield from ((page, None) for page in before.pages if page.name not in paired)


def _by_name(before: Sequence[PageScript], after: Sequence[PageScript]) -> Mapping[PageName, PageScript]:
    earlier = {page.name: page for page in before}
    return {page.name: earlier[page.name] for page in after if page.name in earlier}


def _by_translation(
    before: Sequence[PageScript], after: Sequence[PageScript], locales: Container[str]
) -> Mapping[PageName, PageScript]:
    """Of a site in several languages: a page that was shown untranslated, and its translation; or the reverse."""
    earlier = {_untranslated(page.name, locales): page for page in reversed(before) if page.name.locale}
    return {page.name: found for page in after if (found := earlier.pop(_untranslated(page.name, locales), None))}


def _untranslated(name: PageName, locales: Container[str]) -> PageName:
    """A page's name in its language, with the path that all languages share: of `guide.de.md` and `de/guide.md` one."""
    folder, _, rest = name.uri.partition("/")
    if rest and folder.replace("_", "-") in locales:
        return name._replace(uri=rest)
    path = PurePosixPath(name.uri)
    stem, _, locale = path.stem.rpartition(".")
    is_suffix = stem and locale.replace("_", "-") in locales
    return name._replace(uri=path.with_name(stem + path.suffix).as_posix()) if is_suffix else name


def _by_path(before: Sequence[PageScript], after: Sequence[PageScript]) -> Mapping[PageName, PageScript]:
    """The first page of each path: a site that gets a second language names all of its pages anew."""
    earlier = {page.name.uri: page for page in reversed(before)}
    return {page.name: found for page in after if (found := earlier.pop(page.name.uri, None))}


def _by_text(before: Sequence[PageScript], after: Sequence[PageScript]) -> Mapping[PageName, PageScript]:
    """The page that shares most sentences with each, if that is at least half of both."""
    pages_with: dict[str, list[PageScript]] = {}
    for page in before:
        for text in _texts(page):
            pages_with.setdefault(text, []).append(page)
    sizes = {page.name: len(_texts(page)) for page in before}
    earlier = {page.name: page for page in before}
    found: dict[PageName, PageScript] = {}
    for page in after:
        texts = _texts(page)
        holders = sorted((pages_with[text] for text in texts if text in pages_with), key=len)[:_MOST_TEXTS]
        shared = Counter(other.name for pages in holders for other in pages[:_MOST_HOLDERS])
        alike = {
            name: 2 * number / (min(sizes[name], _MOST_TEXTS) + min(len(texts), _MOST_TEXTS))
            for name, number in shared.items()
            if name in earlier
        }
        best = max(alike, key=alike.__getitem__, default=None)
        if best is not None and alike[best] >= _LEAST_ALIKE:
            found[page.name] = earlier.pop(best)
    return found


def _texts(page: PageScript) -> set[str]:
    return {sentence.text for sentence in page.sentences}


def pair_players(
    before: PageScript | None, after: PageScript | None
) -> Iterator[tuple[PlayerScript | None, PlayerScript | None]]:
    """Pair the players of a page: that of the whole page, and blocks by their names and by what they speak."""
    yield from pair_up(before.players if before else (), after.players if after else (), _likeness_of_players)


def _likeness_of_players(before: PlayerScript, after: PlayerScript) -> float:
    if before.is_page != after.is_page:
        return 0.0
    if before.is_page or before.sentences == after.sentences:
        return 1.0
    alike = _share({sentence.text for sentence in before.sentences}, {sentence.text for sentence in after.sentences})
    if alike or (before.name and before.name == after.name):
        return (1 + alike) / 2
    alike = _share(
        *(_letter_pairs(" ".join(s.text for s in player.sentences)[:_EXCERPT]) for player in (before, after))
    )
    return alike / 2 if alike >= _LEAST_ALIKE else 0.0


def pair_sentences(
    before: Sequence[Segment], after: Sequence[Segment]
) -> Iterator[tuple[Segment | None, Segment | None]]:
    """Pair the sentences of a differing run: those of the same text, and those whose words are alike."""
    pairs_of = {sentence.text: _letter_pairs(sentence.text) for sentence in (*before, *after)}

    def likeness(old: Segment, new: Segment) -> float:
        if old.text == new.text:
            return 1.0
        alike = _share(pairs_of[old.text], pairs_of[new.text])
        return alike if alike >= _LEAST_ALIKE else 0.0

    yield from pair_up(before, after, likeness)


def _letter_pairs(text: str) -> frozenset[str]:
    """Each two neighboring characters of a text: unlike words, all languages have these."""
    text = text.casefold()
    return frozenset(text[index : index + 2] for index in range(max(1, len(text) - 1)))


def _share(one: frozenset[str] | set[str], other: frozenset[str] | set[str]) -> float:
    """How much two sets have in common, from 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other))
