"""Orders handed in: what a client sends, checked for shape; the checks alone; and the order itself."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import strawberry

from engine import fetching
from orders.check import Checked
from orders.problems import PlainProblem, ProblemCode
from orders.request import Channel, OrderRequest, RequestedLine
from resolvers.context import Info
from resolvers.errors import BadInput, LimitExceeded
from resolvers.orders import Order
from resolvers.problems import Problem, shown
from resolvers.quotes import MAX_LINES, Quote, check_digits, check_quantity
from resolvers.submissions import (
    SUBMIT,
    OrderSubmission,
    Payload,
    Route,
    at_desk,
    caller_of,
    order_of_payload,
    problems_of,
)

MAX_TEXT = 64
MAX_KEY = 255
PRICE_DECIMALS = 4


@strawberry.input(description="One line of an order.")
class OrderLineInput:
    sku: str = strawberry.field(description="The item.")
    quantity: Decimal = strawberry.field(description="How much, in uom.")
    uom: str | None = strawberry.field(default=None, description="The unit; the item's base unit if left out.")
    expected_unit_price: Decimal | None = strawberry.field(
        default=None,
        description="What the customer was told one unit costs: the order waits for a person if that is not so.",
    )


@strawberry.input(description="An order to be placed.")
class SubmitOrderInput:
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for this order: the same again is the same order. Here or as the Idempotency-Key header.",
    )
    company: str | None = strawberry.field(
        default=None, description="The legal entity; may be left out where the customer exists in one only."
    )
    customer: str = strawberry.field(description="The customer's number.")
    ship_to: str = strawberry.field(description="Where it goes: one of the customer's ship-tos.")
    po_number: str | None = strawberry.field(default=None, description="The customer's own number for it.")
    channel: Channel | None = strawberry.field(default=Channel.DIRECT, description="Where it comes from.")
    requested_date: date | None = strawberry.field(default=None, description="When the customer wants it.")
    allow_backorder: bool | None = strawberry.field(
        default=True, description="Whether what is short today may come later."
    )
    allow_substitutes: bool | None = strawberry.field(
        default=False, description="Whether a discontinued item may be replaced by its successor."
    )
    carrier_service: str | None = strawberry.field(default=None, description="How it is to be sent.")
    backorder_of: str | None = strawberry.field(
        default=None, description="The order whose rest this one delivers: it may carry the same PO number."
    )
    lines: list[OrderLineInput] = strawberry.field(description="The lines, 1 to 500.")


def request_of(asked: SubmitOrderInput) -> OrderRequest:
    """Raises BadInput or LimitExceeded, which name the argument."""
    for name in ("company", "customer", "ship_to", "po_number", "carrier_service", "backorder_of"):
        check_text(f"input.{_camel(name)}", getattr(asked, name))
    return OrderRequest(
        customer=asked.customer,
        ship_to=asked.ship_to,
        lines=lines_of(asked.lines, "input.lines"),
        company=asked.company,
        po_number=asked.po_number,
        channel=asked.channel or Channel.DIRECT,
        requested_date=asked.requested_date,
        allow_backorder=asked.allow_backorder is not False,
        allow_substitutes=asked.allow_substitutes is True,
        carrier_service=asked.carrier_service,
        backorder_of=asked.backorder_of,
    )


def _permitted(info: Info, asked: SubmitOrderInput) -> OrderRequest:
    """Whoever may not order is told what would be told of a customer that does not exist."""
    request = request_of(asked)
    if not info.context.call.viewer.may(SUBMIT):
        raise BadInput("input.customer", f'there is no customer "{request.customer}".')
    return request


def lines_of(lines: list[OrderLineInput], argument: str) -> tuple[RequestedLine, ...]:
    if len(lines) > MAX_LINES:
        raise LimitExceeded(argument, asked=len(lines), limit=MAX_LINES)
    if not lines:
        raise BadInput(argument, "at least one line is needed.")
    for index, line in enumerate(lines):
        check_text(f"{argument}[{index}].sku", line.sku)
        check_text(f"{argument}[{index}].uom", line.uom)
        check_quantity(f"{argument}[{index}].quantity", line.quantity)
        _check_price(f"{argument}[{index}].expectedUnitPrice", line.expected_unit_price)
    return tuple(RequestedLine(line.sku, line.quantity, line.uom, line.expected_unit_price) for line in lines)


def _check_price(argument: str, price: Decimal | None) -> None:
    if price is None:
        return
    if price < 0:
        raise BadInput(argument, "it may not be negative.")
    check_digits(argument, price, PRICE_DECIMALS)


def check_text(argument: str, text: str | None, most: int = MAX_TEXT) -> None:
    """Keys and numbers are kept, looked up and sent on: short, and without control characters."""
    if text is None:
        return
    if not text.strip():
        raise BadInput(argument, "it may not be empty.")
    if len(text) > most:
        raise BadInput(argument, f"it may have {most} characters at most.")
    if not text.isprintable():
        raise BadInput(argument, "it may hold no control characters.")


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


# ---------------------------------------------------------------- the checks alone


QUOTE_SCOPES = frozenset({"price:read", "item:read", "availability:read"})


def _told(root: Checked, info: Info) -> Any:
    return shown(root.told, info)


def _quote(root: Checked, info: Info) -> Any:
    return root.quote if info.context.call.viewer.scopes >= QUOTE_SCOPES else None


@strawberry.type(description="What submitOrder would find; nothing was written.")
class OrderValidation:
    acceptable: bool = strawberry.field(description="Whether the order would go through as it stands.")
    problems: list[Problem] = strawberry.field(
        resolver=_told, graphql_type=list[Problem], description="All that was found, errors and warnings."
    )
    quote: Quote | None = strawberry.field(
        resolver=_quote, graphql_type=Quote | None, description="What it would cost and when it could be had."
    )
    route: Route | None = strawberry.field(description="Who would sell it and which warehouses would ship it.")


ORDER_READS = (
    "erp.customers", "erp.ship_tos", "erp.items", "erp.prices", "wms.stock", "erp.supply_demand", "erp.search_orders",
    "erp.simulate",
)  # fmt: skip
ORDER_WRITES = (
    "erp.create_order", "erp.hold_order", "erp.unhold_order", "erp.cancel_order", "wms.release_order", "crm.add_note",
)  # fmt: skip
"""What the run of a submission may write: which of them depends on how it goes, and on what the systems offer."""


async def validate_order(
    info: Info,
    input: Annotated[SubmitOrderInput, strawberry.argument(description="The order.")],  # noqa: A002 - GraphQL's name for it
) -> Any:
    request = _permitted(info, input)
    call = msgspec.structs.replace(info.context.call, max_age_seconds=0.0)
    return await info.context.ordering.checker.check(call, request)


# ---------------------------------------------------------------- the order itself


@strawberry.type(description="What became of an order.")
class SubmitOrderPayload:
    submission: OrderSubmission | None = strawberry.field(
        description="The order on its way; null where it was not accepted."
    )
    order: Order | None = strawberry.field(
        metadata=fetching(reads=("erp.orders",)),
        resolver=order_of_payload,
        graphql_type=Order | None,
        description="The order in the ERP, once it is there.",
    )
    problems: list[Problem] = strawberry.field(
        resolver=problems_of,
        graphql_type=list[Problem],
        description="What is wrong with it, or with how it was handed in.",
    )


async def submit_order(
    info: Info,
    input: Annotated[SubmitOrderInput, strawberry.argument(description="The order.")],  # noqa: A002 - as above
) -> Any:
    request, key = _permitted(info, input), _key(info, input)
    if key is None:
        told = "Give the order a key, as idempotencyKey or as the Idempotency-Key header: it is what makes trying again safe."
        missing = PlainProblem(ProblemCode.IDEMPOTENCY_KEY_MISSING, told, ("idempotencyKey",))
        return Payload(None, (missing,))
    return await at_desk(info, SUBMIT, lambda desk: desk.submit(caller_of(info), key, request))


def _key(info: Info, asked: SubmitOrderInput) -> str | None:
    """The input's and the header's, which must agree where both are given."""
    given, header = asked.idempotency_key, info.context.ordering.idempotency_key
    check_text("input.idempotencyKey", given, MAX_KEY)
    if header is not None:
        check_text("Idempotency-Key", header, MAX_KEY)
    if given is not None and header is not None and given != header:
        raise BadInput("input.idempotencyKey", "the Idempotency-Key header says otherwise.")
    return given if given is not None else header
