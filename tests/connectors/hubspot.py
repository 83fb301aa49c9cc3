"""HubSpot, as an account of our own making speaks it."""

from datetime import UTC, datetime

from hubspot_account import Account
from starlette.types import ASGIApp

from sources.changes import NewNote
from sources.hubspot import MANIFEST
from tests.connectors.case import COMPANY, Case, Read, Write

PAGE = 2
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def server() -> ASGIApp:
    account = Account()
    account.page = PAGE
    account.owners = [{"id": "7", "firstName": "Grace", "lastName": "Hopper"}]
    for number, contacts in (("C1", PAGE), ("C2", 1), ("C3", 2 * PAGE + 1)):
        company = account.company(
            number, hubspot_owner_id="7", lifecyclestage="customer", notes_last_updated="2026-06-29T16:30:00Z"
        )
        for each in range(contacts):
            account.linked(company, "contacts", firstname=f"Ada {each}")
        deal = {"dealname": "Bolts", "amount": "12.50", "closedate": "2026-07-14T00:00:00Z", "hs_is_closed": "false"}
        account.linked(company, "deals", **deal)
    account.company("BAD", lifecyclestage=7)
    return account.app


def note(customer: str) -> NewNote:
    return NewNote("suite-1", COMPANY, customer, "Called", NOON, "4711")


CASES = (
    Case(
        manifest=MANIFEST,
        role="crm",
        server=server,
        auth={"token": "pat-na1-secret"},
        options={"companies": [COMPANY], "currency": "USD"},
        reads=(
            Read(
                name="relationships",
                ask=lambda crm, call, numbers: crm.relationships(call, COMPANY, numbers),
                known=("C1", "C2"),
                paged=("C3",),
                bad="BAD",
                limit=100,
                requests=7,
            ),
        ),
        writes=(
            Write(
                name="add_note",
                do=lambda crm, call: crm.add_note(call, note("C1")),
                is_sent=lambda asked: str(asked) == "POST /crm/v3/objects/notes",
                refused=lambda crm, call: crm.add_note(call, note("NOBODY")),
                word="UNKNOWN_CUSTOMER",
            ),
        ),
    ),
)
