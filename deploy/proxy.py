"""HAProxy before two replicas, by the very file that docker-compose.yml mounts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.program import Program, found, free_port

CONFIG: Final = Path(__file__).parents[1] / "docker" / "haproxy.cfg"


class Proxy:
    def __init__(self, folder: Path, replicas: Sequence[int], port: int | None = None) -> None:
        """`replicas`: their ports."""
        self._port = port or free_port()
        first, second = replicas
        given = {
            "CROSSDOCK_LISTEN": f"127.0.0.1:{self._port}",
            "CROSSDOCK_REPLICA_1": f"127.0.0.1:{first}",
            "CROSSDOCK_REPLICA_2": f"127.0.0.1:{second}",
        }
        command = (found("haproxy", Path("/usr/sbin")), "-db", "-f", str(CONFIG))
        self._program = Program(folder / "haproxy.log", command, more=given)
        self.url = f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        await self._program.start()
        await self._program.listening(self._port)

    async def stop(self) -> None:
        await self._program.kill()

    def written(self) -> str:
        return self._program.written()
