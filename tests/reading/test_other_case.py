"""Words of a lexicon that the site has in another case alone, or nowhere."""

from __future__ import annotations

import pytest

from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.reading.other_case import OtherCase, words_in_other_case, words_on_no_page


def en(**words: str) -> dict[str, dict[str, str]]:
    return {"en": words}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (en(kubectl="x"), [OtherCase("kubectl", "Kubectl", 0)]),
        ({"all": {"github Pages": "x"}}, [OtherCase("github Pages", "GitHub Pages", 1)]),
        (en(**{"-kubectl": "x"}), []),
        (en(Only="x"), []),  # the word is another one
        (en(github="x", **{"GitHub Pages": "x"}), []),  # the longer one wins
        (en(**{"github pages": "x"}), [OtherCase("github pages", "GitHub Pages", 1)]),
        (en(Kubectl="x"), []),
        (en(sql="x"), []),  # MySQL is another word
        (en(my="x"), []),
        (en(kubectl="x", Kubectl="x"), []),
        ({"en": {"kubectl": "x"}, "all": {"Kubectl": "x"}}, []),
        ({"de": {"kubectl": "x"}}, []),
        ({"de": {"pod": "x"}}, [OtherCase("pod", "Pod", 3)]),
        (en(**{"a.c": "x"}), []),
        (en(nowhere="x"), []),
        (en(A="x", NODE="x"), []),  # abbreviations are no words
        (en(Node="x"), []),  # in one case here, in the other there
        ({}, []),
    ],
)
def test_words_that_all_sentences_have_in_another_case_are_found(
    words: dict[str, dict[str, str]], found: list[OtherCase]
) -> None:
    sentences = [
        ("Kubectl and MySQL; a node.", "en"),
        ("GitHub Pages, ABC, only.", "en"),
        ("A Node, my node.", "en"),
        ("Der Pod.", "de"),
    ]
    assert list(words_in_other_case(Lexicon(words), sentences)) == found


def test_words_that_no_sentence_has_are_found() -> None:
    words = {"en": {"Kubernets": "x", "node": "x", "Pod": "x"}, "de": {"Pod": "x"}, "fr": {"nulle part": "x"}}
    everywhere = {"all": {"Die Pods": "x", "\u2192": "x", "YAML": "x"}}
    sentences = [("A Node \u2192 Kubernetes.", "en"), ("Die Pods.", "de")]
    assert words_on_no_page(Lexicon(words | everywhere), sentences) == ["Kubernets", "YAML"]
    assert words_on_no_page(Lexicon(words), []) == []
