"""A gateway whose WMS is ShipHero: configured as its README says, asked by GraphQL; an order from the counter to the floor."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from shiphero_account import REFRESH, Account, label
from stack import CALM, Stack, served_each, stack_over

from sandbox.data import load
from sandbox.facts import Dataset
from sandbox.serve import apps
from tests.connectors.running import listening
from tests.orders.counter import Counter, codes, steps

FACTS = Path(__file__).parents[1] / "contract_facts.yaml"
QUERY = """{
  item(sku: "TAPE-48", company: "US") {
    availability { onHand allocated warehouses { warehouse { code name } onHand } }
  }
  other: item(sku: "TAPE-48", company: "CA") { availability { onHand } }
  order(number: "1002", company: "US") {
    shipments { number status warehouse { code } parcels { trackingNumber contents { sku quantity } } }
  }
  shipment(number: "501") { carrier order { number } }
  missing: shipment(number: "999") { number }
}"""


@asynccontextmanager
async def gateway_over(
    account: Account, dataset: Dataset, codes: dict[str, str], **settings: Any
) -> AsyncIterator[tuple[Stack, str]]:
    """A gateway, and the address of its ERP."""
    async with AsyncExitStack() as stack:
        others = {role: app for role, app in apps(dataset).items() if role != "wms"}
        urls = await stack.enter_async_context(served_each(others))
        sources: dict[str, Any] = {role: {"url": url, "token": "sandbox", **CALM} for role, url in urls.items()}
        sources["wms"] = {
            "connector": "shiphero",
            "url": await stack.enter_async_context(listening(account.app)),
            "auth": {"refresh_token": REFRESH},
            "options": {"company": "US", "warehouse_codes": codes},
            **CALM,
        }
        empty = Dataset.from_builtins({"items": []})
        yield await stack.enter_async_context(stack_over(empty, sources=sources, **settings)), urls["erp"]


async def test_stock_and_shipments_are_shipheros_and_another_companys_are_not() -> None:
    account = Account()
    reno, atlanta = account.warehouse(76733, "Reno"), account.warehouse(76734, "Atlanta")
    account.shelf("TAPE-48", reno, 120, 12, non_sellable_quantity=2, reserve_inventory=10)
    account.shelf("TAPE-48", atlanta, 5)
    order = account.order("1002", status="fulfilled")
    account.shipment(501, order, reno, [label("L1", "1Z1")], [{"sku": "BOX-S", "quantity": 1, "label": "L1"}])
    facts = Dataset.from_builtins(yaml.safe_load(FACTS.read_text(encoding="utf-8")))
    async with gateway_over(account, facts, {"76733": "RNO", "76734": "ATL"}) as (stack, _):
        told = await stack.ask(QUERY)
    assert "errors" not in told
    data = told["data"]
    stock = data["item"]["availability"]
    assert (stock["onHand"], stock["allocated"]) == ("125", "12")
    assert [(each["warehouse"], each["onHand"]) for each in stock["warehouses"]] == [
        ({"code": "RNO", "name": "Reno"}, "120"),
        ({"code": "ATL", "name": "Atlanta"}, "5"),
    ]
    assert data["other"] == {"availability": None}
    assert data["order"]["shipments"] == [
        {
            "number": "501",
            "status": "SHIPPED",
            "warehouse": {"code": "RNO"},
            "parcels": [{"trackingNumber": "1Z1", "contents": [{"sku": "BOX-S", "quantity": "1"}]}],
        }
    ]
    assert data["shipment"] == {"carrier": "UPS", "order": {"number": "1002"}}
    assert data["missing"] is None


async def test_an_order_is_handed_in_written_and_its_hold_lifted_once_and_where_another_holds_it_it_waits(
    tmp_path: Path,
) -> None:
    dataset = load("generated")
    account = Account()
    account.is_importing = True
    own = dataset.warehouses_by_company["US"]
    places = {place.code: account.warehouse(number, place.name) for number, place in enumerate(own, 101)}
    numbers = {str(row["legacy_id"]): code for code, row in places.items()}
    submissions = {"url": f"sqlite:///{tmp_path}/submissions.db", "settle_seconds": 0.3, "per_second": 200}
    async with (
        gateway_over(account, dataset, numbers, submissions=submissions) as (stack, erp),
        httpx.AsyncClient() as client,
    ):
        samples = (await client.get(f"{erp}/_sandbox/samples")).json()
        sound, refused = [order for order in samples["sound"] if order.get("company", "US") == "US"][:2]
        for line in (*sound["lines"], *refused["lines"]):
            for place in places.values():
                account.shelf(line["sku"], place, 1_000_000)
        counter = Counter(stack, samples)
        answer = await counter.submit(sound)
        number = answer["submission"]["erpOrderNumber"]
        assert steps(answer["submission"]) == dict.fromkeys(("check", "create", "release", "note"), "DONE"), answer
        (order,) = account.orders
        assert (order["order_number"], order["holds"]) == (number, {"operator_hold": False})
        account.meanwhile = {"fraud_hold": True}
        waits = await counter.submit(refused)
        assert (waits["submission"]["status"], codes(waits)) == ("NEEDS_ATTENTION", ["RELEASE_REFUSED"])
        assert "FRAUD_HOLD" in waits["problems"][0]["message"]
    lifted = [body for body in account.bodies if "order_update_holds" in body["query"]]
    assert len(lifted) == 2
