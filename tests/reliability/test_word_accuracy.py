"""How exactly words are found in audio: against espeak-ng, which tells when it says each word of its own."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import markdown
import pytest

from mkdocs_lightning.engines.offline import OfflineEngine
from mkdocs_lightning.engines.words.times import WordTimer
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.script import read_page_script
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

SENTENCES = 30
MEDIAN, NEARLY_ALL = 0.04, 0.12  # seconds: what a reader does not notice, and hardly notices
LEAST_ALIGNED = 0.95
FRENCH = (
    "Ajoutez le module dans mkdocs.yml, puis lancez la commande mkdocs build depuis le dossier du projet.",
    "La page est lue à voix haute, et la phrase que l'on entend est surlignée.",
    "Si la clé n'est pas définie, le site est construit quand même, sans les nouvelles phrases.",
    "Chaque phrase est conservée sur le disque ; elle n'est donc payée qu'une seule fois.",
)


def sentences_of_documentation() -> list[str]:
    """Sentences of this project's own pages."""
    found: list[str] = []
    for path in sorted((ROOT / "docs").rglob("*.md")):
        html = markdown.markdown(path.read_text(encoding="utf-8"), extensions=["tables", "fenced_code", "attr_list"])
        found += [part for sentence in read_page_script(html, PlaceVoice("en")) for part in sentence.parts]
    random.Random(3).shuffle(found)
    return found[:SENTENCES]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_words_are_found_where_they_are_said(language: str) -> None:
    texts: Sequence[str] = FRENCH if language == "fr" else sentences_of_documentation()
    engine, timer = OfflineEngine(), WordTimer()
    voice = engine.normalize_voice(resolve_voice(VoiceSettings(language=language)))
    errors: list[float] = []
    aligned = 0
    for text in texts:
        segment = Segment("offline", voice, text)
        audio = engine.synthesize(text, voice)
        exact = dict(timer.find(segment, audio) or ())
        found = dict(timer.find(replace(segment, engine="lightning"), audio) or ())
        aligned += bool(found)
        errors += [abs(found[start] - exact[start]) for start in found.keys() & exact.keys()]
    timer.close()
    engine.close()

    errors.sort()
    assert aligned >= LEAST_ALIGNED * len(texts)
    assert errors[len(errors) // 2] < MEDIAN
    assert errors[int(0.95 * len(errors))] < NEARLY_ALL
