"""One replica of the gateway: `crossdock serve` by docker/replica.toml, with a port and a folder of its own."""

import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from deploy.program import Program, free_port

CONFIG: Final = Path(__file__).parents[1] / "docker" / "replica.toml"
Changes = Mapping[str, Any]


class Replica:
    """`changes` are made to the file's settings, table by table. `environment` is what the file takes from there."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *, workers: int = 1, changes: Changes | None = None
    ) -> None:
        folder.mkdir()
        self.port = free_port()
        own: Changes = {
            "host": "127.0.0.1",
            "port": self.port,
            "events": {"letters": str(folder / "letters.sqlite3")},
        }
        path = folder / "crossdock.toml"
        path.write_text(written(merged(merged(tomllib.loads(CONFIG.read_text()), own), changes or {})))
        command = (sys.executable, "-m", "gateway", "serve", "--config", str(path), "--workers", str(workers))
        self.program = Program(folder / "log", command, more=environment)
        self.url = f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Until it takes requests."""
        await self.program.start()
        await self.program.ready(f"{self.url}/health/ready")


def merged(table: Changes, changes: Changes) -> dict[str, Any]:
    both = dict(table)
    for name, value in changes.items():
        before = both.get(name)
        both[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, Mapping) else value
    return both


def written(table: Changes) -> str:
    """As TOML, a setting a line."""
    return "".join(f"{json.dumps(name)} = {_value(value)}\n" for name, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)} = {_value(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value) if isinstance(value, str | bool | int | float) else str(value)
