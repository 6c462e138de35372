"""The recipes for a cache that is committed, with git itself."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.fences import Fence, samples
from tests.support.git import commit, git, merge_pull_request
from tests.support.hosts import CACHE, RECIPES, GitHub, Outcome, children, read_recipe
from tests.support.sites import KEY, Site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the recipes are for Linux, and have its bash")

WORKFLOW = "github-committed-cache.yml"
OLD = "This is the sentence that the page has to say."
NEW = "And now the page says something new."
AUTHOR = {f"GIT_{role}_{what}": f"{what}@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def page(sentence: str) -> str:
    return f":::speak\n{sentence}\n:::\n"


@pytest.fixture
def site(tmp_path: Path, service: Service) -> Site:
    """One whose files the recipe makes git ignore, and that has a key in its environment for no command."""
    site = Site(tmp_path / "checkout", {"base_url": service.url, "retries": 1})
    site.write({"index.md": page(OLD)})
    site.write_config()
    for name in ("gitattributes", "gitignore"):
        (site.root / f".{name}").write_text((RECIPES / name).read_text(encoding="utf-8"), encoding="utf-8")
    return site


@pytest.fixture
def github(site: Site, tmp_path: Path) -> GitHub:
    (tmp_path / "shelf").mkdir()
    return GitHub(site.root, tmp_path / "shelf")


def run_here(github: GitHub, script: str) -> str:
    """What a script says that a maintainer runs, who has the key."""
    outcome = Outcome()
    assert github.bash(outcome, script, "-e", {"SMALLEST_API_KEY": KEY, **AUTHOR}), outcome.said
    return outcome.said


def sample(start: str) -> Fence:
    """A script of the page on CI, by its beginning."""
    (found,) = (each for each in samples("bash") if each.page == "how-to/ci.md" and each.code.startswith(start))
    return found


def test_git_lfs_has_the_audio_and_git_the_records(site: Site) -> None:
    (fence,) = (each for each in samples("gitattributes") if "filter=lfs" in each.code)
    assert (RECIPES / "gitattributes").read_text(encoding="utf-8").splitlines()[-1] == fence.code.splitlines()[0]
    (site.root / ".gitattributes").write_text(fence.code, encoding="utf-8")
    site.build(strict=True, api_key=KEY)
    git(site.root, "init")
    files = [path for kind in ("segments", "clips") for path in (site.root / CACHE / kind).rglob("*.*")]

    marks = {}
    for path in files:
        listed = git(site.root, "check-attr", "filter", "text", "linguist-generated", "--", str(path)).splitlines()
        marks[path.suffix] = [line.rsplit(": ", 1)[1] for line in listed]

    audio, record = ["lfs", "unset", "set"], ["unspecified", "unset", "set"]
    assert marks == {".flac": audio, ".mp3": audio, ".json": record}


@pytest.mark.slow
@pytest.mark.parametrize(("event", "is_fork", "fails"), [
    ("push", False, True), ("pull_request", False, True), ("pull_request", True, False),
])  # fmt: skip
def test_audio_must_be_complete_but_for_forks(github: GitHub, event: str, *, is_fork: bool, fails: bool) -> None:
    run_here(github, "git init --quiet && git add . && git commit --quiet --message Start")
    built = github.run_recipe(WORKFLOW, event, {}, is_fork=is_fork)

    assert built.failed == fails, built.said
    assert "1 sentence missing" in built.said
    assert "::notice file=docs/index.md,line=1" in built.said or "::warning file=docs/index.md,line=1" in built.said


@pytest.mark.slow
@pytest.mark.parametrize(("job", "source", "fails"), [
    ("pages", "", True), ("merge-request", "1", True), ("merge-request", "2", False),
])  # fmt: skip
def test_on_gitlab_audio_must_be_complete_but_for_forks(github: GitHub, job: str, source: str, *, fails: bool) -> None:
    script = children(read_recipe("gitlab-committed-cache.yml"), job)["script"]
    assert isinstance(script, list)
    ids = {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source, "CI_MERGE_REQUEST_PROJECT_ID": "1"}
    outcome = Outcome()

    assert github.bash(outcome, "\n".join(script), "-eo pipefail", ids if source else {}) != fails, outcome.said
    assert "1 sentence missing" in outcome.said


@pytest.mark.slow
def test_the_cache_of_github_is_committed_without_being_paid_for_again(
    github: GitHub, service: Service, tmp_path: Path
) -> None:
    run_here(github, "git init --quiet --initial-branch=main && git add . && git commit --quiet --message Start")
    git(tmp_path, "clone", "--quiet", "--bare", str(github.checkout), "origin.git")
    git(github.checkout, "remote", "add", "origin", str(tmp_path / "origin.git"))
    for sentence in (OLD, NEW):
        (github.checkout / "docs/index.md").write_text(page(sentence), encoding="utf-8")
        assert not github.run("push", {"SMALLEST_API_KEY": KEY}).failed
    shutil.rmtree(github.checkout / ".cache")
    commit(github.checkout)
    service.clear()

    moved = github.run_recipe("github-commit-cache.yml", "workflow_dispatch", {})

    assert not moved.failed, moved.said
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch=committed-cache", "origin.git", str(clone))
    assert len(list((clone / CACHE / "segments").rglob("*.flac"))) == 1, "what nothing uses is left behind"
    assert "Nothing missing: 1 sentence cached." in run_here(GitHub(clone, tmp_path), "mkdocs-lightning check")
    assert service.requests == []


@pytest.mark.slow
def test_a_maintainer_adds_the_audio_of_a_pull_request(github: GitHub, service: Service, tmp_path: Path) -> None:
    run_here(github, "git init --quiet --initial-branch=main && mkdocs-lightning synth && git add .")
    commit(github.checkout)
    git(tmp_path, "clone", "--quiet", "--bare", str(github.checkout), "origin.git")
    git(github.checkout, "remote", "add", "origin", str(tmp_path / "origin.git"))
    merge_pull_request(github.checkout, {"docs/index.md": page(NEW)})
    git(github.checkout, "push", "--quiet", "origin", "change:refs/pull/123/head")
    git(github.checkout, "switch", "main")
    service.clear()

    said = run_here(github, sample("git fetch origin pull/123/head").code)

    assert "Missing because of these changes: 1 sentence," in said
    assert service.spoken == [NEW]
    added = git(github.checkout, "show", "--name-only", "--format=", "HEAD").split()
    assert added
    assert all(path.startswith(CACHE) for path in added)
    assert git(github.checkout, "status", "--porcelain") == ""
    run_here(github, "git switch main && git merge pull-123 && git push origin main")
    assert not github.run_recipe(WORKFLOW, "push", {}).failed
    run_here(github, "git merge-base --is-ancestor change origin/main")
