"""An order is noted in HubSpot and in Salesforce by the gateway itself, and its customer's relationship is told from there."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import hubspot_account
import msgspec
import pytest
import salesforce_org
from stack import served, stack_over

from sandbox.data import load
from tests.orders.counter import Counter, steps

ASK = """
query Ask($number: String!, $company: String) {
  customer(number: $number, company: $company) {
    relationship { owner stage contacts { name } openOpportunities { name amount { amount currency } } }
  }
}
"""
TOLD = {
    "owner": "Grace Hopper",
    "stage": "Customer",
    "contacts": [{"name": "Ada Byron"}],
    "openOpportunities": [{"name": "Bolts", "amount": {"amount": "1250.50", "currency": "USD"}}],
}


DATA = load("generated")
ORDER: dict[str, Any] = msgspec.to_builtins(DATA.samples.sound[0])


def hubspot() -> tuple[Any, Callable[[], list[str]]]:
    """An account that knows the customer, and what was noted in it."""
    account = hubspot_account.Account()
    number = account.company(ORDER["customer"], hubspot_owner_id="7", lifecyclestage="customer")
    account.linked(number, "contacts", firstname="Ada", lastname="Byron")
    account.linked(number, "deals", dealname="Bolts", amount="1250.50", hs_is_closed="false")
    account.owners = [{"id": "7", "firstName": "Grace", "lastName": "Hopper"}]
    return account, lambda: [each["hs_note_body"] for each in account.records["notes"].values()]


def salesforce() -> tuple[Any, Callable[[], list[str]]]:
    org = salesforce_org.Org()
    org.account(
        ORDER["customer"],
        Type="Customer",
        Owner={"Name": "Grace Hopper"},
        Contacts=[{"Name": "Ada Byron"}],
        Opportunities=[{"Name": "Bolts", "Amount": Decimal("1250.50")}],
    )
    return org, lambda: [each["Description"] for each in org.tasks.values()]


OF_ONE_COMPANY = {
    "hubspot": (hubspot, {"companies": [ORDER["company"]], "currency": "USD"}),
    "salesforce": (salesforce, {"company": ORDER["company"], "currency": "USD"}),
}


@asynccontextmanager
async def taking(app: Any, tmp_path: Path, **crm: Any) -> AsyncIterator[Counter]:
    submissions = {"url": f"sqlite:///{tmp_path}/submissions.db", "settle_seconds": 0.3}
    async with served(app) as url:
        instead = {"crm": {"url": url, "token": "secret", **crm}}
        async with stack_over(DATA, submissions=submissions, instead=instead) as stack:
            yield Counter(stack, {"sound": [ORDER]})


@pytest.mark.parametrize("connector", OF_ONE_COMPANY)
async def test_an_order_is_noted_once_where_its_customer_is_known(connector: str, tmp_path: Path) -> None:
    made, options = OF_ONE_COMPANY[connector]
    server, noted = made()
    async with taking(server.app, tmp_path, connector=connector, options=options) as counter:
        answer = await counter.submit(ORDER, key="k-1")
        again = await counter.submit(ORDER, key="k-1")
        told = await counter.stack.ask(ASK, {"number": ORDER["customer"], "company": ORDER["company"]})
    submission = answer["submission"]
    assert again["submission"]["id"] == submission["id"]
    assert steps(submission) == dict.fromkeys(("check", "create", "release", "note"), "DONE")
    assert {each["name"]: each["detail"] for each in submission["steps"]}["note"] == "Noted"
    (text,) = noted()
    assert text.startswith(f"Order {submission['erpOrderNumber']} over ")
    assert told == {"data": {"customer": {"relationship": TOLD}}}
