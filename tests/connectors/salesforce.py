"""Salesforce, as an org of our own making speaks it."""

from datetime import UTC, datetime

from salesforce_org import Org
from starlette.types import ASGIApp

from sources.changes import NewNote
from sources.salesforce import MANIFEST
from tests.connectors.case import COMPANY, Case, Read, Write

PAGE = 2
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def server() -> ASGIApp:
    org = Org()
    org.page = org.children = PAGE
    for number in ("C1", "C2", "C3"):
        org.account(
            number,
            Type="Customer",
            LastActivityDate="2026-06-29",
            Owner={"Name": "Grace Hopper"},
            Contacts=[{"Name": "Ada"}],
            Opportunities=[{"Name": "Bolts", "StageName": "Proposal", "Amount": 12.5, "CloseDate": "2026-07-14"}],
        )
    org.account("BAD", Type=7)
    return org.app


def note(customer: str) -> NewNote:
    return NewNote("suite-1", COMPANY, customer, "Called", NOON, "4711")


CASES = (
    Case(
        manifest=MANIFEST,
        role="crm",
        server=server,
        auth={"client_id": "connected-app", "client_secret": "consumer-secret"},
        options={"company": COMPANY, "currency": "USD"},
        reads=(
            Read(
                name="relationships",
                ask=lambda crm, call, numbers: crm.relationships(call, COMPANY, numbers),
                known=("C1", "C2"),
                paged=("C1", "C2", "C3"),
                bad="BAD",
                limit=100,
            ),
        ),
        writes=(
            Write(
                name="add_note",
                do=lambda crm, call: crm.add_note(call, note("C1")),
                is_sent=lambda asked: asked.method == "PATCH",
                refused=lambda crm, call: crm.add_note(call, note("NOBODY")),
                word="UNKNOWN_CUSTOMER",
            ),
        ),
    ),
)
