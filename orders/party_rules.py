"""The rules about who buys, where it goes, what was ordered before and who pays: pure, each its own function."""

from collections.abc import Sequence
from decimal import Decimal

from orders.facts import OrderFacts
from orders.problems import CreditLimitExceeded, DuplicatePurchaseOrder, PlainProblem, Problem, ProblemCode
from orders.request import OrderRequest
from sources import models
from sources.errors import SourceRejected

REASONS: dict[str, ProblemCode] = {
    "UNKNOWN_CUSTOMER": ProblemCode.UNKNOWN_CUSTOMER,
    "CUSTOMER_BLOCKED": ProblemCode.CUSTOMER_BLOCKED,
    "CREDIT_HOLD": ProblemCode.CREDIT_HOLD,
    "CREDIT_LIMIT": ProblemCode.CREDIT_LIMIT,
    "INSUFFICIENT_AVAILABILITY": ProblemCode.INSUFFICIENT_AVAILABILITY,
    "QUANTITY_RULE": ProblemCode.QUANTITY_RULE,
    "UNKNOWN_SHIP_TO": ProblemCode.UNKNOWN_SHIP_TO,
    "UNKNOWN_ITEM": ProblemCode.UNKNOWN_ITEM,
    "ITEM_BLOCKED": ProblemCode.ITEM_BLOCKED,
    "UNKNOWN_UOM": ProblemCode.UNKNOWN_UOM,
    "PRICE_UNAVAILABLE": ProblemCode.PRICE_UNAVAILABLE,
    "UNKNOWN_WAREHOUSE": ProblemCode.NO_ROUTE,
}
"""The machine words of systems' refusals, as problems; every other word is SOURCE_REJECTED."""


def rejected_problem(error: SourceRejected) -> PlainProblem:
    """What a system's refusal of the whole order is called."""
    code = REASONS.get(error.reason, ProblemCode.SOURCE_REJECTED)
    return PlainProblem(code, f"The {error.source} system refuses the order: {error.reason}.", ())


def customer_problems(facts: OrderFacts, request: OrderRequest) -> Sequence[Problem]:
    customer = facts.customer
    if facts.companies:
        named = ", ".join(facts.companies)
        told = f'"{request.customer}" exists in the companies {named}: say which one with "company".'
        return [PlainProblem(ProblemCode.UNKNOWN_CUSTOMER, told, ("company",))]
    if customer is None:
        told = f'There is no customer "{request.customer}".'
        return [PlainProblem(ProblemCode.UNKNOWN_CUSTOMER, told, ("customer",))]
    if isinstance(customer, models.Customer) and customer.blocked:
        told = f"Nothing may be sold to {customer.number} at the moment."
        return [PlainProblem(ProblemCode.CUSTOMER_BLOCKED, told, ("customer",))]
    return []


def ship_to_problems(facts: OrderFacts, request: OrderRequest) -> Sequence[Problem]:
    """Its own ship-tos, and those of the accounts it pays for; with an address that something can be sent to."""
    customer, ship_to = facts.customer, facts.ship_to
    if not isinstance(customer, models.Customer):
        return []
    if ship_to is None:
        told = f'There is no ship-to "{request.ship_to}".'
        return [PlainProblem(ProblemCode.UNKNOWN_SHIP_TO, told, ("shipTo",))]
    if not isinstance(ship_to, models.ShipTo):
        return []
    if not facts.is_ship_to_reached:
        told = f'The ship-to "{ship_to.code}" is not one of {customer.number}.'
        return [PlainProblem(ProblemCode.INVALID_SHIP_TO, told, ("shipTo",))]
    address = ship_to.address
    missing = [name for name in ("line1", "city", "country") if not getattr(address, name).strip()]
    if missing:
        told = f'The address of "{ship_to.code}" has no {" and no ".join(missing)}.'
        return [PlainProblem(ProblemCode.INVALID_SHIP_TO, told, ("shipTo",))]
    return []


def duplicate_po_problems(same_po: object, request: OrderRequest, own_reference: str | None) -> Sequence[Problem]:
    """Orders with the same PO number, but for cancelled ones, the order's own writing, and what delivers the rest of another."""
    if not isinstance(same_po, tuple) or request.po_number is None:
        return []
    other = next(iter(duplicates(same_po, backorder_of=request.backorder_of, own_reference=own_reference)), None)
    if other is None:
        return []
    told = f'Order {other.number} has the PO number "{request.po_number}" already.'
    return [DuplicatePurchaseOrder(request.po_number, other.number, told, ("poNumber",))]


def duplicates(
    same_po: Sequence[models.Order], *, backorder_of: str | None = None, own_reference: str | None = None
) -> Sequence[models.Order]:
    """Those of `same_po` that are orders of their own beside this one: its backorder family reuses the PO number rightly."""
    family = _family(same_po, backorder_of, own_reference)
    return [
        order for order in same_po if order.status is not models.OrderStatus.CANCELLED and order.number not in family
    ]


def _family(same_po: Sequence[models.Order], backorder_of: str | None, own_reference: str | None) -> set[str]:
    """The order's own writing and `backorder_of`, with all that they deliver the rest of or that delivers theirs."""
    family = {each.number for each in same_po if own_reference and each.external_reference == own_reference}
    family |= {backorder_of} if backorder_of else set()
    grown = True
    while grown:
        grown = False
        for order in same_po:
            parent = order.backorder_of_number
            if parent is not None and (parent in family) is not (order.number in family):
                family |= {parent, order.number}
                grown = True
    return family


def credit_problems(facts: OrderFacts, ordered: models.Money | None = None) -> Sequence[Problem]:
    """By the ERP's own check of the account that pays, where it makes one; else by the customer's credit and `ordered`, without tax."""
    simulation = facts.simulation
    if isinstance(simulation, SourceRejected):
        return [rejected_problem(simulation)]
    if isinstance(simulation, models.Simulation) and simulation.credit is not None:
        check = simulation.credit
        held = _hold_problems(on_hold=check.on_hold)
        return [*held, *_limit_problems(check, simulation.total)]
    credit = facts.credit
    if not isinstance(credit, models.Credit):
        return []
    return [*_hold_problems(on_hold=credit.on_hold), *_beyond(credit, ordered)]


def _beyond(credit: models.Credit, ordered: models.Money | None) -> Sequence[Problem]:
    """Amounts in two currencies say nothing of each other."""
    limit = credit.limit
    if limit is None or ordered is None or {limit.currency, credit.exposure.currency} != {ordered.currency}:
        return []
    exceeded = credit.exposure.amount + ordered.amount > limit.amount
    return _limit_problems(models.CreditCheck(credit.exposure, credit.on_hold, exceeded, limit), ordered)


def _hold_problems(*, on_hold: bool) -> Sequence[Problem]:
    if not on_hold:
        return []
    return [PlainProblem(ProblemCode.CREDIT_HOLD, "The account that pays is on credit hold.", ("customer",))]


def _limit_problems(check: models.CreditCheck, total: models.Money) -> Sequence[Problem]:
    if check.limit is None or not check.exceeded:
        return []
    over = max(check.exposure.amount + total.amount - check.limit.amount, Decimal(0))
    exceeded_by = models.Money(over, total.currency)
    told = f"The order takes the account {over:f} {total.currency} over its credit limit."
    return [CreditLimitExceeded(check.limit, check.exposure, exceeded_by, told, ("customer",))]
