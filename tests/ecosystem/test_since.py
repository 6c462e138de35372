"""`plan --since`: a site is read as it was at a revision, whatever its repository looks like, and nothing changes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mkdocs_lightning.cli.changes.repository import check_out, find_repository, find_revision
from tests.support.changed_site import NEW, OLD, OTHER, PAGE, commit_and_change
from tests.support.commands import contents, run
from tests.support.git import commit, git
from tests.support.repository import DOCS
from tests.support.sites import Site, three_languages
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service

pytestmark = pytest.mark.usefixtures("git_without_settings")


@pytest.fixture
def written(site: Site) -> Site:
    """A site with two sentences, committed; in its work tree one of them has changed."""
    commit_and_change(site)
    return site


def changes(site: Site, since: str = "HEAD", **options: object) -> dict[str, Any]:
    """What `plan --since` says in JSON."""
    result = run(site, "plan", "--since", since, "--json", **options)
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)["changes"]
    return found


def edits(found: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    """The changes of sentences: page, kind, before, after."""
    return [
        (page["page"], change["kind"], *((change[side] or {}).get("text") for side in ("before", "after")))
        for page in found["pages"]
        for player in page["players"]
        for change in player["changes"]
    ]


def test_the_price_that_may_fail_is_that_of_the_changes(site: Site) -> None:
    commit_and_change(site)
    site.write({"old.md": PAGE.format(OTHER * 3)})  # missing, too
    commit(site.root)
    site.write({"index.md": PAGE.format(f"{NEW} {OTHER} And more.")})
    price = changes(site)["price_usd"]
    assert 0 < price < json.loads(run(site, "plan", "--json").stdout)["price_usd"]
    assert run(site, "plan", "--since", "HEAD", "--fail-above", str(price)).exit_code == 0
    result = run(site, "plan", "--since", "HEAD", "--fail-above", str(price / 2))
    assert (result.exit_code, "--fail-above" in result.stderr) == (1, True)


CHANGED = [("index.md", "changed", OLD, NEW)]


def test_a_change_that_is_not_committed_yet(written: Site, service: Service) -> None:
    found = changes(written)
    assert edits(found) == CHANGED
    assert (found["since"], found["commit"], found["note"]) == (
        "HEAD",
        git(written.root, "rev-parse", "HEAD").strip(),
        None,
    )
    assert (found["missing"], found["characters"]) == (1, len(NEW))
    assert service.requests == []


def test_warnings_of_then_take_no_annotation_from_those_of_now(
    written: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("'fast' is not a number")
    written.write({"other.md": ":::speak speed=fast\nNobody reads this.\n:::\n"})
    commit(written.root)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))

    said = run(written, "plan", "--since", "HEAD").stderr

    assert len([line for line in said.splitlines() if line.startswith("::warning file=")]) == 1
    assert len((tmp_path / "mkdocs-lightning-annotations").read_text(encoding="utf-8").splitlines()) == 1


def test_the_cache_is_that_of_now(written: Site) -> None:
    written.options |= {"sample_rate": 8000, "output_format": "wav"}
    written.write_config()
    commit(written.root)
    written.write({"index.md": PAGE.format(f"{NEW} {OTHER} This one is new, and nobody has heard it so far.")})
    written.build()
    assert [changes(written)[figure] for figure in ("added", "missing", "characters", "price_usd")] == [1, 0, 0, 0]


def test_what_an_old_clip_no_longer_serves_is_a_cost_of_the_changes(site: Site) -> None:
    """A build with a remote cache fetches only clips: with a sentence edited, the others are missing, too."""
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    commit_and_change(site)
    site.write({"index.md": PAGE.format(f"{OLD} {OTHER}")})
    site.build()
    shutil.rmtree(site.root / ".cache/plugin/lightning/segments")
    assert run(site, "check").exit_code == 0
    site.write({"index.md": PAGE.format(f"{NEW} {OTHER}")})
    found = changes(site)
    assert (found["changed"], found["missing"], found["characters"]) == (1, 2, len(NEW + OTHER))
    price = json.loads(run(site, "plan", "--json").stdout)["price_usd"]
    assert found["price_usd"] == price > 0
    assert run(site, "plan", "--since", "HEAD", "--fail-above", str(price * 0.9)).exit_code == 1
    site.write({"index.md": PAGE.format(f"{OLD} {OTHER}")})
    told = run(site, "plan", "--since", "HEAD", loudness=-20).stdout
    assert "nothing that is heard has changed." in told
    assert f"Missing because of these changes: 2 sentences, {len(OLD + OTHER)} characters" in told


def test_a_branch_is_compared_from_where_it_began(written: Site) -> None:
    """As a pull request is: what others did on main meanwhile is no change of this branch."""
    git(written.root, "checkout", "-b", "topic")
    commit(written.root)
    git(written.root, "checkout", "main")
    written.write({"theirs.md": PAGE.format("This page came to main when the branch had begun.")})
    commit(written.root)
    git(written.root, "checkout", "topic")
    assert edits(changes(written, "main")) == CHANGED
    assert edits(changes(written, "HEAD~1")) == CHANGED
    assert edits(changes(written, git(written.root, "rev-parse", "--short", "HEAD~1").strip())) == CHANGED


def test_nothing_of_the_repository_changes_and_nothing_is_left_behind(
    written: Site, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    hooks = written.root / ".git/hooks"
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (hooks / name).write_text("#!/bin/sh\ntouch hook-has-run\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    git(written.root, "add", "docs")
    written.write({"index.md": PAGE.format(f"{NEW} {OTHER} A third state is only in the work tree.")})
    written.write_config()
    before = contents(written.root)
    result = run(written, "plan", "--since", "HEAD")
    written_config = str(written.root / "mkdocs.yml").removeprefix(f"{written.root}/")
    assert result.exit_code == 0
    assert {n: c for n, c in contents(written.root).items() if n != written_config} == {
        n: c for n, c in before.items() if n != written_config
    }
    assert list(temporary.iterdir()) == []
    assert len(git(written.root, "worktree", "list").splitlines()) == 1


def test_ctrl_c_leaves_nothing_behind(written: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    reached = temporary.parent / f"{temporary.name}-reached"
    (written.root / "hook.py").write_text(
        "import pathlib, threading\ndef on_files(files, config):\n"
        f"    pathlib.Path({str(reached)!r}).open('a').write('x')\n    threading.Event().wait()\n",
        encoding="utf-8",
    )
    written.config = {"hooks": ["hook.py"]}
    config = written.write_config()
    commit(written.root)
    before = contents(written.root)
    process = subprocess.Popen(
        [Path(sys.executable).with_name("mkdocs-lightning"), "-f", config, "plan", "--since", "HEAD"],
        env={**os.environ, "TMPDIR": str(temporary)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: reached.exists() and len(reached.read_text(encoding="utf-8")) == 2, "both readings to begin")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=20) != 0
    assert list(temporary.iterdir()) == []
    assert {n for n in contents(written.root) if "__pycache__" not in n} == {
        n for n in before if "__pycache__" not in n
    }


class TestWhatIsReadWithTheSite:
    """All of it as it was then, and not as it is now."""

    def test_the_lexicon_snippets_and_hooks(self, written: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(written.root)
        hook = (
            "from words_of_the_hook import WORD\n"
            "def on_page_markdown(markdown, **_):\n"
            "    return markdown.replace('HOOK', WORD)\n"
        )
        (written.root / "hook.py").write_text(hook, encoding="utf-8")
        written.config = {"hooks": ["hook.py"], "markdown_extensions": ["pymdownx.snippets"]}
        written.options["lexicon"] = "lexicon.yml"
        written.write({"index.md": ':::speak\nA sentence with a HOOK and SQL and more.\n\n--8<-- "part.md"\n:::\n'})

        def write(version: str) -> None:
            (written.root / "words_of_the_hook.py").write_text(
                f"WORD = 'hook of the {version} state'\n", encoding="utf-8"
            )
            (written.root / "lexicon.yml").write_text(f"en: {{SQL: sequel {version}}}\n", encoding="utf-8")
            (written.root / "part.md").write_text(f"This part is that of the {version} state.\n", encoding="utf-8")

        write("first")
        written.write_config()
        commit(written.root)
        write("second")

        def texts(version: str) -> list[str]:
            sql = f"A sentence with a hook of the {version} state and sequel {version} and more."
            return [sql, f"This part is that of the {version} state."]

        expected = zip(texts("first"), texts("second"), strict=True)
        assert edits(changes(written)) == [("index.md", "changed", before, after) for before, after in expected]

    def test_another_voice_in_the_configuration(self, written: Site) -> None:
        found = changes(written, voice_id="sophie")
        assert [kind for _, kind, *_ in edits(found)] == ["changed", "revoiced"]
        (player,) = found["pages"][0]["players"]
        voices = [
            [change[side]["settings"]["voice_id"] for side in ("before", "after")] for change in player["changes"]
        ]
        assert voices == [["kaitlyn", "sophie"]] * 2

    def test_modules_of_the_site_with_python_m(self, written: Site) -> None:
        """Python then finds modules in the current directory, such as a Markdown extension of the site's own."""
        extension = (
            "from markdown import Extension\nfrom markdown.preprocessors import Preprocessor\n"
            "class Words(Preprocessor):\n    def run(self, lines):\n"
            "        return [line.replace('WORD', '{}') for line in lines]\n"
            "class Own(Extension):\n    def extendMarkdown(self, md):\n"
            "        md.preprocessors.register(Words(md), 'words', 200)\n"
            "def makeExtension(**options):\n    return Own(**options)\n"
        )
        written.config = {"markdown_extensions": ["extension_of_the_site"]}
        written.write({"index.md": PAGE.format("The extension of this site has put in the WORD.")})
        config = written.write_config()
        (written.root / "extension_of_the_site.py").write_text(extension.format("first word"), encoding="utf-8")
        commit(written.root)
        (written.root / "extension_of_the_site.py").write_text(extension.format("other word"), encoding="utf-8")
        command = [sys.executable, "-m", "mkdocs_lightning", "-f", config, "plan", "--since", "HEAD", "--json"]
        ended = subprocess.run(command, cwd=written.root, check=True, capture_output=True, text=True)
        ((_, kind, before, after),) = edits(json.loads(ended.stdout)["changes"])
        assert (kind, before, after) == (
            "changed",
            "The extension of this site has put in the first word.",
            "The extension of this site has put in the other word.",
        )

    def test_a_committed_cache_is_not_copied(self, written: Site, tmp_path: Path) -> None:
        for name in (".cache/plugin/lightning/a.flac", ".cache/other", "website/.cache/plugin/lightning/b.flac"):
            (written.root / name).parent.mkdir(parents=True, exist_ok=True)
            (written.root / name).write_bytes(b"x")
        (written.root / ".gitignore").unlink()
        commit(written.root)
        tree = check_out(find_revision(find_repository(written.root), "HEAD"), tmp_path / "elsewhere")
        files = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
        assert files == {".cache/other", "docs/index.md", "mkdocs.yml", ".git"}

    def test_a_site_in_several_languages(self, written: Site) -> None:
        written.config = {"plugins": [three_languages(), "lightning"]}
        written.write({"index.de.md": PAGE.format("Das ist der erste Satz auf der deutschen Seite.")})
        written.write_config()
        commit(written.root)
        written.write({"index.de.md": PAGE.format("Das war der erste Satz auf der deutschen Seite.")})
        found = changes(written)
        assert [(page["page"], page["locale"], page["state"]) for page in found["pages"]] == [
            ("index.de.md", "de", "changed")
        ]

    def test_a_plugin_that_asks_git(self, written: Site) -> None:
        hook = (
            "import subprocess, pathlib\ndef on_page_markdown(markdown, config, **_):\n"
            "    root = pathlib.Path(config.config_file_path).parent\n"
            "    head = subprocess.run(['git', 'log', '-1', '--format=%s', '--', 'docs/index.md'], cwd=root,\n"
            "                          capture_output=True, text=True, check=True).stdout\n"
            "    return markdown.replace('HEAD', head.strip())\n"
        )
        (written.root / "hook.py").write_text(hook, encoding="utf-8")
        written.config = {"hooks": ["hook.py"]}
        written.write_config()
        written.write({"index.md": PAGE.format("The last change of this page is said to be HEAD.")})
        commit(written.root, "the early one")
        written.write({"index.md": PAGE.format("The last change of this page is said to be HEAD now.")})
        commit(written.root, "the late one")
        ((_, _, before, after),) = edits(changes(written, "HEAD~1"))
        assert (before, after) == (
            "The last change of this page is said to be the early one.",
            "The last change of this page is said to be the late one now.",
        )

    def test_a_submodule(self, written: Site, tmp_path: Path) -> None:
        library = tmp_path / "library"
        library.mkdir()
        (library / "part.md").write_text(PAGE.format(OLD), encoding="utf-8")
        commit(library)
        git(written.root, "submodule", "add", str(library), "docs/part")
        commit(written.root)
        (written.root / "docs/part/part.md").write_text(PAGE.format(NEW), encoding="utf-8")
        commit(written.root / "docs/part")
        commit(written.root)
        assert edits(changes(written, "HEAD~1")) == [("part/part.md", "changed", OLD, NEW)]


class TestWhereTheSiteIs:
    """The configuration and the repository may be anywhere."""

    def test_in_a_folder_of_the_repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        site = Site(tmp_path / "project/website", {})
        site.write({"index.md": PAGE.format(OLD)})
        site.write_config()
        commit(tmp_path / "project")
        site.write({"index.md": PAGE.format(NEW)})
        for directory in (tmp_path, tmp_path / "project", tmp_path / "project/website/docs"):
            monkeypatch.chdir(directory)
            assert edits(changes(site)) == CHANGED

    def test_in_a_work_tree_of_its_own(self, written: Site, tmp_path: Path) -> None:
        git(written.root, "worktree", "add", str(tmp_path / "other"))
        other = Site(tmp_path / "other", written.options)
        other.write({"index.md": PAGE.format(f"{NEW} {OTHER}")})
        assert edits(changes(other)) == CHANGED

    def test_within_a_hook_of_git(self, written: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_DIR", ".git")
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
        monkeypatch.setenv("GIT_WORK_TREE", ".")
        assert edits(changes(written)) == CHANGED

    def test_in_a_sparse_checkout(self, written: Site) -> None:
        git(written.root, "sparse-checkout", "set", "docs")
        assert edits(changes(written)) == CHANGED


class TestThereWasNoSite:
    """Then all is added, and the reason is told."""

    @pytest.fixture
    def new(self, written: Site) -> Site:
        return written

    def check(self, site: Site, note: str) -> None:
        found = changes(site)
        assert (found["note"], found["added"]) == (note, 2)
        assert [page["state"] for page in found["pages"]] == ["new"]
        printed = run(site, "plan", "--since", "HEAD").stdout
        assert note[1:] in printed.splitlines()[0]

    def test_no_configuration(self, new: Site) -> None:
        (new.root / "mkdocs.yml").unlink()
        commit(new.root)
        self.check(new, "there was no mkdocs.yml then")

    def test_no_docs_directory(self, new: Site) -> None:
        shutil.move(new.root / "docs", new.root / "pages")
        new.config = {"docs_dir": "docs"}
        new.write_config()
        commit(new.root)
        shutil.move(new.root / "pages", new.root / "docs")
        self.check(new, "there was no directory 'docs' then")

    def test_no_plugin(self, new: Site) -> None:
        (new.root / "mkdocs.yml").write_text("site_name: Test\ntheme: {name: mkdocs}\n", encoding="utf-8")
        commit(new.root)
        self.check(new, "the plugin 'lightning' was not in use then")


def test_a_wrong_option_of_then_is_told(written: Site) -> None:
    path = written.root / "mkdocs.yml"
    now = path.read_text(encoding="utf-8")
    config = yaml.safe_load(now)
    next(entry for entry in config["plugins"] if "lightning" in entry)["lightning"]["max_characters"] = "many"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    commit(written.root)
    path.write_text(now, encoding="utf-8")
    result = run(written, "plan", "--since", "HEAD")
    assert result.exit_code == 0
    assert "cannot be read, so the changes are not known: " in result.stderr
    assert "max_characters" in result.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_site_that_can_no_longer_be_read(written: Site, form: str) -> None:
    """Its plan is shown all the same: a pull request that removes a plugin is not to blame for what was there."""
    config = yaml.safe_load((written.root / "mkdocs.yml").read_text(encoding="utf-8"))
    broken = {**config, "plugins": [*config["plugins"], "no-such-plugin"]}
    (written.root / "mkdocs.yml").write_text(yaml.safe_dump(broken), encoding="utf-8")
    commit(written.root)
    result = run(written, "plan", "--since", "HEAD", "--format", form)
    assert result.exit_code == 0
    assert "cannot be read, so the changes are not known: " in result.stderr
    assert 'The "no-such-plugin" plugin is not installed' in result.stderr
    if form == "json":
        found = json.loads(result.stdout)
        assert (found["missing"], found["changes"]["is_known"]) == (2, False)
    else:
        assert "Missing" in result.stdout


class TestRevisionsThatCannotBeUsed:
    """The command ends with 2 before the site is read, and says what to do."""

    def refused(self, site: Site, since: str = "main") -> str:
        result = run(site, "plan", "--since", since)
        assert (result.exit_code, result.stdout) == (2, "")
        return result.stderr

    @pytest.mark.parametrize("name", ["no-such", "--upload-pack=x", "HEAD:docs", "main..HEAD"])
    def test_no_such_revision(self, written: Site, name: str) -> None:
        assert f"there is no revision '{name}'" in self.refused(written, name)

    def test_an_empty_variable(self, written: Site) -> None:
        told = "mkdocs-lightning: --since is empty; is the variable that it comes from set?\n"
        assert self.refused(written, "") == told

    def test_a_branch_that_was_not_cloned(self, written: Site, tmp_path: Path) -> None:
        """The one that was is like it, but at the commit that is checked out: no change would pass."""
        git(written.root, "branch", "maik")
        git(tmp_path, "clone", "--depth=1", "--branch=maik", f"file://{written.root}", "copy")
        copy = Site(tmp_path / "copy", {})
        fetch = "'git fetch origin main:refs/remotes/origin/main'"
        told = self.refused(copy, "origin/main")
        assert "there is no revision 'origin/main'; this clone is shallow: set fetch-depth: 0 of " in told
        assert told.endswith(f"'git fetch --unshallow', and {fetch}\n")
        git(copy.root, "fetch", "--unshallow")
        assert self.refused(copy, "origin/main").endswith(f"there is no revision 'origin/main'; run {fetch}\n")
        git(copy.root, "fetch", "origin", "main:refs/remotes/origin/main")
        assert run(copy, "plan", "--since", "origin/main").exit_code == 0

    def test_a_branch_of_another_name(self, written: Site) -> None:
        git(written.root, "branch", "-M", "master")
        assert self.refused(written, "trunk").endswith("there is no revision 'trunk'; this clone has master\n")
        for number in range(9):
            git(written.root, "branch", f"b{number}")
        assert self.refused(written, "trunk").endswith("; this clone has b0, b1, b2, b3, b4, …\n")

    def test_a_branch_that_only_the_remote_has(self, written: Site, tmp_path: Path) -> None:
        git(written.root, "branch", "trunk")
        git(tmp_path, "clone", str(written.root), "copy")
        copy = Site(tmp_path / "copy", {})
        assert "there is no revision 'trunk' (did you mean 'origin/trunk'?)" in self.refused(copy, "trunk")

    def test_a_shallow_clone(self, written: Site, tmp_path: Path) -> None:
        git(written.root, "branch", "old")
        commit(written.root)
        git(tmp_path, "clone", "--depth=1", "--no-single-branch", f"file://{written.root}", "copy")
        copy = Site(tmp_path / "copy", {})
        told = self.refused(copy, "HEAD~1")
        assert "there is no revision 'HEAD~1'; this clone is shallow: set fetch-depth: 2 of actions/checkout" in told
        assert "; this clone is shallow: set fetch-depth: 2 of actions/checkout" in self.refused(copy, "HEAD^1")
        assert "; this clone is shallow: set fetch-depth: 0 of actions/checkout" in self.refused(copy, "HEAD~2")
        assert "no commit in common; this clone is shallow: " in self.refused(copy, "origin/old")
        near = self.refused(copy, "origin/olt")
        assert "there is no revision 'origin/olt' (did you mean 'origin/old'?); this clone is shallow: " in near

    def test_no_commit(self, site: Site) -> None:
        site.write({"index.md": PAGE.format(OLD)})
        git(site.root, "init")
        assert "this repository has no commit yet" in self.refused(site, "HEAD")

    def test_no_repository(self, site: Site) -> None:
        site.write({"index.md": PAGE.format(OLD)})
        assert "is not in a git repository" in self.refused(site)

    def test_no_git(self, written: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert "--since needs git, which is not installed" in self.refused(written)

    def test_no_common_history(self, written: Site) -> None:
        git(written.root, "checkout", "--orphan", "other")
        commit(written.root)
        assert "'main' and HEAD have no commit in common" in self.refused(written)


def test_every_key_of_the_changes_is_in_the_reference(written: Site) -> None:
    reference = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    rows = (
        reference.partition("### What has changed, with --since")[2]
        .partition("\n## ")[0]
        .partition("| key | meaning |")[2]
    )
    found = changes(written)
    page = found["pages"][0]
    player = page["players"][0]
    for part in (found, page, player, player["changes"][0]):
        assert [name for name in part if f"`{name}`" not in rows] == []
