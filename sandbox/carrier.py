"""The carrier: where a parcel is."""

from collections.abc import Iterable
from typing import Any

from starlette.applications import Starlette

from sandbox.application import TOKEN, application
from sandbox.books import Books
from sandbox.call import Call
from sandbox.facts_shipments import Tracking
from sandbox.operation import Operation


def tracking(call: Call) -> dict[str, Any]:
    carrier = call.query.key("carrier")

    def rows_of(number: str) -> Iterable[Tracking]:
        return [row for row in call.dataset.tracking.get(number, ()) if carrier in {None, row.carrier}]

    rows, errors = call.batch(call.query.keys("trackingNumber"), rows_of)
    return {"tracking": rows, "errors": errors}


OPERATIONS = (Operation("GET", "/tracking", tracking, "trackingNumber"),)


def carrier_app(books: Books, token: str = TOKEN) -> Starlette:
    return application("carrier", OPERATIONS, books=books, token=token)
