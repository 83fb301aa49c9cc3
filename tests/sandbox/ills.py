"""Everything that is wrong with an order, worked out from the data set's rows alone."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from sandbox.facts import Dataset
from sandbox.facts_customers import Customer
from sandbox.facts_items import Item
from sandbox.pricing import Question, price_of
from sandbox.sample_order import SampleLine, SampleOrder

CENT = Decimal("0.01")


def ills(data: Dataset, order: SampleOrder) -> set[str]:
    customer = data.customers.one(order.company, order.customer)
    if customer is None:
        return {"UNKNOWN_CUSTOMER"}
    found = {*customers(data, order, customer), *ship_tos(data, order)}
    for line in order.lines:
        found.update(lines(data, order, customer, line))
    return found | set(credit(data, order, customer)) | set(refusals(data, order))


def customers(data: Dataset, order: SampleOrder, customer: Customer) -> Iterator[str]:
    if customer.blocked:
        yield "CUSTOMER_BLOCKED"
    for row in data.order_list:
        same = (row.company, row.customer) == (order.company, order.customer)
        if order.po_number and same and row.po_number == order.po_number and row.status != "CANCELLED":
            yield "DUPLICATE_PO"


def payers(data: Dataset, company: str, number: str) -> list[str]:
    found = [number]
    while (row := data.customers.one(company, found[-1])) and row.bill_to:
        found.append(row.bill_to)
    return found


def ship_tos(data: Dataset, order: SampleOrder) -> Iterator[str]:
    ship_to = data.ship_tos.one(order.company, order.ship_to)
    if ship_to is None:
        yield "UNKNOWN_SHIP_TO"
    elif ship_to.customer not in payers(data, order.company, order.customer) and order.customer not in payers(
        data, order.company, ship_to.customer
    ):
        yield "INVALID_SHIP_TO"


def lines(data: Dataset, order: SampleOrder, customer: Customer, line: SampleLine) -> Iterator[str]:
    item = data.items.one(order.company, line.sku)
    if item is None:
        yield "UNKNOWN_ITEM"
        return
    if item.status != "ACTIVE":
        yield f"ITEM_{item.status}"
    if item.factor(line.uom or item.uom) is None:
        yield "UNKNOWN_UOM"
        return
    rule = item.quantity_rule
    too_many = rule.maximum is not None and line.quantity > rule.maximum
    if line.quantity < rule.minimum or too_many or line.quantity % (rule.increment or line.quantity):
        yield "QUANTITY_RULE"
    if item.hazardous and order.carrier_service == "NEXT DAY AIR":
        yield "CARRIER_RESTRICTION"
    unit = unit_of(data, customer, item, line)
    if unit is None:
        yield "PRICE_UNAVAILABLE"
    elif line.expected_unit_price not in {None, unit}:
        yield "PRICE_CHANGED"
    yield from availability(data, item, line)


def unit_of(data: Dataset, customer: Customer, item: Item, line: SampleLine) -> Decimal | None:
    price = price_of(data, Question("", customer, item, line.uom or item.uom, line.quantity, data.today))
    return price.unit if price else None


def availability(data: Dataset, item: Item, line: SampleLine) -> Iterator[str]:
    stock = [row for row in data.rows.stock if (row.company, row.sku) == (item.company, item.sku)]
    inbound = [row for row in data.rows.inbound if (row.company, row.sku) == (item.company, item.sku)]
    if not stock and not inbound:
        yield "NO_ROUTE"
    elif line.quantity > sum(row.on_hand for row in stock) + sum(row.quantity for row in inbound):
        yield "INSUFFICIENT_AVAILABILITY"


def credit(data: Dataset, order: SampleOrder, customer: Customer) -> Iterator[str]:
    chain = [(order.company, number) for number in payers(data, order.company, customer.number)]
    accounts = [account for account in chain if account in data.credit]
    if any(data.credit[account].on_hold for account in accounts):
        yield "CREDIT_HOLD"
    total = Decimal(0)
    for line in order.lines:
        item = data.items.one(order.company, line.sku)
        unit = unit_of(data, customer, item, line) if item else None
        total += ((unit or 0) * line.quantity).quantize(CENT, ROUND_HALF_UP)
    total += (total * data.company(order.company).tax_rate).quantize(CENT, ROUND_HALF_UP)
    paying = next((account for account in accounts if data.credit[account].limit is not None), None)
    if paying and data.exposure[paying] + total > (data.credit[paying].limit or 0):
        yield "CREDIT_LIMIT"


def refusals(data: Dataset, order: SampleOrder) -> Iterator[str]:
    for row in data.rows.refusals:
        if row.strikes(order):
            yield "SOURCE_REJECTED" if row.system == "erp" else "RELEASE_REFUSED"
