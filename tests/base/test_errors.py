"""Errors as values: a copy of one, made in another process, says the same."""

from __future__ import annotations

import pickle

import pytest

from mkdocs_lightning import BudgetSpentError, BusyError, LightningError, SettingError, StoreError, VoiceRefusedError
from mkdocs_lightning.base.errors import did_you_mean
from mkdocs_lightning.engines import DefectError

ERRORS = [
    LightningError("wrong"),
    StoreError("full"),
    BudgetSpentError("spent"),
    SettingError("speed", "9 is out of range", written="speed=9"),
    VoiceRefusedError("refused", "request-1"),
    BusyError("busy", "request-1", 2.5),
    DefectError("silent", kind="silence"),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_an_error_passes_to_another_process(error: LightningError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_an_error_of_a_setting_can_name_it() -> None:
    error = SettingError("speed", "9 is out of range", written="speed=9")
    assert str(error) == "9 is out of range"
    assert str(error.named()) == "speed: 9 is out of range"
    assert str(error.named().named()) == "speed: 9 is out of range"
    assert error.named().written == "speed=9"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Tech", "Technology"),  # and neither Tech News, which is more similar, nor Teach
        ("TECH NEWS", "Tech News"),
        ("tv", "TV & Film"),
        ("teech", "Teach"),
        ("t", None),
        ("", None),
        ("Arts", None),
    ],
)
def test_a_word_that_begins_like_what_is_written_is_suggested_before_one_that_is_similar(
    word: str, meant: str | None
) -> None:
    known = ["Teach", "Technology", "Tech News", "Tech News Daily", "TV & Film", "TV Reviews"]
    assert did_you_mean(word, known) == (f" (did you mean {meant!r}?)" if meant else "")
