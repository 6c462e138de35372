"""A site whose voices were synthesized at levels of their own is heard at one: by ffmpeg, and sentence by sentence."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from mkdocs_lightning.audio.mastering.loudness import LoudnessMeter
from mkdocs_lightning.audio.samples import Audio
from tests.support.loudness import measure, needs_ffmpeg
from tests.support.published import cues_of, tracks_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

SOFT, LOUD = "kaitlyn", "sophie"
TEXT = (
    "This is a sentence of the usual length, and nothing else. Here is another one, which is a little longer than it."
)
PAGES = {
    "soft.md": f":::speak voice_id={SOFT}\n{TEXT}\n:::\n",
    "loud.md": f":::speak voice_id={LOUD}\n{TEXT}\n:::\n",
    "both.md": f"""\
:::speak voice_id={SOFT}
{TEXT}

{TEXT} And so on it goes.
{{: voice_id={LOUD} }}

Once more it is soft.
:::
""",
}


def level_of(segments: list[Path]) -> list[float]:
    """Each sentence's loudness as it was synthesized."""
    found = [LoudnessMeter(Audio(*soundfile.read(path, dtype="int16")), []).of_all() for path in segments]
    return [loudness for loudness in found if loudness is not None]


def loudness_of_sentences(site: Site, page: str, clip: Path) -> list[float]:
    samples, rate = soundfile.read(clip, dtype="int16")
    spans = [(round(start * rate), round(end * rate)) for start, end, _ in cues_of(tracks_of(site, page)[0])]
    meter = LoudnessMeter(Audio(np.asarray(samples), rate), spans)
    return [loudness for number in range(len(spans)) if (loudness := meter.of_parts([number])) is not None]


@needs_ffmpeg
@pytest.mark.parametrize("engine", ["lightning", "offline"])
def test_every_clip_of_a_site_has_its_loudness(site: Site, service: Service, engine: str) -> None:
    service.gains = {SOFT: 0.16, LOUD: 1.25}
    site.write(PAGES)
    site.config["markdown_extensions"] = ["attr_list"]

    site.build(strict=True, engine=engine)

    if engine == "lightning":
        levels = level_of(list((site.root / ".cache").rglob("*.flac")))
        assert max(levels) - min(levels) > 15, "else there would be nothing to do"
    for page in ("soft", "loud", "both"):
        (clip,) = site.clips(f"{page}/index.html")
        measured = measure(clip)
        assert measured.loudness == pytest.approx(-19, abs=0.5)
        assert measured.peak <= -1.0
        sentences = loudness_of_sentences(site, f"{page}/index.html", clip)
        assert len(sentences) >= 2
        assert max(abs(one - other) for one, other in pairwise(sentences)) < 1.0


def test_another_loudness_is_another_clip_and_sends_nothing(site: Site, service: Service) -> None:
    site.write(PAGES)
    site.config["markdown_extensions"] = ["attr_list"]
    site.build(strict=True)
    sent = len(service.requests)
    (before,) = site.clips("both/index.html")

    site.build(strict=True, loudness="none")

    (after,) = site.clips("both/index.html")
    assert after.name != before.name
    assert len(service.requests) == sent
