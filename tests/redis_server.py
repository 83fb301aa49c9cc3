"""A Redis of a test's own, to be killed and started again."""

import asyncio
import os
import shutil
import signal
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

PATIENCE_SECONDS = 10


class RedisServer:
    """Keeps nothing on disk unless it is given a folder. Where Redis is not installed the test is skipped, but not in CI."""

    def __init__(self, folder: Path | None = None) -> None:
        found = shutil.which("redis-server")
        if found is None and os.environ.get("CI") == "true":
            pytest.fail("CI must have redis-server")
        if found is None:
            pytest.skip("redis-server is not installed, so what several gateways share is not tested")
        self._program = found
        kept = ["--appendonly", "yes", "--appendfsync", "always", "--dir", str(folder)]
        self._keeps = ["--appendonly", "no"] if folder is None else kept
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()

    async def start(self) -> None:
        """Until it says that it takes connections."""
        self._process = await asyncio.create_subprocess_exec(
            self._program, "--port", str(self._port), "--save", "", *self._keeps, "--bind", "127.0.0.1",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        if self._process.stdout is None:
            raise TypeError("its output is piped")
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self._process.stdout:
                if b"Ready to accept connections" in line:
                    return
        pytest.fail("redis-server did not start")

    def freeze(self) -> None:
        """It holds its connections and answers nothing, until it is killed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.communicate()
            self._process = None
