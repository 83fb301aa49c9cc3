"""From the contract's rows to canonical facts: pure functions, codes in tables."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

import msgspec

from sources import changes, models
from sources.errors import SourceContractBroken, SourceError, SourceRateLimited, SourceRejected, SourceUnavailable
from sources.heads import LEFT_OUT
from sources.standard import payload

E = TypeVar("E", bound=Enum)

FAILED_KEY: dict[str, type[SourceError]] = {
    "UNAVAILABLE": SourceUnavailable,
    "INTERNAL": SourceUnavailable,
    "RATE_LIMITED": SourceRateLimited,
}
"""What a single key's failure means; every other code is the business's own refusal."""


def failed_key(source: str, code: str) -> SourceError:
    detail = "one key failed"
    kind = FAILED_KEY.get(code)
    return kind(source, detail=detail) if kind else SourceRejected(source, reason=code, detail=detail)


STATUSES: dict[type[Enum], dict[str, Any]] = {
    kind: dict(kind.__members__)
    for kind in (models.ItemStatus, models.OrderStatus, models.ShipmentStatus, models.TrackingStatus)
}
"""The contract's codes are our names; a dict, for looking into an Enum costs a call of Python code each time."""


PRICE_SOURCES: dict[str, models.PriceSource] = dict(models.PriceSource.__members__)


def known(kind: type[E], code: str) -> E:
    """A status of the contract; a code it does not know is UNKNOWN, never an error."""
    codes = STATUSES[kind]
    value: E = codes.get(code) or codes["UNKNOWN"]
    return value


def own_word(kind: type[Enum], status: str, text: str | None) -> str | None:
    """The source's own word for a status: its text, or the code itself where we could not place it."""
    return text if text is not None or status in STATUSES[kind] else status


def money(amount: Decimal | None, currency: str | None) -> models.Money | None:
    return None if amount is None or currency is None else models.Money(amount, currency)


# ---------------------------------------------------------------- customers


def customer(row: payload.CustomerRow, as_of: datetime) -> models.Customer:
    return models.Customer(
        company=row.company,
        number=row.number,
        name=row.name,
        currency=row.currency,
        as_of=as_of,
        segment=row.segment,
        payment_terms=row.payment_terms,
        buying_group=row.buying_group,
        bill_to_number=row.bill_to,
        blocked=row.blocked,
    )


def ship_to(row: payload.ShipToRow) -> models.ShipTo:
    address = row.address
    return models.ShipTo(
        company=row.company,
        code=row.code,
        customer_number=row.customer,
        name=row.name,
        address=models.Address(
            line1=address.line1,
            city=address.city,
            country=address.country,
            line2=address.line2,
            region=address.region,
            postal_code=address.postal_code,
        ),
        warehouse_code=row.warehouse,
        transit_days={transit.warehouse: transit.days for transit in row.transit_days},
    )


def credit(row: payload.CreditRow, as_of: datetime) -> models.Credit:
    return models.Credit(
        exposure=models.Money(row.exposure, row.currency),
        on_hold=row.on_hold,
        as_of=as_of,
        limit=money(row.limit, row.currency),
        available=money(row.available, row.currency),
    )


def relationship(row: payload.RelationshipRow, as_of: datetime) -> models.Relationship:
    return models.Relationship(
        contacts=row.contacts,
        open_opportunities=tuple(
            models.Opportunity(o.name, o.stage, money(o.amount, o.currency), o.closes_on) for o in row.opportunities
        ),
        as_of=as_of,
        owner=row.owner,
        stage=row.stage,
        last_activity_at=row.last_activity_at,
    )


# ---------------------------------------------------------------- items, prices, stock


def item(row: payload.ItemRow, as_of: datetime) -> models.Item:
    return models.Item(
        company=row.company,
        sku=row.sku,
        name=row.name,
        status=known(models.ItemStatus, row.status),
        uom=row.uom,
        uoms=row.uoms,
        quantity_rule=row.quantity_rule,
        hazardous=row.hazardous,
        as_of=as_of,
        description=row.description,
        category=row.category,
        replaced_by_sku=row.replaced_by,
        substitute_skus=row.substitutes,
        lead_time_days=row.lead_time_days,
    )


def price(row: payload.PriceRow, as_of: datetime, *, source: str) -> models.Price | SourceContractBroken:
    """A price of a kind we do not know is no price that could be quoted: it fails, alone."""
    origin = PRICE_SOURCES.get(row.source)
    if origin is None:
        return SourceContractBroken(source, path="$.prices[...].source", detail="an unknown price source")
    currency = row.currency
    return models.Price(
        unit=models.Money(row.unit, currency),
        uom=row.uom,
        breaks=tuple([models.PriceBreak(step.minimum, models.Money(step.unit, currency)) for step in row.breaks]),
        source=origin,
        as_of=as_of,
        list_price=money(row.list, currency),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def price_line(ref: int, terms: models.PriceTerms) -> payload.PriceLine:
    return payload.PriceLine(
        ref=str(ref),
        company=terms.company,
        customer=terms.customer,
        sku=terms.sku,
        quantity=terms.quantity,
        uom=terms.uom,
        ship_to=terms.ship_to,
        on=terms.on,
    )


def plan(row: payload.PlanRow) -> models.WarehousePlan:
    return models.WarehousePlan(
        warehouse_code=row.warehouse,
        supply=row.supply,
        demand=row.demand,
        atp=row.atp,
    )


def warehouse_stock(row: payload.StockRow, warehouses: Mapping[str, models.Warehouse]) -> models.WarehouseStock:
    place = warehouses.get(row.warehouse) or models.Warehouse(row.company, row.warehouse, row.warehouse)
    return models.WarehouseStock(place, row.on_hand, row.allocated, row.unsellable, row.safety_stock)


# ---------------------------------------------------------------- orders and shipments


def order(row: payload.OrderRow) -> models.Order:
    return _order(row, tuple([order_line(line, row.company, row.currency) for line in row.lines]))


def order_head(row: payload.OrderHeadRow) -> models.Order:
    return _order(row, LEFT_OUT)


def _order(row: payload.OrderHeadRow, lines: tuple[models.OrderLine, ...]) -> models.Order:
    return models.Order(
        company=row.company,
        number=row.number,
        customer_number=row.customer,
        status=known(models.OrderStatus, row.status),
        holds=tuple(map(hold, row.holds)) if row.holds else (),
        placed_at=row.placed_at,
        total=models.Money(row.total, row.currency),
        lines=lines,
        po_number=row.po_number,
        ship_to_code=row.ship_to,
        source_status=own_word(models.OrderStatus, row.status, row.status_text),
        requested_date=row.requested_date,
        backorder_of_number=row.backorder_of,
        external_reference=row.external_reference,
    )


def hold(row: payload.HoldRow) -> models.Hold:
    code = models.HoldCode.__members__.get(row.code, models.HoldCode.OTHER)
    return models.Hold(code, row.reason if row.reason is not None else row.code, row.placed_at, row.owner)


def order_line(row: payload.OrderLineRow, company: str, currency: str) -> models.OrderLine:
    """By position, for there are hundreds of them in a list: names would cost a third more."""
    unit_price, total = models.Money(row.unit_price, currency), models.Money(row.total, currency)
    return models.OrderLine(
        company, row.number, row.sku, row.quantity, row.uom, unit_price, total, row.progress, row.promised_date
    )


def simulate_question(basket: models.Basket) -> payload.SimulateQuestion:
    lines = enumerate(basket.lines, start=1)
    return payload.SimulateQuestion(
        company=basket.company,
        customer=basket.customer,
        ship_to=basket.ship_to,
        requested_date=basket.requested_date,
        lines=tuple(payload.SimulateLine(number, line.sku, line.quantity, line.uom) for number, line in lines),
    )


def simulation(row: payload.SimulationAnswer, as_of: datetime) -> models.Simulation:
    return models.Simulation(
        subtotal=models.Money(row.subtotal, row.currency),
        tax=models.Money(row.tax, row.currency),
        freight=models.Money(row.freight, row.currency),
        total=models.Money(row.total, row.currency),
        as_of=as_of,
        credit=None if row.credit is None else credit_check(row.credit, row.currency),
    )


def credit_check(row: payload.CreditCheckRow, currency: str) -> models.CreditCheck:
    exposure = models.Money(row.exposure, currency)
    return models.CreditCheck(exposure, row.on_hold, row.exceeded, money(row.limit, currency))


def new_order(order: changes.NewOrder) -> payload.NewOrder:
    return payload.NewOrder(
        external_reference=order.reference,
        company=order.company,
        customer=order.customer,
        ship_to=order.ship_to,
        lines=tuple(payload.NewOrderLine(*msgspec.structs.astuple(line)) for line in order.lines),
        warehouses=order.warehouses,
        po_number=order.po_number,
        requested_date=order.requested_date,
        channel=order.channel,
        carrier_service=order.carrier_service,
        allow_backorder=order.allow_backorder,
        backorder_of=order.backorder_of,
        approvals=tuple(payload.ApprovalRow(*msgspec.structs.astuple(each)) for each in order.approvals),
    )


def new_hold(hold: changes.NewHold) -> payload.NewHold:
    return payload.NewHold(hold.company, hold.number, hold.code.value, hold.reason, hold.by)


def hold_lifted(lifted: changes.HoldLifted) -> payload.HoldLifted:
    return payload.HoldLifted(lifted.company, lifted.number, lifted.code.value, lifted.by, lifted.note)


def cancellation(asked: changes.Cancellation) -> payload.Cancellation:
    return payload.Cancellation(*msgspec.structs.astuple(asked))


def new_release(release: changes.NewRelease) -> payload.NewRelease:
    return payload.NewRelease(*msgspec.structs.astuple(release))


def released(row: payload.ReleaseAnswer) -> changes.Released:
    return changes.Released(row.company, row.order, row.released_at, tuple(map(shipment, row.shipments)))


def note(new: changes.NewNote) -> payload.NoteRow:
    return payload.NoteRow(**msgspec.structs.asdict(new))


def shipment(row: payload.ShipmentRow) -> models.Shipment:
    return models.Shipment(
        company=row.company,
        number=row.number,
        warehouse=row.warehouse,
        status=known(models.ShipmentStatus, row.status),
        parcels=tuple(parcel(each, row.carrier) for each in row.parcels),
        order_number=row.order,
        source_status=own_word(models.ShipmentStatus, row.status, row.status_text),
        carrier=row.carrier,
        service=row.service,
        shipped_at=row.shipped_at,
        freight=None if row.freight is None else models.Money(row.freight.amount, row.freight.currency),
    )


def parcel(row: payload.ParcelRow, carrier: str | None) -> models.Parcel:
    return models.Parcel(row.tracking_number, row.contents, carrier, row.weight_kg)


def tracking(row: payload.TrackingRow, as_of: datetime) -> models.Tracking:
    return models.Tracking(
        status=known(models.TrackingStatus, row.status),
        events=tuple(sorted(map(tracking_event, row.events), key=_moment)),
        as_of=as_of,
        source_status=own_word(models.TrackingStatus, row.status, row.status_text),
        estimated_delivery=row.estimated_delivery,
        delivered_at=row.delivered_at,
        signed_by=row.signed_by,
    )


def tracking_event(row: payload.TrackingEventRow) -> models.TrackingEvent:
    return models.TrackingEvent(row.at, known(models.TrackingStatus, row.status), row.description, row.location)


def _moment(event: models.TrackingEvent) -> datetime:
    return event.at


def grouped(rows: Sequence[payload.PlanRow]) -> dict[models.Key, list[models.WarehousePlan]]:
    """Plans by item."""
    plans: dict[models.Key, list[models.WarehousePlan]] = {}
    for row in rows:
        plans.setdefault(models.Key(row.company, row.sku), []).append(plan(row))
    return plans
