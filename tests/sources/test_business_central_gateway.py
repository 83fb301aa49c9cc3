"""A gateway whose ERP is Business Central: one query over its facts, and one order that ends up in it once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from central_over import good, options
from stack import CALM, served, served_each
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.app import create_app
from gateway.settings import settings_from
from sandbox.facts import Dataset
from sandbox.serve import apps
from tests.connectors.central import COMPANY_ID, Central
from tests.orders.counter import DECIDE, SUBMIT

QUERY = """
{
  items(skus: ["I1", "none"], company: "US") {
    sku name uom
    price(customer: "C1", quantity: "1") { unit { amount currency } source }
    availability { available }
  }
  customer(number: "C1", company: "US") {
    name
    credit { exposure { amount } available { amount } onHold }
    orders(first: 5) { totalCount edges { node { number status holds { code } lines { sku quantity } } } }
  }
}
"""
STOCK = [
    {
        "company": "US",
        "sku": sku,
        "warehouse": "EAST",
        "onHand": "40",
        "allocated": "0",
        "unsellable": "0",
        "safetyStock": "0",
    }
    for sku in ("I1", "I2")
]
PLACE = {"company": "US", "code": "EAST", "name": "East", "priority": 1}


class Doors:
    """Whether the warehouse refuses the next order."""

    are_closed = False


DOORS = Doors()


def warehouses() -> Starlette:
    """A WMS by the source contract, as far as an order needs one."""

    async def known(_: Request) -> Response:
        return JSONResponse({"warehouses": [PLACE], "errors": []})

    async def stock(_: Request) -> Response:
        return JSONResponse({"stock": STOCK, "warehouses": [PLACE], "today": "2026-11-25", "errors": []})

    async def release(request: Request) -> Response:
        asked = await request.json()
        if DOORS.are_closed:
            DOORS.are_closed = False
            return JSONResponse({"error": {"code": "REJECTED", "reason": "DOCK_CLOSED"}}, status_code=422)
        told = {"company": "US", "order": asked["order"], "releasedAt": "2026-11-25T12:00:00Z", "shipments": []}
        return JSONResponse(told, status_code=201)

    return Starlette(
        routes=[
            Route("/warehouses", known),
            Route("/stock", stock),
            Route("/orders/release", release, methods=["POST"]),
        ]
    )


@pytest.fixture(scope="module")
async def over(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[httpx.AsyncClient, Central]]:
    central, others = Central(good()), apps(Dataset.from_builtins({"items": [{"sku": "I1", "listPrice": "1"}]}))
    async with AsyncExitStack() as stack:
        systems = {"erp": central.app, "wms": warehouses(), "crm": others["crm"], "carrier": others["carrier"]}
        urls = await stack.enter_async_context(served_each(systems))
        sources: dict[str, Any] = {
            role: {"url": url, "token": "sandbox", "timeout_seconds": 2, **CALM} for role, url in urls.items()
        }
        sources["erp"] |= {"connector": "business_central", "options": options()}
        url = f"sqlite:///{tmp_path_factory.mktemp('orders')}/submissions.db"
        given = {
            "mode": "development", "sources": sources, "cache": {"enabled": False}, "submissions": {"url": url, "settle_seconds": 0.3},
        }  # fmt: skip
        gateway = await stack.enter_async_context(served(create_app(settings_from(given, origin="test"))))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=gateway, timeout=10, trust_env=False))
        yield client, central


async def asked(client: httpx.AsyncClient, query: str, **variables: Any) -> dict[str, Any]:
    body: dict[str, Any] = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def test_one_query_over_business_centrals_facts(over: tuple[httpx.AsyncClient, Central]) -> None:
    data = await asked(over[0], QUERY)
    assert data["items"] == [
        {
            "sku": "I1",
            "name": "Tape I1",
            "uom": "PCS",
            "price": {"unit": {"amount": "12.5", "currency": "USD"}, "source": "PRICE_LIST"},
            "availability": {"available": "40"},
        },
        None,
    ]
    assert data["customer"]["credit"] == {
        "exposure": {"amount": "250.5"},
        "available": {"amount": "749.5"},
        "onHold": False,
    }
    assert data["customer"]["orders"]["totalCount"] == 2
    assert [edge["node"] for edge in data["customer"]["orders"]["edges"]] == [
        {"number": "S1002", "status": "PARTIALLY_SHIPPED", "holds": [], "lines": [{"sku": "I2", "quantity": "2"}]},
        {"number": "S1001", "status": "OPEN", "holds": [], "lines": [{"sku": "I1", "quantity": "5"}]},
    ]


QUOTE = """
query Quote($input: QuoteInput!) {
  quote(input: $input) { subtotal { amount } tax { amount } freight { amount } total { amount } lines { sku total { amount } } }
}
"""


async def test_what_it_does_not_work_out_beforehand_is_null_and_no_error(
    over: tuple[httpx.AsyncClient, Central],
) -> None:
    given = {"customer": "C1", "company": "US", "shipTo": "C1", "lines": [{"sku": "I1", "quantity": "2"}]}
    quote = (await asked(over[0], QUOTE, input=given))["quote"]
    lines = [{"sku": "I1", "total": {"amount": "25.00"}}]
    assert quote == {"subtotal": {"amount": "25.00"}, "tax": None, "freight": None, "total": None, "lines": lines}


def order(quantity: str, key: str) -> dict[str, Any]:
    lines = [{"sku": "I1", "quantity": quantity}, {"sku": "I2", "quantity": "1"}]
    return {"customer": "C1", "company": "US", "shipTo": "C1", "poNumber": key, "idempotencyKey": key, "lines": lines}


async def test_an_order_is_in_business_central_once(over: tuple[httpx.AsyncClient, Central]) -> None:
    client, central = over
    before = len(central.tables[COMPANY_ID]["salesOrders"])
    answer = (await asked(client, SUBMIT, input=order("2", "4711")))["submitOrder"]
    again = (await asked(client, SUBMIT, input=order("2", "4711")))["submitOrder"]
    rows = central.tables[COMPANY_ID]["salesOrders"][before:]
    submission = answer["submission"]
    assert (submission["status"], answer["problems"]) == ("ACCEPTED", [])
    assert {step["name"]: step["status"] for step in submission["steps"]} == dict.fromkeys(
        ("check", "create", "release", "note"), "DONE"
    )
    assert submission["erpOrderNumber"] == again["submission"]["erpOrderNumber"] == rows[0]["number"]
    assert answer["order"]["total"] == {"amount": "37.5"}
    assert [row["externalDocumentNumber"][:3] for row in rows] == ["XD-"]
    assert [line.get("description") for line in rows[0]["salesOrderLines"]] == ["Customer PO: 4711", "I1", "I2"]


async def test_an_order_beyond_the_credit_limit_waits_and_is_written_nowhere(
    over: tuple[httpx.AsyncClient, Central],
) -> None:
    """Business Central's API works out no order, so what is owed and what is ordered are held against the limit here."""
    client, central = over
    before = len(central.tables[COMPANY_ID]["salesOrders"])
    answer = (await asked(client, SUBMIT, input=order("60", "4712")))["submitOrder"]
    assert answer["submission"]["status"] == "NEEDS_ATTENTION"
    assert "CREDIT_LIMIT" in [each["code"] for each in answer["problems"]]
    assert len(central.tables[COMPANY_ID]["salesOrders"]) == before


async def test_an_order_that_the_warehouse_refuses_stands_as_it_was_written_and_waits_for_a_person(
    over: tuple[httpx.AsyncClient, Central],
) -> None:
    """Business Central's API cannot hold an order."""
    client, central = over
    DOORS.are_closed = True
    answer = (await asked(client, SUBMIT, input=order("1", "4713")))["submitOrder"]
    number = central.tables[COMPANY_ID]["salesOrders"][-1]["number"]
    submission = answer["submission"]
    assert (submission["status"], [each["code"] for each in answer["problems"]]) == (
        "NEEDS_ATTENTION",
        ["RELEASE_REFUSED"],
    )
    assert [step["detail"] for step in submission["steps"] if step["name"] == "hold"] == [
        f"Order {number} waits without a hold, which the ERP does not know: The warehouse refuses to ship the order: DOCK_CLOSED."
    ]
    assert submission["erpOrderNumber"] == number
    decided = await asked(client, DECIDE, input={"id": submission["id"], "decision": "RELEASE", "note": "call them"})
    assert decided["resolveSubmission"]["submission"]["status"] == "ACCEPTED"
