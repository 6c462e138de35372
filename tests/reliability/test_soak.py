"""A large site, and a service with all faults at once: all of it is spoken, paid for once, in little memory.

python -m pytest tests/reliability/test_soak.py -m soak        20,000 sentences
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import stats_of, verify
from tests.reliability.conftest import use_bare_theme
from tests.support.service import Failure, Fault, Redirect, Service
from tests.support.sites import KEY, Site, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.support.service import AnyFault, Json

    Figure = Callable[[str, object], None]

SENTENCES = 10  # a page, in one block
CONCURRENCY = 16
TIMEOUT = 60.0  # seconds: an answer that comes later than this, on a slow machine, would be paid for twice
RETRIES = 5
PATIENCE = 1800.0  # seconds

FAULTS: dict[str, AnyFault] = {
    **{f"status {status}": Failure(status) for status in (408, 429, 500, 502, 503, 529)},
    **{fault.name: fault for fault in Fault},
    "redirect": Redirect("http://127.0.0.1:9/elsewhere"),
}
HEAVY = {
    "HANG",
    "ENDLESS",
    "GZIP_BOMB",
}  # each a tenth as often as the others: they take a minute, or much processor time
SHORT = [name for name in FAULTS if name != "HANG"]  # what befalls the short form, which has no minute for it
SEED = 13  # one with which each form has all of its faults

PROGRAM = """if True:
    import sys
    from pathlib import Path
    from mkdocs.__main__ import cli
    try:
        cli(sys.argv[1:])
    finally:
        print(Path("/proc/self/status").read_text())
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's memory")


@dataclass
class Mischief:
    """Decides what befalls which try of which sentence: by these alone, so that each run is the same.

    Attributes:
        part: Of the tries go wrong.
        names: Of the faults.
        tries: How often each sentence was asked for.
        log: The names of the faults that were injected.
    """

    part: float
    names: Sequence[str]
    tries: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)

    @property
    def done(self) -> Counter[str]:
        """How many faults were injected, by name."""
        return Counter(self.log)

    def __call__(self, _number: int, body: Json) -> AnyFault | None:
        """For `Service.faults`; called from many threads, each with a sentence of its own."""
        text = str(body["text"])
        self.tries[text] += 1
        name = self.fault_of(text, self.tries[text])
        if name is None:
            return None
        self.log.append(name)
        return FAULTS[name]

    def fault_of(self, text: str, number: int) -> str | None:
        """What befalls a try, by its number: nothing where it is the last one that the sentence has."""
        chance = random.Random(f"{SEED} {text} {number}")
        if number > RETRIES or chance.random() >= self.part:
            return None
        (name,) = chance.choices(self.names, [0.1 if name in HEAVY else 1.0 for name in self.names])
        # Audio that is wrong for the second time is no accident, and ends the tries; an earlier try has had its share.
        is_defect = isinstance(FAULTS[name], Fault)
        return None if is_defect and any(self._befell(text, earlier) for earlier in range(1, number)) else name

    def _befell(self, text: str, number: int) -> bool:
        name = self.fault_of(text, number)
        return name is not None and isinstance(FAULTS[name], Fault)


@dataclass(frozen=True)
class Build:
    """What one build came to.

    Attributes:
        said: Its log.
        peak: Most memory that it had at any time, in kB.
    """

    status: int
    said: str
    seconds: float
    peak: int


def build(site: Site, **options: object) -> Build:
    """Run `mkdocs build --strict` in a process of its own, which tells its memory in the end."""
    command = [sys.executable, "-c", PROGRAM, "build", "--strict", "-f", site.write_config(**options)]
    begun = time.monotonic()
    ran = subprocess.run(
        command,
        env={**os.environ, "SMALLEST_API_KEY": KEY},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", ran.stdout, re.MULTILINE)
    return Build(ran.returncode, ran.stderr, time.monotonic() - begun, int(peak))


def site_of(directory: Path, pages: int, service: Service) -> Site:
    """A site of so many pages."""
    site = Site(
        directory,
        {
            "base_url": service.url,
            "concurrency": CONCURRENCY,
            "timeout": TIMEOUT,
            "retries": RETRIES,
            "sample_rate": 8000,
            "speed": 2.0,
            "output_format": "ulaw",
        },
    )
    use_bare_theme(site)
    files = {}
    for page in range(pages):
        text = " ".join(
            f"On page {page}, this is sentence {number}, of the usual length." for number in range(SENTENCES)
        )
        files[f"{page % 40}/{page}.md" if page else "index.md"] = f"# Page {page}\n\n:::speak\n{text}\n:::\n"
    site.write(files)
    return site


def soak(directory: Path, pages: int, part: float, names: Sequence[str]) -> tuple[Build, Mischief, Site]:
    """Build a site against a service that fails so often, and see that nothing is missing."""
    mischief = Mischief(part, names)
    with Service(drip=0.005) as service:
        service.faults = mischief
        site = site_of(directory, pages, service)
        built = build(site)

        assert (built.status, "WARNING" in built.said, "Traceback" in built.said) == (0, False, False), built.said
        spoken = Counter(service.spoken)
        assert len(spoken) == pages * SENTENCES, "a sentence is missing"
        assert spoken.total() == len(spoken), "a sentence was paid for twice"
        assert len(service.requests) == len(spoken) + mischief.done.total() - mischief.done["SLOW"]
    cache = Cache(directory / ".cache/plugin/lightning")
    assert stats_of(cache).files == {"sentence": pages * SENTENCES, "clip": pages}
    assert verify(cache) == []
    clips = {clip for page in (directory / "site").rglob("index.html") for clip in clips_of(site, page)}
    assert len(clips) == pages
    assert all(duration(clip) > SENTENCES for clip in clips)
    return built, mischief, site


def clips_of(site: Site, page: Path) -> list[Path]:
    return site.clips(str(page.relative_to(site.root / "site")))


def soak_and_report(
    directory: Path, pages: int, part: float, names: Sequence[str], *, most_kb: float, figure: Figure
) -> None:
    """Build a site and one of a tenth of it.

    Args:
        directory: Gone when all went well, for it is large.
        pages: Of the site.
        part: Of the requests go wrong.
        names: Of the faults, each of which befalls the site.
        most_kb: Of memory, for each further sentence. The samples of one alone have 30.
        figure: Takes what was measured.
    """
    base, *_ = soak(directory / "small", pages // 10, part, names)
    built, mischief, site = soak(directory / "large", pages, part, names)
    alone = build(site, enabled=False)
    shutil.rmtree(directory)
    further = (built.peak - base.peak) / ((pages - pages // 10) * SENTENCES)
    assert mischief.done.keys() == set(names)
    assert further < most_kb, f"{further:.1f} kB a sentence"
    faults = mischief.done.total()
    figure("sentences in one build", f"{pages * SENTENCES:,}, in {built.seconds:.0f} s")
    figure("requests", f"{pages * SENTENCES + faults - mischief.done['SLOW']:,}")
    figure(
        "faults injected",
        f"{faults}: " + ", ".join(f"{name} {number}" for name, number in sorted(mischief.done.items())),
    )
    figure("memory at its peak", f"{built.peak / 1024:.0f} MB, {further:.1f} kB for each further sentence")
    figure("memory of MkDocs alone at its peak", f"{alone.peak / 1024:.0f} MB")


def test_a_site_is_spoken_whole_by_a_service_with_all_faults(tmp_path: Path, figure: Figure) -> None:
    """The short form, in which each tenth request goes wrong."""
    soak_and_report(tmp_path, 200, 0.1, SHORT, most_kb=20, figure=figure)


@pytest.mark.soak
def test_a_large_site_is_spoken_whole_by_a_service_with_all_faults(tmp_path: Path, figure: Figure) -> None:
    soak_and_report(tmp_path, 2000, 0.02, list(FAULTS), most_kb=6, figure=figure)
