"""The whole of it: a gateway with Tryton as its ERP and WMS, asked in GraphQL; CRM and carrier are the sandbox's."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from stack import CALM, Stack, served, served_each
from tryton_process import PATIENCE_SECONDS

from gateway.app import create_app
from gateway.settings import settings_from
from sandbox.data import load
from sandbox.serve import apps
from sandbox.tryton.office import Office
from sandbox.tryton.seed import PASSWORD, USER
from sandbox.tryton.seed_goods import BOLTS, SCARCE, TAPE
from sandbox.tryton.seed_parties import ALDER, BIRCH, CEDAR
from sandbox.tryton.server import DATABASE, TrytonServer
from tests.orders.counter import DECIDE, SUBMIT, VALIDATE

BOLT = BOLTS[20]


@pytest.fixture(scope="module")
async def over_tryton(tryton: TrytonServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    url = f"sqlite:///{tmp_path_factory.mktemp('tryton')}/submissions.db"
    async with AsyncExitStack() as stack:
        others = {role: app for role, app in apps(load("generated")).items() if role in {"crm", "carrier"}}
        addresses = await stack.enter_async_context(served_each(others))
        sources: dict[str, Any] = {role: {"url": each, "token": "sandbox"} for role, each in addresses.items()}
        for role in ("erp", "wms"):
            sources[role] = {
                "url": f"{tryton.url}/{DATABASE}",
                "connector": "tryton",
                "auth": {"username": USER, "password": PASSWORD},
                "timeout_seconds": PATIENCE_SECONDS,
                **CALM,
            }
        sources["erp"]["options"] = {"price_breaks": True}
        given = {
            "mode": "development",
            "sources": sources,
            "cache": {"enabled": False},
            "deadlines": {"query_seconds": 30.0, "mutation_seconds": 60.0},
            "submissions": {
                "url": url,
                "settle_seconds": 0.3,
                "read_seconds": 30.0,
                "write_seconds": 30.0,
                "lease_seconds": 90.0,
                "patience_seconds": 50.0,
            },
        }
        app = create_app(settings_from(given, origin="test"))
        gateway = await stack.enter_async_context(served(app))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=gateway, timeout=90, trust_env=False))
        yield Stack(client, addresses, app)


def order(office: Office, customer: str, sku: str, quantity: int, **more: Any) -> dict[str, Any]:
    (address, *_) = office.find("party.address", [["party.code", "=", customer]], ["id"])
    line = {"sku": sku, "quantity": str(quantity)}
    ship_to = str(address["id"])
    return {"company": "US", "customer": customer, "shipTo": ship_to, "lines": [line], **more}


async def submitted(gateway: Stack, given: dict[str, Any]) -> dict[str, Any]:
    answer = await gateway.ask(SUBMIT, {"input": {**given, "idempotencyKey": secrets.token_hex(8)}})
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["submitOrder"]
    return found


async def test_a_quote_an_account_and_an_order_are_answered_from_tryton(over_tryton: Stack) -> None:
    answer = await over_tryton.ask(
        """query Ask($sku: String!, $customer: String!) {
          item(sku: $sku) {
            name replacedBy { sku }
            price(customer: $customer, quantity: "60") { unit { amount currency } breaks { minimum unit { amount } } }
            availability(horizonDays: 30) { onHand inbound warehouses { warehouse { code } onHand } promise(quantity: "150") { complete } }
          }
          customer(number: $customer) {
            name credit { limit { amount } } shipTos { address { city } }
            orders(first: 3) { edges { node { number } } }
          }
          order(number: "1") { status total { amount } lines { quantity } shipments { number status } }
        }""",
        {"sku": TAPE, "customer": ALDER},
    )
    assert "errors" not in answer, answer
    item, customer, sale = (answer["data"][name] for name in ("item", "customer", "order"))
    assert item["price"]["unit"] == {"amount": "10.0000", "currency": "USD"}
    assert [each["minimum"] for each in item["price"]["breaks"]] == ["1", "10", "50"]
    assert (item["availability"]["inbound"], item["availability"]["promise"]["complete"]) == ("60", False)
    assert [each["warehouse"]["code"] for each in item["availability"]["warehouses"]] == ["CHI", "DAL"]
    assert customer["credit"]["limit"]["amount"] == "50000"
    assert [each["address"]["city"] for each in customer["shipTos"]] == ["Naperville", "Plano", "Madison"]
    assert sale["shipments"] == [{"number": "1", "status": "WAITING"}]


async def test_an_order_through_the_gateway_is_in_tryton_once_and_released(over_tryton: Stack, office: Office) -> None:
    given = {**order(office, ALDER, BOLT, 24), "idempotencyKey": secrets.token_hex(8), "poNumber": secrets.token_hex(4)}
    answers = [await over_tryton.ask(SUBMIT, {"input": given}) for _ in range(2)]
    first, again = (each["data"]["submitOrder"] for each in answers)
    assert (first["submission"]["status"], first["problems"]) == ("ACCEPTED", [])
    assert first["submission"]["erpOrderNumber"] == again["submission"]["erpOrderNumber"]
    assert first["order"]["status"] == "RELEASED"
    (sale,) = office.find("sale.sale", [["reference", "=", given["poNumber"]]], ["number", "state", "total_amount"])
    assert (sale["number"], sale["state"]) == (first["submission"]["erpOrderNumber"], "processing")
    assert first["order"]["total"]["amount"] == str(sale["total_amount"])
    shipments = office.find(
        "stock.shipment.out", [["moves.origin.sale.number", "=", sale["number"], "sale.line"]], ["state"]
    )
    assert [each["state"] for each in shipments] == ["waiting"]


async def test_credit_and_shortage_are_problems_before_anything_is_written(over_tryton: Stack, office: Office) -> None:
    before = office.call("model.sale.sale.search_count", [])
    found: dict[str, list[str]] = {}
    for name, given in {
        "credit": order(office, BIRCH, TAPE, 30),
        "shortage": order(office, CEDAR, SCARCE, 400, allowBackorder=False),
    }.items():
        checked = await over_tryton.ask(VALIDATE, {"input": given})
        assert "errors" not in checked, checked
        result = await submitted(over_tryton, given)
        found[name] = [each["code"] for each in checked["data"]["validateOrder"]["problems"]]
        assert [each["code"] for each in result["problems"]] == found[name]
        assert result["submission"]["status"] == "NEEDS_ATTENTION"
        assert checked["data"]["validateOrder"]["acceptable"] is False
    assert found == {"credit": ["CREDIT_LIMIT"], "shortage": ["INSUFFICIENT_AVAILABILITY"]}
    assert office.call("model.sale.sale.search_count", []) == before


async def test_what_a_person_releases_passes_tryton_s_own_check_too(over_tryton: Stack, office: Office) -> None:
    po = secrets.token_hex(4)
    result = await submitted(over_tryton, order(office, BIRCH, TAPE, 31, poNumber=po))
    decision = {"id": result["submission"]["id"], "decision": "RELEASE", "note": "paid by wire"}
    decided = await over_tryton.ask(DECIDE, {"input": decision})
    assert "errors" not in decided, decided
    submission = decided["data"]["resolveSubmission"]["submission"]
    assert submission["status"] == "ACCEPTED", submission
    (sale,) = office.find("sale.sale", [["reference", "=", po]], ["number", "state"])
    assert (sale["number"], sale["state"]) == (submission["erpOrderNumber"], "processing")
