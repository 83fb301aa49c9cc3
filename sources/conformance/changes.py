"""POST /orders/hold, /orders/unhold and /orders/cancel on an order that was made for the purpose; each asked twice."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sources.conformance.refusals import check_refusal
from sources.conformance.rows import number
from sources.conformance.server import NOBODY, Answer, Server

_CODE = "OTHER"
_BY = "crossdock conform"

Body = Mapping[str, object]


class MadeOrder(NamedTuple):
    company: str
    number: str

    @property
    def body(self) -> dict[str, object]:
        return {"company": self.company, "number": self.number, "by": _BY}


async def check_changes(server: Server, order: MadeOrder) -> None:
    for name in ("holdOrder", "unholdOrder", "cancelOrder"):
        await check_refusal(
            server, name, body=_held(order._replace(number=NOBODY)), reason="UNKNOWN_ORDER", path="number"
        )
    await _twice(server, "holdOrder", order=order, holds=[_CODE])
    await _twice(server, "unholdOrder", order=order, holds=[])
    await _cancelled(server, await _twice(server, "cancelOrder", order=order, holds=[]))
    await check_refusal(server, "holdOrder", body=_held(order), reason="NOT_HOLDABLE", path="number")


def _held(order: MadeOrder) -> Body:
    """Members that an operation does not know are ignored, so one body does for all three."""
    return {**order.body, "code": _CODE, "reason": "Trying out", "note": None}


async def _twice(server: Server, name: str, *, order: MadeOrder, holds: Sequence[str]) -> Answer | None:
    operation = server.contract.operations[name]
    first = await server.ask(operation, body=_held(order), asked="An order just made")
    again = await server.ask(operation, body=_held(order), asked="The same again")
    if first is None or again is None:
        return None
    found = [hold.get("code") for hold in first.rows("holds")]
    if found != holds:
        server.tell(
            operation,
            "$.holds",
            what=f"The holds are {found}, {list(holds)} are expected.",
            hint="A hold is there once it was placed, and gone once it was taken away.",
        )
    if again.body != first.body:
        server.tell(
            operation,
            "$",
            what="The order is another one when the same is asked again.",
            hint="Asked again, nothing changes.",
        )
    return first


async def _cancelled(server: Server, answer: Answer | None) -> None:
    if answer is None:
        return
    operation = server.contract.operations["cancelOrder"]
    if answer.text("status") != "CANCELLED":
        server.tell(
            operation,
            "$.status",
            what=f"It is {answer.text('status')}.",
            hint="A cancelled order is CANCELLED.",
        )
    if any(_open(line.get("progress")) for line in answer.rows("lines")):
        server.tell(
            operation,
            "$.lines[*].progress.cancelled",
            what="Something of a cancelled order is still open.",
            hint="What was open of each line is cancelled.",
        )


def _open(progress: Any) -> bool:
    made = progress if isinstance(progress, dict) else {}
    return number(made.get("cancelled")) != number(made.get("ordered"))
