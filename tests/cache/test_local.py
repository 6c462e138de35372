"""The store: what was written comes back, what was damaged does not, and nobody ever sees half of a file."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.base.errors import StoreError
from mkdocs_lightning.cache.clip_record import ClipTimes
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import (
    entries,
    is_intact,
    leftovers,
    remove,
    store_usage,
    usages,
)
from mkdocs_lightning.reading.segment import Clip, Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.repository import ROOT
from tests.support.segments import SEGMENT, SOUND, VOICE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mkdocs_lightning.cache.clip_record import Silences

CLIP = Clip((SEGMENT,), (), OutputFormat.MP3)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def segment_file(root: Path, segment: Segment = SEGMENT) -> Path:
    return root / "segments" / segment.key[:2] / f"{segment.key}.flac"


def clip_file(root: Path) -> Path:
    return root / "clips" / CLIP.key[:2] / CLIP.file_name


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sample_rate", [8000, 16000, 24000, 44100])
def test_a_segment_comes_back_sample_for_sample(cache: Cache, tmp_path: Path, sample_rate: int) -> None:
    segment = Segment("lightning", resolve_voice(VoiceSettings(sample_rate=sample_rate)), "A sentence.")
    assert not cache.has_segment(segment)
    assert cache.read_segment(segment) is None

    cache.store_segment(segment, Audio(SOUND.samples, sample_rate))

    assert cache.has_segment(segment)
    read = Cache(tmp_path).read_segment(segment)
    assert read
    assert read.sample_rate == sample_rate
    np.testing.assert_array_equal(read.samples, SOUND.samples)
    assert files(tmp_path) == {segment_file(tmp_path, segment).relative_to(tmp_path).as_posix()}
    assert not cache.damaged


def test_a_clip_comes_back_byte_for_byte(cache: Cache, tmp_path: Path) -> None:
    assert cache.find_clip(CLIP) is None

    written = cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))

    assert written == Cache(tmp_path).find_clip(CLIP)
    assert (written.path.read_bytes(), written.duration) == (b"the whole file", 1.25)
    assert written.path == clip_file(tmp_path)
    assert files(tmp_path) == {
        path.relative_to(tmp_path).as_posix() for path in (written.path, written.path.with_suffix(".json"))
    }


@pytest.mark.parametrize("silences", [(((0.5, 0.75), (1.0, 1.12)),), ((),), ()])
def test_the_silences_of_a_clip_come_back(cache: Cache, tmp_path: Path, silences: Silences) -> None:
    written = cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,), silences=silences))

    read = Cache(tmp_path).find_clip(CLIP)
    assert read == written
    assert read.silences == silences
    assert not cache.damaged


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record | {"silences": [[[0.5, 0.9]]]},
        lambda record: record | {"silences": []},
        lambda record: record | {"silences": [[[0.5]]]},
        lambda record: record | {"silences": [[0.5, 0.75]]},
        lambda record: record | {"silences": [[], []]},
        lambda record: record | {"silences": "none"},
        lambda record: record | {"silences": None},
        lambda record: {name: value for name, value in record.items() if name != "silences"},
    ],
)
def test_a_record_whose_silences_were_changed_is_damaged(
    cache: Cache, tmp_path: Path, change: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    written = cache.store_clip(
        CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,), silences=(((0.5, 0.75),),))
    )
    path = written.path.with_suffix(".json")
    path.write_text(json.dumps(change(json.loads(path.read_text()))), encoding="utf-8")

    assert Cache(tmp_path).find_clip(CLIP) is None


def test_others_may_read_what_is_cached(cache: Cache, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    cache.store_segment(SEGMENT, SOUND)
    assert segment_file(tmp_path).stat().st_mode == plain.stat().st_mode


def flac(samples: object, sample_rate: int = 8000, subtype: str = "PCM_16", kind: str = "FLAC") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, sample_rate, format=kind, subtype=subtype)
    return file.getvalue()


def with_byte(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


GOOD = flac(SOUND.samples)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0" * len(GOOD), id="never written to the disk"),
        pytest.param(GOOD[:-1], id="one byte short"),
        pytest.param(GOOD[: len(GOOD) // 2], id="half"),
        pytest.param(GOOD[:60], id="its header alone"),
        pytest.param(b"<html></html>", id="something else"),
        pytest.param(with_byte(GOOD, len(GOOD) // 2), id="a bit flipped in its samples"),
        pytest.param(with_byte(GOOD, 30), id="a bit flipped in its checksum"),
        pytest.param(with_byte(GOOD, 21), id="a bit flipped in its length"),
        pytest.param(flac(SOUND.samples, 16000), id="another rate"),
        pytest.param(flac(SOUND.samples, kind="WAV"), id="another format"),
        pytest.param(flac(np.column_stack((SOUND.samples, SOUND.samples))), id="stereo"),
        pytest.param(flac(SOUND.samples, subtype="PCM_24"), id="24 bits"),
    ],
)
def test_a_damaged_segment_is_set_aside_and_made_again(cache: Cache, tmp_path: Path, data: bytes) -> None:
    cache.store_segment(SEGMENT, SOUND)
    path = segment_file(tmp_path)
    path.write_bytes(data)

    assert cache.read_segment(SEGMENT) is None

    assert not cache.has_segment(SEGMENT)
    assert cache.damaged == [path.name]
    assert (tmp_path / "damaged" / path.name).read_bytes() == data
    cache.store_segment(SEGMENT, SOUND)
    assert cache.read_segment(SEGMENT) is not None


def test_a_segment_stays_where_memory_is_exhausted(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.store_segment(SEGMENT, SOUND)

    def exhaust(*_arguments: object, **_options: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("soundfile.SoundFile.read", exhaust)
        assert cache.read_segment(SEGMENT) is None
    assert not cache.damaged
    assert Cache(tmp_path).read_segment(SEGMENT)


def test_no_flipped_bit_is_ever_heard(cache: Cache, tmp_path: Path) -> None:
    path = segment_file(tmp_path)
    cache.store_segment(SEGMENT, SOUND)
    for place in (*range(60), *range(60, len(GOOD), 37)):
        for bit in range(8):
            path.write_bytes(GOOD[:place] + bytes([GOOD[place] ^ 1 << bit]) + GOOD[place + 1 :])
            read = cache.read_segment(SEGMENT)
            if read is not None:  # a bit that does not matter, such as one of the encoder's name
                assert read.sample_rate == 8000
                np.testing.assert_array_equal(read.samples, SOUND.samples)


def damage_audio(path: Path) -> None:
    path.write_bytes(b"another file")


def empty_audio(path: Path) -> None:
    path.write_bytes(b"")


def remove_audio(path: Path) -> None:
    path.unlink()


def replace_audio_by_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_both_by_directories(path: Path) -> None:
    """The second is met when the clip is stored: without a record nobody reads the audio."""
    for each in (path, path.with_suffix(".json")):
        each.unlink()
        (each / "somebody's folder").mkdir(parents=True)


def remove_record(path: Path) -> None:
    path.with_suffix(".json").unlink()


def empty_record(path: Path) -> None:
    path.with_suffix(".json").write_bytes(b"")


def cut_record(path: Path) -> None:
    path.with_suffix(".json").write_bytes(path.with_suffix(".json").read_bytes()[:-1])


def break_encoding_of_record(path: Path) -> None:
    path.with_suffix(".json").write_bytes(b"\xff\xfe\xfd")


def change_record(name: str, value: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        record_path = path.with_suffix(".json")
        record_path.write_text(json.dumps({**json.loads(record_path.read_bytes()), name: value}))

    change.__name__ = f"record: {name} = {value}"
    return change


def list_in_record(path: Path) -> None:
    path.with_suffix(".json").write_text("[]")


@pytest.mark.parametrize(
    "damage",
    [
        damage_audio,
        empty_audio,
        remove_audio,
        replace_audio_by_directory,
        replace_both_by_directories,
        remove_record,
        empty_record,
        cut_record,
        break_encoding_of_record,
        list_in_record,
        change_record("sha256", "0" * 64),
        change_record("duration", None),
        change_record("duration", "long"),
        change_record("lengths", None),
        change_record("lengths", ["long"]),
        change_record("lengths", [0.5, 0.5]),
        change_record("later", "an option of a later version"),
    ],
    ids=lambda damage: damage.__name__,
)
def test_a_clip_that_is_not_whole_is_not_found_and_is_made_again(
    cache: Cache, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    damage(clip_file(tmp_path))

    assert cache.find_clip(CLIP) is None

    cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    assert cache.find_clip(CLIP) is not None


def test_what_a_killed_write_left_is_ignored(cache: Cache, tmp_path: Path) -> None:
    """A process is killed in the middle of writing a segment that is already there."""
    cache.store_segment(SEGMENT, SOUND)
    program = """if True:
        import os, sys
        from pathlib import Path
        from mkdocs_lightning.cache.local import Cache
        from tests.cache.test_local import SEGMENT, SOUND
        os.fsync = lambda descriptor: os._exit(9)  # all but the last step is done
        Cache(Path(sys.argv[1])).store_segment(SEGMENT, SOUND)
    """
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, check=False)

    assert ended.returncode == 9
    left = files(tmp_path) - {segment_file(tmp_path).relative_to(tmp_path).as_posix()}
    assert len(left) == 1
    assert left.pop().endswith(".tmp")
    assert cache.read_segment(SEGMENT) is not None
    assert not cache.damaged


def test_a_write_that_fails_leaves_nothing_behind(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError) as refused:
        cache.store_segment(SEGMENT, SOUND)

    assert str(refused.value) == f"the cache {tmp_path} cannot be written (No space left on device); see cache_dir"
    assert files(tmp_path) == set()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)  # takes no room on the disk


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither pipes nor devices in a directory")
@pytest.mark.parametrize("make", [make_pipe, make_device, make_huge])
@pytest.mark.parametrize("name", ["segment", "clip", "record"])
def test_only_regular_files_of_bounded_size_are_read(
    cache: Cache, tmp_path: Path, make: Callable[[Path], None], name: str
) -> None:
    """A cache that others have written, as one in a repository, may hold anything."""
    cache.store_segment(SEGMENT, SOUND)
    cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    clip = clip_file(tmp_path)
    victim = {"segment": segment_file(tmp_path), "clip": clip, "record": clip.with_suffix(".json")}[name]
    victim.unlink()
    make(victim)

    assert name != "segment" or make is make_huge or not cache.has_segment(SEGMENT)
    assert name != "segment" or cache.read_segment(SEGMENT) is None
    assert name == "segment" or cache.find_clip(CLIP) is None

    assert cache.damaged == [victim.name]
    assert not os.path.lexists(victim)


def test_a_disk_that_has_no_room_for_a_sentence_is_told_before_it_is_requested(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As each of several that are requested at once needs its own room."""
    room = 2 * (2 + len(SEGMENT.text) // 10) * SEGMENT.voice.sample_rate
    monkeypatch.setattr("shutil.disk_usage", lambda _root: SimpleNamespace(total=10 * room, free=room))
    other = Segment("lightning", SEGMENT.voice, SEGMENT.text * 8)
    with cache.claim(SEGMENT, threading.Event()) as cached:
        assert cached is None
        with pytest.raises(StoreError, match="No space left on device"), cache.claim(other, threading.Event()):
            pytest.fail("it was claimed")
    cache.store_segment(SEGMENT, SOUND)
    monkeypatch.setattr("shutil.disk_usage", lambda _root: SimpleNamespace(total=10 * room, free=0))
    with cache.claim(SEGMENT, threading.Event()) as cached:
        assert cached is not None, "what is there needs no room"
    monkeypatch.setattr("shutil.disk_usage", lambda _root: SimpleNamespace(total=0, free=0))
    with cache.claim(other, threading.Event()) as cached:
        assert cached is None, "a system that tells nothing"


def test_only_what_costs_something_to_get_again_is_flushed(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr("os.fsync", flushed.append)
    cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    assert not flushed
    cache.store_segment(SEGMENT, SOUND)
    assert len(flushed) == 1


@pytest.fixture(params=["file", "n" * 300])
def blocked(tmp_path: Path, request: pytest.FixtureRequest) -> Cache:
    """A cache whose directory can neither be read nor written, also not by root: a file, or too long a name."""
    (tmp_path / "file").touch()
    return Cache(tmp_path / str(request.param))


def test_a_cache_that_cannot_be_read_has_nothing(blocked: Cache) -> None:
    assert not blocked.has_segment(SEGMENT)
    assert blocked.read_segment(SEGMENT) is None
    assert blocked.find_clip(CLIP) is None
    assert not blocked.damaged


@pytest.mark.parametrize(
    "write",
    [
        lambda cache: cache.store_segment(SEGMENT, SOUND),
        lambda cache: cache.store_clip(CLIP, b"data", ClipTimes(duration=1.0, lengths=(1.0,))),
        lambda cache: cache.check_writable(),
    ],
)
def test_a_cache_that_cannot_be_written_says_so(blocked: Cache, write: Callable[[Cache], object]) -> None:
    with pytest.raises(StoreError, match=r"^the cache .+ cannot be written \(.+\); see cache_dir$"):
        write(blocked)


def test_a_new_cache_can_be_written(tmp_path: Path) -> None:
    Cache(tmp_path / "new" / "cache").check_writable()
    assert files(tmp_path) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_disk_without_room_for_a_sentence_is_found_by_a_trial(tmp_path: Path) -> None:
    """Also one that has more room than it gives, as with a quota: here each file may have half a sentence."""
    import resource  # noqa: PLC0415 - not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            Cache(tmp_path / "cache").check_writable()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(tmp_path) == set()


def test_a_damaged_segment_that_cannot_be_moved_counts_as_missing(cache: Cache, tmp_path: Path) -> None:
    cache.store_segment(SEGMENT, SOUND)
    segment_file(tmp_path).write_bytes(b"damaged")
    (tmp_path / "damaged").touch()  # a file, where the directory should be

    assert cache.read_segment(SEGMENT) is None

    assert not cache.has_segment(SEGMENT)
    cache.store_segment(SEGMENT, SOUND)
    assert cache.has_segment(SEGMENT)
    assert cache.read_segment(SEGMENT) is not None


def test_what_is_in_the_way_of_a_segment_is_not_mistaken_for_it(cache: Cache, tmp_path: Path) -> None:
    segment_file(tmp_path).mkdir(parents=True)
    assert not cache.has_segment(SEGMENT)
    assert cache.read_segment(SEGMENT) is None
    cache.store_segment(SEGMENT, SOUND)
    assert cache.read_segment(SEGMENT) is not None


SEGMENTS = [Segment("lightning", VOICE, f"Sentence {number}.") for number in range(8)]
CLIPS = [Clip((segment,), (), OutputFormat.MP3) for segment in SEGMENTS]


def write_and_read_all(root: Path) -> None:
    """What every build does; whatever is there, is whole."""
    cache = Cache(root)
    for segment, clip in zip(SEGMENTS, CLIPS, strict=True):
        for _ in range(5):
            audio = cache.read_segment(segment)
            assert audio is None or (audio.samples == SOUND.samples).all()
            stored = cache.find_clip(clip)
            assert stored is None or stored.path.read_bytes() == b"data" * 20_000
            cache.store_segment(segment, SOUND)
            cache.store_clip(clip, b"data" * 20_000, ClipTimes(duration=1.0, lengths=(1.0,)))
    assert not cache.damaged


@pytest.mark.skipif(sys.platform == "win32", reason="links need permission")
@pytest.mark.parametrize("suffix", ["lock", "holder"])
def test_a_link_in_the_place_of_a_lock_changes_nothing_elsewhere(cache: Cache, tmp_path: Path, suffix: str) -> None:
    """A cache that others have filled may have one; older versions of filelock empty the file to which it leads."""
    foreign = tmp_path / "foreign.txt"
    foreign.write_bytes(b"what somebody keeps here")
    link = tmp_path / "locks" / f"{SEGMENT.key[:2]}.{suffix}"
    link.parent.mkdir()
    link.symlink_to(foreign)
    with cache.claim(SEGMENT, threading.Event()):
        pass
    assert foreign.read_bytes() == b"what somebody keeps here"


def test_threads_and_processes_share_a_cache(tmp_path: Path) -> None:
    program = "import sys, pathlib; from tests.cache.test_local import *; write_and_read_all(pathlib.Path(sys.argv[1]))"
    others = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write_and_read_all, tmp_path) for _ in range(4)]:
            done.result()
    assert [other.wait() for other in others] == [0, 0]
    cache = Cache(tmp_path)
    assert all(cache.read_segment(segment) for segment in SEGMENTS)
    assert len(files(tmp_path)) == 3 * len(SEGMENTS)  # no temporary file is left


def test_a_clip_that_is_made_again_is_not_taken_for_damaged_by_who_looks_meanwhile(cache: Cache) -> None:
    """A record that belongs to another file stands there, as after damage, and a thread that looks for the clip."""
    made_again = threading.Event()

    def look() -> None:
        while not made_again.is_set():
            cache.find_clip(CLIP)

    cache.store_clip(CLIP, b"the file", ClipTimes(duration=1.25, lengths=(1.25,)))
    looking = threading.Thread(target=look)
    looking.start()
    for number in range(100):
        stored = cache.store_clip(CLIP, f"another file {number}".encode(), ClipTimes(duration=1.25, lengths=(1.25,)))
        if not stored.path.exists():
            break
    made_again.set()
    looking.join()
    assert number == 99
    assert cache.damaged == []


def test_entries_are_whole_files_and_whole_clips(cache: Cache, tmp_path: Path) -> None:
    """What is in the way of a segment, the half of a clip, and what a killed write left are none."""
    assert list(entries(cache)) == []
    cache.store_segment(SEGMENT, SOUND)
    stored = cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    beside = stored.path.relative_to(tmp_path).with_suffix(".peaks")  # of a later version, say
    temporary, half = f".{'0' * 32}.tmp", f"ab{'0' * 30}"
    left = [f"clips/ab/{half}.mp3", f"clips/cd/{'cd' * 16}.json", f"clips/ab/{temporary}", f"segments/ab/{temporary}"]
    for name in (*left, str(beside)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "segments/ab/ab.flac").mkdir()

    segment, clip = entries(cache)

    assert (segment.kind, segment.path) == ("sentence", segment_file(tmp_path))
    assert (clip.kind, clip.path) == ("clip", stored.path)
    assert segment.size == segment.path.stat().st_size
    assert clip.size == len(b"the whole file") + stored.path.with_suffix(".json").stat().st_size
    assert is_intact(cache, segment)
    assert is_intact(cache, clip)
    remove(cache, clip)
    assert not stored.path.with_suffix(".json").exists()
    assert [entry.kind for entry in entries(cache)] == ["sentence"]
    assert not cache.damaged
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert {entry.path.relative_to(tmp_path).as_posix() for entry in leftovers(cache, before=tomorrow)} == set(left)
    assert (tmp_path / beside).exists(), "what is not ours was deleted"


def test_captions_are_written_once_and_again_where_they_differ(cache: Cache, tmp_path: Path) -> None:
    stored = cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    name = f"{stored.path.stem}-01234567.vtt"
    path = cache.store_captions(name, "WEBVTT\n")
    made = path.stat().st_mtime_ns
    assert cache.store_captions(name, "WEBVTT\n") == path
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (b"WEBVTT\n", made)
    path.write_bytes(b"damaged")
    assert cache.store_captions(name, "WEBVTT\n").read_bytes() == b"WEBVTT\n"

    (clip,) = entries(cache)
    remove(cache, clip)

    assert not files(tmp_path)


@pytest.mark.parametrize("way", ["segments/SEGMENT", "clips/CLIP"])
def test_a_file_in_the_way_of_a_directory_is_set_aside(cache: Cache, tmp_path: Path, way: str) -> None:
    path = tmp_path / way.replace("SEGMENT", SEGMENT.key[:2]).replace("CLIP", CLIP.key[:2])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"what somebody keeps here")

    cache.store_segment(SEGMENT, SOUND)
    cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    store_usage(cache, "a site", [CLIP], datetime.now(UTC).date())

    assert cache.read_segment(SEGMENT)
    assert cache.find_clip(CLIP)
    assert list(usages(cache))
    assert [aside.read_bytes() for aside in (tmp_path / "damaged").iterdir()] == [b"what somebody keeps here"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need permission")
def test_a_link_that_leads_nowhere_is_set_aside(cache: Cache, tmp_path: Path) -> None:
    folder = segment_file(tmp_path).parent
    folder.parent.mkdir()
    folder.symlink_to("nowhere")

    with cache.claim(SEGMENT, threading.Event()) as cached:
        assert cached is None
        cache.store_segment(SEGMENT, SOUND)

    assert cache.read_segment(SEGMENT)
    assert [aside.is_symlink() for aside in (tmp_path / "damaged").iterdir()] == [True]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a folder that takes nothing, not even of root")
def test_a_folder_that_cannot_be_written_is_told_before_its_sentence_is_requested(cache: Cache, tmp_path: Path) -> None:
    folder = segment_file(tmp_path).parent
    folder.parent.mkdir()
    folder.symlink_to("/proc")
    with (
        pytest.raises(StoreError, match=f"^the cache {folder} cannot be written"),
        cache.claim(SEGMENT, threading.Event()),
    ):
        pytest.fail("it was claimed")
    folder.unlink()
    with cache.claim(SEGMENT, threading.Event()) as cached:
        assert cached is None


@pytest.mark.parametrize("name", ["segments", "clips", "words", "captions", "usage", "damaged", "locks"])
def test_a_file_with_the_name_of_a_folder_of_ours_stays(cache: Cache, tmp_path: Path, name: str) -> None:
    """With `cache_dir: .`, it is somebody else's."""
    (tmp_path / name).write_bytes(b"what somebody keeps here")

    with pytest.raises(StoreError, match=rf"cannot be written \('{name}' is a file, not a directory\)"):
        cache.check_writable()
    with suppress(StoreError):
        cache.store_segment(SEGMENT, SOUND)
    with suppress(StoreError):
        cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,)))
    with suppress(StoreError):
        store_usage(cache, "a site", [CLIP], datetime.now(UTC).date())
    with suppress(StoreError):
        cache.store_captions(f"{CLIP.key[:32]}-01234567.vtt", "WEBVTT\n")
    cache.find_clip(CLIP)

    assert (tmp_path / name).read_bytes() == b"what somebody keeps here"


@pytest.mark.parametrize("data", [b"", b"version https://git-lfs.github.com/spec/v1\n", b"fLa"])
def test_what_is_no_flac_at_first_sight_counts_as_missing(cache: Cache, tmp_path: Path, data: bytes) -> None:
    """So that a plan tells beforehand what a build would pay for."""
    cache.store_segment(SEGMENT, SOUND)
    segment_file(tmp_path).write_bytes(data)

    assert not cache.has_segment(SEGMENT)
