"""What libsndfile reads and writes, it reads and writes by itself, on each system."""

from __future__ import annotations

import io
import os
import struct
import tempfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from mkdocs_lightning.audio.codec import decode
from mkdocs_lightning.audio.flac import from_flac, to_flac
from mkdocs_lightning.audio.memory_file import readable_by_c, written_by_c
from tests.support.segments import SEGMENT, SOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZE = 2 * len(SOUND.samples)
WAV_HEADER = struct.pack(
    "<4sI8sIHHIIHH4sI", b"RIFF", 36 + SIZE, b"WAVEfmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", SIZE
)


def with_files_in_memory(_monkeypatch: pytest.MonkeyPatch) -> type:
    if not hasattr(os, "memfd_create"):
        pytest.skip("there are none on this system")
    return int


def with_a_temporary_directory(monkeypatch: pytest.MonkeyPatch) -> type:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    return str


def with_a_full_directory(monkeypatch: pytest.MonkeyPatch) -> type:
    """Where libsndfile would leave out the end of a file without a word."""
    make = tempfile.mkstemp

    def make_closed_to_writing(*, prefix: str) -> tuple[int, str]:
        descriptor, path = make(prefix=prefix)
        os.close(descriptor)
        return os.open(path, os.O_RDONLY), path

    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "mkstemp", make_closed_to_writing)
    return io.BytesIO


def with_neither(monkeypatch: pytest.MonkeyPatch) -> type:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    return io.BytesIO


@pytest.fixture(params=[with_files_in_memory, with_a_temporary_directory, with_a_full_directory, with_neither])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type:
    """Of the file that libsndfile is given, on some system."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    set_up: Callable[[pytest.MonkeyPatch], type] = request.param
    return set_up(monkeypatch)


def test_a_file_is_the_same_on_each_system(kind: type, tmp_path: Path) -> None:
    given: list[object] = []

    def write(file: object) -> None:
        given.append(file)
        soundfile.write(file, SOUND.samples, SOUND.sample_rate, format="FLAC", subtype="PCM_16", closefd=False)

    in_python = io.BytesIO()
    write(in_python)
    data = written_by_c(write)
    assert data == in_python.getvalue()
    with readable_by_c(data) as file:
        given.append(file)
        samples, _ = soundfile.read(file, dtype="int16", closefd=False)
    np.testing.assert_array_equal(samples, SOUND.samples)
    assert [type(file) for file in given[1:]] == [io.BytesIO if kind is str else kind, kind]
    assert not list(tmp_path.iterdir()), "something is left"


def test_a_sentence_comes_back_on_each_system(kind: type) -> None:
    assert kind
    read = from_flac(to_flac(SOUND, SEGMENT.key), SEGMENT.key)
    assert read is not None
    np.testing.assert_array_equal(read.samples, SOUND.samples)


@pytest.mark.usefixtures("kind")
def test_no_file_is_left_open_or_behind(tmp_path: Path) -> None:
    """Also when libsndfile cannot read it."""

    def fail(_file: object) -> None:
        raise RuntimeError

    def opened() -> int:
        return os.dup(0)  # the lowest number that is free

    before = opened()
    os.close(before)
    with pytest.raises(RuntimeError):
        written_by_c(fail)
    for data in (b"", b"fLaC and no more", b"RIFF"):
        with readable_by_c(data) as file, pytest.raises(soundfile.SoundFileError):
            soundfile.read(file, closefd=False)
    after = opened()
    os.close(after)
    assert before == after
    assert not list(tmp_path.iterdir())


def test_a_wav_is_read_without_libsndfile(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        pytest.fail("it is not needed")

    monkeypatch.setattr(soundfile, "SoundFile", refuse)
    samples = SOUND.samples.astype("<i2").tobytes()
    for audio in (decode(WAV_HEADER + samples), decode(samples, "pcm", SOUND.sample_rate)):
        np.testing.assert_array_equal(audio.samples, SOUND.samples)
        assert audio.sample_rate == SOUND.sample_rate
