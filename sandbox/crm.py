"""The CRM: who looks after a customer, whom to call, what is in the offing; and notes of what happened."""

from collections.abc import Sequence
from datetime import UTC
from typing import Annotated, Any

import msgspec
from starlette.applications import Starlette

from sandbox.application import TOKEN, application
from sandbox.books import Books
from sandbox.call import Call
from sandbox.entries import Noted
from sandbox.erp_goods import Key
from sandbox.fact import Moment
from sandbox.facts_writing import Note
from sandbox.operation import Made, Operation
from sandbox.problems import Problem, rejected


class NoteAsked(msgspec.Struct, rename="camel", kw_only=True):
    reference: Key
    company: Key
    customer: Key
    order: Key | None = None
    text: Annotated[str, msgspec.Meta(min_length=1)]
    at: Moment

    def note(self) -> Note:
        fields = msgspec.structs.asdict(self)
        return Note(**{**fields, "at": self.at.astimezone(UTC)})


def relationships(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    rows, errors = call.batch(call.query.keys("customer"), lambda key: call.books.relationships(key, company))
    return {"relationships": rows, "errors": errors}


async def add_note(call: Call) -> Made:
    note = call.read(NoteAsked).note()
    async with call.books.writing():
        known = call.books.written.notes.get((note.company, note.reference))
        if known is None:
            _require_customer(call, note)
            call.books.append(Noted(note=note))
            return Made(201, note)
    if known != note:
        raise Problem(409, f"The reference {note.reference} belongs to another note.", path="reference")
    return Made(200, known)


def _require_customer(call: Call, note: Note) -> None:
    if call.dataset.customers.one(note.company, note.customer) is None:
        raise rejected("UNKNOWN_CUSTOMER", f"{note.company} has no customer {note.customer}.", "customer")


def _noted_customer(call: Call) -> Sequence[str]:
    return (call.read(NoteAsked).customer,)


OPERATIONS = (
    Operation("GET", "/relationships", relationships, "customer"),
    Operation("POST", "/notes", add_note, _noted_customer, batch=False),
)


def crm_app(books: Books, token: str = TOKEN) -> Starlette:
    return application("crm", OPERATIONS, books=books, token=token)
