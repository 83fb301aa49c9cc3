"""Notes in Salesforce, once for their reference; how one signs in; what is taken of a refusal; the options."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from salesforce_org import DATA, OPTIONS, Org, crm_of, told
from starlette.responses import Response
from upstream import QUICK, call

from sources.changes import NewNote
from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
)
from sources.grant import AuthSettings
from sources.salesforce import mapping
from sources.salesforce.options import SalesforceOptions
from sources.salesforce.session import SalesforceSession

TASK = "PATCH /sobjects"


def refused(code: str, status: int, **headers: str) -> Response:
    content = msgspec.json.encode([{"message": "Ask http://internal", "errorCode": code}])
    return Response(content, status, headers, media_type="application/json")


# ---------------------------------------------------------------- signing in


def test_a_session_that_does_not_say_how_long_it_lives_lives_as_long_as_the_shortest() -> None:
    content = b'{"access_token": "00D!x", "instance_url": "https://x.test", "token_type": "Bearer", "issued_at": "1"}'
    granted = SalesforceSession().granted(AuthSettings(), content)
    assert (granted.headers, granted.life_seconds) == ({"Authorization": "Bearer 00D!x"}, 900.0)
    assert SalesforceSession().granted(AuthSettings(), content[:-1] + b', "expires_in": 60}').life_seconds == 60


# ---------------------------------------------------------------- notes

NOTE = NewNote("s-1", "US", "C-1", "Order 4711 over 12.50 USD", datetime(2026, 6, 30, 23, 15, tzinfo=UTC), "4711")


async def test_a_note_is_a_task_that_is_done_under_its_reference() -> None:
    org = Org()
    account = org.account("C-1")
    async with crm_of(org, {**OPTIONS, "order_field": "ERP_Order__c"}) as crm:
        await crm.add_note(call(20), NOTE)
    assert org.asked == {"GET /query": 1, TASK: 1}
    assert org.questions == [
        "SELECT Id, ERP_Customer_Number__c FROM Account WHERE ERP_Customer_Number__c IN ('C-1') ORDER BY Id"
    ]
    assert org.bodies == [
        (
            f"{DATA}/sobjects/Task/Crossdock_Reference__c/s-1",
            {
                "WhatId": account["Id"],
                "Subject": "Order 4711",
                "Description": "Order 4711 over 12.50 USD",
                "ActivityDate": "2026-06-30",
                "Status": "Completed",
                "Priority": "Normal",
                "ERP_Order__c": "4711",
            },
        )
    ]


async def test_a_note_that_is_left_again_is_the_same_task() -> None:
    org = Org()
    org.account("C-1")
    async with crm_of(org) as crm:
        await crm.add_note(call(20), NOTE)
        await crm.add_note(call(20), NOTE)
    assert org.asked[TASK] == 2
    assert len(org.tasks) == 1


async def test_a_note_of_which_nobody_knows_is_sent_again_where_the_settings_allow_it() -> None:
    org = Org()
    org.account("C-1")
    answers = iter([Response(status_code=502), Response(status_code=204)])
    org.spoil[TASK] = lambda: next(answers)
    async with crm_of(org, honours_idempotency_key=True, retry=QUICK) as crm:
        await crm.add_note(call(20), NOTE)
    assert org.asked[TASK] == 2


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (lambda: refused("REQUIRED_FIELD_MISSING", 400), SourceRejected, "REQUIRED_FIELD_MISSING"),
        (lambda: told(["/services/data/v62.0/sobjects/Task/00T1"], 300), SourceRejected, "REJECTED"),
        (
            lambda: told({"success": False, "errors": [{"statusCode": "INVALID_FIELD"}]}),
            SourceRejected,
            "INVALID_FIELD",
        ),
        (lambda: told({"success": False, "errors": []}), SourceRejected, "REJECTED"),
        (lambda: refused("REQUEST_LIMIT_EXCEEDED", 403), SourceRateLimited, None),
        (lambda: refused("INSUFFICIENT_ACCESS", 403), SourceRefused, None),
        (lambda: Response(status_code=502), OutcomeUnknown, None),
    ],
)
async def test_what_becomes_of_a_note(answer: Any, kind: type[SourceError], reason: str | None) -> None:
    org = Org()
    org.account("C-1")
    org.spoil[TASK] = answer
    async with crm_of(org) as crm:
        with pytest.raises(kind) as raised:
            await crm.add_note(call(20), NOTE)
    assert getattr(raised.value, "reason", None) == reason
    assert org.asked[TASK] == 1


async def test_a_note_for_nobody_is_not_sent() -> None:
    org = Org()
    org.account("C-2", Id=7)
    async with crm_of(org) as crm:
        for customer, company in (("C-1", "US"), ("C-2", "CA")):
            with pytest.raises(SourceRejected) as raised:
                await crm.add_note(call(20), msgspec.structs.replace(NOTE, customer=customer, company=company))
            assert raised.value.reason == "UNKNOWN_CUSTOMER"
        with pytest.raises(SourceContractBroken):
            await crm.add_note(call(20), msgspec.structs.replace(NOTE, customer="C-2"))
    assert org.asked[TASK] == 0


@pytest.mark.parametrize("body", [b"[]", b"{}", b'[{"errorCode": "see http://x"}]', b"<html>", b"\xff", b"[" * 100_000])
def test_of_a_refusals_body_only_a_plain_word_comes_through(body: bytes) -> None:
    assert mapping.reason(body) == "REJECTED"


# ---------------------------------------------------------------- options


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"company": "US", "company_field": "ERP_Company__c"},
        {"company": "US", "customer_field": "Name FROM Account"},
        {"company": "US", "customer_field": "Type"},
        {"company": "US", "stage_field": "id"},
        {"company": "US", "api_version": "v62"},
        {"company": "US", "api_version": "../v62.0"},
        {"company": "US", "contacts": 201},
        {"company": "US", "currency": "USD", "multi_currency": True},
        {"company": "US", "unheard_of": 1},
    ],
)
def test_options_that_say_nothing_sensible_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, SalesforceOptions)
