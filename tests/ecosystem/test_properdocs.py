"""ProperDocs, the fork of MkDocs: beside it and without it, the same site, the same keys; and the command reads it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ecosystem.environment import HERE, Environment, make_environment
from tests.support.service import Service
from tests.support.sites import KEY, Site, duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import CompletedProcess

PAGES = {
    "index.md": """\
        # Home

        :::speak title="Welcome"
        Welcome to a site that two programs can build. They are to build **the same** one.
        :::

        - An item

            ::: speak {speed=1.2 text=collapse}
            This one is spoken faster, within a list.
            :::
        """,
    "guide/index.md": """\
        ---
        lightning: {narrate: true}
        description: A page that is narrated.
        ---
        # The guide

        The whole of this page is narrated. It ends here, with `code`.
        """,
    "guide/voices.md": """\
        # Voices

        !!! note

            :::speak voice_id=sophie text=hide
            Somebody else speaks this sentence.
            :::

        :::speak
        Welcome to a site that two programs can build.
        :::
        """,
}
CONFIG: dict[str, object] = {
    "site_url": "https://example.org/handbook/",
    "theme": {"name": "material", "font": False},
    "markdown_extensions": ["admonition"],
    "hooks": ["reader.py"],
}
READER = """\
import logging
import sys
from mkdocs.plugins import BasePlugin

logging.getLogger().addHandler(logging.NullHandler())  # as somebody may: Python shows no warning by itself any more
print("read by", BasePlugin.__module__.partition(".")[0], file=sys.stderr)
"""
SENTENCES = [
    "Welcome to a site that two programs can build.",
    "They are to build the same one.",
    "This one is spoken faster, within a list.",
    "The guide",
    "The whole of this page is narrated. It ends here, with code.",
    "Somebody else speaks this sentence.",
]


@pytest.fixture(scope="module")
def without_mkdocs(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return make_environment(tmp_path_factory.mktemp("without-mkdocs"), without=("mkdocs",))


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory, without_mkdocs: Environment) -> dict[str, Environment]:
    """Those in which one of the two can read a site, or both, by what is missing."""
    without_properdocs = make_environment(tmp_path_factory.mktemp("without-properdocs"), without=("properdocs",))
    return {"": HERE, "mkdocs": without_mkdocs, "properdocs": without_properdocs}


@pytest.fixture(scope="module")
def shared_service() -> Iterator[Service]:
    with Service() as running:
        yield running


@dataclass(frozen=True)
class Built:
    """A site that was built by one of the programs, with nothing in its cache.

    Attributes:
        said: What the program wrote.
        sent: What the service was asked for.
    """

    site: Site
    said: str
    sent: list[str]

    @property
    def files(self) -> dict[str, bytes]:
        """The site's files, by their name."""
        root = self.site.root / "site"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    @property
    def keys(self) -> list[str]:
        """The names of what is cached: sentences and clips."""
        cache = self.site.root / ".cache/plugin/lightning"
        return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.suffix in {".flac", ".mp3"})


def make_site(root: Path, service: Service) -> Site:
    site = Site(root, {"base_url": service.url, "retries": 1, "feed": True}, CONFIG)
    site.write(PAGES)
    (root / "reader.py").write_text(READER, encoding="utf-8")
    site.write_config()
    return site


def build(program: str, environment: Environment, site: Site) -> CompletedProcess[str]:
    variables = {"SMALLEST_API_KEY": KEY, "SOURCE_DATE_EPOCH": "1795651200"}  # the date goes into the site map
    ran = environment.run(program, "build", "--strict", "-f", "mkdocs.yml", cwd=site.root, variables=variables)
    assert ran.returncode == 0, ran.stderr
    return ran


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, shared_service: Service, without_mkdocs: Environment
) -> dict[str, Built]:
    """The same site, three times."""
    programs = {
        "mkdocs": ("mkdocs", HERE),
        "properdocs beside mkdocs": ("properdocs", HERE),
        "properdocs without mkdocs": ("properdocs", without_mkdocs),
    }
    found = {}
    for name, (program, environment) in programs.items():
        shared_service.clear()
        site = make_site(tmp_path_factory.mktemp("site"), shared_service)
        said = build(program, environment, site).stderr
        found[name] = Built(site, said, shared_service.spoken)
    return found


FORKS = ["properdocs beside mkdocs", "properdocs without mkdocs"]


def test_mkdocs_is_not_there_at_all(without_mkdocs: Environment, tmp_path: Path) -> None:
    asked = "import importlib.metadata as m, importlib.util as u; print(u.find_spec('mkdocs'), m.version('properdocs'))"
    found = without_mkdocs.run("python", "-c", asked, cwd=tmp_path)
    assert re.fullmatch(r"None \d+\.\d+\.\d+", found.stdout.strip()), found
    asked = "import importlib.metadata as m; m.version('mkdocs')"
    assert "PackageNotFoundError" in without_mkdocs.run("python", "-c", asked, cwd=tmp_path).stderr
    assert not (without_mkdocs.programs / "mkdocs").exists()


@pytest.mark.parametrize("fork", FORKS)
def test_the_fork_builds_the_same_site(built: dict[str, Built], fork: str) -> None:
    assert "read by mkdocs\n" in built["mkdocs"].said
    assert "read by properdocs\n" in built[fork].said
    assert "WARNING" not in built[fork].said
    ours, theirs = built["mkdocs"].files, built[fork].files
    assert ours.keys() == theirs.keys()
    different = {name for name in ours if ours[name] != theirs[name]}
    assert different == {name for name in ours if name.endswith(".html")}
    for name in different:
        pairs = zip(ours[name].splitlines(), theirs[name].splitlines(), strict=True)
        lines = [(line.strip(), other.strip()) for line, other in pairs if line != other]
        ((line, other),) = lines  # the theme names the program that built the page, and that is all
        assert line.startswith(b'<meta name="generator" content="mkdocs-1.')
        assert re.sub(rb"mkdocs-ProperDocs [\d.]+", b"", other) == re.sub(rb"mkdocs-[\d.]+", b"", line, count=1)


@pytest.mark.parametrize("fork", FORKS)
def test_the_fork_has_the_same_keys(built: dict[str, Built], fork: str) -> None:
    assert sorted(built[fork].sent) == sorted(built["mkdocs"].sent) == sorted(SENTENCES)
    assert built[fork].keys == built["mkdocs"].keys
    assert len(built[fork].keys) == len(SENTENCES) + 5
    for page, number in {"index.html": 2, "guide/index.html": 1, "guide/voices/index.html": 2}.items():
        clips = built[fork].site.clips(page)
        assert [clip.name for clip in clips] == [clip.name for clip in built["mkdocs"].site.clips(page)]
        assert len(clips) == number
        assert all(duration(clip) > 1 for clip in clips)


def test_what_one_has_spoken_the_other_does_not_pay_for(
    built: dict[str, Built], without_mkdocs: Environment, shared_service: Service, tmp_path: Path
) -> None:
    site = make_site(tmp_path, shared_service)
    for spoken, program, environment in (
        (FORKS[1], "mkdocs", HERE),
        ("mkdocs", "properdocs", without_mkdocs),
        ("mkdocs", "properdocs", HERE),
    ):
        shutil.rmtree(site.root / ".cache", ignore_errors=True)
        shutil.copytree(built[spoken].site.root / ".cache", site.root / ".cache")
        shared_service.clear()
        build(program, environment, site)
        assert shared_service.requests == []
        assert len(site.clips("index.html")) == 2


def test_an_option_that_cannot_be_used_is_told_with_the_forks_own_file(site: Site) -> None:
    site.write({"index.md": "# Hi\n"})
    site.options["narrate"] = [3]
    site.config = {"theme": {"name": "material"}}
    Path(site.write_config()).rename(site.root / "properdocs.yml")
    ran = HERE.run("properdocs", "build", cwd=site.root)
    assert ran.returncode == 1
    assert "Plugin 'lightning' option 'narrate': " in ran.stderr
    assert "mkdocs.yml" not in ran.stderr
    assert "Traceback" not in ran.stderr


# The command ---------------------------------------------------------------------------------------


def test_the_command_needs_no_mkdocs_where_there_is_properdocs(
    built: dict[str, Built], without_mkdocs: Environment, shared_service: Service, tmp_path: Path
) -> None:
    """All of its commands say what they say with MkDocs, and fill the cache that a build reads."""
    unread = ":::speak\nThis block is never closed.\n"
    sites = {}
    for name, environment in {"mkdocs": HERE, "properdocs": without_mkdocs}.items():
        site = make_site(tmp_path / name, shared_service)
        site.write({"open.md": unread})
        sites[name] = site, environment

    def said(*command: str, code: int = 0, key: str = "") -> str:
        """What both say, once; without the lines that tell them apart, the warning on the open block among the rest."""
        both = []
        for name, (site, environment) in sites.items():
            variables = {"SMALLEST_API_KEY": key} if key else {}
            ran = environment.run("mkdocs-lightning", *command, cwd=site.root, variables=variables)
            assert ran.returncode == code, ran.stderr
            reader = [line for line in ran.stderr.splitlines() if line.startswith("read by ")]
            assert reader == [f"read by {name}"]
            rest = [line for line in ran.stderr.splitlines() if line not in reader]
            both.append(re.sub(r"\d+\.\d s", "… s", "\n".join([ran.stdout, *rest])))
        assert both[0] == both[1]
        return both[0]

    shared_service.clear()
    assert "open.md:1" in said("plan")
    assert f"{len(SENTENCES)} sentences missing" in said("check", code=1)
    assert "Somebody else speaks this sentence." in said("transcript", "guide/voices.md")
    assert shared_service.requests == []
    assert "0 synthesized" not in said("synth", key=KEY, code=1)
    assert sorted(shared_service.spoken) == sorted(2 * SENTENCES)
    assert said("check", code=1).startswith("1 block cannot be spoken: open.md:1")
    for site, _ in sites.values():
        (site.root / "docs/open.md").unlink()
    assert f"{len(SENTENCES)} sentences cached" in said("check")
    assert said("cache", "prune", "--days", "0").startswith("0 files removed")

    site, environment = sites["properdocs"]
    shared_service.clear()
    build("properdocs", environment, site)
    assert shared_service.requests == []
    assert [clip.name for clip in site.clips("index.html")] == [
        clip.name for clip in built["mkdocs"].site.clips("index.html")
    ]


@pytest.mark.parametrize(
    ("missing", "files", "options", "reader"),
    [
        ("", "mkdocs.yml properdocs.yaml", "", "properdocs"),
        ("", "mkdocs.yml properdocs.yml", "-f mkdocs.yml", "mkdocs"),
        ("", "mkdocs.yml properdocs.yml", "--config-file=properdocs.yml", "properdocs"),
        ("", "mkdocs.yml properdocs.yml", "cache stats -f mkdocs.yml", "mkdocs"),
        ("mkdocs", "mkdocs.yaml", "", "properdocs"),
        ("properdocs", "mkdocs.yml properdocs.yml", "", "mkdocs"),
        ("properdocs", "properdocs.yml", "-f properdocs.yml", "mkdocs"),
        ("properdocs", "properdocs.yml", "", "mkdocs"),
    ],
)
def test_the_configuration_says_who_reads_it_where_both_could(
    environments: dict[str, Environment], site: Site, *, missing: str, files: str, options: str, reader: str
) -> None:
    (site.root / "reader.py").write_text(READER, encoding="utf-8")
    site.config = {"theme": {"name": "material"}, "hooks": ["reader.py"]}
    site.write({"index.md": "# Silence\n"})
    config = Path(site.write_config()).rename(site.root / "site.yml")
    for name in files.split():
        shutil.copy(config, site.root / name)
    arguments = options.split() if "stats" in options else [*options.split(), "cache", "stats"]
    ran = environments[missing].run("mkdocs-lightning", *arguments, cwd=site.root)
    assert (ran.returncode, ran.stderr) == (0, f"read by {reader}\n")
    assert ran.stdout == "0 sentences, 0.0 kB\n0 clips, 0.0 kB\n"


def test_one_of_them_has_to_be_there(tmp_path: Path) -> None:
    neither = make_environment(tmp_path / "env", without=("mkdocs", "properdocs"))
    ran = neither.run("mkdocs-lightning", "plan", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "mkdocs-lightning: neither MkDocs nor ProperDocs is installed to read the site; run 'pip install mkdocs'\n"
    )


def test_a_voice_is_tried_in_the_sites_own_settings(without_mkdocs: Environment, site: Site, service: Service) -> None:
    """`say` looks for a site by the name that ProperDocs has for it, and does without one."""
    site.config = {"theme": {"name": "material"}}
    site.write({"index.md": "# Silence\n"})
    Path(site.write_config(voice_id="sophie")).rename(site.root / "properdocs.yml")
    for environment in (HERE, without_mkdocs):
        ran = environment.run("mkdocs-lightning", "say", "Who speaks here?", "-o", "try.wav", cwd=site.root)
        assert ran.returncode == 0, ran.stderr
    assert [request.body["voice_id"] for request in service.requests if request.body] == ["sophie", "sophie"]
    (site.root / "properdocs.yml").unlink()
    ran = without_mkdocs.run(
        "mkdocs-lightning", "say", "Nobody.", "-o", "try.wav", "--engine", "offline", cwd=site.root
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("program", ["properdocs", "mkdocs"])
def test_warnings_are_annotations_in_a_workflow(program: str, tmp_path: Path, shared_service: Service) -> None:
    site = make_site(tmp_path, shared_service)
    site.write({"index.md": "# Home\n\n:::speak speed=fast\nNobody reads this.\n:::\n"})
    variables = {"SMALLEST_API_KEY": KEY, "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(site.root)}

    ran = HERE.run(program, "build", "-f", "mkdocs.yml", cwd=site.root, variables=variables)

    assert len(re.findall("^::warning ", ran.stderr, re.MULTILINE)) == 1
    assert re.search(
        "^::warning file=docs/index.md,line=3,title=mkdocs-lightning::index.md:3 ", ran.stderr, re.MULTILINE
    )
