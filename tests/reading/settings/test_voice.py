"""Voice settings: how they are read, what is refused in which words, and which model goes with which voice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.settings.catalogue import (
    DEFAULT_VOICES,
    LANGUAGE_VOICES,
    LANGUAGES,
    PRO_MODEL,
    STANDARD_MODEL,
    voice_pools,
)
from mkdocs_lightning.reading.settings.voice import SAMPLE_RATES, Voice, resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import SETTING_NAMES, VoiceSettings

DICTIONARY = "0123456789abcdefABCDEF99"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, VoiceSettings()),
        (dict.fromkeys(SETTING_NAMES), VoiceSettings()),  # `speed:` with nothing after it
        ({"model": "any_model"}, VoiceSettings(model="any_model")),
        ({"voice_id": " olivia "}, VoiceSettings(voice_id="olivia")),
        ({"language": "hi"}, VoiceSettings(language="hi")),
        ({"language": False}, VoiceSettings(language="no")),  # how YAML reads `language: no`
        ({"number_pronunciation_language": False}, VoiceSettings(number_pronunciation_language="no")),
        ({"speed": "1.25"}, VoiceSettings(speed=1.25)),
        ({"speed": 2}, VoiceSettings(speed=2.0)),
        ({"sample_rate": "8000"}, VoiceSettings(sample_rate=8000)),
        ({"sample_rate": 44100.0}, VoiceSettings(sample_rate=44100)),
        ({"pronunciation_dicts": "aa, bb"}, VoiceSettings(pronunciation_dicts=("aa", "bb"))),
        ({"pronunciation_dicts": ["aa", "bb"]}, VoiceSettings(pronunciation_dicts=("aa", "bb"))),
        ({"pronunciation_dicts": []}, VoiceSettings(pronunciation_dicts=())),
        ({"math_notation": "True"}, VoiceSettings(math_notation=True)),
        ({"math_notation": False}, VoiceSettings(math_notation=False)),
    ],
)
def test_settings_are_read_from_yaml_and_from_a_line_of_text(raw: dict[str, object], expected: VoiceSettings) -> None:
    assert VoiceSettings.parse(raw) == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("model", [], "[] is a list; one name is expected"),
        ("voice_id", "", "'' is not a name"),
        ("voice_id", 7, "7 is not a name"),
        ("voice_id", False, "false is not a name"),
        ("language", True, "true is not a name"),
        ("speed", "fast", "'fast' is not a number"),
        ("speed", True, "true is not a number"),
        ("speed", 10**400, f"{10**400} is not a number"),
        ("sample_rate", "16k", "'16k' is not a number"),
        ("sample_rate", 8000.5, "8000.5 is not a whole number"),
        ("sample_rate", "nan", "'nan' is not a whole number"),
        ("sample_rate", float("inf"), "inf is not a whole number"),
        ("pronunciation_dicts", 7, "7 is not a list of ids"),
        ("pronunciation_dicts", [7], "[7] is not a list of ids"),
        ("math_notation", "yes", "'yes' is neither true nor false"),
        ("math_notation", 1, "1 is neither true nor false"),
        ("voice", "olivia", "unknown option 'voice' (did you mean 'voice_id'?)"),
        ("Lang", "hi", "unknown option 'Lang' (did you mean 'language'?)"),
        ("sped", 2, "unknown option 'sped' (did you mean 'speed'?)"),
        (
            "volume",
            2,
            (
                "unknown option 'volume'; use one of language, math_notation, model, "
                "number_pronunciation_language, pronunciation_dicts, sample_rate, speed, voice_id"
            ),
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_its_name(name: str, value: object, message: str) -> None:
    with pytest.raises(SettingError) as refused:
        VoiceSettings.parse({name: value})
    assert (refused.value.setting, str(refused.value)) == (name, message)


@pytest.mark.parametrize(
    ("settings", "name", "message"),
    [
        (VoiceSettings(speed=0.49), "speed", "0.49 is out of range: 0.5 to 2.0"),
        (VoiceSettings(speed=2.01), "speed", "2.01 is out of range: 0.5 to 2.0"),
        (VoiceSettings(speed=float("nan")), "speed", "nan is out of range: 0.5 to 2.0"),
        (VoiceSettings(speed=float("inf")), "speed", "inf is out of range: 0.5 to 2.0"),
        (VoiceSettings(sample_rate=22050), "sample_rate", "22050 is not one of 8000, 16000, 24000, 44100 (Hz)"),
        (
            VoiceSettings(pronunciation_dicts=(DICTIONARY, "abc")),
            "pronunciation_dicts",
            "'abc' is not an id of 24 hexadecimal digits",
        ),
        (
            VoiceSettings(model="new", voice_id="../etc"),
            "voice_id",
            "'../etc' is not a voice_id: it may have letters, digits, '_', '-' and '.'",
        ),
        (
            VoiceSettings(voice_id="magnus", language="ja"),
            "language",
            (
                "'ja' is not a language of lightning_v3.1; its languages are bn, de, en, es, fr, gu, hi, it, kn, "
                "ml, mr, nl, or, pa, pl, pt, ru, sv, ta, te"
            ),
        ),
        *(
            (
                VoiceSettings(language=name),
                "language",
                f"{name!r} is not a language of lightning_v3.1_pro; write {code!r}",
            )
            for name, code in [
                ("en-US", "en"),
                ("pt_BR", "pt"),
                ("nb", "no"),
                ("deu", "de"),
                ("fre", "fr"),
                ("hindi", "hi"),
                ("German", "de"),
                ("Français", "fr"),
                ("日本語", "ja"),
            ]
        ),
        (
            VoiceSettings(language="he"),
            "language",
            (
                "'he' is not a language of lightning_v3.1_pro; write 'auto' to have it detected, or one of ar, bn, "
                "de, el, en, es, fi, fr, gu, hi, id, it, ja, kn, ko, ml, mr, ms, nl, no, or, pa, pl, pt, ru, sv, "
                "ta, te, tr, vi, zh"
            ),
        ),
        (
            VoiceSettings(number_pronunciation_language="he"),
            "number_pronunciation_language",
            (
                "'he' is not a language of lightning_v3.1_pro; its languages are ar, bn, de, el, en, es, fi, "
                "fr, gu, hi, id, it, ja, kn, ko, ml, mr, ms, nl, no, or, pa, pl, pt, ru, sv, ta, te, tr, vi, zh"
            ),
        ),
        (
            VoiceSettings(model="lightning_v3.1", voice_id="kaitlyn"),
            "voice_id",
            (
                "voice 'kaitlyn' belongs to lightning_v3.1_pro, not to lightning_v3.1: set model to "
                "lightning_v3.1_pro, or choose a voice of lightning_v3.1, such as 'magnus'"
            ),
        ),
        (
            VoiceSettings(model="lightning_v3.1_pro_07_26", voice_id="magnus"),
            "voice_id",
            (
                "voice 'magnus' belongs to lightning_v3.1, not to lightning_v3.1_pro_07_26: set model to "
                "lightning_v3.1, or choose a voice of lightning_v3.1_pro_07_26, such as 'kaitlyn'"
            ),
        ),
        (
            VoiceSettings(model="lightning_v3.1_pro", voice_id="alba", language="es"),
            "voice_id",
            (
                "voice 'alba' belongs to lightning_v3.1, not to lightning_v3.1_pro: set model to "
                "lightning_v3.1, or choose a voice of lightning_v3.1_pro, such as 'martina'"
            ),
        ),
        *(
            (
                VoiceSettings(model=model),
                "model",
                (
                    f"{model!r} is offered over a WebSocket only, not over the REST API, which takes whole sentences: "
                    "set model to lightning_v3.1_pro"
                ),
            )
            for model in ("lightning_v4", "lightning-v4", "Lightning_V4", "lightning_v4_11_26")
        ),
        *(
            (
                replace(settings, voice_id=voice_id),
                "voice_id",
                (
                    f"voice {voice_id!r} belongs to lightning_v4, which is offered over a WebSocket only, not over the "
                    "REST API, which takes whole sentences: choose a voice of lightning_v3.1_pro, such as 'kaitlyn'"
                ),
            )
            for voice_id in ("brannock", "rhodes")
            for settings in (VoiceSettings(), VoiceSettings(model=PRO_MODEL))
        ),
        (
            VoiceSettings(voice_id="voice_Ab12"),
            "voice_id",
            (
                "'voice_Ab12' is a cloned voice, which works only with the model that it was cloned for, and its "
                "name does not say which model that is: set model as well, to lightning_v3.1 or lightning_v3.1_pro; "
                "'mkdocs-lightning voices --live' lists your cloned voices with their models"
            ),
        ),
    ],
)
def test_a_value_that_the_service_would_refuse_is_refused_with_what_is_allowed(
    settings: VoiceSettings, name: str, message: str
) -> None:
    with pytest.raises(SettingError) as refused:
        resolve_voice(settings)
    assert (refused.value.setting, str(refused.value)) == (name, message)


@pytest.mark.parametrize(
    ("settings", "model", "voice_id"),
    [
        (VoiceSettings(), "lightning_v3.1_pro", "kaitlyn"),
        (VoiceSettings(voice_id="magnus"), "lightning_v3.1", "magnus"),
        (VoiceSettings(voice_id="meher"), "lightning_v3.1_pro", "meher"),
        (VoiceSettings(model="lightning_v3.1"), "lightning_v3.1", "magnus"),
        (VoiceSettings(model="lightning_v3.1_pro_07_26"), "lightning_v3.1_pro_07_26", "kaitlyn"),
        (
            VoiceSettings(model="lightning_v3.1_pro_07_26", voice_id="kaitlyn"),
            "lightning_v3.1_pro_07_26",
            "kaitlyn",
        ),
        (VoiceSettings(model="lightning_v3.1", voice_id="newcomer"), "lightning_v3.1", "newcomer"),
        (VoiceSettings(model="lightning_v5"), "lightning_v5", "kaitlyn"),
        (VoiceSettings(model="lightning_v5", voice_id="magnus"), "lightning_v5", "magnus"),
        (VoiceSettings(model="lightning_v40"), "lightning_v40", "kaitlyn"),
        (VoiceSettings(model="another", voice_id="rhodes"), "another", "rhodes"),
        (VoiceSettings(voice_id="newcomer"), "lightning_v3.1_pro", "newcomer"),
        *((VoiceSettings(voice_id=name), "lightning_v3.1_pro", name) for name in ("willow", "maverick", "kelsey")),
        (VoiceSettings(model="lightning_v3.1_pro", voice_id="voice_Ab12"), "lightning_v3.1_pro", "voice_Ab12"),
        (VoiceSettings(model="lightning_v3.1", voice_id="voice_Ab12"), "lightning_v3.1", "voice_Ab12"),
    ],
)
def test_the_model_follows_the_voice_and_the_voice_the_model(
    settings: VoiceSettings, model: str, voice_id: str
) -> None:
    voice = resolve_voice(settings)
    assert (voice.model, voice.voice_id) == (model, voice_id)


@pytest.mark.parametrize("language", LANGUAGES[PRO_MODEL])
@pytest.mark.parametrize("model", [None, PRO_MODEL, f"{PRO_MODEL}_07_26"])
def test_a_language_is_spoken_by_a_voice_of_its_own(language: str, model: str | None) -> None:
    native = LANGUAGE_VOICES.get(language, "kaitlyn")
    assert resolve_voice(VoiceSettings(language=language, model=model)).voice_id == native
    assert resolve_voice(VoiceSettings(language=language, model=model, voice_id="sophie")).voice_id == "sophie"


@pytest.mark.parametrize(("model", "voice_id"), [(STANDARD_MODEL, "magnus"), ("another", "kaitlyn")])
def test_a_model_without_such_voices_keeps_its_default(model: str, voice_id: str) -> None:
    assert resolve_voice(VoiceSettings(language="de", model=model)).voice_id == voice_id


def test_what_nobody_sets_has_its_default() -> None:
    assert resolve_voice(VoiceSettings()) == Voice(
        model="lightning_v3.1_pro",
        voice_id="kaitlyn",
        language="en",
        speed=1.0,
        sample_rate=24000,
        pronunciation_dicts=(),
        number_pronunciation_language=None,
        math_notation=False,
    )


def test_what_is_set_arrives() -> None:
    settings = VoiceSettings(
        model="lightning_v3.1",
        voice_id="olivia",
        language="hi",
        speed=0.5,
        sample_rate=8000,
        pronunciation_dicts=(DICTIONARY,),
        number_pronunciation_language="en",
        math_notation=True,
    )
    voice = resolve_voice(settings)
    assert {name: getattr(voice, name) for name in SETTING_NAMES} == {
        name: getattr(settings, name) for name in SETTING_NAMES
    }


def test_the_nearer_place_wins_setting_by_setting() -> None:
    block = VoiceSettings(speed=0.5, math_notation=False, pronunciation_dicts=())
    page = VoiceSettings(speed=2.0, language="hi")
    site = VoiceSettings(speed=1.5, language="es", model="m", math_notation=True, pronunciation_dicts=("a",))
    assert block.over(page).over(site) == VoiceSettings(
        speed=0.5, language="hi", model="m", math_notation=False, pronunciation_dicts=()
    )


@pytest.mark.parametrize("model", [STANDARD_MODEL, PRO_MODEL, "lightning_v3.1_pro_10_26", "lightning_v5"])
def test_every_language_of_the_pool_is_spoken(model: str) -> None:
    for language in LANGUAGES[STANDARD_MODEL if model == STANDARD_MODEL else PRO_MODEL]:
        assert resolve_voice(VoiceSettings(model=model, language=language)).language == language


@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_the_bounds_are_within(sample_rate: int, speed: float) -> None:
    voice = resolve_voice(VoiceSettings(sample_rate=sample_rate, speed=speed))
    assert (voice.sample_rate, voice.speed) == (sample_rate, speed)


def test_every_voice_of_the_catalogue_resolves_to_the_pool_that_owns_it() -> None:
    pools = voice_pools()
    assert len(pools) > 200
    assert {name: resolve_voice(VoiceSettings(voice_id=name)).model for name in pools} == dict(pools)
    assert all(pools[voice_id] == model for model, voice_id in DEFAULT_VOICES.items())
