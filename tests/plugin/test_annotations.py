"""On GitHub, each warning of ours is an annotation too: beside its line, once, and only as long as the plugin lives."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import Abort

from tests.support.commands import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.sites import Site

MISTAKE = ":::speak speed=fast\nThis is text alone.\n:::\n"
SPOKEN = ":::speak\nThis is spoken: 100% of it.\n:::\n"
WHAT = "Correct the block's first line; until then its text is shown without a player"
BESIDE = f"::warning file=docs/index.md,line=3,title=mkdocs-lightning::index.md:3 ':::speak speed=fast': .*{WHAT}"
LOGGER = logging.getLogger("mkdocs.plugins.mkdocs_lightning")


@pytest.fixture
def on_github(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with a mistake and a sentence, in a workflow."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(site.root))
    site.write({"index.md": f"# Page\n\n{MISTAKE}\n{SPOKEN}"})
    return site


def shown_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


def test_a_build_shows_what_is_wrong_beside_the_line(
    on_github: Site, capfd: pytest.CaptureFixture[str], expect_warning: Callable[[str], None]
) -> None:
    expect_warning("'fast' is not a number")
    before = list(LOGGER.handlers)

    on_github.build()

    printed = capfd.readouterr()
    (said,) = shown_in(printed.err)
    assert re.fullmatch(BESIDE, said)
    assert shown_in(printed.out) == []
    assert LOGGER.handlers == before


def test_outside_of_github_there_are_none(
    on_github: Site,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning("'fast' is not a number")
    monkeypatch.setenv("GITHUB_ACTIONS", "")

    on_github.build()

    assert shown_in(capfd.readouterr().err) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"api_key": "another"}, "the service answered 401"),
        ({"max_characters": 3}, "max_characters is 3"),
        ({"api_key": None}, "there is no API key"),
    ],
)
def test_the_reason_of_what_is_missing_is_shown(
    on_github: Site,
    options: dict[str, object],
    reason: str,
    capfd: pytest.CaptureFixture[str],
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning("'fast' is not a number")
    expect_warning(reason)

    on_github.options |= options
    on_github.build()
    built = shown_in(capfd.readouterr().err)
    ran = shown_in(run(on_github, "synth").stderr)

    for mistake, missing in (built, ran):
        assert re.fullmatch(BESIDE, mistake)
        assert missing.startswith("::warning title=mkdocs-lightning::1 sentence missing: ")
        assert reason in missing
        assert "%0A    index.md:7 'This is spoken: 100%25 of it.'" in missing


def test_commands_keep_their_output_and_show_each_warning_once(
    on_github: Site, expect_warning: Callable[[str], None]
) -> None:
    expect_warning("'fast' is not a number")

    planned, checked = run(on_github, "plan", "--json"), run(on_github, "check")

    assert json.loads(planned.stdout)["missing"] == 1
    assert [bool(re.fullmatch(BESIDE, line)) for line in shown_in(planned.stderr)] == [True]
    assert [bool(re.fullmatch(BESIDE, line)) for line in shown_in(checked.stderr)] == [True]
    assert [line[:41] for line in shown_in(checked.stdout)] == ["::warning file=docs/index.md,line=7,title"]
    assert LOGGER.handlers == []


def test_the_steps_of_one_job_show_it_once(
    on_github: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    expect_warning: Callable[[str], None],
) -> None:
    expect_warning("'fast' is not a number")
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))

    assert len(shown_in(run(on_github, "plan").stderr)) == 1
    assert shown_in(run(on_github, "check").stderr) == []
    on_github.build()
    assert shown_in(capfd.readouterr().err) == []

    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "nowhere"))
    assert len(shown_in(run(on_github, "plan").stderr)) == 1


def test_a_build_that_fails_leaves_no_handler(on_github: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning("'fast' is not a number")
    expect_warning("there is no API key")
    expect_warning("on_error is 'fail'")

    with pytest.raises(Abort):
        on_github.build(api_key=None, on_error="fail")

    assert LOGGER.handlers == []


def test_front_matter_is_shown_beside_its_line(
    on_github: Site, capfd: pytest.CaptureFixture[str], expect_warning: Callable[[str], None]
) -> None:
    expect_warning("front matter, lightning: ")
    on_github.write({"index.md": "---\nlightning: {speed: fast}\n---\n# Page\n"})

    on_github.build()

    (said,) = shown_in(capfd.readouterr().err)
    assert said.startswith("::warning file=docs/index.md,line=2,title=mkdocs-lightning::index.md:2: front matter, ")


def test_a_warning_of_a_command_is_an_annotation(on_github: Site, expect_warning: Callable[[str], None]) -> None:
    expect_warning("'fast' is not a number")
    on_github.build()
    for sentence in (on_github.root / ".cache").rglob("*.flac"):
        sentence.write_bytes(sentence.read_bytes()[:-9])

    said = run(on_github, "check", "--verify")

    assert "::warning title=mkdocs-lightning::1 damaged file of the cache moved to damaged/" in shown_in(said.stderr)
