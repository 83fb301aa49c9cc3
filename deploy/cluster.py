"""`make cluster`: the whole of docker-compose.yml as processes on this machine, until Ctrl-C.

python -m deploy.cluster [--port 8080] [--workers 1] [--data generated]
Four sandbox systems, Redis, a PostgreSQL cluster of its own, two replicas of the gateway in production mode, HAProxy before them.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from deploy.postgres import Postgres
from deploy.program import NotInstalled, NotStarted
from deploy.proxy import Proxy
from deploy.redis_server import RedisServer
from deploy.replica import Changes, Replica
from deploy.systems import TOKEN, Systems
from gateway.auth import hashed, new_key

REPLICAS: Final = 2


class Options(NamedTuple):
    """`port` is the proxy's; None: any. `changes` are made to the replicas' settings."""

    port: int | None = None
    workers: int = 1
    data: str = "generated"
    changes: Changes | None = None


class Cluster(NamedTuple):
    """`key` opens the gateway."""

    key: str
    systems: Systems
    redis: RedisServer
    postgres: Postgres
    replicas: tuple[Replica, Replica]
    proxy: Proxy

    @property
    def url(self) -> str:
        return self.proxy.url

    async def stop(self) -> None:
        """From the door inwards."""
        await asyncio.gather(*(each.program.stop() for each in self.replicas))
        await self.proxy.stop()
        await self.systems.stop()
        await self.redis.stop()
        await self.postgres.remove()


@asynccontextmanager
async def running(folder: Path, options: Options) -> AsyncIterator[Cluster]:
    """Raises NotInstalled, or NotStarted with what the program said."""
    async with AsyncExitStack() as stack:
        systems, redis, postgres = Systems(folder, options.data), RedisServer(folder), Postgres()
        key = new_key("operator")
        given = environment(key, systems, redis, postgres)
        first, second = (
            Replica(folder / f"replica-{at}", given, workers=options.workers, changes=options.changes)
            for at in range(1, REPLICAS + 1)
        )
        proxy = Proxy(folder, (first.port, second.port), options.port)
        cluster = Cluster(key, systems, redis, postgres, (first, second), proxy)
        stack.push_async_callback(cluster.stop)  # also what a start left half done
        await asyncio.gather(postgres.start(), redis.start(), systems.start())
        await asyncio.gather(first.start(), second.start())
        await proxy.start()
        await systems.aim(proxy.url)
        yield cluster


def environment(key: str, systems: Systems, redis: RedisServer, postgres: Postgres) -> Mapping[str, str]:
    """What docker/replica.toml takes from there."""
    roles = {f"{role.upper()}_URL": url for role, url in systems.urls.items()}
    tokens = {f"{role.upper()}_TOKEN": TOKEN for role in systems.urls}
    secrets = {f"{role.upper()}_WEBHOOK_SECRET": TOKEN for role in ("wms", "carrier")}
    return {
        "CROSSDOCK_KEY_HASH": hashed(key),
        "REDIS_URL": redis.url,
        "DATABASE_URL": postgres.url,
        **roles,
        **tokens,
        **secrets,
    }


async def _served(options: Options) -> None:
    """Until a signal says otherwise, also while it starts."""
    loop, own = asyncio.get_running_loop(), asyncio.current_task()
    if own is None:
        raise TypeError("It is run as a task.")
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, own.cancel)
    with suppress(asyncio.CancelledError), tempfile.TemporaryDirectory(prefix="crossdock-cluster-") as folder:
        _say(f"starting; what each says is in {folder}")
        async with running(Path(folder), options) as cluster:
            _say(_announced(cluster))
            try:
                await asyncio.Event().wait()
            finally:
                _say("stopping: each replica gives notice first")


def _announced(cluster: Cluster) -> str:
    first, second = (each.url for each in cluster.replicas)
    ask = """'{"query": "{ searchItems(first: 3) { edges { node { sku name } } } }"}'"""
    return (
        f"\nCrossdock   {cluster.url}/graphql\nReplicas    {first}  {second}\n"
        f"Key         {cluster.key}\nMetrics     {first}/metrics\n\n"
        f"curl {cluster.url}/graphql -H 'Content-Type: application/json' -H 'Authorization: Bearer {cluster.key}' -d {ask}\n\n"
        f"`kill {cluster.replicas[0].program.pid}` drains the first replica. Ctrl-C stops all."
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="the proxy's (default 8080)")
    parser.add_argument("--workers", type=int, default=1, help="of each replica (default 1)")
    parser.add_argument("--data", default="generated", help="the sandbox's: 'generated', or a file or folder")
    given = parser.parse_args()
    try:
        asyncio.run(_served(Options(given.port, given.workers, given.data)))
    except (NotInstalled, NotStarted) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
