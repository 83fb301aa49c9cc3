"""Operations that answer with what has gone on since: laid over them, so that they need not know of it."""

from typing import Any

from sandbox.call import Call
from sandbox.operation import Handler, Operation
from sandbox.progress import Progress


def overlaid(operation: Operation, progress: Progress) -> Operation:
    """The operation, answering with what has been moved since."""
    if operation.path in {"/shipments", "/shipments/by-order"} and operation.method == "GET":
        return operation._replace(handle=_shipments(operation.handle, progress))
    if operation.name == "GET /tracking":
        return operation._replace(handle=_tracking(operation.handle, progress))
    return operation


def _shipments(handle: Handler, progress: Progress) -> Handler:
    def answer(call: Call) -> dict[str, Any]:
        found: dict[str, Any] = handle(call)
        return found | {"shipments": [progress.shipment(row) for row in found["shipments"]]}

    return answer


def _tracking(handle: Handler, progress: Progress) -> Handler:
    def answer(call: Call) -> dict[str, Any]:
        found: dict[str, Any] = handle(call)
        rows = {row.tracking_number: row for row in found["tracking"]}
        asked = [key for key in call.query.keys("trackingNumber") if key not in call.failing]
        merged = [row for key in dict.fromkeys(asked) if (row := progress.parcel(key, rows.get(key))) is not None]
        return found | {"tracking": merged}

    return answer
