"""What a run may send, sends and reports: all languages, rounds and tries together."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support.commands import run
from tests.support.http_server import answering
from tests.support.service import Fault, Mp3Start, Service, Sound, WavHeader, encode, every
from tests.support.sites import three_languages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.sites import Site

SENTENCES = {
    "index.md": "This sentence stands in the English part of the site.",
    "index.de.md": "Dieser Satz steht im deutschen Teil dieser Dokumentation.",
    "index.es.md": "Esta frase se encuentra en la parte española de este sitio.",
}


def block(*sentences: str) -> str:
    return ":::speak\n" + " ".join(sentences) + "\n:::\n"


def sent(service: Service) -> int:
    """Characters in all requests, whatever became of them."""
    return sum(len(str(request.body["text"])) for request in service.requests if request.body)


def reported(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for record in caplog.records if "synthesized (" in (line := record.getMessage())]


@pytest.mark.parametrize("languages", [0, 1, 2, 3])
@pytest.mark.parametrize("short_by", [0, 1])
def test_languages_share_a_budget_and_plan_knows_it(
    site: Site, service: Service, expect_warning: Callable[[str], None], languages: int, short_by: int
) -> None:
    """With room for so many languages, the others stay text."""
    site.config = {"plugins": [three_languages()]}
    site.write({name: f"# Page\n\n{block(text)}" for name, text in SENTENCES.items()})
    lengths = [len(text) for text in SENTENCES.values()]
    cap = max(0, sum(lengths[:languages]) - short_by)

    planned = run(site, "plan", max_characters=cap).output
    if cap < sum(lengths):
        expect_warning("1 sentence missing: .* characters to send, and max_characters is")
    site.build(max_characters=cap)

    assert sent(service) <= cap
    if sent(service) == 0:
        assert "A build would send nothing: max_characters is" in planned
    elif sent(service) < sum(lengths):
        fitting, others = ("en", "de, es do") if languages - short_by == 1 else ("en, de", "es does")
        assert f"A build would send {sent(service):,} of these characters, for {fitting}; {others} not fit" in planned
    else:
        assert "A build would send" not in planned


def test_a_smaller_language_after_one_that_does_not_fit_is_sent_and_named(
    site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    site.config = {"plugins": [three_languages()]}
    long = "Dieser Satz ist sehr viel länger als alle anderen Sätze, die auf dieser Seite stehen."
    site.write({name: block(text) for name, text in {**SENTENCES, "index.de.md": long}.items()})
    fitting = len(SENTENCES["index.md"]) + len(SENTENCES["index.es.md"])

    planned = run(site, "plan", max_characters=fitting).output
    expect_warning("1 sentence missing: .* characters to send, and max_characters is")
    site.build(max_characters=fitting)

    assert sent(service) == fitting
    assert f"A build would send {fitting} of these characters, for en, es; de does not fit: max_characters" in planned


@pytest.mark.parametrize("has_room", [True, False])
def test_plan_says_where_a_page_without_a_translation_counts_if_its_first_language_does_not_fit(
    site: Site, service: Service, expect_warning: Callable[[str], None], *, has_room: bool
) -> None:
    site.config = {"plugins": [three_languages()]}
    shared = "This page is only in English, and shown in the other languages as it is."
    long = "".join(f"Sentence number {number} makes the first page in English very long. " for number in range(9))
    site.write({name: block(text) for name, text in {**SENTENCES, "index.md": long, "other.md": shared}.items()})
    fitting = len(SENTENCES["index.de.md"] + shared + SENTENCES["index.es.md"])
    cap = fitting if has_room else len(shared) - 1
    note = "In the table, a page without a translation counts for its first language; the first that fits"

    planned = run(site, "plan", max_characters=cap).output
    expect_warning("missing: .* characters to send, and max_characters is")
    site.build(max_characters=cap)

    if has_room:
        assert sent(service) == fitting
        assert f"A build would send {fitting} of these characters, for de, es; en does not fit" in planned
    assert note in planned
    assert note not in run(site, "plan", max_characters=len(long + shared)).output


OLD = [f"The old sentence number {number} was here a long while before the others." for number in range(10, 20)]
NEW = [f"The new sentence number {number} has only just come to this page of the site." for number in range(10, 20)]


def damage(site: Site, change: Callable[[bytes], bytes]) -> None:
    for path in (site.root / ".cache").rglob("segments/*/*.flac"):
        path.write_bytes(change(path.read_bytes()))


def flipped(data: bytes) -> bytes:
    return data[:200] + bytes([data[200] ^ 0xFF]) + data[201:]


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [(flipped, False), (lambda data: data[: len(data) // 2], True), (lambda _: b"", True), (lambda _: b"fLaC", True)],
    ids=["flipped", "half", "empty", "a marker"],
)
def test_damaged_sentences_are_paid_for_out_of_the_same_budget(  # noqa: PLR0917 - fixtures
    site: Site,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    expect_warning: Callable[[str], None],
    change: Callable[[bytes], bytes],
    is_seen: bool,
) -> None:
    """What the plan sees to be damaged counts as missing; what it cannot see is not made again past the budget."""
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    site.write({"index.md": block(*OLD)})
    site.build()
    damage(site, change)
    site.write({"index.md": "\n".join(block(text) for text in (*OLD, *NEW))})
    service.clear()
    old, new = (sum(map(len, texts)) for texts in (OLD, NEW))
    cap = new + 10
    caplog.set_level("INFO")
    expect_warning("missing: .* characters to send, and max_characters is")

    planned = run(site, "plan", max_characters=cap).output
    site.build(max_characters=cap)

    expected = 0 if is_seen else new
    assert sent(service) == expected
    assert f"{old + new if is_seen else new:,} characters" in planned
    assert ("A build would send nothing" in planned) == is_seen
    assert f"({expected:,} characters)" in reported(caplog)[-1]
    assert " 20 sentences: 0 cached, " in reported(caplog)[-1]


def test_what_failed_is_not_requested_again_with_what_was_damaged(
    site: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    """The damage is found only when the clip is built, and makes a second round of synthesis necessary."""
    damaged, refused = OLD[0], NEW[0]
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    site.write({"index.md": block(damaged)})
    site.build()
    damage(site, flipped)
    shutil.rmtree(site.root / ".cache/plugin/lightning/clips")
    site.write({"index.md": block(damaged) + "\n" + block(refused)})
    service.clear()
    service.faults = lambda _, body: Fault.SILENCE if body["text"] == refused else None
    expect_warning("1 sentence missing: .*; an earlier try had the same defect")

    site.build()

    assert Counter(request.body["text"] for request in service.requests if request.body) == {damaged: 1, refused: 2}
    assert len(site.clips("index.html")) == 1


@pytest.mark.parametrize("fault", [Fault.WRONG_RATE, Fault.TOO_SHORT, Fault.SILENCE, Fault.STEREO, Fault.TRUNCATED_WAV])
def test_refused_audio_is_spent_and_reported(
    site: Site, service: Service, caplog: pytest.LogCaptureFixture, expect_warning: Callable[[str], None], fault: Fault
) -> None:
    text = SENTENCES["index.md"]
    site.write({"index.md": block(text)})
    service.faults = every(1, fault)
    caplog.set_level("INFO")
    expect_warning("1 sentence missing: .*; another request would exceed max_characters")
    expect_warning("1 sentence missing: .*; an earlier try had the same defect")

    site.build(max_characters=len(text), retries=5)
    assert sent(service) == len(text)
    assert f"0 synthesized ({len(text)} characters, of which {len(text)} rejected)" in reported(caplog)[-1]

    service.clear()
    site.build(retries=5)
    assert sent(service) == 2 * len(text)
    assert f"0 synthesized ({2 * len(text)} characters, of which {2 * len(text)} rejected)" in reported(caplog)[-1]


@pytest.mark.parametrize("command", [["synth"], ["synth", "--shard", "1/1"]], ids=" ".join)
def test_commands_keep_and_report_it_too(
    site: Site, service: Service, expect_warning: Callable[[str], None], command: list[str]
) -> None:
    expect_warning("1 sentence missing: .*; another request would exceed max_characters")
    text = SENTENCES["index.md"]
    site.write({"index.md": block(text)})
    service.faults = every(1, Fault.SILENCE)
    ended = run(site, *command, max_characters=len(text))
    assert ended.exit_code == 1
    assert sent(service) == len(text)
    assert f"({len(text)} characters, of which {len(text)} rejected)" in ended.output


@pytest.mark.parametrize("size", [WavHeader.UNKNOWN_FF, WavHeader.UNKNOWN_7F, WavHeader.ZERO])
def test_half_a_sentence_is_not_published_for_good(
    site: Site, expect_warning: Callable[[str], None], tmp_path: Path, size: WavHeader
) -> None:
    """It has no size that is known, and ends with its connection: long enough, and no end in sight."""
    sound = Sound(np.random.default_rng(1).integers(-9000, 9000, 48000, np.int16), 24000)
    body = encode(sound, "wav", size, Mp3Start.PLAIN)
    site.write({"index.md": block(SENTENCES["index.md"])})
    expect_warning("neither the reply nor the audio says where it ends")
    with answering(b"HTTP/1.0 200 OK\r\nContent-Type: audio/wav\r\n\r\n", body[: len(body) // 2]) as url:
        site.build(base_url=url)
    assert site.clips("index.html") == []
    assert not list((tmp_path / ".cache").rglob("*.flac"))


def test_a_size_of_two_thousand_million_is_a_placeholder(site: Site) -> None:
    sound = Sound(np.random.default_rng(1).integers(-9000, 9000, 96000, np.int16), 24000)
    body = encode(sound, "wav", WavHeader.TRUE, Mp3Start.PLAIN)
    body = body[:40] + (2_000_000_000).to_bytes(4, "little") + body[44:]
    reply = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    site.write({"index.md": block(SENTENCES["index.md"])})
    with answering(reply, body) as url:
        site.build(strict=True, base_url=url)
    assert len(site.clips("index.html")) == 1
    assert re.search(r"data-starts", site.html("index.html"))
