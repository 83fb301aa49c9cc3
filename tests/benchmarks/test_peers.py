"""The peers of benchmarks/peers still answer as the gateway does, by the same calls: else the benchmark would measure something else."""

import asyncio
import socket
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
PORTS = 30
"""The sandbox's four, the upstream's four and one for each contestant, at the offsets that the benchmark takes."""

WITHOUT_NPM = ("Strawberry", "Ariadne")
CALLS = {
    "quote": "/items 2, /prices 2, /stock 2, /supply-demand 2",
    "item": "/items 2",
    "list": "/customers 2, /orders/search 2",
    "portal": "/customers 2, /items 2, /orders/by-customer 2, /shipments/by-order 2, /tracking 2",
}
"""Of the systems, for two of each question."""


def _free_ports() -> int:
    """The first of so many that are free, in a row."""
    for first in range(21_000, 30_000, PORTS):
        with suppress(OSError), ExitStack() as held:
            for port in range(first, first + PORTS):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise AssertionError("no free ports")


async def test_peers_answer_as_the_gateway_does_by_as_many_calls() -> None:
    compare = ("benchmarks/side_by_side.py", "--compare", "--port", str(_free_ports()), "--only", *WITHOUT_NPM)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *compare, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert (process.returncode, complained.decode()) == (0, "")
    lines = said.decode().splitlines()
    for question, calls in CALLS.items():
        at = next(at for at, line in enumerate(lines) if line.startswith(f"{question}: the same answers from "))
        compared = lines[at].partition(" from ")[2].split("; ")
        assert compared[:4] == ["Crossdock", "Starlette by hand", *WITHOUT_NPM]
        who, _, made = lines[at + 1].removeprefix("  calls of ").partition(": ")
        assert made == calls
        assert who == "all" or who.startswith("Crossdock; Starlette by hand")
