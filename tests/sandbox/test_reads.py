"""Reads: batches, pages and refusals, as the contract has them."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.facts import Dataset
from sandbox.serve import apps

FACTS: dict[str, Any] = {
    "companies": [{"code": "US"}, {"code": "CA", "currency": "CAD"}],
    "items": [
        {"sku": "BOLT-1", "name": "Hex bolt", "category": "FASTENERS", "listPrice": "0.5"},
        {"sku": "BOLT-2", "name": "Eye bolt", "category": "FASTENERS", "listPrice": "0.7"},
        {"sku": "TAPE", "name": "Bolted tape", "category": "PACKAGING"},
        {"sku": "BOLT-1", "company": "CA", "name": "Boulon", "category": "FASTENERS"},
    ],
    "customers": [
        {"number": "1"},
        {"number": "2", "billTo": "1"},
        {"number": "3", "billTo": "1"},
        {"number": "1", "company": "CA"},
    ],
    "stock": [{"sku": "BOLT-1", "warehouse": "RNO", "onHand": 7}, {"sku": "BOLT-1", "warehouse": "DFW"}],
    "purchaseOrders": [
        {"sku": "BOLT-1", "warehouse": "RNO", "quantity": 5, "expected": "2026-06-20"},
        {"sku": "BOLT-1", "warehouse": "RNO", "quantity": 6, "expected": "2026-07-30"},
        {"sku": "BOLT-1", "warehouse": "RNO", "quantity": 7, "expected": "2026-07-31"},
    ],
    "orders": [
        {
            "number": f"{1000 + day}",
            "customer": "1",
            "poNumber": f"P{day % 2}",
            "placedAt": f"2026-06-{day:02d}T10:00:00Z",
        }
        for day in range(1, 8)
    ],
    "shipments": [
        {"number": "S1", "order": "1001", "shippedAt": "2026-06-02T10:00:00Z"},
        {"number": "S2", "order": "1001", "status": "WAITING"},
        {"number": "S3", "order": "1001", "shippedAt": "2026-06-03T10:00:00Z"},
    ],
}


@pytest.fixture
async def erp(systems: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = (await systems(FACTS))["erp"]
    return client


async def error(client: httpx.AsyncClient, path: str) -> tuple[int, str, str | None]:
    answer = await client.get(path)
    wrong = answer.json()["error"]
    assert set(wrong) == {"code", "message", "path"}
    return answer.status_code, wrong["code"], wrong["path"]


async def test_a_batch_answers_what_exists_in_every_company(erp: httpx.AsyncClient) -> None:
    answer = (await erp.get("/items?sku=BOLT-1&sku=NONE&sku=TAPE&sku=TAPE")).json()
    assert [(row["company"], row["sku"]) for row in answer["items"]] == [
        ("CA", "BOLT-1"),
        ("US", "BOLT-1"),
        ("US", "TAPE"),
    ]
    assert answer["errors"] == []
    own = (await erp.get("/items?sku=BOLT-1&company=CA")).json()
    assert [row["name"] for row in own["items"]] == ["Boulon"]


async def test_a_batch_takes_one_to_a_hundred_keys(erp: httpx.AsyncClient) -> None:
    hundred = "&".join(f"sku={at}" for at in range(100))
    assert (await erp.get(f"/items?{hundred}")).status_code == 200
    assert await error(erp, f"/items?{hundred}&sku=X") == (400, "LIMIT_EXCEEDED", "sku")
    assert await error(erp, "/items") == (400, "BAD_REQUEST", "sku")
    assert await error(erp, "/items?sku=A&sku=") == (400, "BAD_REQUEST", "sku[1]")
    assert await error(erp, "/items?sku=A&company=") == (400, "BAD_REQUEST", "company")


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/items/search?limit=0", "limit"),
        ("/items/search?limit=101", "limit"),
        ("/items/search?limit=ten", "limit"),
        ("/items/search?cursor=nonsense", "cursor"),
        ("/items/search?count=perhaps", "count"),
        ("/customers/children?number=1", "company"),
        ("/orders/by-customer?company=US&number=1&number=2&cursor=WyJhIiwiYiIsImMiXQ==", "cursor"),
        ("/orders/search?status=OPEN&status=LOST", "status[1]"),
        ("/orders/search?placedFrom=2026-02-30", "placedFrom"),
        ("/supply-demand?sku=A&days=366", "days"),
        ("/supply-demand?sku=A&days=-1", "days"),
    ],
)
async def test_a_parameter_that_does_not_fit_is_refused_by_its_name(
    erp: httpx.AsyncClient, path: str, where: str
) -> None:
    assert await error(erp, path) == (400, "BAD_REQUEST", where)


async def test_the_token_is_asked_for(erp: httpx.AsyncClient) -> None:
    answer = await erp.get("/items?sku=A", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_unknown_paths_and_methods_come_in_the_envelope(erp: httpx.AsyncClient) -> None:
    assert await error(erp, "/items/") == (404, "NOT_FOUND", None)
    answer = await erp.delete("/orders")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, POST"


async def test_text_is_sought_in_skus_and_names_without_regard_to_case(erp: httpx.AsyncClient) -> None:
    async def found(query: str) -> list[str]:
        answer = (await erp.get(f"/items/search?{query}")).json()
        return [f"{row['company']} {row['sku']}" for row in answer["items"]]

    assert await found("text=bolt") == ["CA BOLT-1", "US BOLT-1", "US BOLT-2", "US TAPE"]
    assert await found("text=EYE") == ["US BOLT-2"]
    assert await found("text=bolt&category=FASTENERS&company=US") == ["US BOLT-1", "US BOLT-2"]


async def pages(client: httpx.AsyncClient, path: str, rows: str, key: str) -> list[list[str]]:
    found, cursor = [], ""
    while cursor is not None:
        answer = (await client.get(f"{path}&cursor={cursor}" if cursor else path)).json()
        page = answer["pages"][0] if "pages" in answer else answer
        found.append([row[key] for row in page[rows]])
        cursor = page["next"]
    return found


async def test_lists_are_read_to_their_end_in_pages(erp: httpx.AsyncClient) -> None:
    orders = [["1007", "1006", "1005"], ["1004", "1003", "1002"], ["1001"]]
    assert await pages(erp, "/orders/search?limit=3", "orders", "number") == orders
    assert await pages(erp, "/orders/by-customer?company=US&number=1&limit=3", "orders", "number") == orders
    assert await pages(erp, "/customers/children?company=US&number=1&limit=1", "customers", "number") == [["2"], ["3"]]
    assert await pages(erp, "/items/search?limit=2", "items", "sku") == [["BOLT-1", "BOLT-1"], ["BOLT-2", "TAPE"]]


async def test_a_total_is_given_only_when_it_is_asked_for(erp: httpx.AsyncClient) -> None:
    assert (await erp.get("/orders/search?limit=2&count=true")).json()["total"] == 7
    assert (await erp.get("/orders/search?limit=2")).json()["total"] is None


async def test_orders_are_filtered_by_po_number_and_days(erp: httpx.AsyncClient) -> None:
    answer = (await erp.get("/orders/search?poNumber=P1&placedFrom=2026-06-03&placedTo=2026-06-05")).json()
    assert [row["number"] for row in answer["orders"]] == ["1005", "1003"]


async def test_a_customer_without_orders_has_an_empty_page_and_an_unknown_one_none(erp: httpx.AsyncClient) -> None:
    answer = (await erp.get("/orders/by-customer?company=US&number=2&number=9")).json()
    assert answer["pages"] == [{"number": "2", "orders": [], "next": None, "total": None}]


async def test_supply_reaches_back_to_what_is_overdue_and_forward_to_the_last_day_asked_for(
    erp: httpx.AsyncClient,
) -> None:
    (plan,) = (await erp.get("/supply-demand?sku=BOLT-1&sku=TAPE&days=30")).json()["plans"]
    assert plan == {
        "company": "US",
        "sku": "BOLT-1",
        "warehouse": "RNO",
        "supply": [{"date": "2026-06-20", "quantity": "5"}, {"date": "2026-07-30", "quantity": "6"}],
        "demand": [],
        "atp": None,
    }
    assert (await erp.get("/supply-demand?sku=BOLT-1&warehouse=DFW")).json()["plans"] == []


async def test_stock_has_a_row_for_each_warehouse_also_at_nothing(systems: Any) -> None:
    answer = (await (await systems(FACTS))["wms"].get("/stock?sku=BOLT-1")).json()
    assert [(row["warehouse"], row["onHand"]) for row in answer["stock"]] == [("RNO", "7"), ("DFW", "0")]
    assert [row["code"] for row in answer["warehouses"]] == ["RNO", "DFW"]
    assert answer["today"] == "2026-06-30"


async def test_an_orders_shipments_come_newest_first_and_those_yet_to_ship_before_them(systems: Any) -> None:
    answer = (await (await systems(FACTS))["wms"].get("/shipments/by-order?order=1001")).json()
    assert [row["number"] for row in answer["shipments"]] == ["S2", "S3", "S1"]


SYSTEMS = apps(Dataset.from_builtins(FACTS))
PATHS = sorted({(name, route.path) for name, app in SYSTEMS.items() for route in app.routes})
PARAMETERS = ["sku", "number", "company", "cursor", "limit", "status", "days", "count", "placedFrom", "text", "code"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    place=st.sampled_from(PATHS),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    query=st.lists(st.tuples(st.sampled_from(PARAMETERS), st.text(max_size=12)), max_size=6),
    body=st.one_of(
        st.binary(max_size=40), st.sampled_from([b"{}", b'{"lines":[{}]}', b'{"lines":[{"sku":"\\ud800"}]}'])
    ),
)
def test_whatever_is_sent_the_answer_is_never_a_500(
    place: tuple[str, str], method: str, query: list[tuple[str, str]], body: bytes
) -> None:
    name, path = place

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=SYSTEMS[name])
        headers = {"Authorization": "Bearer sandbox"}
        async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:
            await client.delete("/_sandbox/faults")
            return await client.request(method, path, params=query, content=body)

    answer = asyncio.run(ask())
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.json()["error"]["message"]
