"""The CRM: who looks after a customer, whom to call, what is in the offing."""

from typing import Any

from starlette.applications import Starlette

from sandbox.application import TOKEN, application
from sandbox.books import Books
from sandbox.call import Call
from sandbox.operation import Operation


def relationships(call: Call) -> dict[str, Any]:
    company = call.query.key("company")
    found = call.dataset.relationships
    rows, errors = call.batch(call.query.keys("customer"), lambda key: found.find(key, company))
    return {"relationships": rows, "errors": errors}


OPERATIONS = (Operation("GET", "/relationships", relationships, "customer"),)


def crm_app(books: Books, token: str = TOKEN) -> Starlette:
    return application("crm", OPERATIONS, books=books, token=token)
