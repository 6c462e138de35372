"""Where sentences end: not inside names, after abbreviations or after code, and where a reader would end them."""

# ruff: noqa: RUF001 - other scripts look like ours

from __future__ import annotations

import random
import time

import pytest

from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.reading.script import read_page_script
from mkdocs_lightning.reading.sentence_ends import CODE_STOP, abbreviations_of, find_sentences, mark_code
from mkdocs_lightning.reading.sentences import split_paragraph
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL


def found(text: str, language: str = "en") -> list[str]:
    return [sentence.strip() for sentence in find_sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # names
        ("en", "Pass it an instance of ssl.SSLContext to use a context of your own."),
        ("en", "It raises httpx.ConnectError, httpx.ReadTimeout or os.PathLike.X on errors."),
        ("en", "All of the examples are written for .NET and for ASP.NET, and Node.js runs them."),
        ("en", "The files are found below ./dist/ and ../Build, and in ./Makefile, too."),
        ("en", "You will have to use version 0.X of the program, or 3.x, or v1.2.X and no other."),
        ("en", "The secret is named {namespace}.{username}.{clustername} in every cluster."),
        ("en", "A block of this kind starts with !!!, and the folded one with ???, as here."),
        ("en", "The option foo>=1.2,<2,!=1.4.0 is a version, and a!b?c is none."),
        ("en", "A site such as Yahoo! is where you call isEmpty? now, or save! then."),
        ("en", "You find more at https://example.org/a?B=c!D.html and on OpenAPI.Tools there."),
        ("en", "She asked why? and he answered stop! and left."),
        ("en", 'He said "stop!" and left, and she asked "why?" of him.'),
        ("en", "He waited... and then… and left ... at last."),
        ("en", "A library by J. R. R. Tolkien and Donald E. Knuth is on the shelf."),
        ("en", "Use it (as in Fig. 5, Sec. 3 and No. 7) with care."),
        ("en", "Increase the bound to >=2.9.0. and mend the tests."),
        # signs that stand alone
        ("en", "Usually, a . should be a separator, as the ... is and the ! too."),
        ("hi", "अंत में . पर ध्यान दें और ... के बाद भी।"),
        # list numbers
        ("en", "1. The first of the steps of it"),
        ("en", "iv. The fourth of the steps of it"),
        ("de", "12. Der zwölfte von vielen Schritten"),
        # abbreviations
        ("en", "The note lists all of the parts incl. default privileges on all schemas."),
        ("en", "The build takes approx. 30 seconds on a machine, e.g. The Beast, vs. Mine."),
        ("en", "The job runs every day at 5 a.m. UTC and at 6 P.M. Berlin time of the U.S. Army."),
        ("en", "The parts (i.e. Alpha, Beta etc. and so on) et al. are known by Smith Inc. of Berlin."),
        ("en", "E.g. Docker is used by St. John and by Dr. Who."),
        ("de", "Das ist z. B. Docker, d. h. Container, bzw. ca. 5 inkl. Aller Teile, u. a. Nginx."),
        ("de", "Am 3. Mai und im 2. Schritt war es Nr. 5 auf S. 7."),
        ("es", "Usa p. ej. Docker, por ej. Este, aprox. 30, en EE. UU. desde la pág. 5 del Sr. Pérez."),
        ("es", "¿Qué es esto? es p.ej. algo que ¡sorpresa! funciona."),
        ("fr", "C’est p. ex. Docker, c.-à-d. Un conteneur, de M. Dupont, env. 30 fois."),
        ("it", "È per es. Docker, p.es. Questo, a pag. 5 del sig. Rossi."),
        ("pt", "Use p. ex. Docker, aprox. 30, na pág. 5 do Sr. Silva etc. e mais."),
        ("nl", "Gebruik bijv. Docker, d.w.z. Een container, m.b.t. Alles, nr. 5."),
        ("pl", "To jest np. Docker, tzn. Kontener, w 3. kroku, ok. 5 razy itd. bez końca."),
        ("ru", "Это напр. Docker, т. е. Контейнер, т.е. тоже, см. Рис. 5 и т. д. и т. п."),
        ("sv", "Det är t.ex. Docker, d.v.s. En sak, bl.a. Här."),
        ("no", "Det var 3. mai, f.eks. Docker, dvs. En ting."),
        ("tr", "Docker, Kubernetes vb. araçlar örn. Burada, 3. adım."),
        ("fi", "Katso esim. Docker ja 3. vaihe jne. tästä."),
        ("hi", "यह उदा. यह है और डॉ. शर्मा का e.g. काम है।"),
        ("mr", "हे उदा. हे आहे आणि डॉ. पाटील यांचे आहे."),
        ("ta", "இது எ.கா. இது ஒரு நீளமான வாக்கியம்."),
        ("auto", "The note lists all of the parts incl. default privileges approx. 30 times."),
        # quotations
        ("ja", "彼は「はい。」と言ったのです。"),
        ("ko", '그는 "네."라고 말했다.'),
    ],
)
def test_a_sentence_does_not_end_here(language: str, text: str) -> None:
    assert found(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["You edit mkdocs.yml.", "Then you run ./build.sh.", "It uses Node.js.", "It ends."]),
        ("en", ["It needs v1.2.", "The others need Python 3.11.", "We wrote it in 2024.", "You read it."]),
        ("en", ["It starts at 5 a.m.", "The job ends at 6 p.m.", "It was in the U.S.", "We left."]),
        ("en", ["He works for Smith Inc.", "They pay."]),
        ("en", ["The answer is no.", "We know it.", "It is no. 5 of them.", "See fig. 3."]),
        ("en", ["Is it done?", "Yes, it is!", "Really?!", "It was “done.”", "So be it."]),
        ("en", ["We decide on package A.", "Each other one waits.", "Pass -r or -e.", "For instance."]),
        ("en", ["It defaults to [].", "You can change it (...).", "So do."]),
        ("en", ["It works without pip.", "uv does it, too.", ".NET does not."]),
        ("en", ["Wait...", "What is it?"]),
        ("en", ["There are 2.", "The third is late.", "It needs Node 18.", "npm does not.", "He is a Brit.", "So?"]),
        ("de", ["Er ist Dr.-Ing.", "Das stimmt.", "Er trägt ein T-Shirt.", "Sie wohnt in St.-Denis.", "Das ist weit."]),
        ("de", ["Das war am 3. Mai.", "Danach kam Version 3.", "Die nächste heißt 4.", "Sie kommt 2024.", "Ja."]),
        ("de", ["Die Dateien sind da.", "»Ja.«", "Er ging."]),
        ("es", ["¿Qué es esto?", "¡Hola!", "Es Docker."  , "Luego sigue."]),
        ("fr", ["Qu’est-ce ?", "C’est Docker !", "Oui, oui.", "Puis la suite.", "« Non. »", "Oui."]),
        ("ru", ["Это Docker.", "Затем другое.", "Был 2020.", "Это всё."]),
        ("pt", ["Use Docker, Kubernetes etc.", "Tudo isso por padrão."]),
        ("tr", ["Docker, Kubernetes vb.", "Hepsi burada."]),
        ("hi", ["यह है।", "वह भी है ।", "क्या ?", "और क्या है?", "value है!", "use करें।"]),
        ("el", ["Τι είναι;", "Είναι αυτό.", "Και άλλα.", "Τέλος."]),
    ],
)  # fmt: skip
def test_a_sentence_ends_here(language: str, sentences: list[str]) -> None:
    assert found(" ".join(sentences), language) == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("zh", ["你好。", "再见！", "使用 v1.2。", "是吗？"]),
        ("ja", ["これはNode.jsです。", "すごい！", "「はい。」", "次です。"]),
        ("hi", ["यह है।", "वह है।"]),
    ],
)
def test_no_space_is_needed_where_a_script_has_none(language: str, sentences: list[str]) -> None:
    assert found("".join(sentences), language) == sentences


@pytest.mark.parametrize(
    ("html", "sentences"),
    [
        ("The part after the first <code>.</code> is the namespace.", 1),
        ("Run <code>pip install .</code> if you are still in the same directory.", 1),
        ("Run <code>pip install .</code> In the same directory it works.", 1),
        ("Run <code><span>pip</span> <span>install</span> <span>.</span></code> Everything is there.", 1),
        ("The default is <code>...</code> (Ellipsis) or <kbd>!</kbd> Shift.", 1),
        ("Write <code>Stop! Now. Go</code> there.", 1),
        ("Run <code>pip install .</code>. Then everything is installed there.", 2),
        ("Run <code>pip</code>. Then everything is installed there by it.", 2),
        ("Edit <code>mkdocs.yml</code>. <code>site_name</code> is all that it needs.", 2),
    ],
)
def test_no_sentence_ends_in_code(html: str, sentences: int) -> None:
    script = read_page_script(f"<p>{html}</p>", PlaceVoice("en"))

    assert sum(max(1, len(sentence.phrases)) for sentence in script) == sentences
    assert CODE_STOP not in repr(script)


def test_the_marks_of_code_are_taken_out() -> None:
    assert find_sentences(mark_code("git checkout ."), "en") == ["git checkout ."]
    assert find_sentences(mark_code("a. b! c?"), "en") == ["a. b! c?"]


@pytest.mark.parametrize(("language", "count"), [("en", 2), ("all", 2), ("de", 3)])
def test_an_author_adds_abbreviations(language: str, count: int) -> None:
    text = (
        "The options of the long repl. Server of this site are described here, and all of the config. "
        "Values of the site are, too, at some length in the repl. The next sentence is here for its own sake."
    )
    lexicon = Lexicon(abbreviations={language: ("repl.", "config.")})

    assert len(split_paragraph(text, "en", lexicon)) == count


@pytest.mark.parametrize("apostrophe", ["'", "’"])
@pytest.mark.parametrize("language", ["ca", "fr", "it"])
def test_an_author_s_abbreviation_is_known_after_an_elision(language: str, apostrophe: str) -> None:
    text = f"Segons l{apostrophe}abrv. Diagonal"

    assert find_sentences(text, language, ("abrv.",)) == [text]


@pytest.mark.parametrize("language", LANGUAGES[PRO_MODEL])
def test_each_abbreviation_of_the_table_is_one_and_is_found(language: str) -> None:
    abbreviations = abbreviations_of(language)

    assert abbreviations.kinds
    for abbreviation in abbreviations.kinds:
        assert abbreviation == " ".join(abbreviation.split())
        assert abbreviation[-1] in ".!ºª"
        ends = find_sentences(f"xyz {abbreviation} 5 xyz", language)
        assert len(ends) == 1, f"{abbreviation}: {ends}"


@pytest.mark.parametrize("piece", [". ", "a.b", "! ", "Aa. b", "\u2328! ", "(a. ", "e.g. ", "x?", "A.", '". '])
def test_a_long_paragraph_takes_as_long_as_it_is(piece: str) -> None:
    start = time.process_time()
    find_sentences(piece * 50_000, "en")
    assert time.process_time() - start < 10  # in quadratic time, minutes


def test_nothing_is_lost_whatever_the_text() -> None:
    choose = random.Random(7)
    signs = [
        "a",
        "B",
        "é",
        "क",
        "字",
        "3",
        ".",
        "!",
        "?",
        "…",
        "।",
        "。",
        " ",
        " ",
        '"',
        "(",
        ")",
        "«",
        "z. B.",
        CODE_STOP,
    ]
    for language in LANGUAGES[PRO_MODEL]:
        for _ in range(60):
            text = "".join(choose.choices(signs, k=choose.randrange(1, 60)))
            assert "".join(find_sentences(text, language)) == text.replace(CODE_STOP, "")
