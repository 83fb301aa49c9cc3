"""Keys belong to their caller, and what a caller may not see does not exist for it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from stack import CALM, ROLES, served_each

from gateway import wiring
from gateway.settings import settings_from
from orders.desk import Caller, Desk
from orders.record import Decision, SubmissionStatus
from orders.request import OrderRequest, RequestedLine
from orders.store import Listing
from sandbox.data import load
from sandbox.facts import Dataset
from sandbox.serve import apps
from sources.viewer import Viewer

ALICE, BOB = Viewer("alice"), Viewer("bob")
CANADIAN = Viewer("carol", companies=frozenset({"CA"}))
CUSTOMER_ONLY = Viewer("dave", companies=frozenset({"US"}), customers=frozenset({"10002"}))


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Made before the desk opens: while it is made the loop stands, and a lease would run out."""
    return load("generated")


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(served_each(apps(data)))
        sources = {role: {"url": addresses[role], "token": "sandbox", **CALM} for role in ROLES}
        url = f"sqlite:///{tmp_path_factory.mktemp('callers')}/submissions.db"
        settings = settings_from(
            {"mode": "development", "sources": sources, "cache": {"enabled": False}, "submissions": {"url": url}},
            origin="test",
        )
        opened = await stack.enter_async_context(wiring.opened_sources(settings))
        assert opened.ordering.desk is not None
        yield opened.ordering.desk


@pytest.fixture(scope="module")
def sound(data: Dataset) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(data.samples)["sound"][0]
    return found


def caller(viewer: Viewer) -> Caller:
    return Caller(viewer, "test", patience_seconds=5.0)


def request_of(order: dict[str, Any]) -> OrderRequest:
    lines = tuple(RequestedLine(line["sku"], Decimal(line["quantity"])) for line in order["lines"])
    return OrderRequest(customer=order["customer"], ship_to=order["shipTo"], company=order["company"], lines=lines)


async def test_the_same_key_of_two_callers_is_two_orders(desk: Desk, sound: dict[str, Any]) -> None:
    mine = (await desk.submit(caller(ALICE), "k1", request_of(sound))).submission
    other = {**sound, "lines": [{**sound["lines"][0], "quantity": "20"}]}
    theirs = (await desk.submit(caller(BOB), "k1", request_of(other))).submission
    assert mine is not None
    assert theirs is not None
    assert mine.id != theirs.id
    assert mine.erp_order_number != theirs.erp_order_number
    assert {mine.status, theirs.status} == {SubmissionStatus.ACCEPTED}


async def test_another_companys_submission_is_not_found_not_listed_not_counted_and_not_decided(
    desk: Desk, sound: dict[str, Any]
) -> None:
    mine = (await desk.submit(caller(ALICE), "k2", request_of(sound))).submission
    assert mine is not None
    for stranger in (CANADIAN, CUSTOMER_ONLY):
        assert await desk.get(stranger, mine.id) is None
        assert await desk.by_id(stranger, [mine.id]) == {}
        assert await desk.page(stranger, Listing()) == []
        assert await desk.count(stranger, Listing()) == 0
        answer = await desk.resolve(caller(stranger), mine.id, Decision.RELEASE, note="mine now", lines=())
        assert answer == (None, ())
        assert (await desk.cancel(caller(stranger), mine.id, "")).submission is None
        assert (await desk.retry(caller(stranger), mine.id, "")).submission is None


async def test_a_caller_of_the_same_company_sees_it(desk: Desk, sound: dict[str, Any]) -> None:
    mine = (await desk.submit(caller(ALICE), "k3", request_of(sound))).submission
    colleague = Viewer("erin", companies=frozenset({"US"}))
    assert mine is not None
    found = await desk.get(colleague, mine.id)
    assert found == mine
