"""What a browser with a window and a voice needs where there is neither: a screen and a sound card that go nowhere."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@contextmanager
def running(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    output: IO[str] | int = subprocess.DEVNULL,
    inherited: Sequence[int] = (),
) -> Iterator[None]:
    """A program until the block ends; then it is told to stop, and waited for.

    Args:
        command: With its arguments.
        env: All of its environment.
        output: Where it writes.
        inherited: File descriptors that it gets.
    """
    with subprocess.Popen(command, env=dict(env), stdout=output, stderr=output, pass_fds=inherited) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def home() -> Iterator[dict[str, str]]:
    """An environment with an empty home, where no sound card is known."""
    with TemporaryDirectory(prefix="home", ignore_cleanup_errors=True) as directory:
        own = {"HOME": directory, "XDG_RUNTIME_DIR": directory, "PULSE_RUNTIME_PATH": directory}
        yield {**os.environ, **own, "PULSE_SERVER": f"unix:{directory}/sound"}


@contextmanager
def sound_card(env: Mapping[str, str]) -> Iterator[None]:
    """PulseAudio for an environment of `home`; its one sink throws away what it hears, in real time."""
    command = [
        *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--log-level=error"),
        "--load=module-null-sink",
        f"--load=module-native-protocol-unix socket={env['PULSE_SERVER'].removeprefix('unix:')}",
    ]
    with running(command, env):
        yield


@contextmanager
def screen() -> Iterator[str]:
    """Xvfb, with room for one large window; the value of DISPLAY."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    with running(command, os.environ, inherited=[write]):
        os.close(write)
        with os.fdopen(read) as answer:
            yield f":{answer.readline().strip()}"
