"""Each language in a voice of its own: what mkdocs-static-i18n knows of a page decides who speaks it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.reading.languages import LANGUAGE_NAMES
from mkdocs_lightning.reading.voice import (
    LANGUAGE_VOICES,
    NO_SETTINGS,
    PRO_MODEL,
    STANDARD_MODEL,
    VoiceSettings,
    resolve_voice,
    settings_for_locale,
)
from tests.support.commands import run
from tests.support.repository import DOCS
from tests.support.sites import Site, three_languages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.service import Service

PAGE = DOCS / "how-to/languages.md"
TEXTS = {
    "index.md": "# Home\n\n:::speak\nThis sentence is an English one.\n:::\n",
    "index.de.md": "# Start\n\n:::speak\nDieser Satz ist ein deutscher.\n:::\n",
    "index.es.md": "# Inicio\n\n:::speak\nEsta frase es española, y larga.\n:::\n",
    "only.md": "# Only\n\n:::speak\nNobody has translated this sentence.\n:::\n",
}


STRUCTURES = pytest.mark.parametrize("polyglot", ["suffix", "folder"], indirect=True)


def named(structure: str, name: str) -> str:
    """A page's name, such as index.de.md, as a site has it that keeps each language in a folder."""
    if structure == "suffix":
        return name
    stem, *locale = name.removesuffix(".md").split(".")
    return f"{locale[0] if locale else 'en'}/{stem}.md"


@dataclass
class Polyglot(Site):
    """A site in several languages."""

    structure: str = "suffix"

    def write(self, pages: Mapping[str, str]) -> None:
        super().write({named(self.structure, name): text for name, text in pages.items()})


@pytest.fixture
def polyglot(request: pytest.FixtureRequest, site: Site) -> Polyglot:
    """A site in three languages, of which one page was not translated."""
    structure = getattr(request, "param", "suffix")
    config: dict[str, object] = {"plugins": [three_languages(structure)]}
    made = Polyglot(site.root, site.options, config, structure)
    made.write(TEXTS)
    return made


def spoken(service: Service) -> dict[str, tuple[object, object]]:
    """Language and voice of each sentence that was asked for, by its first word."""
    bodies = [request.body for request in service.requests if request.body]
    assert len({body["text"] for body in bodies}) == len(bodies)  # each once
    return {str(body["text"]).split()[0]: (body["language"], body["voice_id"]) for body in bodies}


@STRUCTURES
def test_each_page_is_spoken_in_its_language(polyglot: Polyglot, service: Service) -> None:
    polyglot.build(strict=True)
    assert spoken(service) == {
        "This": ("en", "kaitlyn"),
        "Dieser": ("de", "hanna"),
        "Esta": ("es", "martina"),
        "Nobody": ("en", "kaitlyn"),  # on three pages, and paid for once
    }
    assert all(polyglot.clips(page) for page in ("index.html", "de/index.html", "de/only/index.html"))


@STRUCTURES
def test_a_sentence_of_several_languages_is_paid_for_once(polyglot: Polyglot, service: Service) -> None:
    quote = ":::speak language=en voice_id=kaitlyn\nThis sentence is an English one.\n:::\n"
    polyglot.write({"index.de.md": f"{TEXTS['index.de.md']}\n{quote}", "index.es.md": quote})
    polyglot.build(strict=True)
    assert sorted(spoken(service)) == ["Dieser", "Nobody", "This"]
    (english,), (_, german), (spanish,) = (polyglot.clips(f"{name}index.html") for name in ("", "de/", "es/"))
    assert english == german == spanish
    originals = [polyglot.clips(f"{name}only/index.html") for name in ("", "de/", "es/")]
    assert originals[0] == originals[1] == originals[2]
    assert len(originals[0]) == 1

    service.clear()
    polyglot.build(strict=True)
    assert service.requests == []


@STRUCTURES
def test_the_site_names_other_voices(polyglot: Polyglot, service: Service) -> None:
    polyglot.build(strict=True, voice_id="sophie", voices={"de": "petra", "es": {"voice_id": "mateo", "speed": 0.9}})
    assert spoken(service) == {
        "This": ("en", "sophie"),
        "Dieser": ("de", "petra"),
        "Esta": ("es", "mateo"),
        "Nobody": ("en", "sophie"),
    }
    assert [request.body["speed"] for request in service.requests if request.body and "Esta" in str(request.body)] == [
        0.9
    ]


@STRUCTURES
def test_what_is_nearer_counts_more(polyglot: Polyglot, service: Service) -> None:
    polyglot.write(
        {
            "index.de.md": "# Start\n\n:::speak voice_id=lea\nDieser Satz ist ein deutscher.\n:::\n",
            "index.es.md": f"---\nlightning: {{voice_id: paula}}\n---\n{TEXTS['index.es.md']}",
        }
    )
    polyglot.build(strict=True)
    said = spoken(service)
    assert (said["Dieser"], said["Esta"]) == (("de", "lea"), ("es", "paula"))


@pytest.mark.parametrize(
    ("locale", "site", "own", "voice"),
    [
        ("en", {}, {}, ("en", "kaitlyn", PRO_MODEL)),
        ("de", {}, {}, ("de", "hanna", PRO_MODEL)),
        ("de-AT", {}, {}, ("de", "hanna", PRO_MODEL)),
        ("nb", {}, {}, ("no", "solveig", PRO_MODEL)),
        ("zh_TW", {}, {}, ("zh", "hazel", PRO_MODEL)),
        ("nl", {}, {}, ("nl", "kaitlyn", PRO_MODEL)),  # of whom there is none
        ("tlh", {}, {}, ("en", "kaitlyn", PRO_MODEL)),  # which nobody speaks
        ("en", {"language": "de", "voice_id": "petra"}, {}, ("en", "kaitlyn", PRO_MODEL)),
        ("de", {"language": "de", "voice_id": "petra"}, {}, ("de", "petra", PRO_MODEL)),
        ("de", {"language": "auto"}, {}, ("auto", "kaitlyn", PRO_MODEL)),
        ("de", {"voice_id": "magnus"}, {}, ("de", "hanna", PRO_MODEL)),
        ("de", {"model": STANDARD_MODEL}, {}, ("de", "hanna", PRO_MODEL)),
        ("de", {"model": f"{PRO_MODEL}_07_26"}, {}, ("de", "hanna", f"{PRO_MODEL}_07_26")),
        *(
            ("de", {"voice_id": "voice_Ab12Cd34", "model": model}, {}, ("de", "voice_Ab12Cd34", model))
            for model in (STANDARD_MODEL, PRO_MODEL)
        ),
        ("de", {"model": "tts-1", "voice_id": "alloy"}, {}, ("de", "alloy", "tts-1")),
        ("de", {"model": "tts-1", "voice_id": "alloy"}, {"de": {"voice_id": "echo"}}, ("de", "echo", "tts-1")),
        ("en", {"voice_id": "sophie"}, {"en": {"voice_id": "henry"}}, ("en", "henry", PRO_MODEL)),
        ("de", {}, {"de": {"voice_id": "magnus"}}, ("de", "magnus", STANDARD_MODEL)),
        ("de", {}, {"de": {"language": "auto"}}, ("auto", "hanna", PRO_MODEL)),
    ],
)
def test_who_speaks_a_page(
    locale: str,
    site: Mapping[str, object],
    own: Mapping[str, Mapping[str, object]],
    voice: tuple[str, str, str],
) -> None:
    settings = VoiceSettings.parse(site)
    chosen = settings_for_locale(locale, settings, {code: VoiceSettings.parse(raw) for code, raw in own.items()})
    resolved = resolve_voice(chosen.over(settings))
    assert (resolved.language, resolved.voice_id, resolved.model) == voice


def test_the_voices_are_at_home_in_their_languages_and_on_the_page() -> None:
    catalogue = json.loads(
        resources.files("mkdocs_lightning.reading").joinpath("voices.json").read_text(encoding="utf-8")
    )
    told = PAGE.read_text(encoding="utf-8")
    for code, voice_id in LANGUAGE_VOICES.items():
        assert catalogue[voice_id]["model"] == PRO_MODEL
        assert catalogue[voice_id]["languages"][0] == code
        assert f"{LANGUAGE_NAMES[code].title()}, `{code}` | {voice_id} |" in told
    assert LANGUAGE_NAMES.keys() - LANGUAGE_VOICES.keys() == {"nl", "sv"}
    assert settings_for_locale("sw", NO_SETTINGS, {}) == NO_SETTINGS


@pytest.mark.parametrize(
    ("voices", "words"),
    [
        ({"klingon": "worf"}, "'klingon' is not a language"),
        ({"de": 5}, "de: 5 is neither a voice_id nor a mapping of voice settings"),
        ({"de": {"voice": "petra"}}, "de: unknown option 'voice'"),
        ({"de": {"speed": "fast"}}, "de: "),
    ],
)
def test_what_cannot_be_a_voice_is_told(
    polyglot: Polyglot, expect_warning: Callable[[str], None], voices: object, words: str
) -> None:
    expect_warning("option 'voices'")
    ended = run(polyglot, "plan", voices=voices)
    assert ended.exit_code == 2
    assert words in ended.stderr


def test_yaml_reads_norwegian_as_no(polyglot: Polyglot) -> None:
    assert run(polyglot, "plan", voices={False: "solveig"}).exit_code == 0


@pytest.mark.parametrize("limit", [70, 1000])
def test_the_budget_is_one_for_all_languages(
    polyglot: Polyglot, service: Service, expect_warning: Callable[[str], None], limit: int
) -> None:
    """Each language alone would be within it."""
    if limit < 1000:
        expect_warning(f"max_characters is {limit}")
    polyglot.build(max_characters=limit)
    assert 0 < sum(len(str(request.body["text"])) for request in service.requests if request.body) <= limit
    assert (len(spoken(service)) == len(TEXTS)) == (limit == 1000)
