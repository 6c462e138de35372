"""Identity: what changes a key, what does not, and that no key ever changes by itself."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace

import pytest

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.reading.segment import Clip, Segment, make_clip
from mkdocs_lightning.reading.sentences import Pause, Sentence
from mkdocs_lightning.reading.settings.voice import Voice

PLAIN = Voice(model="lightning_v3.1_pro", voice_id="kaitlyn")
RICH = Voice(
    model="lightning_v3.1",
    voice_id="olivia",
    language="hi",
    speed=1.25,
    sample_rate=8000,
    pronunciation_dicts=("0123456789abcdef01234567", "fedcba9876543210fedcba98"),
    number_pronunciation_language="en",
    math_notation=True,
)
ONE, TWO = Segment("lightning", PLAIN, "One."), Segment("lightning", PLAIN, "Two.")

# Every cache in the world is named by such keys. A change of one of these digests makes every author pay for
# every sentence again (of a clip's: makes every site encode again): mend the code, not the digest.
GOLDEN_SEGMENTS = [
    ("lightning", PLAIN, "Hello, world.", "df6318bca3fa61ee93813eff2c7a1eec793da29ca24cda3a633d56e1461ccfd7"),
    (
        "lightning",
        RICH,
        "नमस्ते, दुनिया। “3 + 4” \\ <b>",
        "65ff96fc5e22815770a79d8321b45bd14abfb9cf9dd19ec7bb6d3bbec0d11030",
    ),
    (
        "offline",
        replace(PLAIN, speed=0.5),
        "Hello, world.",
        "f5047bafad5a00c2937afe51808e59ea5b97af5010fbedaac62309088f1ab4cd",
    ),
    (
        "lightning",
        replace(PLAIN, sample_rate=44100, language="auto"),
        "Ünïcödé 🙂",
        "4ee3688fd79001633e51e7f2debd439f46a0117a6d94b6a4a069491e3d5177d0",
    ),
]
GOLDEN_CLIPS = [
    ((ONE,), (), OutputFormat.MP3, "9f868a1826c9d777d9c57dfccce28da1406c025fd45c24237f2395a5504ce56e"),
    ((ONE, TWO), (0.25,), OutputFormat.MP3, "149fde9ad59b6af70cbe216be80472d361f1a4459332e502b1d04a6d516d6340"),
    (
        (ONE, TWO, ONE),
        (0.06, 0.6),
        OutputFormat.WAV,
        "ba8d51d5b25e804002da9cda9a3fcba4d54445dbc83eb33a26f601ce3cb380f2",
    ),
    ((ONE,), (), OutputFormat.FLAC, "ba29e40a5b828cfbd7ca715de4aec2740b411a677cb723bcc0e054d56bbe15a2"),
    ((ONE,), (), OutputFormat.OPUS, "a1551ea7f3a33ea0363e1759272740eca6653a3f35adfadfef6297d97f0ad97f"),
    ((ONE,), (), OutputFormat.PCM, "35c60fb9e512f2405b396fe51e0fc2644afedf112d1a0b323b41cea14caeaa16"),
    ((ONE,), (), OutputFormat.ULAW, "bdce5f5f591fe2325e560eb3f2ed72e953cc7070ba4cf4fb9da2f660c10b716b"),
    ((ONE,), (), OutputFormat.ALAW, "25c5a08f48ea68160a2e7c1e0e5dc2ae5cad9a65b37a9939c40621df54e9a63b"),
]


@pytest.mark.parametrize(("engine", "voice", "text", "key"), GOLDEN_SEGMENTS)
def test_a_segment_keeps_its_key_for_ever(engine: str, voice: Voice, text: str, key: str) -> None:
    assert Segment(engine, voice, text).key == key


@pytest.mark.parametrize(("segments", "pauses", "output_format", "key"), GOLDEN_CLIPS)
def test_a_clip_keeps_its_key_for_ever(
    segments: tuple[Segment, ...], pauses: tuple[float, ...], output_format: OutputFormat, key: str
) -> None:
    assert Clip(segments, pauses, output_format).key == key


OTHERS = {
    "model": "lightning_v3.1_pro_07_26",
    "voice_id": "meher",
    "language": "es",
    "speed": 1.1,
    "sample_rate": 16000,
    "pronunciation_dicts": ("0123456789abcdef01234567",),
    "number_pronunciation_language": "hi",
    "math_notation": True,
}


@pytest.mark.parametrize("name", [field.name for field in fields(Voice)])
def test_whatever_can_be_heard_changes_the_key(name: str) -> None:
    changed = Voice(**{**{field.name: getattr(PLAIN, field.name) for field in fields(Voice)}, name: OTHERS[name]})
    assert Segment("lightning", changed, "One.").key != ONE.key


def test_engine_and_text_change_the_key() -> None:
    keys = {
        ONE.key,
        Segment("offline", PLAIN, "One.").key,
        Segment("lightning", PLAIN, "One!").key,
        Segment("lightning", PLAIN, "one.").key,
    }
    assert len(keys) == 4


def test_the_order_of_dictionaries_counts() -> None:
    first, second = RICH.pronunciation_dicts
    swapped = replace(RICH, pronunciation_dicts=(second, first))
    assert Segment("lightning", swapped, "One.").key != Segment("lightning", RICH, "One.").key


def test_speed_1_is_speed_1_0() -> None:
    assert Segment("lightning", replace(PLAIN, speed=1), "One.").key == ONE.key


def test_what_is_at_a_default_that_means_unused_leaves_no_trace() -> None:
    # So that an option added later leaves all keys as they are.
    canonical = (
        '{"engine":"lightning","language":"en","model":"lightning_v3.1_pro","sample_rate":24000,"speed":1.0,'
        '"text":"One.","version":1,"voice_id":"kaitlyn"}'
    )
    assert ONE.key == hashlib.sha256(canonical.encode()).hexdigest()


def test_order_pauses_and_format_change_a_clips_key() -> None:
    clips = [
        Clip((ONE, TWO), (0.25,), OutputFormat.MP3),
        Clip((TWO, ONE), (0.25,), OutputFormat.MP3),
        Clip((ONE, ONE), (0.25,), OutputFormat.MP3),
        Clip((ONE, TWO), (0.6,), OutputFormat.MP3),
        *(Clip((ONE, TWO), (0.25,), output_format) for output_format in OutputFormat),
        *(Clip((ONE, TWO), (0.25,), OutputFormat.MP3, loudness) for loudness in (-16.0, None)),
    ]
    assert len({clip.key for clip in clips}) == len(clips) - 1  # MP3 is there twice
    assert len({clip.file_name for clip in clips}) == len(clips) - 1


def test_other_encoder_settings_change_a_clips_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Clip((ONE,), (), OutputFormat.MP3).key
    monkeypatch.setattr(OutputFormat, "encoder", "MP3/another bit rate")
    assert Clip((ONE,), (), OutputFormat.MP3).key != before


def test_a_script_becomes_a_clip_without_the_last_pause() -> None:
    sentences = [
        Sentence("1.", ("One.",), Pause.SENTENCE),
        Sentence("Two, three.", ("Two,", "three."), Pause.PARAGRAPH),
        Sentence("1.", ("One.",), Pause.PARAGRAPH),
    ]

    clip = make_clip(sentences, "lightning", [PLAIN] * 3, OutputFormat.OPUS)

    texts = ("One.", "Two,", "three.", "One.")
    pauses = tuple(pause / 1000 for pause in (Pause.SENTENCE, Pause.CUT, Pause.PARAGRAPH))
    assert clip == Clip(tuple(Segment("lightning", PLAIN, text) for text in texts), pauses, OutputFormat.OPUS)
    assert clip.file_name == f"{clip.key[:32]}.opus"


def test_usual_pauses_follow_the_speed_and_an_author_s_do_not() -> None:
    sentences = [
        Sentence("One, two.", ("One,", "two."), Pause.PARAGRAPH),
        Sentence("Three.", ("Three.",), 1500, is_pause_fixed=True),
        Sentence("Four.", ("Four.",), Pause.SENTENCE),
        Sentence("Five.", ("Five.",), Pause.SENTENCE),
    ]
    speeds = (2.0, 2.0, 0.75, 1.0)

    clip = make_clip(sentences, "lightning", [replace(PLAIN, speed=speed) for speed in speeds], OutputFormat.MP3)

    assert clip.pauses == (Pause.CUT / 2000, Pause.PARAGRAPH / 2000, 1.5, round(Pause.SENTENCE / 0.75) / 1000)


def test_one_gain_serves_for_one_voice_whatever_its_speed_and_dictionaries() -> None:
    voices = [PLAIN, replace(PLAIN, speed=2.0, pronunciation_dicts=("a" * 24,)), replace(PLAIN, language="hi")]
    segments = [Segment("lightning", voice, "One.") for voice in voices]

    first, second, third = Clip(tuple(segments), (0.25, 0.25), OutputFormat.MP3).speakers

    assert first == second != third
