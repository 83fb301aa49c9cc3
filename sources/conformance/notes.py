"""POST /notes: one note about a sample customer, twice, and once more with another text."""

from datetime import UTC, datetime
from uuid import uuid4

from sources.conformance.contract import Operation
from sources.conformance.keys import Keys
from sources.conformance.refusals import check_refusal
from sources.conformance.rows import moment
from sources.conformance.server import NOBODY, Server


async def check_note(server: Server, operation: Operation, *, keys: Keys) -> None:
    customer = next(iter(keys.of("customer")), None)
    company = None if customer is None else await _known(server, customer, "company")
    if customer is None or company is None:
        server.tell(
            operation,
            "$",
            what="There is no sample customer to write a note about.",
            hint="Give a customer your CRM knows: --sample customer=…",
            severity="skipped",
        )
        return
    body = {
        "reference": f"crossdock-conform-{uuid4().hex}",
        "company": company,
        "customer": customer,
        "order": None,
        "text": "Written by crossdock conform; it may be deleted.",
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    unknown = {**body, "customer": NOBODY}
    await check_refusal(server, operation.name, body=unknown, reason="UNKNOWN_CUSTOMER", path="customer")
    first = await server.ask(operation, body=body, expect=(201,), asked="A new note")
    again = await server.ask(operation, body=body, asked="The same note again") if first else None
    if first is None or again is None:
        return
    if again.body != first.body:
        server.tell(
            operation,
            "$",
            what="Another note came when the same was written again.",
            hint="The same reference with the same body is the same note.",
        )
    await server.ask(
        operation, body={**body, "text": NOBODY}, expect=(409,), asked="The same reference with another text"
    )
    await _seen(server, operation, customer=customer, at=str(body["at"]))


async def _known(server: Server, customer: str, member: str) -> str | None:
    operation = server.contract.operations["relationships"]
    answer = await server.ask(operation, [("customer", customer)], asked="The relationship with a sample customer")
    values = [row.get(member) for row in answer.rows("relationships")] if answer else []
    return next((each for each in values if isinstance(each, str)), None)


async def _seen(server: Server, operation: Operation, *, customer: str, at: str) -> None:
    last = await _known(server, customer, "lastActivityAt")
    if moment(last) < moment(at):
        server.tell(
            operation,
            "GET /relationships",
            what=f"After a note of {at} lastActivityAt is {last}.",
            hint="A relationship's lastActivityAt is no earlier than its latest note.",
        )
