"""Counting of calls, and sample keys that can be relied on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.calls import Calls
from sandbox.facts import Dataset
from sandbox.facts_customers import Customer
from sandbox.facts_items import Item
from sandbox.pricing import Question, price_of
from sandbox.samples import Samples

FACTS: dict[str, Any] = {
    "items": [{"sku": "A", "listPrice": "1"}],
    "customers": [{"number": "C"}],
    "shipTos": [{"code": "S", "customer": "C"}],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 1}],
}


async def test_calls_and_keys_are_counted_by_operation(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await erp.get("/items?sku=A&sku=B")
    await erp.get("/items?sku=A&sku=A")
    await erp.get("/items/search")
    line = {"ref": "1", "company": "US", "customer": "C", "sku": "A", "quantity": "1"}
    await erp.post("/prices", json={"lines": [line, {**line, "ref": "2"}]})
    await erp.post(
        "/orders/simulate", json={"company": "US", "customer": "C", "lines": [{"line": 1, "sku": "A", "quantity": "1"}]}
    )
    assert (await erp.get("/_sandbox/calls")).json() == {
        "total": 5,
        "operations": {"GET /items": 2, "GET /items/search": 1, "POST /prices": 1, "POST /orders/simulate": 1},
        "keys": {"GET /items": {"A": 3, "B": 1}, "POST /prices": {"A": 2}, "POST /orders/simulate": {"C": 1}},
        "largest": {"GET /items": 2, "POST /prices": 2, "POST /orders/simulate": 1},
        "busiest": {"GET /items": 2, "GET /items/search": 1, "POST /prices": 1, "POST /orders/simulate": 1},
    }


async def test_a_call_that_a_fault_answers_is_counted_too(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await erp.put("/_sandbox/faults", json={"status": 503})
    assert (await erp.get("/items?sku=A")).status_code == 503
    assert (await erp.get("/_sandbox/calls")).json()["keys"] == {"GET /items": {"A": 1}}


async def test_counts_are_cleared_and_what_the_sandbox_itself_answers_is_not_counted(systems: Any) -> None:
    erp = (await systems(FACTS))["erp"]
    await erp.get("/items?sku=A")
    cleared = (await erp.delete("/_sandbox/calls")).json()
    await erp.get("/_sandbox/samples")
    assert (
        cleared
        == (await erp.get("/_sandbox/calls")).json()
        == {"total": 0, "operations": {}, "keys": {}, "largest": {}, "busiest": {}}
    )


def test_no_more_than_twenty_thousand_keys_are_remembered() -> None:
    calls = Calls()
    calls.count("GET /items", [str(at) for at in range(20_001)])
    calls.count("GET /items", ["0", "20000"])
    keys: Any = calls.report()["keys"]
    assert (len(keys["GET /items"]), keys["GET /items"]["0"]) == (20_000, 2)
    assert "20000" not in keys["GET /items"]


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=60))
def test_the_busiest_second_is_the_fullest_of_all_seconds_wherever_it_begins(moments: list[int]) -> None:
    moments.sort()
    now = iter(moments)
    calls = Calls(clock=lambda: next(now) / 1_000)
    for _ in moments:
        calls.count("GET /items", [])
    fullest = max(sum(begin <= each < begin + 1_000 for each in moments) for begin in moments)
    assert calls.report()["busiest"] == {"GET /items": fullest}


def test_each_operation_has_a_busiest_second_of_its_own() -> None:
    now = iter((0.0, 0.5, 0.9, 1.0, 1.6))
    calls = Calls(clock=lambda: next(now))
    for operation in ("GET /items", "GET /items", "GET /stock", "GET /items", "GET /stock"):
        calls.count(operation, [])
    assert calls.report()["busiest"] == {"GET /items": 2, "GET /stock": 2}


@pytest.fixture(scope="module", params=["generated", "wwi"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    found: Dataset = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def samples(dataset: Dataset) -> Samples:
    return dataset.samples


def test_there_are_enough_samples(samples: Samples) -> None:
    assert len(samples.skus) >= 50
    assert len(samples.customers) >= 10
    assert len(samples.orders) >= 50
    assert len(samples.shipped_orders) >= 20
    assert samples.ship_tos
    assert samples.warehouses


def test_sample_skus_are_active_in_stock_everywhere_and_priced_for_the_first_customer(
    dataset: Dataset, samples: Samples
) -> None:
    customer = only(dataset.customers.find(samples.customers[0]))
    assert isinstance(customer, Customer)
    for sku in samples.skus:
        item = only(dataset.items.find(sku))
        assert isinstance(item, Item)
        assert item.status == "ACTIVE"
        stocked = {row.warehouse for row in dataset.stock.find(sku) if row.free > 0}
        assert stocked == set(samples.warehouses)
        quantity = item.quantity_rule.minimum
        assert price_of(dataset, Question("", customer, item, item.uom, quantity, dataset.today))


def only(rows: list[Any]) -> Any:
    """Of one company, or the look-up would be ambiguous."""
    assert len(rows) == 1
    return rows[0]


def test_no_sample_exists_in_another_company(dataset: Dataset, samples: Samples) -> None:
    found = [
        *(only(dataset.customers.find(key)) for key in samples.customers),
        *(only(dataset.orders.find(key)) for key in (*samples.orders, *samples.shipped_orders)),
        *(only(dataset.shipments.find(key)) for key in samples.shipments),
        *(only(dataset.ship_tos.find(key)) for key in samples.ship_tos),
        *(only(dataset.warehouses.find(key)) for key in samples.warehouses),
    ]
    assert {row.company for row in found} == {samples.company}
    assert {row.customer for row in found if hasattr(row, "code") and hasattr(row, "customer")} == {
        samples.customers[0]
    }


def test_sample_orders_that_shipped_can_be_followed_to_their_tracking(dataset: Dataset, samples: Samples) -> None:
    for order in samples.shipped_orders:
        parcels = [parcel for row in dataset.shipments_of.find(order) for parcel in row.parcels]
        assert parcels
        assert all(len(dataset.tracking[parcel.tracking_number]) == 1 for parcel in parcels)
    assert all(number in dataset.tracking for number in samples.tracking_numbers)


def test_the_first_customers_newest_orders_fit_into_one_batch_of_everything(dataset: Dataset, samples: Samples) -> None:
    page = dataset.orders_of.find(samples.customers[0])[-20:]
    shipments = [row for order in page for row in dataset.shipments_of.find(order.number)]
    parcels = [parcel.tracking_number for row in shipments for parcel in row.parcels]
    assert len(page) == 20
    assert len({line.sku for order in page for line in order.lines}) <= 100
    assert 1 <= len(parcels) <= 100
    assert set(samples.shipped_orders) & {order.number for order in page}
    assert any(number in dataset.tracking for number in parcels)


async def test_all_four_systems_give_the_same_samples_and_of_few_facts_what_there_is(systems: Any) -> None:
    clients = await systems(FACTS)
    given = [(await client.get("/_sandbox/samples")).json() for client in clients.values()]
    assert (
        given
        == [
            {
                "company": "US",
                "skus": ["A"],
                "customers": ["C"],
                "orders": [],
                "shippedOrders": [],
                "shipments": [],
                "trackingNumbers": [],
                "shipTos": ["S"],
                "warehouses": ["RNO"],
                "problems": {},
                "sound": [],
            }
        ]
        * 4
    )
