"""A trytond in a process of its own, over a copy of a database that goes with it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

DATABASE = "erp"
ADMINISTRATOR, PASSWORD = "admin", "admin-of-the-sandbox"
START_SECONDS = 60.0
STOP_SECONDS = 5.0


class TrytonDidNotStartError(Exception):
    """It ended, or it did not answer in time; with the end of its log."""


def configuration(folder: Path, *, port: int, leaves_work: bool = False) -> str:
    """`leaves_work`: what may wait is left to a worker, which nobody starts here."""
    queue = "[queue]\nworker = True\n" if leaves_work else ""
    return f"[web]\nlisten = 127.0.0.1:{port}\n[database]\nuri = sqlite://\npath = {folder}\n{queue}"


class TrytonServer:
    """Runs from `with` to its end. `log` is what it told."""

    def __init__(
        self, venv: Path, template: Path, *, folder: Path | None = None, port: int = 0, leaves_work: bool = False
    ) -> None:
        self._venv, self._template, self._parent = venv, template, folder
        self._leaves_work = leaves_work
        self._port = port or _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="tryton-", dir=self._parent)
        try:
            self._start(Path(self._folder.name))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def database(self) -> Path:
        return self._within(f"{DATABASE}.sqlite")

    @property
    def log(self) -> str:
        return self._within("log").read_text(errors="replace")

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("it does not run")
        return self._process.pid

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()  # it has no handler for it and ends at once, which SQLite's journal is made for
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self, folder: Path) -> None:
        shutil.copy(self._template, self.database)
        config = folder / "trytond.conf"
        config.write_text(configuration(folder, port=self._port, leaves_work=self._leaves_work))
        command = [str(self._venv / "bin" / "trytond"), "-c", str(config), "-d", DATABASE]
        untraced = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        with (folder / "log").open("wb") as log:
            # A session of its own: Ctrl-C reaches whoever started it, and that one ends it.
            self._process = subprocess.Popen(  # noqa: S603 - our own environment's program
                command, stdout=log, stderr=subprocess.STDOUT, env=untraced, start_new_session=True
            )
        self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        late = time.monotonic() + START_SECONDS
        with httpx.Client(base_url=self.url, timeout=5, trust_env=False) as client:
            while not _answers(client):
                if process.poll() is not None or time.monotonic() > late:
                    raise TrytonDidNotStartError(self.log[-2_000:])
                time.sleep(0.05)

    def _end(self) -> None:
        self.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _within(self, name: str) -> Path:
        if self._folder is None:
            raise RuntimeError("it was not started")
        return Path(self._folder.name) / name


def _answers(client: httpx.Client) -> bool:
    question = {"id": 0, "method": "common.server.version", "params": []}
    try:
        return client.post("/rpc/", json=question).is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
