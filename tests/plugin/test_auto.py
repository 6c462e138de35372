"""`engine: auto`: the same sentences with a key and without; without one, the offline voice speaks what is missing."""

from __future__ import annotations

import json
import shutil
from importlib import util
from typing import TYPE_CHECKING, Any

import pytest

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.engines import EngineOptions, make_engine, make_stand_in
from tests.support.commands import plan, run
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site

PAID = "This sentence was paid for by a build that had the key."
LATER = "This sentence was written by somebody who has no key at all."
SPOKEN = r"the offline voice speaks 1 sentence: there is no API key; api_key is empty, and the environment variable "
NO_KEY: dict[str, Any] = {"engine": "auto", "api_key": None}  # as `!ENV MY_KEY` reads where MY_KEY is not set


def blocks(*sentences: str) -> str:
    return "# Home\n" + "".join(f"\n:::speak\n{sentence}\n:::\n" for sentence in sentences)


@pytest.fixture
def forked(site: Site, service: Service) -> Site:
    """A site with one sentence that was paid for, and one that was not."""
    site.write({"index.md": blocks(PAID)})
    site.build(engine="auto")
    assert [request.body["text"] for request in service.requests if request.body] == [PAID]
    service.clear()
    site.write({"index.md": blocks(PAID, LATER)})
    return site


def test_what_was_paid_for_plays_and_the_offline_voice_speaks_the_rest(
    forked: Site, service: Service, expect_warning: Callable[[str], None]
) -> None:
    (paid,) = forked.clips("index.html")
    expect_warning(SPOKEN)
    forked.build(**NO_KEY)
    first, second = forked.clips("index.html")
    assert (first.name, second.exists()) == (paid.name, True)
    assert service.requests == []
    assert "data-draft" not in forked.html("index.html")

    expect_warning(SPOKEN)  # again, from the cache
    forked.build(**NO_KEY)
    assert [clip.name for clip in forked.clips("index.html")] == [first.name, second.name]
    forked.build(engine="auto")  # with the key, it is paid for as if nothing had spoken it before
    assert [request.body["text"] for request in service.requests if request.body] == [LATER]
    assert forked.clips("index.html")[1].name != second.name


def test_the_commands_say_the_same_with_a_key_and_without(forked: Site) -> None:
    expected = plan(forked, engine="auto")
    assert (expected["engine"], expected["cached"], expected["missing"]) == ("lightning", 1, 1)
    assert plan(forked, **NO_KEY) == plan(forked, engine="lightning", api_key=None) == expected
    for options in ({"engine": "auto"}, NO_KEY):
        checked = run(forked, "check", **options)
        assert (checked.exit_code, checked.stderr) == (1, "")
        assert f"index.md:7\n  {LATER}\n" in checked.stdout
        assert "index.md:7 (kaitlyn, en)\n" in run(forked, "transcript", "index.md", **options).stdout
    told = run(forked, "plan", **NO_KEY).stdout
    assert "characters, price $0.0012 (lightning)." in told
    assert "Here, the offline voice would speak them: there is no API key; api_key is empty" in told
    assert "Here, the offline voice" not in run(forked, "plan", engine="auto").stdout


@pytest.mark.parametrize("engine", ["auto", "lightning"])
def test_nothing_is_warned_of_where_all_is_cached(forked: Site, engine: str) -> None:
    forked.write({"index.md": blocks(PAID)})
    forked.build(strict=True, engine=engine, api_key=None)
    assert run(forked, "check", engine=engine, api_key=None).exit_code == 0


def test_synth_fills_the_cache_with_what_a_build_plays(forked: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning(SPOKEN)
    result = run(forked, "synth", **NO_KEY)
    assert (result.exit_code, result.stdout.count("2 sentences: 1 cached, 1 synthesized")) == (0, 1)
    forked.build(**NO_KEY, synthesize="never")  # which speaks nothing more, and is told of as information
    assert len(forked.clips("index.html")) == 2


def test_never_plays_only_what_is_cached(forked: Site) -> None:
    forked.build(**NO_KEY, synthesize="never")
    assert len(forked.clips("index.html")) == 1


def test_a_damaged_sentence_is_not_spoken_by_another_voice_under_its_name(
    forked: Site, expect_warning: Callable[[str], None]
) -> None:
    for path in forked.root.rglob("*.mp3"):
        path.unlink()
    for path in forked.root.rglob("segments/*/*.flac"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    expect_warning(
        "1 sentence missing: there is no API key; api_key is empty.*\n    index.md:3 'This sentence was paid for by a"
    )
    expect_warning(SPOKEN)
    forked.build(**NO_KEY)
    assert len(forked.clips("index.html")) == 1
    assert plan(forked, engine="auto")["missing"] == 2  # and so it is paid for once more


def test_a_narrated_page_has_its_chapters(site: Site, expect_warning: Callable[[str], None]) -> None:
    site.write({"index.md": f"# Home\n\n{PAID}\n\n## Later\n\n{LATER}\n"})
    expect_warning("the offline voice speaks 4 sentences")
    site.build(**NO_KEY, narrate=["*"])
    assert "data-chapters" in site.html("index.html")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ((None, None), "there is no API key; set the environment variable SMALLEST_API_KEY"),
        ((None, ""), "there is no API key; the environment variable SMALLEST_API_KEY is set but empty"),
        (
            ("", None),
            "there is no API key; api_key is empty, and the environment variable SMALLEST_API_KEY is empty or ",
        ),
        (
            (" ", ""),
            "there is no API key; api_key is empty, and the environment variable SMALLEST_API_KEY is empty or ",
        ),
    ],
)
def test_a_message_names_where_the_key_was_looked_for(
    forked: Site,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Callable[[str], None],
    keys: tuple[str | None, str | None],
    words: str,
) -> None:
    option, variable = keys
    if variable is not None:
        monkeypatch.setenv("SMALLEST_API_KEY", variable)
    expect_warning(f"^mkdocs_lightning: 1 sentence missing: {words}")
    if option is None:
        del forked.options["api_key"]
    else:
        forked.options["api_key"] = option or None
    forked.build(engine="lightning")


@pytest.mark.parametrize(("option", "source"), [("sk_wrong", "api_key"), (None, "SMALLEST_API_KEY")])
def test_a_refused_key_is_named_by_where_it_came_from(
    forked: Site,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Callable[[str], None],
    option: str | None,
    source: str,
) -> None:
    monkeypatch.setenv("SMALLEST_API_KEY", "sk_of_the_variable")
    expect_warning(f"the service answered 401.*: check the API key in {source} .request")
    forked.build(engine="auto", api_key=option)


def test_without_the_offline_voice_it_says_both(
    forked: Site, monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None]
) -> None:
    find_spec = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *rest: None if "espeakng" in name else find_spec(name, *rest))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    expect_warning(
        r"1 sentence missing: there is no API key; api_key is empty.*; the offline voice is not installed: run pip inst"
    )
    forked.build(**NO_KEY)
    assert len(forked.clips("index.html")) == 1
    said = run(forked, "say", "Hello there.", "-o", str(forked.root / "a.mp3"), **NO_KEY)
    assert (said.exit_code, "; the offline voice is not installed" in said.stderr) == (2, True)


def test_say_speaks_here_and_now(forked: Site, service: Service) -> None:
    said = run(forked, "say", "Hello there, and good day.", "-o", str(forked.root / "a.mp3"), **NO_KEY)
    assert (said.exit_code, said.stderr, service.requests) == (0, "", [])


def test_only_auto_has_a_stand_in() -> None:
    for name, key, expected in (("auto", None, "offline"), ("auto", KEY, None), ("lightning", None, None)):
        engine = make_engine(name, EngineOptions(api_key=key))
        assert engine.name == "lightning"
        assert getattr(make_stand_in(name, engine), "name", None) == expected
    with pytest.raises(LightningError, match="is not an https URL"):
        make_engine("auto", EngineOptions(base_url="http://example.org"))


def test_the_offline_voice_is_named_in_a_transcript(site: Site) -> None:
    site.write({"index.md": blocks(PAID) + "\n:::speak {language=de}\nEin Satz auf Deutsch.\n:::\n"})
    said = run(site, "transcript", "index.md", engine="offline").stdout
    assert "(offline en-us, en)" in said
    assert "(offline de, de)" in said
    assert json.loads(run(site, "plan", "--json", engine="offline").stdout)["engine"] == "offline"
