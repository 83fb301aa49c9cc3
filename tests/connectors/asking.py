"""How a capability is asked that a system does not offer: with nothing for whatever it wants to know, for it does not look."""

import inspect
from typing import Any

from sources.call import CallContext
from sources.manifest import ERP_WRITES
from sources.models import PageRequest

REFUSED = {
    "search_items", "search_customers", "search_orders", "simulate", "add_note", "release_order", *ERP_WRITES,
}  # fmt: skip
_NAMED: dict[str, Any] = {"page": PageRequest(10, None), "statuses": (), "warehouses": (), "days": 1}


def absent(name: str) -> bool:
    """Whether its absence is no error: the answer is then empty."""
    return name not in REFUSED


async def asked_for_nothing(method: Any, call: CallContext) -> Any:
    wanted = [each for each in inspect.signature(method).parameters.values() if each.kind is not each.VAR_KEYWORD]
    named = {each.name: _NAMED[each.name] for each in wanted if each.kind is each.KEYWORD_ONLY}
    return await method(call, *[None for _ in wanted[1 : len(wanted) - len(named)]], **named)
