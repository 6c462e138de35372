"""What is stored is not paid again: by the same program, another thread, another process, or a site."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning import (
    AsyncLightning,
    BudgetSpentError,
    Lightning,
    Progress,
    SettingError,
    Speech,
    SpeechPlan,
    StoreError,
)
from mkdocs_lightning.cache.files import CacheFiles
from tests.support.sites import KEY
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.service import Json, Service
    from tests.support.sites import Site

SENTENCES = ["The first sentence of this site is here to be spoken.", "And this is the second one, which is as long."]


def client(service: Service, cache: Path, **options: object) -> Lightning:
    return Lightning(api_key=KEY, base_url=service.url, cache=cache, **options)  # type: ignore[arg-type]


def test_a_site_pays_nothing_for_what_python_has_synthesized(service: Service, site: Site) -> None:
    with client(service, site.root / ".cache/plugin/lightning", voice_id="sophie", speed=1.1) as lightning:
        assert [speech.error for speech in lightning.synthesize_all(SENTENCES)] == [None, None]
    assert len(service.requests) == 2
    site.write({"index.md": f":::speak\n*{SENTENCES[0]}*\n{SENTENCES[1]}\n:::\n"})
    site.build(voice_id="sophie", speed=1.1)
    assert len(site.clips("index.html")) == 1
    assert len(service.requests) == 2


def test_python_pays_nothing_for_what_a_site_has_synthesized(service: Service, site: Site) -> None:
    site.write({"index.md": f":::speak\n{' '.join(SENTENCES)}\n:::\n"})
    site.build()
    service.clear()
    with Lightning(base_url=service.url) as without_key:
        spoken = list(without_key.synthesize_all(SENTENCES, cache=site.root / ".cache/plugin/lightning"))
    assert [(speech.is_cached, speech.error) for speech in spoken] == [(True, None), (True, None)]
    assert service.requests == []


def test_python_pays_nothing_for_what_git_lfs_has_not_fetched(service: Service, tmp_path: Path) -> None:
    with client(service, tmp_path, sample_rate=8000) as lightning:
        lightning.synthesize(SENTENCES[0])
        (file,) = tmp_path.rglob("*.flac")
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
        file.write_text(pointer, encoding="utf-8")
        service.clear()
        with pytest.raises(StoreError, match="Git LFS has left pointers in place of 1 file of the cache: run 'git lfs"):
            lightning.synthesize(SENTENCES[0])
    assert service.requests == []
    assert file.read_text(encoding="utf-8") == pointer


def test_what_is_cached_costs_neither_budget_nor_key(service: Service, tmp_path: Path) -> None:
    with client(service, tmp_path, sample_rate=8000) as lightning:
        first = lightning.synthesize(SENTENCES[0])
    told: list[Progress] = []
    with Lightning(base_url=service.url, cache=str(tmp_path), max_characters=0, sample_rate=8000) as other:
        again, missing = other.synthesize_all(SENTENCES, progress=told.append)
    assert (again.audio.samples == first.audio.samples).all()
    assert isinstance(missing.error, BudgetSpentError)
    assert told[-1] == Progress(done=2, total=2, cached=1, failed=1, characters=0)
    assert len(service.requests) == 1


def test_a_repeated_text_of_a_generator_is_sent_once(service: Service, tmp_path: Path) -> None:
    with client(service, tmp_path, sample_rate=8000) as lightning:
        texts = (SENTENCES[number % 2] for number in range(200))
        assert all(speech.duration for speech in lightning.synthesize_all(texts))
    assert len(service.requests) == 2


def test_threads_that_need_the_same_send_it_once(service: Service, tmp_path: Path) -> None:
    clients = [client(service, tmp_path, sample_rate=8000) for _ in range(2)]
    barrier = threading.Barrier(8)
    results: list[Speech] = []

    def answer_late(_number: int, _body: Json) -> None:
        wait_until(lambda: barrier.n_waiting == 0, "all threads have begun")

    service.faults = answer_late
    service.latency = 0.1

    def synthesize(lightning: Lightning) -> None:
        barrier.wait()
        results.extend(lightning.synthesize_all(SENTENCES))

    threads = [threading.Thread(target=synthesize, args=(clients[number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [speech.error for speech in results] == [None] * 16
    assert sorted(service.spoken) == sorted(SENTENCES)
    for lightning in clients:
        lightning.close()


def test_processes_that_need_the_same_send_it_once(service: Service, tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from mkdocs_lightning import Lightning
        key, url, cache, *texts = sys.argv[1:]
        sys.stdin.readline()
        with Lightning(api_key=key, base_url=url, cache=cache, sample_rate=8000) as lightning:
            print(sum(speech.duration > 0 for speech in lightning.synthesize_all(texts)))
    """)
    service.latency = 0.2
    command = [sys.executable, "-c", program, KEY, service.url, str(tmp_path), *SENTENCES]
    processes = [subprocess.Popen(command, stdin=-1, stdout=-1, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[0].strip() for process in processes] == ["2", "2", "2"]
    assert sorted(service.spoken) == sorted(SENTENCES)


def test_what_cannot_be_stored_is_not_sent(service: Service, tmp_path: Path) -> None:
    (tmp_path / "segments").write_text("in the way", encoding="utf-8")
    with client(service, tmp_path) as lightning:
        with pytest.raises(StoreError, match=r"cannot be written .*; see cache$"):
            lightning.synthesize(SENTENCES[0])
        with pytest.raises(StoreError, match=r"cannot be written .*; see cache$"):
            list(lightning.synthesize_all(SENTENCES))
    assert service.requests == []


def test_what_is_paid_and_then_cannot_be_stored_is_handed_out(service: Service, tmp_path: Path) -> None:
    """The disk fills while requests are in flight."""
    cache = tmp_path / "cache"
    texts = [f"This is sentence {number}." for number in range(50)]

    def fill(number: int, _body: Json) -> None:
        if number == 3:  # a file in the place of the folder for all that follows
            (cache / "segments").rename(cache / "elsewhere")
            cache.joinpath("segments").symlink_to(tmp_path / "nowhere" / "at all")

    service.faults = fill
    with client(service, cache, concurrency=1, sample_rate=8000) as lightning:
        spoken = list(lightning.synthesize_all(texts))
    paid = [speech for speech in spoken if not speech.error]
    assert len(paid) == len(service.spoken) == 3
    assert all(isinstance(speech.error, StoreError) for speech in spoken[3:])


def test_a_reply_in_flight_is_stored_when_the_client_is_closed(service: Service, tmp_path: Path) -> None:
    is_left = threading.Event()
    service.faults = lambda number, _body: None if number == 1 else (is_left.wait(60), None)[1]
    texts = [f"This is sentence {number}." for number in range(50)]
    with client(service, tmp_path, concurrency=1, sample_rate=8000) as lightning:
        for _ in lightning.synthesize_all(texts):
            wait_until(lambda: service.offered and len(service.requests) == 1, "the second is in flight")
            break
        is_left.set()
    sent = len(service.spoken)
    with Lightning(base_url=service.url, cache=tmp_path, sample_rate=8000) as without_key:
        assert [speech.is_cached for speech in without_key.synthesize_all(texts)].count(True) == sent


def test_a_damaged_file_is_synthesized_again(service: Service, tmp_path: Path) -> None:
    with client(service, tmp_path, sample_rate=8000) as lightning:
        lightning.synthesize(SENTENCES[0])
        (file,) = CacheFiles(tmp_path).root.glob("segments/*/*.flac")
        file.write_bytes(file.read_bytes()[:-100])
        assert not lightning.synthesize(SENTENCES[0]).is_cached
        assert lightning.synthesize(SENTENCES[0]).is_cached
    assert len(service.requests) == 2


def test_a_home_folder_may_be_abbreviated(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with Lightning(api_key=KEY, base_url=service.url, cache="~/speech", sample_rate=8000) as lightning:
        lightning.synthesize(SENTENCES[0])
    assert list(tmp_path.glob("speech/segments/*/*.flac"))


class TestPlan:
    TEXTS = ("The first text.", "The  second\ntext.", "The first text.", "...", "x" * 8001, "Half \ud83d")

    def test_it_tells_what_a_call_then_sends(self, service: Service, tmp_path: Path) -> None:
        with client(service, tmp_path, sample_rate=8000) as lightning:
            lightning.synthesize("The first text.", speed=1.5)
            service.clear()
            plan = lightning.plan(self.TEXTS, speed=1.5)
            assert service.requests == []
            speeches = list(lightning.synthesize_all(self.TEXTS, speed=1.5))
            after = lightning.plan(self.TEXTS, speed=1.5)
        assert plan == SpeechPlan(
            cached=("The first text.",),
            missing=("The second text.",),
            refused=("...", "x" * 8001, "Half \ud83d"),
            characters=len("The second text."),
            price_usd=0.000312,
        )
        assert service.spoken == ["The second text."]
        assert [speech.error is None for speech in speeches] == [True, True, True, False, False, False]
        assert (after.cached, after.missing) == (plan.cached + plan.missing, ())
        assert (after.characters, after.price_usd) == (0, 0)

    def test_it_needs_neither_key_nor_cache_nor_budget(self, service: Service, tmp_path: Path) -> None:
        with Lightning(base_url=service.url, max_characters=0) as lightning:
            assert lightning.plan(iter(["One.", "Two."])).missing == ("One.", "Two.")
            assert lightning.plan(["One."], cache=tmp_path / "new").missing == ("One.",)
            assert lightning.plan(["One."], model="lightning_v5", voice_id="magnus").price_usd is None
            assert lightning.plan([]) == SpeechPlan((), (), (), 0, 0)
        assert not (tmp_path / "new").exists()
        assert service.requests == []

    def test_it_is_told_what_a_call_is_told(self, service: Service, tmp_path: Path) -> None:
        lightning = client(service, tmp_path)
        for texts, said in (("One.", "letter by letter"), (iter(["One.", 7]), r"texts\[1\] is not a str")):
            with pytest.raises(TypeError, match=said):
                lightning.plan(texts)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"by name, as in plan\(texts, voice_id='sophie'\)"):
            lightning.plan(["One."], "sophie")  # type: ignore[arg-type]
        with pytest.raises(SettingError, match=r"speed: 9\.0 is out of range"):
            lightning.plan(["One."], speed=9)
        lightning.close()
        with pytest.raises(RuntimeError, match="this client is closed"):
            lightning.plan(["One."])

    def test_a_loop_goes_on_meanwhile(self, service: Service, tmp_path: Path) -> None:
        async def texts() -> AsyncIterator[str]:
            yield "The first text."
            yield "The second text."

        async def main() -> None:
            async with AsyncLightning(api_key=KEY, base_url=service.url, cache=tmp_path, sample_rate=8000) as lightning:
                await lightning.synthesize("The first text.")
                plan = await lightning.plan(texts())
                assert (plan.cached, plan.missing) == (("The first text.",), ("The second text.",))
                assert await lightning.plan(["The first text.", "The second text."]) == plan

        asyncio.run(main())
        assert len(service.requests) == 1
