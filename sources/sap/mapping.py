"""From S/4HANA's master data to canonical facts: pure functions, codes in tables of the installation's own."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sources import models
from sources.codes import MAX_UNMAPPED
from sources.sap import payload
from sources.sap.odata import moment
from sources.sap.options import Options, SalesArea

ZERO, ONE = Decimal(0), Decimal(1)

SHIP_TO = frozenset({"SH", "WE"})
BILL_TO = frozenset({"BP", "RE"})
"""Partner functions in English and in German: the services tell them in the language of the user that asks."""

UNMAPPED_STATUSES: Counter[str] = Counter()


def is_of(area: SalesArea, row: payload.SalesAreaOf | payload.PartnerFunction) -> bool:
    there = (row.sales_organization, row.distribution_channel, row.division)
    return there == (area.sales_organization, area.distribution_channel, area.division)


# ---------------------------------------------------------------- items


def item(row: payload.Material, company: str, as_of: datetime, options: Options) -> models.Item | None:
    """None where the company does not sell it: the product has no data for its sales organization and channel."""
    area = options.companies[company]
    sold = next((each for each in row.to_sales_delivery.results if _is_sold(each, area)), None)
    if sold is None:
        return None
    return models.Item(
        company=company,
        sku=row.product,
        name=description(row.to_description.results, options.language) or row.product,
        status=status(row, sold, options.item_statuses),
        uom=row.base_unit,
        uoms=units(row),
        quantity_rule=quantity_rule(row, sold, options.smallest_quantity),
        hazardous=row.is_relevant_for_hzds_substances,
        as_of=as_of,
        category=row.product_group or None,
    )


def _is_sold(row: payload.SalesDelivery, area: SalesArea) -> bool:
    there = (row.product_sales_org, row.product_distribution_chnl)
    return there == (area.sales_organization, area.distribution_channel)


def description(rows: Iterable[payload.Description], language: str) -> str:
    """In the language asked for, else in whichever comes first by its code."""
    told = sorted((each.language != language, each.language, each.product_description) for each in rows)
    return next((text for _, _, text in told if text), "")


def status(
    row: payload.Material, sold: payload.SalesDelivery, table: Mapping[str, models.ItemStatus]
) -> models.ItemStatus:
    """A product marked for deletion is discontinued. Its status in the company counts before that in all plants."""
    if row.is_marked_for_deletion or sold.is_marked_for_deletion:
        return models.ItemStatus.DISCONTINUED
    code = sold.product_sales_status or row.cross_plant_status
    if not code:
        return models.ItemStatus.ACTIVE
    if code not in table and (code in UNMAPPED_STATUSES or len(UNMAPPED_STATUSES) < MAX_UNMAPPED):
        UNMAPPED_STATUSES[code] += 1
    return table.get(code, models.ItemStatus.UNKNOWN)


def units(row: payload.Material) -> tuple[models.ItemUom, ...]:
    """The base unit first. A unit without a denominator is none."""
    others = [
        models.ItemUom(each.alternative_unit, factor)
        for each in row.to_units.results
        if each.alternative_unit != row.base_unit and (factor := factor_of(each)) is not None
    ]
    return (models.ItemUom(row.base_unit, ONE), *others)


def factor_of(unit: payload.UnitOfMeasure) -> Decimal | None:
    numerator, denominator = Decimal(unit.quantity_numerator), Decimal(unit.quantity_denominator)
    return numerator / denominator if numerator > 0 and denominator > 0 else None


def quantity_rule(row: payload.Material, sold: payload.SalesDelivery, smallest: Decimal) -> models.QuantityRule:
    """The minimum is told in the base unit; the quantity that is delivered at a time in a unit of its own."""
    minimum = Decimal(sold.minimum_order_quantity)
    factors = {each.code: each.factor for each in units(row)}
    step = Decimal(sold.delivery_quantity) * factors.get(sold.delivery_quantity_unit or row.base_unit, ZERO)
    increment = step if step > 0 else smallest
    return models.QuantityRule(max(minimum, increment), increment)


def buckets(rows: Iterable[payload.Availability], last: datetime) -> tuple[models.AtpBucket, ...]:
    """What can be promised from each day on; of several on one day the last stands. Nothing below zero can be promised."""
    days = sorted((moment(row.period_start), Decimal(row.quantity)) for row in rows)
    told = {at.date(): quantity for at, quantity in days if at <= last}
    return tuple(models.AtpBucket(day, max(quantity, ZERO)) for day, quantity in told.items())


# ---------------------------------------------------------------- customers


def customer(row: payload.Customer, company: str, as_of: datetime, options: Options) -> models.Customer | None:
    """None where the company does not sell to it."""
    area = options.companies[company]
    sold = next((each for each in row.to_sales_area.results if is_of(area, each)), None)
    if sold is None:
        return None
    payers = sorted(
        each.other
        for each in sold.to_partner_function.results
        if each.partner_function in BILL_TO and each.other and is_of(area, each)
    )
    blocks = (row.order_is_blocked_for_customer, row.delivery_is_blocked, sold.order_is_blocked_for_customer,
              sold.delivery_is_blocked_for_customer)  # fmt: skip
    return models.Customer(
        company=company,
        number=row.customer,
        name=row.customer_name,
        currency=sold.currency or area.currency,
        as_of=as_of,
        segment=sold.customer_group or None,
        payment_terms=sold.customer_payment_terms or None,
        bill_to_number=payers[0] if payers and row.customer not in payers else None,
        blocked=any(blocks) or row.deletion_indicator or sold.deletion_indicator,
    )


def ship_to(partner: payload.Partner, company: str, customer_number: str) -> models.ShipTo:
    """The first address is the standard one of those that are valid now."""
    told = partner.to_address.results[0] if partner.to_address.results else payload.Address()
    street = " ".join(each for each in (told.street_name, told.house_number) if each)
    return models.ShipTo(
        company=company,
        code=partner.customer,
        customer_number=customer_number,
        name=partner.business_partner_name,
        address=models.Address(
            line1=street,
            city=told.city_name,
            country=told.country,
            line2=told.street_prefix_name or None,
            region=told.region or None,
            postal_code=told.postal_code or None,
        ),
    )


def sold_to(rows: Sequence[payload.PartnerFunction], code: str) -> str | None:
    """Whose ship-to it is: its own, where it is a customer that ships to itself, else that of the lowest number."""
    customers = sorted({row.customer for row in rows if row.other == code})
    return code if code in customers else next(iter(customers), None)
