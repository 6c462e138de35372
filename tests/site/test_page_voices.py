"""Pages of other programs that set a voice in their heads: their blocks have it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.published import FIRST, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.plain_program import Program

DICTIONARY = "1" * 24
NONE: Mapping[str, object] = {}
FRAME = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8">META<title>A page</title></head>
<body><main>{content}</main></body>
</html>
"""
PAGE = f"# Title\n\n:::speak\n{FIRST}\n:::\n\n{SECOND}\n"


def build(program: Program, settings: str, page: str = PAGE, options: Mapping[str, object] = NONE) -> None:
    """Build a page with settings in its head."""
    meta = f'<meta name="lightning" content="{settings}">'
    program.build({"index.html": page}, FRAME.replace("META", meta), **options)


def speakers(program: Program) -> dict[str, tuple[object, object, object]]:
    """By whom, in which language and how fast each text was asked for; each only once."""
    bodies = [received.body or {} for received in program.service.requests]
    asked = {str(body["text"]): (body["voice_id"], body["language"], body["speed"]) for body in bodies}
    assert len(asked) == len(bodies)
    return asked


@pytest.mark.parametrize("options", [{}, {"voice_id": "austin", "speed": 0.9}])
@pytest.mark.parametrize(
    "setting",
    [
        "voice_id: sophie",
        "language: de",
        "speed: 1.2",
        "model: lightning_v3.1; voice_id: magnus",
        f"pronunciation_dicts: {DICTIONARY}",
    ],
)
def test_a_block_and_its_narrated_page_share_a_sentence(
    empty_program: Program, setting: str, options: dict[str, object], expect_warning: Callable[[str], None]
) -> None:
    if "v3.1" in setting:
        expect_warning("lightning_v3.1")
    empty_program.service.dictionaries = {DICTIONARY: {}}
    empty_program.configure(**options)
    build(empty_program, f"narrate: true; {setting}", options=options)
    assert empty_program.publish().exit_code == 0
    assert set(speakers(empty_program)) == {"Title", FIRST, SECOND}


def test_a_page_that_is_not_narrated_sets_the_voice_of_its_blocks(empty_program: Program) -> None:
    build(empty_program, "voice_id: sophie; speed: 1.2", options={"voice_id": "austin"})
    assert empty_program.publish().exit_code == 0
    assert speakers(empty_program) == {FIRST: ("sophie", "en", 1.2)}


def test_a_language_takes_its_own_voice_in_place_of_the_sites(empty_program: Program) -> None:
    build(empty_program, "language: de", options={"voice_id": "austin"})
    assert empty_program.publish().exit_code == 0
    assert speakers(empty_program) == {FIRST: ("hanna", "de", 1.0)}


def test_what_a_block_sets_itself_wins(empty_program: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("voice_id 'sophie' is a voice for en, but the language is de")
    block = f":::speak voice_id=austin speed=0.9\n{FIRST}\n:::\n\n:::speak language=de\n{SECOND}\n:::\n"
    build(empty_program, "voice_id: sophie; speed: 1.2", block, options={"speed": 1.1})
    assert empty_program.publish().exit_code == 0
    assert speakers(empty_program) == {FIRST: ("austin", "en", 0.9), SECOND: ("sophie", "de", 1.2)}


def test_settings_that_the_slots_have_already_are_not_set_again(empty_program: Program) -> None:
    """Among them may be those of the site, which must not come before the voice for a block's language."""
    block = f":::speak language=de\n{FIRST}\n:::\n"
    build(empty_program, "voice_id: austin; in_slots: true", block, options={"voice_id": "austin"})
    assert empty_program.publish().exit_code == 0
    assert speakers(empty_program) == {FIRST: ("hanna", "de", 1.0)}


def test_while_a_setting_of_the_page_is_wrong_nothing_is_paid_for(
    empty_program: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("index.html: <meta name=\"lightning\">: .*'fast'.*until then the page gets no new player")
    build(empty_program, "speed: fast")
    assert (empty_program.publish().exit_code, empty_program.asked()) == (1, [])


@pytest.mark.parametrize("options", [{}, {"voice_id": "austin"}])
def test_a_block_of_a_narrated_page_is_spoken_in_the_language_of_the_page(
    empty_program: Program, options: Mapping[str, object]
) -> None:
    empty_program.configure(**options)
    empty_program.build({"index.html": PAGE}, FRAME.replace('"en"', '"de"').replace("META", ""))
    assert empty_program.publish("--select", "main").exit_code == 0
    assert {voice[:2] for voice in speakers(empty_program).values()} == {("hanna", "de")}


def test_a_block_of_a_narrated_page_in_a_language_that_nobody_speaks_stays_text(
    empty_program: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(
        "pages in 'cs', such as 'index.html', are shown without players: .* To have them spoken anyway, "
        'add <meta name="lightning" content="language: auto"> to their heads$'
    )
    frame = FRAME.replace('"en"', '"cs"')
    narrate = '<meta name="lightning" content="narrate: true">'
    empty_program.build({"index.html": PAGE}, frame.replace("META", narrate))
    empty_program.publish()
    assert empty_program.asked() == []
    assert "<audio" not in empty_program.html("index.html")

    auto = narrate.replace("true", "true; language: auto")
    empty_program.build({"index.html": PAGE}, frame.replace("META", auto))
    assert empty_program.publish().exit_code == 0
    assert {voice[1] for voice in speakers(empty_program).values()} == {"auto"}
    assert len(empty_program.clips("index.html")) == 2


@pytest.mark.parametrize("way", ["narrate: true", "narrate: true; speed: 1.0", ""])
@pytest.mark.parametrize(
    ("of_extension", "of_site", "voice_id"),
    [
        ({"voice_id": "sophie"}, {}, "hanna"),
        ({"model": "lightning_v3.1"}, {}, "hanna"),
        ({"voice_id": "sophie"}, {"voices": {"de": "petra"}}, "petra"),
        ({"voice_id": "sophie"}, {"voice_id": "austin"}, "hanna"),
    ],
)
def test_the_voice_of_the_extension_does_not_speak_the_language_of_a_narrated_page(
    empty_program: Program,
    way: str,
    of_extension: Mapping[str, object],
    of_site: Mapping[str, object],
    voice_id: str,
) -> None:
    """Neither in the block's own player, nor inside the page."""
    empty_program.configure(**of_site)
    meta = f'<meta name="lightning" content="{way}">'
    empty_program.build({"index.html": PAGE}, FRAME.replace('"en"', '"de"').replace("META", meta), **of_extension)
    assert empty_program.publish("--select", "main").exit_code == 0
    assert {voice[:2] for voice in speakers(empty_program).values()} == {(voice_id, "de")}


@pytest.mark.parametrize(("lang", "meta"), [("nl", "narrate: true"), ("en", "language: nl; narrate: true")])
def test_the_option_voices_counts_for_a_language_without_a_native_voice(
    empty_program: Program, lang: str, meta: str
) -> None:
    empty_program.configure(voices={"nl": "rhea"})
    frame = FRAME.replace('"en"', f'"{lang}"').replace("META", f'<meta name="lightning" content="{meta}">')
    empty_program.build({"index.html": PAGE}, frame, voice_id="sophie")
    assert empty_program.publish().exit_code == 0
    assert {voice[:2] for voice in speakers(empty_program).values()} == {("rhea", "nl")}


@pytest.mark.parametrize(
    ("block", "settings", "of_extension", "speaker"),
    [
        ("", "", {"voice_id": "sophie", "language": "en"}, ("sophie", "en")),
        ("", "", {"voice_id": "petra", "language": "de"}, ("petra", "de")),
        ("voice_id=petra", "", {"voice_id": "sophie"}, ("petra", "de")),
        ("language=fr", "", {"voice_id": "sophie"}, ("manon", "fr")),
        ("", "voice_id: petra", {"voice_id": "sophie"}, ("petra", "de")),
        ("", "voice_id: petra; in_slots: true", {"voice_id": "petra"}, ("petra", "de")),
    ],
)
def test_what_is_set_nearer_than_the_language_of_a_narrated_page_wins(
    empty_program: Program,
    block: str,
    settings: str,
    of_extension: Mapping[str, object],
    speaker: tuple[str, str],
) -> None:
    """And what the extension says of a language: it is for all of its blocks."""
    meta = f'<meta name="lightning" content="narrate: true; {settings}">'
    frame = FRAME.replace('"en"', '"de"').replace("META", meta)
    empty_program.build({"index.html": f":::speak {block}\n{FIRST}\n:::\n"}, frame, **of_extension)
    assert empty_program.publish().exit_code == 0
    assert speakers(empty_program)[FIRST][:2] == speaker
