"""Notes in HubSpot, once for their reference; what is taken of a refusal; the options."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hubspot_account import ENVELOPE, OPTIONS, Account, crm_of, failure, one_customer
from hypothesis import given
from hypothesis import strategies as st
from upstream import QUICK, call, json

from sources.changes import NewNote
from sources.errors import (
    OutcomeUnknown,
    SourceContractBroken,
    SourceRejected,
    SourceUnavailable,
)
from sources.hubspot import mapping
from sources.hubspot.options import HubSpotOptions
from sources.models import Key

COMPANIES = "POST /crm/v3/objects/companies/batch/read"
NOTES, ADD_NOTE = "POST /crm/v3/objects/notes/batch/read", "POST /crm/v3/objects/notes"

NOTE = NewNote("s-1", "US", "C-1", "Order <4711>\n& more", datetime(2026, 6, 30, 11, 15, tzinfo=UTC), "4711")


async def test_a_note_is_left_with_the_company_and_its_text_stays_text() -> None:
    async with crm_of(account := one_customer(), {**OPTIONS, "order_property": "erp_order"}) as crm:
        await crm.add_note(call(20), NOTE)
    assert account.asked == {COMPANIES: 1, NOTES: 1, ADD_NOTE: 1}
    operation, body = account.bodies[-1]
    assert operation == ADD_NOTE
    assert body == {
        "properties": {
            "hs_timestamp": "2026-06-30T11:15:00+00:00",
            "hs_note_body": "Order &lt;4711&gt;<br>&amp; more",
            "crossdock_reference": "s-1",
            "erp_order": "4711",
        },
        "associations": [
            {
                "to": {"id": "1001"},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 190}],
            }
        ],
    }


async def test_a_note_that_is_left_again_is_there_once() -> None:
    async with crm_of(account := one_customer()) as crm:
        await crm.add_note(call(20), NOTE)
        await crm.add_note(call(20), NOTE)
    assert account.asked[ADD_NOTE] == 1
    assert len(account.records["notes"]) == 1


@pytest.mark.parametrize("status", [400, 409])
async def test_a_note_that_another_process_left_meanwhile_is_there(status: int) -> None:
    account = one_customer()
    account.meanwhile[NOTES] = lambda: account.record("notes", crossdock_reference="s-1")
    account.spoil[ADD_NOTE] = json(b'{"category": "VALIDATION_ERROR"}', status)
    async with crm_of(account) as crm:
        await crm.add_note(call(20), NOTE)
    assert account.asked[NOTES] == 2


async def test_a_note_that_hubspot_refuses_is_refused_with_its_word() -> None:
    account = one_customer()
    account.spoil[ADD_NOTE] = json(b'{"category": "VALIDATION_ERROR", "message": "http://internal"}', 400)
    async with crm_of(account) as crm:
        with pytest.raises(SourceRejected) as raised:
            await crm.add_note(call(20), NOTE)
    assert raised.value.reason == "VALIDATION_ERROR"
    assert len(account.records["notes"]) == 0


async def test_a_note_for_nobody_is_not_sent() -> None:
    async with crm_of(account := one_customer()) as crm:
        for customer, company_code in (("C-2", "US"), ("C-1", "CA")):
            with pytest.raises(SourceRejected) as raised:
                await crm.add_note(call(20), msgspec.structs.replace(NOTE, customer=customer, company=company_code))
            assert raised.value.reason == "UNKNOWN_CUSTOMER"
    assert account.asked[ADD_NOTE] == 0


async def test_a_note_whose_outcome_nobody_knows_is_looked_for_the_next_time() -> None:
    account = one_customer()
    account.spoil[ADD_NOTE] = json(b"{}", 502)
    async with crm_of(account) as crm:
        with pytest.raises(OutcomeUnknown):
            await crm.add_note(call(20), NOTE)
        account.record("notes", crossdock_reference="s-1")
        await crm.add_note(call(20), NOTE)
    assert account.asked[ADD_NOTE] == 1


async def test_a_note_is_sent_again_where_the_settings_allow_it_and_is_there_once() -> None:
    account = one_customer()
    account.spoil[ADD_NOTE] = json(b"{}", 502)

    def left() -> None:
        account.record("notes", crossdock_reference="s-1")
        account.spoil[ADD_NOTE] = json(b'{"category": "VALIDATION_ERROR"}', 400)

    account.meanwhile[ADD_NOTE] = left
    async with crm_of(account, honours_idempotency_key=True, retry=QUICK) as crm:
        await crm.add_note(call(20), NOTE)
    assert account.asked == {COMPANIES: 1, NOTES: 2, ADD_NOTE: 2}


async def test_a_note_without_a_unique_property_is_never_sent_again_by_itself() -> None:
    account = one_customer()
    account.spoil[ADD_NOTE] = json(b"{}", 502)
    async with crm_of(account, {**OPTIONS, "note_property": ""}, honours_idempotency_key=True, retry=QUICK) as crm:
        with pytest.raises(OutcomeUnknown):
            await crm.add_note(call(20), NOTE)
    assert account.asked[ADD_NOTE] == 1


async def test_a_look_up_that_fails_leaves_no_note() -> None:
    account = one_customer()
    account.spoil[NOTES] = {**ENVELOPE, "results": [], "errors": [failure("INTERNAL_ERROR")]}
    async with crm_of(account) as crm:
        with pytest.raises(SourceUnavailable):
            await crm.add_note(call(20), NOTE)
    assert account.asked[ADD_NOTE] == 0


async def test_without_a_unique_property_a_note_is_left_each_time() -> None:
    async with crm_of(account := one_customer(), {**OPTIONS, "note_property": ""}) as crm:
        await crm.add_note(call(20), NOTE)
        await crm.add_note(call(20), NOTE)
    assert account.asked[ADD_NOTE] == 2
    assert account.asked[NOTES] == 0


async def test_a_company_of_no_legal_entity_is_left_no_note() -> None:
    account = Account()
    account.company("C-1", erp_company=None)
    async with crm_of(account, {"company_property": "erp_company"}) as crm:
        with pytest.raises(SourceContractBroken):
            await crm.add_note(call(20), NOTE)
    assert account.asked[ADD_NOTE] == 0


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"policyName": "DAILY", "category": "RATE_LIMITS"}', "DAILY"),
        (b'{"category": "VALIDATION_ERROR"}', "VALIDATION_ERROR"),
        (b'{"errorType": "RATE_LIMIT"}', "RATE_LIMIT"),
        (b'{"category": "ask http://internal"}', "REJECTED"),
        (b"{}", "REJECTED"),
        (b"<html>", "REJECTED"),
        (b"\xff", "REJECTED"),
        (b"[" * 100_000, "REJECTED"),
    ],
)
def test_of_a_refusals_body_only_a_plain_word_comes_through(body: bytes, word: str) -> None:
    assert mapping.reason(body) == word


# ---------------------------------------------------------------- options


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"companies": ["US"], "company_property": "erp_company"},
        {"companies": ["US", "CA"]},
        {"companies": ["US"], "customer_value": "{company}"},
        {"companies": ["US"], "customer_value": "{number}{number}"},
        {"company_property": "erp_company", "customer_value": "{company}-{number}"},
        {"companies": [str(each) for each in range(101)], "customer_value": "{company}-{number}"},
        {"companies": ["US"], "customer_property": "no such name"},
        {"companies": ["US"], "contacts": 0},
        {"companies": ["US"], "currency": "dollars"},
        {"companies": ["US"], "unheard_of": 1},
    ],
)
def test_options_that_say_nothing_sensible_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, HubSpotOptions)


@given(st.text(min_size=1), st.text())
def test_a_number_fills_its_place_as_it_is(number: str, company_code: str) -> None:
    options = HubSpotOptions(companies=(company_code,), customer_value="{company}/{number}/{company}")
    assert options.asked(company_code, [number]) == {
        f"{company_code}/{number}/{company_code}": Key(company_code, number)
    }
