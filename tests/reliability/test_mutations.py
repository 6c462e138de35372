"""What the promises rest on, broken on purpose, one thing at a time, in a copy: a test must notice each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.reliability.conftest import chosen
from tests.support.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

FAILED = 1  # pytest's exit status when tests ran, and some failed
PATIENCE = 1200.0  # seconds, which nobody waits but where something hangs


@dataclass(frozen=True)
class Mutation:
    """A change that breaks a promise.

    Attributes:
        name: What no longer is.
        file: Under mkdocs_lightning/.
        old: What is replaced, and stands there once.
        tests: Some of which must fail; as few and as quick as will do.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTATIONS = [
    Mutation(
        "a sentence that the site had before costs a change nothing",
        "exports/changes/compare.py",
        "return key in self._missing and key not in self._missing_before",
        "return key in self._missing",
        ("tests/exports/test_changes.py::test_a_change_to_words_that_stand_elsewhere_is_shown_and_costs_nothing",),
    ),
    Mutation(
        "no sentence mentions anybody in the Markdown of a plan",
        "cli/changes/markdown_text.py",
        '_NOTHING = "&#8203;"',
        '_NOTHING = ""',
        ("tests/cli/test_changes_markdown.py::test_a_hostile_text_is_only_shown",),
    ),
    Mutation(
        "a file is renamed to its place when it is whole",
        "base/atomic_write.py",
        """\
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    descriptor = os.open(temporary, _NEW, 0o666)  # less what the umask forbids
    try:
        _write(descriptor, data, is_durable=is_durable)
        if keeps_mode and path.exists():
            shutil.copymode(path, temporary)
        is_replaced = _replace(temporary, path, is_good_enough or data.__eq__)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if not is_replaced:
        temporary.unlink(missing_ok=True)
""",
        """\
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
""",
        ("tests/cache/test_local.py::test_a_write_that_fails_leaves_nothing_behind",),
    ),
    Mutation(
        # That it is asked for is tested, with a system that refuses. That it helps when the power goes is not.
        "a file is on the disk before it is renamed",
        "base/atomic_write.py",
        "os.fsync(descriptor)",
        "pass",
        ("tests/cache/test_local.py::test_a_write_that_fails_leaves_nothing_behind",),
    ),
    Mutation(
        "a review is written into no directory that has files of others",
        "exports/review/directory.py",
        "if has_files and not (self.path / _MARKER).is_file():",
        "if False:",
        ("tests/exports/test_review_directory.py::test_a_directory_with_files_of_others_is_refused",),
    ),
    Mutation(
        "a review removes only files of clips",
        "exports/review/directory.py",
        "if _CLIP.fullmatch(file.name)]",
        "]",
        ("tests/exports/test_review_directory.py::test_what_is_not_ours_stays_and_clips_that_are_not_played_go",),
    ),
    Mutation(
        "a review escapes what an author has written",
        "exports/review/review_page.py",
        "autoescape=True",
        "autoescape=False",
        ("tests/cli/test_review.py::test_nothing_that_an_author_writes_becomes_part_of_the_page",),
    ),
    Mutation(
        "a sentence that is missing has no place in a review's audio",
        "exports/review/audible.py",
        "part = clip if is_whole else _part(clip, heard)",
        "part = clip",
        ("tests/cli/test_review.py::test_it_shows_what_is_missing_with_its_price_and_plays_the_rest",),
    ),
    Mutation(
        "a clip's file is held against its checksum",
        "cache/clip_record.py",
        " != self.sha256:",
        " != self.sha256 and False:",
        ("tests/cache/test_local.py::test_a_clip_that_is_not_whole_is_not_found_and_is_made_again[damage_audio]",),
    ),
    Mutation(
        "a segment's samples are held against the MD5 of FLAC",
        "audio/flac.py",
        "data[_MD5_SLICE] == _md5_of(audio.samples)",
        "True",
        ("tests/cache/test_local.py::test_a_damaged_segment_is_set_aside_and_made_again",),
    ),
    Mutation(
        "a pointer of git LFS is no segment",
        "cache/local.py",
        "return may_be_whole(*ends_of(path, HEAD_BYTES, TAIL_BYTES), segment.key, segment.voice.sample_rate)",
        "return ends_of(path, 1, 1) != (b'', b'')",
        ("tests/cache/test_local.py::test_what_is_no_flac_at_first_sight_counts_as_missing",),
    ),
    Mutation(
        "one build at a time asks for a segment",
        "cache/local.py",
        """\
        with lock.held(self.files.root / "locks" / f"{start}.lock", stopped):
            audio = self.read_segment(segment)
""",
        """\
        with suppress():
            audio = self.read_segment(segment)
""",
        ("tests/reliability/test_neighbours.py::test_a_killed_build_leaves_no_lock_behind",),
    ),
    Mutation(
        "max_characters is not exceeded",
        "synthesis/policy.py",
        "if self._max_characters is None or self._taken + characters <= self._max_characters:",
        "if True:",
        ("tests/plugin/test_build.py::TestSpending::test_max_characters",),
    ),
    Mutation(
        "serve does not spend",
        "plugin/run_mode.py",
        'if synthesize == "build" and self.is_serve and not is_free:',
        "if False:",
        ("tests/plugin/test_build.py::TestSpending::test_synthesize",),
    ),
    Mutation(
        "what cannot be kept is not paid for",
        "cache/local.py",
        "            self.files.check_folder(self._segment_path(segment).parent)\n",
        "",
        (
            "tests/plugin/test_build.py::TestWithoutWhatItNeeds::test_a_folder_of_the_cache_that_cannot_be_written_is_found_out_before_anything_is_sent",
        ),
    ),
    Mutation(
        "a full disk stops the spending",
        "synthesis/run.py",
        "if isinstance(result.error, EngineStoppedError | StoreError):",
        "if isinstance(result.error, EngineStoppedError):",
        ("tests/synthesis/test_synthesizer.py::test_what_cannot_be_kept_stops_the_run",),
    ),
    Mutation(
        "a page has its clips, however late they come",
        "site/narration.py",
        "if not self._supplier.wait_for([block.clip for block in blocks if block is not None]):",
        "if False:",
        ("tests/plugin/test_join.py::test_a_page_is_written_while_the_clip_of_a_later_one_is_synthesized",),
    ),
    Mutation(
        "a clip with a gap is not published",
        "synthesis/clip_file.py",
        """\
    if len(parts) < len(clip.segments):
        return cached
    words = find_words(clip, parts, cache, finder) if finder else None
    if cached is not None:
        return cached if words is None else _with_words(clip, cached, words, cache)
    finished = finish(parts, clip.speakers, clip.pauses, clip.loudness)
""",
        """\
    if not parts:
        return cached
    words = find_words(clip, parts, cache, finder) if finder else None
    if cached is not None:
        return cached if words is None else _with_words(clip, cached, words, cache)
    finished = finish(parts, clip.speakers[: len(parts)], clip.pauses[: len(parts) - 1], clip.loudness)
""",
        ("tests/synthesis/test_clip.py",),
    ),
    Mutation(
        "what comes is held against its text",
        "synthesis/synthesizer.py",
        "    except AudioError as error:\n        raise DefectError",
        "    except AudioError as error:\n        return audio\n        raise DefectError",
        ("tests/synthesis/test_synthesizer.py::test_every_fifth_request_goes_wrong[Fault.SILENCE-1]",),
    ),
    Mutation(
        "an answer has an end",
        "engines/lightning_reply.py",
        "if len(content) > max_bytes:",
        "if False:",
        ("tests/engines/test_lightning.py::test_the_body_of_a_redirect_is_bounded",),
    ),
    Mutation(
        "a slow answer does not outlast its timeout",
        "engines/lightning_transport.py",
        "self._sock.settimeout(left)",
        "self._ends_at += 60",
        ("tests/engines/test_lightning.py::test_a_slow_answer_does_not_outlast_its_timeout[letters]",),
    ),
    Mutation(
        "no redirect is followed, least of all with the key",
        "engines/lightning_transport.py",
        """\
    def get_redirect_target(self, resp: requests.Response) -> None:
        \"\"\"None: no reply redirects.\"\"\"
""",
        """\
    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        return super().request(*args, **{**kwargs, "allow_redirects": True})
""",
        ("tests/engines/test_lightning.py::test_no_redirect_is_followed[{other}/waves/v1/tts-307]",),
    ),
    Mutation(
        "the key goes over plain http to this machine alone",
        "engines/lightning_request.py",
        """(parts.scheme == "http" and is_loopback(parts.hostname or ""))""",
        """parts.scheme == "http\"""",
        ("tests/engines/test_lightning.py::test_base_urls_that_do_not",),
    ),
    Mutation(
        "the service's words are shown without the key",
        "engines/lightning_reply.py",
        "printable.replace(secret, HIDDEN)",
        "printable",
        ("tests/engines/test_lightning.py::test_the_key_is_never_shown",),
    ),
    Mutation(
        "the connection's words are shown without the key",
        "engines/lightning_transport.py",
        "cause = quotable(str(causes[-1]), self._api_key)",
        "cause = str(causes[-1])",
        ("tests/engines/test_lightning.py::test_the_key_is_never_shown",),
    ),
    Mutation(
        "what a remote cache has is proven",
        "cache/local.py",
        "if not is_audio_of(segment, data):",
        "if False:",
        ("tests/cache/test_shared.py::test_a_forged_segment_is_not_taken",),
    ),
    Mutation(
        "no address of a remote cache holds a password",
        "cache/remote_stores.py",
        "if has_secret or ",
        "if False and ",
        ("tests/cache/test_shared.py::test_an_address_that_cannot_be_used_says_why",),
    ),
    Mutation(
        "no more sound is unpacked than a text can last",
        "audio/codec.py",
        "_read(file, max_samples + 1)",
        "_read(file, -1)",
        ("tests/reliability/test_hostile.py::test_sound_that_unpacks_to_gigabytes_is_not_unpacked",),
    ),
    Mutation(
        "an MP3 says where its sound begins and ends",
        "audio/mp3.py",
        "return info_frame(music, len(samples), MP3_QUALITY, setting.target) + music",
        "return music",
        ("tests/audio/test_info_tag.py::test_a_decoder_gives_each_sample_at_its_place",),
    ),
    Mutation(
        "a damaged record of use removes nothing",
        "cache/maintenance.py",
        "if damaged := damaged_usages(cache):",
        "if False:",
        ("tests/cache/test_maintenance.py::test_an_unknown_usage_is_an_error_to_callers_too",),
    ),
]


def copy_to(directory: Path) -> Path:
    """The package and its tests, which import one another and nothing of the original."""
    for name, unwanted in (("mkdocs_lightning", ()), ("tests", ("browser", "grammar", "layouts"))):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__", *unwanted))
    shutil.copy(ROOT / "pyproject.toml", directory)
    return directory


def run_tests(copy: Path, tests: list[str]) -> tuple[int, str]:
    """Run some of the copy's tests; pytest's exit status, and what it said."""
    command = [sys.executable, "-m", "pytest", "-x", "-n0", "-m", "", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [*command, f"--basetemp={copy}/tmp"],
        cwd=copy,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    return ran.returncode, ran.stdout


def run_unchanged(directory: Path) -> tuple[int, str]:
    """Run the tests of all mutations without any; as `run_tests`."""
    return run_tests(copy_to(directory), sorted({test for mutation in MUTATIONS for test in mutation.tests}))


def run_mutated(directory: Path, mutation: Mutation) -> tuple[int, str]:
    """Run a mutation's tests where it is so; as `run_tests`."""
    copy = copy_to(directory)
    file = copy / "mkdocs_lightning" / mutation.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1, (
        f"{mutation.file} has changed: bring the mutation {mutation.name!r} up to date"
    )
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    compile(file.read_text(encoding="utf-8"), file, "exec")
    return run_tests(copy, list(mutation.tests))


Runs = dict[object, "Future[tuple[int, str]]"]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """The tests of each mutation that is to be tried, and all without one, on as many threads as processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        unchanged = pool.submit(run_unchanged, tmp_path_factory.mktemp("unchanged"))
        yield {None: unchanged} | {
            mutation: pool.submit(run_mutated, tmp_path_factory.mktemp("mutated"), mutation)
            for mutation in chosen(request, "mutation")
            if isinstance(mutation, Mutation)
        }
        pool.shutdown(cancel_futures=True)


def test_without_a_mutation_the_tests_pass(runs: Runs) -> None:
    status, said = runs[None].result()
    assert status == 0, said


@pytest.fixture(scope="module")
def caught() -> list[str]:
    """The names of the mutations that tests have noticed."""
    return []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_test_notices_that_it_is_no_longer_so(runs: Runs, caught: list[str], mutation: Mutation) -> None:
    status, said = runs[mutation].result()

    assert status == FAILED, f"no test has noticed: {said}"
    assert "\nFAILED " in said, f"it is no test that has failed: {said}"
    caught.append(mutation.name)


def test_all_mutations_are_caught(caught: list[str], figure: Callable[[str, object], None]) -> None:
    if len(caught) < len(MUTATIONS):
        pytest.skip("not all have been tried in this process")
    assert caught == [mutation.name for mutation in MUTATIONS]
    figure("mutations caught", f"{len(caught)} of {len(MUTATIONS)}")
