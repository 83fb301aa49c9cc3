"""The step `check`: fresh facts against the rules, and the order as it will be written."""

from datetime import UTC, datetime
from decimal import Decimal

from orders.attention import verdict, with_passed
from orders.check import Checked, Checker
from orders.outlook import Delivery
from orders.quoting import Line
from orders.record import Submission, SubmissionLine, SubmissionStatus
from orders.steps import Done, Ended, Steps
from orders.substitution import Substituted
from sources import models
from sources.changes import NewOrder, NewOrderLine
from sources.errors import SourceError, SourceRejected

VERDICTS = {
    SubmissionStatus.REJECTED: "It cannot be ordered as it stands.",
    SubmissionStatus.NEEDS_ATTENTION: "A person has to decide.",
}


class Checking:
    def __init__(self, steps: Steps, checker: Checker) -> None:
        self._steps, self._checker = steps, checker

    async def check(self, submission: Submission) -> Done:
        """Raises Ended where a problem keeps the order from going on, and a SourceError where something could not be read."""
        call = self._steps.reading(submission)
        found = await self._checker.check(call, submission.request, own_reference=submission.reference)
        if found.failures:
            raise worst(found.failures)
        problems = with_passed(found.problems, submission.passed)
        judged = with_facts(submission, found).changed(problems=problems)
        status = verdict(problems)
        if status is not None:
            raise Ended(status, problems, VERDICTS[status], judged)
        order = _order(judged, found)
        return Done(
            judged.changed(order=order, sent=True, sent_at=datetime.now(UTC)),
            f"{len(problems)} warnings" if problems else "Sound",
        )


def worst(failures: tuple[SourceError, ...]) -> SourceError:
    """What must be mended before what passes by itself."""
    return next((each for each in failures if not each.retryable and not isinstance(each, SourceRejected)), failures[0])


def with_facts(submission: Submission, found: Checked) -> Submission:
    """The record with all that the checks went by: who sells, where from, at what price, with which promise."""
    customer, quote = found.customer, found.quote
    if customer is None:
        return submission
    lines = tuple(map(_line, range(1, len(found.lines) + 1), found.lines, quote.lines if quote else ()))
    total = quote.simulation.total if quote and isinstance(quote.simulation, models.Simulation) else None
    payer = customer.bill_to_number
    return submission.changed(company=customer.company, payer=payer, route=found.route, lines=lines, total=total)


def _line(number: int, line: Substituted, quoted: Line) -> SubmissionLine:
    price = quoted.price if isinstance(quoted.price, models.Price) else None
    promise = quoted.promise if isinstance(quoted.promise, Delivery) else None
    available = sum((each.quantity for each in promise.portions), Decimal(0)) if promise else None
    return SubmissionLine(
        number=number,
        sku=quoted.sku,
        quantity=quoted.quantity,
        uom=quoted.uom,
        instead_of=line.instead_of,
        unit_price=price.unit if price else None,
        total=quoted.total,
        price_as_of=price.as_of if price else None,
        available=available,
        promised_date=promise.date if promise else None,
        availability_as_of=_read_at(line),
    )


def _read_at(line: Substituted) -> datetime | None:
    stock, plan = line.goods.stock, line.goods.plan
    if isinstance(stock, models.Stock) and isinstance(plan, models.SupplyDemand):
        return min(stock.as_of, plan.as_of)
    return None


def _order(submission: Submission, found: Checked) -> NewOrder:
    """With today's prices: what the ERP asked a moment ago is what the customer pays."""
    request = submission.request
    lines = [
        NewOrderLine(
            each.number, each.sku, each.quantity, each.uom, each.unit_price.amount if each.unit_price else None
        )
        for each in submission.lines
    ]
    route = found.route
    return NewOrder(
        reference=submission.reference,
        company=submission.company or "",
        customer=request.customer,
        ship_to=request.ship_to,
        lines=tuple(lines),
        warehouses=tuple(place.code for place in route.warehouses) if route else (),
        po_number=request.po_number,
        requested_date=request.requested_date,
        channel=request.channel.value,
        carrier_service=request.carrier_service,
        allow_backorder=request.allow_backorder,
        backorder_of=request.backorder_of,
        approvals=submission.approvals,
    )
