"""Renders a review as one HTML page, which needs no server and loads nothing from elsewhere."""

from __future__ import annotations

from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from mkdocs_lightning.base.errors import count
from mkdocs_lightning.exports.review.model import LONG_CHARACTERS, LONG_SECONDS
from mkdocs_lightning.exports.review.oddities import count_odd
from mkdocs_lightning.player.site_assets import ASSETS, asset
from mkdocs_lightning.player.ui_strings import direction_of
from mkdocs_lightning.player.view import script_strings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_lightning.exports.review.model import Review, ReviewPage
    from mkdocs_lightning.exports.review.oddities import OddWord

_OWN_ASSETS = ("review.css", "review.js")
_MOST_ODD_WORDS = 60  # of each kind; a search finds the others


def review_files(review: Review) -> dict[str, str]:
    """The page, and the files that it links, by name; the page comes last."""
    own = resources.files("mkdocs_lightning.exports.review").joinpath("assets")
    files = {name: asset(name) for name in ASSETS}
    files |= {name: own.joinpath(name).read_text(encoding="utf-8") for name in _OWN_ASSETS}
    return files | {"index.html": render(review)}


def render(review: Review) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=PackageLoader("mkdocs_lightning.exports.review"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "clock": clock,
        "duration": duration,
        "marked": marked,
        "direction": direction_of,
        "times": times,
    }
    sentences = review.sentences
    pages = [(f"page-{number}", page) for number, page in enumerate(review.pages, start=1)]
    template = environment.get_template("review/review.html")
    html = template.render(
        review=review,
        pages=pages,
        page_ids={page.uri: page_id for page_id, page in pages},
        costs=costliest_first(pages),
        most=max((page.cost.characters for page in review.pages), default=1) or 1,
        seconds=sum(clip.seconds for page in review.pages for clip in page.clips),
        is_estimate=any(not sentence.is_cached for sentence in sentences),
        counts=flag_counts(review),
        odd=count_odd(word for sentence in sentences for word in sentence.odd),
        most_odd=_MOST_ODD_WORDS,
        long_characters=LONG_CHARACTERS,
        long_seconds=round(LONG_SECONDS),
        number=count,
        strings=script_strings("en"),
    )
    return html.encode(errors="replace").decode()  # a lone half of a character can be in no file


def flag_counts(review: Review) -> Mapping[str, int]:
    """How many sentences each filter lets through."""
    flags = [sentence.flags.split() for sentence in review.sentences]
    return {name: sum(name in of_one for of_one in flags) for name in ("missing", "changed", "long", "odd")}


def costliest_first(pages: Sequence[tuple[str, ReviewPage]]) -> list[tuple[str, ReviewPage]]:
    """The pages with their ids, by the characters that are missing, then by all that they have."""
    return sorted(pages, key=lambda entry: (-entry[1].cost.missing_characters, -entry[1].cost.characters))


def clock(seconds: float) -> str:
    """A length as text: 1:05, or 1:01:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """A length in words: 45 s, 12 min, or 1 h 5 min."""
    minutes = round(seconds / 60)
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    return f"{minutes // 60:,} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004


def times(starts: Sequence[float]) -> str:
    """Starts of sentences as the player's script reads them."""
    return " ".join(f"{start:.3f}" for start in starts)


def marked(text: str, words: Sequence[OddWord]) -> Markup:
    """A text as HTML, with its odd words marked."""
    ends = [0, *(edge for word in words for edge in (word.start, word.start + len(word.text))), len(text)]
    pieces = [text[start:end] for start, end in pairwise(ends)]
    return Markup("").join(
        Markup('<u title="{}">{}</u>').format(words[number // 2].kind.value, piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )
