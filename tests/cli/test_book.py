"""The command `book`: a site as an EPUB that reads itself aloud."""

from __future__ import annotations

import io
import itertools
import os
import re
import uuid
import zipfile
from importlib import util
from typing import TYPE_CHECKING

import pytest
import soundfile
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from tests.support.books import DC, XHTML, Book, text_of
from tests.support.commands import plan, printed, run
from tests.support.published import FIRST, NARRATED, PAGE, SECOND, SITE_URL
from tests.support.service import Failure
from tests.support.sites import three_languages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\5\xfe\2\xfe"
    b"\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82"
)
PAGES = {
    "index.md": "# Home & garden\n\n[On](guide/a.md#title) ![A dot](dot.png) ![Else](https://e.org/x.png)\n",
    "guide/a.md": f"{PAGE}\n## Later\n\nText.\n",
    "guide/b.md": NARRATED,
    "other.md": "# Not in the navigation\n",
}
NAV = [{"Start": "index.md"}, {"The guide": ["guide/b.md", {"Part": ["guide/a.md"]}]}]


@pytest.fixture
def book_site(site: Site) -> Site:
    site.config = {"nav": NAV, "site_name": "The Book & more", "site_author": "Its authors", "site_url": SITE_URL}
    site.write(PAGES)
    (site.root / "docs/dot.png").write_bytes(PNG)
    return site


def made(site: Site, **options: object) -> Book:
    path = site.root / "site.epub"
    printed(site, "book", "-o", str(path), **options)
    return Book(path)


def test_the_pages_come_in_the_order_of_the_site(book_site: Site) -> None:
    book = made(book_site)

    assert [text_of(next(book.body(page).iter(f"{XHTML}h1"))) for page in book.pages] == [
        "Home & garden",
        "Narrated",
        "Title",
        "Not in the navigation",
    ]
    (contents, _) = book.tree("contents.xhtml").iter(f"{XHTML}nav")
    assert text_of(contents) == "The Book & moreStartThe guideNarratedPartTitleLaterNot in the navigation"
    (later,) = [link for link in contents.iter(f"{XHTML}a") if link.text == "Later"]
    assert later.get("href") == f"{book.pages[2]}#later"


def test_what_is_read_aloud_is_heard_while_it_is_shown(book_site: Site) -> None:
    book = made(book_site)

    assert [[text for text, *_ in book.read_aloud(page)] for page in book.pages] == [
        [],
        ["Narrated", FIRST, SECOND],
        [FIRST, SECOND],
        [],
    ]
    total = 0.0
    for page in book.pages:
        heard = book.read_aloud(page)
        for (_, _, end, _), (_, start, _, _) in itertools.pairwise(heard):
            assert end == start
        for clip in {clip for *_, clip in heard}:
            samples, rate = soundfile.read(io.BytesIO(book.files[clip]))
            assert heard[0][1] == 0
            assert heard[-1][2] == pytest.approx(len(samples) / rate, abs=0.06)
            total += heard[-1][2]
    assert book.meta("media:duration") == [f"0:00:{total:06.3f}"]
    assert book.meta("media:narrator") == ["Read by a synthetic voice"]


def test_links_and_images_come_along_and_nothing_is_fetched(book_site: Site) -> None:
    book = made(book_site)

    home, _, title, _ = book.pages
    assert book.links(home) == {"On": f"{title}#title"}
    images = [image.get("src") for image in book.body(home).iter(f"{XHTML}img")]
    assert [book.files[f"EPUB/{name}"] for name in images] == [PNG]
    assert "Else" in text_of(book.body(home))
    for name, data in book.files.items():
        if name.endswith((".xhtml", ".css", ".smil")):
            assert not re.search(rb'(?:src|href)="https?:|url\(', data), name


def test_a_catalogue_is_told_what_the_book_is(book_site: Site) -> None:
    book = made(book_site)

    told = {element.tag.removeprefix(DC): element.text for element in book.package.iter() if DC in element.tag}
    assert (told["title"], told["language"], told["creator"]) == ("The Book & more", "en", "Its authors")
    assert told["identifier"] == f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, SITE_URL + '#')}"
    assert "synchronizedAudioText" in book.meta("schema:accessibilityFeature")
    assert book.meta("schema:accessibilityHazard") == ["none"]
    assert text_of(book.tree("title.xhtml")).count("Read by a synthetic voice") == 1


def test_the_same_site_makes_the_same_bytes(book_site: Site, tmp_path: Path) -> None:
    first, second = tmp_path / "first.epub", tmp_path / "second.epub"
    printed(book_site, "book", "-o", str(first))
    printed(book_site, "book", "-o", str(second))
    assert first.read_bytes() == second.read_bytes()


def test_the_book_has_the_date_that_the_environment_names(book_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in PAGES:
        os.utime(book_site.root / "docs" / page, (1e9, 1e9))
    assert made(book_site).meta("dcterms:modified") == ["2001-09-09T01:46:40Z"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert made(book_site).meta("dcterms:modified") == ["2023-11-14T22:13:20Z"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "-5")
    assert made(book_site).meta("dcterms:modified") == ["1969-12-31T23:59:55Z"]


@pytest.mark.parametrize("seconds", ["²", "", "1e9", "yesterday", "99999999999999999", "253402300800", "9" * 5000])
def test_a_date_that_is_none_is_an_error_before_anything_is_sent(
    book_site: Site, service: Service, monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    """MkDocs, which reads the variable, too, would end in a traceback."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", seconds)
    for command in (("book", "-o", str(book_site.root / "site.epub")), ("plan",)):
        ended = run(book_site, *command)
        assert ended.exit_code == 2
        assert re.search(r"SOURCE_DATE_EPOCH is '.*', which is not a date; set it to seconds since 1970", ended.stderr)
    assert service.requests == []


@pytest.mark.parametrize("output_format", ["opus", "wav"])
def test_a_book_has_mp3_and_nothing_is_paid_twice(book_site: Site, service: Service, output_format: str) -> None:
    book_site.build(output_format=output_format)
    service.clear()

    book = made(book_site, output_format=output_format)

    assert service.requests == []
    assert {name.rpartition(".")[2] for name in book.files if name.startswith("EPUB/audio/")} == {"mp3"}


def test_the_budget_holds_and_what_is_missing_is_text(
    book_site: Site, service: Service, tmp_path: Path, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("max_characters is 10")
    expect_warning("1 clip missing")
    path = tmp_path / "site.epub"
    result = run(book_site, "book", "-o", str(path), max_characters=10)

    assert result.exit_code == 1
    assert "guide/a.md: 1 clip missing, so the book has only text there" in result.stderr
    assert "max_characters" in result.stderr
    assert service.requests == []
    book = Book(path)
    assert not any(book.read_aloud(page) for page in book.pages)
    assert book.meta("media:narrator") == []
    assert "Read by" not in text_of(book.tree("title.xhtml"))
    assert "synchronizedAudioText" not in book.meta("schema:accessibilityFeature")


def test_a_sentence_that_fails_leaves_the_other_pages_read(
    book_site: Site, service: Service, tmp_path: Path, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("the service answered 400")
    expect_warning("guide/b.md: 1 clip missing")
    service.faults = lambda _number, body: Failure(400) if "Narrated" in str(body["text"]) else None
    path = tmp_path / "site.epub"
    assert run(book_site, "book", "-o", str(path)).exit_code == 1
    book = Book(path)
    assert [bool(book.read_aloud(page)) for page in book.pages] == [False, False, True, False]


def test_synthesize_never_does_not_hold_a_book_back(book_site: Site) -> None:
    book = made(book_site, synthesize="never")
    assert any(book.read_aloud(page) for page in book.pages)
    assert plan(book_site)["missing"] == 0


def test_each_language_is_a_book_of_its_own(site: Site) -> None:
    site.config = {"plugins": [three_languages()]}
    site.write({"index.md": PAGE, "index.de.md": PAGE.replace("Title", "Titel")})
    run(site, "book", "-o", str(site.root / "site.epub"))
    books = {path.name: Book(path) for path in site.root.glob("*.epub")}
    assert sorted(books) == ["site.de.epub", "site.en.epub", "site.es.epub"]
    assert "Titel" in text_of(books["site.de.epub"].body("page-0001.xhtml"))
    identifiers = {book.package.findtext(f".//{DC}identifier") for book in books.values()}
    assert len(identifiers) == 3
    assert books["site.de.epub"].meta("media:narrator") == ["Vorgelesen von einer synthetischen Stimme"]


def test_a_site_that_is_read_from_the_right_is_paged_so(site: Site) -> None:
    site.config = {"theme": {"name": "material", "language": "ar"}}
    hindi = "---\nlightning: {narrate: true, language: hi}\n---\n# नमस्ते\n\nयह एक वाक्य है।\n"
    site.write({"index.md": hindi, "b.md": "# مرحبا\n"})
    book = made(site)
    assert next(book.package.iter("{http://www.idpf.org/2007/opf}spine")).get("page-progression-direction") == "rtl"
    directions = [(tree.get("lang"), tree.get("dir")) for tree in map(book.tree, book.pages)]
    assert sorted(directions) == [("ar", "rtl"), ("hi", "ltr")]


@pytest.mark.parametrize(
    ("output", "told", "code"),
    [
        ("site.zip", "does not end in .epub", 2),
        ("none/site.epub", "none; create it first", 2),
        ("folder.epub", "is a directory", 2),
    ],
)
def test_a_file_that_cannot_be_made_costs_nothing(
    book_site: Site, service: Service, output: str, told: str, code: int
) -> None:
    (book_site.root / "folder.epub").mkdir()
    result = run(book_site, "book", "-o", str(book_site.root / output))
    assert (result.exit_code, told in result.stderr) == (code, True)
    assert service.requests == []


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "tinyhtml5" else find_spec(name))
    monkeypatch.setattr("mkdocs_lightning.cli.book.book_command.find_spec", util.find_spec)


@pytest.mark.usefixtures("without_package")
def test_without_its_package_the_command_says_what_to_install(book_site: Site) -> None:
    result = run(book_site, "book", "-o", str(book_site.root / "site.epub"))
    assert (result.exit_code, result.stderr) == (
        2,
        "mkdocs-lightning: book needs the package tinyhtml5: pip install 'mkdocs-lightning[book]'\n",
    )


@pytest.mark.usefixtures("without_package")
def test_nobody_installs_a_package_for_a_site_without_a_book(book_site: Site) -> None:
    output = str(book_site.root / "site.epub")
    disabled = run(book_site, "book", "-o", output, enabled=False)
    config_file = book_site.root / "other.yml"
    config_file.write_text("site_name: Test\n", encoding="utf-8")
    without = CliRunner().invoke(main, ["-f", str(config_file), "book", "-o", output])
    for result, message in ((disabled, "the book was not made"), (without, "'lightning' is not among the plugins")):
        assert result.exit_code == 2
        assert message in result.stderr
        assert "pip install" not in result.stderr


def test_a_site_without_the_plugin_enabled_has_no_book(book_site: Site) -> None:
    result = run(book_site, "book", "-o", str(book_site.root / "site.epub"), enabled=False)
    assert result.exit_code == 2
    assert "the plugin 'lightning' is not enabled" in result.stderr


def test_the_old_book_stays_until_the_new_one_is_whole(book_site: Site) -> None:
    old = book_site.root / "site.epub"
    old.write_bytes(b"old")
    (book_site.root / "hook.py").write_text(
        "import pathlib\ndef on_env(env, *, config, files):\n"
        "    pathlib.Path(config.docs_dir, 'dot.png').unlink()\n    return env\n",
        encoding="utf-8",
    )
    book_site.config["hooks"] = [str(book_site.root / "hook.py")]
    result = run(book_site, "book", "-o", str(old))
    assert result.exit_code == 1
    assert old.read_bytes() == b"old"
    assert not list(book_site.root.glob(".*.tmp"))


def test_an_image_that_the_site_leaves_out_is_in_no_book(book_site: Site) -> None:
    book_site.config["exclude_docs"] = "dot.png"
    run(book_site, "book", "-o", str(book_site.root / "site.epub"))
    book = Book(book_site.root / "site.epub")
    assert not [name for name in book.files if "images" in name]
    assert "A dot" in text_of(book.body(book.pages[0]))


@pytest.mark.skipif(os.name == "nt", reason="has neither pipes in directories nor links for everybody")
@pytest.mark.parametrize("kind", ["pipe", "link without a target"])
def test_what_is_no_file_ends_the_command_and_not_in_waiting(book_site: Site, kind: str) -> None:
    dot = book_site.root / "docs/dot.png"
    dot.unlink()
    if kind == "pipe":
        os.mkfifo(dot)
    else:
        dot.symlink_to(book_site.root / "none.png")
    result = run(book_site, "book", "-o", str(book_site.root / "site.epub"))
    assert result.exit_code == 1
    assert "'dot.png' cannot be read (" in result.stderr
    assert not (book_site.root / "site.epub").exists()


@pytest.mark.parametrize("name", ["site_name", "site_author", "site_description", "copyright"])
def test_a_book_may_be_named_anything(book_site: Site, name: str) -> None:
    del book_site.config["site_url"]
    book_site.config[name] = "A \ud800\0\u202e</title><script>x()</script>&"
    book = made(book_site)
    assert book.meta("media:narrator")
    for file in book.files:
        if file.endswith((".xhtml", ".opf", ".smil")):
            assert not list(book.tree(file.removeprefix("EPUB/")).iter(f"{XHTML}script")), file


def test_the_first_bytes_tell_what_the_file_is(book_site: Site) -> None:
    made(book_site)
    assert (book_site.root / "site.epub").read_bytes()[30:58] == b"mimetypeapplication/epub+zip"
    with zipfile.ZipFile(book_site.root / "site.epub") as book:
        assert book.testzip() is None
