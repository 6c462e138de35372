"""The words of a text, as espeak-ng says them: where each begins in the text, when, and its phones.

espeak-ng names its phonemes in IPA, an aligner's model names its phones in a way of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_WORD = re.compile(r"\S+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u31f0-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no spaces between words."""

_NOT_PHONEME = re.compile(r"\([a-z-]+\)|[\u02c8\u02cc\s-]")
"""Stress, and what espeak-ng says of a change of its language."""

ENGLISH = dict(
    pair.split("=")
    for pair in """
    p=P b=B t=T d=D k=K ɡ=G g=G f=F v=V θ=TH ð=DH s=S z=Z ʃ=SH ʒ=ZH h=HH x=K m=M n=N ŋ=NG l=L ɫ=L ɬ=L ɹ=R r=R ʁ=R j=Y
    w=W ʍ=W tʃ=CH dʒ=JH ɾ=D ʔ=T n̩=AH+N l̩=AH+L m̩=AH+M əl=AH+L ən=AH+N ɲ=N+Y ç=HH ɣ=G β=B ɸ=F c=K q=K ɕ=SH ʑ=ZH tɕ=CH
    ə=AH ɐ=AH ʌ=AH ɪ=IH ᵻ=IH i=IY iə=IY+AH ʊ=UH u=UW ɔ=AO o=OW oː=AO ɒ=AA ɑ=AA a=AA æ=AE ɛ=EH e=EH ɚ=ER ɜ=ER y=UW ø=ER
    œ=ER eɪ=EY aɪ=AY aʊ=AW oʊ=OW əʊ=OW ɔɪ=OY aɪɚ=AY+ER aɪə=AY+AH aʊɚ=AW+ER ɑ̃=AA+N ɔ̃=AO+N ɛ̃=AE+N œ̃=ER+N
    """.split()
)
"""The phones of the CMU dictionary, by espeak-ng's phonemes."""

FRENCH = dict(
    pair.split("=")
    for pair in """
    p=pp b=bb t=tt d=dd k=kk ɡ=gg g=gg f=ff v=vv θ=ss ð=zz s=ss z=zz ʃ=ch ʒ=jj x=rr m=mm n=nn ŋ=nn+gg l=ll ɫ=ll ɹ=rr
    r=rr ʁ=rr ɾ=rr j=yy w=ww ɥ=uy ɲ=gn tʃ=tt+ch dʒ=dd+jj ʔ=tt h=
    a=aa ɑ=aa æ=aa ʌ=oe ə=ee ɐ=aa e=ei ɛ=ai i=ii ɪ=ii o=au ɔ=oo u=ou ʊ=ou y=uu ø=eu œ=oe ɑ̃=an ɔ̃=on ɛ̃=in œ̃=un ɜ=oe
    ɒ=oo ᵻ=ii ɚ=oe+rr eɪ=ei aɪ=aa+yy aʊ=aa+ou oʊ=au ɔɪ=oo+yy
    """.split()
)
"""The phones of the French model, likewise."""


@dataclass(slots=True)
class SaidWord:
    """A word as espeak-ng says it.

    Attributes:
        start: Its index in the text.
        second: When it begins in espeak-ng's own speech.
        phonemes: In IPA.
    """

    start: int
    second: float
    phonemes: list[str] = field(default_factory=list)

    def phones(self, table: Mapping[str, str]) -> str:
        """Its phones, with spaces between them; empty if it has none."""
        return " ".join(phone for phoneme in self.phonemes for phone in _phones(phoneme, table))


def said_words(text: str, events: Iterable[tuple[int | str, int]], sample_rate: int) -> list[SaidWord]:
    """The words of a text, in order. One that is said together with the word before it, as in "in the", is none.

    Args:
        text: What was said.
        events: As espeak_worker.py answers them.
        sample_rate: Of espeak-ng's speech.
    """
    starts = [found.start() for found in _WORD.finditer(text)]
    words: list[SaidWord] = []
    for value, sample in events:
        if isinstance(value, str):
            if words:
                words[-1].phonemes.append(value)
            continue
        start = _start_of(value, text, starts)
        if start is not None and (not words or start > words[-1].start):
            words.append(SaidWord(start, sample / sample_rate))
    return words


def _start_of(index: int, text: str, starts: list[int]) -> int | None:
    """Where the word of the text begins that espeak-ng's word at an index is of: it says a number, say, as several."""
    if not 0 <= index < len(text):
        return None
    if _UNSPACED.match(text, index):
        return index
    return starts[place - 1] if (place := bisect_right(starts, index)) else None


def _phones(phoneme: str, table: Mapping[str, str]) -> Iterator[str]:
    """The phones of a phoneme: the longest parts of its name that are known; what is not known has none."""
    rest = _NOT_PHONEME.sub("", phoneme)
    while rest:
        known = next((rest[:end] for end in range(len(rest), 0, -1) if rest[:end] in table), "")
        yield from filter(None, table.get(known, "").split("+"))
        rest = rest[len(known) or 1 :]
