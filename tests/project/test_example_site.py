"""The example that people judge the project by, voiced offline as they do, and by the service on loopback."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.utils.yaml import yaml_load

from tests.support.html import Page, attributes
from tests.support.repository import ROOT
from tests.support.sites import Site, duration

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service

EXAMPLE = ROOT / "example_site"


@pytest.fixture
def example(site: Site) -> Site:
    """A copy of the example, with the options of a site that the service voices."""
    shutil.copytree(EXAMPLE / "docs", site.root / "docs")
    with (EXAMPLE / "mkdocs.yml").open(encoding="utf-8") as file:
        config = yaml_load(file)
    (own_options,) = (plugin["lightning"] for plugin in config["plugins"] if "lightning" in plugin)
    config["plugins"] = [plugin for plugin in config["plugins"] if "lightning" not in plugin]
    site.config = config
    site.options = {**own_options, "engine": "lightning", **site.options}
    return site


@pytest.mark.slow
def test_every_block_is_voiced_once_and_then_never_again(example: Site, service: Service) -> None:
    example.build(strict=True)

    pages = [str(path.relative_to(example.root / "site")) for path in (example.root / "site").rglob("index.html")]
    blocks = sum(len(re.findall(r'<div class="speak(?: [^"]*)?" id=', example.html(page))) for page in pages)
    clips = [clip for page in pages for clip in example.clips(page)]
    assert len(clips) == blocks > 10
    assert all(duration(clip) > 0.5 for clip in clips)
    assert sum(len(text.split()) for text in service.spoken) > 600

    sent = len(service.requests)
    assert sent == len({str(request.body) for request in service.requests})
    example.build(strict=True)
    assert len(service.requests) == sent


@pytest.mark.slow
def test_one_edited_word_sends_one_sentence(example: Site, service: Service) -> None:
    example.build(strict=True)
    service.clear()
    page = example.root / "docs/index.md"
    source = page.read_text(encoding="utf-8")
    assert "Nobody recorded it." in source
    page.write_text(source.replace("While the site was being built", "While this site was being built"), "utf-8")

    example.build(strict=True)

    (sentence,) = service.spoken
    assert "While this site was being built" in sentence


@pytest.fixture(scope="module")
def built_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example site, built as a stranger builds it: strictly, without a key, with nothing in the cache."""
    root = tmp_path_factory.mktemp("example") / "example_site"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("site", ".cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SMALLEST_API_KEY", raising=False)
        config = load_config(str(root / "mkdocs.yml"), strict=True)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()
    return root


@pytest.mark.slow
def test_the_example_site_speaks_on_every_page(built_example: Path) -> None:
    pages = list((built_example / "docs").rglob("*.md"))

    assert len(pages) > 3
    for page in pages:
        name = page.relative_to(built_example / "docs").as_posix()
        built = name.replace("index.md", "index.html").replace(".md", "/index.html")
        html = (built_example / "site" / built).read_text(encoding="utf-8")
        source = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        blocks = re.findall(r"^[ >:]*:::+ ?speak\b", source, flags=re.MULTILINE)
        assert len(attributes(html, "audio")) == len(blocks) > 0, page


@pytest.mark.slow
def test_the_example_site_asks_no_other_server_for_anything(built_example: Path) -> None:
    for page in (built_example / "site").rglob("*.html"):
        for tag, found in Page(page.read_text(encoding="utf-8")).elements:
            loaded = found.get("src") or (found.get("href") if tag == "link" else None) or ""
            assert not re.match(r"(https?:)?//", loaded), f"{page}: {loaded}"


@pytest.mark.parametrize("page", sorted(EXAMPLE.glob("docs/**/*.md")), ids=lambda page: page.name)
def test_what_the_example_site_shows_as_source_is_the_source(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    examples = re.findall(
        r'^(`{3,})markdown\n(.*?)^\1\n\n<div class="result" markdown>\n(.*?)^</div>$', text, re.MULTILINE | re.DOTALL
    )

    assert len(examples) == text.count('class="result"')
    for _, source, result in examples:
        assert source == result
