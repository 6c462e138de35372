"""Zensical, which knows no plugins of MkDocs: `zensical build`, then `mkdocs-lightning publish`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.ecosystem.environment import HERE, Environment, make_environment
from tests.support.pages import slots_in
from tests.support.published import FIRST, SECOND
from tests.support.sites import KEY, duration

if TYPE_CHECKING:
    import subprocess

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


def test_mistakes_are_told_with_their_place(zen: Site) -> None:
    zen.write(
        {
            "bad.md": f"---\nlightning: {{voice: sophie}}\n---\n\n:::speak\n{FIRST}\n:::\n",
            "open.md": f"# Open\n\n:::speak\n{FIRST}\n",
            "whole.md": f"---\nlightning: {{narrate: true}}\n---\n# Whole\n\n:::speak\n{FIRST}\n:::\n",
        }
    )
    said = run(zen, "zensical", "build")
    told = re.sub(r"\x1b\[[0-9;]*m", "", said.stdout + said.stderr)
    assert "bad.md: front matter, lightning: unknown option 'voice'" in told
    assert "open.md:3 ':::speak': this block is never closed" in told
    assert "whole.md: only MkDocs narrates whole pages" in told
    assert slots_in(zen.html("bad/index.html")) == slots_in(zen.html("open/index.html")) == []
    assert len(slots_in(zen.html("whole/index.html"))) == 1


def test_it_needs_no_mkdocs(zen: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With ProperDocs in its place, as nothing else reads the plugin's options."""
    environment = make_environment(tmp_path_factory.mktemp("without-mkdocs"), without=("mkdocs", "mkdocs-material"))
    run(zen, "zensical", "build", environment=environment)
    assert "4 synthesized" in run(zen, "mkdocs-lightning", "publish", "site", environment=environment).stdout
    assert len(zen.clips("guide/tabs/index.html")) == 2


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


def test_the_search_index_has_the_words_of_the_text_alone(zen: Site) -> None:
    run(zen, "zensical", "build")
    run(zen, "mkdocs-lightning", "publish", "site")
    run(zen, "zensical", "build", "--clean")  # with players
    index = zen.html("search.json")
    assert FIRST in index
    assert "speak-" not in index
    assert "base64" not in index
