"""The first frame of an MP3: that it says what libsndfile's says of the same frames, and what decoders make of it."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import soundfile

from mkdocs_lightning.audio.codec import decode, encode
from mkdocs_lightning.audio.formats import MP3_QUALITY, MP3_SETTINGS, OutputFormat
from mkdocs_lightning.audio.info_tag import ENCODER_DELAY, crc16, info_frame
from mkdocs_lightning.audio.samples import Audio

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Samples

RATE = 24000
FRAME = 192  # bytes at 24,000 Hz
LIBSNDFILE_S_QUALITY = 3  # it gives no way to change it
LIBSNDFILE_S_TARGET = 6  # for a variable bit rate, made of its compression level, but of no effect
TAG = struct.Struct(">4sIII100sI9sBBIHHBB3sBBHIHH")
LAST = 2  # bytes of the checksum of the tag


def noise(count: int) -> Samples:
    """Noise without the treble that an MP3 drops."""
    white = np.random.default_rng(count).normal(0, 9000, count + 15)
    return np.clip(np.convolve(white, np.hanning(18)[1:-1] / 8, "valid"), -32767, 32767).astype(np.int16)


class Tag(NamedTuple):
    """The fields in their order."""

    name: bytes
    flags: int
    frames: int
    size: int
    toc: bytes
    quality: int
    encoder: bytes
    method: int
    lowpass: int
    peak: int
    track_gain: int
    album_gain: int
    psychoacoustics: int
    bit_rate: int
    delay_and_padding: bytes
    miscellany: int
    mp3_gain: int
    preset: int
    music_size: int
    music_crc: int
    crc: int


def tag_of(mp3: bytes) -> Tag:
    return Tag(*TAG.unpack_from(mp3, mp3.index(b"Info")))


def delay_and_padding(tag: Tag) -> tuple[int, int]:
    both = int.from_bytes(tag.delay_and_padding, "big")
    return both >> 12, both & 0xFFF


def by_libsndfile(samples: Samples, sample_rate: int) -> bytes:
    file = io.BytesIO()
    options: dict[str, Any] = {"subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT"}
    soundfile.write(file, samples, sample_rate, format="MP3", compression_level=LIBSNDFILE_S_TARGET / 10, **options)
    return file.getvalue()


def split(mp3: bytes) -> tuple[bytes, bytes]:
    """The first frame, and the others, which begin alike."""
    start = mp3.index(mp3[:2], 4)
    return mp3[:start], mp3[start:]


def plain_crc16(data: bytes) -> int:
    """As it is defined, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (crc & 1) * 0xA001
    return crc


@pytest.mark.parametrize("count", [1, 575, 30_000, 400_013])
@pytest.mark.parametrize("sample_rate", MP3_SETTINGS)
def test_the_frame_is_libsndfile_s_but_for_an_exact_table(sample_rate: int, count: int) -> None:
    theirs, music = split(by_libsndfile(noise(count), sample_rate))
    ours = info_frame(music, count, LIBSNDFILE_S_QUALITY, LIBSNDFILE_S_TARGET)

    assert len(ours) == len(theirs)
    mine, its = tag_of(ours), tag_of(theirs)
    # LAME leaves the first frame out of the table, and remembers a frame by its end, and at most 400 of them.
    a_frame, an_entry = 256 / mine.frames, 256 / 400
    for entry, its_entry in zip(mine.toc, its.toc, strict=True):
        assert abs(entry - its_entry) <= 1 + a_frame + an_entry
    assert mine._replace(toc=its.toc, crc=its.crc) == its
    start = ours.index(b"Info")
    assert ours[:start] == theirs[:start]
    assert ours[start + TAG.size :] == theirs[start + TAG.size :]
    for frame, tag in ((ours, mine), (theirs, its)):
        assert tag.crc == plain_crc16(frame[: start + TAG.size - LAST])


@pytest.mark.parametrize("sample_rate", MP3_SETTINGS)
def test_what_the_tag_says_is_so(sample_rate: int) -> None:
    samples = noise(3 * sample_rate + 7)
    mp3 = encode(Audio(samples, sample_rate), OutputFormat.MP3)
    tag, (first, music), setting = tag_of(mp3), split(mp3), MP3_SETTINGS[sample_rate]

    assert tag.size == tag.music_size == len(mp3)
    assert tag.music_crc == plain_crc16(music)
    assert tag.quality == 100 - 10 * (4 if setting.target is None else setting.target) - MP3_QUALITY
    assert tag.bit_rate == tag.preset == setting.bit_rate
    samples_of_a_frame = 1152 if sample_rate >= 32000 else 576
    delay, padding = delay_and_padding(tag)
    assert tag.frames * samples_of_a_frame == delay + len(samples) + padding
    assert tag.toc[0] == 0
    for percent in range(1, 100):
        place = tag.toc[percent] * len(mp3) / 256
        exact = len(first) + percent * len(music) / 100
        assert exact - 2 * len(first) - len(mp3) / 256 <= place <= exact + len(first)


@pytest.mark.parametrize("count", [1, 2, 47, 48, 575, 576, 577, 1104, 1105, 1151, 1152, 1153, 2304, 24_000, 100_001])
@pytest.mark.parametrize("sample_rate", MP3_SETTINGS)
def test_a_decoder_gives_each_sample_at_its_place(sample_rate: int, count: int) -> None:
    """Also that LAME delays as much as the tag says, whichever LAME is installed."""
    samples = noise(count)

    again = decode(encode(Audio(samples, sample_rate), OutputFormat.MP3))

    assert again.sample_rate == sample_rate
    assert len(again.samples) == count
    if count > 1000:
        size = 2 * count
        spectra = np.fft.rfft(again.samples, size) * np.conj(np.fft.rfft(samples, size))
        assert np.argmax(np.fft.irfft(spectra, size)) == 0, "shifted"


def test_no_samples_are_no_file() -> None:
    """As libsndfile has it."""
    assert encode(Audio(np.zeros(0, np.int16), RATE), OutputFormat.MP3) == b""


@pytest.mark.parametrize(("sample_rate", "encoded"), [(10_000, 11_025), (20_000, 22_050), (96_000, 48_000)])
def test_a_sample_rate_that_mp3_does_not_know_is_resampled(sample_rate: int, encoded: int) -> None:
    again = decode(encode(Audio(noise(2 * sample_rate), sample_rate), OutputFormat.MP3))
    assert again.sample_rate == encoded
    assert again.duration == pytest.approx(2, abs=1 / 8000)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 127, 128, 129, 255, 256, 257, 190, 4096 * 128, 4096 * 128 + 129])
def test_the_checksum_is_what_its_definition_says(length: int) -> None:
    data = np.random.default_rng(length).integers(0, 256, length, np.uint8).tobytes()
    assert crc16(data) == plain_crc16(data)


def test_the_checksum_has_its_published_check_value() -> None:
    assert crc16(b"123456789") == 0xBB3D


MUSIC = split(encode(Audio(noise(RATE), RATE), OutputFormat.MP3))[1]
STEREO = MUSIC[:3] + bytes([MUSIC[3] & 0x3F])


@pytest.mark.parametrize(
    ("music", "count", "message"),
    [
        (MUSIC[:-1], RATE, r"the last frame ends at byte 8448 of 8447"),
        (MUSIC + b"\0", RATE, r"there is no mono frame of the same bit rate at byte 8448"),
        (MUSIC + MUSIC[:1], RATE, r"there is no mono frame of the same bit rate at byte 8448"),
        (MUSIC + MUSIC[:3], RATE, r"there is no mono frame of the same bit rate at byte 8448"),
        (MUSIC[:FRAME] + b"\xff\xf3\x94\xc4", RATE, r"there is no mono frame of the same bit rate at byte 192"),
        (STEREO + MUSIC[4:], RATE, r"there is no mono frame of the same bit rate at byte 0"),
        (MUSIC, RATE + 769, r"44 frames of 576 samples cannot hold 24769 samples"),
        (MUSIC, 44 * 576 - ENCODER_DELAY - 0x1000, r"44 frames of 576 samples cannot hold 20672 samples"),
    ],
)
def test_what_are_not_the_frames_of_so_many_samples_is_refused(music: bytes, count: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        info_frame(music, count, MP3_QUALITY)
