"""An order as it is asked for, and what tells two askings apart."""

import enum
import hashlib
from datetime import date
from decimal import Decimal

import msgspec


class Channel(enum.Enum):
    DIRECT = "DIRECT"
    CPQ = "CPQ"
    PORTAL = "PORTAL"
    ECOMMERCE = "ECOMMERCE"
    EDI = "EDI"
    MARKETPLACE = "MARKETPLACE"


INTERACTIVE = frozenset({Channel.DIRECT, Channel.CPQ, Channel.PORTAL})
"""Somebody waits for the answer: these orders start at once and go before the others."""


class RequestedLine(msgspec.Struct, frozen=True):
    """`quantity` in `uom`, None for the item's base unit; `expected_unit_price`: what the customer was told, for one `uom`."""

    sku: str
    quantity: Decimal
    uom: str | None = None
    expected_unit_price: Decimal | None = None


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`backorder_of` names the order whose rest this one delivers: it may carry the same PO number."""

    customer: str
    ship_to: str
    lines: tuple[RequestedLine, ...]
    company: str | None = None
    po_number: str | None = None
    channel: Channel = Channel.DIRECT
    requested_date: date | None = None
    allow_backorder: bool = True
    allow_substitutes: bool = False
    carrier_service: str | None = None
    backorder_of: str | None = None


def fingerprint(request: OrderRequest) -> str:
    """Equal for requests that mean the same: "12.50" is "12.5"."""
    encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")
    lines = [msgspec.structs.replace(line, **_plain(line)) for line in request.lines]
    return hashlib.sha256(encoder.encode(msgspec.structs.replace(request, lines=tuple(lines)))).hexdigest()


def _plain(line: RequestedLine) -> dict[str, Decimal | None]:
    expected = line.expected_unit_price
    return {
        "quantity": line.quantity.normalize(),
        "expected_unit_price": None if expected is None else expected.normalize(),
    }
