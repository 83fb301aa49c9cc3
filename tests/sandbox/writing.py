"""A distributor to write to: its facts, the bodies of the writes, and what was written."""

from typing import Any

import httpx

FACTS: dict[str, Any] = {
    "companies": [{"code": "US", "taxRate": "0.10"}],
    "warehouses": [{"code": "RNO"}, {"code": "ATL", "priority": 2}],
    "items": [
        {"sku": "A", "listPrice": "2", "leadTimeDays": 10},
        {"sku": "STOP", "listPrice": "1", "status": "BLOCKED"},
    ],
    "customers": [
        {"number": "C"},
        {"number": "HEAD"},
        {"number": "BRANCH", "billTo": "HEAD"},
        {"number": "BLOCKED", "blocked": True},
        {"number": "EXPORT"},
    ],
    "credit": [{"number": "C", "limit": "100.00"}, {"number": "HEAD", "limit": "50.00", "onHold": True}],
    "shipTos": [
        {"code": "S", "customer": "C", "warehouse": "RNO"},
        {"code": "DOCK", "customer": "C"},
        {"code": "B", "customer": "BRANCH"},
        {"code": "BL", "customer": "BLOCKED"},
        {"code": "E", "customer": "EXPORT"},
    ],
    "stock": [{"sku": "A", "warehouse": "RNO", "onHand": 10}, {"sku": "A", "warehouse": "ATL", "onHand": 4}],
    "purchaseOrders": [{"sku": "A", "warehouse": "RNO", "quantity": 5, "expected": "2026-07-05"}],
    "orders": [
        {
            "number": "1",
            "customer": "C",
            "poNumber": "OLD",
            "shipTo": "S",
            "lines": [{"sku": "A", "quantity": 3, "unitPrice": "2", "progress": {"allocated": 2, "picked": 1}}],
        },
        {
            "number": "2",
            "customer": "C",
            "status": "PARTIALLY_SHIPPED",
            "holds": [{"code": "PRICE"}],
            "lines": [{"sku": "A", "quantity": 2, "progress": {"shipped": 1, "backordered": 1}}],
        },
        {"number": "3", "customer": "C", "status": "CLOSED"},
    ],
    "shipments": [
        {"number": "SH1", "order": "1", "warehouse": "RNO", "status": "PICKING"},
        {"number": "SH2", "order": "2", "shippedAt": "2026-06-29T12:00:00Z"},
    ],
    "relationships": [{"customer": "C", "lastActivityAt": "2026-06-20T10:00:00Z"}, {"customer": "EXPORT"}],
    "refusals": [
        {"system": "erp", "customer": "EXPORT", "reason": "EXPORT_CONTROL", "text": "Export is not permitted."},
        {"system": "wms", "shipTo": "DOCK", "reason": "DOCK_CLOSED"},
        {"system": "erp", "company": "CA", "reason": "NOT_HERE"},
    ],
}
NOTHING: dict[str, list[Any]] = {"orders": [], "releases": [], "notes": []}


def order(reference: str = "R1", **change: Any) -> dict[str, Any]:
    lines = [{"line": 1, "sku": "A", "quantity": "6"}]
    body = {"externalReference": reference, "company": "US", "customer": "C", "shipTo": "S", "lines": lines}
    return {**body, **change}


def hold(number: str, code: str = "CREDIT", **change: Any) -> dict[str, Any]:
    return {"company": "US", "number": number, "code": code, "reason": "Over the limit", "by": "desk", **change}


def unhold(number: str, code: str = "CREDIT") -> dict[str, Any]:
    return {"company": "US", "number": number, "code": code, "by": "desk", "note": "Paid"}


def cancel(number: str) -> dict[str, Any]:
    return {"company": "US", "number": number, "reason": "Not wanted", "by": "desk"}


def release(number: str, **change: Any) -> dict[str, Any]:
    body = {"company": "US", "order": number, "warehouses": ["RNO"], "carrierService": None, "reference": "R1"}
    return {**body, **change}


def note(reference: str = "N1", **change: Any) -> dict[str, Any]:
    body = {"reference": reference, "company": "US", "customer": "C", "order": "1", "text": "Placed."}
    return {**body, "at": "2026-06-30T09:00:00Z", **change}


async def placed(erp: httpx.AsyncClient, reference: str = "R1", **change: Any) -> str:
    answer = await erp.post("/orders", json=order(reference, **change))
    assert answer.status_code == 201
    return str(answer.json()["number"])


async def written(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/_sandbox/written", headers={"Authorization": ""})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def figures(systems: dict[str, httpx.AsyncClient]) -> tuple[str, list[dict[str, str]], str]:
    """What is allocated of A in Reno, who waits for it there, and what C owes."""
    (stock,) = (await systems["wms"].get("/stock?sku=A&warehouse=RNO")).json()["stock"]
    plans = (await systems["erp"].get("/supply-demand?sku=A&warehouse=RNO")).json()["plans"]
    (credit,) = (await systems["erp"].get("/customers/credit?number=C")).json()["credit"]
    return stock["allocated"], plans[0]["demand"], credit["exposure"]


def refused(answer: httpx.Response) -> tuple[int, str, str | None]:
    wrong = answer.json()["error"]
    assert wrong["code"] == "REJECTED"
    return answer.status_code, wrong["reason"], wrong["path"]
