"""An answer in the one form in which answers are compared: members sorted, decimals and moments as values."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

DECIMALS = {"amount", "minimum", "available"}
MOMENTS = {"at", "placedAt"}
"""By the schema: these members are Decimal and DateTime wherever the questions ask for them."""

NUMBERS = {"number"}
"""Of orders, lines, shipments: texts and Ints. Tailcall's templates make a number of an order's, so they are compared as texts."""


def canonical(answer: bytes) -> bytes:
    """Raises ValueError for an answer with errors, for those must not be measured."""
    found = json.loads(answer)
    if "errors" in found or found.get("data") is None:
        raise ValueError(str(found)[:800])
    return json.dumps(_plain("", found["data"]), sort_keys=True).encode()


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(name, each) for each in value]
    if value is not None and name in DECIMALS:
        return format(Decimal(value).normalize(), "f")
    if value is not None and name in MOMENTS:
        return datetime.fromisoformat(value).isoformat()
    return str(value) if name in NUMBERS else value
