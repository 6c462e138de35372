"""What runs the recipes of the documentation, and the action, as their hosts do: steps by bash, and caches between."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import yaml

from tests.support.git import git
from tests.support.repository import DOCS, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RECIPES = DOCS / "how-to" / "recipes"
ACTION = ROOT / "action.yml"
ACTION_NAME = re.compile(r"OWNER/mkdocs-lightning@v[\d.]+")
"""How a recipe names the action, whose repository has no address yet."""
CACHE = ".cache/plugin/lightning"
_HEAD = "github.event.pull_request.head.repo.full_name"
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

    def restore(self, keys: Sequence[str], path: str = CACHE) -> str:
        """Put a cache into the checkout: the one of a key, else the newest that begins with one; answers its key."""
        shutil.rmtree(self.checkout / path, ignore_errors=True)
        for key in keys:
            found = key if key in self.caches else next((k for k in reversed(self.caches) if k.startswith(key)), None)
            if found:
                shutil.copytree(self.caches[found], self.checkout / path)
                return found
        return ""

    def save(self, key: str, path: str = CACHE) -> None:
        """Keep the checkout's cache under a key, as the newest; no host minds that there is none."""
        if not (self.checkout / path).is_dir():
            return
        self.caches.pop(key, None)
        self.caches[key] = shutil.copytree(self.checkout / path, self.shelf / f"{len(list(self.shelf.glob('*')))}")

    def bash(
        self, outcome: Outcome, script: str, flags: str, environment: Mapping[str, str], folder: str = "."
    ) -> bool:
        """Run a script, its installation left out; whether it went well."""
        script = re.sub(r"^python -m pip install .*$", ":", script, flags=re.MULTILINE)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ran = subprocess.run(
            ["bash", *flags.split(), "-c", script],
            cwd=self.checkout / folder,
            env={"PATH": path, "HOME": str(self.checkout), "NO_MKDOCS_2_WARNING": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outcome.said += ran.stdout
        return ran.returncode == 0


class GitHub(Host):
    """GitHub Actions, as far as the recipes and the action use it."""

    def run(self, event: str, secrets: Mapping[str, str], budget: str = "") -> Outcome:
        """Run the recipe for an event; a secret that is missing is empty, as for a fork. A budget starts it by hand."""
        inputs = {"max_characters": budget} if budget else {}
        name = "github-pages.yml" if event == "push" else "github-pull-request.yml"
        return self.run_recipe(name, event, secrets, inputs)

    def run_recipe(
        self,
        name: str,
        event: str,
        secrets: Mapping[str, str],
        inputs: Mapping[str, str] = MappingProxyType({}),
        *,
        is_fork: bool = False,
    ) -> Outcome:
        recipe = read_recipe(name)
        triggers = recipe[True]  # type: ignore[index] # what YAML 1.1 reads where `on` is written
        assert event in (triggers if isinstance(triggers, dict) else {triggers})
        if inputs:
            assert isinstance(triggers, dict)
            assert set(inputs) <= set(triggers["workflow_dispatch"]["inputs"]), "GitHub does not ask for others"
        (job,) = children(recipe, "jobs").values()
        self.forget_summary()
        (self.shelf.parent / "github-environment").unlink(missing_ok=True)
        outcome = Outcome()
        known = {f"secrets.{name}": secret for name, secret in secrets.items()}
        known |= {f"inputs.{name}": value for name, value in inputs.items()}
        known |= {"github.event_name": event, "github.repository": "owner/handbook"}
        known |= {"github.ref": "refs/heads/main", "github.base_ref": ""}
        if event == "pull_request":
            known |= {"github.ref": "refs/pull/1/merge", "github.base_ref": "main"}
            known[_HEAD] = "somebody/handbook" if is_fork else "owner/handbook"
        self._run_steps(job, known, outcome)
        return outcome

    def run_action(self, inputs: Mapping[str, str], outcome: Outcome, context: Mapping[str, str]) -> Mapping[str, str]:
        """Run the steps of action.yml; answers its outputs."""
        action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
        assert set(inputs) <= set(action["inputs"]), "GitHub warns of others"
        known = {f"inputs.{name}": str(said["default"]) for name, said in action["inputs"].items()}
        known |= {f"inputs.{name}": value for name, value in inputs.items()}
        known |= {name: value for name, value in context.items() if name.startswith("github.")}  # and no secret
        known["github.action_path"] = str(ROOT)
        self._run_steps(action["runs"], known, outcome)
        return {name: expand(output["value"], known) for name, output in action["outputs"].items()}

    @property
    def shown(self) -> str:
        """What the last job has shown on the page of its run."""
        file = self.shelf.parent / "github-summary"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def forget_summary(self) -> None:
        """Begin the page of another run."""
        (self.shelf.parent / "github-summary").unlink(missing_ok=True)

    def _run_steps(self, job: object, known: dict[str, str], outcome: Outcome) -> None:
        assert isinstance(job, dict)
        for step in job["steps"]:
            if is_due(str(step.get("if", "")), known, failed=outcome.failed):
                outputs = self._run_step(step, known, outcome)
                known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}

    def _run_step(self, step: Yaml, known: Mapping[str, str], outcome: Outcome) -> Mapping[str, str]:
        values = {name: expand(str(value), known) for name, value in children(step, "with").items()}
        action = str(step.get("uses", ""))
        if ACTION_NAME.fullmatch(action):
            return self.run_action(values, outcome, known)
        if action.startswith("actions/cache/restore@"):
            keys = [values["key"], *values["restore-keys"].split()]
            return {"cache-matched-key": self.restore(keys, values["path"])}
        if action.startswith("actions/cache/save@"):
            assert values["key"] not in self.caches, "GitHub changes no cache that exists"
            self.save(values["key"], values["path"])
        return {} if action else self._run_script(step, known, outcome)

    def _run_script(self, step: Yaml, known: Mapping[str, str], outcome: Outcome) -> Mapping[str, str]:
        said = self.shelf.parent / "github-output"
        said.write_text("", encoding="utf-8")
        script = str(step["run"])
        assert "${{" not in script, "what is put into a script is run by it"
        of_job = self.shelf.parent / "github-environment"
        environment = _lines_of(of_job)
        environment |= {name: expand(str(value), known) for name, value in children(step, "env").items()}
        environment |= {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(said), "GITHUB_ENV": str(of_job)}
        environment |= {"GITHUB_WORKSPACE": str(self.checkout)}
        environment |= {"GITHUB_SHA": known.get("github.sha") or git(self.checkout, "rev-parse", "HEAD").strip()}
        environment |= {"GITHUB_STEP_SUMMARY": str(self.shelf.parent / "github-summary")}
        flags = "--noprofile --norc -eo pipefail" if step.get("shell") else "-e"
        folder = expand(str(step.get("working-directory", ".")), known)
        went_well = self.bash(outcome, script, flags, environment, folder)
        outcome.failed |= not (went_well or _may_fail(step.get("continue-on-error", False), known))
        return _lines_of(said)


def _lines_of(file: Path) -> dict[str, str]:
    """The lines `name=value` of a file; none if there is no file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(line.split("=", 1) for line in lines)


class GitLab(Host):
    """GitLab CI, as far as the recipe uses it."""

    @property
    def shown(self) -> str:
        """What a merge request links to."""
        paths = children(children(read_recipe("gitlab-ci.yml"), "merge-request"), "artifacts")["paths"]
        assert isinstance(paths, list)
        return "".join((self.checkout / path).read_text(encoding="utf-8") for path in paths)

    def run(self, event: str, secrets: Mapping[str, str], budget: str = "") -> Outcome:
        """Run a job of the recipe for an event; a budget is a variable of a pipeline that is started by hand."""
        job = children(read_recipe("gitlab-ci.yml"), "pages" if event == "push" else "merge-request")
        cache, script = children(job, "cache"), job["script"]
        assert isinstance(script, list)
        assert cache["paths"] == [CACHE]
        self.restore([str(cache["key"])])
        outcome = Outcome()
        base = (
            {"CI_MERGE_REQUEST_DIFF_BASE_SHA": git(self.checkout, "rev-parse", "HEAD^1").strip()}
            if event != "push"
            else {}
        )
        variables = {"MAX_CHARACTERS": budget} if budget else {}
        outcome.failed = not self.bash(outcome, "\n".join(script), "-eo pipefail", {**secrets, **variables, **base})
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

    def value(found: re.Match[str]) -> str:
        return next(filter(None, (_operand(part, known) for part in found[1].split(" || "))), "")

    return re.sub(r"\$\{\{ *(.+?) *\}\}", value, text)


def _operand(text: str, known: Mapping[str, str]) -> str:
    """The value of one operand of `||`: `name`, `'text'`, or either after `condition && `."""
    condition, _, name = text.strip().rpartition(" && ")
    if condition and not _holds(condition, known):
        return ""
    return name.strip("'") if name.startswith("'") else known.get(name, "")


def is_due(condition: str, known: Mapping[str, str], *, failed: bool) -> bool:
    """Whether a step runs; of expressions, the few that the recipes and the action use."""
    parts = [part.strip() for part in condition.split("&&") if part]
    return ("always()" in parts or not failed) and all(_holds(part, known) for part in parts if part != "always()")


def _may_fail(continues: object, known: Mapping[str, str]) -> bool:
    """Whether a job goes on after a step that fails, by what the step says of it: true, false, or an expression."""
    if isinstance(continues, bool):
        return continues
    return is_due(str(continues).removeprefix("${{").removesuffix("}}"), known, failed=False)


def _holds(comparison: str, known: Mapping[str, str]) -> bool:
    """Whether a comparison holds, or a value is not empty."""
    left, operator, right = re.fullmatch(r"(\S+)(?: (==|!=) (\S+))?", comparison).groups()  # type: ignore[union-attr]
    value = known.get(left, "")
    if operator is None:
        return bool(value)
    other = right.strip("'") if right.startswith("'") else known.get(right, "")
    return (value == other) == (operator == "==")
