"""What files say of themselves, read back by other programs; and that the sound stays where it was."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import mutagen
import numpy as np
import pytest

from mkdocs_lightning.audio.codec import decode, encode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.audio.tags.id3 import id3
from mkdocs_lightning.audio.tags.tags import COMMENT, ChapterTag, Tags
from tests.support.loudness import needs_ffmpeg
from tests.support.speech import speech

if TYPE_CHECKING:
    from pathlib import Path

SOUND = speech(2.345, sample_rate=24000)
CHAPTERS = (ChapterTag(0.0, 1.25, "Übersicht"), ChapterTag(1.25, 2.345, "मुख्य भाग"))
TAGS = Tags("Erste Schritte: ä, ह, 你", "Docs & more", "https://example.org/de/ü/?a=b#c", "de", CHAPTERS)
WAVS = [OutputFormat.WAV, OutputFormat.PCM, OutputFormat.ULAW, OutputFormat.ALAW]


def probe(path: Path) -> dict[str, Any]:
    """All that ffprobe finds, with the tags of the only stream among those of the file, by lower-case names."""
    ffprobe = shutil.which("ffprobe")
    assert ffprobe
    options = ("-v", "error", "-print_format", "json", "-show_format", "-show_streams", "-show_chapters")
    found = json.loads(subprocess.run([ffprobe, *options, path], capture_output=True, check=True).stdout)
    tags = {**found["streams"][0].get("tags", {}), **found["format"].get("tags", {})}
    return {**found, "tags": {name.lower(): text for name, text in tags.items()}}


@needs_ffmpeg
@pytest.mark.parametrize("output_format", OutputFormat)
def test_ffprobe_reads_them(output_format: OutputFormat, tmp_path: Path) -> None:
    path = tmp_path / f"clip{output_format.suffix}"
    path.write_bytes(encode(SOUND, output_format, TAGS))

    found = probe(path)

    tags = found["tags"]
    assert tags["title"] == TAGS.title
    assert tags["album"] == TAGS.site
    assert tags["language"] == ("deu" if output_format is OutputFormat.MP3 else "de")
    assert tags["comment"] == COMMENT
    assert "mkdocs-lightning" in tags["encoder"]
    assert float(found["format"]["duration"]) == pytest.approx(SOUND.duration, abs=0.06)  # it counts whole frames
    if output_format not in WAVS:
        chapters = [(float(one["start_time"]), one["tags"]["title"]) for one in found["chapters"]]
        assert chapters == [(chapter.start, chapter.title) for chapter in CHAPTERS]


@pytest.mark.parametrize("output_format", [OutputFormat.OPUS, OutputFormat.FLAC])
def test_mutagen_reads_vorbis_comments(output_format: OutputFormat) -> None:
    tags = mutagen.File(io.BytesIO(encode(SOUND, output_format, TAGS)))

    assert {name: tags[name] for name in ("title", "album", "contact", "language", "comment", "encoder")} == {
        "title": [TAGS.title],
        "album": [TAGS.site],
        "contact": [TAGS.url],
        "language": ["de"],
        "comment": [COMMENT],
        "encoder": ["mkdocs-lightning"],
    }
    assert (tags["chapter002"], tags["chapter002name"]) == (["00:00:01.250"], [CHAPTERS[1].title])


def test_mutagen_reads_id3() -> None:
    data = encode(SOUND, OutputFormat.MP3, TAGS)
    assert mutagen.File(io.BytesIO(data)).info.length == pytest.approx(SOUND.duration, abs=0.03)

    tags: Any = mutagen.File(io.BytesIO(data)).tags

    assert tags.version == (2, 4, 0)
    assert not tags.unknown_frames
    assert (tags["TIT2"].text, tags["TALB"].text, tags["TLAN"].text) == ([TAGS.title], [TAGS.site], ["deu"])
    assert tags["COMM::eng"].text == [COMMENT]
    assert tags["WOAF"].url == "https://example.org/de/%C3%BC/?a=b#c"
    table, *chapters = (tags["CTOC:toc"], tags["CHAP:chapter0"], tags["CHAP:chapter1"])
    assert table.child_element_ids == ["chapter0", "chapter1"]
    assert [(one.start_time, one.end_time, one.sub_frames["TIT2"].text) for one in chapters] == [
        (0, 1250, [CHAPTERS[0].title]),
        (1250, 2345, [CHAPTERS[1].title]),
    ]


@pytest.mark.parametrize("output_format", OutputFormat)
def test_the_sound_is_that_of_a_file_without_tags(output_format: OutputFormat) -> None:
    """To the sample: no tag moves the first sound, or makes the file longer."""
    plain, tagged = (decode(encode(SOUND, output_format, tags)) for tags in (None, TAGS))

    np.testing.assert_array_equal(tagged.samples, plain.samples)
    assert encode(SOUND, output_format, TAGS) == encode(SOUND, output_format, TAGS)


@pytest.mark.parametrize("output_format", OutputFormat)
def test_what_has_no_page_says_who_reads_it(output_format: OutputFormat) -> None:
    tags = mutagen.File(io.BytesIO(encode(SOUND, output_format, Tags("A title."))))
    if output_format not in WAVS:  # whose list INFO mutagen does not read
        assert COMMENT in str(tags)
    else:
        assert COMMENT.encode() in encode(SOUND, output_format, Tags("A title."))


@pytest.mark.parametrize("output_format", OutputFormat)
@pytest.mark.parametrize(
    "tags",
    [
        Tags(""),
        Tags("x" * 200_000),
        Tags("A", chapters=tuple(ChapterTag(number / 100, number / 100, "Part " * 9) for number in range(3000))),
        Tags("\ud800 broken", "\0", "https://example.org/\ud800", "xx"),
    ],
    ids=["no title", "a long title", "3,000 chapters", "broken text"],
)
def test_whatever_they_are_there_is_a_whole_file(output_format: OutputFormat, tags: Tags) -> None:
    data = encode(SOUND, output_format, tags)

    assert mutagen.File(io.BytesIO(data)) is not None
    assert len(decode(data).samples) == len(decode(encode(SOUND, output_format)).samples)


def test_no_byte_of_a_size_looks_like_sound() -> None:
    """A decoder that knows no tags looks for eleven set bits."""
    assert b"\xff\xfb" not in id3(TAGS)
    head = id3(Tags("x" * 300_000))[:10]
    assert max(head[6:]) < 0x80


def test_no_sound_is_no_file() -> None:
    assert encode(Audio(np.zeros(0, np.int16), 24000), OutputFormat.MP3, TAGS) == b""
