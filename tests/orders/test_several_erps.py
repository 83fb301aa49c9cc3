"""Orders of two companies: each is written in its own ERP and released in the system of its warehouse, and nothing crosses over."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from several import Several, several_over
from two_companies import SYSTEMS, WORLDS

from tests.orders.counter import WRITES, Counter, codes

UNDER_WAY = {"QUEUED", "RUNNING", "RECONCILING"}


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Several]:
    url = f"sqlite:///{tmp_path_factory.mktemp('orders')}/submissions.db"
    submissions = {"url": url, "settle_seconds": 0.3, "attempts": 1}
    async with several_over(WORLDS, SYSTEMS, submissions=submissions) as several:
        yield several


@pytest.fixture
async def several(running: Several) -> AsyncIterator[Several]:
    await running.calls()
    yield running
    await running.mend()


@pytest.fixture
def counter(several: Several) -> Counter:
    return Counter(several, {"sound": []})


def order(company: str | None, customer: str, ship_to: str, sku: str = "BOLT", **more: Any) -> dict[str, Any]:
    lines = [{"sku": sku, "quantity": "2"}]
    named = {} if company is None else {"company": company}
    return {**named, "customer": customer, "shipTo": ship_to, "channel": "DIRECT", "lines": lines, **more}


async def writes(several: Several) -> dict[str, int]:
    return {name: count for name, count in (await several.calls()).items() if name.partition(" ")[2] in WRITES}


@pytest.mark.parametrize(
    ("asked", "erp", "wms", "warehouse"),
    [
        (order("US", "C1", "S1"), "us", "reno", "RNO"),
        (order("US", "C2", "S2"), "us", "dallas", "DAL"),
        (order("CA", "C9", "S9"), "ca", "toronto", "TOR"),
        (order(None, "C9", "S9"), "ca", "toronto", "TOR"),
    ],
)
async def test_an_order_is_written_in_its_companys_erp_and_released_by_its_warehouses_system(
    several: Several, counter: Counter, asked: dict[str, Any], erp: str, *, wms: str, warehouse: str
) -> None:
    answer = await counter.submit(asked)
    assert (answer["submission"]["status"], answer["problems"]) == ("ACCEPTED", [])
    assert await writes(several) == {
        f"erp.{erp} POST /orders": 1,
        f"wms.{wms} POST /orders/release": 1,
        f"crm.{erp} POST /notes": 1,
    }
    number, company = answer["order"]["number"], erp.upper()
    seen = await several.ask(
        "query ($n: String!, $c: String) { order(number: $n, company: $c) { status shipments { warehouse { code } } } }",
        {"n": number, "c": company},
    )
    assert seen["data"]["order"] == {"status": "RELEASED", "shipments": [{"warehouse": {"code": warehouse}}]}


async def test_a_customer_of_both_companies_is_sold_to_by_neither_until_one_is_named(
    several: Several, counter: Counter
) -> None:
    answer = await counter.submit(order(None, "C1", "NOWHERE"))
    assert answer["submission"]["status"] == "REJECTED"
    assert await writes(several) == {}


async def test_who_sells_does_not_hang_on_which_erp_is_down(several: Several, counter: Counter) -> None:
    """C1 and S1 are in the US; while Canada's ERP is down, nobody knows whether C1 is its customer, too."""
    await several.fault("erp.ca", status=503)
    verdict = await counter.validate(order(None, "C1", "S1"))
    assert (verdict["acceptable"], codes(verdict)) == (False, ["SOURCE_UNAVAILABLE"])
    assert await writes(several) == {}
    named = await counter.validate(order("US", "C1", "S1"))
    assert (named["acceptable"], named["problems"]) == (True, [])


async def ended(counter: Counter, submission_id: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while (now := await counter.look(submission_id))["status"] in UNDER_WAY:  # noqa: ASYNC110 - asked of a server
            await asyncio.sleep(0.05)
    return now


async def test_an_order_waits_for_its_own_erp_while_the_others_orders_go_on(several: Several, counter: Counter) -> None:
    await several.fault("erp.ca", operation="POST /orders", status=429, retry_after=1)
    waiting = await counter.submit(order("CA", "C9", "S9"))
    assert waiting["submission"]["status"] == "QUEUED"
    written = await counter.submit(order("US", "C2", "S2"))
    assert written["submission"]["status"] == "ACCEPTED"
    await several.mend()
    assert (await ended(counter, waiting["submission"]["id"]))["status"] == "ACCEPTED"
    assert (await writes(several))["wms.toronto POST /orders/release"] == 1


BRITTLE = {"breaker": {"minimum": 2, "window": 2, "probe_seconds": 0.2, "step_seconds": 0.05}}


async def test_an_erp_that_is_known_to_be_down_keeps_its_own_companys_orders_waiting_and_no_others(
    tmp_path: Path,
) -> None:
    systems = {**SYSTEMS, "erp": {**SYSTEMS["erp"], "ca": {**SYSTEMS["erp"]["ca"], **BRITTLE}}}
    submissions = {"url": f"sqlite:///{tmp_path}/submissions.db", "settle_seconds": 0.3}
    async with several_over(WORLDS, systems, submissions=submissions) as several:
        counter = Counter(several, {"sound": []})
        await several.fault("erp.ca", status=503)
        for _ in range(2):
            await several.ask('{ item(sku: "BOLT", company: "CA") { name } }')
        states = (await several.ask("{ sources { name breaker } }"))["data"]["sources"]
        assert [row["name"] for row in states if row["breaker"] == "OPEN"] == ["erp.ca"]
        await several.calls()
        waiting = await counter.submit(order("CA", "C9", "S9"))
        assert (waiting["submission"]["status"], waiting["submission"]["steps"]) == ("QUEUED", [])
        open_to_both = await counter.submit(order(None, "C2", "S2"))  # begun, for one of the two may sell it
        assert (open_to_both["submission"]["status"], open_to_both["submission"]["steps"][0]["attempts"]) == (
            "QUEUED",
            1,
        )
        written = await counter.submit(order("US", "C2", "S2"))
        assert written["submission"]["status"] == "ACCEPTED"
        await several.mend()
        assert (await ended(counter, waiting["submission"]["id"]))["status"] == "ACCEPTED"
