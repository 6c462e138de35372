"""Check a built site as its readers' browsers would: every player's clip is there, decodes, and is not silent."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import soundfile


class Players(HTMLParser):
    """Collects the sources of a page's players."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an audio element."""
        source = dict(attrs).get("src")
        if tag == "audio" and source:
            self.sources.append(source)


def main(site: Path) -> int:
    """Print what there is, and answer the exit code."""
    seconds, clips = 0.0, 0
    for page in sorted(site.rglob("*.html")):
        players = Players()
        players.feed(page.read_text(encoding="utf-8"))
        for source in players.sources:
            samples, sample_rate = soundfile.read(page.parent / unquote(source), dtype="int16")
            if not np.abs(samples.astype(int)).max() > 1000:  # noqa: PLR2004 - of 32767
                print(f"{page}: {source} is silent")
                return 1
            clips += 1
            seconds += len(samples) / sample_rate
    print(f"{clips} players, {seconds:.0f} s of sound")
    return 0 if clips else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
