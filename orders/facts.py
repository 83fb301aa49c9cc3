"""What an order's checks need to know, read side by side in as few calls as it takes; nothing is written."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from orders.outlook import AvailabilityPolicy
from orders.quoting import Found
from orders.request import OrderRequest, RequestedLine
from orders.routing import seller
from sources import models
from sources.call import CallContext
from sources.errors import NotOffered, SourceError
from sources.parts import in_parts
from sources.ports import Found as Answers
from sources.ports import Sources

T = TypeVar("T")
K = TypeVar("K")
Outcome = models.Item | models.Price | models.Stock | models.SupplyDemand | SourceError | None

SAME_PO_PAGE = 100
"""How many orders of one PO number are looked at: the newest."""

MOST_BILL_TOS = 5
"""How many accounts are climbed from a ship-to's owner to who pays."""


class Goods(NamedTuple):
    """What was read of one line's item."""

    item: models.Item | SourceError | None
    price: models.Price | SourceError | None
    stock: models.Stock | SourceError | None
    plan: models.SupplyDemand | SourceError | None

    @property
    def failure(self) -> SourceError | None:
        return next((each for each in self if isinstance(each, SourceError)), None)

    def found(self, outlook: Any) -> Found:
        return Found(self.item, self.price, outlook)


class OrderFacts(msgspec.Struct, kw_only=True):
    """`companies`: those in which the customer's number exists, where that leaves open which one sells.

    `is_ship_to_reached`: the ship-to is the customer's own, or that of an account it pays for.
    """

    customer: models.Customer | SourceError | None
    ship_to: models.ShipTo | SourceError | None
    is_ship_to_reached: bool = False
    companies: tuple[str, ...] = ()
    goods: tuple[Goods, ...] = ()
    same_po: tuple[models.Order, ...] | SourceError = ()
    simulation: models.Simulation | SourceError | None = None
    credit: models.Credit | SourceError | None = None


class Reader:
    """Reads for one order, on its caller's behalf and within its deadline."""

    def __init__(self, sources: Sources, call: CallContext, availability: AvailabilityPolicy) -> None:
        self._erp, self._wms, self._call = sources.erp, sources.wms, call
        self._days = availability.horizon_days

    async def read(self, request: OrderRequest) -> OrderFacts:
        """Who buys and what, side by side where the company is known beforehand. Of single failures each takes its fact's place."""
        if request.company is not None:
            facts, goods = await asyncio.gather(self._parties(request), self._ordered(request.company, request))
        else:
            facts = await self._parties(request)
            if not isinstance(facts.customer, models.Customer):
                return facts
            goods = await self._ordered(facts.customer.company, request)
        facts.goods, facts.same_po = goods
        return facts

    async def _ordered(
        self, company: str, request: OrderRequest
    ) -> tuple[tuple[Goods, ...], tuple[models.Order, ...] | SourceError]:
        return await asyncio.gather(
            self.goods(company, request.customer, request.lines, ship_to=request.ship_to),
            self._same_po(company, request),
        )

    async def _parties(self, request: OrderRequest) -> OrderFacts:
        company = request.company
        customers, ship_tos = await asyncio.gather(
            _settled(self._erp.customers(self._call, company, [request.customer])),
            _settled(self._erp.ship_tos(self._call, company, [request.ship_to])),
        )
        if isinstance(customers, SourceError):
            return OrderFacts(customer=customers, ship_to=None)
        known = [each for each in customers.values() if isinstance(each, models.Customer)]
        places = [] if isinstance(ship_tos, SourceError) else list(ship_tos.values())
        failure = next((each for each in customers.values() if isinstance(each, SourceError)), None)
        # A company that could not be asked may know the number, too: who sells must not hang on which system is down.
        chosen = seller(known, _certain(places)) if failure is None else None
        companies = () if chosen or failure else tuple(sorted(each.company for each in known))
        ship_to = ship_tos if isinstance(ship_tos, SourceError) else _of_company(places, chosen)
        is_reached = await self._reaches(chosen, ship_to)
        return OrderFacts(
            customer=chosen or failure, ship_to=ship_to, companies=companies, is_ship_to_reached=is_reached
        )

    async def _reaches(self, customer: models.Customer | None, ship_to: models.ShipTo | SourceError | None) -> bool:
        """Whether the ship-to's owner is the customer, or is billed through it; what cannot be read is no reason to refuse."""
        if customer is None or not isinstance(ship_to, models.ShipTo):
            return False
        owner: str | None = ship_to.customer_number
        for _ in range(MOST_BILL_TOS):
            if owner is None or owner == customer.number:
                break
            found = await _settled(self._erp.customers(self._call, customer.company, [owner]))
            if isinstance(found, SourceError):
                return True
            above = found.get(models.Key(customer.company, owner))
            owner = above.bill_to_number if isinstance(above, models.Customer) else None
        return owner == customer.number

    async def goods(
        self, company: str, customer: str, lines: Sequence[RequestedLine], *, ship_to: str | None
    ) -> tuple[Goods, ...]:
        """Items, prices, stock and plans of the lines: four calls side by side for up to a batch of them."""
        terms = [
            models.PriceTerms(company, customer, line.sku, line.quantity, line.uom, ship_to or None) for line in lines
        ]
        skus = list(dict.fromkeys(line.sku for line in lines))
        erp, wms, call, days = self._erp, self._wms, self._call, self._days
        items, prices, stocks, plans = await asyncio.gather(
            _parts(skus, lambda keys: erp.items(call, company, keys), erp.max_batch["items"]),
            _parts(list(dict.fromkeys(terms)), lambda keys: erp.prices(call, keys), erp.max_batch["prices"]),
            _parts(skus, lambda keys: wms.stock(call, company, keys, warehouses=()), wms.max_batch["stock"]),
            _parts(
                skus,
                lambda keys: erp.supply_demand(call, company, keys, warehouses=(), days=days),
                erp.max_batch["supply_demand"],
            ),
        )
        keys = [models.Key(company, line.sku) for line in lines]
        return tuple(
            Goods(_at(items, key), _at(prices, asked), _at(stocks, key), _at(plans, key))
            for key, asked in zip(keys, terms, strict=True)
        )

    async def _same_po(self, company: str, request: OrderRequest) -> tuple[models.Order, ...] | SourceError:
        if request.po_number is None:
            return ()
        matching = models.OrderFilter(company, request.customer, request.po_number)
        page = await _settled(
            self._erp.search_orders(self._call, models.PageRequest(SAME_PO_PAGE, lines=False), matching)
        )
        return page if isinstance(page, SourceError) else page.rows

    async def simulate(self, facts: OrderFacts, basket: models.Basket) -> None:
        """Tax, freight and credit by the ERP's own reckoning; without a line that it could reckon, or an ERP that can, the credit alone."""
        if basket.lines:
            simulation = await _settled(self._erp.simulate(self._call, basket))
            if not isinstance(simulation, NotOffered):
                facts.simulation = simulation
                return
        credit = await _settled(self._erp.credit_by_customer(self._call, basket.company, [basket.customer]))
        key = models.Key(basket.company, basket.customer)
        facts.credit = credit if isinstance(credit, SourceError) else credit.get(key)


async def _settled(asking: Awaitable[T]) -> T | SourceError:
    try:
        return await asking
    except SourceError as error:
        return error


async def _parts(
    keys: Sequence[Any], ask: Callable[[Sequence[Any]], Awaitable[Answers[Any, Any]]], most: int
) -> dict[Any, Any]:
    async def part(_: None, some: Sequence[Any]) -> Answers[Any, Any]:
        return await ask(some)

    return await in_parts({None: keys}, part, max_batch=most)


def _at(found: dict[Any, Any], key: Any) -> Any:
    """A part that failed as a whole is found under the keys it was asked by."""
    return found.get(key, found.get(getattr(key, "number", None)))


def _certain(places: Sequence[Any]) -> list[models.ShipTo]:
    """None of them where one could not be read: they decide between companies."""
    certain = [each for each in places if isinstance(each, models.ShipTo)]
    return certain if len(certain) == len(places) else []


def _of_company(places: Sequence[Any], customer: models.Customer | None) -> models.ShipTo | SourceError | None:
    own = [each for each in places if isinstance(each, models.ShipTo)]
    failure = next((each for each in places if isinstance(each, SourceError)), None)
    return next((each for each in own if customer and each.company == customer.company), failure)
