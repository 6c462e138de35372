"""Words in the cache: beside a sentence, and in the record of a clip."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.cache.clip_record import ClipTimes, add_words, read_word_times, store_word_times, words_path
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import entries, prune
from mkdocs_lightning.reading.segment import Clip
from tests.support.segments import OTHER_SOUND, SEGMENT, SOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLIP = Clip((SEGMENT,), (), OutputFormat.MP3)
WORDS = ((0, 0.0), (2, 0.125))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


@pytest.mark.parametrize("words", [WORDS, ()], ids=["some", "none that could be found"])
def test_the_words_of_a_sentence_come_back(cache: Cache, words: tuple[tuple[int, float], ...]) -> None:
    assert read_word_times(cache, SEGMENT, SOUND) is None

    store_word_times(cache, SEGMENT, SOUND, words)

    assert read_word_times(cache, SEGMENT, SOUND) == words


def test_a_sentence_that_was_synthesized_anew_has_none(cache: Cache) -> None:
    store_word_times(cache, SEGMENT, SOUND, WORDS)

    assert read_word_times(cache, SEGMENT, OTHER_SOUND) is None
    assert not cache.damaged, "they were right for what was there before"


@pytest.mark.parametrize("data", [b"", b"[]", b'{"words": 1, "sha256": ""}', b'{"words": [[0]]}', b"\xff"])
def test_a_damaged_file_is_set_aside(cache: Cache, data: bytes) -> None:
    store_word_times(cache, SEGMENT, SOUND, WORDS)
    words_path(cache, SEGMENT.key).write_bytes(data)

    assert read_word_times(cache, SEGMENT, SOUND) is None
    assert len(cache.damaged) == 1


def test_a_changed_time_is_not_believed(cache: Cache) -> None:
    store_word_times(cache, SEGMENT, SOUND, WORDS)
    path = words_path(cache, SEGMENT.key)
    path.write_bytes(path.read_bytes().replace(b"0.125", b"0.725"))

    assert read_word_times(cache, SEGMENT, SOUND) is None


@pytest.mark.parametrize("words", [(WORDS,), ((),), None], ids=["some", "none in its sentence", "not looked for"])
def test_the_words_of_a_clip_come_back(
    cache: Cache, tmp_path: Path, words: tuple[tuple[tuple[int, float], ...], ...] | None
) -> None:
    written = cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,), words=words))

    read = Cache(tmp_path).find_clip(CLIP)
    assert read == written
    assert read.words == words


def test_words_are_added_to_a_clip_that_stays_as_it_is(cache: Cache, tmp_path: Path) -> None:
    written = cache.store_clip(
        CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,), silences=(((0.5, 0.75),),))
    )

    added = add_words(cache, CLIP, written, (WORDS,))

    assert Cache(tmp_path).find_clip(CLIP) == added
    assert added.path.read_bytes() == b"the whole file"
    assert (added.words, added.silences) == ((WORDS,), written.silences)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record | {"words": [[[0, 0.5]]]},
        lambda record: record | {"words": []},
        lambda record: record | {"words": [[[0]]]},
        lambda record: record | {"words": "none"},
        lambda record: {name: value for name, value in record.items() if name != "words"},
    ],
)
def test_a_record_whose_words_were_changed_is_damaged(
    cache: Cache, tmp_path: Path, change: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    written = cache.store_clip(CLIP, b"the whole file", ClipTimes(duration=1.25, lengths=(1.25,), words=(WORDS,)))
    path = written.path.with_suffix(".json")
    path.write_text(json.dumps(change(json.loads(path.read_text()))), encoding="utf-8")

    assert Cache(tmp_path).find_clip(CLIP) is None


def test_words_go_with_their_sentence(cache: Cache) -> None:
    cache.store_segment(SEGMENT, SOUND)
    store_word_times(cache, SEGMENT, SOUND, WORDS)
    (entry,) = entries(cache)

    prune(cache, [], timedelta(0), entry.created, dry_run=False)

    assert not words_path(cache, SEGMENT.key).exists()
