"""Words said otherwise than they are written: which are found, and which files are refused."""

from __future__ import annotations

import re
import time
import unicodedata
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.lexicon import Lexicon, as_said, read_lexicon, unmarked
from mkdocs_lightning.reading.sentences import Pause, split_paragraph
from tests.support.commands import missing_texts, plan, printed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site


def en(**words: str) -> dict[str, dict[str, str]]:
    return {"en": words}


@pytest.mark.parametrize(
    ("words", "language", "sentence", "said"),
    [
        # whole words
        (en(SQL="sequel"), "en", "SQL, (SQL) and SQL's SQL.", "sequel, (sequel) and sequel's sequel."),
        (en(SQL="sequel"), "en", "MySQL SQLite SQL2 SQL_x xSQLx", "MySQL SQLite SQL2 SQL_x xSQLx"),
        (en(SQL="sequel"), "en", "MySQL and SQL", "MySQL and sequel"),
        (en(SQL="sequel"), "de", "SQL", "SQL"),
        (en(SQL="sequel"), "en", "", ""),
        ({"de": {"SQL": "Es Ku El"}}, "de", "SQL-Datenbank", "Es Ku El-Datenbank"),
        # case
        (en(Go="goh"), "en", "Go and go and GO", "goh and go and GO"),
        # the longest first, and the shorter one where the longest is not whole
        (en(kube="cube", **{"kube proxy": "cube prox"}), "en", "kube proxy, kube", "cube prox, cube"),
        (en(kube="cube", **{"kube prox": "x"}), "en", "kube proxy", "cube proxy"),
        (en(**{"a b": "x", "b c": "y"}), "en", "za b c", "za y"),
        # no respelling is looked up again
        (en(a="b", b="a"), "en", "a b a b", "b a b a"),
        (en(one="one two", two="one"), "en", "one two", "one two one"),
        # what stands in a word is no pattern
        (en(**{"a.c": "x", "(b)": "y", "$^": "z"}), "en", "abc a.c (b) $^", "abc x y z"),
        # signs
        (en(**{"C++": "C plus plus"}), "en", "C++, not C+ or ABC++.", "C plus plus, not C+ or ABC++."),
        (en(**{"C++": "C plus plus"}), "en", "C++17", "C plus plus 17"),
        (en(**{".NET": "dot net"}), "en", ".NET and ASP.NET, not .NETs", "dot net and ASP dot net, not .NETs"),
        (en(**{"°C": "degrees Celsius", "%": "percent"}), "en", "20°C, 50%", "20 degrees Celsius, 50 percent"),
        (en(**{"C": "sea", "C++": "C plus plus"}), "en", "C, C++", "sea, C plus plus"),
        (en(**{"->": "to"}), "en", "a->b, a -> b", "a to b, a to b"),
        # languages
        ({"all": {"API": "A P I"}}, "fr", "une API", "une A P I"),
        ({"all": {"API": "A P I"}, "fr": {"API": "A P É"}}, "fr", "une API", "une A P É"),
        ({"all": {"API": "A P I"}, "fr": {"API": "A P É"}}, "en", "an API", "an A P I"),
        ({"auto": {"API": "A P I"}}, "auto", "an API", "an A P I"),
        # Hindi: a vowel's mark is part of the word
        ({"hi": {"क": "x"}}, "hi", "क कि का क्ष", "x कि का क्ष"),
        ({"hi": {"हिन्द": "x"}}, "hi", "हिन्दी हिन्द", "हिन्दी x"),
        ({"hi": {"नमस": "x"}}, "hi", "नमस\u200c्ते नमस\u200dते", "नमस\u200c्ते नमस\u200dते"),
        ({"hi": {"API": "ए पी आई"}}, "hi", "यह API है।", "यह ए पी आई है।"),
        # Chinese and Japanese: words have no edges; those in letters still have
        ({"zh": {"重庆": "崇庆"}}, "zh", "我在重庆市。", "我在崇庆市。"),
        ({"zh": {"SQL": "思扣"}}, "zh", "使用SQL数据库和MySQL。", "使用思扣数据库和MySQL。"),
        ({"ja": {"日本橋": "にほんばし", "日本": "にっぽん"}}, "ja", "日本橋は日本。", "にほんばしはにっぽん。"),
        ({"ja": {"サーバ": "さば"}}, "ja", "新サーバー", "新さばー"),
        ({"all": {"東京": "Tokyo"}}, "en", "It is 東京都.", "It is Tokyo都."),
        # Korean: a particle follows a foreign word at once
        ({"ko": {"SQL": "시퀄"}}, "ko", "SQL은 MySQL과, 새SQL은", "시퀄은 MySQL과, 새시퀄은"),
        ({"ko": {"서울": "x"}}, "ko", "서울 서울역", "x 서울역"),
    ],
)  # fmt: skip
def test_apply(words: dict[str, dict[str, str]], language: str, sentence: str, said: str) -> None:
    lexicon = Lexicon(words)
    assert lexicon.apply(sentence, language) == said
    assert lexicon.apply(sentence, language) == said  # also from what it has prepared


DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BASE64 = "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA+x1/9ZkQ2c3Y4vT5wX6yZ7A8B9C0D1E2F3G4H5=="


@pytest.mark.parametrize(
    ("text", "pause", "parts"),
    [
        (
            "Alle Preise gelten ohne MwSt. Sie ist gesondert ausgewiesen.",
            Pause.PARAGRAPH,
            ["Alle Preise gelten ohne Mehrwertsteuer. Sie ist gesondert ausgewiesen."],
        ),
        (
            "Alle Preise dieser langen Liste gelten ohne MwSt. Sie ist am Ende der Liste gesondert ausgewiesen.",
            Pause.PARAGRAPH,
            [
                "Alle Preise dieser langen Liste gelten ohne Mehrwertsteuer.",
                "Sie ist am Ende der Liste gesondert ausgewiesen.",
            ],
        ),
        ("Preise „ohne MwSt.“", Pause.PARAGRAPH, ["Preise „ohne Mehrwertsteuer.“"]),
        ("Alle Preise (ohne MwSt.) gelten.", Pause.PARAGRAPH, ["Alle Preise (ohne Mehrwertsteuer) gelten."]),
        ("Alle MwSt. Sätze gelten überall.", Pause.PARAGRAPH, ["Alle Mehrwertsteuer Sätze gelten überall."]),
        ("Alle Preise ohne MwSt.", Pause.CUT, ["Alle Preise ohne Mehrwertsteuer"]),
        ("Das gehört dem Verein e. V.", Pause.PARAGRAPH, ["Das gehört dem Verein eingetragener Verein!"]),
        ("Das gehört der XMwSt.", Pause.PARAGRAPH, ["Das gehört der XMwSt."]),
    ],
)
def test_a_period_that_belongs_to_a_word_and_ends_a_sentence_stays(text: str, pause: int, parts: list[str]) -> None:
    lexicon = Lexicon({"de": {"MwSt.": "Mehrwertsteuer"}, "all": {"e. V.": "eingetragener Verein!"}})
    assert [part for each in split_paragraph(text, "de", lexicon, pause) for part in each.parts] == parts


@pytest.mark.parametrize(
    ("written", "said"),
    [
        # addresses
        ("See https://example.org/a/b?c=d#e now.", "See example.org now."),
        ("See https://example.org/a/b. Then", "See example.org. Then"),
        ("https://example.org", "example.org"),
        ("(https://example.org/a_(b)), and http://x.org/?", "(example.org), and x.org?"),
        ("Open http://localhost:8000/docs or http://127.0.0.1:80", "Open localhost:8000 or 127.0.0.1:80"),
        ("pip install git+https://user:token@github.com/a/b@v1", "pip install github.com"),
        ("Clone https://user:token@github.com/a/b.git!", "Clone github.com!"),
        ("WWW.Example.org/a and www.example.org.", "WWW.Example.org and www.example.org."),
        ("Use wss://{host}.example.org/path, always", "Use {host}.example.org, always"),
        ("访问https://example.org/a查看。", "访问example.org查看。"),
        ("यहाँ https://example.org/a। देखें", "यहाँ example.org। देखें"),
        ("“https://example.org/ä”, <https://example.org/b>", "“example.org”, <example.org>"),
        # no addresses
        ("It begins with https:// or http://... or www.", "It begins with https:// or http://... or www."),
        ("Write to me@example.org or git@github.com:a/b.git", "Write to me@example.org or git@github.com:a/b.git"),
        ("github.com/a/b and file:///a/b and s3://bucket/a", "github.com/a/b and file:///a/b and s3://bucket/a"),
        # digests
        (f"The digest is {DIGEST}.", "The digest is."),
        (f"The digest sha256:{DIGEST} ({DIGEST[:41]}) is it", "The digest is it"),
        (f"{DIGEST} is it, {DIGEST[:40]} is read", f"is it, {DIGEST[:40]} is read"),
        (f"--hash=sha256:{DIGEST}, and ssh-rsa {BASE64} me", ", and ssh-rsa me"),
        # long, but words
        ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",) * 2,
        ("docs/explanation/architecture/of-the-whole-package/in-detail.md",) * 2,
        ("A_VERY_LONG_NAME_OF_AN_ENVIRONMENT_VARIABLE_OF_2024",) * 2,
        ("fastapi.middleware.httpsredirect.HTTPSRedirectMiddleware2.dispatch",) * 2,
        ("这是一个没有空格的很长很长的句子" * 4,) * 2,
        ("https-and-www-are-words", "https-and-www-are-words"),
    ],
)
def test_addresses_and_digests_are_short(written: str, said: str) -> None:
    assert Lexicon().spoken(written, "en") == said
    assert Lexicon(reads_in_full=True).spoken(written, "en") == written
    assert Lexicon().spoken(as_said(written), "en") == written
    assert unmarked(as_said(written)) == written


def test_an_address_with_a_respelling_is_respelled() -> None:
    words = {
        "en": {"https://example.org/a": "our site", "example.org": "example dot org"},
        "all": {DIGEST: "the digest"},
    }
    said = Lexicon(words).spoken(f"See https://example.org/a, https://example.org/b and {DIGEST}.", "en")
    assert said == "See our site, example dot org and the digest."


@pytest.mark.parametrize(
    "piece", ["https://", "http://a", "www.", "a1" * 30, "a+1/", ")", "https://a.b/" + ")" * 50, "a@"]
)
def test_a_long_text_takes_as_long_as_it_is(piece: str) -> None:
    start = time.process_time()
    Lexicon().spoken(as_said(piece * 30_000), "en")
    Lexicon().spoken(piece * 30_000, "en")
    assert time.process_time() - start < 10  # in quadratic time, minutes


def write(directory: Path, text: str | bytes) -> Path:
    path = directory / "lexicon.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


class TestReading:
    def test_a_file(self, tmp_path: Path) -> None:
        path = write(
            tmp_path, 'en:\n  " kubectl ": kube\n    control\n  SQL: sequel\n"no":\n  API: A P I\nall: {"404": four}\n'
        )
        assert read_lexicon(path).words == {
            "en": {"kubectl": "kube control", "SQL": "sequel"},
            "no": {"API": "A P I"},
            "all": {"404": "four"},
        }

    def test_more_than_words(self, tmp_path: Path) -> None:
        text = "abbreviations:\n  en: [repl., ' p.  ej. ']\n  all: [Yahoo!]\n  de:\nread_in_full: true\nen: {SQL: a}\n"
        lexicon = read_lexicon(write(tmp_path, text))
        assert lexicon == Lexicon(
            {"en": {"SQL": "a"}}, {"en": ("repl.", "p. ej."), "all": ("Yahoo!",), "de": ()}, reads_in_full=True
        )
        assert lexicon.abbreviations_of("en") == ("Yahoo!", "repl.", "p. ej.")
        assert lexicon.abbreviations_of("fr") == ("Yahoo!",)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "# nothing yet\n",
            "abbreviations:\n",
            "abbreviations: {}\nread_in_full: false\n",
            "en:\n#  SQL: sequel\n",
            "en: {}\n",
        ],
    )
    def test_nothing_in_it(self, tmp_path: Path, text: str) -> None:
        assert read_lexicon(write(tmp_path, text)).apply("SQL", "en") == "SQL"

    def test_letters_written_in_two_ways_are_the_same(self, tmp_path: Path) -> None:
        """As an editor on a Mac may write them."""
        apart = unicodedata.normalize("NFD", "é")
        lexicon = read_lexicon(write(tmp_path, f"fr:\n  caf{apart}: th{apart}\n"))
        assert lexicon.apply("un café", "fr") == "un thé"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("en:\n  SQL: sequel\n bad: [\n", r"lexicon\.yml is not YAML: (.|\n)*lexicon\.yml\", line 3"),
            ("en:\n  SQL: sequel\nde:\n  a: b\nen:\n  c: d\n", r"'en' appears twice, first on line 1(.|\n)*line 5"),
            ("en:\n  a: b: c\n", r"is not YAML: (.|\n)*line 2"),
            (b"en:\n  a: \xff\n", "is not YAML: "),
            ("en:\n\ta: b\n", r"is not YAML: (.|\n)*line 2"),
            ("- SQL: sequel\n", "must map languages to words"),
            ("sequel\n", "must map languages to words"),
            ("SQL: sequel\n", "'SQL' is not below a language; write 'en:' or 'all:' on a line above it, and indent it"),
            ("en:\nSQL: sequel\n", "'SQL' is not below a language"),
            ("sql:\n  SQL: sequel\n", "'sql' is not a language; use one of all, en, es, "),
            ("english:\n  SQL: sequel\n", "'english' is not a language; write 'en'"),
            ("no:\n  SQL: sequel\n", "false is not a language; put quotes around 'no'$"),
            ("1: {a: b}\n", "1 is not a language"),
            ("en: sequel\n", "en must map words to respellings"),
            ("en: [a, b]\n", "en must map words to respellings"),
            (
                "en:\n  SQL:\n",
                "en: 'SQL' has no respelling; write one, or silence the word on the page with {.nospeak}",
            ),
            ("en:\n  SQL: '  '\n", "en: 'SQL' has no respelling"),
            ("en:\n  SQL: ''\n", "en: 'SQL' has no respelling"),
            ("en:\n  SQL: no\n", "en: 'SQL': false is not a word and a respelling; put quotes around both"),
            ("en:\n  '': a\n", "en: '': 'a' is not a word and a respelling"),
            ("en:\n  404: four\n", "en: 404: 'four' is not a word and a respelling; put quotes around both"),
            ("en:\n  yes: yeah\n", "en: true: 'yeah' is not a word .*put quotes around both"),
            ("en:\n  a: [b]\n", "en: 'a': .* is not a word"),
            ("abbreviations: [repl.]\n", "abbreviations must map languages to lists of abbreviations"),
            ("abbreviations: repl.\n", "abbreviations must map languages to lists of abbreviations"),
            ("abbreviations: {en: repl.}\n", "abbreviations: en must be a list of abbreviations"),
            ("abbreviations: {en: {repl.: x}}\n", "abbreviations: en must be a list of abbreviations"),
            (
                "de:\n  abbreviations: [abzgl.]\n",
                "de: abbreviations belong at the top level, beside the languages; write 'abb",
            ),
            ("abbreviation: {de: [abzgl.]}\n", "'abbreviation' is not a language; write 'abbreviations'$"),
            ("Abbreviations: {de: [abzgl.]}\n", "'Abbreviations' is not a language; write 'abbreviations'$"),
            ("read-in-full: {}\n", "'read-in-full' is not a language; write 'read_in_full'$"),
            ("abbreviations: {english: [repl.]}\n", "'english' is not a language"),
            ("abbreviations: {en: [repl]}\n", "abbreviations: en: 'repl' is not an abbreviation; .* period"),
            ("abbreviations: {en: ['']}\n", "abbreviations: en: '' is not an abbreviation"),
            ("abbreviations: {en: [5]}\n", "abbreviations: en: 5 is not an abbreviation"),
            ("read_in_full: 'no'\n", "read_in_full must be true or false, not 'no'"),
            ("read_in_full: 1\n", "read_in_full must be true or false, not 1"),
        ],
    )
    def test_a_wrong_file(self, tmp_path: Path, text: str | bytes, message: str) -> None:
        with pytest.raises(SettingError, match=message) as refused:
            read_lexicon(write(tmp_path, text))
        assert refused.value.setting == "lexicon"
        assert "lexicon.yml" in str(refused.value)

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(SettingError, match=r"none\.yml cannot be read \(No such file or directory\)"):
            read_lexicon(tmp_path / "none.yml")


@pytest.fixture
def spoken(site: Site, service: Service) -> Site:
    """A site with a lexicon, built once; the service has forgotten what it was asked."""
    site.options |= {"sample_rate": 8000, "output_format": "wav", "lexicon": "lexicon.yml"}
    site.write(
        {
            "index.md": """\
            :::speak
            On this page, you run `kubectl` with **care**. Then the database answers in SQL, as it should.
            Here is a sentence without such a word.
            :::

            ::: speak {language=es}
            En esta página se ejecuta kubectl con cuidado.
            :::
            """
        }
    )
    write(site.root, "en:\n  kubectl: kube control\n  SQL: sequel\n")
    site.build(strict=True)
    assert sorted(service.spoken) == [
        "En esta página se ejecuta kubectl con cuidado.",
        "Here is a sentence without such a word.",
        "On this page, you run kube control with care.",
        "Then the database answers in sequel, as it should.",
    ]
    service.clear()
    return site


class TestInABuild:
    @pytest.mark.parametrize(
        ("text", "sent"),
        [
            ("en:\n  SQL: sequel\n  kubectl: kube control\n# in another order\n", []),
            ("en: {kubectl: kube control, SQL: sequel, Sentence: word, tabs: columns}\n", []),
            ("en: {kubectl: cube cuttle, SQL: sequel}\n", ["On this page, you run cube cuttle with care."]),
            ("en: {kubectl: kube control}\n", ["Then the database answers in SQL, as it should."]),
            (
                "en: {SQL: sequel}\nall: {kubectl: kube control}\n",
                ["En esta página se ejecuta kube control con cuidado."],
            ),
        ],
    )
    def test_an_edited_word_costs_the_sentences_that_hold_it(
        self, spoken: Site, service: Service, text: str, sent: list[str]
    ) -> None:
        write(spoken.root, text)

        planned = plan(spoken)
        spoken.build(strict=True)

        assert service.spoken == sent
        assert missing_texts(planned["pages"][0]) == sent
        assert planned["characters"] == sum(map(len, sent))

    def test_readers_see_the_word_as_it_is_written(self, spoken: Site) -> None:
        assert re.search("<code>(<span [^>]*>)?kubectl(</span>)?</code>", spoken.html("index.html"))
        assert "  On this page, you run kube control with care.\n" in printed(spoken, "transcript", "index.md")

    def test_a_wrong_file_stops_before_anything_is_sent(
        self, spoken: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        path = write(spoken.root, "en:\n  SQL: [sequel]\n")
        expect_warning(rf"Plugin 'lightning' option 'lexicon': {re.escape(str(path))}: en: 'SQL'")
        spoken.write({"new.md": ":::speak\nThis sentence is not in the cache.\n:::\n"})
        with pytest.raises(Abort):
            spoken.build()
        assert service.requests == []
