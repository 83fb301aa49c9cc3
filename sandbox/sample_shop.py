"""What one company can sell without trouble: customers who may buy, and goods of which there is plenty."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from itertools import cycle, islice
from typing import NamedTuple

from sandbox.amounts import ONE, ZERO, money, plain
from sandbox.books import Books
from sandbox.facts import Dataset
from sandbox.facts_customers import Customer, ShipTo
from sandbox.facts_items import Item
from sandbox.facts_stock import Stock
from sandbox.flows import Place
from sandbox.journal import Journal
from sandbox.pricing import Question, price_of
from sandbox.sample_order import SampleLine, SampleOrder

_SOUND = 25
_MOST_LINES = 5
_STRIDE = 37
"""Goods are sorted by SKU: steps like this one lead through all their families."""
_PLENTY = 40
"""Sound samples are tried again and again, so there is stock and credit for forty of each."""


class Buyer(NamedTuple):
    """`room` is what its paying account may still owe; None is without limit."""

    customer: Customer
    ship_to: ShipTo
    room: Decimal | None
    on_hold: bool

    def bears(self, total: Decimal) -> bool:
        return self.room is None or total <= self.room


class Shop:
    def __init__(self, dataset: Dataset, company: str) -> None:
        self.dataset = dataset
        self.company = company
        self._books = Books(dataset, Journal(None))
        self._tax = dataset.company(company).tax_rate
        self._everywhere = {row.code for row in dataset.warehouses_by_company.get(company, ())}

    @cached_property
    def everybody(self) -> list[Buyer]:
        """All who have an address of their own that nobody refuses, blocked ones and those on hold included."""
        own = (row for row in self.dataset.customer_list if row.company == self.company)
        return [buyer for row in own if len(self.dataset.customers.find(row.number)) == 1 for buyer in self._buyer(row)]

    def _buyer(self, customer: Customer) -> Iterator[Buyer]:
        for ship_to in self.dataset.ship_tos_of.find(customer.number, self.company)[:1]:
            buyer = self.buyer(customer, ship_to)
            if len(self.dataset.ship_tos.find(ship_to.code)) == 1 and not self._is_refused(buyer):
                yield buyer

    def buyer(self, customer: Customer, ship_to: ShipTo) -> Buyer:
        credit = self._books.paying_credit(customer)
        return Buyer(customer, ship_to, credit.available, credit.on_hold)

    def _is_refused(self, buyer: Buyer) -> bool:
        order = self.order(buyer)
        return bool(self.dataset.refusal("erp", order) or self.dataset.refusal("wms", order))

    @cached_property
    def buyers(self) -> list[Buyer]:
        return [row for row in self.everybody if not row.customer.blocked and not row.on_hold and row.bears(ONE)]

    @cached_property
    def items(self) -> list[Item]:
        own = (row for row in self.dataset.item_list if row.company == self.company)
        return [row for row in own if len(self.dataset.items.find(row.sku)) == 1]

    @cached_property
    def plentiful(self) -> list[Item]:
        """Whatever their status, items of which every warehouse has forty times the least one can order."""
        return [item for item in self.items if self.spare(item) >= least(item) * _PLENTY]

    @cached_property
    def goods(self) -> list[Item]:
        """Plain ones: sold at the moment, and by any carrier."""
        return [item for item in self.plentiful if item.status == "ACTIVE" and not item.hazardous]

    def spare(self, item: Item) -> Decimal:
        """What the warehouse with the least of it can still promise; 0 where it is not in all of them."""
        rows = self.dataset.stock.find(item.sku, self.company)
        if {row.warehouse for row in rows} != self._everywhere:
            return ZERO
        return min((self._spare_at(row) for row in rows), default=ZERO)

    def _spare_at(self, row: Stock) -> Decimal:
        place = Place(row.company, row.sku, row.warehouse)
        if place in self.dataset.flows.atp:
            return ZERO  # the ERP promises these itself, by figures of its own
        waiting = sum(self.dataset.flows.demand.get(place, {}).values(), ZERO)
        return row.on_hand - row.unsellable - row.safety_stock - max(row.allocated, waiting)

    def unit(self, customer: Customer, item: Item, quantity: Decimal) -> Decimal | None:
        price = price_of(self.dataset, Question("", customer, item, item.uom, quantity, self.dataset.today))
        return price.unit if price else None

    def cost(self, customer: Customer, item: Item, quantity: Decimal) -> Decimal | None:
        """What the customer would owe for it, tax included; None without a price."""
        unit = self.unit(customer, item, quantity)
        if unit is None:
            return None
        total = money(unit * quantity, customer.currency)
        return total + money(total * self._tax, customer.currency)

    def order(self, buyer: Buyer, *lines: SampleLine) -> SampleOrder:
        return SampleOrder(
            company=self.company, customer=buyer.customer.number, ship_to=buyer.ship_to.code, lines=lines
        )

    def sound(self) -> Iterator[SampleOrder]:
        """While there are enough, no two of them draw on the same account or the same goods."""
        mixed = cycle([item for at in range(_STRIDE) for item in self.goods[at::_STRIDE]])
        buyers = enumerate(self._spread())
        orders = (self._sound(buyer, list(islice(mixed, 1 + at % _MOST_LINES))) for at, buyer in buyers)
        return islice((order for order in orders if order is not None), _SOUND)

    def _spread(self) -> list[Buyer]:
        """First one buyer of each account at the top, then the others."""
        firsts: dict[str, Buyer] = {}
        others: list[Buyer] = []
        for buyer in self.buyers:
            *_, (_, top) = self.dataset.accounts(self.company, buyer.customer.number)
            if firsts.setdefault(top, buyer) is not buyer:
                others.append(buyer)
        return [*firsts.values(), *others]

    def _sound(self, buyer: Buyer, items: list[Item]) -> SampleOrder | None:
        """In their least quantities or twice that; none where something has no price, or credit does not bear it."""
        lines: list[SampleLine] = []
        total = ZERO
        for turn, item in enumerate(dict.fromkeys(items)):
            wanted = least(item) * (1 + turn % 2)
            quantity = wanted if fits(item, wanted) and wanted * _PLENTY <= self.spare(item) else least(item)
            cost = self.cost(buyer.customer, item, quantity)
            if cost is None:
                return None
            lines.append(SampleLine(sku=item.sku, quantity=plain(quantity)))
            total += cost
        return self.order(buyer, *lines) if lines and buyer.bears(total * _PLENTY) else None


def least(item: Item) -> Decimal:
    """The smallest quantity in the base unit that the item's rule allows."""
    rule = item.quantity_rule
    step = rule.increment or rule.minimum or ONE
    steps = -(-rule.minimum // step)
    return plain(step * max(steps, ONE))


def fits(item: Item, quantity: Decimal) -> bool:
    rule = item.quantity_rule
    within = rule.minimum <= quantity and (rule.maximum is None or quantity <= rule.maximum)
    return within and (rule.increment is None or quantity % rule.increment == 0)
