"""What has changed since a revision of a site's repository: reads the site as it was then, and compares."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mkdocs_lightning.cache.clip_record import has_clip
from mkdocs_lightning.cli.changes.repository import Revision, check_out, environment, find_repository, find_revision
from mkdocs_lightning.cli.changes.site_script import script_of
from mkdocs_lightning.exports.changes.compare import compare_narrations
from mkdocs_lightning.exports.changes.script import SiteScript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_lightning.cli.changes.reader import EarlierJson
    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.cli.site_report import SiteReport
    from mkdocs_lightning.exports.changes.narration_diff import NarrationDiff
    from mkdocs_lightning.exports.changes.script import PlayerScript

_READER = "mkdocs_lightning.cli.changes.reader"
_OURS = "mkdocs-lightning: "


@dataclass(frozen=True, slots=True)
class ChangesSince:
    """What has changed in a site since a revision.

    Attributes:
        revision: That revision.
        diff: The changes; None if the site as it was then cannot be read.
        note: Why the site spoke nothing then, or why it cannot be read; empty otherwise.
    """

    revision: Revision
    diff: NarrationDiff | None
    note: str = ""


class EarlierSite:
    """A site that is being read as it was at a revision, in a process of its own.

    Args:
        revision: That revision.
        tree: The files of the revision.
        config_file: The site's configuration within the tree.
    """

    def __init__(self, revision: Revision, tree: Path, config_file: Path) -> None:
        self._revision = revision
        self._config_file = config_file
        self._output, self._errors = tree.parent / "script.json", tree.parent / "errors"
        self._process = self._start(tree) if config_file.is_file() else None

    def changes_until(self, site: Site, report: SiteReport) -> ChangesSince:
        """What has changed from then until the site that was read now; waits for the reading of the earlier one."""
        earlier = self._read()
        if isinstance(earlier, str):
            return ChangesSince(self._revision, None, earlier)
        missing = {sentence.key for sentence in report.plan.missing}
        before = SiteScript.from_json(earlier["script"])
        cache = site.cache

        def is_cached(player: PlayerScript) -> bool:
            return has_clip(cache, player.clip, len(player.sentences))

        diff = compare_narrations(before, script_of(site.read), missing, is_cached, site.engine.price_per_character)
        return ChangesSince(self._revision, diff, earlier["note"])

    def close(self) -> None:
        """End the process, if it still runs."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _start(self, tree: Path) -> subprocess.Popen[bytes]:
        here, root = Path.cwd(), self._revision.repository.root
        directory = tree / here.relative_to(root) if here.is_relative_to(root) else tree
        is_importable = str(here) in sys.path[:1]  # as with `python -m mkdocs_lightning`
        command = [sys.executable, "-P", "-m", _READER, str(self._config_file), str(self._output)]
        temporary = str(tree.parent)  # so that nothing is left behind by a process that is killed
        with self._errors.open("wb") as errors:
            return subprocess.Popen(  # noqa: S603 - our own program
                [*command, "--with-directory"] if is_importable else command,
                cwd=directory if directory.is_dir() else self._config_file.parent,
                env={**environment(), "GITHUB_ACTIONS": "", "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def _read(self) -> EarlierJson | str:
        """What the process has written, or why it has written nothing."""
        if self._process is None:
            return {"script": SiteScript().as_json(), "note": f"there was no {self._config_file.name} then"}
        if self._process.wait() == 0:
            found: EarlierJson = json.loads(self._output.read_text(encoding="utf-8"))
            return found
        return _reason(self._errors.read_text(encoding="utf-8", errors="replace"))


def _reason(errors: str) -> str:
    """Why a process has failed, from what it has printed: MkDocs' errors, ours, or the last line of a traceback."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    told = [line.partition("-")[2].strip() for line in lines if line.startswith(("ERROR ", "CRITICAL "))]
    ours = [line.removeprefix(_OURS) for line in lines if line.startswith(_OURS)]
    return "; ".join(told or ours or lines[-1:]) or "the process that reads it ended without a message"


@contextmanager
def reading_since(config_file: str | None, name: str) -> Iterator[EarlierSite]:
    """Begin to read a site as it was at a revision; meanwhile the present one can be read.

    Args:
        config_file: The present configuration.
        name: A branch, a tag or a commit.

    Raises:
        LightningError: The revision cannot be found or checked out.
    """
    config = Path(config_file or "mkdocs.yml").absolute()
    folder = config.parent.resolve()
    revision = find_revision(find_repository(folder), name)
    with TemporaryDirectory(prefix="mkdocs-lightning-", ignore_cleanup_errors=True) as directory:
        tree = check_out(revision, Path(directory).resolve())
        earlier = EarlierSite(revision, tree, tree / folder.relative_to(revision.repository.root) / config.name)
        try:
            yield earlier
        finally:
            earlier.close()
