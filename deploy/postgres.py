"""A PostgreSQL cluster of our own in a folder of its own, apart from whatever runs on this machine."""

import asyncio
import getpass
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final

from deploy.program import NotStarted, Program, found, free_port

ROOT: Final = 0
DATABASE: Final = "postgres"


class Postgres:
    """PostgreSQL runs for nobody who may do everything: where root starts it, it runs as the user that its package made."""

    def __init__(self) -> None:
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: float(each.parent.name))
        self._postgres, self._initdb = (found(name, *versions[::-1]) for name in ("postgres", "initdb"))
        self._user = "postgres" if os.geteuid() == ROOT else None
        self._folder = Path(tempfile.mkdtemp(prefix="crossdock-postgres-"))
        self._port = free_port()
        self._is_made = False
        command = (
            self._postgres, "-D", str(self._folder / "data"), "-p", str(self._port), "-k", str(self._folder),
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
        )  # fmt: skip
        self._program = Program(self._folder / "log", command, user=self._user)
        self.url = f"postgresql://{self._user or getpass.getuser()}@127.0.0.1:{self._port}/{DATABASE}"

    async def start(self) -> None:
        if not self._is_made:
            await self._make()
        await self._program.start()
        await self._program.listening(self._port)

    async def _make(self) -> None:
        if self._user is not None:
            shutil.chown(self._folder, self._user, self._user)
        data = str(self._folder / "data")
        command = (self._initdb, "-D", data, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        made = Program(self._folder / "initdb.log", command, user=self._user)
        await made.start()
        if await made.ended() != 0:
            raise NotStarted(made.written())
        self._is_made = True

    async def remove(self) -> None:
        """With all that is in it."""
        await self._program.stop(signal.SIGQUIT)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def stop(self) -> None:
        """As an operator stops it: whoever is connected is cut off, what was committed is kept."""
        await self._program.stop(signal.SIGINT)
