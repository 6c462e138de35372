"""Files of the cache in the site: the same file under a second name where the file system has that, else a copy."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


def place(source: Path | str, target: Path) -> None:
    """Have a file of the cache in the site, whatever is in its place there.

    A site may have gigabytes of sound, of which a build changes little. Whoever changes a file of the site in place
    changes the cache as well, which finds that out by its checksum, and makes the clip anew.

    Args:
        source: The file, or the text of one that the cache does not have.
        target: Where the site has it.

    Raises:
        OSError: The site cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        if isinstance(source, Path) and target.samefile(source):
            return
        target.unlink()  # and is not written over: it may be a name of another file that counts
    if isinstance(source, str):
        target.write_text(source, encoding="utf-8", newline="")
        return
    with suppress(OSError, NotImplementedError):  # another file system, one without links, or too many of them
        os.link(source, target)
        return
    shutil.copyfile(source, target)
