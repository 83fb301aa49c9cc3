"""How long a neighbour's quote of 50 lines takes while one caller does nothing but attack.

python benchmarks/attacks.py [--rounds 5] [--seconds 4]
The attacks are those of tests/gateway/test_attacks.py, one after the other without a pause and without a rate limit, from a process of
its own. Rounds with and without the attacker alternate. In production a caller has ten requests a second (`[rates]`).
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import served
import uvloop

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE.parent / "tests" / "gateway")]
WANTED = 2.0


async def attack(port: int) -> None:
    """Until it is killed."""
    from test_attacks import ATTACKS  # noqa: PLC0415 - the attacker's process needs them only

    bodies = [content for content, *_ in ATTACKS.values()]
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as http:
        for at in range(10**9):
            try:
                async with http.post("/graphql", data=bodies[at % len(bodies)]) as answer:
                    await answer.read()
            except aiohttp.ClientError:
                continue  # what is refused before it has come ends its connection


@contextmanager
def attacked(port: int) -> Iterator[None]:
    with subprocess.Popen([sys.executable, __file__, "--attack", str(port)]) as process:  # noqa: S603 - our own program
        try:
            yield
        finally:
            process.kill()


async def neighbour(port: int, body: bytes, seconds: float) -> list[float]:
    return sorted(1000 * each for each in await served.load(port, "/graphql", body, seconds=seconds, concurrency=1))


def measured(port: int, body: bytes, options: argparse.Namespace) -> bool:
    alone: list[float] = []
    beside: list[float] = []
    asyncio.run(neighbour(port, body, options.seconds))
    for _ in range(options.rounds):
        alone += asyncio.run(neighbour(port, body, options.seconds))
        with attacked(port):
            asyncio.run(asyncio.sleep(1))  # until it has begun
            beside += asyncio.run(neighbour(port, body, options.seconds))
    print(f"{'a quote of 50, ms':<24}{'p50':>8}{'p95':>8}{'count':>8}")
    for name, took in (("alone", sorted(alone)), ("beside an attacker", sorted(beside))):
        print(f"{name:<24}{statistics.median(took):>8.1f}{took[int(len(took) * 0.95)]:>8.1f}{len(took):>8}")
    ratio = statistics.median(beside) / statistics.median(alone)
    print(f"\nratio of the medians {ratio:.2f} (wanted: at most {WANTED})")
    return ratio <= WANTED


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--attack", type=int, default=0, help="be the attacker of this port")
    options = parser.parse_args()
    uvloop.install()
    if options.attack:
        asyncio.run(attack(options.attack))
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(served.settings(served.UPSTREAM))
        config.flush()
        with (
            served.started("-m", "sandbox", "--port", str(served.SANDBOX), ready=b"sandbox ready"),
            served.started(
                str(HERE / "upstream.py"), str(served.SANDBOX), str(served.UPSTREAM), ready=b"upstream ready"
            ),
            served.started("-m", "gateway", "serve", "--config", config.name, port=served.GATEWAY) as gateway,
        ):
            body = json.dumps({"query": served.QUERIES["quote"], "variables": served.questions()["quote"]}).encode()
            return 0 if measured(gateway.port, body, options) else 1


if __name__ == "__main__":
    sys.exit(main())
