"""Windows, as far as Linux can show it: Ctrl-C, processes that the system has ended, modules that it lacks."""

from __future__ import annotations

import _thread
import ast
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.base.errors import LightningError
from mkdocs_lightning.engines.offline import OfflineEngine
from mkdocs_lightning.engines.speech_process import has_crashed
from mkdocs_lightning.synthesis.policy import Policy
from mkdocs_lightning.synthesis.synthesizer import Synthesizer
from tests.support.repository import ROOT
from tests.support.segments import SEGMENT, SOUND, VOICE
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_lightning.audio.samples import Audio
    from mkdocs_lightning.reading.settings.voice import Voice


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
