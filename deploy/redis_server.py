"""A Redis of our own, which keeps what it is told in a folder."""

from pathlib import Path

from deploy.program import Program, found, free_port


class RedisServer:
    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        command = (
            found("redis-server"), "--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
        )  # fmt: skip
        self._program = Program(folder / "redis.log", command)
        self.url = f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        await self._program.start()
        await self._program.listening(self._port)

    async def stop(self) -> None:
        await self._program.stop()
