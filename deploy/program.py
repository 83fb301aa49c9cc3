"""A program as a process of ours: started, asked, told to stop, killed and started again; what it says goes to a file."""

import asyncio
import os
import secrets
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx

PATIENCE_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.05


LOWEST_PORT: Final = 20_000
HIGHEST_PORT: Final = 32_000


class NotInstalled(Exception):
    """The program is not on this machine."""


class NotStarted(Exception):
    """It ended, or said nothing, before it could be used."""


class Program:
    """`command` is what is run; `user`: as whom, where this process may choose."""

    def __init__(
        self, log: Path, command: Sequence[str], *, more: Mapping[str, str] | None = None, user: str | None = None
    ) -> None:
        self._log, self._command, self._user = log, command, user
        self._environment = {**os.environ, **(more or {})}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise NotStarted(self._command[0])
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """In a session of its own: Ctrl-C reaches whoever started it, and stops it in its turn."""
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                start_new_session=True,
            )

    async def listening(self, port: int, host: str = "127.0.0.1") -> None:
        """Until it takes connections."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await _takes(host, port):
                if not self.runs:
                    raise NotStarted(f"{self._command[0]}: {self.written()[-2_000:]}")
                await asyncio.sleep(LOOK_SECONDS)

    async def ready(self, url: str) -> None:
        """Until it answers there that all is well."""
        async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient(trust_env=False) as client:
            while not await _answers(client, url):
                if not self.runs:
                    raise NotStarted(f"{self._command[0]}: {self.written()[-2_000:]}")
                await asyncio.sleep(LOOK_SECONDS)

    async def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        if self._process is None:
            raise NotStarted(self._command[0])
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = PATIENCE_SECONDS) -> int | None:
        """Its exit code; killed where it takes too long. None where it does not run."""
        process = self._process
        if process is None or process.returncode is not None:
            return None
        process.send_signal(number)
        try:
            async with asyncio.timeout(seconds):
                return await process.wait()
        except TimeoutError:
            process.kill()
            return await process.wait()

    async def kill(self) -> None:
        await self.stop(signal.SIGKILL)

    def written(self) -> str:
        return self._log.read_text(errors="replace")


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


async def _takes(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


def found(name: str, *folders: Path) -> str:
    """Where the program is; `folders` are looked through after the usual ones."""
    path = shutil.which(name) or next((str(each / name) for each in folders if os.access(each / name, os.X_OK)), None)
    if path is None:
        raise NotInstalled(f"{name} is not installed")
    return path


def free_port(count: int = 1) -> int:
    """The first of so many in a row that nobody uses.

    Below those that the system itself gives to outgoing connections: one of these could be taken before it is used.
    """
    while True:
        first = LOWEST_PORT + secrets.randbelow(HIGHEST_PORT - LOWEST_PORT - count)
        with ExitStack() as stack:
            try:
                for at in range(count):
                    _bound(stack, first + at)
            except OSError:
                continue
            return first


def _bound(stack: ExitStack, port: int) -> int:
    free = stack.enter_context(socket.socket())
    free.bind(("127.0.0.1", port))
    found_port: int = free.getsockname()[1]
    return found_port
