"""`python -m sandbox`: four processes that start together, fall alone and stop together."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox import writing
from tests.tries import least

FACTS: dict[str, Any] = {
    "items": [{"sku": "A", "listPrice": "1"}],
    "customers": [{"number": "C"}],
    "shipTos": [{"code": "S", "customer": "C"}],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 5}],
}
ORDER = {
    "externalReference": "R",
    "company": "US",
    "customer": "C",
    "shipTo": "S",
    "lines": [{"line": 1, "sku": "A", "quantity": "2"}],
}
pytestmark = pytest.mark.alone  # programs on ports that were free a moment ago
NAMES = ("erp", "crm", "wms", "carrier")
FactsFile = Callable[[dict[str, Any]], Path]


async def gone(port: int) -> None:
    """Until nothing listens on the port any more."""
    async with asyncio.timeout(5):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return
            except ConnectionResetError:  # it ended between taking the connection and answering it
                continue
            writer.close()


async def test_all_four_are_ready_with_generated_data_in_five_seconds(start: Any) -> None:
    async def ready_seconds(_: int) -> float:
        begun = time.monotonic()
        async with start():
            return time.monotonic() - begun

    assert await least(ready_seconds, below=5) < 5


async def test_all_four_say_where_they_are_and_know_the_same_data(start: Any) -> None:
    async with start() as sandbox:
        assert sandbox.lines == [
            f"{name:8}http://127.0.0.1:{sandbox.port + at}\n"
            for at, name in enumerate(("erp", "crm", "wms", "carrier"))
        ]
        async with sandbox.client("carrier") as carrier:
            samples = (await carrier.get("/_sandbox/samples")).json()
            numbers = [("trackingNumber", number) for number in samples["trackingNumbers"][:50]]
            answer = (await carrier.get("/tracking", params=numbers)).json()
            assert len(answer["tracking"]) == 50


async def test_an_order_is_seen_by_the_other_processes_at_once(start: Any, facts_file: FactsFile) -> None:
    async with start("--data", str(facts_file(FACTS))) as sandbox, sandbox.client("erp") as erp:
        number = (await erp.post("/orders", json=ORDER)).json()["number"]
        async with sandbox.client("wms") as wms:
            (row,) = (await wms.get("/stock?sku=A")).json()["stock"]
            (shipment,) = (await wms.get(f"/shipments/by-order?order={number}")).json()["shipments"]
        assert (row["allocated"], shipment["status"]) == ("2", "WAITING")


async def test_what_one_process_writes_all_four_tell(start: Any, facts_file: FactsFile) -> None:
    async with start("--data", str(facts_file(writing.FACTS))) as sandbox, AsyncExitStack() as stack:
        clients = {name: await stack.enter_async_context(sandbox.client(name)) for name in NAMES}
        number = await writing.placed(clients["erp"])
        await clients["erp"].post("/orders/hold", json=writing.hold(number))
        wrong = await clients["wms"].post("/orders/release", json=writing.release(number))
        assert writing.refused(wrong) == (422, "ORDER_ON_HOLD", "order")
        await clients["erp"].post("/orders/unhold", json=writing.unhold(number))
        assert (await clients["wms"].post("/orders/release", json=writing.release(number))).status_code == 201
        assert (await clients["crm"].post("/notes", json=writing.note())).status_code == 201
        (told,) = (await clients["erp"].get(f"/orders?number={number}")).json()["orders"]
        assert told["status"] == "RELEASED"
        await clients["erp"].post("/orders/cancel", json=writing.cancel(number))
        written = [await writing.written(client) for client in clients.values()]
        assert written == [written[0]] * 4
        assert [(row["number"], row["status"]) for row in written[0]["orders"]] == [(number, "CANCELLED")]
        assert (await writing.figures(clients))[0] == "3"


async def test_one_is_killed_alone_and_comes_back_with_what_was_written(
    start: Any, facts_file: FactsFile, tmp_path: Path
) -> None:
    arguments = ("--data", str(facts_file(FACTS)), "--journal", str(tmp_path / "journal"))
    async with start(*arguments) as sandbox, sandbox.client("erp") as erp:
        await erp.post("/orders", json=ORDER)
        os.kill(sandbox.child("wms"), signal.SIGKILL)
        await gone(sandbox.port + 2)
        assert (await erp.get("/items?sku=A")).status_code == 200
        async with start(*arguments, "--only", "wms", port=sandbox.port) as alone, alone.client("wms") as wms:
            (row,) = (await wms.get("/stock?sku=A")).json()["stock"]
            assert row["allocated"] == "2"
            alone.process.send_signal(signal.SIGTERM)
            assert await alone.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_all_four_cleanly_even_while_a_call_hangs(
    start: Any, facts_file: FactsFile, number: signal.Signals
) -> None:
    async with start("--data", str(facts_file(FACTS))) as sandbox, sandbox.client("erp") as erp:
        await erp.put("/_sandbox/faults", json={"hang": True})
        hanging = asyncio.create_task(erp.get("/items?sku=A"))
        async with asyncio.timeout(5):
            while (await erp.get("/_sandbox/calls")).json()["total"] < 1:
                pass
        sandbox.process.send_signal(number)
        assert await sandbox.ended() == 0
        with pytest.raises(httpx.HTTPError):
            await hanging
        for at in range(4):
            await gone(sandbox.port + at)


async def test_the_children_end_with_a_parent_that_is_killed(start: Any, facts_file: FactsFile) -> None:
    async with start("--data", str(facts_file(FACTS))) as sandbox:
        sandbox.process.kill()
        assert await sandbox.ended() == -signal.SIGKILL
        for at in range(4):
            await gone(sandbox.port + at)


async def failed(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", *arguments),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(20):
        _, errors = await process.communicate()
    return process.returncode, errors.decode()


def bound(port: int) -> socket.socket | None:
    made = socket.socket()
    try:
        made.bind(("127.0.0.1", port))
    except OSError:
        made.close()
        return None
    return made


async def test_a_taken_port_is_one_line_that_names_it() -> None:
    """The two ports before it are free, so it is the first that is taken."""
    while True:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            before = [bound(port - 2), bound(port - 1)]
            for each in before:
                if each is not None:
                    each.close()
            if None not in before:
                code, errors = await failed("--port", str(port - 2))
                break
    assert (code, errors) == (1, f"sandbox: port {port} on 127.0.0.1 cannot be used: Address already in use\n")


async def test_data_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    code, errors = await failed("--port", "23990", "--data", str(tmp_path / "none.json"))
    assert (code, errors) == (1, f"sandbox: {tmp_path / 'none.json'}: No such file or directory\n")


async def test_a_token_of_ones_own_is_the_one_that_counts(start: Any, facts_file: FactsFile) -> None:
    async with (
        start("--data", str(facts_file(FACTS)), "--only", "crm", "--token", "t") as sandbox,
        sandbox.client("crm") as crm,
    ):
        assert (await crm.get("/relationships?customer=C")).status_code == 401
        own = {"Authorization": "Bearer t"}
        assert (await crm.get("/relationships?customer=C", headers=own)).status_code == 200
