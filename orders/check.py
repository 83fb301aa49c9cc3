"""All that is wrong with an order, told at once: rules over facts, each its own pure function."""

from collections.abc import Sequence

import msgspec

from orders import rules
from orders.facts import Goods, OrderFacts, Reader
from orders.outlook import AvailabilityPolicy, Facts, outlook
from orders.party_rules import credit_problems, customer_problems, duplicate_po_problems, ship_to_problems
from orders.policy import OrderPolicy
from orders.problems import PlainProblem, Problem, ProblemCode, is_error
from orders.quoting import Line, Quoted, line_quoted, quoted, subtotal
from orders.request import OrderRequest
from orders.routing import Route, routed
from orders.substitution import Substituted, substituted, substitutes_wanted
from sources import models
from sources.call import CallContext
from sources.errors import SourceError, SourceRejected
from sources.permitted import permitted
from sources.ports import Sources
from sources.viewer import with_every_scope


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `failures`: systems that could not be asked, so that something was not checked."""

    problems: tuple[Problem, ...]
    failures: tuple[SourceError, ...] = ()
    customer: models.Customer | None = None
    ship_to: models.ShipTo | None = None
    route: Route | None = None
    quote: Quoted | None = None
    lines: tuple[Substituted, ...] = ()

    @property
    def acceptable(self) -> bool:
        return not self.failures and not any(is_error(problem) for problem in self.problems)

    @property
    def told(self) -> tuple[Problem, ...]:
        """The problems, and each system that could not be asked as one more."""
        silent = dict.fromkeys(str(failure) for failure in self.failures)
        return (*self.problems, *(PlainProblem(ProblemCode.SOURCE_UNAVAILABLE, each, ()) for each in silent))


class Checker:
    """Reads an order's facts and holds them against the rules."""

    def __init__(self, sources: Sources, availability: AvailabilityPolicy, policy: OrderPolicy) -> None:
        self._sources, self._availability, self._policy = sources, availability, policy

    async def check(self, call: CallContext, request: OrderRequest, *, own_reference: str | None = None) -> Checked:
        """`own_reference` marks the order's own earlier writing, which is no duplicate of it."""
        # What the rules must know is read whatever the caller may see of it, and within its reach.
        reach = with_every_scope(call.viewer)
        own = msgspec.structs.replace(call, viewer=reach)
        reader = Reader(permitted(self._sources, reach), own, self._availability)
        facts = await reader.read(request)
        parties, failures = self._parties(facts, request)
        customer = facts.customer
        if not isinstance(customer, models.Customer):
            return Checked(problems=parties, failures=failures)
        lines = await self._substituted(reader, facts, request, customer)
        goes_to = None if parties or not isinstance(facts.ship_to, models.ShipTo) else facts.ship_to.code
        await reader.simulate(facts, _basket(lines, request, customer, ship_to=goes_to))
        return self._judged(facts, request, lines, own_reference=own_reference)

    def _parties(self, facts: OrderFacts, request: OrderRequest) -> tuple[tuple[Problem, ...], tuple[SourceError, ...]]:
        failures = tuple(each for each in (facts.customer, facts.ship_to) if isinstance(each, SourceError))
        problems = [*customer_problems(facts, request), *ship_to_problems(facts, request)]
        return tuple(problems), failures

    async def _substituted(
        self, reader: Reader, facts: OrderFacts, request: OrderRequest, customer: models.Customer
    ) -> list[Substituted]:
        """The lines as they would be ordered, with their facts."""
        asked = list(zip(request.lines, facts.goods, strict=True))
        wanted = substitutes_wanted(asked) if request.allow_substitutes else {}
        others = (
            await reader.goods(customer.company, customer.number, list(wanted.values()), ship_to=request.ship_to)
            if wanted
            else ()
        )
        instead = dict(zip(wanted, zip(wanted.values(), others, strict=True), strict=True))
        return [substituted(index, line, goods, instead.get(index)) for index, (line, goods) in enumerate(asked)]

    def _judged(
        self, facts: OrderFacts, request: OrderRequest, lines: Sequence[Substituted], *, own_reference: str | None
    ) -> Checked:
        customer, ship_to = facts.customer, facts.ship_to
        parties, failures = self._parties(facts, request)
        if not isinstance(customer, models.Customer):
            raise TypeError("An order is judged once its customer is known.")
        goes_to = ship_to if isinstance(ship_to, models.ShipTo) else None
        route = self._route(request, customer, goes_to, lines)
        sold = [self._line(line, request, goes_to, route) for line in lines]
        problems: list[Problem] = [
            *parties,
            *duplicate_po_problems(facts.same_po, request, own_reference),
            *(problem for line in sold for problem in line.problems),
            *self._route_problems(route, goes_to, lines),
            *self._restrictions(request, customer, goes_to, lines),
            *credit_problems(facts, subtotal(sold)),
        ]
        return Checked(
            problems=tuple(problems),
            failures=(*failures, *_unread(facts, lines)),
            customer=customer,
            ship_to=goes_to,
            route=route,
            quote=quoted(sold, facts.simulation, customer),
            lines=tuple(lines),
        )

    def _route(
        self,
        request: OrderRequest,
        customer: models.Customer,
        ship_to: models.ShipTo | None,
        lines: Sequence[Substituted],
    ) -> Route | None:
        if ship_to is None:
            return None
        kept = [
            (each.goods.item, each.goods.stock)
            for each in lines
            if isinstance(each.goods.item, models.Item) and isinstance(each.goods.stock, models.Stock)
        ]
        return routed(self._policy, request, (customer, ship_to), kept)

    def _line(
        self, line: Substituted, request: OrderRequest, ship_to: models.ShipTo | None, route: Route | None
    ) -> Line:
        ahead = self._outlook(line.goods, ship_to, route)
        made = line_quoted(line.asked, line.goods.found(ahead), by=request.requested_date, path=line.path)
        kept = tuple(rules.judged_short(each, request.allow_backorder) for each in made.problems)
        priced = made.price if isinstance(made.price, models.Price) else None
        changed = rules.price_problems(self._policy, line.asked, priced, line.path)
        return msgspec.structs.replace(made, problems=(*line.problems, *kept, *changed))

    def _outlook(self, goods: Goods, ship_to: models.ShipTo | None, route: Route | None) -> object:
        if not isinstance(goods.item, models.Item):
            return None
        places = None if route is None else [place.code for place in route.warehouses]
        facts = Facts(goods.item, goods.stock, goods.plan)
        days = self._availability.horizon_days
        return outlook(self._availability, facts, ship_to, days=days, warehouses=places)

    def _route_problems(
        self, route: Route | None, ship_to: models.ShipTo | None, lines: Sequence[Substituted]
    ) -> Sequence[Problem]:
        if route is None or ship_to is None:
            return []
        codes = {place.code for place in route.warehouses}
        if not codes and any(isinstance(line.goods.stock, models.Stock) for line in lines):
            return [PlainProblem(ProblemCode.NO_ROUTE, f"No warehouse ships it there. {route.reason}", ("shipTo",))]
        return [
            PlainProblem(
                ProblemCode.NO_ROUTE, f"No warehouse of the route keeps {line.asked.sku}.", (*line.path, "sku")
            )
            for line in lines
            if isinstance(line.goods.item, models.Item) and not _keeps(line.goods.stock, codes)
        ]

    def _restrictions(
        self,
        request: OrderRequest,
        customer: models.Customer,
        ship_to: models.ShipTo | None,
        lines: Sequence[Substituted],
    ) -> Sequence[Problem]:
        if ship_to is None or request.carrier_service is None:
            return []
        goods = [(line.goods.item, line.path) for line in lines if isinstance(line.goods.item, models.Item)]
        return rules.carrier_problems(self._policy, request.carrier_service, (customer, ship_to), goods)


def _keeps(stock: models.Stock | SourceError | None, codes: set[str]) -> bool:
    """A stock that could not be read is no reason to say that there is none."""
    if isinstance(stock, SourceError):
        return True
    return stock is not None and any(row.warehouse.code in codes for row in stock.rows)


def _basket(
    lines: Sequence[Substituted], request: OrderRequest, customer: models.Customer, *, ship_to: str | None
) -> models.Basket:
    """The lines that the ERP can reckon with: the others have their problems already."""
    sound = [line.asked for line in lines if _is_sound(line)]
    return models.Basket(
        customer.company,
        customer.number,
        tuple(models.BasketLine(line.sku, line.quantity, line.uom) for line in sound),
        ship_to,
        request.requested_date,
    )


def _is_sound(line: Substituted) -> bool:
    item, price = line.goods.item, line.goods.price
    if not isinstance(item, models.Item) or not isinstance(price, models.Price):
        return False
    return item.status is not models.ItemStatus.BLOCKED and rules.base_factor(item, line.asked.uom) is not None


def _unread(facts: OrderFacts, lines: Sequence[Substituted]) -> Sequence[SourceError]:
    others = (facts.same_po, facts.simulation, facts.credit)
    failed = [each for each in others if isinstance(each, SourceError) and not isinstance(each, SourceRejected)]
    return [*(line.goods.failure for line in lines if line.goods.failure is not None), *failed]
