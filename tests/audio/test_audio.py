"""Sound: what is decoded, what is refused, and that joining and encoding lose no time."""

from __future__ import annotations

import contextlib
import io
import struct
import time

import numpy as np
import pytest
import soundfile

from mkdocs_lightning.audio.codec import decode, encode
from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import FADE_SECONDS, Audio, AudioError, check, join, resample
from mkdocs_lightning.audio.wav import states_its_length
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES

RATE = 24000


def tone(seconds: float, sample_rate: int = RATE, peak: int = 8000) -> Audio:
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return Audio((peak * np.sin(2 * np.pi * 220 * time)).astype(np.int16), sample_rate)


def written(samples: object, kind: str, subtype: str, sample_rate: int = RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, sample_rate, format=kind, subtype=subtype)
    return file.getvalue()


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    """A RIFF chunk, padded to an even length, whose header may claim another size."""
    return name + struct.pack("<I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def wav(*chunks: bytes, size: int | None = None, kind: bytes = b"WAVE") -> bytes:
    return chunk(b"RIFF", kind + b"".join(chunks), size)


SOUND = tone(0.5)
BYTES = SOUND.samples.astype("<i2").tobytes()
FORMAT = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16))
DATA = chunk(b"data", BYTES)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(wav(FORMAT, DATA), id="true sizes"),
        *(
            pytest.param(wav(FORMAT, chunk(b"data", BYTES, size), size=size), id=f"sizes {size:#x}")
            for size in (0, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFF000, 0xFFFFFFFF - 36)
        ),
        pytest.param(wav(FORMAT, chunk(b"data", BYTES, 0xFFFFFFFF)), id="only the data's size unknown"),
        pytest.param(wav(FORMAT, DATA, size=0), id="only the file's size unknown"),
        pytest.param(wav(FORMAT, chunk(b"LIST", b"INFO" * 5), DATA, chunk(b"id3 ", b"x" * 9)), id="extra chunks"),
        pytest.param(wav(FORMAT, DATA) + bytes(64), id="padded"),
        pytest.param(wav(chunk(b"odd ", b"123"), FORMAT, DATA), id="an odd chunk, padded"),
        pytest.param(wav(FORMAT, chunk(b"odd ", b"123"), chunk(b"data", BYTES, 0)), id="padded, unknown"),
        pytest.param(wav(FORMAT, chunk(b"data", BYTES + b"\1", 0xFFFFFFFF))[:-1], id="half a sample at the end"),
        pytest.param(written(SOUND.samples, "FLAC", "PCM_16"), id="flac"),
    ],
)
def test_every_sample_is_decoded(data: bytes) -> None:
    audio = decode(data)
    assert audio.sample_rate == RATE
    assert audio.samples.dtype == np.int16
    np.testing.assert_array_equal(audio.samples, SOUND.samples)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE", "PCM_24", "PCM_U8", "ULAW", "ALAW"])
def test_other_kinds_of_samples_keep_their_loudness(subtype: str) -> None:
    audio = decode(written(SOUND.samples / 32768, "WAV", subtype))
    np.testing.assert_allclose(audio.samples, SOUND.samples, atol=300)


def test_fractions_beyond_full_scale_are_cut_not_wrapped() -> None:
    audio = decode(written(np.array([0.0, 1.5, -1.5, 1.0]), "WAV", "FLOAT"))
    np.testing.assert_array_equal(audio.samples, [0, 32767, -32767, 32767])


def test_mp3_is_decoded() -> None:
    mp3 = encode(tone(0.5, 44100), OutputFormat.MP3)
    audio = decode(mp3)
    assert (audio.sample_rate, audio.duration) == (44100, 0.5)
    assert 6000 < np.abs(audio.samples.astype(int)).max() < 10000
    bare = decode(mp3[mp3.index(mp3[:2], 4) :])  # without its first frame, which tells the length
    assert bare.duration == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(("wire_format", "width"), [("pcm", 2), ("ulaw", 1), ("alaw", 1)])
def test_raw_samples_are_decoded_at_the_rate_that_was_asked_for(wire_format: str, width: int) -> None:
    raw = {"pcm": BYTES, "ulaw": written(SOUND.samples, "RAW", "ULAW"), "alaw": written(SOUND.samples, "RAW", "ALAW")}
    assert len(raw[wire_format]) == width * len(SOUND.samples)
    audio = decode(raw[wire_format], wire_format, RATE)
    assert audio.sample_rate == RATE
    np.testing.assert_allclose(audio.samples, SOUND.samples, atol=300)


def terabytes() -> bytes:
    """A FLAC file whose damaged header promises far more samples than any memory holds."""
    flac = bytearray(written(SOUND.samples, "FLAC", "PCM_16"))
    flac[21] |= 0x0F  # the upper bits of the number of samples (RFC 9639, section 8.2)
    return bytes(flac)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (wav(FORMAT, DATA)[:-1], f"the audio is cut short: {len(BYTES) - 1} bytes of the {len(BYTES)} that its header"),
        (wav(FORMAT, chunk(b"data", BYTES[:100], 10**9 - 1)), "the audio is cut short: 100 bytes of the 999999999 "),
        (wav(FORMAT, chunk(b"data", BYTES, len(BYTES) // 2)), f"the audio is cut short: .* and {len(BYTES) // 2} more"),
        (wav(FORMAT, DATA, chunk(b"id3 ", b"x" * 9), DATA), f"the audio is cut short: .* and {len(DATA)} more follow"),
        (wav(FORMAT, DATA) * 2, f"the audio is cut short: .* and {len(wav(FORMAT, DATA))} more follow"),
        (wav(FORMAT, chunk(b"LIST", b"INFO", 99), DATA), "the audio is a WAV without data"),
        (wav(FORMAT), "the audio is a WAV without data"),
        (wav(FORMAT, DATA, kind=b"AVI "), "the audio is RIFF, but not WAVE"),
        (wav(DATA), "the audio cannot be decoded"),
        (written(np.zeros((99, 2), np.int16), "WAV", "PCM_16"), "the audio has 2 channels instead of one"),
        (b"", r"the audio cannot be decoded \(0 bytes, empty\)"),
        (b"<html>no</html>", r"the audio cannot be decoded \(15 bytes, beginning b'<html>no</html>'\)"),
        (bytes(range(256)) * 40, "the audio cannot be decoded"),
        (terabytes(), "the audio cannot be decoded"),
        (encode(tone(2), OutputFormat.MP3)[:8000], "the audio is cut short: .* of the 48000 it promises"),
    ],
)
def test_what_is_no_whole_mono_sound_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(AudioError, match=f"^{message}"):
        decode(data)


@pytest.mark.parametrize("length", [2**20 - 1, 2**20, 2**20 + 1, 2**21])
def test_a_long_sound_comes_back_whole(length: int) -> None:
    samples = np.random.default_rng(3).integers(-9000, 9000, length, np.int16)
    np.testing.assert_array_equal(decode(encode(Audio(samples, 48000), OutputFormat.FLAC)).samples, samples)


PLACEHOLDERS = (0, 2_000_000_000, 2_000_000_036, 0x7FFFFFFF, 0x7FFFFFFF - 36, 0xFFFFFFFF, 0xFFFFFFFF - 36)


@pytest.mark.parametrize("size", PLACEHOLDERS)
@pytest.mark.parametrize("trailing", [(), ((b"LIST", b"INFOISFTx"),), ((b"fact", b"1234"), (b"ID3 ", b"odd"))], ids=len)
def test_a_size_that_is_a_placeholder_means_to_the_end(size: int, trailing: tuple[tuple[bytes, bytes], ...]) -> None:
    """And chunks that follow the samples are no sound."""
    chunks = [chunk(name, body) for name, body in trailing]
    data = wav(FORMAT, chunk(b"data", BYTES, size), *chunks)
    np.testing.assert_array_equal(decode(data).samples, SOUND.samples)
    assert not states_its_length(data)


def test_only_a_wav_with_its_size_states_its_length() -> None:
    assert states_its_length(wav(FORMAT, DATA))
    assert not states_its_length(encode(tone(1), OutputFormat.MP3))
    assert not states_its_length(BYTES)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_samples_that_are_not_numbers_are_refused(value: float, subtype: str) -> None:
    samples = SOUND.samples / 32768
    samples[7] = value
    with pytest.raises(AudioError, match=r"^the audio has samples that are not numbers$"):
        decode(written(samples, "WAV", subtype))


def test_raw_samples_of_an_odd_length_are_refused() -> None:
    with pytest.raises(AudioError, match=r"^the audio is cut short: 3 bytes are not a whole number of 16-bit samples$"):
        decode(b"abc", "pcm", RATE)


SENTENCE = "This sentence has about fifteen characters for each second."


@pytest.mark.parametrize(
    ("text", "seconds", "speed"),
    [
        (SENTENCE, len(SENTENCE) / 15, 1.0),
        (SENTENCE, len(SENTENCE) / 30, 1.0),
        (SENTENCE, len(SENTENCE) / 30, 2.0),
        (SENTENCE, len(SENTENCE) / 7.5, 0.5),
        ("Go.", 0.25, 2.0),
        ("Go.", 1.5, 0.5),
        ("1234567890", 6.0, 1.0),  # each digit by its name
        ("1,234,567", 7.0, 1.0),  # a number in words
        ("२४६८", 3.0, 1.0),
        ("पृष्ठ तैयार है।", 1.0, 1.0),
        ("페이지가 준비되었습니다.", 2.1, 1.0),
        ("页面准备好了。", 1.6, 1.0),
        ("ページができました。", 1.3, 1.0),
        ("الصفحة جاهزة.", 1.4, 1.0),
    ],
)
def test_what_can_be_the_text_passes(text: str, seconds: float, speed: float) -> None:
    check(tone(seconds), text=text, sample_rate=RATE, speed=speed)


@pytest.mark.parametrize(
    ("audio", "speed", "message"),
    [
        (tone(4, 16000), 1.0, "the audio has 16000 Hz instead of 24000 Hz"),
        (tone(4, peak=0), 1.0, "the audio is silent (4.00 s for 59 characters)"),
        (tone(4, peak=32), 1.0, "the audio is silent (4.00 s for 59 characters)"),
        (tone(0), 1.0, "the audio is silent (0.00 s for 59 characters)"),
        (tone(0.5), 1.0, "the audio lasts 0.50 s, which is impossible for 59 characters"),
        (tone(1.0), 0.5, "the audio lasts 1.00 s, which is impossible for 59 characters"),
        (tone(60), 1.0, "the audio lasts 60.00 s, which is impossible for 59 characters"),
        (tone(30), 2.0, "the audio lasts 30.00 s, which is impossible for 59 characters"),
    ],
)
def test_what_cannot_be_the_text_is_refused(audio: Audio, speed: float, message: str) -> None:
    with pytest.raises(AudioError) as refused:
        check(audio, text=SENTENCE, sample_rate=RATE, speed=speed)
    assert str(refused.value) == message


def test_the_loudest_sample_there_is_counts_as_loud() -> None:
    assert not Audio(np.array([-32768], np.int16), RATE).is_silent  # whose absolute value is no int16
    for at in range(1999):  # a click, wherever it is
        samples = np.zeros(2000, np.int16)
        samples[at] = -33
        assert not Audio(samples, RATE).is_silent


@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
def test_joining_is_exact_to_the_sample(sample_rate: int) -> None:
    loud = Audio(np.full(sample_rate // 3 + 1, 10000, np.int16), sample_rate)
    before = loud.samples.copy()

    joined = join([loud, loud, loud], [0.25, 0.0601])
    whole = joined.audio

    length, pause, short = len(loud.samples), round(0.25 * sample_rate), round(0.0601 * sample_rate)
    starts = (0, length + pause, 2 * length + pause + short)
    assert len(whole.samples) == 3 * length + pause + short
    assert joined.spans == tuple((start, start + length) for start in starts)
    assert whole.sample_rate == sample_rate
    assert whole.samples.dtype == np.int16
    fade = round(FADE_SECONDS * sample_rate)
    expected = np.zeros_like(whole.samples)
    for start in starts:
        part = whole.samples[start : start + length]
        assert part[0] == part[-1] == 0
        assert (np.diff(part[: fade + 1].astype(int)) > 0).all()
        assert (np.diff(part[-fade - 1 :].astype(int)) < 0).all()
        expected[start : start + length] = part
        assert (part[fade:-fade] == 10000).all()
    np.testing.assert_array_equal(whole.samples, expected)  # between the parts there is nothing
    np.testing.assert_array_equal(loud.samples, before)


def test_parts_of_other_sample_rates_last_as_long_when_joined() -> None:
    parts = [Audio(np.full(rate, 1000, np.int16), rate) for rate in (24000, 8000, 44100)]  # a second each

    whole = join(parts, [0.5, 0.5]).audio

    assert whole.sample_rate == 24000
    assert whole.duration == pytest.approx(4.0, abs=0.001)


def test_a_part_of_a_few_samples_is_joined() -> None:
    whole = join([Audio(np.full(count, 100, np.int16), RATE) for count in (0, 1, 3)], [0.0, 0.0]).audio
    assert len(whole.samples) == 4


def test_each_pair_of_parts_has_one_pause() -> None:
    with pytest.raises(ValueError, match="zip"):
        join([SOUND, SOUND], [])


@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
@pytest.mark.parametrize("output_format", OutputFormat)
def test_an_encoded_file_lasts_as_long_as_its_samples(output_format: OutputFormat, sample_rate: int) -> None:
    whole = join([tone(0.4321, sample_rate), tone(0.8007, sample_rate)], [0.25]).audio

    again = decode(encode(whole, output_format))

    is_resampled = (output_format, sample_rate) == (OutputFormat.OPUS, 44100)  # a rate that Opus does not know
    assert again.sample_rate == (48000 if is_resampled else sample_rate)
    assert abs(again.duration - whole.duration) <= (1 / 44100 if is_resampled else 0)
    loudness = np.sqrt(np.mean(again.samples.astype(float) ** 2))
    assert loudness == pytest.approx(np.sqrt(np.mean(whole.samples.astype(float) ** 2)), rel=0.1)


@pytest.mark.parametrize("output_format", OutputFormat)
def test_a_block_of_two_thousand_characters_lasts_as_long_as_its_parts(output_format: OutputFormat) -> None:
    parts = [tone(9.3217 + number / 1000) for number in range(14)]  # 2,000 characters at 15 a second
    pauses = [0.25, 0.6] * 6 + [0.06]

    again = decode(encode(join(parts, pauses).audio, output_format))

    assert abs(again.duration - sum(part.duration for part in parts) - sum(pauses)) < 0.010


def mp3_bit_rates(data: bytes) -> set[int]:
    """Bytes a second of each frame of an MP3 file that is nothing but frames, from their own lengths."""
    bit_rates: set[int] = set()
    while data:
        assert data[0] == 0xFF
        assert data[1] >= 0xE2
        version, index, rate = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
        kbit = (MPEG_1_BIT_RATES if version == 3 else MPEG_2_BIT_RATES)[index]
        sample_rate = (44100, 48000, 32000)[rate] // {3: 1, 2: 2, 0: 4}[version]
        padding = data[2] >> 1 & 1
        length = (144 if version == 3 else 72) * kbit * 1000 // sample_rate + padding
        bit_rates.add(kbit)
        data = data[length:]
    return bit_rates


MPEG_1_BIT_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
MPEG_2_BIT_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


@pytest.mark.parametrize(("sample_rate", "kbit"), [(8000, 32), (16000, 64), (24000, 64), (44100, 160)])
def test_mp3_is_nothing_but_frames_of_one_bit_rate(sample_rate: int, kbit: int) -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, sample_rate, np.int16)
    noise[sample_rate // 3 : sample_rate // 2] = 0  # where a variable rate would drop
    assert mp3_bit_rates(encode(Audio(noise, sample_rate), OutputFormat.MP3)) == {kbit}


@pytest.mark.parametrize("output_format", OutputFormat)
def test_encoding_twice_gives_the_same_bytes(output_format: OutputFormat) -> None:
    once, again = (encode(tone(2.3, 44100), output_format) for _ in range(2))
    assert once == again
    assert decode(once).duration == pytest.approx(2.3, abs=0.001)  # an Ogg page with a wrong checksum would be left out


@pytest.mark.parametrize(
    ("output_format", "suffix", "start", "media_type"),
    [
        (OutputFormat.MP3, ".mp3", b"\xff\xf3", "audio/mpeg"),
        (OutputFormat.WAV, ".wav", b"RIFF", "audio/wav"),
        (OutputFormat.FLAC, ".flac", b"fLaC", "audio/flac"),
        (OutputFormat.OPUS, ".opus", b"OggS", "audio/ogg"),
        (OutputFormat.PCM, ".wav", b"RIFF", "audio/wav"),
        (OutputFormat.ULAW, ".wav", b"RIFF", "audio/wav"),
        (OutputFormat.ALAW, ".wav", b"RIFF", "audio/wav"),
    ],
)
def test_a_file_is_what_its_ending_says(
    output_format: OutputFormat, suffix: str, start: bytes, media_type: str
) -> None:
    assert encode(SOUND, output_format).startswith(start)
    assert (output_format.suffix, output_format.media_type) == (suffix, media_type)


@pytest.mark.parametrize(
    ("output_format", "subtype"),
    [(OutputFormat.PCM, "PCM_16"), (OutputFormat.ULAW, "ULAW"), (OutputFormat.ALAW, "ALAW")],
)
def test_the_services_raw_formats_stand_in_a_wav_that_browsers_play(output_format: OutputFormat, subtype: str) -> None:
    assert soundfile.info(io.BytesIO(encode(SOUND, output_format))).subtype == subtype


@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
def test_resampling_keeps_time_and_pitch(sample_rate: int) -> None:
    once, twice = (resample(tone(1, 22050), sample_rate) for _ in range(2))
    assert once.sample_rate == sample_rate
    assert once.duration == 1
    assert once.samples.dtype == np.int16
    np.testing.assert_array_equal(once.samples, twice.samples)
    assert np.argmax(np.abs(np.fft.rfft(once.samples))) == 220


@pytest.mark.parametrize("name", [b"LIST", b"_PMX", b"fact", b"data", b"none"])
def test_chunks_without_end_take_no_longer_than_they_are_long(name: bytes) -> None:
    for size in (0, 0xFFFFFFFF):
        data = wav(FORMAT, chunk(b"data", chunk(name, b"") * 200_000, size))
        begun = time.process_time()
        with contextlib.suppress(AudioError):
            decode(data)
        assert time.process_time() - begun < 2
