"""From Business Central's rows to canonical facts: pure functions, codes in tables."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from sources import models
from sources.business_central import payload
from sources.business_central.odata import option
from sources.business_central.options import Company, Options
from sources.codes import MAX_UNMAPPED, Codes, Meaning

ZERO = Decimal(0)
OURS = "XD-"
"""How the gateway's own references begin (orders/record.py): any other external document number was written by somebody else."""

STATUSES = Codes(
    "business_central",
    Meaning("order.unknown", models.OrderStatus.UNKNOWN),
    {
        "draft": Meaning("order.accepted", models.OrderStatus.OPEN),
        "in review": Meaning("order.held", models.OrderStatus.OPEN),
        "open": Meaning("order.released", models.OrderStatus.RELEASED),
    },
)
"""A document that is being worked on is a "Draft", one that is released is "Open": the API's words for the client's Open and Released."""

IN_REVIEW = "in review"
BLOCKED: Mapping[str, bool] = {"": False, "ship": True, "invoice": True, "all": True}
UNMAPPED_BLOCKS: Counter[str] = Counter()


class Entity(NamedTuple):
    """A legal entity: its code, and what the settings say of it."""

    code: str
    company: Company


def is_blocked(code: str) -> bool:
    """Whether anything is barred for a customer: orders are by each of the codes. One that is not known is a bar."""
    word = option(code).lower()
    if word not in BLOCKED and (word in UNMAPPED_BLOCKS or len(UNMAPPED_BLOCKS) < MAX_UNMAPPED):
        UNMAPPED_BLOCKS[word] += 1
    return BLOCKED.get(word, True)


def day(value: date) -> date | None:
    return None if value == payload.EMPTY_DATE else value


# ---------------------------------------------------------------- items and prices


def item(row: payload.Item, entity: Entity, as_of: datetime, options: Options) -> models.Item:
    """The API tells of the base unit alone, of no dangerous goods, no substitutes and no lead time."""
    unit, least = row.base_unit_of_measure_code, options.smallest_quantity
    return models.Item(
        company=entity.code,
        sku=row.number,
        name=row.display_name,
        status=models.ItemStatus.BLOCKED if row.blocked else models.ItemStatus.ACTIVE,
        uom=unit,
        uoms=(models.ItemUom(unit, Decimal(1)),),
        quantity_rule=models.QuantityRule(least, least),
        hazardous=False,
        as_of=as_of,
        description=row.display_name2 or None,
        category=row.item_category_code or None,
    )


def list_price(row: payload.Item, entity: Entity, as_of: datetime) -> models.Price:
    """The item's own price in the company's currency: what every customer sees who has no other."""
    unit = models.Money(row.unit_price, entity.company.currency)
    return models.Price(
        unit=unit,
        uom=row.base_unit_of_measure_code,
        breaks=(models.PriceBreak(Decimal(1), unit),),
        source=models.PriceSource.PRICE_LIST,
        as_of=as_of,
        list_price=unit,
    )


# ---------------------------------------------------------------- customers


def customer(row: payload.Customer, entity: Entity, as_of: datetime, bill_to: str | None) -> models.Customer:
    return models.Customer(
        company=entity.code,
        number=row.number,
        name=row.display_name,
        currency=row.currency_code or entity.company.currency,
        as_of=as_of,
        payment_terms=(row.payment_term.code or None) if row.payment_term else None,
        bill_to_number=bill_to if bill_to not in {"", row.number} else None,
        blocked=is_blocked(row.blocked),
    )


def own_address(row: payload.Customer, entity: Entity) -> models.ShipTo:
    """A customer's own address is where it is shipped to, unless something else is said: its code is the customer's number."""
    return models.ShipTo(
        company=entity.code,
        code=row.number,
        customer_number=row.number,
        name=row.display_name,
        address=models.Address(
            line1=row.address_line1,
            city=row.city,
            country=row.country,
            line2=row.address_line2 or None,
            region=row.state or None,
            postal_code=row.postal_code or None,
        ),
    )


def credit(
    limit: payload.CreditLimit, balance: payload.Balance, currency: str, as_of: datetime, *, overdue_holds: bool
) -> models.Credit:
    """Balances and limits are told in the company's currency. A limit of 0 is none, as in the client."""
    ceiling = models.Money(limit.credit_limit, currency) if limit.credit_limit else None
    return models.Credit(
        exposure=models.Money(balance.balance, currency),
        on_hold=is_blocked(limit.blocked) or (overdue_holds and balance.overdue_amount > 0),
        as_of=as_of,
        limit=ceiling,
        available=models.Money(limit.credit_limit - balance.balance, currency) if ceiling else None,
    )


# ---------------------------------------------------------------- orders


def order(row: payload.SalesOrder, entity: Entity, options: Options) -> models.Order:
    currency = row.currency_code or entity.company.currency
    lines = [line for line in row.sales_order_lines if is_item(line)]
    read = STATUSES.read(option(row.status))
    reference = row.external_document_number or None
    placed = day(row.order_date)
    return models.Order(
        company=entity.code,
        number=row.number,
        customer_number=row.customer_number,
        status=status(read.status, lines),  # type: ignore[arg-type]  # this vendor's table has orders only
        holds=holds(read.source_status, options),
        placed_at=row.last_modified_date_time if placed is None else datetime.combine(placed, time(), UTC),
        total=models.Money(row.total_amount_excluding_tax, currency),
        lines=tuple(order_line(line, entity.code, currency) for line in lines),
        po_number=po_number(row, options.po_prefix),
        source_status=read.source_status,
        requested_date=day(row.requested_delivery_date),
        external_reference=reference,
    )


def is_item(line: payload.SalesLine | payload.PurchaseLine) -> bool:
    return option(line.line_type).lower() == "item" and line.line_object_number != ""


def status(code: models.OrderStatus, lines: Iterable[payload.SalesLine]) -> models.OrderStatus:
    """By what was shipped, for `fullyShipped` is set as soon as one location's lines are done."""
    given = [line for line in lines if line.quantity]
    if not any(line.shipped_quantity for line in given):
        return code
    if all(line.shipped_quantity >= line.quantity for line in given):
        return models.OrderStatus.SHIPPED
    return models.OrderStatus.PARTIALLY_SHIPPED


def holds(source_status: str, options: Options) -> tuple[models.Hold, ...]:
    """The API knows of no holds; an order under approval waits for somebody."""
    return (models.Hold(options.review_hold, source_status),) if source_status.lower() == IN_REVIEW else ()


def po_number(row: payload.SalesOrder, prefix: str) -> str | None:
    """Of an order of ours in its comment line; else the external document number, which is where people write it."""
    if not row.external_document_number.startswith(OURS):
        return row.external_document_number or None
    told = [each.description for each in row.sales_order_lines if option(each.line_type).lower() == "comment"]
    return next((text.removeprefix(prefix) for text in told if prefix and text.startswith(prefix)), None)


def order_line(line: payload.SalesLine, company: str, currency: str) -> models.OrderLine:
    """Of reservations, picks and back orders the API says nothing: they are told as 0. Amounts are without tax."""
    return models.OrderLine(
        company=company,
        number=line.sequence,
        sku=line.line_object_number,
        quantity=line.quantity,
        uom=line.unit_of_measure_code,
        unit_price=models.Money(line.unit_price, currency),
        total=models.Money(line.net_amount, currency),
        progress=models.LineProgress(line.quantity, ZERO, ZERO, line.shipped_quantity, ZERO, ZERO),
        promised_date=day(line.shipment_date),
    )
