"""Windows and macOS, as far as Linux can show them: paths with drives, long ones, names in another spelling."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, ClassVar

import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.base.file_system import case_conflict, is_same_file, is_within, long_path
from mkdocs_lightning.cache.remote import Remote
from mkdocs_lightning.plugin.annotations import file_in
from tests.support.commands import printed, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Service
    from tests.support.sites import Site


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
        assert f"::warning file={file},line=1," in run(site, "check").stdout


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
            r"'assets' and 'Assets' are one directory on this machine but two .* In audio_dir, spell it 'Assets'$"
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
