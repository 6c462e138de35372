"""What holds for any text, any voice and any damage: no word is lost, no key moves, nothing damaged is heard."""

from __future__ import annotations

import contextlib
import math
import os
import re
import tempfile
import unicodedata
from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import markdown
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.base.atomic_write import is_temporary_name
from mkdocs_lightning.base.errors import LightningError, SettingError, StoreError
from mkdocs_lightning.cache.clip_record import ClipTimes, names_of
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import Usage, damaged_usages, prune, store_usage, usages, verify
from mkdocs_lightning.player.sentence_highlights import highlight_sentences
from mkdocs_lightning.reading.elements.place_voice import PlaceVoice
from mkdocs_lightning.reading.grammar.markdown_extension import SpeakExtension
from mkdocs_lightning.reading.lexicon import Lexicon
from mkdocs_lightning.reading.script import read_page_script, read_script
from mkdocs_lightning.reading.segment import Clip, Segment, make_clip
from mkdocs_lightning.reading.sentences import MAX_SENTENCE, split_paragraph, spoken_text
from mkdocs_lightning.reading.settings.catalogue import DEFAULT_VOICES, LANGUAGES, PRO_MODEL, STANDARD_MODEL
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES, Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_lightning.reading.grammar.block import Block

LONGER = int(os.environ.get("RELIABILITY_TIMES", "1"))
"""How many times as many examples are tried, for a longer look than a change deserves: RELIABILITY_TIMES=20."""


def tried(examples: int) -> settings:
    """So many examples, the same in each run unless there are more."""
    return settings(
        max_examples=examples * LONGER,
        derandomize=LONGER == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


TRIED: Counter[str] = Counter()
"""By what was looked at: how often, in this run."""

# The grammar --------------------------------------------------------------------------------------

SIGNS = (
    ":::speak", ":::speak\n", ":::\n", "\n:::\n", "::::\n", ":::::speak\n", "::: speak {voice_id=x}\n",
    ":::speak bogus\n", '::: speak {title="A b" #i .c}\n', ":::speak Kite :::\n", "    :::speak\n",
    "    :::\n", "  :::speak\n", "::speek\n", "- ", "1. ", "> ", ">", "\n", "\n\n", "\n\n", "    ", "\t",
    "\r\n", "```\n", "~~~\n", "`", "``", "<div>", "</div>", '<div markdown="1">', "<p>", "<br>", "<!--", "-->",
    "\x02", "\x03", "\x02wzxhzdk:0\x03", "\x02klzzwxh:0\x03", "# ", "!!! note\n", "    ", "[^1]", "[^1]: ",
    "[x](y)", "*", "**", "_", "&amp;", "&#58;", "\\", "'", '"', "}", "{", "|", "{: .a}",
    "<span class='nospeak'>", "</span>", "<speak-block data-speak='1'>", "</speak-block>", "e\u0301",
    "\U0001f600",
)  # fmt: skip

LINES = (
    "\n:::speak\n",
    "\n::::speak\n",
    "\n- :::speak\n  ",
    "\n> :::speak\n> ",
    "\n:::\n",
    "\n::::\n",
    "\n  :::\n",
    "\n> :::\n",
)
words = st.integers(0, 99).map("Word{} ".format)
sources = st.lists(
    st.sampled_from(LINES) | words | st.sampled_from(SIGNS) | words | st.text(max_size=4), max_size=20
).map("".join)

EXTENSION_SETS = ((), ("extra", "admonition"), ("pymdownx.superfences", "pymdownx.details", "attr_list"))


class Text(HTMLParser):
    """What a reader sees of some HTML, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.feed(html)
        self.is_whole = not self.rawdata  # and does not end within a tag
        self.close()

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    @property
    def words(self) -> list[str]:
        """The words that `sources` counts, in their order."""
        return re.findall(r"Word\d+", " ".join(self.text))


def shown(source: str, extensions: tuple[str, ...], *, speak: bool) -> str:
    """The HTML of a source, with blocks or as if they were text; each block's script is read as a build does."""

    def on_block(block: Block) -> str:
        with contextlib.suppress(SettingError):  # an attribute list without effect, which a build reports
            for sentence in read_script(block.body, block.raw_html, PlaceVoice("en")):
                assert all(0 < len(part) <= MAX_SENTENCE for part in sentence.parts)
        return "slot"

    ours = [SpeakExtension(on_block, lambda _mistake: None)] if speak else []
    return markdown.markdown(source, extensions=[*extensions, *ours])


def without_openers(source: str) -> str:
    """A source without its words on lines of colons, where they may be options."""
    return re.sub(r"^.*:::.*$", lambda line: line[0].replace("Word", "word"), source, flags=re.MULTILINE)


@pytest.mark.parametrize("extensions", EXTENSION_SETS, ids=lambda extensions: "+".join(extensions) or "none")
def test_no_word_of_a_page_is_lost_and_no_page_is_too_odd(extensions: tuple[str, ...]) -> None:
    @tried(500)
    @given(sources)
    def look(source: str) -> None:
        TRIED["pages"] += 1
        source = without_openers(source)
        try:
            as_text = Text(shown(source, extensions, speak=False))
        except Exception:  # noqa: BLE001 - Python-Markdown itself, or another extension, cannot read it
            assume(False)  # noqa: FBT003
        plain = as_text.words
        assume(not re.search(r"(?<![Ww])ord\d", " ".join(as_text.text)))  # Python-Markdown eats the W of "*a **`*Word0"
        with_blocks = Text(shown(source, extensions, speak=True))
        TRIED["pages with blocks"] += ("class", "speak") in {pair for _, pairs in with_blocks.tags for pair in pairs}
        elsewhere = defined(source)
        # A block may show what would be hidden without it, as it ends a tag or an attribute list before it is closed.
        left = iter(with_blocks.words)
        assert [word for word in plain if word not in elsewhere and word not in left] == [], source
        assert Counter(with_blocks.words) <= Counter(re.findall(r"Word\d+", source)), source

    look()


def defined(source: str) -> set[str]:
    """Words that a reference or a footnote defines, to the end of the paragraph: shown elsewhere, or nowhere."""
    return {word for line in re.findall(r"\]:.*(?:\n.+)*", source) for word in re.findall(r"Word\d+", line)}


# The segmenter ------------------------------------------------------------------------------------

LETTERS = st.characters(categories=("L", "N", "Mn", "Mc"))
prose = st.lists(
    st.text(LETTERS, min_size=1, max_size=12)
    | st.sampled_from(
        ["Mr.", "e.g.", "3.14", "a, b;", "Yes.", "No!", "Why?", "…", "¿", "(", ")", "“", "”", "हैं।", "终。"]
    )
    | st.integers(0, 10**6).map(str)
    | st.text(LETTERS, min_size=200, max_size=600)
    | st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=25, max_size=60).map(", ".join),
    max_size=60,
).map(" ".join)
languages = st.sampled_from(sorted(LANGUAGES[PRO_MODEL]))


def letters_and_digits(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@tried(200)
@given(prose, languages)
def test_the_sentences_of_a_script_are_the_script(text: str, language: str) -> None:
    TRIED["scripts"] += 1
    script = spoken_text(text)
    sentences = split_paragraph(script, language, Lexicon(reads_in_full=True))
    parts = [part for sentence in sentences for part in sentence.parts]
    for said in ([sentence.written for sentence in sentences], parts):  # sentences of signs alone are left out
        assert letters_and_digits(" ".join(said)) == letters_and_digits(script)
    for sentence in sentences:
        for part in sentence.parts:
            assert part.strip() == part
            assert 0 < len(part) <= MAX_SENTENCE


@tried(120)
@given(prose, languages, st.randoms(use_true_random=False))
def test_re_wrapping_changes_no_key(text: str, language: str, chance: object) -> None:
    TRIED["scripts wrapped anew"] += 1
    pick = getattr(chance, "choice")  # noqa: B009 - hypothesis names no type for it
    # In Chinese and Japanese, a space in the source is one, but a line break is none.
    is_wide = any(unicodedata.east_asian_width(sign) in {"W", "F", "H"} for sign in text)
    gaps = [" ", "  ", "\t", *([] if is_wide else ["\n", " \n "])]
    wrapped = "".join(pick(gaps) if sign == " " else sign for sign in text)
    voice = Voice(model=PRO_MODEL, voice_id=DEFAULT_VOICES[PRO_MODEL])

    def keys(source: str) -> list[str]:
        sentences = split_paragraph(spoken_text(source), language)
        voices = [voice] * len(sentences)
        return [segment.key for segment in make_clip(sentences, "lightning", voices, OutputFormat.MP3).segments]

    assert keys(wrapped) == keys(text)
    assert keys(unicodedata.normalize("NFD", text)) == keys(unicodedata.normalize("NFC", text))


WORDS = st.text(st.characters(categories=("Ll", "Lu")), min_size=1, max_size=9)


@tried(200)
@given(st.lists(WORDS, min_size=1, max_size=25), st.data())
def test_re_styling_changes_no_key(words: list[str], data: st.DataObject) -> None:
    TRIED["scripts with other markup"] += 1
    styles = ["{}", "**{}**", "*{}*", "`{}`", "[{}](a.md)", "<b>{}</b>", '<span class="x">{}</span>', "{}<!-- -->"]
    styled = [data.draw(st.sampled_from(styles)).format(word) for word in words]
    gaps = [data.draw(st.sampled_from([" ", "\n"])) for _ in words]

    def keys(text: str) -> list[str]:
        found: list[str] = []

        def on_block(block: Block) -> None:
            for sentence in read_script(block.body, block.raw_html, PlaceVoice("en")):
                found.extend(sentence.parts)

        markdown.markdown(f":::speak\n{text}\n:::\n", extensions=[SpeakExtension(on_block, lambda _mistake: None)])
        return found

    restyled = "".join(word + gap for word, gap in zip(styled, gaps, strict=True))
    assert keys(f"So: {restyled}") == keys(f"So: {' '.join(words)}")


# Keys ---------------------------------------------------------------------------------------------

voices = st.builds(
    lambda model, language, speed, rate, dictionaries, numbers, *, formulas: Voice(
        model=model,
        voice_id=DEFAULT_VOICES[model],
        language=language,
        speed=speed,
        sample_rate=rate,
        pronunciation_dicts=tuple(dictionaries),
        number_pronunciation_language=numbers,
        math_notation=formulas,
    ),
    st.sampled_from([STANDARD_MODEL, PRO_MODEL]),
    st.sampled_from(LANGUAGES[STANDARD_MODEL]),
    st.floats(0.5, 2),
    st.sampled_from(SAMPLE_RATES),
    st.lists(st.text("0123456789abcdef", min_size=24, max_size=24), max_size=2),
    st.none() | st.sampled_from(LANGUAGES[STANDARD_MODEL]),
    formulas=st.booleans(),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@tried(400)
@given(voices, voices, texts, texts)
def test_two_segments_have_one_key_exactly_where_they_sound_alike(
    voice: Voice, other: Voice, text: str, other_text: str
) -> None:
    TRIED["pairs of segments"] += 1
    segment = Segment("lightning", voice, text)
    assert segment.key == Segment("lightning", replace(voice), text).key
    assert segment.key != Segment("offline", voice, text).key
    assert (segment.key == Segment("lightning", voice, other_text).key) == (text == other_text)
    assert (segment.key == Segment("lightning", other, text).key) == (voice == other)
    a_little_faster = replace(voice, speed=math.nextafter(voice.speed, 1.25))
    assert segment.key != Segment("lightning", a_little_faster, text).key or a_little_faster == voice
    for field in fields(Voice):
        if field.name in {"model", "voice_id"}:  # which belong together
            continue
        changed = replace(voice, **{field.name: getattr(other, field.name)})
        assert (segment.key == Segment("lightning", changed, text).key) == (changed == voice), field.name


# Marks --------------------------------------------------------------------------------------------

html_pieces = st.lists(
    st.sampled_from(
        [
            "<p>", "</p>", "<div>", "</div>", "<ul><li>", "</li>", "<ol start='3'><li>", "<li>", "<b>", "</b>",
            "<span>", "</span>", "<br>", "<hr/>", "<!-- c -->", "<!--", "-->", "<script>", "</script>",
            "<code>", "</code>", "<td>", "&amp;", "&lt;", "&#39;", "&#x1F600;", "&", "&nosuch;", "&#0;", "<",
            ">", "</", '<a href="x', "'", '"', "\n", " ", "<img alt='A picture of it.'>", "<i say='said so'>",
            "</i>", "<textarea>", "</textarea>", "<svg>", "</svg>", "<![CDATA[", "]]>", "<?php", "?>",
            "<table><tr>", "</table>", "\x00", "\u2028", "<speak-block>", "</speak-block>",
        ]
    )
    | st.sampled_from(["A sentence of some words stands here. ", "Short. ", "It is a question, isn't it? ", "e\u0301"])
    | st.text(max_size=5),
    max_size=14,
).map("".join)  # fmt: skip

OPENING_MARK = re.compile(r'<span class="speak-cue" data-cue="thisone \d+">')


@tried(500)
@given(html_pieces, st.lists(st.text(max_size=20), max_size=3), st.booleans())
def test_marks_change_nothing_but_add_spans(html: str, more: list[str], is_page: bool) -> None:
    TRIED["pages to mark"] += 1
    sentences = [*(sentence.written for sentence in read_page_script(html, PlaceVoice("en"))), *more]

    marked = highlight_sentences(html, sentences, "thisone", is_page=is_page)

    unmarked, marks = OPENING_MARK.subn("", marked)
    assert unmarked.count("</span>") == html.count("</span>") + marks
    assert unmarked.replace("</span>", "") == html.replace("</span>", "")
    if Text(html).is_whole and "<!" not in html and "<?" not in html:  # where there is one way to read it
        spans = [tag for tag in Text(marked).tags if ("class", "speak-cue") not in tag[1]]
        assert spans == Text(html).tags, "a mark stands within a tag"
        assert "".join(Text(marked).text) == "".join(Text(html).text), "a mark stands within a character reference"


# The cache ----------------------------------------------------------------------------------------

VOICE = Voice(model=PRO_MODEL, voice_id=DEFAULT_VOICES[PRO_MODEL], sample_rate=8000)
SEGMENTS = tuple(Segment("lightning", VOICE, f"This is sentence {number}.") for number in range(4))
CLIPS = tuple(
    Clip(segments, (0.25,) * (len(segments) - 1), output_format)
    for segments in (SEGMENTS[:1], SEGMENTS[:2], SEGMENTS[1:])
    for output_format in (OutputFormat.MP3, OutputFormat.WAV)
)
TODAY = datetime.now(UTC).date()
SITES = ("one site", "another site")


FAST_DIRECTORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where a write need not wait for a disk: what is tried there is the order of the calls."""


def sound_of(seed: int) -> Audio:
    return Audio(np.random.default_rng(seed).integers(-9000, 9000, 200 + seed).astype(np.int16), VOICE.sample_rate)


def file_of(clip: Clip, seed: int) -> tuple[bytes, ClipTimes]:
    """What might be a clip's file, and its times."""
    lengths = tuple(1.125 + seed + number for number in range(len(clip.segments)))
    return f"the file of {clip.key} made {seed} times".encode(), ClipTimes(duration=sum(lengths), lengths=lengths)


def flac() -> bytes:
    """Somebody else's sound: of another rate, as one without a comment is taken for a file of an older version."""
    with tempfile.TemporaryFile() as file:
        soundfile.write(file, sound_of(99).samples, 2 * VOICE.sample_rate, format="FLAC", subtype="PCM_16")
        file.seek(0)
        return file.read()


class Killed(BaseException):
    """The process ends here: nothing after it is done."""


class CacheMachine(RuleBasedStateMachine):
    """Two builds on one directory, and whatever may befall it: what is read is what was written, or nothing."""

    damages: Bundle[str] = Bundle("damages")

    @initialize()
    def begin(self) -> None:
        self.directory = tempfile.TemporaryDirectory(dir=FAST_DIRECTORY)
        self.root = Path(self.directory.name) / "cache"
        self.caches = [Cache(self.root), Cache(self.root)]
        self.sounds: dict[str, set[bytes]] = {segment.key: set() for segment in SEGMENTS}
        self.files: dict[str, set[tuple[bytes, ClipTimes]]] = {clip.key: set() for clip in CLIPS}
        self.safe: set[str] = set()  # names of what was written whole, and has met nothing since

    def teardown(self) -> None:
        if hasattr(self, "directory"):
            self.directory.cleanup()

    which = st.integers(0, 1)

    @rule(which=which, segment=st.sampled_from(SEGMENTS), seed=st.integers(0, 3))
    def store_segment(self, which: int, segment: Segment, seed: int) -> None:
        sound = sound_of(seed)
        self.sounds[segment.key].add(sound.samples.tobytes())
        self.caches[which].store_segment(segment, sound)
        self.safe.add(f"{segment.key}.flac")

    @rule(which=which, clip=st.sampled_from(CLIPS), seed=st.integers(0, 3))
    def store_clip(self, which: int, clip: Clip, seed: int) -> None:
        self.files[clip.key].add(file_of(clip, seed))
        self.caches[which].store_clip(clip, *file_of(clip, seed))
        self.safe.add(clip.file_name)

    @rule(
        which=which,
        what=st.sampled_from([*SEGMENTS, *CLIPS]),
        seed=st.integers(0, 3),
        call=st.sampled_from(["os.fsync", "os.replace", "os.replace twice"]),
        is_killed=st.booleans(),
    )
    def write_and_be_stopped(self, which: int, what: Segment | Clip, seed: int, call: str, is_killed: bool) -> None:
        """Killed, or refused by the disk, in the middle of a write."""
        with stopped_at(call, is_killed=is_killed), contextlib.suppress(Killed, StoreError):
            if isinstance(what, Segment):
                self.sounds[what.key].add(sound_of(seed).samples.tobytes())
                self.caches[which].store_segment(what, sound_of(seed))
            else:
                self.files[what.key].add(file_of(what, seed))
                self.safe.discard(what.file_name)  # its new file may stand beside its old record
                self.caches[which].store_clip(what, *file_of(what, seed))
        if is_killed:
            self.caches[which] = Cache(self.root)

    # Draws nothing from what is on disk: Hypothesis asks for the same draws each time that it repeats a run.
    @rule(
        way=st.sampled_from(
            ["flip a bit", "cut", "empty", "foreign", "delete", "exchange", "extend", "make a directory"]
        ),
        victim=st.integers(0, 99),
        donor=st.integers(0, 99),
        bit=st.integers(0, 99_999),
        foreign=st.sampled_from([b"version https://git-lfs.github.com/spec/v1\n", flac(), b"{}"]),
    )
    def damage(self, way: str, victim: int, donor: int, bit: int, foreign: bytes) -> None:
        paths = sorted(
            path
            for path in self.root.rglob("*.*")
            if path.is_file() and path.parent.name != "damaged" and not is_temporary_name(path.name)
        )
        if not paths:
            return
        path = paths[victim % len(paths)]
        content = path.read_bytes()
        place = bit % max(1, len(content) * 8)
        if way == "flip a bit" and content:
            flipped = bytearray(content)
            flipped[place // 8] ^= 1 << place % 8
            path.write_bytes(flipped)
        elif way == "cut":
            path.write_bytes(content[: place // 8])
        elif way == "empty":
            path.write_bytes(b"")
        elif way == "foreign":
            path.write_bytes(foreign)
        elif way == "extend":
            path.write_bytes(content + b"more")
        elif way == "exchange":
            # Not with one that is damaged: without its key, it may be an early version's, and is believed.
            others = [each for each in paths if each.suffix == path.suffix and each.name in self.safe] or [path]
            path.write_bytes(others[donor % len(others)].read_bytes())
        else:
            path.unlink()
            if way == "make a directory":
                path.mkdir()
        self.safe -= {path.name, *(clip.file_name for clip in CLIPS if clip.file_name.startswith(path.stem))}

    @rule(which=which)
    def verify(self, which: int) -> None:
        found = {entry.name for entry in verify(self.caches[which])}
        assert not found & self.safe, "what nobody has damaged is called damaged"
        assert all(entry.is_pointer for entry in verify(self.caches[which])), "what is damaged stays"

    @rule(which=which, site=st.sampled_from(SITES), clips=st.sets(st.sampled_from(CLIPS)))
    def store_usage(self, which: int, site: str, clips: set[Clip]) -> None:
        store_usage(self.caches[which], site, clips, TODAY)

    @rule(
        needed=st.sets(st.sampled_from(CLIPS)), days=st.integers(0, 2), later=st.integers(0, 3), dry_run=st.booleans()
    )
    def prune(self, needed: set[Clip], days: int, later: int, dry_run: bool) -> None:
        cache = Cache(self.root)
        used = {name for usage in usages(cache) for name in usage.current}
        present = [Usage("present", frozenset(names_of(needed)))]
        if damaged_usages(cache):
            with pytest.raises(LightningError, match="nothing was removed"):
                prune(cache, present, timedelta(days=days), TODAY + timedelta(days=later), dry_run=dry_run)
            return
        removed = prune(cache, present, timedelta(days=days), TODAY + timedelta(days=later), dry_run=dry_run).removed
        names = {entry.name for entry in removed if entry.kind != "leftover"}  # such as a clip whose record is gone
        kept = {clip.file_name for clip in needed} | {f"{each.key}.flac" for clip in needed for each in clip.segments}
        assert not names & (used | kept), "what is used was pruned"
        if days > later:
            assert not names, "what was made a moment ago was pruned"
        if not dry_run:
            self.safe -= names

    @invariant()
    def what_is_read_is_what_was_written(self) -> None:
        if not hasattr(self, "root"):
            return
        TRIED["states of a cache"] += 1
        for cache in self.caches:
            for segment in SEGMENTS:
                audio = cache.read_segment(segment)
                assert audio is not None or f"{segment.key}.flac" not in self.safe, "what was stored is lost"
                assert audio is None or audio.samples.tobytes() in self.sounds[segment.key], "something else is heard"
                assert audio is None or audio.sample_rate == VOICE.sample_rate
            for clip in CLIPS:
                stored = cache.find_clip(clip)
                assert stored is not None or clip.file_name not in self.safe, "a clip is lost"
                if stored is not None:
                    times = ClipTimes(duration=stored.duration, lengths=stored.lengths)
                    whole = stored.path.read_bytes(), times
                    assert whole in self.files[clip.key], "a clip is not as it was written"


@contextlib.contextmanager
def stopped_at(call: str, *, is_killed: bool) -> Iterator[None]:
    """The system's call ends the process, which then does nothing more, or fails."""
    name, _, again = call.partition(" ")
    calls: Counter[str] = Counter()
    real: dict[str, Callable[..., object]] = {each: getattr(os, each) for each in ("fsync", "replace", "unlink")}

    def stop(which: str) -> Callable[..., object]:
        def called(*arguments: object, **options: object) -> object:
            calls[which] += 1
            if calls["stopped"] and is_killed:
                raise Killed
            if name == f"os.{which}" and calls[which] == (2 if again else 1):
                calls["stopped"] += 1
                if is_killed:
                    raise Killed
                raise OSError(28, "No space left on device")
            return real[which](*arguments, **options)

        return called

    with contextlib.ExitStack() as patches:
        for each in real:
            patches.enter_context(patch.object(os, each, stop(each)))
        yield


class TestCache(CacheMachine.TestCase):  # type: ignore[misc,valid-type]
    settings = settings(tried(150), stateful_step_count=25)


def test_so_much_was_tried(figure: Callable[[str, object], None]) -> None:
    """By the tests above, as far as they were run."""
    for what, times in TRIED.items():
        figure(f"{what} tried", f"{times:,}")
