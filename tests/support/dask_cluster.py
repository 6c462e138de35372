"""A Dask cluster on loopback: a scheduler and workers, each a process of its own, and a wire that is listened to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Wire:
    """Stands between a scheduler and all others, and keeps what it hands on.

    Attributes:
        address: Where others take it for the scheduler.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._heard: list[bytearray] = []  # of each connection and direction, as others' may come in between
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def heard(self) -> bytes:
        """All bytes, in both directions, since `forget`."""
        return b"\0".join(map(bytes, self._heard))

    def forget(self) -> None:
        """Begin anew to listen."""
        for heard in self._heard:
            heard.clear()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # or who waits for one would wait on
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._hand_on, args=(near,), daemon=True).start()

    def _hand_on(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self._port)) as far:
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        heard = bytearray()
        self._heard.append(heard)
        with suppress(OSError):
            while data := source.recv(1 << 16):
                heard += data
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


class DaskCluster:
    """A scheduler, and workers that are started one by one; a context manager.

    Attributes:
        address: Of the scheduler, through the wire.
        wire: Between it and all others.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "SMALLEST_API_KEY"},
            **environment,
            "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_VALIDATION_INTERVAL": "500ms",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        file = self._directory / "scheduler.json"
        self._start("scheduler", "dask_scheduler", "--port", "0", "--scheduler-file", str(file))
        wait_until(lambda: file.exists() and file.read_text(encoding="utf-8").endswith("}"), "the scheduler runs")
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        self.wire = Wire(int(address.rpartition(":")[2]))
        self.address = self.wire.address
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
        self.wire.close()

    def start_worker(self, name: str, threads: int = 4, **environment: str) -> None:
        """Start one; it is there when it says so in its log."""
        options = ["--no-nanny", "--nthreads", str(threads), "--name", name, "--local-directory", str(self._directory)]
        self._start(name, "dask_worker", self.address, *options, **environment)

    def wait_for(self, *names: str) -> None:
        """Wait until workers that were started are ready."""
        for name in names:
            wait_until(partial(self._is_ready, name), f"{name} is there")

    def kill(self, name: str) -> None:
        """End one, or the scheduler, without a word."""
        self._processes[name].kill()
        self._processes[name].wait()

    def freeze(self, name: str) -> None:
        """Stop one, as Ctrl-Z does: its connections stay, and it answers nothing."""
        self._processes[name].send_signal(signal.SIGSTOP)

    def log(self, name: str) -> str:
        """What one has written."""
        return (self._directory / f"{name}.log").read_text(encoding="utf-8")

    def _is_ready(self, name: str) -> bool:
        return "Starting established" in self.log(name)

    def _start(self, name: str, module: str, *options: str, **environment: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--host", "127.0.0.1", "--no-dashboard", *options]
        with (self._directory / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                command, env={**self._environment, **environment}, stdout=log, stderr=subprocess.STDOUT
            )
