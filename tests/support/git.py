"""Git repositories that tests make."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def git(directory: Path, *arguments: str) -> str:
    """Run git in a directory; what it prints."""
    command = ["git", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=directory, env=_ENVIRONMENT, check=True, capture_output=True, text=True).stdout


def commit(directory: Path, message: str = "A change", *, leave_out: str = "") -> str:
    """Commit all files of a directory, which becomes a repository if it is none; the commit's hash.

    Args:
        directory: What to commit.
        message: Of the commit.
        leave_out: Lines as in `.gitignore`, for a new repository.
    """
    if not (directory / ".git").exists():
        git(directory, "init")
        (directory / ".git/info").mkdir(exist_ok=True)
        (directory / ".git/info/exclude").write_text(leave_out, encoding="utf-8")
    git(directory, "add", "--all")
    git(directory, "commit", "--allow-empty", "-m", message)
    return git(directory, "rev-parse", "HEAD").strip()


def merge_pull_request(directory: Path, files: Mapping[str, str]) -> str:
    """Have a directory hold what GitHub builds for a pull request: the merge of its branch with the base.

    Args:
        directory: A repository, on its branch `main`.
        files: What the pull request writes.

    Returns:
        The hash of the base.
    """
    base = git(directory, "rev-parse", "HEAD").strip()
    git(directory, "switch", "--create", "change")
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    commit(directory)
    git(directory, "switch", "--detach", "main")
    git(directory, "merge", "--no-ff", "--message", "Merge the change", "change")
    return base
