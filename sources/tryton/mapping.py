"""From Tryton's parties, products and moves to canonical facts: pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sources import models
from sources.atp import Flow
from sources.tryton import payload
from sources.tryton.directory import Company, Directory, factor, place_code, tidy

ONE = Decimal(1)


# ---------------------------------------------------------------- parties


def customer(row: payload.PartyRow, company: Company, as_of: datetime) -> models.Customer:
    """Tryton knows no bill-to of a party: each sale names its own. Its first category is taken for the segment."""
    currency = row.customer_currency
    return models.Customer(
        company=company.code,
        number=row.code,
        name=row.name or row.code,
        currency=(currency.code if currency is not None else None) or company.currency,
        as_of=as_of,
        segment=first_name(row.categories),
        payment_terms=row.customer_payment_term.name if row.customer_payment_term is not None else None,
        blocked=not row.active,
    )


def first_name(rows: Sequence[payload.Named]) -> str | None:
    return rows[0].name if rows else None


def ship_to(row: payload.AddressRow, company: Company) -> models.ShipTo:
    """What Tryton leaves empty is empty, so that the rules about ship-tos see that it is missing."""
    line1, _, line2 = (row.street or "").strip().partition("\n")
    number = row.party.code
    return models.ShipTo(
        company=company.code,
        code=str(row.id),
        customer_number=number,
        name=row.party_name or number,
        address=models.Address(
            line1=line1.strip(),
            city=row.city or "",
            country=(row.country.code if row.country is not None else None) or "",
            line2=line2.strip().replace("\n", ", ") or None,
            region=region(row.subdivision),
            postal_code=row.postal_code,
        ),
    )


def region(row: payload.Coded | None) -> str | None:
    """ISO 3166-2 without its country: IL of US-IL."""
    return (row.code or "").partition("-")[2] or None if row is not None else None


def credit(row: payload.CreditRow, as_of: datetime) -> models.Credit:
    """Tryton keeps no hold of an account. Nothing is available to one that is over its limit."""
    exposure, currency = row.credit_amount.decimal, row.currency.code or ""
    limit = row.credit_limit_amount.decimal if row.credit_limit_amount is not None else None
    return models.Credit(
        exposure=models.Money(exposure, currency),
        on_hold=False,
        as_of=as_of,
        limit=None if limit is None else models.Money(limit, currency),
        available=None if limit is None else models.Money(max(limit - exposure, Decimal(0)), currency),
    )


def credit_check(row: payload.CreditRow, amount: Decimal) -> models.CreditCheck:
    """Tryton's own rule: what is owed, and this, against the limit; taxes are not counted."""
    now = credit(row, as_of=datetime.min)  # noqa: DTZ901 - the moment is not looked at
    exceeded = now.limit is not None and amount > 0 and now.exposure.amount + amount > now.limit.amount
    return models.CreditCheck(now.exposure, now.on_hold, exceeded, now.limit)


# ---------------------------------------------------------------- products


def item(row: payload.ProductRow, where: tuple[Company, Directory], as_of: datetime) -> models.Item | None:
    """None where the product is measured in a unit that Tryton does not tell of."""
    company, directory = where
    base = directory.units.get(row.default_uom)
    if base is None:
        return None
    return models.Item(
        company=company.code,
        sku=row.code,
        name=row.name,
        status=item_status(row),
        uom=base.symbol,
        uoms=units(base, directory),
        quantity_rule=quantity_rule(row, base, directory),
        hazardous=False,
        as_of=as_of,
        description=row.description,
        category=first_name(row.categories),
        replaced_by_sku=row.replaced_by.code if row.replaced_by is not None else None,
        lead_time_days=int(row.lead_time.seconds // 86_400) if row.lead_time is not None else None,
    )


def item_status(row: payload.ProductRow) -> models.ItemStatus:
    if row.replaced_by is not None or not row.active:
        return models.ItemStatus.DISCONTINUED
    return models.ItemStatus.ACTIVE if row.salable else models.ItemStatus.BLOCKED


def units(base: payload.UnitRow, directory: Directory) -> tuple[models.ItemUom, ...]:
    """Tryton sells in every unit that measures the same, the base unit first."""
    others = [unit for unit in directory.units.values() if unit.category == base.category and unit.id != base.id]
    known = ((unit.symbol, factor(unit, base)) for unit in others)
    return (models.ItemUom(base.symbol, ONE), *(models.ItemUom(*each) for each in known if each[1] > 0))


def quantity_rule(row: payload.ProductRow, base: payload.UnitRow, directory: Directory) -> models.QuantityRule:
    """In the base unit; Tryton keeps minimum and multiple in the unit of sale. Without them, the unit's own rounding."""
    sold = directory.units.get(row.sale_uom) if row.sale_uom is not None else None
    scale = factor(sold, base) if sold is not None and sold.category == base.category else ONE
    least = tidy(base.rounding)
    minimum = tidy(row.sale_quantity_minimal * scale) if row.sale_quantity_minimal is not None else least
    increment = tidy(row.sale_quantity_rounding * scale) if row.sale_quantity_rounding is not None else least
    return models.QuantityRule(minimum or least, increment or least)


# ---------------------------------------------------------------- stock, supply and demand


def warehouse(place: payload.PlaceRow, company: str, directory: Directory) -> models.Warehouse:
    """Tryton has no order among warehouses: they are tried as they were made."""
    priority = 1 + sum(each.id < place.id for each in directory.places)
    return models.Warehouse(company, place_code(place), place.name, priority)


def flow(move: payload.MoveRow, today: date) -> Flow:
    """What has no day is due today."""
    on = move.planned_date.date() if move.planned_date is not None else today
    return Flow(on, tidy(move.internal_quantity))


def plans(
    moves: Iterable[payload.MoveRow], places: Sequence[payload.PlaceRow], directory: Directory, *, today: date
) -> dict[str, tuple[models.WarehousePlan, ...]]:
    """By item. What moves within a warehouse neither comes nor goes; from one to another it does both."""
    wanted = {place.id: place for place in places}
    found: dict[str, dict[int, tuple[list[Flow], list[Flow]]]] = {}
    for move in moves:
        origin, target = directory.place_at(move.from_location.left), directory.place_at(move.to_location.left)
        if origin == target or not move.product.code:
            continue
        for place, side in ((target, 0), (origin, 1)):
            if place is not None and place.id in wanted:
                of_item = found.setdefault(move.product.code, {})
                of_item.setdefault(place.id, ([], []))[side].append(flow(move, today))
    return {sku: tuple(_plan(wanted[id_], flows) for id_, flows in of_item.items()) for sku, of_item in found.items()}


def _plan(place: payload.PlaceRow, flows: tuple[list[Flow], list[Flow]]) -> models.WarehousePlan:
    supply, demand = (tuple(sorted(side, key=lambda each: each.date)) for side in flows)
    return models.WarehousePlan(place_code(place), supply, demand)


def allocated(moves: Iterable[payload.MoveRow], directory: Directory) -> Mapping[tuple[str, int], Decimal]:
    """By item and warehouse: what is assigned to leave the place where it stands.

    Tryton assigns what is to be picked first, and when it is picked, what leaves the warehouse: one of both at a time.
    """
    sums: dict[tuple[str, int], Decimal] = {}
    for move in moves:
        place = directory.place_at(move.from_location.left)
        if move.state == "assigned" and place is not None and move.product.code:
            key = move.product.code, place.id
            sums[key] = sums.get(key, Decimal(0)) + tidy(move.internal_quantity)
    return sums
