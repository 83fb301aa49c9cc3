"""Real keys to ask with: given by the caller, told by a sandbox, or found by an ERP's own searches."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sources.conformance.server import Answer, Server

NAMES = (
    "company",
    "sku",
    "customer",
    "billTo",
    "shipTo",
    "order",
    "reference",
    "warehouse",
    "shipment",
    "trackingNumber",
)
"""What a sample may be called; each operation's vendor extension says which one it asks with."""

_SANDBOX = {
    "company": "company",
    "skus": "sku",
    "customers": "customer",
    "shipTos": "shipTo",
    "shippedOrders": "order",
    "orders": "order",
    "warehouses": "warehouse",
    "shipments": "shipment",
    "trackingNumbers": "trackingNumber",
}
_SEARCHES = {
    "sku": ("searchItems", "sku"),
    "customer": ("searchCustomers", "number"),
    "order": ("searchOrders", "number"),
}
_OK = 200
_MOST = 20
"""Keys of a kind: enough to tell, few enough to be quick."""


class Purchase(msgspec.Struct, frozen=True):
    """Something one customer can buy."""

    company: str
    customer: str
    sku: str
    quantity: str
    ship_to: str | None = None


class Keys:
    def __init__(self) -> None:
        self._keys: dict[str, list[str]] = {}
        self.purchases: list[Purchase] = []

    def of(self, name: str) -> Sequence[str]:
        return self._keys.get(name, [])

    def add(self, name: str, keys: Sequence[object]) -> None:
        known = self._keys.setdefault(name, [])
        known.extend(key for key in dict.fromkeys(keys) if isinstance(key, str) and key and key not in known)
        del known[_MOST:]


def require_known(samples: Mapping[str, Sequence[str]]) -> None:
    for name in samples:
        if name not in NAMES:
            raise ValueError(f"{name!r} is no sample; there are {', '.join(NAMES)}")


async def collect(server: Server, samples: Mapping[str, Sequence[str]]) -> Keys:
    keys = Keys()
    for name, given in samples.items():
        keys.add(name, given)
    await _from_sandbox(server, keys)
    if "searchItems" in server.contract.operations:
        await _from_searches(server, keys)
        keys.purchases = await _purchases(server, keys)
    return keys


async def _from_sandbox(server: Server, keys: Keys) -> None:
    """The sandbox tells its own samples; any other server has no such path, and that is no finding."""
    try:
        reply = await server.send("GET", "/_sandbox/samples", token=server.token)
        told = msgspec.json.decode(reply.body) if reply.status == _OK else {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return
    missing = {name for name in NAMES if not keys.of(name)}
    for member, name in _SANDBOX.items():
        value = told.get(member, []) if isinstance(told, dict) else []
        if name in missing:
            keys.add(name, [value] if isinstance(value, str) else value)


async def _from_searches(server: Server, keys: Keys) -> None:
    company = [("company", key) for key in keys.of("company")[:1]]
    for name, (search, member) in _SEARCHES.items():
        if not keys.of(name):
            rows = await _rows(server, search, params=[*company, ("limit", "20")])
            keys.add(name, [row.get(member) for row in rows])
    for name, search, member in (
        ("reference", "searchOrders", "externalReference"),
        ("billTo", "searchCustomers", "billTo"),
    ):
        if not keys.of(name):
            rows = await _rows(server, search, params=[*company, ("limit", "100")])
            keys.add(name, [row.get(member) for row in rows])
    if not keys.of("company") and keys.of("customer"):
        rows = await _rows(server, "customers", params=[("number", key) for key in keys.of("customer")])
        keys.add("company", [row.get("company") for row in rows])
    if not keys.of("shipTo") and keys.of("customer"):
        rows = await _rows(server, "customerShipTos", params=[("number", key) for key in keys.of("customer")])
        keys.add("shipTo", [row.get("code") for row in rows])


async def _purchases(server: Server, keys: Keys) -> list[Purchase]:
    """What one customer who may buy can buy: one with a ship-to where there is one, so that an order can be made."""
    numbers = [("number", key) for key in keys.of("customer")]
    skus = [("sku", key) for key in keys.of("sku")]
    if not numbers or not skus:
        return []
    customers = await _rows(server, "customers", params=numbers)
    credit = await _rows(server, "customerCredit", params=numbers)
    ship_tos = await _rows(server, "customerShipTos", params=numbers)
    items = [row for row in await _rows(server, "items", params=skus) if row.get("status") == "ACTIVE"]
    held = {_account(row, "number") for row in credit if row.get("onHold")}
    codes = {_account(row, "customer"): str(row.get("code")) for row in reversed(ship_tos)}
    able = [row for row in customers if row.get("blocked") is False and _account(row, "number") not in held]
    able = [row for row in able if row.get("company") in keys.of("company")]
    able.sort(key=lambda row: _account(row, "number") not in codes)
    found = (_bought(_account(row, "number"), items, codes) for row in able)
    return next((purchases for purchases in found if purchases), [])


Account = tuple[str, str]


def _account(row: Mapping[str, Any], member: str) -> Account:
    return str(row.get("company")), str(row.get(member))


def _bought(account: Account, items: Sequence[Mapping[str, Any]], ship_tos: Mapping[Account, str]) -> list[Purchase]:
    company, customer = account
    own = [row for row in items if row.get("company") == company]
    return [Purchase(company, customer, str(row.get("sku")), _least(row), ship_tos.get(account)) for row in own]


def _least(item: Mapping[str, Any]) -> str:
    rule = item.get("quantityRule")
    least = rule.get("minimum") if isinstance(rule, dict) else None
    return least if isinstance(least, str) else "1"


async def _rows(server: Server, name: str, *, params: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    operation = server.contract.operations[name]
    told = operation.batch or operation.listing
    answer: Answer | None = await server.ask(operation, params)
    return answer.rows(told.rows) if answer and told else []
