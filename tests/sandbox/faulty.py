"""An ERP that goes wrong: its facts, the calls it is asked, and the faults put on it."""

from typing import Any

import httpx

FACTS: dict[str, Any] = {
    "items": [{"sku": "A", "listPrice": "1"}, {"sku": "B", "listPrice": "2"}],
    "customers": [{"number": "C"}],
    "shipTos": [{"code": "S", "customer": "C"}],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 100}],
}
ITEMS = "/items?sku=A&sku=B"
PRICES = {
    "lines": [{"ref": sku.lower(), "company": "US", "customer": "C", "sku": sku, "quantity": "1"} for sku in ("A", "B")]
}


async def put(erp: httpx.AsyncClient, **fault: Any) -> None:
    answer = await erp.put("/_sandbox/faults", json=fault)
    assert answer.status_code == 200


def order(reference: str) -> dict[str, Any]:
    lines = [{"line": 1, "sku": "A", "quantity": "1"}]
    return {"externalReference": reference, "company": "US", "customer": "C", "shipTo": "S", "lines": lines}


async def known(erp: httpx.AsyncClient, reference: str) -> int:
    await erp.delete("/_sandbox/faults")
    return len((await erp.get(f"/orders/by-reference?reference={reference}")).json()["orders"])
