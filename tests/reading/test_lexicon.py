"""Words said otherwise than they are written: which are found, and which files are refused."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.lexicon import Lexicon, read_lexicon
from tests.support.commands import plan, printed

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

    @pytest.mark.parametrize("text", ["", "# nothing yet\n", "en:\n#  SQL: sequel\n", "en: {}\n"])
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
            ("en:\n  a: b: c\n", r"is not YAML: (.|\n)*line 2"),
            (b"en:\n  a: \xff\n", "is not YAML: "),
            ("en:\n\ta: b\n", r"is not YAML: (.|\n)*line 2"),
            ("- SQL: sequel\n", "must map languages to words"),
            ("sequel\n", "must map languages to words"),
            ("SQL: sequel\n", "'SQL' is not a language: all, en, es, "),
            ("english:\n  SQL: sequel\n", "'english' is not a language"),
            ("no:\n  SQL: sequel\n", "False is not a language: .*; put quotes around 'no'$"),
            ("1: {a: b}\n", "1 is not a language"),
            ("en: sequel\n", "en must map words to respellings"),
            ("en: [a, b]\n", "en must map words to respellings"),
            ("en:\n  SQL:\n", "en: 'SQL': None is not a word and a respelling"),
            ("en:\n  SQL: '  '\n", "en: 'SQL': '  ' is not a word and a respelling"),
            ("en:\n  '': a\n", "en: '': 'a' is not a word and a respelling"),
            ("en:\n  404: four\n", "en: 404: 'four' is not a word and a respelling; put quotes around both"),
            ("en:\n  yes: yeah\n", "en: True: 'yeah' is not a word .*put quotes around both"),
            ("en:\n  a: [b]\n", "en: 'a': .* is not a word"),
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
        assert planned["pages"][0]["missing_sentences"] == sent
        assert planned["characters"] == sum(map(len, sent))

    def test_readers_see_the_word_as_it_is_written(self, spoken: Site) -> None:
        assert re.search("<code>(<span [^>]*>)?kubectl(</span>)?</code>", spoken.html("index.html"))
        assert "  On this page, you run kube control with care.\n" in printed(spoken, "transcript", "index.md")

    def test_a_wrong_file_stops_before_anything_is_sent(
        self, spoken: Site, service: Service, expect_warning: Callable[[str], None]
    ) -> None:
        path = write(spoken.root, "en:\n  SQL: [sequel]\n")
        expect_warning(rf"mkdocs\.yml, plugin 'lightning', option 'lexicon': {re.escape(str(path))}: en: 'SQL'")
        spoken.write({"new.md": ":::speak\nThis sentence is not in the cache.\n:::\n"})
        with pytest.raises(Abort):
            spoken.build()
        assert service.requests == []
