"""Zensical, which knows no plugins of MkDocs: `zensical build`, then `mkdocs-lightning publish`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from zensical.config import parse_config

from tests.ecosystem.environment import HERE, Environment, make_environment
from tests.support.pages import slots_in
from tests.support.published import FIRST, SECOND
from tests.support.samples import samples_in, write_sample
from tests.support.sites import KEY, duration

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

PAGES = {
    "index.md": f"# Home\n\n:::speak\n{FIRST} {SECOND}\n:::\n",
    "guide/tabs.md": f"""\
        ---
        lightning: {{speed: 1.2}}
        ---
        # Guide

        !!! note

            ::: speak {{title="A note" #note}}
            Inside of an admonition, **this** is `spoken`.
            :::

        === "Tab"

            :::speak
            {FIRST}
            :::
        """,
}
CONFIG: dict[str, object] = {
    "site_name": "Zen",
    "theme": {"language": "en"},  # and no name: it has one of its own
    "markdown_extensions": ["admonition", "attr_list", {"pymdownx.tabbed": {"alternate_style": True}}],
}


@pytest.fixture
def zen(site: Site) -> Site:
    """A site with a configuration for both, as one has who moves from MkDocs."""
    site.write(PAGES)
    extensions = CONFIG["markdown_extensions"]
    assert isinstance(extensions, list)
    site.config.update({**CONFIG, "markdown_extensions": [*extensions, "mkdocs_lightning"]})
    site.write_config()
    return site


def run(site: Site, *command: str, environment: Environment = HERE) -> subprocess.CompletedProcess[str]:
    """Run a command in the site's folder, with the key."""
    done = environment.run(*command, cwd=site.root, variables={"SMALLEST_API_KEY": KEY})
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_site_of_zensical_speaks(zen: Site, service: Service) -> None:
    run(zen, "zensical", "build")
    assert len(slots_in(zen.html("guide/tabs/index.html"))) == 2
    assert "<audio" not in zen.html("index.html")
    assert service.requests == []

    said = run(zen, "mkdocs-lightning", "publish", "site")
    assert said.stderr == ""
    assert "0 cached, 4 synthesized" in said.stdout
    assert {(received.body or {})["speed"] for received in service.requests} == {1.0, 1.2}
    for page, players in (("index.html", 1), ("guide/tabs/index.html", 2)):
        clips = zen.clips(page)
        assert len(clips) == players
        assert all(duration(clip) > 1 for clip in clips)
    assert 'id="note"' in zen.html("guide/tabs/index.html")


def test_the_next_build_has_players_at_once_and_publishing_costs_nothing(zen: Site, service: Service) -> None:
    run(zen, "zensical", "build")
    run(zen, "mkdocs-lightning", "publish", "site")
    pages = {page: zen.html(page) for page in ("index.html", "guide/tabs/index.html")}
    service.clear()
    run(zen, "zensical", "build", "--clean")
    assert zen.html("index.html").count('src="data:audio/mpeg;base64,') == 1
    assert "0 synthesized" in run(zen, "mkdocs-lightning", "publish", "site").stdout
    assert {page: zen.html(page) for page in pages} == pages
    run(zen, "zensical", "build")  # from its own cache
    assert "0 synthesized" in run(zen, "mkdocs-lightning", "publish", "site").stdout
    assert {page: zen.html(page) for page in pages} == pages
    assert all(clip.is_file() for page in pages for clip in zen.clips(page))
    assert service.requests == []


def test_what_mkdocs_has_voiced_is_not_paid_for_again(zen: Site, service: Service) -> None:
    """Nor is it lost later: Zensical deletes the folder where MkDocs keeps it, and one is told in time."""
    zen.config["theme"] = {"name": "mkdocs"}
    zen.build(strict=True)
    theirs = {path.name for path in (zen.root / "site").rglob("*.mp3")}
    service.clear()
    zen.config["theme"] = CONFIG["theme"]
    zen.write_config()
    run(zen, "zensical", "build")
    said = run(zen, "mkdocs-lightning", "publish", "site")
    assert "0 synthesized" in said.stdout
    assert "'zensical build --clean' deletes the directory .cache" in said.stderr
    assert {path.name for path in (zen.root / "site").rglob("*.mp3")} == theirs

    zen.root.joinpath(".cache/plugin/lightning").rename(zen.root / ".lightning")  # as it says
    run(zen, "zensical", "build", "--clean")
    said = run(zen, "mkdocs-lightning", "publish", "site")
    assert "0 synthesized" in said.stdout
    assert said.stderr == ""
    assert service.requests == []


def test_a_wrong_option_is_told_without_a_traceback_and_publish_fails(zen: Site, service: Service) -> None:
    """Zensical itself would end with a traceback, also while it serves."""
    zen.config["markdown_extensions"] = ["admonition", "attr_list", {"mkdocs_lightning": {"voice": "sophie"}}]
    zen.write_config()
    said = run(zen, "zensical", "build")
    wrong = "the Markdown extension mkdocs_lightning, option 'voice': unknown option 'voice' (did you mean 'voice_id'?)"
    assert f"{wrong}. Until it is corrected, blocks are shown without players\n" in said.stderr
    assert (said.stdout + said.stderr).count("unknown option") == 1
    assert "Traceback" not in said.stdout + said.stderr
    assert FIRST in zen.html("index.html")

    for _ in range(2):
        published = HERE.run("mkdocs-lightning", "publish", "site", cwd=zen.root, variables={"SMALLEST_API_KEY": KEY})
        assert published.returncode == 1
        assert published.stderr.count(wrong) == 1
        assert "Is mkdocs_lightning among" not in published.stderr
    assert service.requests == []

    zen.config["markdown_extensions"] = ["admonition", "attr_list", {"mkdocs_lightning": {"voice_id": "sophie"}}]
    zen.write_config()
    run(zen, "zensical", "build")
    assert run(zen, "mkdocs-lightning", "publish", "site").stderr == ""
    assert service.requests


def test_mistakes_are_told_with_their_place_on_each_run(zen: Site) -> None:
    zen.write(
        {
            "bad.md": f"---\nlightning: {{voice: sophie}}\n---\n\n:::speak\n{FIRST}\n:::\n",
            "open.md": f"# Open\n\n:::speak\n{FIRST}\n",
            "alone.md": "---\nnarrate: true\n---\n\nNo block.\n",
        }
    )
    said = run(zen, "zensical", "build")
    again = run(zen, "zensical", "build")  # from its own cache
    assert "never closed" not in again.stderr
    for told in (said, *(run(zen, "mkdocs-lightning", "publish", "site") for _ in range(2))):
        assert "bad.md:2: front matter, lightning: unknown option 'voice'" in told.stderr
        assert "open.md:3 ':::speak': this block is never closed" in told.stderr
        assert "alone.md:2: front matter: narrate has no effect by itself. Indent it below lightning:" in told.stderr
    assert slots_in(zen.html("bad/index.html")) == slots_in(zen.html("open/index.html")) == []


def test_front_matter_has_a_page_narrated(zen: Site, service: Service) -> None:
    zen.config["markdown_extensions"] = ["admonition", "attr_list", {"mkdocs_lightning": {"speed": 1.1}}]
    dictionaries = [digit * 24 for digit in "12"]
    service.dictionaries = {name: {} for name in dictionaries}
    settings = f"narrate: true, voice_id: sophie, math_notation: false, pronunciation_dicts: {dictionaries}"
    text = "# Whole\n\nAll of this page is narrated.\n\n## With a title in it\n"
    zen.write({"whole.md": f"---\nlightning: {{{settings}}}\n---\n{text}"})
    zen.write_config()
    run(zen, "zensical", "build")
    assert '<meta name="lightning" content="speed: 1.2; in_slots: true">' in zen.html("guide/tabs/index.html")
    assert run(zen, "mkdocs-lightning", "publish", "site").stderr == ""
    asked = {str(body["text"]): body for received in service.requests if (body := received.body)}
    body = next(body for text, body in asked.items() if "All of this page is narrated." in text)
    assert (body["voice_id"], body["speed"], body["pronunciation_dicts"]) == ("sophie", 1.1, dictionaries)
    assert len(zen.clips("whole/index.html")) == 1
    assert zen.html("whole/index.html").count('<meta name="lightning"') == 1  # titles are converted by themselves, too
    published = zen.html("whole/index.html")
    run(zen, "zensical", "build", "--clean")
    run(zen, "mkdocs-lightning", "publish", "site")
    assert zen.html("whole/index.html") == published


def test_a_narrated_page_reads_a_block_in_the_voice_of_the_block_s_own_player(zen: Site, service: Service) -> None:
    """Also where the extension sets a voice for the site, and the block a language, which has another."""
    zen.config["markdown_extensions"] = [{"mkdocs_lightning": {"voice_id": "sophie"}}]
    block = ":::speak language=de\nGuten Tag, liebe Leute.\n:::\n"
    zen.write({"whole.md": f"---\nlightning: {{narrate: true}}\n---\n# Whole\n\n{block}\nAll of this is narrated.\n"})
    zen.write_config()
    run(zen, "zensical", "build")
    assert run(zen, "mkdocs-lightning", "publish", "site").stderr == ""
    voices = [(body["voice_id"], body["language"]) for each in service.requests if (body := each.body) is not None]
    assert voices.count(("hanna", "de")) == 1
    assert [voice for voice, language in voices if language == "de"] == ["hanna"]
    assert ("sophie", "en") in voices


def test_it_needs_no_mkdocs(zen: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With ProperDocs in its place, as nothing else reads the plugin's options."""
    environment = make_environment(tmp_path_factory.mktemp("without-mkdocs"), without=("mkdocs", "mkdocs-material"))
    run(zen, "zensical", "build", environment=environment)
    assert "4 synthesized" in run(zen, "mkdocs-lightning", "publish", "site", environment=environment).stdout
    assert len(zen.clips("guide/tabs/index.html")) == 2


def test_the_site_of_the_documentation_speaks_with_all_that_zensical_does_by_itself(tmp_path: Path) -> None:
    samples = samples_in("how-to/without-mkdocs.md", "Zensical")
    for title in ("zensical.toml", "docs/index.md"):
        write_sample(samples, title, tmp_path)
    extensions = parse_config(str(tmp_path / "zensical.toml"))["mdx_configs"]
    assert extensions.pop("mkdocs_lightning") == {"engine": "offline"}
    tmp_path.joinpath("default.toml").write_text('[project]\nsite_name = "Default"\n', encoding="utf-8")
    assert extensions == parse_config(str(tmp_path / "default.toml"))["mdx_configs"]

    for command in samples["build it"].splitlines():
        done = HERE.run(*command.split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    html = tmp_path.joinpath("site/index.html").read_text(encoding="utf-8")
    assert [slot.options.voice.speed for slot in slots_in(html)] == [1.1, 1.1]
    assert "This handbook is built by Zensical, and spoken aloud." in {
        "".join(sentence.parts) for slot in slots_in(html) for sentence in slot.sentences
    }
    assert html.count("<audio ") == 2
    assert 'class="admonition note"' in html
    assert 'class="language-python highlight"' in html


def test_its_own_kind_of_configuration(zen: Site) -> None:
    """`zensical.toml` names the extension and its options; what publishes needs no configuration then."""
    zen.root.joinpath("mkdocs.yml").unlink()
    zen.root.joinpath("zensical.toml").write_text(
        '[project]\nsite_name = "Zen"\n[project.markdown_extensions.mkdocs_lightning]\n'
        'engine = "offline"\noutput_format = "opus"\n',
        encoding="utf-8",
    )
    run(zen, "zensical", "build")
    run(zen, "mkdocs-lightning", "publish", "site")
    (clip,) = zen.clips("index.html")
    assert clip.suffix == ".opus"
    assert duration(clip) > 1


def test_a_site_of_narrated_pages_alone_has_the_engine_of_its_extension(zen: Site, service: Service) -> None:
    zen.write(dict.fromkeys(PAGES, f"---\nlightning: {{narrate: true}}\n---\n# Whole\n\n{FIRST}\n"))
    zen.config["markdown_extensions"] = [{"mkdocs_lightning": {"engine": "offline", "output_format": "opus"}}]
    zen.write_config()
    run(zen, "zensical", "build")
    run(zen, "mkdocs-lightning", "publish", "site")
    assert zen.clips("guide/tabs/index.html")[0].suffix == ".opus"
    assert service.requests == []

    zen.config["markdown_extensions"] = [{"mkdocs_lightning": {"engin": "offline"}}]  # must not be paid for, either
    zen.write_config()
    run(zen, "zensical", "build")
    published = HERE.run("mkdocs-lightning", "publish", "site", cwd=zen.root, variables={"SMALLEST_API_KEY": KEY})
    assert (published.returncode, service.requests) == (1, [])
    assert published.stderr.count("unknown option 'engin'") == 1


def test_the_search_index_has_the_words_of_the_text_alone(zen: Site) -> None:
    run(zen, "zensical", "build")
    run(zen, "mkdocs-lightning", "publish", "site")
    run(zen, "zensical", "build", "--clean")  # with players
    index = zen.html("search.json")
    assert FIRST in index
    assert "speak-" not in index
    assert "base64" not in index
