"""The git repository that a site is in: finds a revision, and checks it out elsewhere without leaving a trace in it.

The files go to a temporary directory, with an index and a `HEAD` of their own beside them. So the user's work tree,
index and list of work trees stay as they are, whatever ends the program, and plugins that ask git for dates get an
answer.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import LightningError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
"""Variables by which git tells its hooks, such as those of pre-commit, which repository is meant."""

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.sparseCheckout=true",
    "core.sparseCheckoutCone=false",
)
"""Nothing of the user's runs, and the files are those of `_WANTED`, also in a sparse checkout."""

_WANTED = "/*\n!**/.cache/plugin/lightning/"
"""All files of a revision but a committed cache: that of now counts, and it may be large."""

_MOST_NAMES = 5  # in a message
_DEPTH = (
    "this clone is shallow: set {depth} of actions/checkout or, on GitLab, GIT_DEPTH: 0, or run 'git fetch --unshallow'"
)
_PARENT = re.compile(r"HEAD(?:\^\d?|~1?)")
"""A parent of the commit that is checked out, such as the base of a pull request."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree.

    Attributes:
        root: Its top directory.
        git_dir: What all work trees of the repository share.
    """

    root: Path
    git_dir: Path


@dataclass(frozen=True, slots=True)
class Revision:
    """The commit that the present state is compared with.

    Attributes:
        repository: Where it is.
        name: As it was asked for, such as `main`.
        commit: The hash of the commit from which the present state has gone another way than that one.
    """

    repository: Repository
    name: str
    commit: str

    @property
    def short(self) -> str:
        """The beginning of the hash, as people read it."""
        return self.commit[:7]

    def __str__(self) -> str:
        return self.short if self.commit.startswith(self.name) else f"{self.name} ({self.short})"


def find_repository(directory: Path) -> Repository:
    """The repository that a directory is in.

    Raises:
        LightningError: There is none, or git is not installed, or it refuses to read the repository.
    """
    try:
        root, git_dir = _git(directory, "rev-parse", "--show-toplevel", "--git-common-dir").splitlines()
    except _GitError as error:
        if "not a git repository" in str(error):
            raise LightningError(
                f"--since needs the history of the site, and {directory} is not in a git repository"
            ) from None
        raise
    return Repository(Path(root).resolve(), directory.joinpath(git_dir).resolve())


def find_revision(repository: Repository, name: str) -> Revision:
    """The last commit that a revision and the present state have in common: what a pull request compares with.

    Raises:
        LightningError: There is no such revision, or no such commit.
    """
    if not name:
        raise LightningError("--since is empty; is the variable that it comes from set?")
    commits = [_commit_of(repository, one) for one in (name, "HEAD")]
    try:
        base = _git(repository.root, "merge-base", *commits).strip()
    except _GitError:
        advice = f"; {_depth_advice(name)}" if _is_shallow(repository) else ""
        raise LightningError(f"--since: '{name}' and HEAD have no commit in common{advice}") from None
    return Revision(repository, name, base)


def _commit_of(repository: Repository, name: str) -> str:
    try:
        return _git(
            repository.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        ).strip()
    except _GitError:
        if name == "HEAD":
            raise LightningError("--since: this repository has no commit yet") from None
        raise LightningError(f"--since: there is no revision '{name}'{_advice(repository, name)}") from None


def _advice(repository: Repository, name: str) -> str:
    """What to do if there is no revision of some name."""
    names = _git(repository.root, "for-each-ref", "--format=%(refname:short)").splitlines()
    remote = next((f" (did you mean '{ref}'?)" for ref in names if ref.endswith(f"/{name}")), "")
    advice = remote or did_you_mean(name, _other_branches(repository))
    if _is_shallow(repository):
        return f"{advice}; {_depth_advice(name)}{_fetch_advice(repository, name, ', and')}"
    advice += _fetch_advice(repository, name, "; run")
    if advice:
        return advice
    return f"; this clone has {listed(names[:_MOST_NAMES])}{', …' if len(names) > _MOST_NAMES else ''}" if names else ""


def _other_branches(repository: Repository) -> list[str]:
    """The branches and the tags that are not at the commit that is checked out, with which nothing has changed."""
    return _git(repository.root, "for-each-ref", "--format=%(refname:short)", "--no-contains=HEAD").splitlines()


def _fetch_advice(repository: Repository, name: str, before: str) -> str:
    """How to fetch a branch that only the remote may have; empty if the name is not that of one."""
    remote, slash, branch = name.partition("/")
    if not slash or remote not in _git(repository.root, "remote").splitlines():
        return ""
    return f"{before} 'git fetch {remote} {branch}:refs/remotes/{name}'"


def _depth_advice(name: str) -> str:
    """How to have a shallow clone reach a revision."""
    return _DEPTH.format(depth="fetch-depth: 2" if _PARENT.fullmatch(name) else "fetch-depth: 0")


def _is_shallow(repository: Repository) -> bool:
    return (repository.git_dir / "shallow").exists()


def check_out(revision: Revision, directory: Path) -> Path:
    """Write the files of a revision, with those of its submodules as far as they are here.

    Args:
        revision: Whose files.
        directory: An empty one.

    Returns:
        The work tree, within the directory.

    Raises:
        LightningError: git cannot do it.
    """
    tree = directory / "tree"
    _check_out_tree(revision.repository, revision.commit, tree, directory / "git")
    return tree


def _check_out_tree(repository: Repository, commit: str, tree: Path, git_dir: Path) -> None:
    """Make a work tree that the repository does not know of: it has the layout of one that `git worktree` makes."""
    tree.mkdir(parents=True, exist_ok=True)
    (git_dir / "info").mkdir(parents=True)
    for path, text in {
        git_dir / "info/sparse-checkout": _WANTED,
        git_dir / "HEAD": commit,
        git_dir / "commondir": str(repository.git_dir),
        git_dir / "gitdir": str(tree / ".git"),
        tree / ".git": f"gitdir: {git_dir}",
    }.items():
        path.write_text(f"{text}\n", encoding="utf-8", errors="surrogateescape")
    _git(tree, *(part for setting in _SETTINGS for part in ("-c", setting)), "read-tree", "--reset", "-u", "HEAD")
    if (tree / ".gitmodules").exists():
        for number, (name, pinned) in enumerate(_submodules(tree)):
            if submodule := _submodule_at(repository.root / name, pinned):
                _check_out_tree(submodule, pinned, tree / name, git_dir / "submodules" / str(number))


def _submodules(tree: Path) -> Iterator[tuple[str, str]]:
    """The paths and the commits of a work tree's submodules."""
    for entry in _git(tree, "ls-files", "--stage", "-z").split("\0"):
        if entry.startswith("160000 "):
            facts, _, path = entry.partition("\t")
            yield path, facts.split()[1]


def _submodule_at(directory: Path, commit: str) -> Repository | None:
    """The repository of a submodule; None if it is not here, or has no such commit."""
    try:
        submodule = find_repository(directory)
        _git(directory, "cat-file", "-e", f"{commit}^{{commit}}")
    except (LightningError, OSError):
        return None
    return submodule if submodule.root == directory.resolve() else None


class _GitError(LightningError):
    """git could not do something; the text is what it says."""


def environment() -> dict[str, str]:
    """This process's environment, in which git takes the repository of its directory, and asks nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return {**kept, "GIT_LFS_SKIP_SMUDGE": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def _git(directory: Path, *arguments: str) -> str:
    """Run git in a directory; what it prints.

    Raises:
        _GitError: It fails.
        LightningError: It is not installed.
    """
    if not directory.is_dir():
        raise _GitError(f"there is no directory {directory}")
    if (program := shutil.which("git")) is None:  # its path, as Windows would look for a name in `directory`, too
        raise LightningError("--since needs git, which is not installed")
    ended = subprocess.run(  # noqa: S603 - no shell
        [program, *arguments],
        cwd=directory,
        env={**environment(), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )
    if ended.returncode:
        raise _GitError(f"git cannot be used here: {ended.stderr.strip() or f'exit code {ended.returncode}'}")
    return ended.stdout
