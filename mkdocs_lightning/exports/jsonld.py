"""What a page's clips are, for search engines and other programs: schema.org's `AudioObject` as JSON-LD.

After https://schema.org/AudioObject and https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# https://schema.org/IPTCDigitalSourceEnumeration, defined at https://cv.iptc.org/newscodes/digitalsourcetype/:
_TRAINED = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
"""Made "using a model derived from sampled content"."""
_RULES = "https://schema.org/AlgorithmicMediaDigitalSource"
"""Made "purely by an algorithm not based on any sampled training data"."""

MODELS_OF_RULES = frozenset(["espeak-ng"])
"""Of the voices' models, those that nobody has trained."""

_UNSAFE = re.compile(r"[<>&\u2028\u2029\ud800-\udfff]")
"""What could end or nest a script element, end a line of JavaScript, or not be stored in UTF-8."""


@dataclass(frozen=True, slots=True)
class AudioObject:
    """A clip.

    Attributes:
        content_url: Absolute; of the audio file.
        duration: In seconds.
        transcript: Plain text.
        language: BCP 47; None where it is not known.
        disclosure: Says to people that the voice is synthetic.
        size: Of the audio file, in bytes.
        trained: Whether the voice is a trained model's, as the service's are; espeak-ng's are made by rules.
    """

    name: str
    content_url: str
    media_type: str
    duration: float
    transcript: str
    language: str | None
    disclosure: str
    size: int
    trained: bool = True


def script_element(clips: Sequence[AudioObject]) -> str:
    """What the head of a page with clips has; nothing where there are none."""
    return f'<script type="application/ld+json">{structured_data(clips)}</script>\n' if clips else ""


def structured_data(clips: Sequence[AudioObject]) -> str:
    """The text of an element `<script type="application/ld+json">`; safe there whatever the clips say.

    Args:
        clips: In the order of the page.
    """
    text = json.dumps(
        {"@context": "https://schema.org", "@graph": [_described(clip) for clip in clips]}, ensure_ascii=False
    )
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)  # they are nowhere but in strings


def _described(clip: AudioObject) -> dict[str, str]:
    known = {"inLanguage": clip.language} if clip.language else {}
    return {
        "@type": "AudioObject",
        "name": clip.name,
        "description": clip.disclosure,
        "digitalSourceType": _TRAINED if clip.trained else _RULES,
        "contentUrl": clip.content_url,
        "encodingFormat": clip.media_type,
        "contentSize": f"{clip.size} B",  # with its unit, as schema.org takes several
        "duration": _iso_8601(clip.duration),
        **known,
        "transcript": clip.transcript,
    }


def _iso_8601(duration: float) -> str:
    """Whole seconds, at least one, and no part left out: RFC 3339's grammar (appendix A) takes nothing else."""
    minutes, seconds = divmod(max(1, round(duration)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"PT{hours}H{minutes}M{seconds}S"
