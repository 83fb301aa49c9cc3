"""What makes two requests the same: bodies that mean the same, however they are written."""

import hashlib
from decimal import Decimal

import msgspec

from sandbox.ordering import OrderAsked, OrderedLine


def fingerprint(asked: OrderAsked) -> str:
    """Null stands for what is left out, and 12.50 is 12.5."""
    same = msgspec.structs.replace(
        asked,
        approvals=asked.approvals or [],
        warehouses=asked.warehouses or [],
        allow_backorder=asked.allow_backorder is not False,
        lines=[_line(line) for line in asked.lines],
    )
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()


def _line(line: OrderedLine) -> OrderedLine:
    price = None if line.unit_price is None else _number(line.unit_price)
    return msgspec.structs.replace(line, quantity=_number(line.quantity), unit_price=price)


def _number(amount: str) -> str:
    return format(Decimal(amount).normalize(), "f")
