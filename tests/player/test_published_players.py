"""Players of whole builds: their captions, their sentences on the page, and the languages that they speak."""

from __future__ import annotations

import json
import re
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.player.ui_strings import ui_strings_for
from mkdocs_lightning.reading.sentences import Pause
from tests.support.html import attributes, with_class
from tests.support.sites import Site, duration

if TYPE_CHECKING:
    from tests.support.service import Service
from tests.support.published import (
    FIRST,
    NARRATE,
    NARRATED,
    PAGE,
    SEARCHED,
    SECOND,
    SITE_URL,
    THEMES,
    contents,
    cues_of,
    data_of,
    languages_of,
    pages_of,
    starts_of,
    tracks_of,
)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("use_directory_urls", [True, False])
def test_every_player_has_captions_that_end_with_its_clip(site: Site, theme: str, use_directory_urls: bool) -> None:
    site.config = {"theme": {"name": theme}, "use_directory_urls": use_directory_urls}
    site.write(SEARCHED)

    site.build(strict=True, output_format="wav")

    pages = pages_of(site)
    assert len(pages) == len(SEARCHED)
    for page in pages:
        html, clips, tracks = site.html(page), site.clips(page), tracks_of(site, page)
        players = attributes(html, "speak-player")
        assert len(players) == len(clips) == len(tracks) > 0
        for player, clip, track in zip(players, clips, tracks, strict=True):
            cues = cues_of(track)
            assert cues[-1][1] == pytest.approx(duration(clip), abs=0.001)
            assert float(player["data-duration"] or 0) == pytest.approx(duration(clip), abs=0.001)
            assert starts_of(player) == [start for start, _, _ in cues]
            times = [time for start, end, _ in cues for time in (start, end)]
            assert times == sorted(times)
            assert times[0] == 0.0


def test_the_captions_are_what_stands_on_the_page(site: Site) -> None:
    site.write({
        "index.md": ":::speak\nRun `a < b` &mdash; *now*; it is\nthe first. And this, at last, is the other 🎉.\n:::\n",
        "all.md": f"{NARRATE}# Title\n\nText & more.\n\n1. One.\n2. Two.\n",
    })  # fmt: skip

    site.build(strict=True)

    (track,) = tracks_of(site, "index.html")
    assert [text for _, _, text in cues_of(track)] == [
        "Run a &lt; b — now; it is the first.",
        "And this, at last, is the other.",
    ]
    (track,) = tracks_of(site, "all/index.html")
    assert [text for _, _, text in cues_of(track)] == ["Title", "Text &amp; more.", "1. One.", "2. Two."]


def test_every_sentence_of_the_captions_is_marked_on_the_page(site: Site) -> None:
    site.write(SEARCHED)

    site.build(strict=True)

    for page in pages_of(site):
        html = site.html(page)
        ids = [found["id"] for found in with_class(html, "speak")]
        wanted = {
            f"{name} {number}"
            for name, player in zip(ids, attributes(html, "speak-player"), strict=True)
            for number in range(len(starts_of(player)))
        }
        assert {found["data-cue"] for found in with_class(html, "speak-cue")} == wanted


def test_a_long_sentence_is_spoken_in_parts_and_is_one_caption(site: Site, service: Service) -> None:
    long = "This sentence goes on, and on, " * 12 + "until it ends."
    site.write({"index.md": f":::speak\n{long} {SECOND}\n:::\n"})

    site.build(strict=True, output_format="wav")

    assert len(service.spoken) == 3
    first, second = cues_of(tracks_of(site, "index.html")[0])
    parts = sorted(duration(path) for path in (site.root / ".cache").rglob("*.flac"))
    assert first[2] == long
    lengths = sum(parts) + (Pause.CUT + Pause.SENTENCE) / 1000
    assert second[1] == pytest.approx(lengths, abs=0.002)
    assert second[0] - first[1] == pytest.approx(Pause.SENTENCE / 1000, abs=0.002)


def test_a_lexicon_changes_what_is_spoken_and_not_what_is_read(site: Site, service: Service) -> None:
    (site.root / "lexicon.yml").write_text("en: {SQL: sequel}\n", encoding="utf-8")
    site.config["site_url"] = SITE_URL
    site.write({"index.md": ":::speak\nAsk the database in SQL for all that it has.\n:::\n"})
    site.build(strict=True, lexicon="lexicon.yml")

    assert service.spoken == ["Ask the database in sequel for all that it has."]
    written = "Ask the database in SQL for all that it has."
    assert [text for _, _, text in cues_of(tracks_of(site, "index.html")[0])] == [written]
    assert [clip["transcript"] for clip in data_of(site, "index.html")] == [written]
    assert "sequel" not in site.html("index.html")
    assert len(with_class(site.html("index.html"), "speak-cue")) == 1


def test_two_texts_that_sound_alike_have_captions_of_their_own(site: Site, service: Service) -> None:
    (site.root / "lexicon.yml").write_text("en: {SQL: sequel}\n", encoding="utf-8")
    text = "Ask the database in {} for all that it has."
    site.write(
        {name: f":::speak\n{text.format(word)}\n:::\n" for name, word in {"a.md": "SQL", "b.md": "sequel"}.items()}
    )

    site.build(strict=True, lexicon="lexicon.yml")

    assert len(service.requests) == 1
    assert site.clips("a/index.html") == site.clips("b/index.html")
    for page, word in {"a/index.html": "SQL", "b/index.html": "sequel"}.items():
        assert [cue[2] for cue in cues_of(tracks_of(site, page)[0])] == [text.format(word)]


@pytest.mark.parametrize("change", ["older", "shorter", "damaged"])
def test_a_record_without_lengths_is_made_again_and_nothing_is_asked_for(
    site: Site, service: Service, change: str
) -> None:
    site.write({"index.md": PAGE})
    site.build(strict=True)
    tracks, clips = tracks_of(site, "index.html"), contents(site.root / "site/assets")
    service.clear()
    (path,) = (site.root / ".cache").rglob("clips/*/*.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    assert len(record["lengths"]) == 2
    if change == "older":
        del record["lengths"]
    else:
        record["lengths"] = record["lengths"][:1] if change == "shorter" else ["a", "b"]
    path.write_text(json.dumps(record), encoding="utf-8")
    shutil.rmtree(site.root / "site")

    site.build(strict=True)

    assert service.requests == []
    assert tracks_of(site, "index.html") == tracks
    assert contents(site.root / "site/assets") == clips
    assert len(json.loads(path.read_text(encoding="utf-8"))["lengths"]) == 2


@pytest.mark.parametrize(
    ("theme", "options", "front_matter", "block", "expected"),
    [
        ({"name": "mkdocs"}, {}, "", "", (None, None)),
        ({"name": "mkdocs"}, {}, "", "language=en", (None, None)),
        ({"name": "mkdocs"}, {}, "", "language=hi", ("hi", "ltr")),
        ({"name": "mkdocs"}, {}, "", "language=ar", ("ar", "rtl")),
        ({"name": "mkdocs"}, {}, "language: ar", "", ("ar", "rtl")),
        ({"name": "mkdocs"}, {}, "language: ar", "language=en", (None, None)),
        ({"name": "mkdocs"}, {"language": "ar"}, "", "", ("ar", "rtl")),
        ({"name": "mkdocs"}, {"language": "ar"}, "language: hi", "", ("hi", "ltr")),
        ({"name": "mkdocs", "locale": "de"}, {}, "", "language=de", (None, None)),
        ({"name": "mkdocs", "locale": "de"}, {}, "", "language=en", ("en", "ltr")),
        ({"name": "mkdocs", "locale": "pt_BR"}, {}, "", "language=pt", (None, None)),
        ({"name": "readthedocs", "locale": "de"}, {}, "", "language=de", (None, None)),
        ({"name": "material", "language": "de"}, {"language": "de"}, "", "", (None, None)),
        ({"name": "material", "language": "ar"}, {}, "", "language=ar", (None, None)),
        ({"name": "material", "language": "ar"}, {}, "", "language=de", ("de", "ltr")),
        ({"name": "material", "language": "nb"}, {}, "", "language=no", (None, None)),
        ({"name": "material", "language": "de"}, {"language": "auto"}, "", "", (None, None)),
    ],
)
def test_a_text_in_another_language_than_its_page_says_so(  # noqa: PLR0917
    site: Site, theme: dict[str, str], options: dict[str, object], front_matter: str, block: str, expected: object
) -> None:
    site.config["theme"] = theme
    site.write({"index.md": f"---\nlightning: {{{front_matter}}}\n---\n# Title\n\n:::speak {block}\n{FIRST}\n:::\n"})

    site.options |= options
    site.build(strict=True)

    assert languages_of(site) == [expected]


def test_the_podcast_of_a_version_names_files_of_that_version(site: Site) -> None:
    """mike sets a `site_url` that names the version, without a slash at its end."""
    hook = "def on_config(config):\n    config.site_url = 'https://docs.example.org/handbook/2.0'\n"
    (site.root / "version.py").write_text(hook, encoding="utf-8")
    site.config |= {"site_url": "https://docs.example.org/handbook/", "hooks": ["version.py"]}
    site.write({"index.md": f"---\nlightning: {{narrate: true}}\n---\n# Title\n\n{FIRST}\n"})

    site.build(strict=True, feed=True)

    feed = (site.root / "site/podcast.xml").read_text(encoding="utf-8")
    ours = re.findall(r'"(https://docs\.example\.org/[^"]+\.(?:mp3|vtt|xml|json))"', feed)
    assert len(ours) >= 3
    assert all(url.startswith("https://docs.example.org/handbook/2.0/") for url in ours), ours


@pytest.mark.parametrize("where", ["block", "page", "site"])
def test_a_language_that_nobody_knows_is_not_said(site: Site, where: str) -> None:
    front_matter = "---\nlightning: {language: auto, narrate: true}\n---\n" if where == "page" else ""
    block = "language=auto" if where == "block" else ""
    site.config["site_url"] = SITE_URL
    site.write({"index.md": f"{front_matter}# Title\n\n:::speak {block}\n{FIRST}\n:::\n"})

    site.build(strict=True, feed=where == "page", language="auto" if where == "site" else None)

    assert languages_of(site) == [(None, None)]
    assert {track["srclang"] for track in attributes(site.html("index.html"), "track")} == {"en"}
    assert not [clip for clip in data_of(site, "index.html") if "inLanguage" in clip]
    assert '"auto"' not in site.html("index.html")
    if where == "page":
        assert '"auto"' not in (site.root / "site/podcast.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("theme", "language"),
    [
        ({"name": "mkdocs"}, "en"),
        ({"name": "mkdocs", "locale": "de"}, "de"),
        ({"name": "mkdocs", "locale": "pt_BR"}, "pt"),
        ({"name": "readthedocs", "locale": "fr"}, "fr"),
        ({"name": "material"}, "en"),
        ({"name": "material", "language": "ar"}, "ar"),
        ({"name": "material", "language": "pt-BR"}, "pt"),
        ({"name": "material", "language": "nb"}, "no"),
        ({"name": "material", "language": "is"}, "en"),
    ],
)
def test_the_player_speaks_the_reader_s_language(site: Site, theme: dict[str, str], language: str) -> None:
    words = ui_strings_for(language)
    assert language in {"en", "is"} or words != ui_strings_for("en")
    site.config |= {"theme": theme, "site_url": SITE_URL}
    site.write({"index.md": f"{NARRATE}# Title\n\n:::speak text=collapse\n{FIRST}\n:::\n"})

    site.build(strict=True, language="auto")

    html = site.html("index.html")
    assert [found["data-text"] for found in with_class(html, "speak-title")] == [words.page_title(0), words.listen]
    assert [found["data-text"] for found in with_class(html, "speak-summary")] == [words.transcript]
    assert {found["label"] for found in attributes(html, "track")} == {words.transcript}
    labels = [found["aria-label"] or "" for found in attributes(html, "audio")]
    assert [label.rsplit(",", 1)[0] for label in labels] == [f"{words.listen}: Title", f"{words.listen}: {FIRST}"]
    (script,) = [found for found in attributes(html, "script") if "data-speak-strings" in found]
    assert json.loads(script["data-speak-strings"] or "")["play"] == words.play
    assert {clip["description"] for clip in data_of(site, "index.html")} == {words.synthetic}


def test_the_script_comes_once_to_a_page_with_players(site: Site) -> None:
    site.config["theme"] = {"name": "material", "features": ["navigation.instant"]}
    site.write({"index.md": NARRATED + f"\n:::speak\n{FIRST}\n:::\n" * 2, "silent.md": "# Silent\n"})

    site.build(strict=True)

    html = site.html("index.html")
    (script,) = [found for found in attributes(html, "script") if (found.get("src") or "").endswith("player.js")]
    assert "defer" in script
    assert len(site.clips("index.html")) == 3
    article = html[html.index("<article") : html.index("</article>")]
    assert "player.js" in article, "Material's instant navigation runs no other script"
    assert "player.js" not in site.html("silent/index.html")
    assert "speak" not in site.html("silent/index.html")


def test_short_sentences_and_rows_are_highlighted_one_by_one(site: Site) -> None:
    """With a real voice, whose silences are found: the captions, the highlights and the script have the same parts."""
    site.config["markdown_extensions"] = ["tables"]
    table = "| Wort | Zahl |\n| --- | --- |\n| Das erste. Und mehr. | eins |\n"
    site.write({"index.md": f":::speak\nGuten Morgen. Wie geht es dir? Danke, gut.\n\n{table}:::\n"})

    site.build(strict=True, engine="offline", language="de")
    written = tracks_of(site, "index.html")[0]
    site.build(strict=True, engine="offline", language="de")  # from the clip's record

    assert tracks_of(site, "index.html")[0] == written
    cues = cues_of(written)
    texts = ["Guten Morgen.", "Wie geht es dir?", "Danke, gut.", "Wort Zahl", "Das erste. Und mehr. eins"]
    assert [text for _, _, text in cues] == texts
    (player,) = attributes(site.html("index.html"), "speak-player")
    assert starts_of(player) == [start for start, _, _ in cues]
    numbers = [(found["data-cue"] or "").split()[1] for found in with_class(site.html("index.html"), "speak-cue")]
    assert numbers == ["0", "1", "2", *["3", "3"], *["4", "4"]]
    assert all(0.12 <= later - earlier < 1 for (_, earlier, _), (later, _, _) in pairwise(cues))
