"""Descriptions of a page's clips for search engines and other programs: schema.org's `AudioObject` as JSON-LD.

See https://schema.org/AudioObject and https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# See https://schema.org/IPTCDigitalSourceEnumeration and https://cv.iptc.org/newscodes/digitalsourcetype/.
_TRAINED = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
"""Made "using a model derived from sampled content"."""
_RULE_BASED = "https://schema.org/AlgorithmicMediaDigitalSource"
"""Made "purely by an algorithm not based on any sampled training data"."""

RULE_BASED_MODELS = frozenset(["espeak-ng"])
"""Models of voices that were written by people, not trained on recordings."""

_UNSAFE = re.compile(r"[<>&\u2028\u2029\ud800-\udfff]")
"""Characters that could end or nest a script element, end a line of JavaScript, or not be encoded in UTF-8."""


@dataclass(frozen=True, slots=True)
class AudioObject:
    """A clip.

    Attributes:
        name: The title, as plain text.
        content_url: The absolute URL of the audio file.
        media_type: The MIME type of the audio file.
        duration: Seconds.
        transcript: Plain text.
        language: A BCP 47 tag; None if unknown.
        disclosure: The sentence that tells people that the voice is synthetic.
        size: Bytes of the audio file.
        is_trained: Whether the voice is a trained model, as the service's are. Voices of espeak-ng are rule-based.
    """

    name: str
    content_url: str
    media_type: str
    duration: float
    transcript: str
    language: str | None
    disclosure: str
    size: int
    is_trained: bool = True


def script_element(clips: Sequence[AudioObject]) -> str:
    """The script element for the head of a page; empty if the page has no clips."""
    return f'<script type="application/ld+json">{structured_data(clips)}</script>\n' if clips else ""


def structured_data(clips: Sequence[AudioObject]) -> str:
    """The JSON-LD of a page's clips, escaped so that no text of a clip can end the script element.

    Args:
        clips: The clips in the order of the page.
    """
    text = json.dumps(
        {"@context": "https://schema.org", "@graph": [_described(clip) for clip in clips]}, ensure_ascii=False
    )
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)  # they occur only within strings


def _described(clip: AudioObject) -> dict[str, str]:
    known = {"inLanguage": clip.language} if clip.language else {}
    return {
        "@type": "AudioObject",
        "name": clip.name,
        "description": clip.disclosure,
        "digitalSourceType": _TRAINED if clip.is_trained else _RULE_BASED,
        "contentUrl": clip.content_url,
        "encodingFormat": clip.media_type,
        "contentSize": f"{clip.size} B",  # schema.org allows several units
        "duration": _iso_8601(clip.duration),
        **known,
        "transcript": clip.transcript,
    }


def _iso_8601(duration: float) -> str:
    """A duration in whole seconds, at least one, with all parts, as the grammar in RFC 3339 (appendix A) requires."""
    minutes, seconds = divmod(max(1, round(duration)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"PT{hours}H{minutes}M{seconds}S"
