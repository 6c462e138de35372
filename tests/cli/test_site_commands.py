"""The commands that read a site: what they say is what a build then does, and they change nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mkdocs_lightning import Lightning
from mkdocs_lightning.cli.command import main
from mkdocs_lightning.synthesis import progress
from tests.support.commands import contents, missing_texts, plan, printed, run
from tests.support.service import PRO, STANDARD, Failure, Service, catalogue
from tests.support.sites import KEY, Site

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

FIRST = "The first sentence of this site is here."
SECOND = "And 100% of the second one: here, as well."
OTHER = "A page further down has its own words to say."
HOME = f"# Home\n\n:::speak\n{FIRST} {SECOND}\n:::\n"
PAGES = {"index.md": HOME, "guide/start.md": f"# Start\n\n- item\n\n    :::speak\n    {OTHER} {FIRST}\n    :::\n"}
ALL = len(FIRST + SECOND + OTHER)


@pytest.fixture
def two_pages(site: Site) -> Site:
    """Two pages that share a sentence; quickly spoken."""
    site.options |= {"sample_rate": 8000, "output_format": "wav"}
    site.write(PAGES)
    return site


@pytest.fixture
def offline(two_pages: Site, service: Service, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The two pages, half of them cached, where there is neither a key nor a network."""
    two_pages.write({"guide/start.md": "# Start\n"})
    two_pages.build()
    two_pages.write(PAGES)
    service.clear()
    del two_pages.options["api_key"]

    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return two_pages


def sent(service: Service) -> Counter[tuple[object, ...]]:
    bodies = [request.body or {} for request in service.requests]
    return Counter((body["text"], body["voice_id"], body["speed"]) for body in bodies)


class TestFiftyPages:
    """`plan` and a build agree to the character."""

    SHARED = tuple(f"Sentence {letter} stands on more than one page of this site." for letter in "ABCDE")

    def own(self, page: int, number: int) -> str:
        return f"Page {page} has an own sentence, which is number {number}."

    def source(self, page: int) -> str:
        """A page in one of five dresses, each with a shared sentence and three of its own."""
        one, two, three = (self.own(page, number) for number in range(3))
        shared = self.SHARED[page // 5 % 5]
        front_matter = "---\nlightning: {speed: 1.5}\n---\n" if page % 3 == 0 else ""
        dresses = [
            [f"# Page {page}\n\n:::speak\n{one} {shared}\n\n**{two}**\n:::", f":::speak\n{three}\n:::"],
            [f"> :::speak\n> {one} {shared}\n> :::", f"- item\n\n    :::speak\n    - {two}\n    - {three}\n    :::"],
            [f"::: speak {{voice_id=sophie}}\n{one}\n:::", f":::speak\n{shared} {two}\n{three}\n:::"],
            [f":::speak title={title}\n{one} {two} {three} {shared}\n:::" for title in ("Once", "Again")],
            [f"!!! note\n    :::speak\n    {one} {shared}\n    :::", f"1. :::speak\n    {two} {three}\n    :::"],
        ]
        return front_matter + "\n\n".join(dresses[page % 5]) + "\n"

    def spoken(self, page: int) -> set[tuple[str, str, float]]:
        """What is spoken on a page: texts with their voice and speed."""
        texts = {self.own(page, number) for number in range(3)} | {self.SHARED[page // 5 % 5]}
        speed = 1.5 if page % 3 == 0 else 0.8 if page >= 40 else 1.0
        special = {self.own(page, 0)} if page % 5 == 2 else set()
        return {(text, "sophie" if text in special else "kaitlyn", speed) for text in texts}

    def test_plan_is_what_a_build_sends(self, site: Site, service: Service) -> None:
        site.options |= {"sample_rate": 8000, "output_format": "wav"}
        site.config = {"markdown_extensions": ["admonition"]}
        names = {page: f"part{page // 10}/page{page}.md" for page in range(50)}
        site.write({name: self.source(page) for page, name in names.items()})
        site.write({"part4/.meta.yml": "lightning: {speed: 0.8}\n"})

        planned = plan(site)
        assert service.requests == []
        site.build(strict=True)

        assert max(sent(service).values()) == 1
        assert set(sent(service)) == set().union(*map(self.spoken, names))
        characters = sum(len(str(text)) for text, *_ in sent(service).elements())
        assert planned["characters"] == characters
        assert planned["missing"] == planned["sentences"] == len(service.requests)
        assert planned["cached"] == 0
        built = [path.read_text(encoding="utf-8") for path in (site.root / "site").rglob("*.html")]
        assert planned["players"] == sum(html.count("<audio") for html in built)
        assert planned["price_usd"] == pytest.approx(characters * 0.0000195)
        assert {part["page"]: part["characters"] for part in planned["pages"]} == {
            name: sum(len(text) for text, *_ in self.spoken(page)) for page, name in names.items()
        }
        assert sum(part["characters"] for part in planned["pages"]) > characters

        after = plan(site)
        assert (after["cached"], after["missing"], after["characters"]) == (len(service.requests), 0, 0)
        assert all(part["cached"] == part["sentences"] for part in after["pages"])

        service.clear()
        site.write({names[7]: self.source(7).replace("which is number 1", "which has been edited")})
        planned = plan(site)
        site.build(strict=True)
        assert len(service.spoken) == planned["missing"] == 1
        assert len(service.spoken[0]) == planned["characters"]


class TestPlan:
    KEYS = ("players", "sentences", "cached", "missing", "characters", "price_usd")

    def test_json(self, two_pages: Site) -> None:
        planned = plan(two_pages)

        pages, engine, languages = (planned.pop(name) for name in ("pages", "engine", "languages"))
        assert planned.pop("unspoken") == []
        price = ALL * 0.0000195
        assert planned == dict(zip(self.KEYS, (2, 3, 0, 3, ALL, pytest.approx(price)), strict=True))
        assert (engine, languages) == ("lightning", [])
        assert [part["page"] for part in pages] == ["index.md", "guide/start.md"]
        assert [missing_texts(part) for part in pages] == [[FIRST, SECOND], [OTHER, FIRST]]
        assert set(pages[0]) == {"page", "locale", "missing_sentences", *self.KEYS}

    def test_a_program_that_synthesizes_what_is_missing_leaves_nothing_to_a_site(
        self, two_pages: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        (two_pages.root / "lexicon.yml").write_text("en: {SQL: sequel}\n", encoding="utf-8")
        two_pages.options |= {"lexicon": "lexicon.yml", "pronunciation_dicts": ["a" * 24]}
        service.dictionaries["a" * 24] = {}
        expect_warning("magnus")
        two_pages.write(
            {
                "more.md": """\
                ::: speak speed=1.2 sample_rate=16000 number_pronunciation_language=de
                Ask SQL \U0001f600 for the 12 towns &amp; the river.
                :::

                ::: speak voice_id=magnus language=fr math_notation=true
                Il y en a *douze* en tout.
                :::
                """
            }
        )
        missing = {
            json.dumps(sentence): sentence
            for page in plan(two_pages)["pages"]
            for sentence in page["missing_sentences"]
        }
        assert len(missing) == 5
        assert {len(sentence["settings"]) for sentence in missing.values()} == {6, 7}
        cache = two_pages.root / ".cache/plugin/lightning"
        with Lightning(api_key=KEY, base_url=service.url, cache=cache, speed=0.5, sample_rate=44100) as lightning:
            for sentence in missing.values():
                assert not lightning.synthesize(sentence["text"], **sentence["settings"]).is_cached
        checked = run(two_pages, "check", "--json")
        assert (checked.exit_code, json.loads(checked.stdout)["missing"]) == (0, 0)

    def test_table(self, two_pages: Site) -> None:
        assert printed(two_pages, "plan").splitlines() == [
            "page            players  sentences  cached  missing  characters    price",
            "index.md              1          2       0        2          82  $0.0016",
            "guide/start.md        1          2       0        2          85  $0.0017",
            "total                 2          3       0        3         127  $0.0025",
            "",
            "Missing: 127 characters, price $0.0025 (lightning). A sentence on several pages counts once.",
            "Prices are those listed in September 2026; your account's prices may differ.",
        ]
        printed(two_pages, "synth")
        assert printed(two_pages, "plan").splitlines() == [
            "page            players  sentences  cached  missing  characters  price",
            "index.md              1          2       2        0           0      -",
            "guide/start.md        1          2       2        0           0      -",
            "total                 2          3       3        0           0      -",
        ]

    def test_without_a_block_there_is_nothing_to_pay(self, site: Site) -> None:
        site.write({"index.md": "# Home\n"})
        assert printed(site, "plan").splitlines()[1:] == [
            "total        0          0       0        0           0      -"
        ]
        nothing = dict.fromkeys(self.KEYS, 0)
        assert plan(site) == {**nothing, "engine": "lightning", "languages": [], "pages": [], "unspoken": []}

    def test_players_that_are_equal_are_players_all_the_same(self, site: Site) -> None:
        site.write({"index.md": HOME * 2, "more.md": HOME})
        planned = plan(site)
        assert (planned["players"], planned["sentences"]) == (3, 2)
        assert [(page["players"], page["sentences"]) for page in planned["pages"]] == [(2, 2), (1, 2)]

    @pytest.mark.parametrize(
        ("engine", "key", "priced"),
        [("auto", KEY, "lightning"), ("auto", "", "lightning"), ("offline", KEY, "offline")],
    )
    def test_the_engine_is_the_one_that_is_priced(self, two_pages: Site, engine: str, key: str, priced: str) -> None:
        planned = plan(two_pages, engine=engine, api_key=key)
        assert (planned["engine"], planned["price_usd"] == 0) == (priced, priced == "offline")

    @pytest.mark.parametrize(("limit", "said"), [(ALL - 1, True), (ALL, False)])
    def test_it_tells_of_max_characters(self, two_pages: Site, limit: int, said: bool) -> None:
        output = printed(two_pages, "plan", max_characters=limit)
        assert (f"\nA build would send nothing: max_characters is {limit}.\n" in output) == said

    def test_what_costs_nothing_has_no_budget(self, two_pages: Site) -> None:
        assert "max_characters" not in printed(two_pages, "plan", max_characters=1, engine="offline")
        said = printed(two_pages, "synth", max_characters=1, engine="offline")
        assert said.startswith(f"2 clips, 3 sentences: 0 cached, 3 synthesized ({ALL} characters), ")

    def test_a_disabled_plugin_speaks_nothing(self, two_pages: Site) -> None:
        assert plan(two_pages, enabled=False)["players"] == 0
        for command in ("plan", "check", "synth"):
            result = run(two_pages, command, enabled=False)
            assert result.exit_code == 0
            assert result.stderr.endswith("'lightning' is not enabled in mkdocs.yml, so nothing is spoken\n")
        result = run(two_pages, "plan", enabled=False, engine="polly")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "engine: there is no engine 'polly'" in result.stderr

    def test_what_it_says_beside_goes_to_standard_error(
        self, two_pages: Site, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("this line looks like the start of a block")
        two_pages.write({"more.md": ":::speek\nA near miss.\n:::\n"})
        result = run(two_pages, "plan", "--json")
        assert json.loads(result.stdout)["players"] == 2
        assert result.stderr.startswith("WARNING -  mkdocs_lightning: more.md:1 ':::speek': this line looks like the ")


@pytest.mark.parametrize("command", ["plan", "check"])
def test_a_folder_without_pages_is_no_site_whose_audio_is_complete(site: Site, command: str) -> None:
    (site.root / "docs").mkdir(exist_ok=True)
    result = run(site, command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "docs_dir has no pages. For a site that another program builds, run 'mkdocs-lightning pub" in result.stderr


def test_plan_warns_of_words_of_the_lexicon_that_the_pages_have_in_another_case(two_pages: Site) -> None:
    (two_pages.root / "lexicon.yml").write_text(
        "en: {the: x, second: y, nowhere: z}\nde: {OTHER: x}\n", encoding="utf-8"
    )
    two_pages.write({"index.md": ":::speak\nThe page has no article in small letters.\n:::\n"})
    warning = (
        "WARNING -  lexicon: 'the' matches nothing, because case counts; the pages have 'The' (index.md:1). Correct"
    )
    two_pages.options["lexicon"] = "lexicon.yml"
    said = run(two_pages, "plan").stderr
    assert said == f"{warning} it, or add an entry\nlexicon: no page has 'second', 'nowhere'\n"
    two_pages.build(strict=True)  # a warning would fail this test


def test_plan_names_five_words_of_the_lexicon_that_no_page_has(two_pages: Site) -> None:
    words = ", ".join(f"nowhere{number}: x" for number in range(7))
    (two_pages.root / "lexicon.yml").write_text(f"en: {{{words}}}\n", encoding="utf-8")
    two_pages.options["lexicon"] = "lexicon.yml"
    said = run(two_pages, "plan").stderr
    named = ", ".join(f"'nowhere{number}'" for number in range(5))
    assert said == f"lexicon: no page has {named} and 2 more\n"


class TestPlanOfAMove:
    """What a site would cost with another model or voice, while it stays as it is."""

    @staticmethod
    def moved(site: Site, *arguments: str) -> Any:
        return json.loads(run(site, "plan", "--json", *arguments).stdout)

    def test_what_is_cached_in_one_voice_is_missing_in_another(self, two_pages: Site, service: Service) -> None:
        printed(two_pages, "synth")
        service.clear()
        assert plan(two_pages)["missing"] == 0

        moved = self.moved(two_pages, "--model", "lightning_v3.1")

        assert (moved["sentences"], moved["cached"], moved["missing"], moved["characters"]) == (3, 0, 3, ALL)
        assert moved["price_usd"] == pytest.approx(ALL * 0.0000175)
        assert moved["moved_voices"] == {"kaitlyn": ["magnus"]}
        assert [page["characters"] for page in moved["pages"]] == [len(FIRST + SECOND), len(OTHER + FIRST)]
        assert service.requests == []
        assert plan(two_pages)["missing"] == 0

    def test_it_is_what_a_build_then_sends(
        self, two_pages: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("model lightning_v3.1 .* reportedly")
        two_pages.write({"m.md": "# M\n\n::: speak {language=de}\nDieser Satz ist deutsch.\n:::\n"})
        moved = self.moved(two_pages, "--model", "lightning_v3.1")
        two_pages.options["model"] = STANDARD
        run(two_pages, "synth")
        assert sum(map(len, service.spoken)) == moved["characters"]
        assert self.moved(two_pages, "--model", "lightning_v3.1")["missing"] == 0
        assert self.moved(two_pages, "--model", PRO)["moved_voices"] == {"magnus": ["hanna", "kaitlyn"]}

    def test_a_voice_that_the_model_has_stays(self, two_pages: Site) -> None:
        two_pages.options["voice_id"] = "sophie"
        assert self.moved(two_pages, "--model", f"{PRO}_07_26")["moved_voices"] == {}
        assert self.moved(two_pages, "--model", "lightning_v5")["price_usd"] is None

    def test_another_voice_of_the_same_model(self, two_pages: Site) -> None:
        printed(two_pages, "synth")
        moved = self.moved(two_pages, "--voice-id", "sophie")
        assert (moved["missing"], moved["moved_voices"]) == (3, {"kaitlyn": ["sophie"]})
        assert self.moved(two_pages, "--voice-id", "kaitlyn")["missing"] == 0

    def test_a_site_with_the_offline_voice(self, two_pages: Site) -> None:
        two_pages.options["engine"] = "offline"
        moved = self.moved(two_pages, "--model", PRO)
        assert (moved["engine"], moved["price_usd"]) == ("lightning", pytest.approx(ALL * 0.0000195))

    def test_in_words(self, two_pages: Site) -> None:
        result = run(two_pages, "plan", "--model", "lightning_v3.1")
        assert "Missing: 127 characters, price $0.0022 (lightning)." in result.stdout
        assert result.stdout.endswith("kaitlyn would be replaced by magnus.\n")
        assert re.match(
            r"WARNING -  model lightning_v3\.1 of voice_id 'magnus' w.* reportedly .*retired", result.stderr
        )

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--model", "lightning_v4"], "model: 'lightning_v4' is offered over a WebSocket only"),
            (["--model", STANDARD, "--voice-id", "sophie"], "voice_id: voice 'sophie' belongs to lightning_v3.1_pro"),
            (["--voice-id", "voice_1"], "voice_id: 'voice_1' is a cloned voice"),
            (["--model", STANDARD], "language: 'ja' is not a language of lightning_v3.1"),
        ],
    )
    def test_what_cannot_be(self, two_pages: Site, arguments: list[str], message: str) -> None:
        two_pages.options["language"] = "ja"
        result = run(two_pages, "plan", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"mkdocs-lightning: {message}")

    @pytest.mark.parametrize(
        ("name", "text", "place"),
        [
            ("ja.md", "---\nlightning: {language: ja, narrate: true}\n---\nText.\n", "ja.md"),
            ("one.md", "# T\n\n:::speak language=ja\nText.\n:::\n", "one.md:3"),
            ("two.md", "---\nlightning: {narrate: true}\n---\nT.\n\nText.\n{: language=ja }\n", "two.md:7"),
        ],
    )
    def test_what_cannot_be_names_the_first_place_that_prevents_it(
        self, two_pages: Site, name: str, text: str, place: str
    ) -> None:
        two_pages.config["markdown_extensions"] = ["attr_list"]
        two_pages.write({name: text})
        result = run(two_pages, "plan", "--model", STANDARD)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("mkdocs-lightning: language: 'ja' is not a language of lightning_v3.1; ")
        assert result.stderr.endswith(f"; needed first in {place}\n")

    @pytest.mark.parametrize("command", ["plan", "check"])
    def test_a_model_that_retires_is_warned_of_if_all_is_cached_but_not_by_a_build(
        self,
        two_pages: Site,
        command: str,
        expect_warning: Callable[[str], None],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        expect_warning("lightning_v3.1 .* reportedly .*retired")
        two_pages.options["voice_id"] = "magnus"
        two_pages.build()
        two_pages.build(strict=True)
        assert caplog.text.count("reportedly") == 1
        result = run(two_pages, command)
        assert re.match(
            r"WARNING -  model lightning_v3\.1 of voice_id 'magnus' w.*; needed first in .*:3\n$", result.stderr
        )

    @pytest.mark.parametrize(
        ("model", "meant"),
        [("lightning_v3.1_por", PRO), ("lightning_v31", STANDARD), ("lightning_v3.1_pro_10_26", None), ("tts-1", None)],
    )
    def test_a_model_that_looks_misspelled_is_warned_of(self, two_pages: Site, model: str, meant: str | None) -> None:
        result = run(two_pages, "plan", "--model", model)
        assert "price unknown" in result.stdout
        words = (
            f"model '{model}' is not a model that this version knows (did you mean '{meant}'?); its price is unknown"
        )
        assert (words in result.stderr) == (meant is not None)
        assert ("did you mean" in result.stderr) == (meant is not None)

    def test_a_voice_that_nobody_knows_is_warned_of(self, two_pages: Site) -> None:
        result = run(two_pages, "plan", voice_id="KAITLIN")
        assert result.exit_code == 0
        assert "'KAITLIN' is not a voice that this version knows (did you mean 'kaitlyn'?)" in result.stderr


class TestFailAbove:
    def test_a_price_above_it_fails(self, two_pages: Site) -> None:
        whole = plan(two_pages)["price_usd"]
        assert printed(two_pages, "plan", "--fail-above", f"{whole:.10f}") == printed(two_pages, "plan")
        dear = run(two_pages, "plan", "--fail-above", "0.001")
        assert (dear.exit_code, dear.stdout) == (1, printed(two_pages, "plan"))
        assert dear.stderr == "mkdocs-lightning: the price is $0.0025, and --fail-above is 0.001\n"
        assert run(two_pages, "plan", "--fail-above", "nan").exit_code == 1
        assert run(two_pages, "plan", "--fail-above", "-1").exit_code == 2
        printed(two_pages, "synth")
        printed(two_pages, "plan", "--fail-above", "0")
        assert run(two_pages, "plan", "--fail-above", "0", "--voice-id", "sophie").exit_code == 1

    def test_a_price_that_is_not_known_fails(self, two_pages: Site) -> None:
        result = run(two_pages, "plan", "--fail-above", "1000", model="lightning_v9")
        assert result.exit_code == 1
        assert "the price is unknown, and --fail-above is 1000\n" in result.stderr


class TestCheck:
    def test_missing_sentences_by_page_then_synth_then_none(self, two_pages: Site) -> None:
        before = run(two_pages, "check")
        assert before.exit_code == 1
        assert before.stdout.splitlines() == [
            "3 sentences missing: 127 characters, price $0.0025.",
            "index.md:3",
            f"  {FIRST}",
            f"  {SECOND}",
            "guide/start.md:5",
            f"  {OTHER}",
            f"  {FIRST}",
            "Synthesize with 'mkdocs-lightning synth'.",
        ]
        printed(two_pages, "synth")
        assert printed(two_pages, "check") == "Nothing missing: 3 sentences cached.\n"

        two_pages.write({"guide/start.md": PAGES["guide/start.md"].replace("own words", "new words")})
        after = run(two_pages, "check")
        assert after.exit_code == 1
        assert after.stdout.splitlines()[1:3] == ["guide/start.md:5", f"  {OTHER.replace('own words', 'new words')}"]

    def test_a_mistake_in_a_block_that_is_spoken_all_the_same_is_no_failure(
        self, two_pages: Site, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("say has no effect on this code fence")
        two_pages.config["markdown_extensions"] = ["fenced_code"]
        two_pages.write({"code.md": ':::speak\nRun this.\n\n``` { .py say="Run me." }\nrun()\n```\n:::\n'})
        assert run(two_pages, "synth").exit_code == 0
        checked = run(two_pages, "check")
        assert (checked.exit_code, checked.stdout) == (0, "Nothing missing: 4 sentences cached.\n")

    @pytest.mark.parametrize(
        ("added", "place"),
        [
            ({"start.md": "# Start\n\n:::speak voice=sophie\nHere.\n:::\n"}, "start.md:3"),
            ({"start.md": "Text.\n\n:::speak\n`` ` ``\n"}, "start.md:3"),
            ({"start.md": "---\nlightning: {speed: fast}\n---\n:::speak\nHere.\n:::\n"}, "start.md"),
            ({"start.md": "---\nlightning: {narrate: true, speed: 9}\n---\nHere.\n"}, "start.md"),
        ],
        ids=["an unknown option", "never closed", "front matter of no use", "a setting out of range"],
    )
    def test_it_fails_where_a_block_cannot_be_spoken(
        self,
        two_pages: Site,
        service: Service,
        expect_warning: Callable[[str], None],
        added: dict[str, str],
        place: str,
    ) -> None:
        expect_warning(r"start\.md:\d")
        printed(two_pages, "synth")
        two_pages.write(added)
        service.clear()
        checked, synthesized = run(two_pages, "check"), run(two_pages, "synth")
        assert (checked.exit_code, synthesized.exit_code) == (1, 1)
        assert re.fullmatch(rf"1 block cannot be spoken: {re.escape(place)}(:\d+)?\n", checked.stdout)
        assert checked.stdout in synthesized.stdout
        assert run(two_pages, "plan").stdout.endswith(f"\n\n{checked.stdout}")
        assert "cannot be spoken" in run(two_pages, "plan", "--format", "markdown").stdout
        assert plan(two_pages)["unspoken"] == [checked.stdout.strip().partition(": ")[2]]
        assert json.loads(run(two_pages, "check", "--json").stdout)["missing"] == 0
        assert service.requests == []

    def test_the_first_blocks_that_cannot_be_spoken_are_named(
        self, two_pages: Site, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("unknown option 'voice'")
        two_pages.write({"many.md": ":::speak voice=sophie\nHere.\n:::\n\n" * 7})
        places = ", ".join(f"many.md:{line}" for line in range(1, 20, 4))
        assert f"7 blocks cannot be spoken: {places}, …\n" in run(two_pages, "check").stdout

    def test_a_sentence_that_a_block_repeats_is_named_once(self, two_pages: Site) -> None:
        two_pages.write({"guide/start.md": "", "index.md": f":::speak\n{OTHER}\n\n{OTHER}\n:::\n"})
        assert run(two_pages, "check").stdout.count(OTHER) == 1

    def test_json(self, two_pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        planned = plan(two_pages)
        result = run(two_pages, "check", "--json")
        assert (result.exit_code, json.loads(result.stdout)) == (1, planned)
        printed(two_pages, "synth")
        checked = run(two_pages, "check", "--json")
        assert (checked.exit_code, json.loads(checked.stdout)["missing"]) == (0, 0)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names of files")
    @pytest.mark.parametrize(("workspace", "prefix"), [(None, "docs/"), ("..", "{root}/docs/"), ("docs", "")])
    def test_annotations_on_github(
        self, two_pages: Site, monkeypatch: pytest.MonkeyPatch, workspace: str | None, prefix: str
    ) -> None:
        monkeypatch.chdir(two_pages.root)
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        if workspace:
            monkeypatch.setenv("GITHUB_WORKSPACE", str((two_pages.root / workspace).resolve()))
        two_pages.write({"guide/start.md": "# Start\n", "a,b:c%\n.md": f":::speak\n{OTHER}\n:::\n"})

        lines = run(two_pages, "check").stdout.splitlines()

        prefix = prefix.format(root=two_pages.root.name)
        assert lines[1:-1] == [
            f"::warning file={prefix}index.md,line=3,title=Missing audio::{FIRST}; {SECOND.replace('%', '%25')}",
            f"::warning file={prefix}a%2Cb%3Ac%25%0A.md,line=1,title=Missing audio::{OTHER}",
        ]

    @pytest.mark.parametrize(
        "extensions",
        [
            ["codehilite", "fenced_code"],
            [
                {"pymdownx.highlight": {"linenums": True, "linenums_style": "table", "auto_title": True}},
                "pymdownx.superfences",
                {"pymdownx.inlinehilite": {"style_plain_text": "python"}},
            ],
        ],
        ids=["codehilite", "pymdownx"],
    )
    def test_highlighted_code_is_the_same_to_the_ear(
        self, site: Site, service: Service, extensions: list[object]
    ) -> None:
        """Also with options, which superfences only takes if code is highlighted: else the code would be spoken."""
        code = '```python hl_lines="1"\nx = 1  # one\nprint(x)\n```'
        block = (
            f":::speak\nFirst call `#!python print(1, 'a')` and `x`, then look at this.\n\n{code}\n\nIt is done.\n:::"
        )
        site.config = {"markdown_extensions": extensions}
        site.write(
            {"index.md": f"---\nlightning: {{narrate: true}}\n---\n\n# Code\n\n{block}\n\n{code}\n\nAnd the end.\n"}
        )
        site.options |= {"sample_rate": 8000, "output_format": "wav"}

        assert plan(site)["missing"] > 2
        site.build(strict=True)

        assert run(site, "check").exit_code == 0
        assert plan(site)["missing"] == 0
        assert plan(site)["sentences"] == len(service.requests)

    @pytest.mark.parametrize("options", [[], ["--shard=1/1"]], ids=["whole", "shard"])
    def test_its_progress_is_printed_where_there_is_no_terminal(
        self,
        two_pages: Site,
        service: Service,
        monkeypatch: pytest.MonkeyPatch,
        expect_warning: Callable[[str], None],
        options: list[str],
    ) -> None:
        """And nothing else that is no warning, as in a log that nobody watches."""
        monkeypatch.setattr(progress, "LOG_SECONDS", 0)
        service.faults = lambda _, body: Failure(400) if body.get("text") == SECOND else None
        expect_warning("1 sentence missing: ")
        two_pages.options["concurrency"] = 1

        told = run(two_pages, "synth", *options).stderr

        lines = [line for line in told.splitlines() if line.startswith("INFO")]
        assert all(line.startswith("INFO    -  mkdocs_lightning: Synthesizing: ") for line in lines)
        assert ": 2 of 3 sentences, " in lines[-1]
        assert ", 1 failed, 0 in flight" in lines[-1]


class TestSynth:
    def test_it_fills_the_cache_and_leaves_the_site(self, two_pages: Site, service: Service) -> None:
        two_pages.write_config()
        docs, built = two_pages.root / "docs", two_pages.root / "site"
        built.mkdir()
        (built / "of-an-earlier-build.html").write_text("still here", encoding="utf-8")
        before = contents(docs) | contents(built)

        said = printed(two_pages, "synth", synthesize="never", on_error="fail")

        assert said.startswith(f"2 clips, 3 sentences: 0 cached, 3 synthesized ({ALL} characters), ")
        assert contents(docs) | contents(built) == before
        assert {path.name for path in two_pages.root.iterdir()} == {".cache", "docs", "mkdocs.yml", "site"}
        assert sorted(service.spoken) == sorted([FIRST, SECOND, OTHER])
        service.clear()
        two_pages.build(strict=True)
        assert service.requests == []
        assert len(two_pages.clips("index.html")) == 1
        assert printed(two_pages, "synth").startswith("2 clips, 3 sentences: 3 cached, 0 synthesized (0 characters), ")

    @pytest.mark.parametrize(("limit", "exit_code"), [(ALL - 1, 1), (ALL, 0)])
    def test_max_characters(
        self, two_pages: Site, service: Service, expect_warning: Callable[[str], None], limit: int, exit_code: int
    ) -> None:
        if exit_code:
            expect_warning(f"3 sentences missing: {ALL} characters to send, and max_characters is {limit}")
        assert run(two_pages, "synth", max_characters=limit).exit_code == exit_code
        assert bool(service.requests) != bool(exit_code)

    def test_what_failed_is_all_that_is_left(
        self, two_pages: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        expect_warning("1 sentence missing: the service answered 500")
        service.faults = lambda _number, body: Failure(500) if body["text"] == SECOND else None
        result = run(two_pages, "synth", retries=0)
        assert result.exit_code == 1
        assert "2 synthesized" in result.stdout
        assert "1 clip missing" in result.stdout
        assert "index.md:3" in result.stderr
        service.faults = None
        service.clear()
        printed(two_pages, "synth")
        assert service.spoken == [SECOND]

    def test_without_a_key_it_needs_a_full_cache(
        self, two_pages: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        printed(two_pages, "synth")
        del two_pages.options["api_key"]
        printed(two_pages, "synth")
        two_pages.write({"more.md": ":::speak\nThis one has never been spoken before.\n:::\n"})
        expect_warning("1 sentence missing: there is no API key")
        assert run(two_pages, "synth").exit_code == 2
        assert len(service.requests) == 3


@pytest.mark.parametrize(
    ("command", "exit_code", "said"),
    [
        ("plan", 0, "guide/start.md        1          2       1        1          45"),
        ("check", 1, f"guide/start.md:5\n  {OTHER}\nSynthesize"),
        ("transcript guide/start.md", 0, f"guide/start.md:5 (kaitlyn, en)\n  {OTHER}\n  {FIRST}\n"),
        ("cache stats", 0, "2 sentences, "),
        ("cache verify", 0, "No damaged files."),
        ("cache prune --days 0", 0, "0 files removed"),
    ],
)
def test_neither_key_nor_network_is_needed_and_nothing_is_touched(
    offline: Site, service: Service, command: str, exit_code: int, said: str
) -> None:
    offline.write_config()
    before = contents(offline.root)

    result = run(offline, *command.split())

    assert (result.exit_code, result.stderr) == (exit_code, "")
    assert said in result.stdout
    after = contents(offline.root)
    del before["mkdocs.yml"], after["mkdocs.yml"]  # which `run` writes
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {Path(name).parent.name for name in changed} <= ({"usage"} if "prune" in command else set())
    assert service.requests == []


class TestTranscript:
    @pytest.mark.parametrize(
        "name", ["guide/start.md", "./guide/start.md", "docs/guide/start.md", "{root}/docs/guide/start.md"]
    )
    def test_a_page_by_its_name_or_its_file(self, two_pages: Site, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.chdir(two_pages.root)
        output = printed(two_pages, "transcript", name.format(root=two_pages.root))
        assert output == f"guide/start.md:5 (kaitlyn, en)\n  {OTHER}\n  {FIRST}\n"

    def test_a_file_of_this_directory_comes_first(self, two_pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        two_pages.write({"guide/index.md": f":::speak\n{OTHER}\n:::\n"})
        monkeypatch.chdir(two_pages.root / "docs/guide")
        assert printed(two_pages, "transcript", "index.md").startswith("guide/index.md:1 ")

    def test_several_blocks_with_their_voices_and_the_words_of_the_lexicon(self, two_pages: Site) -> None:
        (two_pages.root / "lexicon.yml").write_text("en: {kubectl: kube control}\n", encoding="utf-8")
        two_pages.write(
            {
                "index.md": """\
                ---
                lightning: {voice_id: sophie}
                ---
                :::speak
                First, you run `kubectl` on your machine.
                :::

                ::: speak {voice_id=magnus language=es}
                Aquí se ejecuta `kubectl`, sin otra palabra.
                :::
                """
            }
        )
        assert printed(two_pages, "transcript", "index.md", lexicon="lexicon.yml").splitlines() == [
            "index.md:4 (sophie, en)",
            "  First, you run kube control on your machine.",
            "index.md:8 (magnus, es)",
            "  Aquí se ejecuta kubectl, sin otra palabra.",
        ]

    def test_a_speed_is_named_unless_it_is_the_usual_one(self, two_pages: Site) -> None:
        two_pages.config["markdown_extensions"] = ["attr_list"]
        two_pages.write(
            {"index.md": f":::speak speed=1.25\n{FIRST}\n\n{SECOND}\n{{: speed=1.0 voice_id=sophie }}\n:::\n"}
        )
        assert printed(two_pages, "transcript", "index.md").splitlines() == [
            "index.md:1 (kaitlyn, en, speed=1.25)",
            f"  {FIRST}",
            f"  (sophie, en) {SECOND}",
        ]

    def test_json_has_what_is_spoken_with_its_voices(self, two_pages: Site) -> None:
        two_pages.config["markdown_extensions"] = ["attr_list"]
        two_pages.write(
            {
                "index.md": f"# Home\n\n:::speak speed=1.2\n{FIRST}\n\n{SECOND}\n{{: voice_id=sophie }}\n:::\n",
                "narrated.md": f"---\nlightning: {{narrate: true}}\n---\n{OTHER}\n",
                "silent.md": "# Silent\n",
            }
        )
        result = run(two_pages, "transcript", "index.md", "narrated.md", "silent.md", "--json")
        assert (result.exit_code, result.stderr) == (0, "nothing is spoken on silent.md\n")
        index, narrated, silent = json.loads(result.stdout)["pages"]
        missing = {page["page"]: page["missing_sentences"] for page in plan(two_pages)["pages"]}

        assert [part["page"] for part in (index, narrated, silent)] == ["index.md", "narrated.md", "silent.md"]
        (block,) = index["blocks"]
        assert (block["line"], block["is_page"], block["locales"]) == (3, False, [])
        assert block["sentences"] == missing["index.md"]
        voices = [(each["settings"]["voice_id"], each["settings"]["speed"]) for each in block["sentences"]]
        assert voices == [("kaitlyn", 1.2), ("sophie", 1.2)]
        (page,) = narrated["blocks"]
        assert (page["line"], page["is_page"]) == (None, True)
        assert [each["text"] for each in page["sentences"]] == [OTHER]
        assert silent["blocks"] == []

    def test_a_narrated_page(self, two_pages: Site) -> None:
        two_pages.write({"index.md": f"---\nlightning: {{narrate: true}}\n---\n# Home\n\n{OTHER}\n"})
        lines = printed(two_pages, "transcript", "index.md").splitlines()
        assert lines[0] == "index.md (kaitlyn, en)"
        assert f"  {OTHER}" in lines

    def test_an_unknown_page(self, two_pages: Site) -> None:
        result = run(two_pages, "transcript", "guide/strat.md")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "mkdocs-lightning: there is no page 'guide/strat.md' (did you mean 'guide/start.md'?)\n"

    def test_without_a_page_it_names_the_command_for_all_of_them(self, two_pages: Site) -> None:
        result = run(two_pages, "transcript")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "name a page, such as guide/start.md. For all pages, run 'mkdocs-lightning review'" in result.stderr

    def test_a_failure_is_an_annotation_on_github(self, two_pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        said = run(two_pages, "transcript", "guide/100%\n.md").stderr
        assert said.splitlines()[-1].startswith("::error title=mkdocs-lightning::there is no page 'guide/100%25\\n.md'")

    @pytest.mark.parametrize(
        ("address", "page"),
        [("a/", "a.md"), ("/a", "a.md"), ("/a/index.html", "a.md"), ("b/", "b/index.md"), ("b/c", "b/c.md")],
    )
    def test_the_address_of_a_page(self, site: Site, address: str, page: str) -> None:
        site.write(dict.fromkeys(["a.md", "b/index.md", "b/c.md", "zzz.md"], f":::speak\n{OTHER}\n:::\n"))
        result = run(site, "transcript", address)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"mkdocs-lightning: there is no page '{address}' (did you mean '{page}'?)\n"

    @pytest.mark.parametrize("file", ["/etc/passwd", "mkdocs.yml", "../mkdocs.yml", "notes.txt", "../site.md", "."])
    def test_a_file_that_is_no_page(self, site: Site, file: str) -> None:
        site.write({"index.md": "# Home\n", "notes.txt": "No page.", "../site.md": "Beside the pages."})
        result = run(site, "transcript", file)
        assert result.exit_code == 2
        assert f"there is no page '{file}'" in result.stderr

    def test_several_pages_each_once_in_the_order_named(self, two_pages: Site) -> None:
        alone = [printed(two_pages, "transcript", page) for page in ("guide/start.md", "index.md")]
        both = ("guide/start.md", "index.md", "./guide/start.md")
        assert printed(two_pages, "transcript", *both) == "".join(alone)
        result = run(two_pages, "transcript", "index.md", "missing.md")
        assert (result.exit_code, result.stdout) == (2, "")

    def test_a_silent_page(self, two_pages: Site) -> None:
        two_pages.write({"silent.md": "# Silent\n"})
        result = run(two_pages, "transcript", "silent.md")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing is spoken on silent.md\n")

    def test_only_warnings_about_the_page_or_the_whole_site(
        self, two_pages: Site, expect_warning: Callable[[str], None]
    ) -> None:
        wrong = ":::speak speed=fast\nHello.\n:::\n"
        two_pages.write({"guide/wrong.md": wrong, "other.md": wrong, "more.md": "---\nlightning: 3\n---\n"})
        for place in ("guide/wrong.md:1 ", "other.md:1 ", "more.md:2: ", "narrate: 'nothing.md' matches no page"):
            expect_warning(f"^mkdocs_lightning: {place}")
        result = run(two_pages, "transcript", f"{two_pages.root}/docs/guide/wrong.md", narrate=["nothing.md"])
        assert result.exit_code == 0
        assert "guide/wrong.md:1 ':::speak speed=fast'" in result.stderr
        assert "'nothing.md' matches no page" in result.stderr
        assert "other.md:" not in result.stderr
        assert "more.md:" not in result.stderr


class TestVoices:
    @pytest.mark.parametrize("arguments", [(), ("--live",)])
    def test_all(self, two_pages: Site, service: Service, arguments: tuple[str, ...]) -> None:
        lines = printed(two_pages, "voices", *arguments).splitlines()
        assert {tuple(line.split()[:2]) for line in lines} == {
            (name, voice["model"]) for name, voice in catalogue().items()
        }
        assert len(lines) == len(catalogue())
        models = [line.split()[1] for line in lines]
        assert models == sorted(models, reverse=True)  # those of the current model first
        assert all(line.endswith(", retires 2026-11-30") == (STANDARD in line.split()) for line in lines)
        assert bool(service.requests) == bool(arguments)

    def test_the_table_says_what_the_service_says(self, two_pages: Site) -> None:
        assert printed(two_pages, "voices") == printed(two_pages, "voices", "--live")

    def test_no_key_and_no_site_are_needed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("SMALLEST_API_KEY", raising=False)
        result = CliRunner().invoke(main, ["voices", "--language", "ja"])
        assert (result.exit_code, result.stderr) == (0, "")
        assert "aria " in result.stdout

    @pytest.mark.parametrize("language", ["nl", "sv"])
    def test_a_language_without_a_voice_of_its_own_is_told(self, language: str) -> None:
        result = CliRunner().invoke(main, ["voices", "--language", language])
        assert (result.exit_code, result.stdout) == (0, "")
        assert f"there is no native voice for '{language}'; the site's own voice speaks it" in result.stderr

    def test_cloned_voices_have_their_models(self, two_pages: Site, service: Service) -> None:
        service.cloned |= {"voice_1": PRO, "voice_2": STANDARD}
        lines = printed(two_pages, "voices", "--live").splitlines()
        assert [line.split() for line in lines if line.startswith("voice_")] == [
            ["voice_1", PRO],
            ["voice_2", STANDARD, "retires", "2026-11-30"],
        ]

    def test_cloned_voices_that_no_pool_lists(self, two_pages: Site, service: Service) -> None:
        service.cloned["voice_1"] = "lightning_v5"
        assert printed(two_pages, "voices", "--live").splitlines()[-1].split() == ["voice_1", "lightning_v5"]

    def test_the_rest_is_listed_if_cloned_voices_are_refused(self, two_pages: Site, service: Service) -> None:
        service.clones_route = 404
        result = run(two_pages, "voices", "--live")
        assert (result.exit_code, len(result.stdout.splitlines())) == (0, len(catalogue()))
        assert result.stderr.startswith("WARNING -  your cloned voices are not listed: the service answered 404")

    @pytest.mark.parametrize("arguments", [(), ("--live",)])
    def test_of_one_language(self, two_pages: Site, service: Service, arguments: tuple[str, ...]) -> None:
        service.cloned["voice_of_mine"] = PRO  # no language is known of it
        lines = printed(two_pages, "voices", "--language", "es", *arguments).splitlines()
        spanish = {name for name, voice in catalogue().items() if "es" in str(voice["languages"])}
        assert {line.split()[0] for line in lines} == spanish
        assert {line.split()[1] for line in lines} == {PRO, STANDARD}
        assert all("spanish" in line for line in lines)

    def test_a_wrong_key(self, two_pages: Site) -> None:
        result = run(two_pages, "voices", "--live", api_key="sk_wrong")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Missing or invalid API key" in result.stderr
        assert "sk_wrong" not in result.stderr

    @pytest.mark.parametrize(
        ("options", "arguments", "message"),
        [
            ({"api_key": ""}, ["--live"], "there is no API key; api_key is empty, and the environment variable"),
            ({}, ["--language", "xx"], "'xx' is not a language; use one of ar, bn, "),
            ({"retries": -1}, ["--live"], "retries: -1 is not a whole number of 0 or more (mkdocs.yml:"),
            ({"base_url": "http://example.org"}, ["--live"], "base_url: 'http://example.org' is not an https URL"),
        ],
    )
    def test_bad_usage(
        self, two_pages: Site, service: Service, options: dict[str, object], arguments: list[str], message: str
    ) -> None:
        result = run(two_pages, "voices", *arguments, **options)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"mkdocs-lightning: {message}")
        assert service.requests == []


COMMANDS = ["plan", "check", "synth", "transcript index.md", "cache stats", "cache verify", "cache prune"]


class TestBadUsage:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_no_site_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
        monkeypatch.chdir(tmp_path)
        result = CliRunner().invoke(main, command.split())
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "mkdocs-lightning: Config file 'mkdocs.yml' does not exist.\n"
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("command", [command for command in COMMANDS if not command.startswith("cache")])
    def test_a_site_that_only_publish_knows(
        self, tmp_path: Path, expect_warning: Callable[[str], None], command: str
    ) -> None:
        expect_warning("isn't an existing directory")
        text = "site_name: Test\nplugins: [lightning: {cache_dir: .lightning}]\n"
        (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
        result = CliRunner().invoke(main, ["-f", str(tmp_path / "mkdocs.yml"), *command.split()])
        assert (result.exit_code, result.stdout) == (2, "")
        assert "isn't an existing directory" in result.stderr
        assert "If another program builds the site, 'publish SITE_DIR --dry-run' shows what is cached" in result.stderr
        assert "there is no book, review or transcript" in result.stderr

    @pytest.mark.parametrize("command", COMMANDS)
    def test_a_site_without_the_plugin(self, tmp_path: Path, command: str) -> None:
        (tmp_path / "docs").mkdir()
        (tmp_path / "mkdocs.yml").write_text("site_name: Test\n", encoding="utf-8")
        result = CliRunner().invoke(main, ["-f", str(tmp_path / "mkdocs.yml"), *command.split()])
        assert (result.exit_code, result.stdout) == (2, "")
        assert "the plugin 'lightning' is not among the plugins of " in result.stderr

    @pytest.mark.parametrize("command", COMMANDS)
    def test_a_configuration_that_is_not_yaml(self, tmp_path: Path, command: str) -> None:
        """MkDocs repeats what YAML says of it, also of a file that it inherits from."""
        (tmp_path / "mkdocs.yml").write_text("INHERIT: base.yml\n", encoding="utf-8")
        (tmp_path / "base.yml").write_text("plugins:\n- lightning:\n    narrate:\n    - !old.md\n", encoding="utf-8")
        result = CliRunner().invoke(main, ["-f", str(tmp_path / "mkdocs.yml"), *command.split()])
        assert (result.exit_code, result.stdout) == (2, "")
        assert 'base.yml", line 4' in result.stderr
        assert result.stderr.endswith("begins with !, *, &, @, ` or %, such as a pattern\n")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_a_wrong_option(
        self, two_pages: Site, service: Service, expect_warning: Callable[[str], None], command: str
    ) -> None:
        expect_warning("option 'retries': -1 is not a whole number")
        result = run(two_pages, *command.split(), retries=-1)
        assert (result.exit_code, result.stdout) == (2, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith(
            "mkdocs-lightning: Config value 'plugins': Plugin 'lightning' option 'retries': -1 is not a"
        )
        assert service.requests == []

    @pytest.mark.parametrize("command", COMMANDS[:4])
    def test_a_wrong_voice(
        self, two_pages: Site, service: Service, expect_warning: Callable[[str], None], command: str
    ) -> None:
        expect_warning("option 'speed': 9.0 is out of range")
        result = run(two_pages, *command.split(), speed=9)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "option 'speed': 9.0 is out of range: 0.5 to 2.0" in result.stderr
        assert service.requests == []

    @pytest.mark.parametrize(
        "command", ["plans", "plan --jsn", "transcript", "cache", "cache prun", "cache prune --days -1"]
    )
    def test_a_wrong_command_line(self, two_pages: Site, command: str) -> None:
        result = run(two_pages, *command.split())
        assert result.exit_code == 2
        assert "Usage: " in result.output


class TestOtherPlugins:
    """What hooks and other plugins do to a site is seen as a build sees it."""

    def hook(self, site: Site, source: str) -> None:
        (site.root / "hook.py").write_text(source, encoding="utf-8")
        site.config["hooks"] = ["hook.py"]

    def test_a_hook_that_changes_pages(self, two_pages: Site, service: Service) -> None:
        self.hook(
            two_pages,
            "def on_page_markdown(markdown, **_):\n"
            f"    return markdown.replace('has its own words', 'was rewritten') + '\\n:::speak\\n{OTHER}\\n:::\\n'\n",
        )
        planned = plan(two_pages)
        assert OTHER.replace("has its own words", "was rewritten") in missing_texts(planned["pages"][1])
        two_pages.build(strict=True)
        assert (
            sum(map(len, service.spoken))
            == planned["characters"]
            == ALL + len(OTHER.replace("has its own words", "was rewritten"))
        )

    def test_what_others_do_to_a_finished_site_is_left_out(self, two_pages: Site) -> None:
        """As there is none: not a page in it, and not what a theme or an author has in templates."""
        self.hook(
            two_pages,
            "import pathlib\n"
            "def on_pre_template(*_, **__):\n"
            "    raise AssertionError('there are no templates')\n"
            "def on_post_build(config):\n"
            "    (pathlib.Path(config.site_dir) / 'index.html').read_text()\n",
        )
        two_pages.config["extra_templates"] = ["extra.html"]
        two_pages.write({"extra.html": "{{ config.site_name }}"})
        assert plan(two_pages)["missing"] == 3

    def test_a_page_that_is_gone_after_the_run(self, two_pages: Site) -> None:
        """As a plugin makes them in a directory of its own, which it takes away."""
        self.hook(
            two_pages,
            "import pathlib, tempfile\n"
            "from mkdocs.structure.files import File\n"
            "def on_files(files, config):\n"
            "    global own\n"
            "    own = tempfile.TemporaryDirectory()\n"
            f"    (pathlib.Path(own.name) / 'made.md').write_text(':::speak\\n{OTHER} It was made.\\n:::\\n')\n"
            "    files.append(File('made.md', own.name, config.site_dir, config.use_directory_urls))\n"
            "def on_shutdown():\n"
            "    own.cleanup()\n",
        )
        assert f"made.md\n  {OTHER} It was made." in run(two_pages, "check").stdout
        assert printed(two_pages, "transcript", "made.md") == f"made.md (kaitlyn, en)\n  {OTHER} It was made.\n"

    def test_a_blog(self, two_pages: Site, service: Service) -> None:
        two_pages.config = {"theme": {"name": "material"}, "plugins": ["blog"]}
        post = f"# Post\n\n:::speak\n{SECOND}\n:::\n\n<!-- more -->\n\n:::speak\n{OTHER}\n:::\n"
        post = f"---\ndate: 2026-01-01\n---\n{post}"
        two_pages.write({"guide/start.md": "# Start\n", "blog/index.md": "# Blog\n", "blog/posts/post.md": post})
        planned = plan(two_pages)
        assert [part["page"] for part in planned["pages"]] == ["index.md", "blog/posts/post.md"]
        two_pages.build(strict=True)
        assert sum(map(len, service.spoken)) == planned["characters"]

    @pytest.mark.parametrize("structure", ["suffix", "folder"])
    @pytest.mark.parametrize("theme", ["mkdocs", "material"])
    def test_languages(self, two_pages: Site, service: Service, theme: str, structure: str) -> None:
        """Each language has its pages; one that is not translated is shared."""
        languages = [{"locale": "en", "name": "English", "default": True}, {"locale": "fr", "name": "Français"}]
        i18n = {"i18n": {"docs_structure": structure, "languages": languages}}
        two_pages.config = {"theme": {"name": theme}, "plugins": [i18n]}
        french = "Cette page est en français, et elle se fait entendre."
        for page in (two_pages.root / "docs").rglob("*.md"):
            page.unlink()
        home, start, accueil = {
            "suffix": ("index.md", "start.md", "index.fr.md"),
            "folder": ("en/index.md", "en/start.md", "fr/index.md"),
        }[structure]
        two_pages.write(
            {
                home: HOME,
                start: f":::speak\n{OTHER}\n:::\n",
                accueil: f"::: speak {{language=fr}}\n{french}\n:::\n",
            }
        )

        planned = plan(two_pages)

        missing = {part["page"]: missing_texts(part) for part in planned["pages"]}
        assert missing == {home: [FIRST, SECOND], start: [OTHER], accueil: [french]}
        checked = run(two_pages, "check").stdout
        assert all(checked.count(text) == 1 for text in (FIRST, SECOND, OTHER, french))
        assert printed(two_pages, "transcript", accueil) == f"{accueil}:1 (manon, fr)\n  {french}\n"
        printed(two_pages, "synth")
        assert sum(map(len, service.spoken)) == planned["characters"]
        service.clear()
        two_pages.build(strict=True)
        assert service.requests == []
        assert len(two_pages.clips("fr/index.html")) == 1


def test_as_a_process_on_its_own(two_pages: Site, service: Service) -> None:
    """From the directory of the site, with its configuration found and the key in the environment."""
    del two_pages.options["api_key"]
    two_pages.write({"near.md": ":::speek\nA near miss.\n:::\n"})
    two_pages.write_config()
    command = Path(sys.executable).with_name("mkdocs-lightning")

    def process(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "SMALLEST_API_KEY": KEY}
        return subprocess.run(
            [command, *arguments], cwd=two_pages.root, env=environment, capture_output=True, text=True, check=False
        )

    planned = process("plan", "--json")
    spoken = process("synth")
    assert (planned.returncode, spoken.returncode) == (0, 1), "a block that the site lacks is no success"
    assert json.loads(planned.stdout)["characters"] == sum(map(len, service.spoken)) == ALL
    assert spoken.stdout.startswith("2 clips, 3 sentences: 0 cached, 3 synthesized")
    assert planned.stderr.count("near.md:1 ':::speek': this line looks like the start of a block") == 1
    assert process("check").stdout == "1 block cannot be spoken: near.md:1\n"


@pytest.mark.parametrize("command", ["plan", "check", "synth", "say", "cache stats"])
def test_a_directory_is_no_configuration(site: Site, command: str) -> None:
    arguments = ["Hello.", "-o", str(site.root / "x.wav")] if command == "say" else []
    result = CliRunner().invoke(main, ["-f", str(site.root), *command.split(), *arguments])
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert re.fullmatch(
        r"mkdocs-lightning: the configuration '.+' cannot be read \(.+\); name a file\n", result.stderr
    ), result.stderr


def test_what_is_wrong_with_the_remote_cache_is_said_once(
    two_pages: Site, service: Service, tmp_path: Path, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("failed verification")
    remote = tmp_path / "remote"
    two_pages.options["remote_cache"] = remote.as_uri()
    printed(two_pages, "synth")
    for file in remote.rglob("*.*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    shutil.rmtree(two_pages.root / ".cache")
    service.clear()

    result = run(two_pages, "synth")

    assert result.exit_code == 0
    assert result.stderr.count("failed verification") == 1
    assert len(service.spoken) == 3


class TestTheCommandItself:
    @pytest.mark.parametrize("group", [main, main.commands["cache"]])
    def test_no_summary_is_cut_off(self, group: click.Group) -> None:
        shown = CliRunner().invoke(group, ["--help"], terminal_width=80).output
        assert len(group.commands) >= 4
        assert "..." not in shown.partition("Commands:")[2]
        assert all(len(line) <= 80 for line in shown.splitlines())

    @pytest.mark.parametrize(("typed", "meant"), [("synt", "synth"), ("paln", "plan")])
    def test_an_unknown_command_suggests_the_near_one(self, typed: str, meant: str) -> None:
        result = CliRunner().invoke(main, [typed])
        assert (result.exit_code, f"Did you mean '{meant}'?" in result.output) == (2, True)

    def test_the_configuration_may_be_named_anywhere(self, two_pages: Site) -> None:
        config = two_pages.write_config()
        for arguments in (
            ["cache", "-f", config, "stats"],
            ["cache", "stats", "-f", config],
            ["-f", config, "cache", "stats"],
        ):
            assert CliRunner().invoke(main, arguments).output.startswith("0 sentences, ")

    def test_after_an_interruption_there_is_no_traceback(
        self, two_pages: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_arguments: object, **_options: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("mkdocs_lightning.cli.site_reader.build", interrupted)
        result = run(two_pages, "plan")
        assert (result.exit_code, result.stderr) == (130, "\nmkdocs-lightning: interrupted\n")

    @pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
    def test_bash_completes_commands(self) -> None:
        lines = (
            'eval "$(_MKDOCS_LIGHTNING_COMPLETE=bash_source mkdocs-lightning)"',
            "COMP_WORDS=(mkdocs-lightning cache pr) COMP_CWORD=2",
            "_mkdocs_lightning_completion mkdocs-lightning",
            'echo "${COMPREPLY[@]}"',
        )
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ended = subprocess.run(
            ["bash", "-c", "\n".join(lines)],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout == "prune\n"


def test_the_folder_of_the_cache_is_printed_as_seen_from_here(
    two_pages: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    assert printed(two_pages, "cache", "path") == "../.cache/plugin/lightning\n"
    assert printed(two_pages, "cache", "path", cache_dir=str(tmp_path / "here/voices")) == "voices\n"
    refused = run(two_pages, "cache", "path", cache_dir="docs")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "cache_dir" in refused.stderr
