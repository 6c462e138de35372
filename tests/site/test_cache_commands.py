"""The commands that look after the cache, for a site that another program builds: MkDocs cannot read it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import store_usage
from mkdocs_lightning.cli.command import main
from tests.support.commands import contents, run
from tests.support.images import png
from tests.support.published import FIRST, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from tests.support.plain_program import Program
    from tests.support.sites import Site

EDITED = "And this one has been edited since, by its author."
NOTHING_REMOVED = "0 files removed, 0.0 kB\n"


@pytest.fixture
def handbook(empty_program: Program) -> Program:
    """A site of plain HTML with a podcast, whose image is in the published folder; it was published."""
    handbook = empty_program
    handbook.configure(
        narrate=["index.html"],
        feed={"image": "cover.png", "title": "Handbook", "category": "Education"},
        remote_cache=handbook.root.joinpath("shared").as_uri(),
    )
    config = handbook.root / "mkdocs.yml"
    config.write_text(f"site_url: https://docs.example.org/\n{config.read_text(encoding='utf-8')}", encoding="utf-8")
    write(handbook, FIRST, SECOND)
    handbook.output.joinpath("cover.png").write_bytes(png(1400, 1400))
    assert publish(handbook).exit_code == 0
    return handbook


def write(handbook: Program, *sentences: str) -> None:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    handbook.write("index.html", f'<html lang="en"><main><h1>A handbook</h1>{paragraphs}</main></html>')


def publish(handbook: Program) -> Result:
    handbook.service.clear()
    return handbook.publish()


def cache(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cache", *arguments])


def said(*arguments: str) -> str:
    """What a command prints that goes well."""
    result = cache(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture(params=["with mkdocs.yml", "without"])
def any_handbook(handbook: Program, request: pytest.FixtureRequest) -> Program:
    if request.param == "without":
        handbook.root.joinpath("mkdocs.yml").unlink()
    return handbook


def test_path(any_handbook: Program) -> None:
    assert said("path") == ".lightning\n"
    assert any_handbook.root.joinpath(".lightning/segments").is_dir()


def test_stats(any_handbook: Program) -> None:
    sentences, clips, *used = said("stats").splitlines()
    assert (sentences.partition(",")[0], clips.partition(",")[0]) == ("3 sentences", "1 clip")
    assert [line.partition(": ")[0] for line in used] == [f"used by published {any_handbook.output}"]


def test_push(handbook: Program) -> None:
    shared = handbook.root / "shared"
    before = contents(shared).keys()
    assert len(before) > 3
    for path in shared.rglob("*.*"):
        path.unlink()
    assert "files stored in file:" in said("push")
    assert contents(shared).keys() == before


def test_push_without_a_configuration(handbook: Program) -> None:
    handbook.root.joinpath("mkdocs.yml").unlink()
    result = cache("push")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "mkdocs-lightning: there is no remote cache: set remote_cache in mkdocs.yml\n"


@pytest.mark.usefixtures("handbook")
def test_pull_is_for_sites_of_mkdocs() -> None:
    result = cache("pull")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "this command reads the pages of an MkDocs site. If another program builds the site, " in result.stderr


def test_verify(any_handbook: Program) -> None:
    assert said("verify") == "No damaged files.\n"
    damaged = next(any_handbook.root.joinpath(".lightning").rglob("*.flac"))
    damaged.write_bytes(b"damaged")
    result = cache("verify")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (1, "1 file damaged and moved to damaged/")


def test_prune_keeps_what_was_published(any_handbook: Program) -> None:
    before = contents(any_handbook.root)
    assert said("prune", "--days", "0") == NOTHING_REMOVED
    assert contents(any_handbook.root) == before, "it writes no record either"


def test_prune_removes_what_is_published_no_more(handbook: Program) -> None:
    write(handbook, FIRST, EDITED)
    assert publish(handbook).exit_code == 0
    assert handbook.asked() == [EDITED]
    assert said("prune").splitlines()[1].startswith("2 unused files kept, ")
    *removed, total = said("prune", "--days", "0").splitlines()
    assert [line.partition(" ")[0] for line in removed] == ["sentence", "clip"]
    assert total.startswith("2 files removed, ")
    assert publish(handbook).exit_code == 0
    assert handbook.service.requests == []


@pytest.mark.parametrize("options", [{}, {"cache_dir": ".lightning"}, {"cache_dir": "kept"}])
def test_other_programs_have_a_docs_directory_too(handbook: Program, options: dict[str, str]) -> None:
    """As Docusaurus and Zensical. Its sources are not read: patterns and Markdown extensions may be others."""
    handbook.configure(narrate=["**", "!changes/**"], **options)
    sources = handbook.root / "docs"
    sources.mkdir()
    sources.joinpath("index.md").write_text(":::speak titel=x\nIt is heavy.\n:::\n", encoding="utf-8")
    handbook.write("changes/index.html", "<main><p>What has changed is not read.</p></main>")
    folder = options.get("cache_dir", ".lightning")
    handbook.root.joinpath(".lightning").rename(handbook.root / folder)
    assert publish(handbook).exit_code == 0
    assert said("path") == f"{folder}\n"
    assert said("stats").startswith("3 sentences, ")
    assert not said("prune", "--days", "0").startswith("sentence")  # but the clip of the earlier configuration
    before = contents(handbook.root)
    assert said("prune", "--days", "0") == NOTHING_REMOVED
    assert contents(handbook.root) == before


def test_a_clone_without_records_is_not_taken_for_one_of_mkdocs(handbook: Program) -> None:
    handbook.root.joinpath("docs").mkdir()
    handbook.configure(cache_dir=".lightning", narrate=["index.html"])
    for record in handbook.root.joinpath(".lightning/usage").iterdir():
        record.unlink()
    before = contents(handbook.root)
    result = cache("prune", "--days", "0")
    assert (result.exit_code, result.stdout, contents(handbook.root)) == (1, "", before)


def test_the_record_of_a_site_of_mkdocs_says_nothing_of_a_published_one(handbook: Program) -> None:
    shared = Cache(handbook.root / ".lightning")
    for record in shared.files.root.joinpath("usage").iterdir():
        record.unlink()
    store_usage(shared, f"Other  en in {handbook.root.parent / 'other'}", [], date(2026, 11, 29))
    result = cache("prune", "--days", "0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cache_dir has no usage record by 'publish'" in result.stderr


@pytest.mark.parametrize(
    "wrong", [f":::speak speed=9\n{FIRST}\n:::\n", f":::speak\n{FIRST}\n"], ids=["setting", "without an end"]
)
def test_what_a_mistake_keeps_from_being_spoken_stays(
    empty_program: Program, expect_warning: Callable[[str], None], wrong: str
) -> None:
    other = f":::speak\n{SECOND}\n:::\n"
    empty_program.configure(cache_dir=".lightning")
    empty_program.build({"index.html": f":::speak\n{FIRST}\n:::\n", "other.html": other})
    assert publish(empty_program).exit_code == 0
    expect_warning("speed=9|never closed")
    empty_program.build({"index.html": wrong, "other.html": other})
    assert publish(empty_program).exit_code == 0
    assert said("prune", "--days", "0") == NOTHING_REMOVED
    empty_program.build({"index.html": other, "other.html": other})
    assert publish(empty_program).exit_code == 0
    assert said("prune", "--days", "0").splitlines()[-1].startswith("2 files removed, ")


def test_where_mkdocs_has_recorded_the_site_too_it_reads_the_pages(handbook: Program) -> None:
    handbook.root.joinpath("docs").mkdir()
    assert said("path") == ".lightning\n"
    store_usage(Cache(handbook.root / ".lightning"), f"Handbook  en in {handbook.root}", [], date(2026, 11, 29))
    result = cache("path")
    assert result.exit_code == 2
    assert "MkDocs encountered an error parsing the configuration file" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--days", "0"], ["--dry-run"]])
def test_prune_without_any_record_removes_nothing(any_handbook: Program, arguments: list[str]) -> None:
    """As in a clone of a committed cache."""
    (record,) = any_handbook.root.joinpath(".lightning/usage").iterdir()
    record.unlink()
    before = contents(any_handbook.root)
    result = cache("prune", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        "nothing was removed: cache_dir has no usage record by 'publish', so nobody knows what the site uses"
        in result.stderr
    )
    assert contents(any_handbook.root) == before


def test_before_the_site_is_published(empty_program: Program, expect_warning: Callable[[str], None]) -> None:
    """As in a job that asks which folder it has to keep; MkDocs' sources may be made later, and have another cache."""
    expect_warning("Config value 'docs_dir'")
    empty_program.root.joinpath("mkdocs.yml").write_text("site_name: Test\nplugins: [lightning]\n", encoding="utf-8")
    result = cache("path")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "for the cache commands, set cache_dir: .lightning\n" in result.stderr
    empty_program.configure(cache_dir=".lightning")
    assert said("path") == ".lightning\n"
    assert said("stats") == "0 sentences, 0.0 kB\n0 clips, 0.0 kB\n"
    assert said("prune") == NOTHING_REMOVED
    empty_program.root.joinpath("mkdocs.yml").unlink()
    assert cache("path").stderr == "mkdocs-lightning: Config file 'mkdocs.yml' does not exist.\n"


def test_the_docs_directory_may_be_named_in_an_inherited_file(handbook: Program) -> None:
    folder = handbook.root / "site"
    folder.mkdir()
    config = folder / "mkdocs.yml"
    config.write_text("INHERIT: ../base.yml\nplugins: [lightning: {cache_dir: kept}]\n", encoding="utf-8")
    handbook.root.joinpath("base.yml").write_text("site_name: Base\ndocs_dir: pages\n", encoding="utf-8")
    (folder / "docs").mkdir()
    assert said("path", "-f", str(config)) == "site/kept\n"
    assert said("prune", "-f", str(config)) == NOTHING_REMOVED


def test_an_option_that_cannot_be_used(handbook: Program) -> None:
    handbook.configure(max_charakters=9)
    for command in ("path", "stats", "push", "pull", "verify", "prune"):
        result = cache(command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "unknown option 'max_charakters'" in result.stderr


@pytest.mark.parametrize("command", ["path", "stats", "push", "verify", "prune"])
def test_of_a_site_of_mkdocs_the_podcast_is_not_checked(site: Site, tmp_path: Path, command: str) -> None:
    site.write({"index.md": f":::speak\n{FIRST}\n:::\n"})
    shared = tmp_path / "remote"
    shared.mkdir()
    result = run(site, "cache", command, feed={"image": "cover.png"}, remote_cache=shared.as_uri())
    assert (result.exit_code, result.stderr) == (0, "")
