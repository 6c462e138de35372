"""Pelican, the newest there is: `pelican content`, then `mkdocs-lightning publish output`.

It needs an older Pygments than Material and Zensical do, so these tests install it into a directory of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.ecosystem.environment import HERE
from tests.support.pages import slots_in
from tests.support.samples import samples_in, write_sample
from tests.support.sites import duration

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = samples_in("how-to/without-mkdocs.md", "Pelican")
PELICAN, PUBLISH = SAMPLES["build it"].splitlines()
PAGE = "the-first-note.html"


@pytest.fixture(scope="module")
def pelican(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with Pelican and what it needs."""
    directory = tmp_path_factory.mktemp("pelican")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(directory), "pelican"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """The site of the documentation."""
    for title in ("pelicanconf.py", "content/first.md"):
        write_sample(SAMPLES, title, tmp_path)
    return tmp_path


def build(site: Path, pelican: Path) -> str:
    """Build a site; what Pelican said, in one line."""
    variables = {"PYTHONPATH": str(pelican), "COLUMNS": "500"}
    done = HERE.run(sys.executable, "-m", *PELICAN.split(), cwd=site, variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 article," in done.stdout or "2 articles" in done.stdout, done.stdout
    return " ".join((done.stdout + done.stderr).split())


def publish(site: Path, *, code: int = 0) -> str:
    """Publish a site; what was said."""
    done = HERE.run(*PUBLISH.split(), cwd=site)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def html(site: Path, page: str = PAGE) -> str:
    return site.joinpath("output", page).read_text(encoding="utf-8")


def test_the_site_of_the_documentation_speaks_with_all_that_pelican_does_by_itself(
    notebook: Path, pelican: Path
) -> None:
    build(notebook, pelican)
    assert len(slots_in(html(notebook))) == 1
    assert "1 synthesized" in publish(notebook)
    page = html(notebook)
    (source,) = re.findall(r'<audio [^>]*\bsrc="([^"]+)"', page)
    assert duration(notebook / "output" / source) > 1
    assert "<title>The first note" in page  # meta
    assert 'class="highlight"' in page  # codehilite, with Pelican's class
    assert 'class="footnote"' in page  # extra
    assert "Title:" not in page


def test_an_article_sets_the_voice_of_its_blocks_and_is_narrated(notebook: Path, pelican: Path) -> None:
    write_sample(SAMPLES, "templates/article.html", notebook)
    with notebook.joinpath("pelicanconf.py").open("a", encoding="utf-8") as settings:
        settings.write('THEME_TEMPLATES_OVERRIDES = ["templates"]\n')
    article = notebook / "content/first.md"
    article.write_text("Lightning: narrate: true; speed: 1.1\n" + article.read_text("utf-8"), encoding="utf-8")
    notebook.joinpath("content/second.md").write_text("Title: Two\nDate: 2026-01-03\n\nTwo.\n", "utf-8")
    build(notebook, pelican)
    assert '<meta name="lightning" content="narrate: true; speed: 1.1">' in html(notebook)
    assert 'name="lightning"' not in html(notebook, "two.html")
    publish(notebook)
    assert len(re.findall(r'<audio [^>]*\bsrc="', html(notebook))) == 2


def test_building_again_costs_nothing_and_feeds_have_the_text_alone(notebook: Path, pelican: Path) -> None:
    build(notebook, pelican)
    publish(notebook)
    published = html(notebook)
    build(notebook, pelican)
    feed = html(notebook, "feeds/all.atom.xml")
    assert "This note is built by Pelican" in feed
    assert "data:audio" not in feed + html(notebook)
    assert "0 synthesized" in publish(notebook)
    assert html(notebook) == published


def test_the_sample_has_the_defaults_of_this_pelican(notebook: Path, pelican: Path) -> None:
    """So that nobody loses something by it that a new version does by default."""
    code = (
        "import json, pelicanconf\nfrom pelican.settings import DEFAULT_CONFIG\n"
        "ours = pelicanconf.MARKDOWN\nours['extension_configs'].pop('mkdocs_lightning')\n"
        "assert ours == DEFAULT_CONFIG['MARKDOWN'], DEFAULT_CONFIG['MARKDOWN']\n"
    )
    path = os.pathsep.join([str(notebook), str(pelican)])
    done = HERE.run(sys.executable, "-c", code, cwd=notebook, variables={"PYTHONPATH": path})
    assert done.returncode == 0, done.stderr


def test_a_wrong_option_is_told_once_and_costs_no_article(notebook: Path, pelican: Path) -> None:
    settings = notebook / "pelicanconf.py"
    settings.write_text(settings.read_text("utf-8").replace('"engine"', '"motor"'), encoding="utf-8")
    notebook.joinpath("content/second.md").write_text("Title: Two\nDate: 2026-01-03\n\n:::speak\nTwo.\n:::\n", "utf-8")
    wrong = "the Markdown extension mkdocs_lightning, option 'motor': unknown option 'motor'"
    said = build(notebook, pelican)
    assert said.count(wrong) == 1
    assert "Traceback" not in said
    assert "This note is built by Pelican" in html(notebook)
    assert publish(notebook, code=1).count(wrong) == 1


def test_a_mistake_is_told_with_its_line_and_its_pages(notebook: Path, pelican: Path) -> None:
    article = notebook / "content/first.md"
    article.write_text(article.read_text("utf-8").replace("title=", "titel="), encoding="utf-8")
    mistake = "line 5 ':::speak titel=\"In short\"': unknown option 'titel' (did you mean 'title'?)"
    assert mistake in build(notebook, pelican)
    for _ in range(2):
        said = publish(notebook)
        assert said.count(mistake) == 1
        assert re.search(r"^WARNING -  mkdocs_lightning: \S+\.html and \d other pages?: line 5", said, re.MULTILINE)
