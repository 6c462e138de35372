"""The glossary of CONTRIBUTING.md: one word for one thing, in code, messages and documentation alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted([*ROOT.glob("mkdocs_lightning/**/*.py"), *ROOT.glob("mkdocs_lightning/**/*.html")])
DOCS = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("docs/**/*.py"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])

RETIRED = {
    "synthesize, not voice": r"\b(un|not )?voiced\b|\bvoicing\b|\bunvoiced\b|\bspeak_all\b|\bSpeaker\b",
    "missing, not lacking": r"\blacking\b|\blacks\b|\bnot_voiced\b",
    "clip, not sound file": r"\bsound files?\b",
    "reason": r"\bobstacles?\b|\bexcess\b|silent_because|\btroubles?\b",
    "diagnostic": r"\bMistake\b|\bcomplain\w*|\bcomplaints?\b|\bblame\b",
    "store": r"\bKeepError\b|\bkeep_\w+|\btake_(segment|clip)\b|\brecord_usage\b",
    "quarantine": r"\bset(s|ting)? aside\b|\b_?stuck\b",
    "policy": r"\b[Ee]ffort\b",
    "offline voice": r"\b[Pp]reviewEngine\b|`preview`|\bpreview voice\b|\[preview\]|\brobot voice\b",
    "highlight": r"\b(mark|without)_(sentences|marks)\b|\bis marked\b|\bsentence_marks\b",
    "captions": r"\btrack_(name|url|attributes)\b|\bkeep_track\b",
    "page context, source location, block use": r"\b[Ss]urroundings\b|\bUse\(|\bPlace\(",
    "normalize a voice": r"\bsettl(e|es|ed|ing)\b",
    "warning of a voice": r"\bcaution\w*\b",
    "lock, guard": r"\b_?doors?\b",
    "request outcome": r"\bTurn[.(:]",
    "read": r"\b_?hear_\w+",
}
"""Words that stood for the same things before, by what we say now."""


def found_in(files: list[Path], pattern: str) -> list[str]:
    """Each line with a retired word, with its place."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_is_not_in_the_code(word: str) -> None:
    assert found_in(CODE, RETIRED[word]) == []


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_is_not_in_the_documentation(word: str) -> None:
    assert found_in(DOCS, RETIRED[word]) == []


def test_sentences_are_what_people_are_told_of() -> None:
    """`Segment` is the code's value, and `segments/` a folder of the cache."""
    about_files = ("segments/", "`segments", "Segment", "segment_")
    told = [line for line in found_in([ROOT / "docs/reference/commands.md"], r"[Ss]egment") if "segments/" not in line]
    assert not [line for line in told if not any(part in line for part in about_files)]
