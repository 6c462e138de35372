"""Large sites on paper: from characters to hours, dollars and bytes.

    python -m benchmarks.scale --paper

What goes in stands in `Assumptions`, with how sure each is. Every figure of docs/explanation/scale.md comes from here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.site import is_prose, split_chunks
from mkdocs_lightning.audio.codec import encode
from mkdocs_lightning.audio.flac import to_flac
from mkdocs_lightning.audio.formats import DEFAULT_LOUDNESS, OutputFormat
from mkdocs_lightning.audio.mastering.finish import finish
from mkdocs_lightning.cache.remote import SHARDS
from mkdocs_lightning.engines.lightning import PRICES_USD
from mkdocs_lightning.engines.offline import OfflineEngine
from mkdocs_lightning.reading.sentences import Pause
from mkdocs_lightning.reading.settings.catalogue import PRO_MODEL
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES, Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mkdocs_lightning.audio.samples import Audio

SIZES = (10**5, 10**7, 10**9)
"""Characters."""

FORMATS = ("segments, FLAC", "clips, MP3", "clips, Opus", "clips, WAV")

BYTES_A_SECOND: Mapping[str, Mapping[int, int]] = {
    "segments, FLAC": {8000: 10836, 16000: 20064, 24000: 26675, 44100: 33323},
    "clips, MP3": {8000: 4068, 16000: 8066, 24000: 8045, 44100: 20089},
    "clips, Opus": {8000: 2667, 16000: 3216, 24000: 4446, 44100: 7695},
    "clips, WAV": {8000: 16003, 16000: 32003, 24000: 48003, 44100: 88203},
}
"""Of speech, by sample rate in Hz; as `measure_sizes` found them with the offline voice on 22 November 2026."""

_CLIPS = {
    "clips, MP3": OutputFormat.MP3,
    "clips, Opus": OutputFormat.OPUS,
    "clips, WAV": OutputFormat.WAV,
}
_GB = 1e9


@dataclass(frozen=True)
class Assumption:
    """A number that goes in.

    Attributes:
        sureness: Where it is from, and how sure it is.
    """

    name: str
    value: float
    unit: str
    sureness: str


_CONTRACT = "the service's own documentation; not verified with an account"
_S3 = "the list price of S3 Standard in us-east-1 as third parties quote it, not verified with Amazon; may change"
_RUN = "measured: `python -m benchmarks.scale`, November 22, 2026"


@dataclass(frozen=True)
class Assumptions:
    """What goes in; a reader's own numbers may take the place of each."""

    sentence: Assumption = Assumption("characters of a sentence", 90, "", "assumed")
    clip: Assumption = Assumption("sentences of a clip", 3, "", "assumed; the clip of a narrated page has more")
    pace: Assumption = Assumption("characters a second of speech, at speed 1", 15, "", "recorded once from the service")
    factor: Assumption = Assumption(
        "seconds that a request takes for a second of speech", 0.3, "s", f"{_CONTRACT}; fits the few recorded calls"
    )
    price: Assumption = Assumption(
        "price of a million characters, `lightning_v3.1_pro`", PRICES_USD[PRO_MODEL] * 1e6, "$", _CONTRACT
    )
    encoding: Assumption = Assumption(
        "processor seconds to encode a second of MP3",
        0.002,
        "s",
        "measured: `python -m benchmarks.encoding`, November 28, 2026",
    )
    listing: Assumption = Assumption(
        "seconds to list 1,000 files of a remote cache that answers at once", 0.051, "s", _RUN
    )
    plan: Assumption = Assumption("bytes of memory for each sentence, for the plan", 614, "B", _RUN)
    remote_plan: Assumption = Assumption("the same, after a remote cache was listed", 1007, "B", _RUN)
    look_up: Assumption = Assumption("microseconds to look up a sentence in the local cache", 13.2, "µs", _RUN)
    put: Assumption = Assumption("price of 1,000 requests that store or list", 0.005, "$", _S3)
    get: Assumption = Assumption("price of 1,000 requests that fetch", 0.0004, "$", _S3)
    egress: Assumption = Assumption("price of a gigabyte that leaves S3 for the internet", 0.09, "$", _S3)
    storage: Assumption = Assumption("price of a gigabyte stored for a month", 0.023, "$", _S3)

    def all(self) -> Iterator[Assumption]:
        """In this order."""
        yield from vars(self).values()


@dataclass(frozen=True)
class LargeSite:
    """A site of so many characters that are all spoken, and no two sentences of which are the same."""

    characters: int
    given: Assumptions = field(default_factory=Assumptions)
    sample_rate: int = 24000

    @property
    def sentences(self) -> int:
        """And requests."""
        return math.ceil(self.characters / self.given.sentence.value)

    @property
    def clips(self) -> int:
        """Files that the site serves."""
        return math.ceil(self.sentences / self.given.clip.value)

    @property
    def speech(self) -> float:
        """Seconds."""
        return self.characters / self.given.pace.value

    @property
    def price(self) -> float:
        """US dollars, once."""
        return self.characters / 1e6 * self.given.price.value

    def duration(self, at_once: int) -> float:
        """Seconds until all is spoken, with so many requests at once."""
        return self.speech * self.given.factor.value / at_once

    def duration_at_pace(self, requests_per_minute: int) -> float:
        """Seconds until all is spoken, at a pace."""
        return self.sentences / requests_per_minute * 60

    @property
    def encoding(self) -> float:
        """Seconds of one processor for the MP3 files."""
        return self.speech * self.given.encoding.value

    @property
    def objects(self) -> int:
        """Files of the remote cache."""
        return self.sentences + self.clips

    @property
    def listings(self) -> int:
        """Requests that list all of the remote cache: 1,000 files each, from 16 directories of each kind."""
        kinds = (self.sentences, self.clips)
        return len(SHARDS) * sum(max(1, math.ceil(files / len(SHARDS) / 1000)) for files in kinds)

    @property
    def pauses(self) -> float:
        """Seconds of silence in the clips, between their sentences."""
        return (self.sentences - self.clips) * Pause.SENTENCE / 1000

    def size(self, kind: str) -> float:
        """Bytes of all files of a kind, one of `FORMATS`."""
        seconds = self.speech + (self.pauses if kind in _CLIPS else 0.0)
        return seconds * BYTES_A_SECOND[kind][self.sample_rate]

    @property
    def fetching_price(self) -> float:
        """US dollars of one build with an empty local cache, which fetches every clip."""
        return self.clips / 1000 * self.given.get.value + self.size("clips, MP3") / _GB * self.given.egress.value

    @property
    def storage_price(self) -> float:
        """US dollars a month, for the segments and the clips."""
        return (self.size("segments, FLAC") + self.size("clips, MP3")) / _GB * self.given.storage.value


Rows = dict[str, "Callable[[LargeSite], str]"]

SPEAKING: Rows = {
    "sentences, each a request": lambda site: f"{site.sentences:,}",
    "clips": lambda site: f"{site.clips:,}",
    "speech": lambda site: hours(site.speech),
    "price, once": lambda site: dollars(site.price),
    "time with 1 request at a time": lambda site: hours(site.duration(1)),
    "time with 10 at a time": lambda site: hours(site.duration(10)),
    "time with 100 at a time": lambda site: hours(site.duration(100)),
    "time with 100 requests a minute": lambda site: hours(site.duration_at_pace(100)),
    "MP3 encoding, time of one processor": lambda site: hours(site.encoding),
}
KEEPING: Rows = {
    "segments, FLAC": lambda site: bytes_of(site.size("segments, FLAC")),
    "clips, MP3": lambda site: bytes_of(site.size("clips, MP3")),
    "clips, Opus": lambda site: bytes_of(site.size("clips, Opus")),
    "clips, WAV": lambda site: bytes_of(site.size("clips, WAV")),
    "memory of the plan": lambda site: bytes_of(site.sentences * site.given.plan.value),
    "memory with a remote cache listed": lambda site: bytes_of(site.sentences * site.given.remote_plan.value),
    "looking up all in the local cache": lambda site: hours(site.sentences * site.given.look_up.value / 1e6),
}
SHARING: Rows = {
    "files": lambda site: f"{site.objects:,}",
    "price to store all of them, once": lambda site: dollars(site.objects / 1000 * site.given.put.value),
    "requests to list all of them": lambda site: f"{site.listings:,}",
    "price of the listing": lambda site: dollars(site.listings / 1000 * site.given.put.value),
    "time of the listing": lambda site: hours(site.objects / 1000 * site.given.listing.value),
    "fetched by a build with an empty local cache (clips, MP3)": lambda site: bytes_of(site.size("clips, MP3")),
    "price of fetching that": lambda site: dollars(site.fetching_price),
    "storage, FLAC and MP3, a month": lambda site: dollars(site.storage_price),
}


def tables() -> str:
    """All tables of the page, in its order."""
    of_sites = map(_of_sites, (SPEAKING, KEEPING, SHARING))
    return "\n\n".join("\n".join(table) for table in (_assumed(), _sized(), *of_sites))


def _assumed() -> Iterator[str]:
    yield _row(["assumption", "value", "source"])
    yield _row(["---", "---:", "---"])
    for each in Assumptions().all():
        value = dollars(each.value) if each.unit == "$" else f"{each.value:,.10g} {each.unit}".strip()
        yield _row([each.name, value, each.sureness])


def _sized() -> Iterator[str]:
    yield from _head(["bytes for a second of speech", *(f"{rate:,} Hz" for rate in SAMPLE_RATES)])
    for kind in FORMATS:
        yield _row([kind, *(f"{BYTES_A_SECOND[kind][rate]:,}" for rate in SAMPLE_RATES)])


def _of_sites(rows: Rows) -> Iterator[str]:
    sites = [LargeSite(characters) for characters in SIZES]
    yield from _head(["characters", *(f"{site.characters:,}" for site in sites)])
    for name, figure in rows.items():
        yield _row([name, *map(figure, sites)])


def _head(cells: Sequence[str]) -> Iterator[str]:
    yield _row(cells)
    yield _row(["---", *["---:"] * (len(cells) - 1)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def hours(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    for size, unit in ((86400 * 3, "days"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{_short(seconds / (86400 if unit == 'days' else size))} {unit}"
    return "under 1 ms"


def bytes_of(number: float) -> str:
    """A size in the unit that suits it."""
    for size, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if number >= size:
            return f"{_short(number / size)} {unit}"
    return f"{_short(number / 1e3)} kB"


def dollars(price: float) -> str:
    """A price with its cents, or with two digits where it is below one."""
    return f"${price:,.2f}" if price >= 1 else f"${float(f'{price:.2g}'):.10f}".rstrip("0")


def _short(number: float) -> str:
    return f"{float(f'{number:.3g}'):,.10g}"


def measure_sizes(sentences: int = 60) -> Iterator[str]:
    """Bytes for a second of speech, of real sentences that the offline voice speaks; a line for each kind."""
    texts = prose()[:sentences]
    found: dict[str, dict[int, int]] = {kind: {} for kind in FORMATS}
    for rate in SAMPLE_RATES:
        for kind, size in sizes_at(rate, texts).items():
            found[kind][rate] = round(size)
    for kind, sizes in found.items():
        yield f"{kind}: {sizes}"


def sizes_at(sample_rate: int, texts: Sequence[str]) -> dict[str, float]:
    """Bytes for a second, by kind: a file for each text, and a clip for each three of them."""
    engine = OfflineEngine()
    voice = engine.normalize_voice(Voice(model=PRO_MODEL, voice_id="kaitlyn", sample_rate=sample_rate))
    spoken = [engine.synthesize(text, voice) for text in texts]
    engine.close()
    flac = sum(len(to_flac(audio, "0" * 64)) for audio in spoken) / sum(audio.duration for audio in spoken)
    pause = Pause.SENTENCE / 1000
    joined = [
        finish(part, [voice] * len(part), [pause] * (len(part) - 1), DEFAULT_LOUDNESS).audio for part in _threes(spoken)
    ]
    seconds = sum(audio.duration for audio in joined)
    clips = {
        kind: sum(len(encode(audio, output_format)) for audio in joined) / seconds
        for kind, output_format in _CLIPS.items()
    }
    return {"segments, FLAC": flac, **clips}


USUAL_LENGTHS = range(50, 141)
"""Characters of a sentence."""


def prose() -> list[str]:
    """Sentences of this project's documentation, of 50 to 140 characters."""
    text = (Path(__file__).parents[1] / "docs" / "explanation" / "cache.md").read_text(encoding="utf-8")
    chunks = (" ".join(chunk.split()) for chunk in split_chunks(text) if is_prose(chunk))
    sentences = (sentence for chunk in chunks for sentence in re.split(r"(?<=[.?!]) ", chunk))
    return [sentence for sentence in sentences if len(sentence) in USUAL_LENGTHS and "`" not in sentence]


def _threes(spoken: Sequence[Audio]) -> Iterator[Sequence[Audio]]:
    for begin in range(0, len(spoken), 3):
        yield spoken[begin : begin + 3]
