"""From S/4HANA's sales orders to canonical ones, and back: pure functions, codes in tables."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import product

from sources import changes, models
from sources.codes import MAX_UNMAPPED, Codes, Meaning
from sources.models import OrderStatus
from sources.sap import payload
from sources.sap.mapping import SHIP_TO, ZERO
from sources.sap.odata import day, wire_day
from sources.sap.options import Options

OURS = "XD-"
"""How the gateway's own references begin (orders/record.py): any other was written by somebody else."""

MAX_REFERENCE = 35
_CENT_OF_A_CENT = Decimal("0.000001")
_NOT_CHECKED, _CREDIT_BLOCKS = "", frozenset({"B", "C"})
UNMAPPED_BLOCKS: Counter[str] = Counter()


def _meanings() -> dict[str, Meaning]:
    """By three letters: rejected, delivered and processed, each not at all (`a`, or `-` where it does not matter), partly or wholly."""
    told: dict[str, Meaning] = {}
    for rejected, delivered, processed in product("-abc", repeat=3):
        if rejected == "c":
            meaning = Meaning("order.cancelled", OrderStatus.CANCELLED)
        elif processed == "c":
            meaning = Meaning("order.closed", OrderStatus.CLOSED)
        elif delivered == "c":
            meaning = Meaning("order.shipped", OrderStatus.SHIPPED)
        elif delivered == "b":
            meaning = Meaning("order.partially_shipped", OrderStatus.PARTIALLY_SHIPPED)
        else:
            meaning = Meaning("order.accepted", OrderStatus.OPEN)
        told[rejected + delivered + processed] = meaning
    return told


STATUSES = Codes("sap", Meaning("order.unknown", OrderStatus.UNKNOWN), _meanings())

_REJECTED, _DONE = "OverallSDDocumentRejectionSts eq 'C'", "OverallSDProcessStatus eq 'C'"
_NEITHER = "OverallSDDocumentRejectionSts ne 'C' and OverallSDProcessStatus ne 'C'"
FILTERS: Mapping[OrderStatus, str] = {
    OrderStatus.OPEN: f"{_NEITHER} and OverallDeliveryStatus ne 'B' and OverallDeliveryStatus ne 'C'",
    OrderStatus.PARTIALLY_SHIPPED: f"{_NEITHER} and OverallDeliveryStatus eq 'B'",
    OrderStatus.SHIPPED: f"{_NEITHER} and OverallDeliveryStatus eq 'C'",
    OrderStatus.CLOSED: f"OverallSDDocumentRejectionSts ne 'C' and {_DONE}",
    OrderStatus.CANCELLED: _REJECTED,
}
"""How SAP is asked for orders of a status: the table above, as filters. Orders here are never RELEASED, and UNKNOWN is not asked for."""


def order(row: payload.Order, company: str, options: Options) -> models.Order:
    currency = row.transaction_currency
    letters = (row.rejection_status, row.overall_delivery_status, row.overall_sd_process_status)
    read = STATUSES.read("".join(each or "-" for each in letters))
    placed = day(row.sales_order_date)
    reference, po_number = names(row, options)
    return models.Order(
        company=company,
        number=row.sales_order,
        customer_number=row.sold_to_party,
        status=read.status,  # type: ignore[arg-type]  # this vendor's table has orders only
        holds=holds(row, options),
        placed_at=datetime.combine(placed, time(), UTC) if placed else datetime.min.replace(tzinfo=UTC),
        total=models.Money(Decimal(row.total_net_amount), currency),
        lines=tuple(line(each, company, currency) for each in row.to_item.results),
        po_number=po_number,
        ship_to_code=ship_to(row),
        source_status=read.source_status,
        requested_date=day(row.requested_delivery_date),
        external_reference=reference,
    )


def names(row: payload.Order, options: Options) -> tuple[str | None, str | None]:
    """Our reference and the customer's own number. In an order that is not ours, people write the latter where it belongs."""
    told = {
        "PurchaseOrderByCustomer": row.purchase_order_by_customer,
        "PurchaseOrderByShipToParty": row.purchase_order_by_ship_to_party,
    }
    reference = told[options.reference_field]
    if reference.startswith(OURS):
        return reference, told[options.po_field] or None
    return reference or None, row.purchase_order_by_customer or None


def ship_to(row: payload.Order) -> str | None:
    return next((each.customer for each in row.to_partner.results if each.partner_function in SHIP_TO), None)


def holds(row: payload.Order, options: Options) -> tuple[models.Hold, ...]:
    """A block whose code is not in the settings is a hold all the same: OTHER, and counted."""
    told = [
        models.Hold(_meaning(code, table), f"{kind} block {code}")
        for kind, code, table in (
            ("delivery", row.delivery_block_reason, options.delivery_blocks),
            ("billing", row.header_billing_block_reason, options.billing_blocks),
        )
        if code
    ]
    if row.total_credit_check_status in _CREDIT_BLOCKS:
        told.append(models.Hold(models.HoldCode.CREDIT, f"credit status {row.total_credit_check_status}"))
    return tuple(told)


def _meaning(code: str, table: Mapping[str, models.HoldCode]) -> models.HoldCode:
    if code not in table and (code in UNMAPPED_BLOCKS or len(UNMAPPED_BLOCKS) < MAX_UNMAPPED):
        UNMAPPED_BLOCKS[code] += 1
    return table.get(code, models.HoldCode.OTHER)


def line(row: payload.OrderItem, company: str, currency: str) -> models.OrderLine:
    """SAP tells the net amount of a line: the unit's price is that over the quantity. Of picking it says nothing here."""
    ordered, net = Decimal(row.requested_quantity), Decimal(row.net_amount)
    schedule = row.to_schedule_line.results
    confirmed = sum((Decimal(each.confirmed) for each in schedule), ZERO)
    shipped = sum((Decimal(each.delivered) for each in schedule), ZERO)
    is_rejected = bool(row.sales_document_rjcn_reason)
    progress = models.LineProgress(
        ordered=ordered,
        allocated=ZERO if is_rejected else max(confirmed - shipped, ZERO),
        picked=ZERO,
        shipped=shipped,
        backordered=ZERO if is_rejected or not schedule else max(ordered - max(confirmed, shipped), ZERO),
        cancelled=max(ordered - shipped, ZERO) if is_rejected else ZERO,
    )
    promised = [at for each in schedule if Decimal(each.confirmed) > 0 and (at := day(each.confirmed_delivery_date))]
    return models.OrderLine(
        company=company,
        number=int(row.sales_order_item),
        sku=row.material,
        quantity=ordered,
        uom=row.requested_quantity_unit,
        unit_price=models.Money(per_unit(net, ordered), currency),
        total=models.Money(net, currency),
        progress=progress,
        promised_date=max(promised, default=None),
    )


def per_unit(amount: Decimal, quantity: Decimal) -> Decimal:
    """To six places. Of no quantity it is 0."""
    if not quantity:
        return ZERO
    exact = amount / quantity
    return exact.quantize(_CENT_OF_A_CENT, ROUND_HALF_EVEN) if -exact.as_tuple().exponent > 6 else exact  # type: ignore[operator]  # noqa: PLR2004  # a quotient of finite numbers is finite


# ---------------------------------------------------------------- what is written


def new_order(order: changes.NewOrder, options: Options) -> dict[str, object]:
    """As `A_SalesOrder` takes it. SAP finds the prices, unless the settings name a condition for ours."""
    area = options.companies[order.company]
    body: dict[str, object] = {
        "SalesOrderType": area.order_type,
        "SalesOrganization": area.sales_organization,
        "DistributionChannel": area.distribution_channel,
        "OrganizationDivision": area.division,
        "SoldToParty": order.customer,
        options.reference_field: order.reference,
        "CompleteDeliveryIsDefined": not order.allow_backorder,
        "to_Item": {"results": [new_item(each, order, options) for each in order.lines]},
    }
    if order.po_number:
        body[options.po_field] = order.po_number
    if order.requested_date is not None:
        body["RequestedDeliveryDate"] = wire_day(order.requested_date)
    if order.ship_to:
        body["to_Partner"] = {"results": [{"PartnerFunction": options.ship_to_function, "Customer": order.ship_to}]}
    return body


def new_item(line: changes.NewOrderLine, order: changes.NewOrder, options: Options) -> dict[str, object]:
    item: dict[str, object] = {
        "SalesOrderItem": str(line.number),
        "Material": line.sku,
        "RequestedQuantity": decimal_text(line.quantity),
        "RequestedQuantityUnit": line.uom,
    }
    plants = {warehouse: plant for plant, warehouse in options.companies[order.company].plants.items()}
    plant = next((plants[each] for each in order.warehouses if each in plants), None)
    if plant is not None:
        item["ProductionPlant"] = plant
    if options.price_condition and line.unit_price is not None:
        item["to_PricingElement"] = {"results": [_manual_price(line, order, options)]}
    return item


def _manual_price(line: changes.NewOrderLine, order: changes.NewOrder, options: Options) -> dict[str, str]:
    return {
        "ConditionType": options.price_condition,
        "ConditionRateValue": decimal_text(line.unit_price or ZERO),
        "ConditionCurrency": options.companies[order.company].currency,
        "ConditionQuantity": "1",
        "ConditionQuantityUnit": line.uom,
    }


def decimal_text(number: Decimal) -> str:
    """Plain digits: SAP reads no exponents."""
    return f"{number:f}"


def block_for(code: models.HoldCode, options: Options) -> tuple[str, str] | None:
    """The field and the code by which a hold is placed; None where the settings have no word for it."""
    for field, table in (
        ("DeliveryBlockReason", options.delivery_blocks),
        ("HeaderBillingBlockReason", options.billing_blocks),
    ):
        found = next((block for block, meaning in table.items() if meaning is code), None)
        if found is not None:
            return field, found
    return None


def blocked(row: payload.Order, field: str) -> str:
    return row.delivery_block_reason if field == "DeliveryBlockReason" else row.header_billing_block_reason


def blocks_meaning(row: payload.Order, code: models.HoldCode, options: Options) -> Iterable[str]:
    """The fields whose block means it."""
    if row.delivery_block_reason and options.delivery_blocks.get(row.delivery_block_reason) is code:
        yield "DeliveryBlockReason"
    if row.header_billing_block_reason and options.billing_blocks.get(row.header_billing_block_reason) is code:
        yield "HeaderBillingBlockReason"
