"""The command `lint`: it says of a file what a build says of the page, and nothing of what a build accepts."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

EXTENSIONS = [
    *("admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables"),
    *("pymdownx.superfences", "pymdownx.details"),
    {"pymdownx.tabbed": {"alternate_style": True}},
]
WRONG = {
    "unclosed": ":::speak\nNever closed.\n",
    "unknown option": ":::speak voice=sophie\nHello there.\n:::\n",
    "no option": ":::speak {speed}\nHello there.\n:::\n",
    "bad value": ":::speak speed=9\nHello there.\n:::\n",
    "bad text": ":::speak text=hidden\nHello there.\n:::\n",
    "another model's voice": ":::speak model=lightning_v3.1 voice_id=kaitlyn\nHello there.\n:::\n",
    "near miss": "::: speek\nHello there.\n:::\n",
    "nothing to speak": ":::speak\n:::\n",
    "in a cell": "| a | b |\n| - | - |\n| :::speak | x |\n",
    "in a paragraph": "Some text :::speak in the middle.\n",
    "pause": ":::speak\nHello {pause=99} there.\n:::\n",
    "element": ":::speak\nHello there.\n{: speed=9 }\n:::\n",
    "in a list": "1. One\n\n    :::speak speed=9\n    Hello there.\n    :::\n",
    "in a quote": "> :::speak speed=9\n> Hello there.\n> :::\n",
    "in an admonition": "!!! note\n\n    :::speak speed=9\n    Hello there.\n    :::\n",
    "in details": '??? note "More"\n\n    :::speak speed=9\n    Hello there.\n    :::\n',
    "in open details": "???+ tip\n\n    :::speak speed=9\n    Hello there.\n    :::\n",
    "in a tab": '=== "One"\n\n    :::speak speed=9\n    Hello there.\n    :::\n',
    "in tabs of details": '??? "More"\n\n    === "One"\n\n        :::speak speed=9\n        Hello.\n        :::\n',
    "in HTML": "<div markdown>\n\n:::speak speed=9\nHello there.\n:::\n\n</div>\n",
    "after a fence": "```md\n:::speak speed=9\nHello there.\n:::\n```\n\n:::speak speed=9\nHello there.\n:::\n",
    "around a fence": ":::speak speed=9\nHello there.\n\n```\n:::\n```\n:::\n",
    "only code": ":::speak\n\n```py\ncode\n```\n:::\n",
    "front matter": "---\nlightning:\n  speeed: 1\n---\n\nText.\n",
    "front matter of a voice": "---\nlightning:\n  speed: 9\n---\n\n:::speak\nHello there.\n:::\n",
    "beside lightning": "---\nnarrate: true\n---\n\nText.\n",
    "of a narrated page": "---\nlightning: {narrate: true}\n---\n\n# Title\n\nHello there.\n{: speed=9 }\n",
    "fence of a narrated page": '---\nlightning: {narrate: true}\n---\n\n```py data-say="Code."\ncode\n```\n',
    "windows": "---\r\ntitle: x\r\n---\r\n\r\n:::speak speed=9\r\nHello there.\r\n:::\r\n",
}
RIGHT = {
    "a block": ":::speak voice_id=sophie title='One: two' #intro .wide\nHello there.\n:::\n",
    "a cloned voice, whose model the site may set": ":::speak voice_id=voice_Ab12Cd34\nHello there.\n:::\n",
    "fences": "- One\n\n    ```md\n    :::speak\n    ```\n\n> ```\n> :::speak speed=9\n> ```\n",
    "a fence in a fence": "~~~~\n~~~\n::: speek\n~~~~\n",
    "a fence in a tab": '=== "One"\n\n    ``` { .md title="x" }\n    :::speak speed=9\n\n    :::speak\n    ```\n',
    "code with a text": ':::speak\n\n``` { .py data-say="Code." }\ncode\n```\n\n:::\n',
    "code": "    :::speak speed=9\n\nText `:::speak speed=9`.\n",
    "a comment": "<!--\n:::speak speed=9\n-->\n\n<pre>\n:::speak speed=9\n</pre>\n",
    "other programs": "::: package.module\n    options:\n      x: 1\n\n:::{note}\nText.\n:::\n",
    "front matter of others": "---\nlightning: {narrate: true, speed: 1.2}\nmode: x\nauthor: [a, b]\n---\n\nText.\n",
    "a macro": ":::speak speed={{ speed }}\nHello there.\n:::\n",
    "a rule": "Title\n===\n\n---\n\nText: ::: and :: and :::.\n",
    "front matter that is not YAML, but not ours": "---\nb: [\n---\n\nText.\n",
}


def lint(*paths: Path | str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["lint", *map(str, paths)])
    assert not result.stderr or result.exit_code, result.stderr
    return result.exit_code, result.stdout


@pytest.fixture
def places(site: Site, service: Service, caplog: pytest.LogCaptureFixture) -> Callable[[str], list[tuple[str, str]]]:
    """A function that builds a page, and answers what a build warns of: the place, and the first words."""

    def read(page: str) -> list[tuple[str, str]]:
        site.config = {"markdown_extensions": EXTENSIONS}
        (site.root / "docs").mkdir(exist_ok=True)
        (site.root / "docs/index.md").write_bytes(page.encode())
        site.build()
        assert service.requests == []
        said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        return sorted(re.findall(r"index\.md:(\d+) '[^']*': (.{12})", "\n".join(said)))

    return read


@pytest.mark.parametrize("name", [name for name in WRONG if "front" not in name and "lightning" not in name])
def test_it_says_what_a_build_says(
    site: Site, places: Callable[[str], list[tuple[str, str]]], expect_warning: Callable[[str], None], name: str
) -> None:
    expect_warning(r".")
    said = places(WRONG[name])

    code, printed = lint(site.root / "docs")

    assert code == 1
    found = re.findall(r"^.*docs/index\.md:(\d+): (?:'[^']*': )?(.{12})", printed, re.MULTILINE)
    assert len(found) == 1
    assert found == said or "narrated" in name, printed


@pytest.mark.parametrize("name", WRONG)
def test_a_finding_has_its_line(tmp_path: Path, name: str) -> None:
    file = tmp_path / "page.md"
    file.write_bytes(WRONG[name].encode())
    lines = WRONG[name].splitlines()

    code, printed = lint(file)

    (number,) = re.findall(r"^.*page\.md:(\d+): ", printed, re.MULTILINE)
    assert re.search("spee|:::|voice|pause|narrate|say", lines[int(number) - 1])
    assert code == 1


@pytest.mark.parametrize(
    "source",
    [
        "::speak\nHello there.\n::\n",
        "- One.\n\n    ::speak\n    Hello there.\n",
        "---\nLightning: {speed: 2}\n---\n# T\n",
        "---\nlightening:\n  language: fr\n---\n# T\n",
        "---\nvoice_id: sophie\n---\n# T\n",
    ],
)
def test_it_finds_what_is_wrong_where_nothing_is_right(tmp_path: Path, source: str) -> None:
    (tmp_path / "page.md").write_text(source, encoding="utf-8")
    assert lint(tmp_path)[0] == 1


@pytest.mark.parametrize("info", ['{.py data-say="Code."}', 'py {data-say="Code."}', ' py {data-say="Code."}'])
def test_a_fence_that_some_extension_opens_is_left_to_the_build(tmp_path: Path, info: str) -> None:
    (tmp_path / "page.md").write_text(f":::speak\nHello there.\n\n```{info}\ncode\n```\n:::\n", encoding="utf-8")

    assert lint(tmp_path)[0] == 0


def test_a_fence_that_is_none_has_its_line_inside_a_block_alone(tmp_path: Path) -> None:
    fence = '```py data-say="Code."\ncode\n```\n'
    (tmp_path / "page.md").write_text(f"{fence}\n:::speak\nHello there.\n\n{fence}:::\n", encoding="utf-8")

    code, printed = lint(tmp_path)

    assert code == 1
    assert re.findall(r"page\.md:(\d+): 'py data-say=\"Code\.\"' does not open a code fence", printed) == ["8"]


def test_on_github_a_finding_is_shown_in_the_pull_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/page.md").write_text(f"# Page\n\n{WRONG['bad value']}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    lines = lint("docs")[1].splitlines()
    assert lines[0].startswith("docs/page.md:3: ':::speak speed=9': ")

    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    (annotation,) = set(lint("docs")[1].splitlines()) - set(lines)

    assert (
        annotation == f"::error file=docs/page.md,line=3,title=Narration::{lines[0].removeprefix('docs/page.md:3: ')}"
    )


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_silent_where_a_build_is(tmp_path: Path, name: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(RIGHT[name], encoding="utf-8")

    assert lint(file)[0] == 0, lint(file)[1]


def test_it_finds_nothing_in_our_own_documentation() -> None:
    code, printed = lint(ROOT / "docs", ROOT / "example_site/docs", ROOT / "README.md")
    assert (code, printed.count("\n")) == (0, 1), printed
    assert printed.startswith("0 diagnostics in ")


def test_front_matter_that_mkdocs_drops_in_silence_is_told(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("---\ntitle: A: B\nlightning: {narrate: true}\n---\n\nText.\n", encoding="utf-8")

    code, printed = lint(file)

    assert code == 1
    assert "page.md:2: the front matter is not YAML, so MkDocs ignores its settings (" in printed


@pytest.mark.parametrize("form", ["{}\n", "---\n{}---\n\n", "---\n{}\n"])
@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ("narrate: true; voice_id: sophie", ""),
        ("narrate: true, speed: 1.1, engine: offline", ""),
        ("voic_id: sophie", "unknown option 'voic_id' (did you mean 'voice_id'?). Correct voic_id"),
        ("narrate: ture; speed: 1.1", "narrate: 'ture' is neither true nor false. Correct narrate"),
        ("narrate: true; speed: 9", "9.0 is out of range: 0.5 to 2.0. Correct speed"),
        ("output_format: mp5", "'mp5' is not one of mp3, wav, flac, opus, pcm, ulaw, alaw. Correct output_format"),
    ],
)
def test_settings_in_the_metadata_of_another_program_are_checked(
    tmp_path: Path, form: str, pairs: str, found: str
) -> None:
    lines = form.format(f"Title: A: b\nDate: 2026-11-29\nLightning: {pairs}\n")
    (tmp_path / "page.md").write_text(f"{lines}Text.\n", encoding="utf-8")

    code, printed = lint(tmp_path)

    place = f"{tmp_path.as_posix()}/page.md:{lines.splitlines().index(f'Lightning: {pairs}') + 1}"
    assert (code, printed) == (
        (1, f"{place}: front matter, lightning: {found}\n") if found else (0, "0 diagnostics in 1 file.\n")
    )


def test_an_article_that_its_metadata_narrate_is_read(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(
        "Date: 2026-11-29\nLightning: narrate: true\n\nText.\n{: speed=9 }\n", encoding="utf-8"
    )
    code, printed = lint(tmp_path)
    assert (code, "page.md:5: 9.0 is out of range" in printed) == (1, True), printed


def test_folders_are_searched_but_hidden_ones(tmp_path: Path) -> None:
    for name in ("a.md", "b/c.markdown", ".venv/lib/d.md", "e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(":::speak\n", encoding="utf-8")

    code, printed = lint(tmp_path, tmp_path / "a.md")

    assert code == 1
    assert re.findall(r"/(\S+):1: ", printed.replace(str(tmp_path), "")) == ["a.md", "b/c.markdown"]


def test_what_is_no_text_is_told_and_a_name_without_a_file_ends_it(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_bytes(b"\xff\xfe:::speak")
    assert lint(tmp_path) == (1, f"{tmp_path.as_posix()}/page.md: the file is not UTF-8 (byte 1). Save it as UTF-8\n")
    result = CliRunner().invoke(main, ["lint", str(tmp_path / "none.md")])
    assert (result.exit_code, result.stderr.count("there is no file")) == (2, 1)


def test_a_name_cannot_forge_a_line(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no such names")
    (tmp_path / "a\n::error::b.md").write_text(":::speak\n", encoding="utf-8")
    code, printed = lint(tmp_path)
    assert code == 1
    assert not re.search("^::", printed, re.MULTILINE)


def test_it_loads_nothing_that_synthesizes(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(WRONG["bad value"], encoding="utf-8")
    program = (
        "import sys\nfrom mkdocs_lightning.cli.command import main\n"
        f"main(['lint', {str(tmp_path)!r}], standalone_mode=False)"
    )
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], capture_output=True, text=True, check=False
    )
    loaded = set(re.findall(r"\| +(\w+)$", ran.stderr, re.MULTILINE))
    assert ran.returncode == 1
    assert not {"lameenc", "numpy", "soundfile", "soxr", "requests", "urllib3", "filelock"} & loaded
