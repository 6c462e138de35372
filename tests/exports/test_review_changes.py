"""ReviewChanges side by side: what two versions of a sentence do not share is marked, and nothing of either is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_lightning.exports.changes.compare import compare_narrations
from mkdocs_lightning.exports.changes.script import PageName, PageScript, PlayerScript, SiteScript
from mkdocs_lightning.exports.changes.words import differences
from mkdocs_lightning.exports.review import changes as module
from mkdocs_lightning.exports.review.changes import ReviewChanges, SentenceGroup, Wording, changes_of
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from mkdocs_lightning.reading.settings.voice import Voice

VOICE = resolve_voice(VoiceSettings())
OLD = "The first version of this sentence names four towns."
NEW = "The second version of this sentence names four towns."


def site(voice: Voice, *texts: str) -> SiteScript:
    player = PlayerScript("", None, is_page=True, sentences=tuple(Segment("lightning", voice, text) for text in texts))
    return SiteScript((PageScript(PageName("a.md"), (player,)),))


def between(before: Sequence[str], after: Sequence[str], old: Voice = VOICE, new: Voice = VOICE) -> ReviewChanges:
    missing = {segment.key for page in site(new, *after).pages for segment in page.sentences}
    diff = compare_narrations(site(old, *before), site(new, *after), missing, lambda _: False, lambda _: 0.001)
    wording = Wording(lambda price: f"${price:.3f}", lambda _: "sound")
    return changes_of(diff, "main", "A summary.", "A cost.", wording)


def test_the_words_that_differ_are_marked() -> None:
    old, new = differences(OLD, NEW)

    assert [piece.text for piece in old if piece.differs] == ["first"]
    assert [piece.text for piece in new if piece.differs] == ["second"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_is_lost(before: str, after: str) -> None:
    old, new = differences(before, after)

    assert "".join(piece.text for piece in old) == before
    assert "".join(piece.text for piece in new) == after


def test_what_is_added_changed_and_removed_is_told_with_its_price() -> None:
    stays, gone, more = "This one stays as it is.", "Nobody will miss this one at all.", "Xylophones zigzag."

    found = between([OLD, stays, gone], [NEW, stays, more])

    (page,) = found.pages
    kinds = {sentence.kind: sentence for sentence in page.sentences}
    assert kinds["changed"].cost == f"${len(NEW) * 0.001:.3f}"
    assert kinds["removed"].after is None
    assert kinds["removed"].cost == ""
    assert kinds["added"].before is None
    assert len(found.new_keys) == 2
    assert (page.uri, page.state, page.formerly, found.left_out) == ("a.md", "changed", "", 0)


def test_a_sentence_that_was_missing_before_is_not_called_free() -> None:
    stays = "This one stays as it is."

    found = between([OLD, stays, NEW], [NEW, stays, NEW])

    (page,) = found.pages
    assert [(sentence.kind, sentence.cost) for sentence in page.sentences] == [("changed", "")]


def test_what_has_only_moved_is_told_in_one_line() -> None:
    (page,) = between([OLD, "A second one.", "A third one."], ["A third one.", OLD, "A second one."]).pages

    assert page.sentences == ()
    assert page.groups == (SentenceGroup("moved within the page", "A third one.", "en", 1, 0, ""),)


def test_a_site_s_new_voice_is_told_once_a_page_and_hides_no_other_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    same = [f"Sentence number {number}." for number in range(10)]

    found = between([*same, OLD], [*same, NEW], VOICE, resolve_voice(VoiceSettings(speed=1.2)))

    (page,) = found.pages
    characters = sum(map(len, same))
    price = f"${characters * 0.001:.3f}"
    assert page.groups == (SentenceGroup("another voice: sound", same[0], "en", 10, characters, price),)
    assert [sentence.kind for sentence in page.sentences] == ["changed"]
    assert found.left_out == 0
    assert len(found.new_keys) == 11


def test_white_space_beside_what_differs_is_not_marked() -> None:
    old, new = differences("It is read now.", "It is read aloud now.")

    assert not any(piece.differs for piece in old)
    assert [piece.text for piece in new if piece.differs] == ["aloud"]


def test_of_very_many_changes_the_first_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)

    found = between([], [f"Sentence number {number}." for number in range(10)])

    assert sum(len(page.sentences) for page in found.pages) == 3
    assert found.left_out == 7
    assert len(found.new_keys) == 10
