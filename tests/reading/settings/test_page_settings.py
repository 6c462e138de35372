"""What pages and their folders ask for: who wins, what is read, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.reading.settings.page_settings import FolderSettings, PageSettings
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site


@pytest.mark.parametrize(
    ("raw", "settings"),
    [
        (None, PageSettings()),
        ({}, PageSettings()),
        ({"narrate": True}, PageSettings(narrate=True)),
        ({"narrate": False}, PageSettings(narrate=False)),
        ({"narrate": None}, PageSettings()),
        ({"speed": "1.5"}, PageSettings(VoiceSettings(speed=1.5))),
        (
            {"voice_id": "sophie", "narrate": True, "language": False},  # `no`, as YAML reads it
            PageSettings(VoiceSettings(voice_id="sophie", language="no"), narrate=True),
        ),
    ],
)
def test_parse(raw: object, settings: PageSettings) -> None:
    assert PageSettings.parse(raw) == settings


@pytest.mark.parametrize(
    ("raw", "setting", "message"),
    [
        ("sophie", "lightning", r"such as `lightning: \{narrate: true\}`, not 'sophie'"),
        (["narrate"], "lightning", "a mapping is expected"),
        (True, "lightning", "a mapping is expected, .*, not true"),
        ({"narrate": "yes"}, "narrate", "narrate: 'yes' is neither true nor false"),
        ({"narrate": 1}, "narrate", "1 is neither true nor false"),
        ({"narate": True}, "narate", r"unknown option 'narate' \(did you mean 'narrate'\?\)"),
        ({"pages": True}, "pages", r"unknown option 'pages' \(did you mean 'narrate'\?\)"),
        ({"voice": "x"}, "voice", r"unknown option 'voice' \(did you mean 'voice_id'\?\)"),
        ({"voices": {"de": "petra"}}, "voices", "voices is for the site only, in mkdocs.yml; set voice_id here"),
        ({"speed": "fast"}, "speed", "'fast' is not a number"),
        ({"speed": 9}, "speed", "9.0 is out of range"),
        ({"sample_rate": 12345}, "sample_rate", "12345 is not one of"),
        ({"pronunciation_dicts": ["x"]}, "pronunciation_dicts", "'x' is not an id"),
        ({"title": "x"}, "title", "unknown option 'title'; use one of .*, narrate, "),
        ({False: "x"}, "False", "unknown option 'False'"),
        ({1: "x"}, "1", "unknown option '1'"),
    ],
)
def test_what_is_refused(raw: object, setting: str, message: str) -> None:
    with pytest.raises(SettingError, match=message) as refused:
        PageSettings.parse(raw)
    assert refused.value.setting == setting


def test_over() -> None:
    near = PageSettings(VoiceSettings(speed=1.5), narrate=False)
    far = PageSettings(VoiceSettings(speed=2.0, voice_id="sophie"), narrate=True)
    assert near.over(far) == PageSettings(VoiceSettings(speed=1.5, voice_id="sophie"), narrate=False)
    assert PageSettings().over(far) == far.over(PageSettings()) == far


def write(docs: Path, files: dict[str, str]) -> FolderSettings:
    for name, text in files.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")
    return FolderSettings(docs)


class TestFolders:
    FILES = {  # noqa: RUF012
        ".meta.yml": "lightning: {speed: 0.5, voice_id: kaitlyn, narrate: true}\n",
        "a/.meta.yml": "tags: [x]\nlightning: {speed: 0.75}\n",
        "a/b/.meta.yml": "lightning: {narrate: false}\n",
        "a/silent/.meta.yml": "tags: [x]\nspeed: of another plugin\n",
        "a/empty/.meta.yml": "",
    }

    @pytest.mark.parametrize(
        ("uri", "speed", "narrate"),
        [
            ("index.md", 0.5, True),
            ("other/page.md", 0.5, True),
            ("a/page.md", 0.75, True),
            ("a/b/page.md", 0.75, False),
            ("a/b/c/page.md", 0.75, False),
            ("a/silent/page.md", 0.75, True),
            ("a/empty/page.md", 0.75, True),
            ("made/up/page.md", 0.5, True),
        ],
    )
    def test_the_nearest_wins(self, tmp_path: Path, uri: str, speed: float, narrate: bool) -> None:
        folders = write(tmp_path, self.FILES)
        expected = PageSettings(VoiceSettings(speed=speed, voice_id="kaitlyn"), narrate)
        assert folders.of_page(uri) == expected

    def test_each_is_read_once(self, tmp_path: Path) -> None:
        folders = write(tmp_path, self.FILES)
        before = folders.of_page("a/page.md")
        (tmp_path / "a/.meta.yml").write_text("lightning: {speed: 2}\n", encoding="utf-8")
        assert folders.of_page("a/page.md") == before
        assert FolderSettings(tmp_path).of_page("a/page.md") != before

    def test_none(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert FolderSettings(tmp_path).of_page("file/page.md") == PageSettings()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("lightning: {speed: fast}\n", r"^a/\.meta\.yml: 'fast' is not a number"),
            ("lightning: sophie\n", r"^a/\.meta\.yml: a mapping is expected, .*, not 'sophie'"),
            ("- lightning\n", r"^a/\.meta\.yml: a mapping is expected, .*, not \['lightning'\]"),
            (
                "narrate: true\n",
                r"^a/\.meta\.yml: narrate has no effect beside lightning:, so indent it below lightning:$",
            ),
            ("lightning: {speed: 1}\nvoice_id: sophie\n", r"^a/\.meta\.yml: voice_id has no effect beside lightning:"),
            ("lightning:\nlanguage: fr\n", r"^a/\.meta\.yml: language has no effect beside lightning:, so indent it"),
            ("Lightning: {speed: 1}\n", r"^a/\.meta\.yml: Lightning: has no effect; write lightning:$"),
            ("lightening: {language: fr}\n", r"^a/\.meta\.yml: lightening: has no effect; write lightning:$"),
            ("x: 1\nlightning: [\n", r"^a/\.meta\.yml cannot be read: (.|\n)*\.meta\.yml\", line 3"),
        ],
    )
    def test_one_that_cannot_be_used(self, tmp_path: Path, text: str, message: str) -> None:
        folders = write(tmp_path, {"a/.meta.yml": text})
        for _ in range(2):
            with pytest.raises(SettingError, match=message):
                folders.of_page("a/b/page.md")
        assert folders.of_page("page.md") == PageSettings()

    @pytest.mark.parametrize("name", ["meta.yml", ".meta.yaml", "_meta.yml"])
    def test_one_of_another_name(self, tmp_path: Path, name: str) -> None:
        folders = write(tmp_path, {f"a/{name}": "lightning: {language: fr}\n", f"b/{name}": "tags: [x]\n"})
        with pytest.raises(SettingError) as refused:
            folders.of_page("a/page.md")
        assert str(refused.value) == f"a/{name}: lightning has no effect in a file of this name; name it .meta.yml"
        assert folders.of_page("b/page.md") == PageSettings()

    def test_one_that_cannot_be_opened(self, tmp_path: Path) -> None:
        (tmp_path / ".meta.yml").mkdir()
        with pytest.raises(SettingError, match=r"^\.meta\.yml cannot be read: "):
            FolderSettings(tmp_path).of_page("page.md")
        (tmp_path / "a").mkdir()
        (tmp_path / ".meta.yml").rmdir()
        (tmp_path / "a/.meta.yml").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(SettingError, match=r"^a/\.meta\.yml cannot be read: "):
            FolderSettings(tmp_path).of_page("a/page.md")


def block(text: str, options: str = "") -> str:
    return f":::speak {options}\n{text}\n:::\n"


class TestInABuild:
    @pytest.fixture(autouse=True)
    def _quick(self, site: Site) -> None:
        site.options |= {"sample_rate": 8000, "output_format": "wav"}

    def test_block_over_page_over_near_folder_over_far_folder_over_site(self, site: Site, service: Service) -> None:
        texts = {
            "block": "This sentence has its speed from the block itself.",
            "page": "This sentence has its speed from the page's front matter.",
            "near": "This sentence has its speed from the nearest folder.",
            "far": "This sentence has its speed from a folder farther away.",
            "site": "This sentence has its speed from mkdocs.yml alone.",
        }
        front_matter = "---\nlightning: {speed: 1.1}\n---\n"
        site.write(
            {
                "a/.meta.yml": "lightning: {speed: 1.3, voice_id: sophie}\n",
                "a/b/.meta.yml": "lightning: {speed: 1.2}\n",
                "a/b/one.md": front_matter + block(texts["block"], "speed=1.0") + "\n" + block(texts["page"]),
                "a/b/two.md": block(texts["near"]),
                "a/three.md": block(texts["far"]),
                "index.md": block(texts["site"]),
            }
        )

        site.build(strict=True, speed=1.4)

        bodies = [request.body or {} for request in service.requests]
        assert {body["text"]: (body["speed"], body["voice_id"]) for body in bodies} == {
            texts["block"]: (1.0, "sophie"),
            texts["page"]: (1.1, "sophie"),
            texts["near"]: (1.2, "sophie"),
            texts["far"]: (1.3, "sophie"),
            texts["site"]: (1.4, "kaitlyn"),
        }
        assert not list((site.root / "site").rglob(".meta.yml"))

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("narrate: true\nlanguage: of another plugin", r"index\.md:2: front matter: narrate"),
            ("lightning: {speed: 1}\nlanguage: of others\nvoice_id: sophie", r"index\.md:4: front matter: voice_id"),
            ("lightning:\nlanguage: fr", r"index\.md:3: front matter: language"),
        ],
    )
    def test_a_setting_beside_lightning_is_warned_of(
        self, site: Site, service: Service, expect_warning: Callable[[str], None], text: str, place: str
    ) -> None:
        expect_warning(rf"{place} has no effect by itself\. Indent it below lightning:; until then the page's")
        site.write({"index.md": f"---\n{text}\n---\n" + block("This page is as good as any other one.")})
        site.build()
        assert service.requests == []

    @pytest.mark.parametrize(
        "mistake",
        [
            ("lightning: {speed: fast}", r"a/bad\.md:2: front matter, lightning: 'fast' is not a number"),
            ("lightning: {narrate: maybe}", r"a/bad\.md:2: front matter, lightning: narrate: 'maybe' is neither"),
            ("lightning: {no: x}", r"a/bad\.md:2: front matter, lightning: unknown option 'False'"),
            ("lightning: {speed: fast}", r"a/\.meta\.yml: 'fast' is not a number\. Correct it"),
            ("lightning: {speed: 9}", r"a/\.meta\.yml: 9\.0 is out of range"),
            ("title: x\nlightning:\n  speed: 9", r"a/bad\.md:4: front matter, lightning: 9\.0 is out of range"),
            ("lightning: [", r"a/\.meta\.yml cannot be read"),
        ],
    )
    def test_a_mistake_leaves_the_blocks_as_text(
        self,
        site: Site,
        service: Service,
        expect_warning: Callable[[str], None],
        caplog: pytest.LogCaptureFixture,
        mistake: tuple[str, str],
    ) -> None:
        text, warning = mistake
        expect_warning(warning)
        good, bad = "This page is as good as any other one.", "Nobody will hear this sentence of a page."
        is_of_page = "front matter" in warning
        front_matter = f"---\n{text}\n---\n" if is_of_page else ""
        site.write({"index.md": block(good), "a/bad.md": front_matter + block(bad) + "\n" + block(bad)})
        if not is_of_page:
            site.write({"a/.meta.yml": text})

        site.build()

        assert service.spoken == [good]
        assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1
        assert bad in site.html("a/bad/index.html")
        assert site.clips("a/bad/index.html") == []
        assert len(site.clips("index.html")) == 1

    @pytest.mark.parametrize(
        ("folder", "page", "is_narrated"),
        [
            ("narrate: true", "", True),
            ("narrate: true", "narrate: false", False),
            ("narrate: false", "narrate: true", True),
            ("", "", False),
        ],
    )
    def test_narrate(self, site: Site, service: Service, folder: str, page: str, is_narrated: bool) -> None:
        prose = "These are the words of the page, in no block."
        site.write(
            {
                "a/.meta.yml": f"lightning: {{{folder}}}\n",
                "a/page.md": f"---\nlightning: {{{page}}}\n---\n# Title\n\n{prose}\n",
            }
        )
        site.build(strict=True)
        assert (prose in service.spoken) == is_narrated
