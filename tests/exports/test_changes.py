"""What has changed between two readings of a site: what is said of each sentence, and what it costs."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from dataclasses import replace

import pytest

from mkdocs_lightning.exports.changes.compare import compare_narrations
from mkdocs_lightning.exports.changes.narration_diff import ChangeKind, NarrationDiff, PageState, SentenceChange
from mkdocs_lightning.exports.changes.script import PageName, PageScript, PlayerScript, SiteScript
from mkdocs_lightning.reading.segment import Segment
from tests.support.segments import VOICE

OTHER_VOICE = replace(VOICE, voice_id="sophie")
PRICE = 0.001

ONE = "The first sentence tells where the road begins."
TWO = "A second one names all the towns on the way."
THREE = "The third describes what there is to eat."
FOUR = "Nobody has read the fourth one so far."
EDITED = "A second one names most of the towns on the way."


def speak(*texts: str | Segment, name: str = "", is_page: bool = False) -> PlayerScript:
    sentences = tuple(text if isinstance(text, Segment) else Segment("lightning", VOICE, text) for text in texts)
    return PlayerScript(name, None if is_page else 3, is_page, sentences)


def site(**pages: PlayerScript | tuple[PlayerScript, ...]) -> SiteScript:
    """A site of pages with one player, or with several."""
    return SiteScript(
        tuple(
            PageScript(PageName(f"{name}.md"), players if isinstance(players, tuple) else (players,))
            for name, players in pages.items()
        )
    )


def diff(before: SiteScript, after: SiteScript, missing: set[str] | None = None) -> NarrationDiff:
    """The diff; by default all that the site did not have before is missing."""
    missing = after.pages_by_key.keys() - before.pages_by_key.keys() if missing is None else missing
    return compare_narrations(before, after, missing, lambda player: bool(player.clip), lambda _: PRICE)


def told(found: NarrationDiff) -> list[tuple[str, str, str | None, str | None]]:
    """Each change: its page, its kind, the text before and after."""
    return [
        (page.name.uri, change.kind.value, _text(change.before), _text(change.after))
        for page in found.pages
        for player in page.players
        for change in player.sentences
    ]


def _text(sentence: Segment | None) -> str | None:
    return sentence.text if sentence else None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([ONE, TWO], [ONE, TWO], []),
        ([ONE], [ONE, TWO], [("added", None, TWO)]),
        ([ONE, TWO], [TWO], [("removed", ONE, None)]),
        ([ONE, TWO, THREE], [ONE, EDITED, THREE], [("changed", TWO, EDITED)]),
        ([ONE, TWO], [ONE, FOUR], [("removed", TWO, None), ("added", None, FOUR)]),
        ([ONE, TWO, THREE], [ONE, FOUR, EDITED, THREE], [("added", None, FOUR), ("changed", TWO, EDITED)]),
        ([ONE, TWO, THREE], [THREE, ONE, EDITED], [("moved", THREE, THREE), ("changed", TWO, EDITED)]),
        ([ONE, ONE], [ONE, ONE, ONE], [("copied", ONE, ONE)]),
        ([ONE, ONE, TWO], [ONE, TWO], [("removed", ONE, None)]),
    ],
)
def test_what_is_said_of_each_sentence(
    before: list[str], after: list[str], expected: list[tuple[str, str | None, str | None]]
) -> None:
    found = sorted(told(diff(site(index=speak(*before)), site(index=speak(*after)))), key=str)
    assert found == sorted((("index.md", *change) for change in expected), key=str)


def test_a_sentence_in_another_language_without_spaces_is_compared_by_its_characters() -> None:
    old, new = "我们在这里介绍这个软件的安装方法。", "我们在这里介绍这个插件的安装方法。"
    assert told(diff(site(a=speak(old)), site(a=speak(new)))) == [("a.md", "changed", old, new)]


def test_another_voice_is_a_change_with_both_voices() -> None:
    after = site(a=speak(ONE, Segment("lightning", OTHER_VOICE, TWO)))
    found = diff(site(a=speak(ONE, TWO)), after)
    (change,) = found.pages[0].players[0].sentences
    assert change.kind is ChangeKind.REVOICED
    assert change.before
    assert change.after
    assert (change.before.voice.voice_id, change.after.voice.voice_id) == (VOICE.voice_id, "sophie")
    assert (found.figures.changed, found.figures.characters) == (1, len(TWO))


def test_a_move_to_another_page_costs_nothing_and_names_its_origin() -> None:
    found = diff(site(a=speak(ONE, TWO), b=speak(THREE)), site(a=speak(ONE), b=speak(THREE, TWO)))
    (page,) = found.pages
    (change,) = page.players[0].sentences
    assert (page.name.uri, change.kind, change.origin) == ("b.md", ChangeKind.MOVED, PageName("a.md"))
    assert (found.figures.moved, found.figures.added, found.figures.removed) == (1, 0, 0)
    assert (found.figures.missing, found.figures.price_usd) == (0, 0)


def test_a_copy_costs_nothing_even_if_it_was_missing_before() -> None:
    key = Segment("lightning", VOICE, TWO).key
    found = diff(site(a=speak(ONE, TWO), b=speak(THREE)), site(a=speak(ONE, TWO), b=speak(THREE, TWO)), {key})
    (change,) = found.pages[0].players[0].sentences
    assert (change.kind, change.origin, change.is_missing) == (ChangeKind.COPIED, PageName("a.md"), True)
    assert found.figures.characters == 0, "the site needed it before, so this change does not cost it"


def test_a_change_to_words_that_stand_elsewhere_is_shown_and_costs_nothing() -> None:
    after = site(a=speak(EDITED), b=speak(EDITED))
    found = diff(site(a=speak(TWO), b=speak(EDITED)), after, {*after.pages_by_key})
    assert told(found) == [("a.md", "changed", TWO, EDITED)]
    assert found.figures.characters == 0


def test_a_new_sentence_on_two_pages_is_paid_for_once() -> None:
    found = diff(site(a=speak(ONE), b=speak(TWO)), site(a=speak(ONE, FOUR), b=speak(TWO, FOUR)))
    assert [page.figures.characters for page in found.pages] == [len(FOUR), len(FOUR)]
    assert (found.figures.characters, found.figures.added) == (len(FOUR), 2)
    assert found.figures.price_usd == pytest.approx(len(FOUR) * PRICE)


def test_a_cached_sentence_costs_nothing() -> None:
    found = diff(site(a=speak(ONE)), site(a=speak(ONE, FOUR)), set())
    (change,) = found.pages[0].players[0].sentences
    assert (change.is_new, change.is_missing, change.characters, change.price_usd) == (True, False, 0, 0)


def test_sentences_whose_old_clip_no_longer_serves_are_paid_for_as_well() -> None:
    """The cache has the clips of the earlier site, and no sentences."""
    before = site(a=replace(speak(ONE, TWO), clip="old.mp3"), b=replace(speak(THREE), clip="b.mp3"))
    after = site(a=speak(ONE, EDITED), b=replace(speak(THREE), clip="b.mp3"))
    found = diff(before, after, {Segment("lightning", VOICE, text).key for text in (ONE, EDITED)})
    assert told(found) == [("a.md", "changed", TWO, EDITED)]
    assert (found.figures.missing, found.figures.characters) == (2, len(ONE + EDITED))
    assert found.figures.price_usd == pytest.approx(len(ONE + EDITED) * PRICE)
    assert found.pages[0].figures == found.figures


def test_a_page_of_which_only_the_clip_has_changed_costs_its_sentences() -> None:
    found = diff(
        site(a=replace(speak(ONE), clip="old.mp3"), b=speak(TWO)),
        site(a=speak(ONE), b=speak(TWO)),
        {Segment("lightning", VOICE, text).key for text in (ONE, TWO)},
    )
    assert told(found) == []
    assert [(page.name.uri, page.state, page.figures.characters) for page in found.pages] == [
        ("a.md", PageState.CHANGED, len(ONE))
    ]
    assert found.figures.characters == len(ONE), "the other page has missed its sentence before"


def test_a_copy_of_a_sentence_of_which_there_is_only_a_clip_is_paid_for() -> None:
    cached = replace(speak(ONE, TWO), clip="a.mp3")
    found = diff(site(a=cached), site(a=cached, b=speak(TWO)), {Segment("lightning", VOICE, TWO).key})
    assert [(page.name.uri, page.figures.characters) for page in found.pages] == [("b.md", len(TWO))]
    (change,) = found.pages[0].players[0].sentences
    assert (change.kind, change.characters) == (ChangeKind.COPIED, len(TWO))
    assert change.price_usd == pytest.approx(len(TWO) * PRICE)


def test_an_unknown_price_stays_unknown() -> None:
    before, after = site(a=speak(ONE)), site(a=speak(ONE, FOUR))
    found = compare_narrations(before, after, after.pages_by_key, lambda _: False, lambda _: None)
    assert found.figures.price_usd is None
    assert found.pages[0].players[0].sentences[0].price_usd is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (site(), site(a=speak(ONE)), [("a.md", PageState.NEW)]),
        (site(a=speak(ONE), b=speak(TWO)), site(b=speak(TWO)), [("a.md", PageState.GONE)]),
        (site(a=speak(ONE, TWO)), site(b=speak(ONE, TWO)), [("b.md", PageState.RENAMED)]),
        (site(a=speak(ONE, TWO)), site(b=speak(ONE, TWO, FOUR)), [("b.md", PageState.RENAMED)]),
        (site(a=speak(ONE)), site(b=speak(FOUR)), [("b.md", PageState.NEW), ("a.md", PageState.GONE)]),
        (site(a=speak(ONE)), site(b=speak(ONE), a=speak(FOUR)), [("b.md", PageState.NEW), ("a.md", PageState.CHANGED)]),
    ],
)
def test_pages_that_are_new_gone_or_renamed(
    before: SiteScript, after: SiteScript, expected: list[tuple[str, PageState]]
) -> None:
    assert [(page.name.uri, page.state) for page in diff(before, after).pages] == expected


def test_a_renamed_page_shows_only_what_has_changed_in_it() -> None:
    found = diff(site(a=speak(ONE, TWO, THREE)), site(b=speak(ONE, EDITED, THREE)))
    assert told(found) == [("b.md", "changed", TWO, EDITED)]
    assert found.pages[0].before
    assert found.pages[0].before.name.uri == "a.md"


def test_blocks_of_a_page_are_paired_by_what_they_say_and_by_their_names() -> None:
    before = site(a=(speak(ONE), speak(TWO), speak(THREE, name="Food")))
    after = site(
        a=(speak("An opening that was not there before."), speak(ONE), speak(EDITED), speak(FOUR, name="Food"))
    )
    found = diff(before, after)
    assert Counter(kind for _, kind, *_ in told(found)) == {"added": 2, "changed": 1, "removed": 1}
    named = [player for player in found.pages[0].players if player.after and player.after.name == "Food"]
    assert [player.before and player.before.name for player in named] == ["Food"]


def test_the_player_of_a_page_is_never_paired_with_a_block() -> None:
    before, after = site(a=speak(ONE, TWO)), site(a=speak(ONE, TWO, is_page=True))
    players = diff(before, after).pages[0].players
    assert all(player.before is None or player.after is None for player in players)
    assert [kind for _, kind, *_ in told(diff(before, after))] == ["moved", "moved"]


def test_languages_are_pages_of_their_own() -> None:
    def both(german: str) -> SiteScript:
        names = (PageName("a.md", "en"), PageName("a.md", "de"))
        return SiteScript(
            tuple(PageScript(name, (speak(text),)) for name, text in zip(names, (ONE, german), strict=True))
        )

    (page,) = diff(both("Das ist der erste Satz der Seite."), both("Das war der erste Satz der Seite.")).pages
    assert (page.name.locale, page.state, page.figures.changed) == ("de", PageState.CHANGED, 1)
    whole = diff(site(a=speak(ONE)), both("Das ist der erste Satz der Seite."))
    assert [(page.name.locale, page.state) for page in whole.pages] == [("de", PageState.NEW)]


GERMAN = "Der erste Satz sagt, wo die Straße beginnt."


def _pages(**texts: str) -> SiteScript:
    """Pages by their language and path: `de__a_de` is `a.de.md`, and `de__de__a` is `de/a.md`, both in German."""
    names = [PageName(f"{'/'.join(name.split('__')[1:]).replace('_', '.')}.md", name[:2]) for name in texts]
    return SiteScript(tuple(PageScript(name, (speak(text),)) for name, text in zip(names, texts.values(), strict=True)))


@pytest.mark.parametrize("names", [("a", "a", "a_de"), ("en__a", "en__a", "de__a")])
@pytest.mark.parametrize("is_removed", [False, True])
def test_a_page_that_is_now_translated_is_still_that_page(names: tuple[str, str, str], *, is_removed: bool) -> None:
    """If each language speaks it in its own way; else all languages share the one that is not translated."""
    english, fallback, translation = names
    untranslated = _pages(**{f"en__{english}": ONE, f"de__{fallback}": TWO})
    translated = _pages(**{f"en__{english}": ONE, f"de__{translation}": GERMAN})
    before, after = (translated, untranslated) if is_removed else (untranslated, translated)

    (page,) = diff(before, after).pages

    assert (page.name, page.state) == (after.pages[1].name, PageState.CHANGED)
    assert (page.figures.added, page.figures.removed) == (1, 1)
    assert diff(before, before).pages == ()


def test_a_translation_with_the_same_text_is_no_change() -> None:
    assert diff(_pages(en__a=ONE, de__a=TWO), _pages(en__a=ONE, de__a_de=TWO)).pages == ()


def test_translations_that_move_into_folders_are_renamed() -> None:
    found = diff(_pages(en__a=ONE, de__a_de=GERMAN), _pages(en__en__a=ONE, de__de__a=TWO))
    assert [(page.name.uri, page.state) for page in found.pages] == [
        ("en/a.md", PageState.RENAMED),
        ("de/a.md", PageState.RENAMED),
    ]


def test_a_script_survives_json() -> None:
    voice = replace(OTHER_VOICE, speed=1.25, pronunciation_dicts=("0" * 24,), math_notation=True)
    script = site(a=(speak(ONE, Segment("offline", voice, TWO), name="Ä"), speak(ONE)), b=speak(THREE, is_page=True))
    assert SiteScript.from_json(json.loads(json.dumps(script.as_json()))) == script


def test_any_two_readings_add_up() -> None:
    """Whatever is done to a site: the changes lead from the one reading to the other, sentence by sentence."""
    dice = random.Random(1)
    texts = [f"Sentence {number} of a large stock of {number % 7} kinds." for number in range(30)]
    for _ in range(150):
        before, after = (
            site(
                **{
                    name: tuple(speak(*dice.choices(texts, k=dice.randint(1, 9))) for _ in range(dice.randint(1, 3)))
                    for name in dice.sample("abcd", dice.randint(1, 4))
                }
            )
            for _ in range(2)
        )
        changes = [change for page in diff(before, after).pages for p in page.players for change in p.sentences]
        count_of = Counter(text for page in before.pages for text in page.sentences)
        for change in changes:
            count_of.update(_gained(change))
            count_of.subtract(_lost(change))
        assert +count_of == Counter(text for page in after.pages for text in page.sentences)


def _gained(change: SentenceChange) -> list[Segment]:
    return [change.after] if change.after and change.kind is not ChangeKind.MOVED else []


def _lost(change: SentenceChange) -> list[Segment]:
    has_left = change.kind not in (ChangeKind.MOVED, ChangeKind.COPIED)
    return [change.before] if change.before and has_left else []


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["a voice", "every other sentence", "all words", "one sentence over and over"])
def test_the_time_grows_with_the_site_and_not_with_its_square(shape: str) -> None:
    def changed(number: int) -> str | Segment:
        text = f"Sentence {number} of a long page, which has {number * 7919 % 1000} words."
        if shape == "a voice":
            return Segment("lightning", OTHER_VOICE, text)
        if shape == "every other sentence":
            return text if number % 2 else f"{text} And more."
        return ONE if shape == "one sentence over and over" else f"Nothing of this was {number} times here. {number}"

    size = 20_000
    texts = [f"Sentence {n} of a long page, which has {n * 7919 % 1000} words." for n in range(size)]
    before, after = site(a=speak(*texts)), site(a=speak(*map(changed, range(size))))
    begin = time.process_time()
    diff(before, after)
    assert time.process_time() - begin < 10
