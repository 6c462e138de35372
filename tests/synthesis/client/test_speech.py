"""What a text becomes: samples, files, and one speech of several."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from mkdocs_lightning import (
    Audio,
    Lightning,
    OutputFormat,
    SettingError,
    Speech,
    TextRefusedError,
    encode,
    join_speeches,
    split_text,
)
from mkdocs_lightning.reading.sentences import split_paragraph
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.sites import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.service import Service

VOICE = resolve_voice(VoiceSettings(sample_rate=24000))


def speech(seconds: float = 1.0, text: str = "Hello.", sample_rate: int = 24000) -> Speech:
    tone = np.sin(np.arange(round(seconds * sample_rate)) / 20) * 8000
    return Speech(text, VOICE, _audio=Audio(tone.astype(np.int16), sample_rate))


@pytest.mark.parametrize(
    ("language", "said"),
    [("en-US", "write 'en'"), ("german", "write 'de'"), ("zz", "use one of ar, "), (None, "None is not a language")],
)
def test_a_text_is_split_in_a_language(language: object, said: str) -> None:
    with pytest.raises(SettingError, match=f"language: .*{said}") as raised:
        split_text("One. Two.", language)  # type: ignore[arg-type]
    assert raised.value.setting == "language"


@pytest.mark.parametrize(
    ("speeches", "said"),
    [
        (None, "speeches is not a list of speeches but None"),
        (["Hello."], r"speeches\[0\] is not a Speech but a value of type str"),
    ],
)
def test_speeches_are_joined_and_nothing_else(speeches: object, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        join_speeches(speeches)  # type: ignore[arg-type]


def test_one_speech_is_no_list() -> None:
    with pytest.raises(TypeError, match="not a list of speeches but a value of type Speech"):
        join_speeches(speech())  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "said"), [("pcm", "audio.samples"), ("ulaw", r"encode\(speech.audio, 'ulaw'\)")])
def test_the_formats_of_the_service_are_elsewhere(tmp_path: Path, name: str, said: str) -> None:
    for write in (lambda: speech().to_bytes(name), lambda: speech().save(tmp_path / f"a.{name}")):
        with pytest.raises(SettingError, match=said):
            write()
    assert list(tmp_path.iterdir()) == []


FAILED = Speech("...", VOICE, error=TextRefusedError("there is nothing to speak in this text"))


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("a.wav", "WAV"),
        ("a.mp3", "MP3"),
        ("a.flac", "FLAC"),
        ("a.opus", "OGG"),
        ("a.ogg", "OGG"),
        ("A.MP3", "MP3"),
        ("a.wave", "WAV"),
    ],
)
def test_a_file_has_the_format_that_its_name_ends_with(tmp_path: Path, name: str, container: str) -> None:
    speech().save(tmp_path / name)
    speech().save(str(tmp_path / name))  # and replaces what is there
    with soundfile.SoundFile(tmp_path / name) as file:
        assert file.format == container
        assert file.frames / file.samplerate == pytest.approx(1.0, abs=0.1)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_format_may_be_named(tmp_path: Path) -> None:
    speech().save(tmp_path / "no_suffix", "flac")
    assert (tmp_path / "no_suffix").read_bytes() == speech().to_bytes(OutputFormat.FLAC) == speech().to_bytes("FLAC")


@pytest.mark.parametrize("name", ["one", "one.aac", "one.txt", ".mp3"])
def test_another_suffix_lists_those_that_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match=r"does not end in a known extension: .mp3, .wav, .flac, .opus, .ogg, .wave"):
        speech().save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["aac", "", "pcm", None, 7])
def test_another_format_lists_those_that_there_are(name: object) -> None:
    with pytest.raises(SettingError, match="mp3, wav, flac, opus, ogg, wave") as raised:
        speech().to_bytes(name)  # type: ignore[arg-type]
    assert raised.value.setting == "output_format"


def test_encode_takes_a_name_too() -> None:
    audio = speech().audio
    assert encode(audio, "ulaw") == encode(audio, OutputFormat.ULAW)
    with pytest.raises(SettingError, match="'mp4' is not one of mp3, wav"):
        encode(audio, "mp4")


def test_what_cannot_be_written_names_the_file_and_leaves_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        speech().save(tmp_path / "no folder" / "one.mp3")
    assert raised.value.filename == str(tmp_path / "no folder" / "one.mp3")
    (tmp_path / "one.wav").write_bytes(b"old")
    with pytest.raises(TextRefusedError, match="nothing to speak"):
        FAILED.save(tmp_path / "one.wav")
    assert (tmp_path / "one.wav").read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="has no permissions of this kind")
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "one.wav"
    file.touch(mode=0o640)
    file.chmod(0o640)
    speech().save(file)
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["one.wav"]


def test_a_failed_one_raises_its_error_wherever_audio_is_needed() -> None:
    for use in (
        lambda: FAILED.audio,
        lambda: FAILED.duration,
        lambda: FAILED.to_bytes("wav"),
        lambda: join_speeches([FAILED]),
    ):
        with pytest.raises(TextRefusedError) as raised:
            use()
        assert raised.value is FAILED.error
    assert "nothing to speak" in repr(FAILED)


def test_it_can_go_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(speech()))
    assert (copy.text, copy.duration, copy.voice) == ("Hello.", 1.0, VOICE)


def test_several_become_one_with_silence_between() -> None:
    whole = join_speeches((speech(0.5, "One."), speech(0.25, "Two.", 8000), speech(0.5, "Three.")), pause=0.3)
    assert whole.duration == pytest.approx(0.5 + 0.25 + 0.5 + 2 * 0.3, abs=0.01)
    assert (whole.text, whole.audio.sample_rate, whole.error) == ("One. Two. Three.", 24000, None)
    silence = whole.audio.samples[round(0.52 * 24000) : round(0.78 * 24000)]
    assert not silence.any()


def test_a_failed_one_that_is_joined_is_named_once(service: Service) -> None:
    failed = "." * 70
    with Lightning(api_key=KEY, base_url=service.url, sample_rate=8000) as lightning:
        speeches = list(lightning.synthesize_all(["One text.", failed, "Another text."]))
    for _ in range(2):
        with pytest.raises(TextRefusedError) as raised:
            join_speeches(speeches)
        assert raised.value.__notes__ == [f"speeches[1] has no audio; its text is '{'.' * 60}…'"]


def test_none_cannot_be_joined() -> None:
    with pytest.raises(SettingError, match="no speech to join") as raised:
        join_speeches([])
    assert raised.value.setting == "speeches"


@pytest.mark.parametrize("pause", [-1, 61, "1", None, True, float("nan")])
def test_a_pause_is_a_number_of_seconds(pause: object) -> None:
    with pytest.raises(SettingError, match="number of seconds from 0 to 60") as raised:
        join_speeches([speech()], pause)  # type: ignore[arg-type]
    assert raised.value.setting == "pause"


def test_a_text_is_split_as_a_site_splits_it() -> None:
    first = "Dr. Smith arrived at 9.30 a.m. and sat down by the window. Nobody else was there at that hour of the day."
    second = "A new paragraph begins here, after an empty line; " + "it goes on and on, " * 20 + "and ends."
    parts = split_text(f"{first}\n \n{second}\n")
    assert parts == [part for text in (first, second) for each in split_paragraph(text, "en") for part in each.parts]
    assert len(parts) > 3
    assert max(map(len, parts)) <= 250
    assert split_text(" \n\n ") == []


@pytest.mark.parametrize("text", [["Hello."], None, b"Hello."])
def test_only_a_text_is_split(text: object) -> None:
    with pytest.raises(TypeError, match="a text is a str"):
        split_text(text)  # type: ignore[arg-type]


def test_a_long_text_becomes_one_file(service: Service, tmp_path: Path) -> None:
    text = "The first sentence of this text is here to be spoken. And this is the second one, which is as long."
    with Lightning(api_key=KEY, base_url=service.url, sample_rate=8000, cache=tmp_path / "cache") as lightning:
        join_speeches(lightning.synthesize_all(split_text(text))).save(tmp_path / "whole.wav")
        assert join_speeches(lightning.synthesize_all(split_text(text))).is_cached
    assert len(service.requests) == 2
    assert soundfile.info(tmp_path / "whole.wav").duration > 4
