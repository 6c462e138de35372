"""The lexicon of a site that another program builds: the Markdown extension and `publish` each have to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.plain_program import Program

FIRST = ":::speak\nRun kubectl get nodes in a shell now.\n:::\n"
SECOND = (
    ":::speak\nNothing of note is said in this one.\n:::\n\n:::speak\nAsk kubectl for nodes once more, please.\n:::\n"
)
LEXICON = "en:\n  kubectl: kube control\n  nodes: nodes of kubectl\n"
WARNING = "not respelled, the first on a.html: the Markdown extension reads blocks, and has options of its own"


@pytest.fixture
def respelling(empty_program: Program) -> Program:
    """A script's site, of which `publish` knows a lexicon."""
    return set_lexicon(empty_program, LEXICON)


def set_lexicon(program: Program, text: str) -> Program:
    program.root.joinpath("lexicon.yml").write_text(text, encoding="utf-8")
    program.configure(lexicon="lexicon.yml")
    return program


def warnings_of(program: Program, *arguments: str) -> list[str]:
    result = program.publish(*arguments)
    assert result.exit_code == 0
    return [line for line in result.stderr.splitlines() if "lexicon" in line]


def test_blocks_that_are_not_respelled_are_told_of_once(
    respelling: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(f"lexicon: 2 blocks are {WARNING}")
    respelling.build({"a.html": FIRST, "b.html": SECOND, "index.html": FIRST})
    assert len(warnings_of(respelling, "--dry-run")) == 1
    assert len(warnings_of(respelling)) == 1
    assert "Run kubectl get nodes in a shell now." in respelling.asked()


def test_respelled_blocks_are_not(respelling: Program) -> None:
    """One of the respellings has a word of the lexicon, and a sentence is too long for one request."""
    long = f":::speak\n{'Ask kubectl for all of its nodes, ' * 12}please.\n:::\n"
    respelling.build({"a.html": FIRST, "b.html": SECOND, "c.html": long}, lexicon="lexicon.yml")
    assert warnings_of(respelling) == []
    assert "Run kube control get nodes of kubectl in a shell now." in respelling.asked()


def test_nor_are_narrated_pages(respelling: Program) -> None:
    respelling.write("index.html", '<html lang="en"><main><p>Run kubectl in a shell now, please.</p></main></html>')
    assert warnings_of(respelling, "--select", "main") == []
    assert respelling.asked() == ["Run kube control in a shell now, please."]


def test_a_word_that_was_added_since_the_site_was_built(
    respelling: Program, expect_warning: Callable[[str], None]
) -> None:
    expect_warning(f"lexicon: 1 block is {WARNING}")
    respelling.build({"a.html": FIRST, "b.html": SECOND}, lexicon="lexicon.yml")
    set_lexicon(respelling, f"{LEXICON}  shell: shall\n")
    assert len(warnings_of(respelling)) == 1


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (":::speak {language=de}\nDas ist die GmbH an der Elbe, heute.\n:::\n", "de: {GmbH: G M B H}"),
        (":::speak\nThis is a GmbH that is in Hamburg.\n:::\n", "all: {GmbH: G M B H}"),
        (
            ":::speak\nThe first sentence is here.\n\nDas ist die GmbH an der Elbe, heute.\n{: language=de }\n:::\n",
            "de: {GmbH: G M B H}",
        ),
    ],
)
def test_the_language_counts(
    empty_program: Program, expect_warning: Callable[[str], None], block: str, text: str
) -> None:
    empty_program.build({"a.html": block})
    assert warnings_of(set_lexicon(empty_program, "fr: {GmbH: G M B H}")) == []
    expect_warning(f"lexicon: 1 block is {WARNING}")
    assert len(warnings_of(set_lexicon(empty_program, text))) == 1
    empty_program.build({"a.html": block}, lexicon="lexicon.yml")
    assert warnings_of(empty_program) == []


@pytest.mark.parametrize(
    "block",
    [
        "See https://example.org/guide/start for nodes of all kinds.",
        'See *this*{say="https://example.org/guide/start"} for nodes of all kinds.',
        "They have nodes, Smith Ltd. They do.",
    ],
)
def test_what_is_spoken_differs_from_what_is_written_for_other_reasons(empty_program: Program, block: str) -> None:
    """The respelling of one word has another. Addresses are shortened, unless `say` has them."""
    set_lexicon(empty_program, f"{LEXICON}  Ltd.: Limited\n")
    empty_program.build({"a.html": f":::speak\n{block}\n:::\n"}, lexicon="lexicon.yml")
    assert warnings_of(empty_program) == []
    (spoken,) = empty_program.asked()
    assert "nodes of kubectl" in spoken
    assert ("/guide/start" in spoken) == ("say=" in block)
    assert ("Limited. They" in spoken) == ("Ltd." in block)


@pytest.mark.parametrize("is_respelled", [True, False])
def test_a_dry_run_tells_of_words_without_effect(
    empty_program: Program, expect_warning: Callable[[str], None], is_respelled: bool
) -> None:
    """Words of blocks, which the extension may have respelled, and of narrated pages have an effect."""
    program = set_lexicon(empty_program, "en: {nodes: knots, run: x, shells: y, nowhere: z}\nde: {OTHER: x}\n")
    program.build({"a.html": FIRST}, **({"lexicon": "lexicon.yml"} if is_respelled else {}))
    program.write("b.html", '<html lang="en"><main><p>All shells are here, in this text.</p></main></html>')
    if not is_respelled:
        expect_warning(f"lexicon: 1 block is {WARNING}")

    told = warnings_of(program, "--select", "main", "--dry-run")

    warning = "WARNING -  lexicon: 'run' matches nothing, because case counts; the pages have 'Run' (a.html)"
    assert told[-2:] == [f"{warning}. Correct it, or add an entry", "lexicon: no page has 'nowhere'"]
    assert len(told) == 2 + (not is_respelled)


def test_publishing_itself_does_not(respelling: Program) -> None:
    respelling.build({"a.html": FIRST}, lexicon="lexicon.yml")
    set_lexicon(respelling, f"{LEXICON}  nowhere: x\n")
    assert warnings_of(respelling) == []
