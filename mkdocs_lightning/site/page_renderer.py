"""Puts players, or text alone, in the place of a page's slots."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from markupsafe import Markup

from mkdocs_lightning.exports.jsonld import RULE_BASED_MODELS, AudioObject
from mkdocs_lightning.exports.page_audio import PageAudio
from mkdocs_lightning.player.captions import to_webvtt
from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from mkdocs_lightning.player.site_assets import with_script
from mkdocs_lightning.player.slots import fill_slots, insert_page_player
from mkdocs_lightning.player.ui_strings import is_same_language
from mkdocs_lightning.player.view import PLAYER_ATTRIBUTE, PlayerView, script_strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mkdocs_lightning.cache.clip_record import CachedClip
    from mkdocs_lightning.player.chapters import Chapter
    from mkdocs_lightning.player.view import PageContext, PlayerTemplate
    from mkdocs_lightning.site.spoken_block import SpokenBlock, Supply

_PAGE_ID = "speak-page"  # constant, so that links to a moment keep working when the text changes
_ID_ATTRIBUTE = re.compile(r'id="(?<=\bid=")([^"]*)"')  # begins with letters, which a search finds at once


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page, or a part of one, with players.

    Attributes:
        clips: What its players play, without drafts, for the page's description to other programs.
        audio: The clip of the page as a whole; None if it is not narrated, or its clip is missing.
        unfinished: Start tags of slots that somebody wrote into the page, without an end.
    """

    html: str
    clips: tuple[AudioObject, ...]
    audio: PageAudio | None = None
    unfinished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageParts:
    """Which parts of a narrated page are spoken, and where its player goes.

    Attributes:
        spoken: Returns the page's HTML with spaces in the place of all that is not spoken.
        with_player: Returns the HTML with a player in it.
    """

    spoken: Callable[[str], str]
    with_player: Callable[[str, str], str]


_WHOLE_PAGE = PageParts(lambda html: html, insert_page_player)


@dataclass(frozen=True, slots=True)
class PageRenderer:
    """Renders the pages of one build.

    Attributes:
        blocks: By the names of their slots.
        supply: The clips that players play.
        has_drafts: Whether a block without a clip should tell its author how it will get one, as under `serve`.
        shows_words: Whether words are highlighted, as far as their times are known.
    """

    blocks: Mapping[str, SpokenBlock]
    supply: Supply
    has_drafts: bool = False
    shows_words: bool = False

    def render(
        self,
        html: str,
        template: PlayerTemplate,
        context: PageContext,
        url_of: Callable[[str], str],
        parts: PageParts = _WHOLE_PAGE,
    ) -> RenderedPage:
        """Fill the slots of a page.

        Args:
            html: The page, or a part of it.
            template: Renders each player.
            context: The page, as far as its players show it.
            url_of: Returns the URL of a clip's or a caption file's name, relative to the page.
            parts: Where the page's own slot holds more than what is spoken of it.
        """
        ids = _UniqueIds(html)
        clips: list[AudioObject] = []
        audio: PageAudio | None = None
        has_script = False

        def fill(slot: str, inner: str) -> str:
            nonlocal has_script, audio
            block = self.blocks[slot]
            view = self._view(block, context, url_of, ids)
            if view.url:
                inner = highlight_sentences(
                    inner,
                    [cue.text for cue in view.cues],
                    view.id,
                    language=block.voice.language,
                    is_page=block.is_page,
                    reads_math=block.voice.math_notation,
                    words=[cue.words_from_start for cue in view.cues] if self.shows_words else (),
                    spoken=parts.spoken(inner) if block.is_page else None,
                )
            if cached := self.supply.cached.get(block.clip.key):
                clips.append(_audio_object(block, cached, view))
                audio = _page_audio(view) if block.is_page else audio
            text_html = "" if block.is_page else inner.strip()
            player = template.render(replace(view, text_html=Markup(text_html)))  # noqa: S704 - the page's own HTML
            if view.url and context.script and not has_script and PLAYER_ATTRIBUTE in player:
                player = with_script(player, context.script, script_strings(context.language))
                has_script = True
            return parts.with_player(inner, player) if block.is_page else player

        filled = fill_slots(html, self.blocks, fill)
        return RenderedPage(filled.html, tuple(clips), audio, filled.unfinished)

    def captions(self, blocks: Iterable[SpokenBlock]) -> Mapping[str, str]:
        """The captions of those of some blocks that can be played, as WebVTT, by the names of their files."""
        played = (self.supply.playback(block, with_words=self.shows_words) for block in blocks)
        return {playback.captions_name: to_webvtt(playback.cues) for playback in played if playback}

    def _view(
        self, block: SpokenBlock, context: PageContext, url_of: Callable[[str], str], ids: _UniqueIds
    ) -> PlayerView:
        """The player of a block or of a page, without its text."""
        playback = self.supply.playback(block, with_words=self.shows_words)
        duration = playback.clip.duration if playback else 0.0
        options, strings = block.options, context.strings
        heading = options.title or (context.title if block.is_page else "") or block.excerpt
        is_foreign = block.language and not is_same_language(block.language, context.language)
        return PlayerView(
            id=ids.unique(options.id or (_PAGE_ID if block.is_page else f"speak-{block.slot}")),
            classes=options.classes,
            title=options.title or (strings.page_title(duration) if block.is_page else strings.listen),
            heading=heading,
            label=f"{strings.listen}: {heading}",
            text=options.text,
            text_html=Markup(),
            url=url_of(playback.clip.path.name) if playback else None,
            captions_url=url_of(playback.captions_name) if playback else "",
            media_type=block.clip.output_format.media_type,
            duration=duration,
            cues=playback.cues if playback else (),
            chapters=tuple(map(ids.with_known_anchor, playback.chapters)) if playback else (),
            language=block.language if is_foreign else None,
            context=context,
            is_page=block.is_page,
            is_draft=bool(playback and playback.is_draft),
            is_pending=playback is None and self.has_drafts,
        )


def _page_audio(view: PlayerView) -> PageAudio:
    absolute_url = urljoin(view.context.url, view.url) if view.context.url else ""
    return PageAudio(view.url or "", absolute_url, view.media_type, view.heading)


def _audio_object(block: SpokenBlock, clip: CachedClip, view: PlayerView) -> AudioObject:
    language = block.voice.language
    return AudioObject(
        name=view.heading,
        content_url=urljoin(view.context.url, view.url),
        media_type=view.media_type,
        duration=clip.duration,
        transcript=block.transcript,
        language=None if language == "auto" else language,
        disclosure=view.strings.synthetic,
        size=clip.size,
        is_trained=any(segment.voice.model not in RULE_BASED_MODELS for segment in block.clip.segments),
    )


class _UniqueIds:
    """The ids of a page's elements, those of its players among them."""

    def __init__(self, html: str) -> None:
        self._taken = set(_ID_ATTRIBUTE.findall(html))
        self._next_number: defaultdict[str, int] = defaultdict(lambda: 2)

    def with_known_anchor(self, chapter: Chapter) -> Chapter:
        """The chapter, without its anchor if the page has none such: what repeats a page's text may rename its ids."""
        return chapter if chapter.anchor in self._taken else replace(chapter, anchor="")

    def unique(self, name: str) -> str:
        """The name, with a number if the page has it already."""
        unique = name
        while unique in self._taken:
            unique = f"{name}-{self._next_number[name]}"
            self._next_number[name] += 1
        self._taken.add(unique)
        return unique
