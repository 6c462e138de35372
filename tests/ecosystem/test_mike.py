"""Several versions of a site in one branch, by mike: they share their sound, and looking after them asks nobody."""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.ecosystem.environment import HERE, Environment, make_environment
from tests.support.fences import fences
from tests.support.git import git
from tests.support.service import Failure, Service
from tests.support.sites import KEY, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = {
    "index.md": "# Home\n\n:::speak\nThis sentence stays as it is in all of the versions.\n:::\n",
    "guide/index.md": "# Guide\n\n:::speak\nThis is how the first version works.\n:::\n",
}
SECOND = {"guide/index.md": "# Guide\n\n:::speak\nThe second version works in another way.\n:::\n"}
SENTENCES = ["This is how the first version works.", "This sentence stays as it is in all of the versions."]
NEW = "The second version works in another way."


@dataclass(frozen=True)
class Repository:
    """A git repository with a site, and with the versions of it on the branch gh-pages; it has no remote."""

    site: Site
    environment: Environment

    def run(self, *command: str, key: str = "") -> str:
        """What a command prints that goes well."""
        variables = {"GIT_CONFIG_NOSYSTEM": "1"} | ({"SMALLEST_API_KEY": key} if key else {})
        ran = self.environment.run(*command, cwd=self.site.root, variables=variables)
        assert ran.returncode == 0, ran.stderr
        assert key or not ran.stderr, ran.stderr
        return ran.stdout

    @property
    def files(self) -> dict[str, str]:
        """What is on the branch: the id of each file's content, by the file's path."""
        listed = self.run("git", "ls-tree", "-r", "gh-pages").splitlines()
        return {path: about.split()[2] for about, path in (line.split("\t") for line in listed)}

    def clips(self, page: str) -> list[str]:
        """The paths that the players of a page on the branch point to."""
        sources = re.findall(r'<audio [^>]*\bsrc="([^"]+)"', self.run("git", "show", f"gh-pages:{page}"))
        return [posixpath.normpath(posixpath.join(posixpath.dirname(page), source)) for source in sources]


@dataclass(frozen=True)
class Deployed:
    """Two versions, and what the service was asked for by each."""

    repository: Repository
    first: list[str]
    second: list[str]


@pytest.fixture(scope="module", params=["mkdocs", "properdocs"])
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """By the program that mike has build them: ProperDocs, where that is installed."""
    alone = make_environment(tmp_path_factory.mktemp("env"), without=("properdocs",))
    with Service() as service:
        site = Site(
            tmp_path_factory.mktemp("site"),
            {"base_url": service.url, "retries": 1},
            {"theme": {"name": "material", "font": False}, "site_url": "https://example.org/"},
        )
        repository = Repository(site, alone if request.param == "mkdocs" else HERE)
        for command in ("init -q -b main", "config user.name Somebody", "config user.email somebody@example.org"):
            repository.run("git", *command.split())
        site.write_config()
        sent = []
        for version, pages in {"1.0": FIRST, "2.0": SECOND}.items():
            site.write(pages)
            repository.run("git", "add", "docs")
            repository.run("git", "commit", "-q", "-m", f"Version {version}")
            repository.run("mike", "deploy", "--update-aliases", version, "latest", key=KEY)
            sent.append(service.spoken)
            service.clear()
        yield Deployed(repository, *sent)


@pytest.fixture
def repository(deployed: Deployed, tmp_path: Path) -> Repository:
    """A copy of it, to be changed."""
    root = shutil.copytree(deployed.repository.site.root, tmp_path / "copy")
    return replace(deployed.repository, site=replace(deployed.repository.site, root=root))


def test_a_version_pays_for_its_own_sentences_alone(deployed: Deployed) -> None:
    assert sorted(deployed.first) == SENTENCES
    assert deployed.second == [NEW]


def test_versions_share_their_sound_in_the_branch(deployed: Deployed) -> None:
    files = deployed.repository.files
    sound = {path: content for path, content in files.items() if path.endswith(".mp3")}
    of_first, of_second = ({path[4:] for path in sound if path.startswith(version)} for version in ("1.0/", "2.0/"))
    (shared,) = of_first & of_second
    assert sound[f"1.0/{shared}"] == sound[f"2.0/{shared}"]
    assert (len(of_first), len(of_second), len(sound), len(set(sound.values()))) == (2, 2, 4, 3)
    for asset in ("player.js", "player.css"):
        assert files[f"1.0/assets/lightning/{asset}"] == files[f"2.0/assets/lightning/{asset}"]
    assert "latest" in files  # a link to a version, and no copy


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_page_plays_the_clips_of_its_own_version(deployed: Deployed, version: str) -> None:
    for page in ("index.html", "guide/index.html"):
        (clip,) = deployed.repository.clips(f"{version}/{page}")
        assert clip.startswith(f"{version}/assets/lightning/")
        assert clip in deployed.repository.files


def test_looking_after_versions_needs_no_key_and_no_network(repository: Repository) -> None:
    shutil.rmtree(repository.site.root / ".cache")
    with Service() as nobody:
        repository.site.write_config(base_url=nobody.url, remote_cache=f"{nobody.url}/cache")
        assert repository.run("mike", "list") == "2.0 [latest]\n1.0\n"
        repository.run("mike", "alias", "1.0", "stable")
        repository.run("mike", "retitle", "1.0", "The first")
        repository.run("mike", "set-default", "latest")
        assert repository.run("mike", "list") == '2.0 [latest]\n"The first" (1.0) [stable]\n'
        repository.run("mike", "delete", "1.0")
        assert repository.run("mike", "list") == "2.0 [latest]\n"
        assert nobody.connections == 0
    assert not (repository.site.root / ".cache").exists()
    assert not any(path.startswith(("1.0/", "stable")) for path in repository.files)
    assert len([path for path in repository.files if path.endswith(".mp3")]) == 2


def test_a_version_that_is_not_built_any_more_keeps_its_sentences(repository: Repository) -> None:
    used = [line for line in repository.run("mkdocs-lightning", "cache", "stats").splitlines() if "used by" in line]
    assert [re.findall(r" (\d\.0) ", line) for line in used] == [["1.0"], ["2.0"]]
    assert "0 files would be removed" in repository.run(
        "mkdocs-lightning", "cache", "prune", "--days", "0", "--dry-run"
    )


def test_a_clone_of_a_committed_cache_does_not_know_what_other_versions_use(repository: Repository) -> None:
    """Since the recipe has git ignore the records; a file that was checked out is as new as its clone."""
    shutil.rmtree(repository.site.root / ".cache/plugin/lightning/usage")
    assert "2 files would be removed" in repository.run(
        "mkdocs-lightning", "cache", "prune", "--days", "0", "--dry-run"
    )


def publish(repository: Repository, origin: Path, scripts: list[str]) -> list[str]:
    """Run the steps of a job that has the key, up to one that fails; the versions that are published then."""
    variables = {"SMALLEST_API_KEY": KEY, "VERSION": "3.0", "GIT_CONFIG_NOSYSTEM": "1"}
    for script in scripts:
        if repository.environment.run("bash", "-ec", script, cwd=repository.site.root, variables=variables).returncode:
            break
    return git(origin, "ls-tree", "--name-only", "gh-pages").split()


@pytest.mark.skipif(sys.platform == "win32", reason="the recipe is for Linux, and has its bash")
@pytest.mark.parametrize("on_error", ["warn", "fail"])
def test_ci_publishes_no_version_without_its_sound(repository: Repository, tmp_path: Path, on_error: str) -> None:
    """By the steps of the page, or by mike alone with `on_error: fail`; the key is wrong at first."""
    origin = tmp_path / "origin.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository.site.root), str(origin))
    repository.run("git", "remote", "add", "origin", str(origin))
    repository.run("git", "branch", "-D", "gh-pages")  # a checkout in CI has no other branch
    (recipe,) = (yaml.safe_load(each.code) for each in fences("how-to/versions.md") if "steps:" in each.code)
    scripts = [step["run"] for step in recipe["steps"]]
    repository.site.write({"guide/index.md": ":::speak\nThe third version works as nobody expects.\n:::\n"})
    before = git(origin, "rev-parse", "gh-pages")
    with Service() as service:
        repository.site.write_config(base_url=service.url, on_error=on_error)
        service.faults = lambda _number, _body: Failure(401)

        assert "3.0" not in publish(repository, origin, scripts[on_error == "fail" :])
        assert git(origin, "rev-parse", "gh-pages") == before

        service.faults = lambda _number, _body: None
        assert "3.0" in publish(repository, origin, scripts[on_error == "fail" :])
        assert service.spoken == ["The third version works as nobody expects."]
    assert git(origin, "show", "gh-pages:3.0/guide/index.html").count("<audio ") == 1
    assert git(origin, "show", "gh-pages:latest") == "3.0"  # a link to it
