"""Sites with several speakers, built for real: what is requested in which voice, and what the pages show."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import markdown
import pytest

from mkdocs_lightning.engines import EngineOptions, make_engine
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.commands import plan, printed
from tests.support.pages import slots_in
from tests.support.sites import duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

DIALOGUE = """\
# Interview {pause=2}

How long has this machine been running, then?

A year {pause} and a half.
{: voice_id=sophie speed=0.9 }

- It *never once*{: voice_id=olivia } stopped.
{: voice_id=sophie }
- [The manual](m.md){: voice_id=magnus } says so.

``` { .py data-say="The code prints a greeting." }
print("hello")
```

नमस्ते, यह पंक्ति हिन्दी में है।
{: language=hi voice_id=rhea }
"""
SAID = [
    ("Interview", "kaitlyn", "en", 1.0),
    ("How long has this machine been running, then?", "kaitlyn", "en", 1.0),
    ("A year", "sophie", "en", 0.9),
    ("and a half.", "sophie", "en", 0.9),
    ("It", "sophie", "en", 1.0),
    ("never once", "olivia", "en", 1.0),
    ("stopped.", "sophie", "en", 1.0),
    ("The manual", "magnus", "en", 1.0),
    ("says so.", "kaitlyn", "en", 1.0),
    ("The code prints a greeting.", "kaitlyn", "en", 1.0),
    ("नमस्ते, यह पंक्ति हिन्दी में है।", "rhea", "hi", 1.0),
]
NARRATED = f"---\nlightning: {{narrate: true}}\n---\n{DIALOGUE}"
IN_BLOCK = f":::speak\n{DIALOGUE}:::\n"
RETIRES = "model lightning_v3.1 of voice_id '(magnus|olivia)' .* reportedly "
"""The voice of an element is looked at as any other."""
TRACES = ("voice_id", "data-speak-voice", "speak-mark", "{pause", "{:", "speed=")


@pytest.fixture(autouse=True)
def _with_attributes(site: Site) -> None:
    site.config = {"markdown_extensions": ["attr_list", "pymdownx.superfences"]}
    site.write({"m.md": "# Manual\n"})


def requested(service: Service) -> list[tuple[object, ...]]:
    """The text, voice, language and speed of each request."""
    bodies = [request.body for request in service.requests if request.body]
    return [(body["text"], body["voice_id"], body["language"], body["speed"]) for body in bodies]


@pytest.mark.parametrize("page", [IN_BLOCK, NARRATED], ids=["block", "narrated page"])
def test_each_element_is_requested_in_its_voice(
    site: Site, service: Service, expect_warning: Callable[[str], None], page: str
) -> None:
    expect_warning(RETIRES)
    expect_warning(f"'magnus' .* needed first in index.md:{13 if page == NARRATED else 1}$")
    site.write({"index.md": page})

    site.build()

    assert sorted(requested(service)) == sorted(SAID)
    models = {body["voice_id"]: body["model"] for request in service.requests if (body := request.body)}
    assert (models["magnus"], models["sophie"]) == ("lightning_v3.1", "lightning_v3.1_pro")
    html = site.html("index.html")
    assert html.count("<audio") == 1
    assert not [trace for trace in TRACES if trace in html]
    assert '<p lang="hi">' in html
    searched = (site.root / "site/search/search_index.json").read_text(encoding="utf-8")
    assert "A year and a half." in searched
    assert not [trace for trace in TRACES if trace in searched]


@pytest.mark.parametrize("page", [IN_BLOCK, NARRATED], ids=["block", "narrated page"])
def test_a_site_without_players_shows_the_same_text(site: Site, service: Service, page: str) -> None:
    hook = site.root / "look.py"
    hook.write_text(
        "def on_page_context(context, page, config, nav):\n"
        "    assert 'speak-mark' not in page.content and 'data-speak-voice' not in page.content\n",
        encoding="utf-8",
    )
    site.config["hooks"] = [str(hook)]
    site.write({"index.md": page})

    site.build(strict=True, enabled=False)

    assert service.requests == []
    html = site.html("index.html")
    assert "A year and a half." in html
    assert not [trace for trace in TRACES if trace in html]


def test_elsewhere_the_text_is_the_sites_own(site: Site, service: Service) -> None:
    site.write({"index.md": DIALOGUE})

    site.build(strict=True)

    assert service.requests == []
    assert "A year {pause} and a half." in site.html("index.html")
    assert '<em voice_id="olivia">never once</em>' in site.html("index.html")


def test_what_repeats_a_narrated_page_has_no_marks(site: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning(RETIRES)
    hook = site.root / "repeat.py"
    hook.write_text(
        "import markdown\n"
        "def on_page_context(context, page, config, nav):\n"
        "    md = markdown.Markdown(extensions=config.markdown_extensions)\n"
        "    if page.file.src_uri == 'm.md':\n"
        "        page.content += md.convert('Again {pause} *this*{: voice_id=sophie }.')\n",
        encoding="utf-8",
    )
    site.config["hooks"] = [str(hook)]
    site.write({"index.md": NARRATED})

    site.build()

    assert "<p>Again <em>this</em>.</p>" in site.html("m/index.html")


def test_a_pause_is_heard_and_costs_nothing(site: Site, service: Service) -> None:
    site.write({"index.md": ":::speak\nOne, {pause=3} two.\n:::\n\n:::speak\nOne, {pause=0.1} two.\n:::\n"})

    site.build(strict=True, output_format="wav")

    assert sorted(service.spoken) == ["One,", "two."]
    long, short = (duration(clip) for clip in site.clips("index.html"))
    assert long - short == pytest.approx(2.9, abs=0.001)


def test_the_innermost_setting_wins(site: Site, service: Service) -> None:
    text = "{name} before *{name} inside*{{: speed=0.5 }}\n\n{name} paragraph.\n{{: speed=0.6 }}\n"
    block = "::: speak {speed=0.7}\n" + text.format(name="Block") + "\n:::\n"
    page = "---\nlightning: {speed: 0.8}\n---\n"
    site.write(
        {
            "folder/.meta.yml": "lightning: {speed: 0.9}\n",
            "folder/page.md": f"{page}{block}\n:::speak\n{text.format(name='Page')}\n:::\n",
            "folder/plain.md": f":::speak\n{text.format(name='Folder')}\n:::\n",
            "index.md": f":::speak\n{text.format(name='Site')}\n:::\n",
        }
    )

    site.build(strict=True, speed=1.1)

    own = {"Block": 0.7, "Page": 0.8, "Folder": 0.9, "Site": 1.1}
    expected = {f"{name} before": speed for name, speed in own.items()}
    expected |= {f"{name} inside": 0.5 for name in own} | {f"{name} paragraph.": 0.6 for name in own}
    assert {text: speed for text, _, _, speed in requested(service)} == expected


def test_a_sentence_is_the_same_in_whichever_way_its_voice_was_set(site: Site, service: Service) -> None:
    site.write({"index.md": "::: speak {voice_id=sophie}\nThis sentence is paid for only once.\n:::\n"})
    site.build(strict=True)
    service.clear()
    site.write({"index.md": ":::speak\nThis sentence is paid for only once.\n{: voice_id=sophie }\n:::\n"})

    site.build(strict=True)

    assert service.requests == []
    assert len(site.clips("index.html")) == 1


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("A {pause=abc} b.", r"{pause=abc} is not a pause"),
        ("A {pause=1e9} b.", r"{pause=1e9} is not a pause"),
        ("A {pause=} b.", r"{pause=} is not a pause"),
        ("A *b*{: voice_id=voice_1 } c.", r"'voice_1' is a cloned voice, .* set model as well"),
        ("A *b*{: voice_id=rhodes } c.", r"voice 'rhodes' belongs to lightning_v4, which is offered over a WebSocket"),
        ("A *b*{: speed=9 } c.", r"9.0 is out of range"),
        ("A *b*{: language=xx } c.", r"'xx' is not a language"),
        ("A *b*{: voice_id=magnus model=lightning_v3.1_pro } c.", r"voice 'magnus' belongs to lightning_v3.1"),
        ("A *b*{: sample_rate=8000 } c.", r"sample_rate=8000 cannot be set on an element"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_costs_nothing(
    site: Site, service: Service, expect_warning: Callable[[str], None], mistake: str, words: str
) -> None:
    expect_warning(rf"block\.md:5 ':::speak': .*{words}.*\. (Correct \w+|Set model); until then the text is shown")
    expect_warning(rf"page\.md:7: .*{words}.*\. (Correct \w+|Set model); until then the page is not narrated")
    site.write(
        {
            "index.md": "# Home\n",
            "block.md": f"# Title\n\nText.\n\n:::speak\nFine.\n\n{mistake}\n:::\n",
            "page.md": f"---\nlightning: {{narrate: true}}\n---\n# Title\n\nFine.\n{mistake}\n",
        }
    )

    site.build()

    assert service.requests == []
    for page in ("block/index.html", "page/index.html"):
        html = site.html(page)
        assert "<audio" not in html
        assert "speak-mark" not in html
        assert ("{pause=" in html) == ("{pause=" in mistake)


def test_a_lost_text_of_a_fence_is_told_with_its_line(
    site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(r"index\.md:5 '``` { .py say=\"Text\" }': say has no effect on this code fence\. Write data-say")
    expect_warning(r"m\.md:3 ':::speak': 'py data-say=\"Text\"' does not open a code fence")
    expect_warning(r"n\.md:6: 'py say=\"Text\"' does not open a code fence")
    site.write(
        {
            "n.md": '---\nlightning: {narrate: true}\n---\n# Title\n\n```py say="Text"\ncode\n```\n',
            "index.md": ':::speak\nBefore.\n\n\n``` { .py say="Text" }\ncode\n```\n:::\n',
            "m.md": '# Title\n\n:::speak\n```py data-say="Text"\ncode\n```\n:::\n',
        }
    )

    site.build()

    assert service.spoken == ["Before."]


def test_the_transcript_names_other_speakers(site: Site) -> None:
    site.write({"index.md": ":::speak\nFirst.\n\nSecond.\n{: voice_id=sophie }\n:::\n"})
    lines = ["index.md:1 (kaitlyn, en)", "  First.", "  (sophie, en) Second."]
    assert printed(site, "transcript", "index.md").splitlines() == lines


def test_each_sentence_has_the_price_of_its_own_model(site: Site) -> None:
    site.write({"index.md": ":::speak\nTen signs.\n\nTen others\n{: voice_id=magnus }\n:::\n"})
    assert plan(site)["price_usd"] == pytest.approx(10 * 0.0000195 + 10 * 0.0000175)


def test_drafts_have_the_languages_of_their_elements(site: Site) -> None:
    site.write({"index.md": ":::speak\nGood morning, everybody.\n\nGuten Morgen allerseits.\n{: language=de }\n:::\n"})

    site.build("serve")

    offline = make_engine("offline", EngineOptions())
    voices = [offline.normalize_voice(resolve_voice(VoiceSettings(language=language))) for language in ("en", "de")]
    texts = ["Good morning, everybody.", "Guten Morgen allerseits."]
    keys = {Segment("offline", voice, text).key for voice, text in zip(voices, texts, strict=True)}
    assert keys <= {path.stem for path in (site.root / ".cache").rglob("*.flac")}


def test_pages_of_other_programs_keep_their_speakers(site: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning(RETIRES)
    cache = site.root / ".cache/plugin/lightning"
    config = {"mkdocs_lightning": {"cache_dir": str(cache)}}
    extensions = ["attr_list", "pymdownx.superfences", "mkdocs_lightning"]
    html = markdown.markdown(IN_BLOCK, extensions=extensions, extension_configs=config)

    (slot,) = slots_in(html)
    text = html.partition(">")[2]
    assert [(sentence.written, sentence.voice.voice_id or "kaitlyn") for sentence in slot.sentences] == [
        (text, voice_id) for text, voice_id, _, _ in SAID
    ]
    shown = re.sub(r"<[^>]*>", "", text)  # `publish` may narrate the page, and needs the marks
    assert not [trace for trace in TRACES if trace in shown]
    assert json.loads(slot.to_json())["script"][2] == [
        "A year",
        1000,
        {"voice_id": "sophie", "speed": 0.9, "is_pause_fixed": True},
    ]

    site.write({"index.md": IN_BLOCK})
    site.build()
    played = markdown.markdown(IN_BLOCK, extensions=extensions, extension_configs=config)
    assert played.count("<audio") == 1  # the same clip, from the same cache


def test_a_voice_newer_than_the_catalogue_is_tried_with_a_warning(
    site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("voice_id 'newcomer' is not a voice that this version knows; trying it with model lightning_v3.1")
    service.cloned["newcomer"] = "lightning_v3.1_pro"
    site.write({"index.md": "::: speak {voice_id=newcomer}\nA new voice says this.\n:::\n"})

    site.build()

    assert len(site.clips("index.html")) == 1
    site.build(strict=True)  # without a warning, as all is cached


def test_a_voice_that_does_not_exist_costs_nobody_else_a_player(
    site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(r"voice_id 'sofie' is not a voice that this version knows \(did you mean 'sophie'\?\)")
    expect_warning(
        r"1 sentence missing: the service answered 400, 'voice_id: Invalid Voice ID'.*\n +index\.md:1 'Nobody"
    )
    site.write({"index.md": "::: speak {voice_id=sofie}\nNobody says this.\n:::\n\n:::speak\nBut this.\n:::\n"})

    site.build()

    assert len(site.clips("index.html")) == 1
    assert "Nobody says this." in site.html("index.html")
    assert service.spoken == ["But this."]
