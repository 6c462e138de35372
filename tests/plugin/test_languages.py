"""Each language in a voice of its own: what mkdocs-static-i18n knows of a page decides who speaks it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from mkdocs_lightning.reading.settings.catalogue import LANGUAGE_VOICES, PRO_MODEL, STANDARD_MODEL
from mkdocs_lightning.reading.settings.languages import LANGUAGE_NAMES
from mkdocs_lightning.reading.settings.site_voices import SiteVoices
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import NO_SETTINGS, VoiceSettings
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
@pytest.mark.parametrize(
    ("patterns", "narrated"),
    [
        (["**", "!/guide/changes.md"], {"guide/a.md", "guide/a.de.md"}),
        (["/guide/*", "!changes.md"], {"guide/a.md", "guide/a.de.md"}),
        (["guide/a.md"], {"guide/a.md", "guide/a.de.md"}),
        (["guide/**", "!/guide/chnages.md"], {"guide/a.md", "guide/a.de.md"}),
        (["guide/news.md"], {"guide/news.de.md"}),  # which no other language has
    ],
)
def test_a_pattern_without_a_language_also_names_translations(
    polyglot: Polyglot, expect_warning: Callable[[str], None], patterns: list[str], narrated: set[str]
) -> None:
    pages = {"guide/a.md", "guide/a.de.md", "guide/changes.md", "guide/changes.de.md"}
    polyglot.write(dict.fromkeys(TEXTS, "# Empty\n"))
    polyglot.write(dict.fromkeys(pages | narrated, "# Title\n\nThese are words.\n"))
    if "!/guide/chnages.md" in patterns:
        for _ in range(3):
            expect_warning("did you mean '!guide/changes.md'")
    polyglot.build(narrate=patterns, engine="offline")
    for page in pages | narrated:
        stem, *locale = page.removesuffix(".md").split(".")
        html = "/".join([*locale, stem, "index.html"])
        assert bool(polyglot.clips(html)) == (page in narrated), page


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
    voices = SiteVoices(settings, {code: VoiceSettings.parse(raw) for code, raw in own.items()})
    resolved = resolve_voice(voices.complete(NO_SETTINGS, locale))
    assert (resolved.language, resolved.voice_id, resolved.model) == voice


@pytest.mark.parametrize(
    ("block", "voice"),
    [
        ("language=fr", ("fr", "louis", 0.9)),
        ("language=fr voice_id=manon", ("fr", "manon", 0.9)),  # each setting that is nearer counts more
        ("language=fr speed=1.2", ("fr", "louis", 1.2)),
        ("language=de", ("de", "petra", 1)),
        ("language=it", ("it", "silvia", 1)),  # which `voices` does not name
        ("language=nl", ("nl", "sophie", 1)),  # of whom there is no native
        ("language=en", ("en", "sophie", 1)),
        ("language=auto", ("auto", "sophie", 1)),
        ("speed=1", ("en", "sophie", 1)),
    ],
)
def test_who_speaks_a_block_page_folder_or_element_in_a_language_of_its_own(
    site: Site, service: Service, block: str, voice: tuple[str, str, float]
) -> None:
    settings = ", ".join(pair.replace("=", ": ") for pair in block.split())
    site.config = {"markdown_extensions": ["attr_list"]}
    site.options |= {"voice_id": "sophie", "voices": {"fr": {"voice_id": "louis", "speed": 0.9}, "de": "petra"}}
    site.write(
        {
            "block.md": f":::speak {block}\nThis is in a block.\n:::\n",
            "page.md": f"---\nlightning: {{{settings}}}\n---\n:::speak\nThis is on a page.\n:::\n",
            "folder/.meta.yml": f"lightning: {{{settings}}}\n",
            "folder/page.md": ":::speak\nThis is in a folder.\n:::\n",
            "element.md": f":::speak\n*This is an element.*{{: {block} }}\n:::\n",
        }
    )

    site.build()

    asked = [request.body or {} for request in service.requests]
    assert [(body["language"], body["voice_id"], body.get("speed", 1)) for body in asked] == [voice] * 4


HEBREW = "# \u05e9\u05dc\u05d5\u05dd\n\n:::speak\n\u05d6\u05d4 \u05de\u05e9\u05e4\u05d8.\n:::\n"


@pytest.mark.parametrize("engine", ["lightning", "offline"])
def test_a_page_in_a_language_that_nobody_speaks_stays_text(
    site: Site,
    service: Service,
    expect_warning: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
    engine: str,
) -> None:
    expect_warning("No translations could be found for the locale 'he'")  # says the theme
    expect_warning(
        r"^mkdocs_lightning: pages in 'he', such as 'index\.he\.md', are shown without players: Lightning does"
    )
    languages = [{"locale": "en", "name": "English", "default": True}, {"locale": "he", "name": "Hebrew"}]
    site.config["plugins"] = [{"i18n": {"docs_structure": "suffix", "languages": languages}}]
    site.write(
        {
            "index.md": TEXTS["index.md"],
            "index.he.md": HEBREW,
            "narrated.he.md": f"---\nlightning: {{narrate: true}}\n---\n{HEBREW}",
            "english.he.md": ":::speak language=en\nIn English.\n:::\n",
            "auto.he.md": f"---\nlightning: {{language: auto}}\n---\n{HEBREW}",
            "silent.he.md": "# \u05e9\u05dc\u05d5\u05dd\n",
        }
    )
    site.build(engine=engine)
    assert caplog.text.count("pages in 'he'") == 1
    if engine == "lightning":
        assert spoken(service) == {
            "This": ("en", "kaitlyn"),
            "In": ("en", "kaitlyn"),
            "\u05d6\u05d4": ("auto", "kaitlyn"),
        }
    clips = {name: len(site.clips(f"he/{name}index.html")) for name in ("", "narrated/", "english/", "auto/")}
    assert clips == {"": 0, "narrated/": 0, "english/": 1, "auto/": 1}


def test_pages_in_such_a_language_that_speak_nothing_are_not_told(
    site: Site, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("No translations could be found for the locale 'he'")
    expect_warning("No translations could be found for the locale 'he'")
    languages = [{"locale": "en", "name": "English", "default": True}, {"locale": "he", "name": "Hebrew"}]
    site.config["plugins"] = [{"i18n": {"docs_structure": "suffix", "languages": languages}}]
    site.write({"index.md": TEXTS["index.md"], "index.he.md": "# \u05e9\u05dc\u05d5\u05dd\n"})
    site.build()
    site.write({"index.he.md": HEBREW})
    expect_warning("pages have language: auto from the site's options")
    site.build(language="auto")
    assert len(site.clips("he/index.html")) == 1


def test_the_site_s_auto_is_warned_of_before_it_replaces_native_voices(
    polyglot: Polyglot, service: Service, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Not once everything is cached, nor where nothing is paid for, nor where a page sets it."""
    polyglot.write({"only.md": "---\nlightning: {language: auto}\n---\n:::speak\nNobody translates this.\n:::\n"})
    expect_warning(r"^pages have language: auto from the site's options: .* needed first in index\.md:3$")
    planned = run(polyglot, "plan", language="auto").stderr
    assert planned.count("have language: auto from the site's options") == 1
    assert service.requests == []
    polyglot.build(strict=True, language="auto")
    assert caplog.text.count("have language: auto from the site's options") == 1
    polyglot.build(strict=True, language="auto")
    polyglot.build(strict=True)
    polyglot.build(strict=True, language="auto", engine="offline")
    assert caplog.text.count("have language: auto from the site's options") == 1


def test_a_warning_of_a_pattern_is_the_same_in_all_languages_and_told_once(
    polyglot: Polyglot, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    expect_warning("narrate: '!elsewhere/' matches no page")
    polyglot.build(narrate=["**", "!elsewhere/"])
    assert caplog.text.count("narrate: ") == 1
    polyglot.build(narrate=["**", "!elsewhere/"])
    assert caplog.text.count("narrate: ") == 2


@pytest.mark.parametrize(
    "options", [{"voices": {"en": "petra"}}, {"voice_id": "petra"}, {"language": "en", "voice_id": "petra"}]
)
def test_a_voice_of_another_language_than_the_page_s_is_told_once(
    site: Site, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    expect_warning(
        "voice_id 'petra' is a voice for de, but the language is en; 'mkdocs-lightning voices --language en' lists "
        "those for en; needed first in index.md:3$"
    )
    site.write({"index.md": TEXTS["index.md"], "more.md": ":::speak\nAnother block.\n:::\n"})
    site.build(**options)
    assert caplog.text.count("is a voice for") == 1


@pytest.mark.parametrize(
    "options",
    [
        {"language": "sv", "voice_id": "petra"},  # which no voice speaks as a native
        {"language": "sv", "model": "lightning_v3.1"},
        {"language": "auto", "voice_id": "petra"},
    ],
)
def test_of_other_voices_nothing_is_told(
    site: Site, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    if options.get("model") == "lightning_v3.1":
        expect_warning("model lightning_v3.1 ")
    site.write({"index.md": TEXTS["index.md"]})
    site.build(**options)
    assert "is a voice for" not in caplog.text


def test_the_option_voices_counts_for_the_site_s_own_language_too(site: Site, service: Service) -> None:
    site.write({"index.md": TEXTS["index.md"] + "\n:::speak speed=1.2 voice_id=hanna\nHier.\n:::\n"})
    site.build(strict=True, language="de", voices={"de": "petra"})
    assert {voice for _, voice in spoken(service).values()} == {"petra", "hanna"}


@STRUCTURES
def test_what_is_wrong_on_a_page_that_all_languages_have_is_told_once(
    polyglot: Polyglot, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    only = ":::speak language=he\nShalom.\n:::\n\n:::speak\n:::\n\n:::speak language=he\nAgain.\n:::\n"
    polyglot.write(TEXTS | {"only.md": only})
    for line in (1, 8):
        expect_warning(rf"only\.md:{line} ':::speak language=he': 'he' is not a language of lightning_v3.1_pro")
    expect_warning(r"only\.md:5 ':::speak': there is nothing to speak")
    for _ in range(2):
        caplog.clear()
        polyglot.build(engine="offline")  # each run of MkDocs tells it anew
        assert caplog.text.count("'he' is not a language") == 2
        assert caplog.text.count("there is nothing to speak") == 1

    result = run(polyglot, "transcript", named(polyglot.structure, "only.md"), engine="offline")
    assert result.stderr.count("only.md:1 ':::speak language=he'") == 1


def test_a_transcript_names_the_languages_only_of_what_they_do_not_share(polyglot: Polyglot) -> None:
    polyglot.config["markdown_extensions"] = ["admonition"]
    plugin: Any = three_languages("suffix")
    plugin["i18n"]["languages"][1]["admonition_translations"] = {"note": "Hinweis"}
    polyglot.config["plugins"] = [plugin]
    polyglot.write({"only.md": "# Only\n\nOne text.\n", "note.md": "# Title\n\n!!! note\n    One text.\n"})
    told = run(polyglot, "transcript", "only.md", "note.md", narrate=True).stdout
    note = "note.md [{}] (kaitlyn, en)\n  Title\n  {}\n  One text.\n"
    page = "only.md (kaitlyn, en)\n  Only\n  One text.\n"
    assert told == page + note.format("en, es", "Note") + note.format("de", "Hinweis")
    told = run(polyglot, "transcript", "only.md", "note.md", "--json", narrate=True).stdout
    only, notes = ([block["locales"] for block in part["blocks"]] for part in json.loads(told)["pages"])
    assert (only, notes) == ([["en", "de", "es"]], [["en", "es"], ["de"]])


@pytest.mark.parametrize(
    ("theme", "words"),
    [
        (
            {"name": "material", "language": "de"},
            "theme.language is 'de', and language is not set, so .* language: de ",
        ),
        ({"name": "material", "language": "pt-BR"}, "theme.language is 'pt-BR', .* set language: pt "),
        ({"name": "mkdocs", "locale": "fr"}, "theme.locale is 'fr', and language is not set"),
        (
            {"name": "material", "language": "he"},
            "theme.language is 'he', which is not one of Lightning's .* set language: auto, or enabled: false ",
        ),
    ],
)
def test_a_theme_in_another_language_than_english_is_told_of_a_site_that_speaks(
    site: Site, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture, theme: object, words: str
) -> None:
    site.config["theme"] = theme
    site.write({"index.md": "# Hallo\n", "a.md": "---\nlightning: {language: de}\n---\n:::speak\nHallo.\n:::\n"})
    site.build(strict=True)  # nothing is spoken as English
    site.write({"b.md": TEXTS["index.md"], "c.md": TEXTS["index.de.md"]})
    site.build(strict=True, language="en")
    site.build(strict=True, language="de")
    site.build(strict=True, language="auto")
    expect_warning(words)
    site.build()
    assert caplog.text.count("language is not set") == 1


@STRUCTURES
def test_another_first_language_than_english_is_told_if_the_site_s_voice_does_not_speak_it(
    polyglot: Polyglot, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    german_first = [{"locale": "de", "name": "Deutsch", "default": True}, {"locale": "en", "name": "English"}]
    polyglot.config["plugins"] = [{"i18n": {"docs_structure": polyglot.structure, "languages": german_first}}]
    if polyglot.structure == "suffix":
        polyglot.config["docs_dir"] = "german"
        for name, text in {"index.md": TEXTS["index.de.md"], "index.en.md": TEXTS["index.md"]}.items():
            (polyglot.root / "german").mkdir(exist_ok=True)
            (polyglot.root / "german" / name).write_text(text, encoding="utf-8")
    both: dict[str, Any] = {"voices": {"de": "petra", "en": "cormac"}}
    for options in ({}, {"voice_id": "petra", "language": "de"}, {"voice_id": "petra", **both}):
        polyglot.build(strict=True, **options)
    expect_warning(
        "the default language of mkdocs-static-i18n is 'de', and language is not set, so voice_id speaks none"
    )
    expect_warning("voice_id 'petra' is a voice for de, but the language is en")
    polyglot.build(voice_id="petra")
    assert caplog.text.count("language is not set") == 1


@STRUCTURES
def test_a_block_in_another_language_than_its_page_has_the_voice_of_its_own(
    polyglot: Polyglot, service: Service, expect_warning: Callable[[str], None]
) -> None:
    """Neither the voice of the page's language nor that of the site's, unless the page itself names one."""
    expect_warning("voice_id 'sophie' is a voice for en, but the language is fr")
    blocks = ":::speak language=fr\nVoici.\n:::\n\n:::speak language=it\nEcco, questo.\n:::\n"
    elements = ":::speak\nDies: *voilà tout*{: language=fr }\n:::\n"
    named = "---\nlightning: {voice_id: sophie}\n---\n:::speak language=fr\nEnfin.\n:::\n"
    polyglot.config["markdown_extensions"] = ["attr_list"]
    polyglot.write({"index.de.md": f"{blocks}\n{elements}", "index.md": blocks, "index.es.md": named})
    polyglot.build(voice_id="petra", voices={"en": "cormac", "fr": "louis"})
    assert spoken(service) == {
        "Voici.": ("fr", "louis"),
        "Ecco,": ("it", "silvia"),
        "Dies:": ("de", "hanna"),
        "voilà": ("fr", "louis"),
        "Enfin.": ("fr", "sophie"),
        "Nobody": ("en", "cormac"),
    }


QUOTED = """\
An English paragraph is here, and *das hier*{{: lang=de }} in it.

<blockquote{lang}>Wer reitet so spät durch Nacht und Wind?</blockquote>

Another English paragraph ends it.
{{: lang=en-GB }}
"""


@pytest.mark.parametrize("frame", ["---\nlightning: {{narrate: true}}\n---\n\n{}", ":::speak\n{}\n:::\n"])
def test_lang_of_a_paragraph_decides_who_speaks_it_and_nothing_is_paid_for_twice(
    site: Site, service: Service, frame: str
) -> None:
    site.config = {"markdown_extensions": ["attr_list"]}
    for lang, wanted in (("", ["en"] * 3), (' lang="la"', []), (' lang="de-CH"', ["de"])):
        service.clear()
        site.write({"index.md": frame.format(QUOTED.format(lang=lang))})
        site.build(strict=True)
        bodies = [request.body or {} for request in service.requests]
        assert [body["language"] for body in bodies] == wanted
    assert [(body["text"], body["voice_id"]) for body in bodies] == [
        ("Wer reitet so spät durch Nacht und Wind?", "hanna")
    ]


BLOCKS_OF_A_PAGE = r"""---
lightning: {narrate: true%s}
---
# Un mot

Before them.

:::speak language=fr speed=0.9
Voici M. Dupont. Il parle *et elle aussi*{: voice_id=manon }

Puis encore lui.
:::

Between them.

:::speak title="As the page"
In the page's own voice.
:::

:::speak number_pronunciation_language=de math_notation=true
It costs 5, or \\(x+y\\) of them.
:::

- An item.

    :::speak voice_id=henry sample_rate=24000
    Henry says this.
    :::

    And this not.

<div lang="pt" markdown="1">

:::speak
Around it is another language.
:::

</div>
"""


@pytest.mark.parametrize("of_page", ["", ", speed: 1.25", ", language: de, voice_id: petra"])
def test_a_narrated_page_speaks_its_blocks_as_they_speak_themselves(
    site: Site, service: Service, expect_warning: Callable[[str], None], of_page: str
) -> None:
    """So both players share each sentence, which is paid for once."""
    if "petra" in of_page:
        expect_warning("voice_id 'petra' is a voice for de, but the language is fr")
        expect_warning("voice_id 'henry' is a voice for en, but the language is de")
    blocks = BLOCKS_OF_A_PAGE % of_page
    math = {"pymdownx.arithmatex": {"generic": True}}
    site.config = {"markdown_extensions": ["attr_list", "md_in_html", math]}
    site.write({"index.md": blocks.replace("narrate: true", "narrate: false")})
    site.build(voices={"fr": "louis"})
    alone = [request.body for request in service.requests]
    service.clear()

    site.write({"index.md": blocks})
    site.build(voices={"fr": "louis"})

    assert len(alone) == 7
    assert sorted(service.spoken) == sorted(["Un mot", "Before them.", "Between them.", "An item.", "And this not."])
    voices = {
        (body["language"], body["voice_id"], body["speed"]) for request in service.requests if (body := request.body)
    }
    assert len(voices) == 1  # that of the page
    assert len(site.clips("index.html")) == 6


@pytest.mark.parametrize(
    ("site", "own", "voice"),
    [
        ({"voice_id": "sophie"}, {"language": "fr"}, ("fr", "manon", PRO_MODEL)),
        ({"voice_id": "sophie"}, {"language": "fr", "voice_id": "louis"}, ("fr", "louis", PRO_MODEL)),
        ({"voice_id": "sophie"}, {"language": "fr", "model": PRO_MODEL}, ("fr", "sophie", PRO_MODEL)),
        ({"voice_id": "magnus"}, {"language": "fr"}, ("fr", "manon", PRO_MODEL)),
        ({"voice_id": "magnus", "language": "fr"}, {"language": "fr"}, ("fr", "magnus", STANDARD_MODEL)),
        ({"voice_id": "voice_Ab12", "model": PRO_MODEL}, {"language": "fr"}, ("fr", "voice_Ab12", PRO_MODEL)),
        ({"voice_id": "alloy", "model": "tts-1"}, {"language": "fr"}, ("fr", "alloy", "tts-1")),
        ({"voice_id": "petra", "language": "de"}, {"language": "en"}, ("en", "kaitlyn", PRO_MODEL)),
        ({"voice_id": "petra", "language": "auto"}, {"language": "en"}, ("en", "petra", PRO_MODEL)),
    ],
)
@pytest.mark.parametrize("locale", [None, "es"])
def test_who_speaks_in_a_language_that_a_nearer_place_sets(
    locale: str | None, site: Mapping[str, object], own: Mapping[str, object], voice: tuple[str, str, str]
) -> None:
    completed = SiteVoices(VoiceSettings.parse(site)).complete(VoiceSettings.parse(own), locale)
    resolved = resolve_voice(completed)
    assert (resolved.language, resolved.voice_id, resolved.model) == voice


def test_the_voices_are_at_home_in_their_languages_and_on_the_page() -> None:
    catalogue = json.loads(
        resources.files("mkdocs_lightning.reading.settings").joinpath("voices.json").read_text(encoding="utf-8")
    )
    told = PAGE.read_text(encoding="utf-8")
    for code, voice_id in LANGUAGE_VOICES.items():
        assert catalogue[voice_id]["model"] == PRO_MODEL
        assert catalogue[voice_id]["languages"][0] == code
        assert f"{LANGUAGE_NAMES[code].title()}, `{code}` | {voice_id} |" in told
    assert LANGUAGE_NAMES.keys() - LANGUAGE_VOICES.keys() == {"nl", "sv"}
    assert SiteVoices().of("sw") == NO_SETTINGS


@pytest.mark.parametrize(
    ("voices", "words"),
    [
        ({"klingon": "worf"}, "'klingon' is not a language"),
        ({"de": 5}, "de: 5 is neither a voice_id nor a mapping of voice settings"),
        ({"de": {"voice": "petra"}}, "de: unknown option 'voice'"),
        ({"de": {"speed": "fast"}}, "de: "),
        ({"de": {"speed": 9}}, "de: 9.0 is out of range"),
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
