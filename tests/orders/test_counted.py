"""Orders that are really handed in, decided on and pushed along by the sandbox are counted where they end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scripted_day import DAY, KEPT_DAYS, NEXT_DAY, QUERY
from stack import Stack, stack_over

from gateway.eventing import Eventing
from sandbox.data import load
from tests.orders.counter import Counter

SECRET = "shared"
ORDER = """
query($number: String!, $company: String) {
  order(number: $number, company: $company) { company shipments { number } }
}
"""
PARCELS = """
query($number: String!, $company: String) {
  shipment(number: $number, company: $company) { carrier parcels { trackingNumber } }
}
"""


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Counter]:
    submissions = {"url": f"sqlite:///{tmp_path}/submissions.db", "keep_days": KEPT_DAYS}
    senders = {role: {"secrets": [SECRET]} for role in ("wms", "carrier")}
    given: dict[str, Any] = {"submissions": submissions, "webhooks": senders, "events": {"letters": f"{tmp_path}/l"}}
    async with stack_over(load("generated"), **given) as running:
        for role in senders:
            target = {"url": f"{running.url}/webhooks/{role}", "secret": SECRET}
            await running.client.put(f"{running.addresses[role]}/_sandbox/webhook", json=target)
        samples = (await running.client.get(f"{running.addresses['erp']}/_sandbox/samples")).json()
        yield Counter(running, samples)


async def delivered(stack: Stack, number: str) -> int:
    """Every shipment of an order goes all its way; how many there are."""
    order = (await stack.ask(ORDER, {"number": number}))["data"]["order"]
    for shipment in order["shipments"]:
        where = {"shipment": shipment["number"], "company": order["company"]}
        await stack.client.post(f"{stack.addresses['wms']}/_sandbox/advance", json=where)
        named = {"number": shipment["number"], "company": order["company"]}
        sent = (await stack.ask(PARCELS, named))["data"]["shipment"]
        for parcel in sent["parcels"]:
            scanned = {**parcel, "carrier": sent["carrier"]}
            answer = await stack.client.post(f"{stack.addresses['carrier']}/_sandbox/advance", json=scanned)
            assert answer.status_code == 200, answer.text
    return len(order["shipments"])


async def figures(stack: Stack, since: datetime, until: datetime) -> dict[str, Any]:
    eventing: Eventing = stack.app.state.eventing
    assert eventing.bookkeeping is not None
    async with asyncio.timeout(10):
        await eventing.bookkeeping.written()
    body = await stack.ask(QUERY, {"since": since.isoformat(), "until": until.isoformat()})
    found: dict[str, Any] = body["data"]["operations"]["total"]
    return found


async def test_what_is_handed_in_and_delivered_is_counted_once_where_it_ended(shop: Counter) -> None:
    accepted = (await shop.submit(shop.sound()))["submission"]
    held = (await shop.submit(shop.problem("CREDIT_HOLD")))["submission"]
    waits = (await shop.submit(shop.problem("DUPLICATE_PO")))["submission"]
    assert (await shop.submit(shop.problem("UNKNOWN_ITEM")))["submission"]["status"] == "REJECTED"
    assert (await shop.decide(held["id"], "RELEASE"))["submission"]["status"] == "ACCEPTED"
    assert waits["status"] == "NEEDS_ATTENTION"
    shipments = await delivered(shop.stack, accepted["erpOrderNumber"])

    now = datetime.now(UTC)
    today = await figures(shop.stack, now - timedelta(hours=1), now + timedelta(minutes=1))
    outcomes = today["submissions"]
    assert [outcomes[name] for name in ("count", "straightThrough", "afterDecision", "rejected")] == [3, 1, 1, 1]
    assert today["exceptionResolution"]["count"] == 1
    assert [each["reason"] for each in today["exceptionReasons"]] == ["CREDIT_HOLD"]
    assert 0 <= today["exceptionResolution"]["medianSeconds"] < 60
    assert today["orderCycle"]["count"] == 0

    # The sandbox's systems live on the last day of their data: what they push is counted there.
    then = await figures(shop.stack, DAY, NEXT_DAY)
    assert then["shipmentConfirmation"]["count"] == shipments == 1
    assert then["orderCycle"]["count"] == 1
    assert [then["perfectOrders"][name] for name in ("delivered", "judged", "perfect")] == [1, 1, 1]
    assert then["submissions"]["count"] == 0
