"""`mkdocs-lightning publish`: sites that a plain program has built, voiced after the fact, any number of times."""

from __future__ import annotations

import json
import re
import shutil
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mkdocs_lightning.cli.command import main
from mkdocs_lightning.exports.page_audio import PageAudio, head_elements
from tests.support.commands import contents, printed
from tests.support.pages import slots_in
from tests.support.plain_program import FRAME, GUIDE, HOME, THIRD
from tests.support.published import FIRST, SECOND
from tests.support.service import Failure, every
from tests.support.sites import KEY, duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from tests.support.plain_program import Program
    from tests.support.service import Json
    from tests.support.sites import Site


def words(html: str) -> list[str]:
    """All that a reader sees of a page's body."""
    body = html[html.index("<body>") :]
    return re.sub(r"<script.*?</script>|<[^>]+>", "", body, flags=re.DOTALL).split()


def done(result: Result) -> str:
    """What a command that goes well prints, below where its options are from."""
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout.removeprefix("options: mkdocs.yml\n")


def test_a_site_is_voiced_and_its_slots_are_filled(program: Program) -> None:
    before = program.html("index.html")
    said = done(program.publish())
    assert said.startswith("2 clips, 3 sentences: 0 cached, 3 synthesized")
    assert said.endswith("; 2 pages changed\n")
    assert program.asked() == sorted([FIRST, SECOND, THIRD])
    for url in ("index.html", "guide/a page/index.html"):
        (clip,) = program.clips(url)
        assert duration(clip) > 3
        html = program.html(url)
        for name in ("player.css", "player.js"):
            (link,) = re.findall(rf'(?:href|src)="([^"]*{name})"', html)
            assert program.output.joinpath(url).parent.joinpath(link).is_file()
        assert len(slots_in(html)) == 1
    html = program.html("index.html")
    assert html.count('data-cue="') == 2
    assert words(html) == words(before)


def test_again_it_changes_nothing_and_asks_for_nothing(program: Program) -> None:
    done(program.publish())
    before = contents(program.output)
    program.service.clear()
    assert done(program.publish()).startswith("2 clips, 3 sentences: 3 cached, 0 synthesized (0 characters)")
    assert contents(program.output) == before
    assert program.service.requests == []


def test_what_the_page_says_of_itself_is_used(program: Program) -> None:
    done(program.publish())
    html = program.html("guide/a page/index.html")
    (described,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    (audio,) = json.loads(described)["@graph"]
    assert audio["contentUrl"].startswith("https://docs.example.org/assets/lightning/")
    assert audio["transcript"] == f"{THIRD} {FIRST}"
    assert 'data-site="A page &amp; its site"' in html
    assert "Abspielen" in html  # the player's words are German, as the page
    assert 'id="guide"' in html
    assert "<details" in html


def test_the_same_words_as_mkdocs_asks_for(program: Program, site: Site) -> None:
    """One cache for both: what a build has paid for is not paid for by publishing, nor the other way round."""
    site.write({"index.md": HOME, "guide.md": GUIDE})
    site.build(cache_dir=str(program.root / ".cache/plugin/lightning"))
    program.service.clear()
    assert "3 cached, 0 synthesized" in done(program.publish())
    assert program.service.requests == []
    theirs = {path.name for path in (site.root / "site").rglob("*.mp3")}
    assert {path.name for path in program.output.rglob("*.mp3")} == theirs


def test_what_is_published_is_not_pruned(program: Program, site: Site) -> None:
    """By MkDocs, with which it shares the cache, and which does not know these pages."""
    done(program.publish())
    site.write({"index.md": f":::speak\n{FIRST}\n:::\n"})
    options: dict[str, Any] = {"cache_dir": str(program.root / ".lightning")}
    site.build(**options)
    assert "0 files removed" in printed(site, "cache", "prune", "--days", "0", **options)
    program.service.clear()
    done(program.publish())
    assert program.service.requests == []


def test_without_a_key_it_plays_what_is_cached_and_says_the_rest(
    program: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("there is no API key")
    done(program.publish())
    program.build({"index.html": HOME, "new.html": f":::speak\n{SECOND} Something new stands here now.\n:::\n"})
    result = program.publish(key=None)
    assert result.exit_code == 1
    assert "1 sentence missing: there is no API key" in result.stderr
    assert "new.html 'And this is the second one" in result.stderr
    assert "Traceback" not in result.output
    assert len(program.clips("index.html")) == 1
    assert program.clips("new.html") == []
    assert "Something new stands here now." in program.html("new.html")
    assert done(program.publish()).endswith("; 1 page changed\n")
    assert len(program.clips("new.html")) == 1


def test_max_characters_is_kept(program: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("max_characters is 10")
    expect_warning("max_characters is 20")
    program.configure(max_characters=10)
    result = program.publish()
    assert result.exit_code == 1
    assert "max_characters is 10" in result.stderr
    assert program.publish("--max-characters", "20").exit_code == 1
    assert program.service.requests == []
    assert program.publish("--max-characters", "500").exit_code == 0


def test_synthesize_never_is_kept(program: Program) -> None:
    """It sends nothing, which is no failure; what is cached has its players."""
    program.configure(synthesize="never")
    said = done(program.publish())
    assert "2 clips" in said
    assert program.service.requests == []
    assert program.clips("index.html") == []
    program.configure(synthesize="build")
    done(program.publish())
    program.build({"index.html": HOME, "new.html": f":::speak\n{SECOND} Something new stands here now.\n:::\n"})
    program.service.clear()
    program.configure(synthesize="never")
    done(program.publish())
    assert program.service.requests == []
    assert (len(program.clips("index.html")), program.clips("new.html")) == (1, [])


def test_a_dry_run_tells_the_price_and_does_nothing(program: Program) -> None:
    before = contents(program.root)
    said = done(program.publish("--dry-run", "--max-characters", "10", key=None))
    assert re.search(r"^index.html +1 +2 +0 +2 +84 ", said, re.MULTILINE)
    characters = sum(map(len, (FIRST, SECOND, THIRD)))
    assert f"Missing: {characters} characters, price $" in said
    assert "A build would send nothing: max_characters is 10." in said
    done(program.publish("--dry-run"))
    assert contents(program.root) == before
    assert program.service.requests == []


def test_a_remote_cache_is_used(program: Program, tmp_path: Path) -> None:
    program.configure(remote_cache=(tmp_path / "shared").as_uri())
    done(program.publish())
    shutil.rmtree(program.root / ".lightning")
    program.service.clear()
    assert "Missing:" not in done(program.publish("--dry-run"))
    done(program.publish(key=None))
    assert program.service.requests == []


def test_a_misspelt_limit_stops_it(program: Program) -> None:
    program.configure(max_charcters=10)
    result = program.publish()
    assert (result.exit_code, program.service.requests) == (2, [])
    assert "unknown option 'max_charcters' (did you mean 'max_characters'?)" in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plugins: [lightning: {retries: many}]\n", "retries: 'many' is not a whole number"),
        ("plugins: {lightning: {audio_dir: ../elsewhere}}\n", "audio_dir: '../elsewhere' is not a directory within"),
        ("plugins: [lightning: {engine: steam}]\n", "engine: there is no engine 'steam'"),
        ("a: [\n", "config-file: mkdocs.yml cannot be read"),
    ],
)
def test_a_wrong_configuration_stops_it(program: Program, text: str, message: str) -> None:
    program.root.joinpath("mkdocs.yml").write_text(text, encoding="utf-8")
    result = program.publish()
    assert (result.exit_code, result.stdout, program.service.requests) == (2, "", [])
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_options_may_be_inherited_and_come_from_the_environment(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.root.joinpath("mkdocs.yml").rename(program.root / "base.yml")
    program.root.joinpath("site.yml").write_text("INHERIT: base.yml\n", encoding="utf-8")
    arguments = ["-f", "site.yml", "publish", "public"]
    assert CliRunner(env={"SMALLEST_API_KEY": KEY}).invoke(main, arguments).exit_code == 0
    monkeypatch.setenv("SPOKEN_BY", "offline")
    plugins = "plugins:\n  lightning:\n    engine: !ENV [SPOKEN_BY, lightning]\n"
    program.root.joinpath("site.yml").write_text(plugins, encoding="utf-8")
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert "3 synthesized" in result.stdout


def test_the_engine_that_pages_name_is_used_and_can_be_overruled(program: Program) -> None:
    program.build({"index.html": HOME, "guide/a page/index.html": GUIDE}, engine="offline", output_format="wav")
    done(program.publish(key=None))
    assert program.service.requests == []
    assert program.clips("index.html")[0].suffix == ".wav"
    done(program.publish("--engine", "lightning"))
    assert len(program.service.requests) == 3


def test_pages_that_do_not_agree_stop_it(program: Program) -> None:
    program.build({"one.html": HOME}, engine="offline")
    program.build({"two.html": HOME}, engine="lightning")
    result = program.publish()
    assert (result.exit_code, program.service.requests) == (2, [])
    assert "engine: the pages were built with different values" in result.stderr


def test_another_voice_replaces_the_players(program: Program) -> None:
    done(program.publish())
    before = program.clips("index.html")
    program.configure(voice_id="sophie")
    done(program.publish())
    after = program.clips("index.html")
    assert len(after) == 1
    assert after != before
    assert program.html("index.html").count("speak-head-->") == 2


@pytest.mark.parametrize(
    ("of_extension", "of_site", "voice_id"),
    [
        ({}, {}, "manon"),
        ({}, {"voice_id": "sophie"}, "manon"),
        ({"voice_id": "sophie"}, {}, "manon"),
        ({"voice_id": "sophie"}, {"voices": {"fr": "louis"}}, "louis"),
        ({}, {"voices": {"fr": "louis"}}, "louis"),
    ],
)
def test_a_block_in_a_language_of_its_own_has_the_site_s_voice_for_it(
    program: Program, of_extension: dict[str, str], of_site: dict[str, object], voice_id: str
) -> None:
    source = ":::speak language=fr\nEn français.\n:::\n\n:::speak language=fr voice_id=lucie\nEt ici.\n:::\n"
    program.build({"index.html": source}, **of_extension)
    program.configure(**of_site)
    done(program.publish())
    said = {
        body["text"]: (body["language"], body["voice_id"])
        for request in program.service.requests
        if (body := request.body)
    }
    assert (said["En français."], said["Et ici."]) == (("fr", voice_id), ("fr", "lucie"))


def test_what_an_earlier_run_has_said_of_a_clip_is_said_once(program: Program) -> None:
    """As of a narrated page, whose head names its clip for Open Graph."""
    done(program.publish())
    once = program.html("index.html")
    audio = PageAudio("a.mp3", "https://docs.example.org/a.mp3", "audio/mpeg", '"A" <title>')
    described = once.replace("<!--/speak-head-->", f"{head_elements(audio, '')}<!--/speak-head-->")
    (program.output / "index.html").write_text(described, encoding="utf-8")
    assert "og:audio" in described
    done(program.publish())
    assert program.html("index.html") == once


def test_sound_that_is_lost_is_put_back_for_nothing(program: Program) -> None:
    """As a program does that clears its output, but leaves the pages that have not changed."""
    done(program.publish())
    page = program.html("index.html")
    shutil.rmtree(program.output / "assets")
    program.service.clear()
    done(program.publish())
    assert program.html("index.html") == page
    assert duration(*program.clips("index.html")) > 3
    assert program.service.requests == []


def test_a_player_that_works_is_not_taken_away(program: Program, expect_warning: Callable[[str], None]) -> None:
    """On a machine that has neither the cache nor a key."""
    expect_warning("there is no API key")
    expect_warning("2 pages are not changed, to keep players that work: guide/a page/index.html, index.html$")
    done(program.publish())
    before = contents(program.output)
    shutil.rmtree(program.root / ".lightning")
    result = program.publish(key=None)
    assert result.exit_code == 1
    assert contents(program.output) == before


def test_sound_inside_pages_becomes_files(program: Program) -> None:
    done(program.publish())
    program.build({"index.html": HOME})
    assert 'src="data:audio/mpeg' in program.html("index.html")
    done(program.publish())
    assert "data:audio" not in program.html("index.html")
    assert duration(*program.clips("index.html")) > 3


def test_a_failing_service_leaves_text_and_the_next_run_fills_it(
    program: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(" missing")
    program.service.faults = every(1, Failure(503))
    result = program.publish()
    assert result.exit_code == 1
    assert "missing" in result.stderr
    assert program.clips("index.html") == []
    assert f"<p>{FIRST} {SECOND}</p>" in program.html("index.html")
    program.service.faults = None
    done(program.publish())
    assert len(program.clips("index.html")) == 1


def test_a_page_without_a_head_has_its_style_sheet_all_the_same(program: Program) -> None:
    program.build({"index.html": HOME}, frame="<!doctype html>\n<title>Short</title>\n{content}")
    done(program.publish())
    html = program.html("index.html")
    assert html.startswith("<!doctype html>\n<title>Short</title>\n")
    assert html.index('rel="stylesheet"') < html.index("<speak-slot")


def test_blocks_within_blocks(program: Program) -> None:
    program.build({"index.html": f"::::speak\n{FIRST}\n\n:::speak\n{SECOND}\n:::\n::::\n"})
    done(program.publish())
    assert len(program.clips("index.html")) == 2
    before = program.html("index.html")
    done(program.publish())
    assert program.html("index.html") == before


def test_line_ends_of_windows_stay(program: Program) -> None:
    program.build({"index.html": HOME}, frame=FRAME.replace("\n", "\r\n"))
    done(program.publish())
    assert program.output.joinpath("index.html").read_bytes().startswith(b'<!DOCTYPE html>\r\n<html lang="de">\r\n')


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("{", "not JSON"),
        ('{"script":[["a",60]],"voice":{"base_url":"http://elsewhere.example"}}', "unknown option 'base_url'"),
        ('{"script":[["a",60]],"voice":{"voice_id":"voice_1"}}', "'voice_1' is a cloned voice"),
    ],
)
def test_a_slot_that_cannot_be_used_is_told_and_stays(
    program: Program, expect_warning: Callable[[str], None], script: str, message: str
) -> None:
    expect_warning(message)
    page = f"<p>Before.</p><speak-slot data-script='{script}'><p>Text.</p></speak-slot>"
    program.output.joinpath("bad.html").write_text(page, encoding="utf-8")
    result = program.publish()
    assert result.exit_code == 1
    assert message in result.stderr
    assert "bad.html" in result.stderr
    assert "<p>Text.</p>" in program.html("bad.html")
    assert len(program.clips("index.html")) == 1


def test_hostile_words_stay_words(program: Program) -> None:
    """Whatever a page says of itself and of its blocks, nothing of it becomes an element, or ends one."""
    words = "End </script></speak-slot><!--/speak-head--><script>alert(1)</script> \"'> {{ 7 * 7 }} & end."
    source = f":::speak {{title='\"><script>alert(2)</script>'}}\n{escape(words)}\n:::\n"
    program.build({"index.html": source})
    done(program.publish())
    before = program.html("index.html")
    assert "<script>alert" not in before
    assert "End </script>" not in before
    assert "{{ 7 * 7 }} &amp; end." in before
    (slot,) = slots_in(before)
    assert slot.sentences[0].written == words
    assert slot.options.title == '"><script>alert(2)</script>'
    done(program.publish())
    assert program.html("index.html") == before


def test_a_page_that_is_no_utf_8_is_told_and_stays(program: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("latin.html cannot be read")
    latin = '<speak-slot data-script="{}">é</speak-slot>'.encode("latin-1")
    program.output.joinpath("latin.html").write_bytes(latin)
    result = program.publish()
    assert "latin.html cannot be read" in result.stderr
    assert program.output.joinpath("latin.html").read_bytes() == latin
    assert len(program.clips("index.html")) == 1


def test_a_site_without_blocks_is_told(program: Program, expect_warning: Callable[[str], None]) -> None:
    expect_warning("Is mkdocs_lightning among")
    shutil.rmtree(program.output)
    program.output.mkdir()
    page = program.output / "index.html"
    page.write_text("<p>No block.</p>", encoding="utf-8")
    result = program.publish()
    assert "has a block. Is mkdocs_lightning among its markdown_extensions?" in result.stderr
    assert list(program.output.iterdir()) == [page]


def test_a_directory_that_is_not_there_is_told(program: Program) -> None:
    shutil.rmtree(program.output)
    result = program.publish()
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_what_was_stored_is_not_asked_for_again(program: Program) -> None:
    tried: set[object] = set()

    def fail_once(_number: int, body: Json) -> Failure | None:
        """Each sentence, so that none fails in both of its tries, whichever comes first."""
        is_new = body["text"] not in tried
        tried.add(body["text"])
        return Failure(503) if is_new else None

    program.service.faults = fail_once
    program.publish()
    done(program.publish())
    assert program.asked(status=200) == sorted([FIRST, SECOND, THIRD])


def test_the_key_is_nowhere(program: Program) -> None:
    done(program.publish())
    files = [path for path in program.root.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
