"""Submissions: orders on their way, what happened to them, and what a person decides about them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from engine import batched
from orders import record
from orders.desk import Answer, Caller, Desk
from orders.problems import Problem as AnyProblem
from orders.problems import ProblemCode
from orders.request import Channel
from orders.store import Listing
from resolvers.connections import After, First, PageInfo, connection, stretch
from resolvers.context import Info
from resolvers.customers import Customer
from resolvers.enums import publish
from resolvers.errors import BadInput, NotOffered
from resolvers.money import Money
from resolvers.nodes import Node
from resolvers.orders import Order
from resolvers.problems import Problem, shown
from resolvers.recorded import reading
from resolvers.submission_ids import submission_id_of
from resolvers.warehouses import Warehouse
from sources import models
from sources.viewer import Viewer

SUBMIT, READ, RESOLVE = "order:submit", "submission:read", "submission:resolve"

publish(
    record.SubmissionStatus,
    "Where a submission stands.",
    {
        "QUEUED": "Taken; it waits for its turn, or for a system that does not answer.",
        "RUNNING": "Being checked and written.",
        "ACCEPTED": "In the ERP and with the warehouse.",
        "NEEDS_ATTENTION": "It waits for a person's decision: see problems.",
        "REJECTED": "It cannot be ordered, or a person said no: see problems and decisions.",
        "RECONCILING": "It may or may not have been written: that is being found out.",
        "CANCELLED": "Taken back before it was done.",
        "FAILED": "Something on our side is wrong; it can be retried once that is mended.",
    },
)
publish(
    record.StepStatus,
    "Where a step stands.",
    {
        "PENDING": "Still to come.",
        "RUNNING": "Under way.",
        "DONE": "Done.",
        "FAILED": "It ended the run.",
        "COMPENSATED": "Done, and taken back since.",
        "SKIPPED": "Not needed any more.",
    },
)
publish(
    record.Decision,
    "What a person decides.",
    {
        "RELEASE": "Go on in spite of the problems.",
        "AMEND": "Go on with other lines.",
        "REJECT": "Do not go on.",
    },
)


publish(
    Channel,
    "Where an order comes from. The rules are the same for all; those where somebody waits go first.",
    {
        "DIRECT": "Entered by the distributor's own people; starts at once.",
        "CPQ": "Out of a quote; starts at once.",
        "PORTAL": "By the customer in its portal; starts at once.",
        "ECOMMERCE": "Out of a web shop; through the queue.",
        "EDI": "By electronic data interchange; through the queue.",
        "MARKETPLACE": "Out of a marketplace; through the queue.",
    },
)


@strawberry.type(description="Who sells an order and which warehouses ship it.")
class Route:
    company: str = strawberry.field(description="The legal entity.")
    warehouses: list[Warehouse] = strawberry.field(description="In the order to ship from.")
    reason: str = strawberry.field(description="Why this way.")


def unit_price_of(root: Any, info: Info) -> Any:
    return root.unit_price if info.context.call.viewer.may("price:read") else None


def total_of(root: Any, info: Info) -> Any:
    return root.total if info.context.call.viewer.may("price:read") else None


def problems_of(root: Any, info: Info) -> Any:
    return shown(root.problems, info)


@strawberry.type(description="One step of a submission.")
class SubmissionStep:
    name: str = strawberry.field(description="Which step.")
    status: record.StepStatus = strawberry.field(description="Where it stands.")
    attempts: int = strawberry.field(description="How often it was tried.")
    started_at: datetime | None = strawberry.field(description="When it was first tried.")
    finished_at: datetime | None = strawberry.field(description="When it was over.")
    detail: str | None = strawberry.field(description="What came of it, for people.")


@strawberry.type(description="What a person decided.")
class SubmissionDecision:
    decision: record.Decision = strawberry.field(description="What was decided.")
    by: str = strawberry.field(description="Who decided.")
    at: datetime = strawberry.field(description="When.")
    note: str = strawberry.field(description="Why.")


@strawberry.type(description="A line of a submission, with the facts that its checks went by.")
class SubmissionLine:
    number: int = strawberry.field(description="Its number within the order.")
    sku: str = strawberry.field(description="What is ordered.")
    instead_of: str | None = strawberry.field(description="What was asked for, where a substitute takes its place.")
    quantity: Decimal = strawberry.field(description="How much, in uom.")
    uom: str = strawberry.field(description="The unit.")
    unit_price: Money | None = strawberry.field(
        resolver=unit_price_of,
        graphql_type=Money | None,
        description="The price of one unit that was found.",
    )
    total: Money | None = strawberry.field(
        resolver=total_of,
        graphql_type=Money | None,
        description="The line's amount.",
    )
    price_as_of: datetime | None = strawberry.field(description="When the price was read from the ERP.")
    available: Decimal | None = strawberry.field(description="What could be promised then, in the base unit.")
    promised_date: date | None = strawberry.field(description="When all of it could be had.")
    availability_as_of: datetime | None = strawberry.field(description="When stock and plans were read.")


async def customer_of_submission(submissions: Sequence[record.Submission], info: Info) -> Sequence[Any]:
    keys = [models.Key(each.company, each.request.customer) if each.company else None for each in submissions]
    return await info.context.loaders.customer_by_number.load_linked(keys)


async def order_of_submission(submissions: Sequence[record.Submission], info: Info) -> Sequence[Any]:
    return await info.context.loaders.order_by_number.load_linked([_order_key(each) for each in submissions])


def _order_key(submission: record.Submission) -> models.Key | None:
    number = submission.erp_order_number
    return models.Key(submission.company, number) if number is not None else None


@strawberry.type(description="An order on its way: all that was asked, found, decided and done.")
class OrderSubmission(Node):
    idempotency_key: str = strawberry.field(description="The submitter's own name for it.")
    status: record.SubmissionStatus = strawberry.field(description="Where it stands.")
    company: str | None = strawberry.field(description="The legal entity; null until it is known.")
    customer_number: str = strawberry.field(
        resolver=lambda root: root.request.customer, graphql_type=str, description="The customer's number."
    )
    customer: Customer | None = batched(customer_of_submission, description="The customer.", reads=("erp.customers",))
    ship_to_code: str = strawberry.field(
        resolver=lambda root: root.request.ship_to, graphql_type=str, description="Where it goes."
    )
    po_number: str | None = strawberry.field(
        resolver=lambda root: root.request.po_number, graphql_type=str | None, description="The customer's own number."
    )
    requested_date: date | None = strawberry.field(
        resolver=lambda root: root.request.requested_date, graphql_type=date | None, description="When it is wanted."
    )
    channel: Channel = strawberry.field(
        resolver=lambda root: root.request.channel, graphql_type=Channel, description="Where it came from."
    )
    erp_order_number: str | None = strawberry.field(description="The ERP's number for it, once it has one.")
    order: Order | None = batched(order_of_submission, description="The order in the ERP.", reads=("erp.orders",))
    lines: list[SubmissionLine] = strawberry.field(
        description="Its lines with price and availability as they were found; empty until it was checked."
    )
    total: Money | None = strawberry.field(
        resolver=total_of,
        graphql_type=Money | None,
        description="What it comes to with tax and freight, by the ERP's reckoning.",
    )
    problems: list[Problem] = strawberry.field(
        resolver=problems_of,
        graphql_type=list[Problem],
        description="What was found; what a person let pass is a warning.",
    )
    route: Route | None = strawberry.field(description="Who sells it and which warehouses ship it.")
    steps: list[SubmissionStep] = strawberry.field(description="What was done, and what is still to come.")
    decisions: list[SubmissionDecision] = strawberry.field(description="What people decided, oldest first.")
    submitted_at: datetime = strawberry.field(description="When it was handed in.")
    submitted_by: str = strawberry.field(
        resolver=lambda root: root.subject, graphql_type=str, description="Who handed it in."
    )
    correlation_id: str = strawberry.field(description="Under which its calls are found in every system's log.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, record.Submission)


@strawberry.type(description="One submission of a list, and its place in it.")
class SubmissionEdge:
    node: OrderSubmission = strawberry.field(description="The submission.")
    cursor: str = strawberry.field(description="Its place: pass it as after to go on behind it.")


@strawberry.type(description="A page of submissions.")
class SubmissionConnection:
    edges: list[SubmissionEdge] = strawberry.field(description="The submissions, newest first.")
    page_info: PageInfo = strawberry.field(description="Where this page begins and ends.")
    total_count: int | None = strawberry.field(description="How many there are in all.")


class Payload:
    """What a mutation answers; `order` is the submission's."""

    __slots__ = ("problems", "submission")

    def __init__(self, submission: record.Submission | None, problems: tuple[AnyProblem, ...]) -> None:
        self.submission, self.problems = submission, problems


async def order_of_payload(root: Payload, info: Info) -> Any:
    key = _order_key(root.submission) if root.submission is not None else None
    return None if key is None else await info.context.loaders.order_by_number.load(key)


@strawberry.type(description="A submission after something was asked of it.")
class SubmissionPayload:
    submission: OrderSubmission | None = strawberry.field(description="As it is now.")
    problems: list[Problem] = strawberry.field(
        resolver=problems_of,
        graphql_type=list[Problem],
        description="Why the wish was not granted; else what there is to know of the submission.",
    )


@strawberry.input(description="A submission to be taken back.")
class CancelSubmissionInput:
    id: strawberry.ID = strawberry.field(description="The submission.")
    note: str | None = strawberry.field(default=None, description="Why.")


@strawberry.input(description="A submission to be tried once more.")
class RetrySubmissionInput:
    id: strawberry.ID = strawberry.field(description="The submission.")
    note: str | None = strawberry.field(default=None, description="What was mended.")


# ---------------------------------------------------------------- asking


async def submission(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The submission's id.")],  # noqa: A002 - GraphQL's name
) -> Any:
    wanted, viewer = submission_id_of(id, "id"), info.context.call.viewer
    return await reading(lambda: desk_of(info).get(viewer, wanted)) if viewer.may(READ) else None


async def submissions(
    info: Info,
    *,
    status: Annotated[
        list[record.SubmissionStatus] | None, strawberry.argument(description="Only those in one of these.")
    ] = None,
    reason: Annotated[
        list[ProblemCode] | None, strawberry.argument(description="Only those that one of these keeps from going on.")
    ] = None,
    customer: Annotated[str | None, strawberry.argument(description="Of the customer with this number.")] = None,
    company: Annotated[str | None, strawberry.argument(description="Of this legal entity only.")] = None,
    first: First = 20,
    after: After = None,
) -> Any:
    desk, viewer = desk_of(info), info.context.call.viewer
    wanted = Listing(tuple(status or ()), tuple(reason or ()), customer, company)

    async def read(page: models.PageRequest) -> models.Page[record.Submission]:
        if not viewer.may(READ):
            return models.Page((), None, 0 if page.counted else None)
        return await reading(lambda: _page(desk, viewer, wanted, page))

    return await connection(stretch(info, first, after), read)


async def _page(
    desk: Desk, viewer: Viewer, wanted: Listing, page: models.PageRequest
) -> models.Page[record.Submission]:
    """One more than asked tells whether there are more."""
    after = None if page.cursor is None else _place(page.cursor)
    rows = await desk.page(viewer, wanted._replace(limit=page.limit + 1, after=after))
    kept = rows[: page.limit]
    last = f"{kept[-1].submitted_at.timestamp()!r} {kept[-1].id}" if len(rows) > page.limit else None
    total = await desk.count(viewer, wanted) if page.counted else None
    return models.Page(tuple(kept), last, total)


def _place(cursor: str) -> tuple[float, str]:
    at, _, last = cursor.partition(" ")
    try:
        return float(at), last
    except ValueError:
        raise BadInput("after", "this is no cursor that the gateway gave out.") from None


# ---------------------------------------------------------------- deciding


async def cancel_submission(
    info: Info,
    input: Annotated[CancelSubmissionInput, strawberry.argument(description="Which, and why.")],  # noqa: A002 - GraphQL's name
) -> Any:
    wanted = submission_id_of(input.id, "input.id")
    return await at_desk(info, SUBMIT, lambda desk: desk.cancel(caller_of(info), wanted, note_of(input.note)))


async def retry_submission(
    info: Info,
    input: Annotated[RetrySubmissionInput, strawberry.argument(description="Which, and why.")],  # noqa: A002 - GraphQL's name
) -> Any:
    wanted = submission_id_of(input.id, "input.id")
    return await at_desk(info, SUBMIT, lambda desk: desk.retry(caller_of(info), wanted, note_of(input.note)))


async def at_desk(info: Info, scope: str, asked: Callable[[Desk], Awaitable[Answer]]) -> Payload:
    """`scope`: what it takes. Without it, there is no such submission."""
    desk = desk_of(info)
    if not info.context.call.viewer.may(scope):
        raise BadInput("input.id", NOT_THERE)
    answer = await reading(lambda: asked(desk))
    if answer.submission is None and not answer.problems:
        raise BadInput("input.id", NOT_THERE)
    found = answer.problems
    return Payload(answer.submission, found or _own(answer.submission))


def _own(submission: record.Submission | None) -> tuple[AnyProblem, ...]:
    return submission.problems if submission is not None else ()


def desk_of(info: Info) -> Desk:
    desk: Desk | None = info.context.ordering.desk
    if desk is None:
        raise NotOffered("This gateway takes no orders: submissions are switched off.")
    return desk


def caller_of(info: Info) -> Caller:
    """Who waits, and for how long: a moment is left to tell how things stand."""
    call, patience = info.context.call, info.context.ordering.patience_seconds
    left = max(0.0, call.deadline.remaining_seconds() - _ANSWERING_SECONDS)
    return Caller(call.viewer, call.correlation_id, min(patience, left))


NOT_THERE = "there is no such submission."
_ANSWERING_SECONDS = 0.2
MAX_NOTE = 2_000


def note_of(note: str | None) -> str:
    if note is not None and len(note) > MAX_NOTE:
        raise BadInput("input.note", f"it may have {MAX_NOTE} characters at most.")
    return note or ""
