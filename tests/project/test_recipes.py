"""The recipes of the documentation run as they stand there, but for what only a host can do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
import yaml
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from tests.support.repository import DOCS
from tests.support.sites import KEY, Site, duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.service import Service


RECIPES = DOCS / "how-to" / "recipes"
CACHE = ".cache/plugin/lightning"
Yaml: TypeAlias = "Mapping[str, object]"


@dataclass
class Outcome:
    """How a job of a recipe ended, and what it said."""

    failed: bool = False
    said: str = ""


@dataclass
class Host:
    """What runs a recipe's scripts for real, one after the other by bash, and keeps caches between two runs.

    Attributes:
        checkout: The directory that the job runs in.
        caches: Directories by key; the newest last.
    """

    checkout: Path
    shelf: Path
    caches: dict[str, Path] = field(default_factory=dict)

    def restore(self, keys: Sequence[str]) -> str:
        """Put a cache into the checkout: the one of a key, else the newest that begins with one; answers its key."""
        shutil.rmtree(self.checkout / CACHE, ignore_errors=True)
        for key in keys:
            found = key if key in self.caches else next((k for k in reversed(self.caches) if k.startswith(key)), None)
            if found:
                shutil.copytree(self.caches[found], self.checkout / CACHE)
                return found
        return ""

    def save(self, key: str) -> None:
        """Keep the checkout's cache under a key, as the newest; no host minds that there is none."""
        if not (self.checkout / CACHE).is_dir():
            return
        self.caches.pop(key, None)
        self.caches[key] = shutil.copytree(self.checkout / CACHE, self.shelf / f"{len(list(self.shelf.glob('*')))}")

    def bash(self, outcome: Outcome, script: str, flags: str, environment: Mapping[str, str]) -> bool:
        """Run a script, its installation left out; whether it went well."""
        script = re.sub(r"^python -m pip install .*$", ":", script, flags=re.MULTILINE)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ran = subprocess.run(
            ["bash", *flags.split(), "-c", script],
            cwd=self.checkout,
            env={"PATH": path, "HOME": str(self.checkout), "NO_MKDOCS_2_WARNING": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outcome.said += ran.stdout
        return ran.returncode == 0


class GitHub(Host):
    """GitHub Actions, as far as the recipes use it."""

    def run(self, event: str, secrets: Mapping[str, str]) -> Outcome:
        recipe = read_recipe("github-pages.yml" if event == "push" else "github-pull-request.yml")
        triggers = recipe[True]  # type: ignore[index] # what YAML 1.1 reads where `on` is written
        assert event in (triggers if isinstance(triggers, dict) else {triggers})
        (job,) = children(recipe, "jobs").values()
        assert isinstance(job, dict)
        outcome = Outcome()
        known = {f"secrets.{name}": secret for name, secret in secrets.items()}
        steps = job["steps"]
        assert isinstance(steps, list)
        for step in steps:
            self._run_step(step, known, outcome)
        return outcome

    def _run_step(self, step: Yaml, known: dict[str, str], outcome: Outcome) -> None:
        if not is_due(str(step.get("if", "")), known, failed=outcome.failed):
            return
        values = {name: expand(str(value), known) for name, value in children(step, "with").items()}
        outputs = {}
        action = str(step.get("uses", ""))
        if action.startswith("actions/cache/"):
            assert values["path"] == CACHE
        if action.startswith("actions/cache/restore@"):
            outputs["cache-matched-key"] = self.restore([values["key"], *values["restore-keys"].split()])
        elif action.startswith("actions/cache/save@"):
            assert values["key"] not in self.caches, "GitHub changes no cache that exists"
            self.save(values["key"])
        elif not action:
            said = self.checkout / ".github-output"
            said.write_text("", encoding="utf-8")
            environment = {name: expand(str(value), known) for name, value in children(step, "env").items()}
            environment |= {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(said)}
            environment |= {"GITHUB_WORKSPACE": str(self.checkout)}
            went_well = self.bash(outcome, str(step["run"]), "-e", environment)
            outcome.failed |= not (went_well or step.get("continue-on-error"))
            outputs = dict(line.split("=", 1) for line in said.read_text(encoding="utf-8").splitlines())
        known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}


class GitLab(Host):
    """GitLab CI, as far as the recipe uses it."""

    def run(self, event: str, secrets: Mapping[str, str]) -> Outcome:
        job = children(read_recipe("gitlab-ci.yml"), "pages" if event == "push" else "merge-request")
        cache, script = children(job, "cache"), job["script"]
        assert isinstance(script, list)
        assert cache["paths"] == [CACHE]
        self.restore([str(cache["key"])])
        outcome = Outcome()
        outcome.failed = not self.bash(outcome, "\n".join(script), "-eo pipefail", secrets)
        if "push" in str(cache["policy"]):
            self.save(str(cache["key"]))
        return outcome


def read_recipe(name: str) -> Yaml:
    """A recipe; that it is YAML is the first thing to see."""
    recipe = yaml.safe_load((RECIPES / name).read_text(encoding="utf-8"))
    assert isinstance(recipe, dict)
    return recipe


def children(node: Yaml, name: str) -> Yaml:
    """A mapping within another; empty where there is none."""
    found = node.get(name, {})
    assert isinstance(found, dict)
    return found


def expand(text: str, known: Mapping[str, str]) -> str:
    """A text with its `${{ … }}`; what is not known is empty, as a secret is for a fork."""
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda found: known.get(found[1], ""), text)


def is_due(condition: str, known: Mapping[str, str], *, failed: bool) -> bool:
    """Whether a step runs; of expressions, the few that the recipes use."""
    parts = [part.strip() for part in condition.split("&&") if part]
    compared = [part.split(" != ") for part in parts if part != "always()"]
    return ("always()" in parts or not failed) and all(known.get(a, "") != known.get(b, "") for a, b in compared)


@pytest.fixture(params=[pytest.param(host, marks=pytest.mark.slow) for host in (GitHub, GitLab)])
def host(request: pytest.FixtureRequest, tmp_path: Path, service: Service) -> GitHub | GitLab:
    """A repository with the recipes, and what runs them."""
    if sys.platform == "win32":
        pytest.skip("the recipes are for Linux, and have its bash")
    site = Site(tmp_path / "checkout", {})
    site.write({f"page{n}.md": f"# Page {n}\n\n:::speak\n{sentence(n)}\n:::\n" for n in range(4)})
    options = {"base_url": service.url, "retries": 1}
    config = {"site_name": "Handbook", "plugins": ["search", {"lightning": options}]}
    (site.root / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (tmp_path / "shelf").mkdir()
    running = request.param(site.root, tmp_path / "shelf")
    assert isinstance(running, GitHub | GitLab)
    return running


def sentence(number: int) -> str:
    return f"This is the sentence that page number {number} has to say."


def players(host: Host) -> int:
    """How many there are in what the last job built."""
    site = next(host.checkout / name for name in ("site", "public") if (host.checkout / name).is_dir())
    return sum(page.read_text(encoding="utf-8").count("<audio ") for page in site.rglob("*.html"))


def test_a_push_speaks_what_is_new_and_keeps_it(host: GitHub | GitLab, service: Service) -> None:
    first = host.run("push", {"SMALLEST_API_KEY": KEY})
    assert not first.failed, first.said
    assert sorted(service.spoken) == [sentence(n) for n in range(4)]
    assert players(host) == 4
    assert "total" in first.said, "the plan is shown before anything is sent"
    assert len(host.caches) == 1

    service.clear()
    assert not host.run("push", {"SMALLEST_API_KEY": KEY}).failed
    assert service.requests == []
    assert len(host.caches) == 1, "what has not changed is not saved again"

    (host.checkout / "docs/page1.md").write_text(":::speak\nAnd now page one says something new.\n:::\n", "utf-8")
    assert not host.run("push", {"SMALLEST_API_KEY": KEY}).failed
    assert service.spoken == ["And now page one says something new."]

    service.clear()
    assert not host.run("push", {"SMALLEST_API_KEY": KEY}).failed
    assert service.requests == [], "the cache was saved again after it grew"


def test_what_was_paid_for_is_kept_when_the_build_fails(host: GitHub | GitLab, service: Service) -> None:
    config = host.checkout / "mkdocs.yml"
    good = config.read_text(encoding="utf-8")
    hook = "import sys\ndef on_post_build(config):\n    sys.exit('lightning' not in sys.argv[0])\n"  # not our plan
    (host.checkout / "hook.py").write_text(hook, encoding="utf-8")
    config.write_text(f"{good}hooks: [hook.py]\n", encoding="utf-8")

    assert host.run("push", {"SMALLEST_API_KEY": KEY}).failed

    assert len(service.spoken) == 4
    config.write_text(good, encoding="utf-8")
    service.clear()
    assert not host.run("push", {"SMALLEST_API_KEY": KEY}).failed
    assert service.requests == []


def test_a_fork_without_the_key_builds_from_half_the_cache(host: GitHub | GitLab, service: Service) -> None:
    host.run("push", {"SMALLEST_API_KEY": KEY})
    (newest,) = host.caches.values()
    for segment in sorted((newest / "segments").rglob("*.flac"))[::2]:
        segment.unlink()
    shutil.rmtree(newest / "clips")
    shutil.rmtree(host.checkout / ("site" if isinstance(host, GitHub) else "public"))
    service.clear()

    built = host.run("pull_request", {})

    assert not built.failed, built.said
    assert service.requests == []
    assert players(host) == 2
    assert built.said.count("2 sentences missing: there is no API key") == 1
    assert len(re.findall(r"2 sentences missing: (?!there is no)", built.said)) == 1
    assert len(host.caches) == 1
    if isinstance(host, GitHub):
        assert len(re.findall(r"^::\w+ file=docs/page\d\.md,line=3,", built.said, re.MULTILINE)) == 2

    strict = Outcome()
    assert not host.bash(strict, "mkdocs build --strict", "-e", {})
    assert "there is no API key" in strict.said


def test_a_limit_keeps_a_lost_cache_from_becoming_a_bill(host: GitHub | GitLab, service: Service) -> None:
    """As the page on CI advises: `max_characters` from the environment."""
    config = host.checkout / "mkdocs.yml"
    limit = r"\1max_characters: !ENV [MAX_CHARACTERS, 100]\n\1retries: 1"
    text = re.sub(r"( +)retries: 1", limit, config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")

    built = host.run("push", {"SMALLEST_API_KEY": KEY})

    assert not built.failed, built.said
    assert service.requests == []
    assert "max_characters is 100" in built.said
    raised = Outcome()
    assert host.bash(raised, "mkdocs build", "-e", {"SMALLEST_API_KEY": KEY, "MAX_CHARACTERS": "1000"}), raised.said
    assert len(service.spoken) == 4


@pytest.mark.parametrize("name", sorted(path.name for path in RECIPES.glob("*.yml")))
def test_a_recipe_installs_us_once_and_shows_the_key_to_one_step_alone(name: str) -> None:
    text = (RECIPES / name).read_text(encoding="utf-8")
    jobs = read_recipe(name).get("jobs") or {"pages": {}, "merge-request": {}}
    assert isinstance(jobs, dict)
    assert text.count("python -m pip install mkdocs-lightning mkdocs-material") == len(jobs)
    assert text.count("secrets.") == (1 if name == "github-pages.yml" else 0)
    page = (DOCS / "how-to/ci.md").read_text(encoding="utf-8")
    assert f'--8<-- "docs/how-to/recipes/{name}"' in page


def test_a_committed_cache_is_data_and_leaves_out_what_is_a_machines_own(site: Site) -> None:
    """With git itself: which files are added, and what it makes of them."""
    site.write({"index.md": f":::speak\n{sentence(0)}\n:::\n"})
    site.build(strict=True)
    for name in ("gitattributes", "gitignore"):
        shutil.copy(RECIPES / name, site.root / f".{name}")

    def git(*arguments: str) -> list[str]:
        ran = subprocess.run(["git", *arguments], cwd=site.root, capture_output=True, text=True, check=True)
        return ran.stdout.splitlines()

    git("init", "--quiet")
    git("add", ".")
    added = [path for path in git("ls-files") if path.startswith(CACHE)]
    assert sorted(Path(path).suffix for path in added) == [".flac", ".json", ".mp3"]
    assert not any("/usage/" in path for path in added)
    for path in added:
        marks = {line.split(": ")[1]: line.split(": ")[2] for line in git("check-attr", "--all", path)}
        assert (marks["text"], marks["diff"], marks["merge"]) == ("unset", "unset", "unset")
        assert marks["linguist-generated"] == "set"


@pytest.mark.parametrize("part", ["segments", "clips"])
def test_a_pointer_of_git_lfs_is_never_served(site: Site, part: str) -> None:
    """As the page on CI warns: it is set aside, and what it stood for is made again."""
    site.write({"index.md": f":::speak\n{sentence(0)}\n:::\n"})
    site.build(strict=True)
    (sound,) = (path for path in (site.root / CACHE / part).rglob("*") if path.suffix in {".flac", ".mp3"})
    sound.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 1\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["-f", str(site.root / "mkdocs.yml"), "cache", "verify"]).exit_code == 1

    site.build(strict=True)

    (clip,) = site.clips("index.html")
    assert duration(clip) > 2
