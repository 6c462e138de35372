"""The action for GitHub: its steps run as GitHub runs them, but for its caches."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from html import unescape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.support.git import commit, git, merge_pull_request
from tests.support.holding import Holding
from tests.support.hosts import ACTION, ACTION_NAME, CACHE, RECIPES, GitHub, Outcome, expand
from tests.support.repository import DOCS, ROOT
from tests.support.service import Failure
from tests.support.sites import KEY, Site
from tests.support.waiting import BUILD_PATIENCE, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.service import Service

READ: dict[str, Any] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
SCHEMAS = {
    "github-actions": [ACTION],
    "github-workflows": [*RECIPES.glob("github-*.yml"), *(ROOT / ".github/workflows").glob("*.yml")],
    "gitlab-ci": [*RECIPES.glob("gitlab-*.yml")],
}
PUSH = {"github.ref": "refs/heads/main", "github.base_ref": ""}
PULL_REQUEST = {"github.ref": "refs/pull/1/merge", "github.base_ref": "main"}


@pytest.mark.parametrize(
    ("schema", "path"),
    [(schema, path) for schema, paths in SCHEMAS.items() for path in paths],
    ids=lambda value: str(value)[-24:],
)
def test_what_hosts_read_is_as_they_want_it(schema: str, path: Path) -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor" / f"{schema}.json"
    wanted = json.loads(vendored.read_text(encoding="utf-8"))
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if True in read:  # what YAML 1.1 reads where `on` is written
        read["on"] = read.pop(True)

    assert [error.message for error in Draft7Validator(wanted).iter_errors(read)] == []


def test_no_script_has_a_value_put_into_it() -> None:
    """A value that is put into a script is run by it; in `env` it is text."""
    for paths in SCHEMAS.values():
        for script in (script for path in paths for script in scripts_in(yaml.safe_load(path.read_text("utf-8")))):
            assert "${{" not in script


def scripts_in(node: object) -> list[str]:
    """The values of all keys `run`."""
    if isinstance(node, list):
        return [script for part in node for script in scripts_in(part)]
    if not isinstance(node, dict):
        return []
    own = [node["run"]] if isinstance(node.get("run"), str) else []
    return own + [script for part in node.values() for script in scripts_in(part)]


def test_other_actions_are_those_of_the_recipes_in_the_same_versions() -> None:
    named = {
        path: set(re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))) for path in SCHEMAS["github-workflows"]
    }
    known = {action for actions in named.values() for action in actions}
    used = {step["uses"] for step in READ["runs"]["steps"] if "uses" in step}
    assert used
    assert used <= known
    assert len({action.partition("@")[0] for action in known}) == len(known), "one version of each"


def test_the_guide_has_each_input_with_its_default() -> None:
    text = (DOCS / "how-to/ci.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([\w-]+)` \| ([^|]+) \| ", text.partition("### With the action")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert [name for name, _ in rows] == list(READ["inputs"])
    for name, written in rows:
        default = READ["inputs"][name]["default"]
        assert written == (f"`{default}`" if default else written)
        assert default or written in {"none", "the base of the pull request", "the plugin's `cache_dir`"}


@pytest.fixture
def github(tmp_path: Path, service: Service) -> GitHub:
    """A repository with a site of two pages, and what runs the action."""
    if sys.platform == "win32":
        pytest.skip("the action's scripts are for bash; Windows' own may be another one")
    site = Site(tmp_path / "checkout", {"base_url": service.url, "retries": 1})
    site.write({"index.md": page(0), "other.md": page(1)})
    site.write_config()
    commit(site.root, leave_out=".cache/\nsite/\n")
    (tmp_path / "shelf").mkdir()
    return GitHub(site.root, tmp_path / "shelf")


def sentence(number: int) -> str:
    return f"This is the sentence that page number {number} has to say."


def page(number: int) -> str:
    return f"# Page {number}\n\n:::speak\n{sentence(number)}\n:::\n"


def run(github: GitHub, inputs: Mapping[str, str], context: Mapping[str, str] = PUSH) -> tuple[Outcome, str]:
    """Run the action; how that went, and its output `complete`."""
    outcome = Outcome()
    return outcome, github.run_action(inputs, outcome, context)["complete"]


@pytest.mark.slow
def test_what_is_not_used_is_removed_before_the_cache_is_saved(github: GitHub) -> None:
    """But not while a block has a mistake, as what it used would be removed, too."""

    def sentences(inputs: Mapping[str, str]) -> int:
        assert not run(github, {"api-key": KEY, **inputs})[0].failed
        return len(list((github.checkout / CACHE / "segments").rglob("*.flac")))

    assert sentences({}) == 2
    (github.checkout / "docs/index.md").write_text(page(2), encoding="utf-8")
    assert sentences({}) == 3
    broken = page(1).replace(":::speak", ":::speak titel=x")
    (github.checkout / "docs/other.md").write_text(broken, encoding="utf-8")
    assert sentences({"prune-days": "0"}) == 3
    (github.checkout / "docs/other.md").write_text(page(1), encoding="utf-8")
    assert sentences({"prune-days": "0"}) == 2
    shutil.rmtree(github.checkout / ".cache")
    assert sentences({"synthesize": "never"}) == 2, "the newest cache is the pruned one"


@pytest.mark.slow
def test_with_the_key_it_synthesizes_once_and_saves_what_is_new(github: GitHub, service: Service) -> None:
    outcome, complete = run(github, {"api-key": KEY})
    assert (outcome.failed, complete) == (False, "true"), outcome.said
    assert "::notice" not in outcome.said
    assert sorted(service.spoken) == [sentence(0), sentence(1)]
    assert len(github.caches) == 1
    assert "| index.md |" in github.shown.replace("&#46;", ".").replace("&#8203;", "")

    service.clear()
    outcome, complete = run(github, {"api-key": KEY})
    assert (outcome.failed, complete, service.requests) == (False, "true", [])
    assert len(github.caches) == 1, "what has not changed is not saved again"
    kept = "".join(file.read_text("utf-8", "replace") for file in github.shelf.parent.rglob("*") if file.is_file())
    assert KEY not in kept.replace((github.checkout / "mkdocs.yml").read_text(encoding="utf-8"), "")
    assert KEY not in outcome.said


@pytest.mark.slow
def test_without_the_key_it_says_what_is_missing_and_sends_nothing(github: GitHub, service: Service) -> None:
    base = {"docs/other.md": page(2)}
    run(github, {"api-key": KEY})
    service.clear()
    merge_pull_request(github.checkout, base)
    github.forget_summary()

    outcome, complete = run(github, {}, PULL_REQUEST)

    assert (outcome.failed, complete, service.requests) == (False, "false", []), outcome.said
    assert "::notice title=mkdocs-lightning::the input api-key is empty" in outcome.said
    assert "1 sentence changed" in github.shown
    assert re.search(r"^::\w+ file=docs/other\.md,line=3,", outcome.said, re.MULTILINE)
    assert len(github.caches) == 1
    assert run(github, {"fail-on-missing": "true"}, PULL_REQUEST)[0].failed


@pytest.mark.slow
def test_a_checkout_of_one_commit_is_compared_with_its_base_all_the_same(github: GitHub, tmp_path: Path) -> None:
    merge_pull_request(github.checkout, {"docs/other.md": page(2)})
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{github.checkout}", str(shallow))
    github.checkout = shallow

    outcome, _ = run(github, {}, PULL_REQUEST)

    assert not outcome.failed, outcome.said
    assert "1 sentence changed" in github.shown
    github.forget_summary()
    git(shallow, "remote", "remove", "origin")
    git(shallow, "checkout", "--quiet", "--orphan", "alone")
    commit(shallow)
    outcome, _ = run(github, {}, PULL_REQUEST)
    assert not outcome.failed, outcome.said
    assert "changed" not in github.shown, "without a base, it shows the plan of the whole site"
    assert "::warning title=mkdocs-lightning::the base of the pull request is not in this clone" in outcome.said


@pytest.mark.slow
@pytest.mark.parametrize("depth", ["--depth=1", "--depth=2", "--no-local"])
def test_a_checkout_of_the_pull_requests_own_commit_is_compared_with_its_base(
    github: GitHub, tmp_path: Path, depth: str
) -> None:
    """Whose parent is another commit of the pull request, and whose base has gone on meanwhile."""
    base = github.checkout
    git(base, "switch", "--quiet", "--create", "change")
    (base / "docs/index.md").write_text(page(2), encoding="utf-8")
    commit(base)
    (base / "docs/other.md").write_text(page(3), encoding="utf-8")
    head = commit(base)
    git(base, "switch", "--quiet", "main")
    (base / "docs/third.md").write_text(page(4), encoding="utf-8")
    base_sha = commit(base)
    git(base, "merge", "--quiet", "--no-ff", "--message", "Merge the change", "change")
    merge = git(base, "rev-parse", "HEAD").strip()
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", depth, "--branch=change", f"file://{base}", str(clone))
    github.checkout = clone
    context = {**PULL_REQUEST, "github.sha": merge, "github.event.pull_request.base.sha": base_sha}

    assert git(clone, "rev-parse", "HEAD").strip() == head
    outcome, _ = run(github, {}, context)

    assert not outcome.failed, outcome.said
    assert "::warning title=mkdocs-lightning::the base" not in outcome.said
    assert "2 sentences changed" in github.shown, github.shown


@pytest.mark.slow
def test_what_was_paid_for_is_saved_where_some_failed(github: GitHub, service: Service) -> None:
    service.faults = lambda _, body: Failure(400) if body.get("text") == sentence(1) else None

    outcome, complete = run(github, {"api-key": KEY, "fail-on-missing": "true"})

    assert (outcome.failed, complete) == (True, "false")
    assert service.spoken == [sentence(0)]
    assert len(github.caches) == 1


@pytest.mark.slow
def test_a_cache_without_sentences_is_not_saved(github: GitHub, service: Service) -> None:
    """As with a key that has expired: it would be the newest one, and hide the full one."""
    service.faults = lambda _request, _body: Failure(401)

    outcome, complete = run(github, {"api-key": KEY})

    assert complete == "false", outcome.said
    assert service.requests
    assert (github.checkout / CACHE).is_dir()
    assert github.caches == {}


@pytest.mark.slow
@pytest.mark.parametrize("key", [KEY, ""], ids=["with the key", "without"])
def test_a_block_that_cannot_be_spoken_is_no_complete_audio(github: GitHub, key: str) -> None:
    run(github, {"api-key": KEY})
    with (github.checkout / "docs/other.md").open("a", encoding="utf-8") as file:
        file.write("\n:::speak voice=sophie\nThis is not spoken.\n:::\n")
    github.forget_summary()

    outcome, complete = run(github, {"api-key": key})

    assert (outcome.failed, complete) == (False, "false"), outcome.said
    assert "1 block cannot be spoken: other.md:7" in unescape(github.shown).replace("\u200b", "")
    assert run(github, {"api-key": key, "fail-on-missing": "true"})[0].failed


@pytest.mark.slow
def test_what_was_paid_for_is_saved_where_the_command_ends_in_an_error(github: GitHub, service: Service) -> None:
    hook = "import sys\ndef on_shutdown():\n    if 'synth' in sys.argv:\n        sys.exit(3)\n"
    (github.checkout / "hook.py").write_text(hook, encoding="utf-8")
    with (github.checkout / "mkdocs.yml").open("a", encoding="utf-8") as config:
        config.write("hooks: [hook.py]\n")

    outcome, complete = run(github, {"api-key": KEY})

    assert (outcome.failed, complete) == (True, "")
    assert sorted(service.spoken) == [sentence(0), sentence(1)]
    assert len(github.caches) == 1


@pytest.mark.slow
@pytest.mark.parametrize("source", ["the action", "the recipe"])
def test_a_canceled_job_keeps_what_is_in_flight(github: GitHub, service: Service, source: str) -> None:
    """GitHub sends the signal to the step's own process, and saves the cache after it has ended."""
    service.faults = holding = Holding(range(1, 3))
    recipe = yaml.safe_load((RECIPES / "github-pages.yml").read_text(encoding="utf-8"))
    steps = READ["runs"]["steps"] if source == "the action" else recipe["jobs"]["pages"]["steps"]
    step = next(step for step in steps if step.get("name") in {"Build", "Synthesize what is missing"})
    known = {"inputs.synthesize": "auto", "inputs.api-key": KEY, "secrets.SMALLEST_API_KEY": KEY}
    known |= {"inputs.python": sys.executable, "inputs.config-file": "mkdocs.yml"}
    own = {name: expand(str(value), known) for name, value in step["env"].items()}
    script = github.shelf.parent / "script"
    script.write_text(step["run"], encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash", "-e", str(script)],
        cwd=github.checkout,
        env={"PATH": path, "GITHUB_OUTPUT": str(github.shelf.parent / "output"), **own},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: len(holding.held) == 2, "both sentences are requested")

    process.send_signal(signal.SIGINT)
    holding.let_go.set()

    said = process.communicate(timeout=BUILD_PATIENCE)[1]
    assert process.returncode == (130 if source == "the action" else 1), said
    assert "2 sentences synthesized and stored" in said
    assert len(list((github.checkout / CACHE / "segments").rglob("*.flac"))) == 2


@pytest.mark.slow
def test_a_site_in_a_folder_with_another_cache_and_any_names(github: GitHub, service: Service) -> None:
    folder = github.checkout / "my docs & co"
    folder.mkdir()
    shutil.move(github.checkout / "docs", folder / "docs")
    config = (github.checkout / "mkdocs.yml").read_text(encoding="utf-8")
    (folder / "the site's.yml").write_text(config.replace("retries: 1", "retries: 1\n    cache_dir: .voices"), "utf-8")
    names = {
        "working-directory": folder.name,
        "config-file": "the site's.yml",
        "cache-key": "b",
    }

    outcome, complete = run(github, {"api-key": KEY, **names})

    assert (outcome.failed, complete) == (False, "true"), outcome.said
    assert [key.split("-")[0] for key in github.caches] == ["b"]
    assert list(next(iter(github.caches.values())).rglob("*.flac"))
    shutil.rmtree(folder / ".voices")
    service.clear()
    assert run(github, {"api-key": KEY, **names})[1] == "true"
    assert service.requests == []
    assert not (github.checkout / CACHE).exists()


def set_cache_dir(github: GitHub, folder: str) -> None:
    config = github.checkout / "mkdocs.yml"
    written = config.read_text(encoding="utf-8")
    config.write_text(written.replace("retries: 1", f"retries: 1\n    cache_dir: {folder}"), encoding="utf-8")


@pytest.mark.slow
def test_a_cache_outside_of_the_workspace_is_kept(github: GitHub, service: Service) -> None:
    set_cache_dir(github, "../voices")
    assert run(github, {"api-key": KEY})[1] == "true"
    shutil.rmtree(github.checkout.parent / "voices")
    service.clear()

    outcome, complete = run(github, {"api-key": KEY})

    assert (outcome.failed, complete, service.requests) == (False, "true", []), outcome.said
    assert "::warning" not in outcome.said


def test_a_folder_that_is_not_the_plugins_is_refused(github: GitHub, service: Service) -> None:
    set_cache_dir(github, '"%0Avoices"')
    prepare = READ["runs"]["steps"][0]
    outputs = {
        name: run_prepare(github, prepare, given) for name, given in {"ours": "", "same": "./%0Avoices/"}.items()
    }
    other, complete = run(github, {"api-key": KEY, "cache-dir": "else\r::error::where"})

    assert [said for said, _ in outputs.values()] == ["", ""]
    assert {path for _, path in outputs.values()} == {"%0Avoices"}
    assert "\n::error title=mkdocs-lightning::the input cache-dir is 'else%0D::error::where'" in other.said
    assert "'%250Avoices'" in other.said
    assert (other.failed, complete, service.requests) == (True, "", [])


def run_prepare(github: GitHub, step: dict[str, Any], given: str) -> tuple[str, str]:
    """Run the first step with an input `cache-dir`: the annotations that it prints, and its output `path`."""
    outcome = Outcome()
    output = github.shelf.parent / "prepared"
    output.write_text("", encoding="utf-8")
    environment = {"PYTHON": sys.executable, "CONFIG": "mkdocs.yml", "FOLDER": ".", "CACHE_DIR": given}
    environment |= {"GITHUB_OUTPUT": str(output)}
    assert github.bash(outcome, step["run"], "-eo pipefail", environment), outcome.said
    said = "".join(line for line in outcome.said.splitlines() if line.startswith("::"))
    return said, re.findall("^path=(.*)$", output.read_text(encoding="utf-8"), re.MULTILINE)[0]


def test_a_configuration_that_cannot_be_used_ends_it_at_once(github: GitHub, service: Service) -> None:
    set_cache_dir(github, "docs")

    outcome, complete = run(github, {"api-key": KEY})

    assert (outcome.failed, complete, service.requests) == (True, "", [])
    assert outcome.said.count("::error title=mkdocs-lightning::cache_dir: ") == 1
    assert github.shown == ""


BRANCH = "github.event.repository.default_branch"


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ({"github.ref": "refs/heads/main"}, "is the secret's name right, and may this job's environment read it?"),
        ({"github.ref": "refs/heads/trunk", BRANCH: "trunk"}, "is the secret's name right, and"),
        ({"github.ref": "refs/heads/new-voice", BRANCH: "main"}, "as is right for any branch but main"),
        ({"github.ref": "refs/tags/main", BRANCH: "main"}, "as is right for any branch but main"),
        ({**PULL_REQUEST, BRANCH: "main"}, "as is right for a pull request"),
    ],
)
def test_without_the_key_it_asks_for_the_secret_only_on_the_branch_that_has_it(
    github: GitHub, context: Mapping[str, str], why: str
) -> None:
    step = next(step for step in READ["runs"]["steps"] if step.get("id") == "audio")
    environment = {
        name: expand(str(value), {"inputs.synthesize": "auto", **context}) for name, value in step["env"].items()
    }
    outcome = Outcome()
    github.bash(outcome, step["run"], "-eo pipefail", {**environment, "PYTHON": "true", "GITHUB_OUTPUT": "output"})
    start = "::notice title=mkdocs-lightning::the input api-key is empty, so nothing is synthesized: "
    assert outcome.said.startswith(start + why)


ATTACK = 'x"; touch pwned; $(touch pwned) `touch pwned` #'


@pytest.mark.slow
@pytest.mark.parametrize("names", [["config-file"], ["since"], ["python"], ["synthesize", "cache-key", "cache-dir"]])
def test_an_input_is_never_run(github: GitHub, names: list[str]) -> None:
    outcome, _ = run(github, dict.fromkeys(names, ATTACK))

    assert outcome.failed
    assert not list(github.shelf.parent.rglob("pwned"))


@pytest.mark.slow
def test_the_recipe_with_the_action_pays_on_main_alone(github: GitHub, service: Service) -> None:
    said = github.run_recipe("github-action.yml", "push", {"SMALLEST_API_KEY": KEY})
    assert not said.failed, said.said
    assert sorted(service.spoken) == [sentence(0), sentence(1)]
    assert (github.checkout / "site/index.html").read_text(encoding="utf-8").count("<audio ") == 1

    service.clear()
    merge_pull_request(github.checkout, {"docs/other.md": page(2)})
    said = github.run_recipe("github-action.yml", "pull_request", {"SMALLEST_API_KEY": KEY})
    assert not said.failed, said.said
    assert service.requests == []
    assert "1 sentence changed" in github.shown


def test_the_recipe_names_the_version_that_is_released_next() -> None:
    from mkdocs_lightning import __version__  # noqa: PLC0415

    text = (RECIPES / "github-action.yml").read_text(encoding="utf-8")
    (named,) = ACTION_NAME.findall(text)
    assert named.partition("@v")[2] == __version__


def test_where_the_package_is_missing_the_action_installs_its_own(tmp_path: Path) -> None:
    """With a Python that notes what it is asked."""
    script = READ["runs"]["steps"][0]["run"]
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@" >> "$LOG"\n[ "$1" = -c ] && exit 1\nexit 0\n', encoding="utf-8")
    python.chmod(0o755)
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHON": str(python),
        "LOG": str(tmp_path / "log"),
        "ACTION": "/the/action",
    }
    environment |= {"GITHUB_OUTPUT": str(tmp_path / "output"), "FOLDER": ".", "CACHE_DIR": "x"}

    subprocess.run(["bash", "-e", "-c", script], env=environment, check=False)

    asked = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert asked[:2] == ["-c import mkdocs_lightning", "-m pip install --quiet /the/action"]
