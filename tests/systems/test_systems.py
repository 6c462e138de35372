"""Windows and macOS, as far as Linux can show them: where the system itself has a say, its answer is put in here.

What Windows says of an open file is an error with a code, which is raised here from `os.replace` and its like; nothing
of ours is replaced.
"""

from __future__ import annotations

import _thread
import ast
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.audio.samples import Audio
from mkdocs_lightning.base.errors import LightningError, SettingError, StoreError
from mkdocs_lightning.base.file_system import case_conflict, is_same_file, is_within, long_path, retry_while_open
from mkdocs_lightning.base.hard_links import link_or_copy
from mkdocs_lightning.cache.local import Cache
from mkdocs_lightning.cache.maintenance import entries, remove
from mkdocs_lightning.cache.remote import Remote
from mkdocs_lightning.cli.output import file_in
from mkdocs_lightning.engines.offline import OfflineEngine
from mkdocs_lightning.engines.speech_process import has_crashed
from mkdocs_lightning.reading.segment import Segment
from mkdocs_lightning.reading.voice import VoiceSettings, resolve_voice
from mkdocs_lightning.synthesis.policy import Policy
from mkdocs_lightning.synthesis.synthesizer import Synthesizer
from tests.support.commands import contents, printed, run
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_lightning.reading.voice import Voice
    from tests.support.service import Service
    from tests.support.sites import Site

ROOT = Path(__file__).parents[2]
DENIED, SHARING_VIOLATION = 5, 32
FOR_EVER = 1000
VOICE = resolve_voice(VoiceSettings(sample_rate=8000))
SEGMENT = Segment("lightning", VOICE, "A sentence.")
SOUND = Audio(np.random.default_rng(1).integers(-9000, 9000, 800, np.int16), 8000)
OTHER_SOUND = Audio(np.random.default_rng(2).integers(-9000, 9000, 800, np.int16), 8000)


class OpenElsewhereError(PermissionError):
    """What Windows says of a file that another program has open."""

    def __init__(self, code: int) -> None:
        super().__init__(13, "The process cannot access the file because it is being used by another process")
        self.winerror = code


@dataclass
class Held:
    """Files that another program has open for some time, by the endings of their names.

    Attributes:
        refused: What was tried in vain.
    """

    refused: list[str] = field(default_factory=list)
    _times: dict[str, int] = field(default_factory=dict)
    _acts: tuple[str, ...] = ()

    def hold(self, ending: str, times: int, *acts: str) -> None:
        """Hold a file for so many attempts, of some kinds or of all."""
        self._times[ending] = times
        self._acts = acts or ("move", "replace", "remove", "read")

    def check(self, act: str, path: object, code: int) -> None:
        name = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
        for ending, times in self._times.items():
            if act in self._acts and str(name).endswith(ending) and times > 0:
                self._times[ending] -= 1
                self.refused.append(act)
                raise OpenElsewhereError(code)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """A system on which files can be held open, as Windows minds it."""
    held = Held()
    replace, unlink, read_bytes = os.replace, os.unlink, Path.read_bytes

    def replacing(source: str, target: str) -> None:
        held.check("move", source, SHARING_VIOLATION)
        held.check("replace", target, DENIED)
        replace(source, target)

    def unlinking(path: str, **options: object) -> None:
        held.check("remove", path, DENIED)
        unlink(path, **options)  # type: ignore[arg-type]

    def reading(path: Path) -> bytes:
        held.check("read", path, SHARING_VIOLATION)
        return read_bytes(path)

    monkeypatch.setattr(os, "replace", replacing)
    monkeypatch.setattr(os, "unlink", unlinking)
    monkeypatch.setattr(Path, "read_bytes", reading)
    return held


def is_kept(cache: Cache) -> bool:
    """Whether the cache has the sentence as it was first spoken."""
    audio = cache.read_segment(SEGMENT)
    return audio is not None and np.array_equal(audio.samples, SOUND.samples)


class TestFilesThatOthersHaveOpen:
    """Another build, a browser that plays from `mkdocs serve`, a virus scanner."""

    def test_a_file_is_replaced_when_it_is_let_go(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_captions("ab.vtt", "WEBVTT\n")
        held.hold(".vtt", 3, "replace")

        path = cache.store_captions("ab.vtt", "WEBVTT\n\nchanged\n")

        assert path.read_text(encoding="utf-8") == "WEBVTT\n\nchanged\n"
        assert held.refused == ["replace"] * 3

    def test_a_whole_segment_in_its_place_is_as_good(self, tmp_path: Path, held: Held) -> None:
        """Another build was faster; a service does not speak the same twice."""
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        held.hold(".flac", FOR_EVER, "replace")
        cache.store_segment(SEGMENT, OTHER_SOUND)
        assert len(held.refused) == 1, "nothing to wait for"
        assert is_kept(cache)
        assert not [*tmp_path.rglob("*.tmp")]

    def test_a_damaged_one_is_not(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        (file,) = tmp_path.rglob("*.flac")
        file.write_bytes(file.read_bytes()[:-9])

        held.hold(".flac", FOR_EVER, "replace", "move")
        with pytest.raises(StoreError, match=r"cannot be written \(.*used by another process\); see cache_dir"):
            cache.store_segment(SEGMENT, SOUND)
        assert cache.read_segment(SEGMENT) is None
        assert not cache.has_segment(SEGMENT), "it cannot be moved, and counts no more"
        held.hold(".flac", 0)
        cache.store_segment(SEGMENT, SOUND)
        assert is_kept(cache)

    def test_what_cannot_be_read_for_a_while_is_neither_damaged_nor_paid_for_again(
        self, site: Site, service: Service, held: Held
    ) -> None:
        site.write({"index.md": ":::speak\nThis sentence is paid for once.\n:::\n"})
        site.build(strict=True)
        shutil.rmtree(site.root / ".cache/plugin/lightning/clips")  # so that the segment has to be read
        held.hold(".flac", 3)

        site.build(strict=True)

        assert held.refused == ["read"] * 3
        assert len(service.requests) == 1
        assert len(site.clips("index.html")) == 1
        assert not [*site.root.rglob("damaged/*")]

    def test_what_stays_open_is_left_where_it_is(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        held.hold(".flac", FOR_EVER, "read")
        assert cache.read_segment(SEGMENT) is None
        held.hold(".flac", 0)
        assert is_kept(cache)
        assert cache.damaged == []

    def test_what_is_damaged_is_set_aside_when_it_is_let_go(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        (file,) = tmp_path.rglob("*.flac")
        file.write_bytes(file.read_bytes()[:-9])
        held.hold(".flac", 2, "move")
        assert cache.read_segment(SEGMENT) is None
        assert held.refused == ["move", "move"]
        assert [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.flac")] == ["damaged"]

    def test_prune_removes_it_when_it_is_let_go(self, tmp_path: Path, held: Held) -> None:
        cache = Cache(tmp_path)
        cache.store_segment(SEGMENT, SOUND)
        (entry,) = entries(cache)
        held.hold(".flac", 2)
        remove(cache, entry)
        assert not [*entries(cache)]

        cache.store_segment(SEGMENT, SOUND)
        held.hold(".flac", FOR_EVER)
        with pytest.raises(StoreError, match="used by another process"):
            remove(cache, entry)
        assert [*entries(cache)] == [entry]

    @pytest.mark.parametrize("has_links", [True, False])
    def test_a_clip_that_is_heard_stays_in_the_site(
        self, tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch, *, has_links: bool
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(18, "Invalid cross-device link")

        if not has_links:
            monkeypatch.setattr(os, "link", refuse)
        source, target = tmp_path / "cache.mp3", tmp_path / "clip.mp3"
        source.write_bytes(b"sound")
        target.write_bytes(b"sound")
        held.hold("clip.mp3", FOR_EVER, "remove")
        link_or_copy(source, target)
        held.hold("clip.mp3", 2, "remove")
        source.write_bytes(b"other")
        link_or_copy(source, target)
        assert target.read_bytes() == b"other"
        target.unlink()
        target.write_bytes(b"theirs")
        held.hold("clip.mp3", FOR_EVER, "remove")
        with pytest.raises(PermissionError):
            link_or_copy(source, target)

    def test_what_is_forbidden_for_good_is_told_at_once(self) -> None:
        tries: list[int] = []

        def forbidden(code: int | None) -> Callable[[], None]:
            def act() -> None:
                tries.append(1)
                raise PermissionError(13, "Permission denied") if code is None else OpenElsewhereError(code)

            return act

        with pytest.raises(PermissionError):
            retry_while_open(forbidden(None), is_change=True)  # neither Linux nor macOS minds an open file
        with pytest.raises(PermissionError):
            retry_while_open(forbidden(DENIED))  # of reading: a directory, or another's file
        assert len(tries) == 2

    def test_a_directory_that_machines_share_has_whole_files_only(self, tmp_path: Path, held: Held) -> None:
        """`os.rename` does not replace a file on Windows, and `shutil.move` then writes over it."""
        remote = Remote(f"file://{tmp_path}")
        assert remote.write("segments", "ab.flac", b"one")
        (tmp_path / "reader").hardlink_to(tmp_path / "segments/a/ab.flac")
        rename = os.rename

        def renaming(source: str, target: str) -> None:
            if os.path.exists(target):  # noqa: PTH110 - as it comes
                raise FileExistsError(17, "Cannot create a file when that file already exists")
            rename(source, target)

        with pytest.MonkeyPatch.context() as system:
            system.setattr(os, "rename", renaming)
            held.hold("ab.flac", 2)
            assert remote.write("segments", "ab.flac", b"another")

        assert (tmp_path / "reader").read_bytes() == b"one"
        assert dict(remote.read("segments", ["ab.flac"])) == {"ab.flac": b"another"}
        assert [path.name for path in (tmp_path / "segments/a").iterdir()] == ["ab.flac"]


class TestPaths:
    """Drives, shares and paths of more than 260 characters."""

    DEEP = "\\".join(["a directory of some length"] * 6)

    @pytest.mark.parametrize(
        ("directory", "long"),
        [
            (r"C:\docs\.cache", None),
            (rf"C:\{DEEP}", rf"\\?\C:\{DEEP}"),
            (rf"C:/{DEEP}/../here", rf"\\?\C:\{DEEP.rpartition(chr(92))[0]}\here"),
            (rf"\\server\share\{DEEP}", rf"\\?\UNC\server\share\{DEEP}"),
            (rf"\\?\C:\{DEEP}", None),
            (rf"\\.\C:\{DEEP}", None),
            (DEEP, None),
        ],
    )
    def test_a_deep_directory_is_named_so_that_windows_takes_it(self, directory: str, long: str | None) -> None:
        named = long_path(PureWindowsPath(directory))
        assert str(named) == (long or str(PureWindowsPath(directory)))
        name = "ab\\" + "f" * 64 + ".flac"
        assert str(named / "segments" / name).endswith(rf"\segments\{name}")
        if not str(named).startswith("\\\\") and named.is_absolute():
            assert len(str(named / "segments" / name)) < 260

    def test_elsewhere_paths_are_long_enough(self) -> None:
        path = PurePosixPath("/" + "deep/" * 100)
        assert long_path(path) is path

    @pytest.mark.parametrize("directory", ["C:/sound", "c:sound", r"C:\sound", "//server/share/sound", r"assets\sound"])
    def test_the_site_s_sound_stays_in_the_site(
        self, site: Site, expect_warning: Callable[[str], None], directory: str
    ) -> None:
        site.write({"index.md": "# Home\n"})
        expect_warning("option 'audio_dir'")
        with pytest.raises(Abort):
            site.build(audio_dir=directory)
        assert not [*site.root.glob("*sound*")]

    def test_a_message_shows_a_path_as_it_is_written(self, site: Site, expect_warning: Callable[[str], None]) -> None:
        site.write({"index.md": "# Home\n"})
        expect_warning(r"'assets\\sound' is not a directory")
        expect_warning(r"docs.a\\b' is inside docs_dir")
        assert (
            r"'assets\sound' is not a directory within the site" in run(site, "plan", audio_dir=r"assets\sound").stderr
        )
        assert rf"docs{os.sep}a\b' is inside docs_dir" in run(site, "plan", cache_dir=r"docs/a\b").stderr

    @pytest.mark.parametrize("address", [r"C:\voices", "C:/voices", "C:voices", r"\\server\voices", "//server/voices"])
    def test_a_drive_is_no_scheme(self, address: str) -> None:
        with pytest.raises(SettingError, match="is not an address, such as s3://bucket/directory"):
            Remote(address)

    @pytest.mark.parametrize("address", ["file:///C:/voices", r"file://C:\voices", "file:////server/voices"])
    def test_a_directory_s_address_may_have_a_drive(self, address: str) -> None:
        assert Remote(address).url == address

    @pytest.mark.parametrize(
        ("workspace", "file", "shown"),
        [
            (r"D:\a\docs", r"D:\a\docs\docs\guide\start.md", "docs/guide/start.md"),
            (r"D:\a\docs", r"d:\A\docs\docs\start.md", "docs/start.md"),
            (r"D:\a\docs", r"C:\elsewhere\start.md", "C:/elsewhere/start.md"),
            (r"D:\a\docs", r"\\server\docs\start.md", "//server/docs/start.md"),
        ],
    )
    def test_an_annotation_names_a_file_on_whatever_drive(self, workspace: str, file: str, shown: str) -> None:
        assert file_in(PureWindowsPath(workspace), PureWindowsPath(file)) == shown

    def test_an_annotation_of_a_page_outside_of_the_workspace(
        self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
        site.write({"index.md": ":::speak\nA sentence that nobody has heard.\n:::\n"})
        file = (site.root / "docs/index.md").as_posix().replace(":", "%3A")
        assert f"::error file={file},line=1," in run(site, "check").stdout


@pytest.fixture
def case_blind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file system that takes names in another case, and in another form of Unicode, for the same, as macOS's does."""
    stat = os.stat

    def same(name: str) -> str:
        return unicodedata.normalize("NFD", name).casefold()

    def spelled(path: str) -> str:
        found = tmp_path
        for part in Path(path).relative_to(tmp_path).parts:
            names = os.listdir(found) if found.is_dir() else []  # noqa: PTH208 - `Path` would ask us again
            found /= next((name for name in names if same(name) == same(part)), part)
        return str(found)

    def blind(path: object, **options: object) -> os.stat_result:
        try:
            return stat(path, **options)  # type: ignore[arg-type]
        except FileNotFoundError:
            whole = os.path.abspath(path)  # type: ignore[call-overload] # noqa: PTH100
            if not Path(whole).is_relative_to(tmp_path) or spelled(whole) == whole:
                raise
            return stat(spelled(whole), **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", blind)


class TestSpelling:
    """One file under several names."""

    COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "été") for form in ("NFC", "NFD"))
    SENTENCE = "This sentence stands on a page."

    @pytest.mark.usefixtures("case_blind")
    def test_a_directory_in_another_case_is_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "docs").mkdir()
        assert is_same_file(tmp_path / "Docs", tmp_path / "docs")
        assert is_within(tmp_path / "DOCS/.cache/plugin", tmp_path / "docs")
        assert not is_within(tmp_path / "docs2", tmp_path / "docs")
        assert not is_within(tmp_path / "elsewhere/docs", tmp_path / "docs")

    def test_where_case_counts_it_is_another(self, tmp_path: Path) -> None:
        (tmp_path / "docs").mkdir()
        assert is_within(tmp_path / "docs/.cache", tmp_path / "docs")
        assert is_within(tmp_path / "Docs/.cache", tmp_path / "docs") == (tmp_path / "Docs").exists()

    @pytest.mark.usefixtures("case_blind")
    def test_a_cache_under_the_docs_is_found_out(self, site: Site, expect_warning: Callable[[str], None]) -> None:
        site.write({"index.md": "# Home\n"})
        expect_warning("is inside docs_dir, so 'mkdocs serve' would rebuild forever")
        with pytest.raises(Abort):
            site.build(cache_dir="Docs/.cache")

    FOLDERS: ClassVar = {"index.md": f":::speak\n{SENTENCE}\n:::\n", "Assets/note.txt": "The author's own."}

    @pytest.mark.usefixtures("case_blind")
    def test_sound_in_another_case_of_the_author_s_folder(
        self, site: Site, expect_warning: Callable[[str], None]
    ) -> None:
        """What is one directory here, and is called as ours, is two where the site goes."""
        site.write(self.FOLDERS)
        expect_warning(
            r"'assets' and 'Assets' are one directory on this machine but two .* Write audio_dir with 'Assets'$"
        )
        site.build()
        site.build(strict=True, audio_dir="Assets/lightning")
        site.build(strict=True, audio_dir="sound/Assets")

    @pytest.mark.parametrize(
        ("uri", "other"),
        [
            ("assets/lightning/a.txt", None),
            ("ASSETS", None),  # a page, say
            ("elsewhere/Assets/a.txt", None),
            ("Assets/a.txt", "Assets"),
            ("assets/Lightning/deep/a.txt", "assets/Lightning"),
            ("Assets/lightning/a.txt", "Assets"),
        ],
    )
    def test_a_folder_that_differs_in_case_alone(self, uri: str, other: str | None) -> None:
        assert case_conflict("assets/lightning", ["index.html", uri]) == other

    def test_where_case_counts_it_is_nobody_s_business(self, site: Site) -> None:
        site.write(self.FOLDERS)
        if not (site.root / "DOCS").exists():  # else as above
            site.build(strict=True)

    @pytest.mark.usefixtures("case_blind")
    @pytest.mark.parametrize("page", ["Guide/Start.md", "docs/GUIDE/start.md", "DOCS/guide/start.md"])
    def test_a_page_is_found_by_its_name_in_another_case(
        self, site: Site, page: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(site.root)
        site.write({"index.md": "# Home\n", "guide/start.md": f":::speak\n{self.SENTENCE}\n:::\n"})
        assert printed(site, "transcript", page) == f"guide/start.md:1 (kaitlyn, en)\n  {self.SENTENCE}\n"

    @pytest.mark.parametrize(("on_disk", "typed"), [(DECOMPOSED, COMPOSED), (COMPOSED, DECOMPOSED)])
    def test_a_page_is_found_whatever_its_accents_are_made_of(self, site: Site, on_disk: str, typed: str) -> None:
        """A Mac's keyboard types one form, and its older file systems give back the other; git carries both away."""
        assert on_disk != typed
        site.write({"index.md": "# Home\n", f"{on_disk}/a.md": f"# A\n\n{self.SENTENCE}\n"})
        said = printed(site, "transcript", f"{typed}/a.md", narrate=f"/{typed}/")
        assert said == f"{on_disk}/a.md (kaitlyn, en)\n  A\n  {self.SENTENCE}\n"

    def test_folder_settings_and_a_build_take_the_name_as_it_is(self, site: Site, service: Service) -> None:
        site.write({"index.md": "# Home\n", f"{self.DECOMPOSED}/a.md": f"# A\n\n{self.SENTENCE}\n"})
        site.write({f"{self.DECOMPOSED}/.meta.yml": "lightning: {narrate: true}\n"})
        site.build(strict=True)
        assert self.SENTENCE in " ".join(service.spoken)
        assert len(site.clips(f"{self.DECOMPOSED}/a/index.html")) == 1


COMMAND = ("-c", "from mkdocs_lightning.cli.command import main; main()")
STRANGE = "é ☃ 😀"


class TestConsoles:
    """A console, or a file that one writes into, of another encoding than UTF-8: cp1252 has é, and no snowman."""

    @pytest.fixture
    def strange(self, site: Site) -> Site:
        site.write(
            {"index.md": "# Home\n", f"{STRANGE}.md": f"# {STRANGE}\n\n:::speak\nThis is said: {STRANGE}.\n:::\n"}
        )
        site.config = {"site_name": STRANGE}
        site.write_config()
        return site

    def ran(self, site: Site, *command: str) -> tuple[int, bytes, bytes]:
        environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
        ended = subprocess.run(
            [sys.executable, *command], cwd=site.root, env=environment, capture_output=True, check=False
        )
        assert b"Traceback" not in ended.stderr
        return ended.returncode, ended.stdout, ended.stderr

    def test_every_command_prints_what_it_can(self, strange: Site) -> None:
        commands = (["transcript", f"{STRANGE}.md"], ["plan"], ["check"])
        said = [self.ran(strange, *COMMAND, *words) for words in commands]
        assert [code for code, _, _ in said] == [0, 0, 1]
        for _, stdout, stderr in said:
            assert "é \\u2603 \\U0001f600.md".encode("cp1252") in stdout
            assert stderr == b""
        code, stdout, _ = self.ran(strange, *COMMAND, "plan", "--json")
        assert (code, stdout.isascii()) == (0, True)
        (page,) = json.loads(stdout)["pages"]
        assert page["page"] == f"{STRANGE}.md"

    def test_a_build_that_complains_of_it_ends_well(self, strange: Site) -> None:
        strange.write({f"{STRANGE}.md": ":::speek\nA slip.\n:::\n"})
        code, _, stderr = self.ran(strange, "-m", "mkdocs", "build")
        assert code == 0
        assert "é \\u2603 \\U0001f600.md:1 ':::speek'".encode("cp1252") in stderr

    def test_json_in_utf_8_stays_readable(self, strange: Site) -> None:
        assert STRANGE in printed(strange, "plan", "--json")


def test_no_file_is_read_or_written_in_the_system_s_own_encoding(site: Site) -> None:
    site.write(
        {"index.md": "# Home\n\n:::speak\nSay kubectl.\n:::\n", "guide/.meta.yml": "lightning: {narrate: true}\n"}
    )
    site.write({"guide/start.md": "---\ntitle: Début\n---\n# Début\n\nA text.\n"})
    (site.root / "lexicon.yml").write_text("en: {kubectl: cube contrôle}\n", encoding="utf-8")
    site.config = {"site_url": "https://example.org/"}
    site.write_config(lexicon="lexicon.yml", feed=True, engine="offline", remote_cache=f"file://{site.root}/shared")
    for command in (
        ["-m", "mkdocs", "build", "--strict"],
        [*COMMAND, "plan"],
        [*COMMAND, "cache", "stats"],
    ):
        ended = subprocess.run(
            [sys.executable, "-X", "warn_default_encoding", "-W", "always::EncodingWarning", *command],
            cwd=site.root, capture_output=True, check=True,
        )  # fmt: skip
        ours = [
            line
            for line in ended.stderr.decode().splitlines()
            if "EncodingWarning" in line and "mkdocs_lightning" in line
        ]
        assert ours == []


class TestLineEnds:
    """The same text in the line ends of Windows, of an old Mac, and with the mark that Notepad puts before it."""

    PAGE = """\
        ---
        title: A page
        lightning:
          speed: 1.5
        ---
        # A page

        ::: speak {voice_id=sophie}
        A sentence that begins on one line
        and ends on the next. Then kubectl.

        - An item
        - Another item
        :::

            :::speak in code stays as it is.

        :::speek
        A slip.
        :::
    """

    @pytest.fixture
    def lines(self, site: Site) -> Site:
        site.write({"index.md": "# Home\n", "guide/page.md": self.PAGE})
        site.write({"guide/.meta.yml": "lightning:\n  narrate: true\n"})
        (site.root / "lexicon.yml").write_bytes(b"en:\n  kubectl: kube control\n# the end\n")
        site.options |= {"lexicon": "lexicon.yml"}
        return site

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "mark"])
    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
    def test_are_the_same_to_ear_and_eye(
        self, lines: Site, service: Service, expect_warning: Callable[[str], None], start: bytes, end: bytes
    ) -> None:
        expect_warning(r"guide/page\.md:18 ':::speek")
        lines.build()
        before, html = sorted(service.spoken), lines.html("guide/page/index.html")
        assert len(before) > 3
        for path in (*(lines.root / "docs").rglob("*.*"), lines.root / "lexicon.yml"):
            if path.is_file():
                path.write_bytes(start + path.read_bytes().replace(os.linesep.encode(), b"\n").replace(b"\n", end))

        lines.build()

        assert sorted(service.spoken) == before, "nothing is paid for again"
        assert lines.html("guide/page/index.html") == html

    @pytest.mark.parametrize("attributes", ["recipe", "none"])
    def test_a_cache_in_git_comes_through_autocrlf(
        self, site: Site, service: Service, tmp_path_factory: pytest.TempPathFactory, attributes: str
    ) -> None:
        site.write({"index.md": ":::speak\nThis sentence is in git.\n\nAnd so is this one.\n:::\n"})
        site.build(strict=True)
        if attributes == "recipe":
            shutil.copyfile(ROOT / "docs/how-to/recipes/gitattributes", site.root / ".gitattributes")
        clone = tmp_path_factory.mktemp("clone")
        git = [
            "git",
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "-c",
            "core.autocrlf=true",
            "-c",
            "core.safecrlf=false",
        ]
        for words in (
            ["init", "-q"],
            ["add", "--force", ".cache", "docs"],
            ["commit", "-qm", "All"],
            ["clone", "-q", ".", str(clone)],
        ):
            if words[0] == "add" and attributes == "recipe":
                words.append(".gitattributes")
            subprocess.run([*git, *words], cwd=site.root, check=True)
        assert b"\r\n" in (clone / "docs/index.md").read_bytes()
        committed = contents(site.root / ".cache/plugin/lightning")
        cloned = contents(clone / ".cache/plugin/lightning")
        changed = {Path(name).suffix for name, (data, _) in committed.items() if cloned[name][0] != data}
        assert changed == (set() if attributes == "recipe" else {".vtt", ".json"})

        copy = type(site)(clone, site.options, site.config)
        copy.build(strict=True, api_key=None)

        assert len(copy.clips("index.html")) == 1
        assert len(service.requests) == 2


class Silent(OfflineEngine):
    """Answers only when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = threading.Event(), threading.Event()

    def synthesize(self, text: str, voice: Voice) -> Audio:  # noqa: ARG002 - as an engine does
        self.asked.set()
        self.may_answer.wait()
        return SOUND


class TestProcesses:
    """How a program ends, and what it shares with ours."""

    def test_ctrl_c_ends_a_wait_that_the_system_does_not_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows, as `interrupt_main`, leaves word for the main thread, and does not wake it."""
        engine = Silent()
        late = threading.Timer(60, engine.may_answer.set)

        is_awaited = threading.Event()

        class Watched(queue.SimpleQueue[object]):
            """Tells when somebody waits for what comes out of it."""

            def get(self, block: bool = True, timeout: float | None = None) -> object:  # noqa: FBT002 - as it is
                is_awaited.set()
                return super().get(block, timeout)

        def press() -> None:
            assert engine.asked.wait(PATIENCE)
            assert is_awaited.wait(PATIENCE)
            _thread.interrupt_main()

        monkeypatch.setattr(queue, "SimpleQueue", Watched)
        late.start()
        threading.Thread(target=press).start()
        with pytest.raises(KeyboardInterrupt):
            list(Synthesizer(engine, Policy()).run([SEGMENT]))
        assert not engine.may_answer.is_set()
        late.cancel()
        engine.may_answer.set()

    @pytest.mark.parametrize(
        ("exit_code", "crashed"),
        [(0, False), (1, False), (255, False), (-9, True), (-11, True), (0xC0000005, True), (0xC000013A, True)],
    )
    def test_an_end_by_the_system_is_no_refusal(self, exit_code: int, crashed: bool) -> None:
        assert has_crashed(exit_code) is crashed

    @pytest.mark.parametrize("is_library_there", [True, False])
    def test_no_window_flashes_up(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_library_there: bool
    ) -> None:
        flags: list[object] = []

        class Windows(subprocess.Popen[bytes]):
            def __init__(self, *_: object, creationflags: int = 0, **__: object) -> None:
                flags.append(creationflags)
                raise FileNotFoundError(2, "No such file")  # Linux has no such flag

        monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
        monkeypatch.setattr(subprocess, "Popen", Windows)
        if not is_library_there:
            monkeypatch.setitem(sys.modules, "espeakng_loader", None)
            name = tmp_path / ("espeak-ng.exe" if sys.platform == "win32" else "espeak-ng")
            name.touch(0o755)
            monkeypatch.setenv("PATH", str(tmp_path))
        engine = OfflineEngine()
        with pytest.raises(LightningError, match="the offline voice's process"):
            engine.synthesize("A text.", engine.normalize_voice(VOICE))
        assert flags == [0x08000000]


def top_imports(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.If | ast.Try) and "platform" not in ast.unparse(node):
            yield from top_imports(node.body)


@pytest.mark.parametrize("directory", ["mkdocs_lightning", "tests", "benchmarks", "docs"])
def test_no_module_needs_what_windows_lacks_to_be_loaded(directory: str) -> None:
    lacking = {"curses", "fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
    for path in (ROOT / directory).rglob("*.py"):
        imported = set(top_imports(ast.parse(path.read_text(encoding="utf-8")).body))
        assert not imported & lacking, path
