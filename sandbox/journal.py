"""What has been written since the data set was made: an append-only file that four processes share."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from sandbox.entries import Entry

_PATIENCE = 5.0
_PAUSE = 0.002


class JournalBusyError(Exception):
    """Another process has held the journal's lock for too long."""


class JournalBrokenError(Exception):
    """A whole line of the journal is not an entry."""


class Journal:
    """Without a path it only remembers: then all systems must live in this process."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._read = 0
        self._lines = 0
        self._file = None if path is None else os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def news(self) -> list[Entry]:
        """Entries appended since the last call, by whichever process."""
        if self._file is None or os.fstat(self._file).st_size <= self._read:
            return []
        size = os.fstat(self._file).st_size
        data = os.pread(self._file, size - self._read, self._read)
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [self._entry(line) for line in whole.splitlines()]

    def _entry(self, line: bytes) -> Entry:
        self._lines += 1
        try:
            return self._decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as broken:
            raise JournalBrokenError(f"{self.path}, line {self._lines}: {broken}") from broken

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Alone among all processes. Read the news inside before deciding what to append."""
        if self._file is None:
            yield
            return
        await self._acquire(self._file)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    async def _acquire(self, file: int) -> None:
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if asyncio.get_running_loop().time() > deadline:
                    raise JournalBusyError(f"{self.path} is locked by another process") from None
                await asyncio.sleep(_PAUSE)
            else:
                return

    def append(self, entry: Entry) -> None:
        """Only inside `locked`. A half line at the end is what a killed process left: nobody else is writing, so it goes."""
        if self._file is None:
            return
        if os.fstat(self._file).st_size > self._read:
            os.ftruncate(self._file, self._read)
        line = msgspec.json.encode(entry) + b"\n"
        written = os.write(self._file, line)
        if written != len(line):
            os.ftruncate(self._file, self._read)
            raise OSError(f"{self.path}: the disk took only {written} of {len(line)} bytes")
        self._read += len(line)
        self._lines += 1
