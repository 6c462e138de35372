"""The example that people judge the project by, voiced by the service on loopback."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mkdocs.utils.yaml import yaml_load

from tests.support.sites import Site, duration

if TYPE_CHECKING:
    from tests.support.service import Service

EXAMPLE = Path(__file__).parents[2] / "example_site"


@pytest.fixture
def example(site: Site) -> Site:
    """A copy of the example, with the options of a site that the service voices."""
    shutil.copytree(EXAMPLE / "docs", site.root / "docs")
    with (EXAMPLE / "mkdocs.yml").open(encoding="utf-8") as file:
        config = yaml_load(file)
    (own_options,) = (plugin["lightning"] for plugin in config["plugins"] if "lightning" in plugin)
    config["plugins"] = [plugin for plugin in config["plugins"] if "lightning" not in plugin]
    site.config = config
    site.options = {**own_options, **site.options}
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
