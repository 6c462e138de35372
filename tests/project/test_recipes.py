"""The recipes of the documentation run as they stand there, but for what only a host can do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.commands import plan, run
from tests.support.fences import samples
from tests.support.git import commit, merge_pull_request
from tests.support.hosts import ACTION, CACHE, RECIPES, GitHub, GitLab, Host, Outcome, children, read_recipe
from tests.support.repository import DOCS
from tests.support.sites import KEY, Site, duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.hosts import Yaml
    from tests.support.service import Service


on_linux = pytest.mark.skipif(sys.platform == "win32", reason="the recipes are for Linux, and have its bash")


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
    commit(site.root, leave_out=".cache/\nsite/\npublic/\n")
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
    assert "total" in (host.shown if isinstance(host, GitHub) else first.said).lower(), (
        "the plan, before anything is sent"
    )
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
    merge_pull_request(host.checkout, {"docs/notes.md": "Nothing is heard here.\n"})

    built = host.run("pull_request", {})

    assert not built.failed, built.said
    assert service.requests == []
    assert players(host) == 2
    logged = re.sub("^::.*", "", built.said, flags=re.MULTILINE)
    assert logged.count("2 sentences missing: there is no API key") == 1
    assert len(re.findall(r"2 sentences missing: (?!there is no)", logged)) == 1
    assert len(host.caches) == 1
    if isinstance(host, GitHub):
        assert len(re.findall(r"^::\w+ file=docs/page\d\.md,line=3,", built.said, re.MULTILINE)) == 2
        assert built.said.count("::warning title=mkdocs-lightning::2 sentences missing: there is no API key") == 1

    strict = Outcome()
    assert not host.bash(strict, "mkdocs build --strict", "-e", {})
    assert "there is no API key" in strict.said


def test_a_pull_request_shows_what_will_be_heard_and_what_it_will_cost(host: GitHub | GitLab, service: Service) -> None:
    host.run("push", {"SMALLEST_API_KEY": KEY})
    service.clear()
    new = "This is what page number one has to say now."
    merge_pull_request(host.checkout, {"docs/page1.md": f"# Page 1\n\n:::speak\n{new}\n:::\n"})

    built = host.run("pull_request", {})

    assert not built.failed, built.said
    assert service.requests == []
    shown = re.sub("<del>.*?</del>|<[^>]+>|&#8203;", "", host.shown)
    assert "1 sentence changed" in shown
    assert new in shown
    assert sentence(2) not in shown
    assert f"| {len(new)} | " in shown


def set_budget(host: Host) -> None:
    """As the page on CI advises: `max_characters` from the environment."""
    config = host.checkout / "mkdocs.yml"
    limit = r"\1max_characters: !ENV [MAX_CHARACTERS, 100]\n\1retries: 1"
    config.write_text(re.sub(r"( +)retries: 1", limit, config.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_limit_keeps_a_lost_cache_from_becoming_a_bill(host: GitHub | GitLab, service: Service) -> None:
    set_budget(host)

    built = host.run("push", {"SMALLEST_API_KEY": KEY})

    assert not built.failed, built.said
    assert service.requests == []
    assert "max_characters is 100" in built.said
    raised = host.run("push", {"SMALLEST_API_KEY": KEY}, budget="1000")
    assert not raised.failed, raised.said
    assert len(service.spoken) == 4


@pytest.mark.slow
@pytest.mark.parametrize("host", [GitHub], indirect=True)
def test_a_cache_that_cannot_be_restored_once_is_not_hidden_by_an_empty_one(host: GitHub, service: Service) -> None:
    """As when the host's cache is down, and the budget is too small for the whole site. GitLab has only one cache."""
    set_budget(host)
    host.run("push", {"SMALLEST_API_KEY": KEY}, budget="1000")
    service.clear()
    kept, host.caches = host.caches, {}
    assert "max_characters is 100" in host.run("push", {"SMALLEST_API_KEY": KEY}, budget="100").said
    host.caches = {**kept, **host.caches}

    again = host.run("push", {"SMALLEST_API_KEY": KEY}, budget="100")

    assert players(host) == 4, again.said
    assert service.requests == []


@on_linux
def test_the_cache_of_docs_in_a_subfolder_is_found_and_one_without_sentences_is_warned_of(
    tmp_path: Path, service: Service
) -> None:
    """The steps that find and name the cache, with the configuration named, as the guide advises, or forgotten."""
    site = Site(tmp_path / "checkout/packages/handbook", {"base_url": service.url})
    site.write({"index.md": "# Home\n"})
    site.write_config()
    (job,) = children(read_recipe("github-pages.yml"), "jobs").values()
    assert isinstance(job, dict)
    find, name = (step["run"] for step in job["steps"] if step.get("id") in {"folder", "now"})
    host = GitHub(tmp_path / "checkout", tmp_path)
    folder = f"packages/handbook/{CACHE}"
    output = tmp_path / "output"

    def said(script: str) -> tuple[bool, str]:
        outcome = Outcome()
        went_well = host.bash(outcome, script, "-e", {"GITHUB_OUTPUT": str(output), "FOLDER": folder})
        return went_well, outcome.said

    assert said(find) == (False, "mkdocs-lightning: Config file 'mkdocs.yml' does not exist.\n")
    assert said(find.replace("cache path", "cache path -f packages/handbook/mkdocs.yml")) == (True, "")
    assert output.read_text(encoding="utf-8") == f"path={folder}\n"
    warned = f"::warning title=mkdocs-lightning::{folder} contains no sentences, so no cache is saved\n"
    assert said(name) == (True, warned)
    (host.checkout / folder / "segments/ab").mkdir(parents=True)
    assert said(name) == (True, warned), "as a build leaves it whose first request failed"
    (host.checkout / folder / "segments/ab/sound.flac").touch()
    assert said(name) == (True, "")
    assert re.fullmatch("path=.*\nkey=lightning-[0-9a-f]{16}\n", output.read_text(encoding="utf-8"))


@on_linux
def test_only_the_build_that_publishes_fails_where_audio_is_missing(tmp_path: Path) -> None:
    """With the configuration of the page on publishing, and no key, as in a pull request."""
    (fence,) = (fence for fence in samples("yaml") if "[ON_ERROR, warn]" in fence.code)
    site = Site(tmp_path, {})
    site.write({"index.md": f":::speak\n{sentence(0)}\n:::\n"})
    (tmp_path / "mkdocs.yml").write_text(f"site_name: Handbook\n{fence.code}", encoding="utf-8")
    host = GitHub(tmp_path, tmp_path)

    for variables, is_built in (({}, True), ({"ON_ERROR": "fail"}, False)):
        outcome = Outcome()
        assert host.bash(outcome, "mkdocs build", "-e", variables) == is_built, outcome.said
        assert "1 sentence missing: there is no API key" in outcome.said


BUDGET_CHECKS = [
    fence for fence in samples("bash") if fence.page == "how-to/ci.md" and re.search("fail-above 0|> 20000", fence.code)
]


@on_linux
@pytest.mark.parametrize(("count", "is_within"), [(370, True), (400, False)])
def test_a_pull_request_fails_on_a_budget_that_is_too_small(tmp_path: Path, count: int, *, is_within: bool) -> None:
    site = Site(tmp_path, {"max_characters": 20_000})
    site.write({"index.md": f":::speak\n{' '.join(map(sentence, range(100, 100 + count)))}\n:::\n"})
    site.write_config()
    host = GitHub(tmp_path, tmp_path)
    outcome = Outcome()
    assert host.bash(outcome, "mkdocs-lightning plan", "-e", {})
    assert ("A build would send nothing: max_characters is 20,000." in outcome.said) != is_within

    assert len(BUDGET_CHECKS) == 2
    assert [host.bash(outcome, fence.code, "-e", {}) for fence in BUDGET_CHECKS] == [is_within] * 2, outcome.said


def key_of(cache: Path, step: Yaml, output: Path) -> str:
    """What a step names a cache."""
    output.write_text("", encoding="utf-8")
    variables = {"FOLDER": str(cache), "CACHE_DIR": str(cache), "PYTHON": sys.executable, "GITHUB_OUTPUT": str(output)}
    outcome = Outcome()
    assert GitHub(cache.parent, cache.parent).bash(outcome, str(step["run"]), "-eo pipefail", variables), outcome.said
    assert not outcome.said
    return output.read_text(encoding="utf-8")


@on_linux
@pytest.mark.parametrize("source", [ACTION, RECIPES / "github-pages.yml"], ids=lambda path: path.stem)
def test_a_cache_is_named_after_its_audio_and_its_records(tmp_path: Path, source: Path) -> None:
    read = yaml.safe_load(source.read_text(encoding="utf-8"))
    steps = read["runs"]["steps"] if source == ACTION else read["jobs"]["pages"]["steps"]
    (step,) = (step for step in steps if step.get("id") == "now")
    cache = tmp_path / "the cache"

    def key_with(name: str, text: str = "") -> str:
        path = cache / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return key_of(cache, step, tmp_path / "output")

    keys = [key_with("segments/ab/ab12.flac", "sound")]
    keys += [key_with(f"{kind}/ab/ab12.json") for kind in ("clips", "words")]
    keys += [key_with("clips/ab/ab12.mp3"), key_with("clips/ab/ab12.mp3", "sound"), key_with("usage/0.json")]
    keys += [key_with("usage/0.json", "what the site uses again")]
    assert len(set(keys)) == len(keys)

    not_audio = ["locks/ab.lock", "locks/ab.holder", "captions/ab/ab12.vtt", "damaged/ab12.flac"]
    for name in [*not_audio, "segments/ab/.ab12.flac.tmp", "notes.txt"]:
        assert key_with(name, "something") == keys[-1], name


@pytest.mark.parametrize("name", sorted(path.name for path in RECIPES.glob("*.yml")))
def test_a_recipe_installs_us_once_and_shows_the_key_to_one_step_alone(name: str) -> None:
    text = (RECIPES / name).read_text(encoding="utf-8")
    jobs = read_recipe(name).get("jobs") or {"pages": {}, "merge-request": {}}
    assert isinstance(jobs, dict)
    assert text.count("python -m pip install mkdocs-lightning mkdocs-material") == len(jobs)
    assert text.count("secrets.") == (1 if name in {"github-pages.yml", "github-action.yml"} else 0)
    page = (DOCS / "how-to/ci.md").read_text(encoding="utf-8")
    assert f'--8<-- "docs/how-to/recipes/{name}"' in page


@pytest.mark.parametrize("earlier", ["", ".cache/\nsite/\n"], ids=["alone", "below that of the tutorial"])
def test_a_committed_cache_is_data_and_leaves_out_what_is_a_machines_own(site: Site, earlier: str) -> None:
    """With git itself: which files are added, and what it makes of them."""
    site.write({"index.md": f":::speak\n{sentence(0)}\n:::\n"})
    site.build(strict=True)
    for name in ("gitattributes", "gitignore"):
        (site.root / f".{name}").write_text(
            (earlier if name == "gitignore" else "") + (RECIPES / name).read_text(encoding="utf-8"), encoding="utf-8"
        )
    (site.root / ".cache/plugin/social").mkdir(parents=True)
    (site.root / ".cache/plugin/social/card.png").touch()

    def git(*arguments: str) -> list[str]:
        ran = subprocess.run(["git", *arguments], cwd=site.root, capture_output=True, text=True, check=True)
        return ran.stdout.splitlines()

    git("init", "--quiet")
    git("add", ".")
    added = [path for path in git("ls-files") if path.startswith(".cache")]
    assert all(path.startswith(CACHE) for path in added), "but no other plugin's cache"
    assert sorted(Path(path).suffix for path in added) == [".flac", ".json", ".mp3"]
    assert not any("/usage/" in path for path in added)
    for path in added:
        marks = {line.split(": ")[1]: line.split(": ")[2] for line in git("check-attr", "--all", path)}
        assert (marks["text"], marks["diff"], marks["merge"]) == ("unset", "unset", "unset")
        assert marks["linguist-generated"] == "set"


def to_pointers(cache: Path, *folders: str) -> dict[Path, bytes]:
    """Leave what a checkout without Git LFS leaves of some folders of a cache; the files as they were."""
    files = {path: path.read_bytes() for folder in folders for path in (cache / folder).rglob("*.*")}
    for path, data in files.items():
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize {len(data)}\n"
        path.write_text(pointer, encoding="utf-8")
    return files


@pytest.mark.parametrize("folders", [("segments", "clips"), ("segments",), ("clips",)], ids=" and ".join)
def test_nothing_is_paid_for_where_git_lfs_has_left_pointers(
    site: Site, service: Service, expect_warning: Callable[[str], None], folders: tuple[str, ...]
) -> None:
    """As the page on CI says: they stay where they are, until `git lfs pull` replaces them."""
    site.write({"index.md": f":::speak\n{sentence(0)} {sentence(1)}\n:::\n"})
    site.build(strict=True)
    service.clear()
    if len(folders) == 1:  # what is committed at all
        for other in {"segments", "clips"}.difference(folders):
            shutil.rmtree(site.root / CACHE / other)
    files = to_pointers(site.root / CACHE, *folders)
    pointers = {path: path.read_bytes() for path in files}
    number = "1 file" if folders == ("clips",) else "2 files"  # of sentences, where there are any
    notice = f"Git LFS has left pointers in place of {number} of the cache: run 'git lfs pull'"

    verified = run(site, "cache", "verify")
    assert verified.exit_code == 1
    assert "moved" not in verified.stdout
    assert "not fetched from Git LFS: run 'git lfs pull'" in verified.stdout
    for command, code in (("plan", 0), ("check", 1), ("synth --shard=1/1", 1)):
        said = run(site, *command.split())
        assert (said.exit_code, said.stderr.count(notice)) == (code, 1), said.output
        assert "Nothing missing" not in said.stdout
        assert "synthesize" not in said.stdout.lower().replace("0 synthesized", "")
    assert plan(site)["characters"] == 0
    expect_warning(notice)
    site.build()

    assert service.requests == []
    assert site.clips("index.html") == []
    assert {path: path.read_bytes() for path in files} == pointers
    for path, data in files.items():
        path.write_bytes(data)
    site.build(strict=True)
    assert len(site.clips("index.html")) == 1
    assert service.requests == []


def test_clips_that_git_lfs_has_not_fetched_are_built_from_sentences_that_are_there(
    site: Site, service: Service
) -> None:
    site.write({"index.md": f":::speak\n{sentence(0)}\n:::\n"})
    site.build(strict=True)
    service.clear()
    to_pointers(site.root / CACHE, "clips")
    assert run(site, "check").exit_code == 0

    site.build(strict=True)

    assert service.requests == []
    (clip,) = site.clips("index.html")
    assert duration(clip) > 2
