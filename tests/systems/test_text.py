"""Windows, as far as Linux can show it: consoles without Unicode, other encodings, lines that end in another way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.commands import contents, printed
from tests.support.repository import DOCS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site


COMMAND = ("-c", "from mkdocs_lightning.cli.command import main; main()")
STRANGE = "é ☃ 😀"


class TestConsoles:
    """A console, or a file that one writes into, of another encoding than UTF-8: cp1252 has é, and no snowman."""

    @pytest.fixture
    def strange(self, site: Site) -> Site:
        site.write(
            {"index.md": "# Home\n", f"{STRANGE}.md": f"# {STRANGE}\n\n:::speak\nThis is said: {STRANGE}.\n:::\n"}
        )
        site.config = {"site_name": STRANGE}
        site.write_config()
        return site

    def ran(self, site: Site, *command: str) -> tuple[int, bytes, bytes]:
        environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
        ended = subprocess.run(
            [sys.executable, *command], cwd=site.root, env=environment, capture_output=True, check=False
        )
        assert b"Traceback" not in ended.stderr
        return ended.returncode, ended.stdout, ended.stderr

    def test_every_command_prints_what_it_can(self, strange: Site) -> None:
        commands = (["transcript", f"{STRANGE}.md"], ["plan"], ["check"])
        said = [self.ran(strange, *COMMAND, *words) for words in commands]
        assert [code for code, _, _ in said] == [0, 0, 1]
        for _, stdout, stderr in said:
            assert "é \\u2603 \\U0001f600.md".encode("cp1252") in stdout
            assert stderr == b""
        code, stdout, _ = self.ran(strange, *COMMAND, "plan", "--json")
        assert (code, stdout.isascii()) == (0, True)
        (page,) = json.loads(stdout)["pages"]
        assert page["page"] == f"{STRANGE}.md"

    def test_a_build_that_complains_of_it_ends_well(self, strange: Site) -> None:
        strange.write({f"{STRANGE}.md": ":::speek\nA slip.\n:::\n"})
        code, _, stderr = self.ran(strange, "-m", "mkdocs", "build")
        assert code == 0
        assert "é \\u2603 \\U0001f600.md:1 ':::speek'".encode("cp1252") in stderr

    def test_json_in_utf_8_stays_readable(self, strange: Site) -> None:
        assert STRANGE in printed(strange, "plan", "--json")


def test_no_file_is_read_or_written_in_the_system_s_own_encoding(site: Site) -> None:
    site.write(
        {"index.md": "# Home\n\n:::speak\nSay kubectl.\n:::\n", "guide/.meta.yml": "lightning: {narrate: true}\n"}
    )
    site.write({"guide/start.md": "---\ntitle: Début\n---\n# Début\n\nA text.\n"})
    (site.root / "lexicon.yml").write_text("en: {kubectl: cube contrôle}\n", encoding="utf-8")
    site.config = {"site_url": "https://example.org/"}
    site.write_config(lexicon="lexicon.yml", feed=True, engine="offline", remote_cache=f"file://{site.root}/shared")
    for command in (
        ["-m", "mkdocs", "build", "--strict"],
        [*COMMAND, "plan"],
        [*COMMAND, "cache", "stats"],
    ):
        ended = subprocess.run(
            [sys.executable, "-X", "warn_default_encoding", "-W", "always::EncodingWarning", *command],
            cwd=site.root, capture_output=True, check=True,
        )  # fmt: skip
        ours = [
            line
            for line in ended.stderr.decode().splitlines()
            if "EncodingWarning" in line and "mkdocs_lightning" in line
        ]
        assert ours == []


class TestLineEnds:
    """The same text in the line ends of Windows, of an old Mac, and with the mark that Notepad puts before it."""

    PAGE = """\
        ---
        title: A page
        lightning:
          speed: 1.5
        ---
        # A page

        ::: speak {voice_id=sophie}
        A sentence that begins on one line
        and ends on the next. Then kubectl.

        - An item
        - Another item
        :::

            :::speak in code stays as it is.

        :::speek
        A slip.
        :::
    """

    @pytest.fixture
    def lines(self, site: Site) -> Site:
        site.write({"index.md": "# Home\n", "guide/page.md": self.PAGE})
        site.write({"guide/.meta.yml": "lightning:\n  narrate: true\n"})
        (site.root / "lexicon.yml").write_bytes(b"en:\n  kubectl: kube control\n# the end\n")
        site.options |= {"lexicon": "lexicon.yml"}
        return site

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "mark"])
    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
    def test_are_the_same_to_ear_and_eye(
        self, lines: Site, service: Service, expect_warning: Callable[[str], None], start: bytes, end: bytes
    ) -> None:
        expect_warning(r"guide/page\.md:18 ':::speek")
        lines.build()
        before, html = sorted(service.spoken), lines.html("guide/page/index.html")
        assert len(before) > 3
        for path in (*(lines.root / "docs").rglob("*.*"), lines.root / "lexicon.yml"):
            if path.is_file():
                path.write_bytes(start + path.read_bytes().replace(os.linesep.encode(), b"\n").replace(b"\n", end))

        lines.build()

        assert sorted(service.spoken) == before, "nothing is paid for again"
        assert lines.html("guide/page/index.html") == html

    @pytest.mark.parametrize("attributes", ["recipe", "none"])
    def test_a_cache_in_git_comes_through_autocrlf(
        self, site: Site, service: Service, tmp_path_factory: pytest.TempPathFactory, attributes: str
    ) -> None:
        site.write({"index.md": ":::speak\nThis sentence is in git.\n\nAnd so is this one.\n:::\n"})
        site.build(strict=True)
        if attributes == "recipe":
            shutil.copyfile(DOCS / "how-to/recipes/gitattributes", site.root / ".gitattributes")
        clone = tmp_path_factory.mktemp("clone")
        git = [
            "git",
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "-c",
            "core.autocrlf=true",
            "-c",
            "core.safecrlf=false",
        ]
        for words in (
            ["init", "-q"],
            ["add", "--force", ".cache", "docs"],
            ["commit", "-qm", "All"],
            ["clone", "-q", ".", str(clone)],
        ):
            if words[0] == "add" and attributes == "recipe":
                words.append(".gitattributes")
            subprocess.run([*git, *words], cwd=site.root, check=True)
        assert b"\r\n" in (clone / "docs/index.md").read_bytes()
        committed = contents(site.root / ".cache/plugin/lightning")
        cloned = contents(clone / ".cache/plugin/lightning")
        changed = {Path(name).suffix for name, (data, _) in committed.items() if cloned[name][0] != data}
        assert changed == (set() if attributes == "recipe" else {".vtt", ".json"})

        copy = type(site)(clone, site.options, site.config)
        copy.build(strict=True, api_key=None)

        assert len(copy.clips("index.html")) == 1
        assert len(service.requests) == 2
