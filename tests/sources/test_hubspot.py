"""HubSpot's connector against an account of our own making: what it tells, how few calls it takes, what becomes of failures."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hubspot_account import ENVELOPE, OPTIONS, Account, crm_of, failure, one_customer
from upstream import call, json

from sources.errors import (
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.models import Contact, Key, Money, Opportunity

READ = "POST /crm/v3/objects/{}/batch/read"
LINK = "POST /crm/v4/associations/companies/{}/batch/read"
COMPANIES, CONTACTS, DEALS = (READ.format(each) for each in ("companies", "contacts", "deals"))
OWNERS, PIPELINES, ADD_NOTE = "GET /crm/v3/owners", "GET /crm/v3/pipelines/deals", "POST /crm/v3/objects/notes"
C1 = Key("US", "C-1")


async def test_a_customer_is_told_with_owner_contacts_and_open_deals() -> None:
    async with crm_of(account := one_customer()) as crm:
        found = await crm.relationships(call(20), "US", ["C-1"])
    told = found[C1]
    assert not isinstance(told, SourceError)
    assert (told.owner, told.stage) == ("Grace Hopper", "Customer")
    assert told.last_activity_at == datetime(2026, 6, 29, 16, 30, tzinfo=UTC)
    assert told.as_of.tzinfo is UTC
    assert told.contacts == (
        Contact("Ada Byron", "ada@x.test", None, "Buyer"),
        Contact("+1 555 0100", None, "+1 555 0100", None),
    )
    assert told.open_opportunities == (
        Opportunity("Bolts", "Quoting", Money(Decimal("1250.50"), "USD"), date(2026, 7, 14)),
        Opportunity("Nuts", "1177", None, date(2026, 7, 14)),
    )
    assert {each["authorization"] for each in account.headers} == {"Bearer pat-secret"}


def a_hundred() -> Account:
    account = Account()
    account.owners = [{"id": "7", "firstName": "Grace"}]
    for each in range(100):
        number = account.company(f"C-{each}", hubspot_owner_id="7")
        account.linked(number, "contacts", firstname=f"Ada {each}")
        account.linked(number, "deals", dealname=f"Deal {each}", hs_is_closed="false")
    return account


async def test_a_hundred_companies_take_seven_calls_in_three_turns() -> None:
    made: list[Any] = []
    numbers = [f"C-{each}" for each in range(100)]
    account = a_hundred()
    account.pause_seconds = 0.2
    async with crm_of(account) as crm:
        assert crm.max_batch == {"relationships": 100}
        found = await crm.relationships(call(20, made), "US", numbers)
    assert account.asked == {
        COMPANIES: 1, LINK.format("contacts"): 1, LINK.format("deals"): 1, CONTACTS: 1, DEALS: 1, OWNERS: 1, PIPELINES: 1,
    }  # fmt: skip
    assert account.together >= 3
    assert [each.keys for each in made if each.operation == COMPANIES] == [100]
    assert list(found) == [Key("US", number) for number in numbers]
    for each, told in enumerate(found.values()):
        assert not isinstance(told, SourceError)
        assert [contact.name for contact in told.contacts] == [f"Ada {each}"]
        assert [deal.name for deal in told.open_opportunities] == [f"Deal {each}"]


async def test_what_hubspot_counts_none_of_is_not_asked_for() -> None:
    account = Account()
    account.company("C-1", num_associated_contacts="0", hs_num_open_deals="0")
    async with crm_of(account) as crm:
        told = (await crm.relationships(call(20), "US", ["C-1"]))[C1]
    assert account.asked == {COMPANIES: 1}
    assert not isinstance(told, SourceError)
    assert (told.contacts, told.open_opportunities, told.owner, told.stage, told.last_activity_at) == (
        (), (), None, None, None,
    )  # fmt: skip


async def test_numbers_are_asked_once_by_the_property_and_unknown_ones_are_absent() -> None:
    async with crm_of(account := one_customer()) as crm:
        assert set(await crm.relationships(call(20), None, ["C-1", "C-2", "C-1", ""])) == {C1}
        assert await crm.relationships(call(20), "CA", ["C-1"]) == {}
        assert await crm.relationships(call(20), "US", []) == {}
    assert account.asked[COMPANIES] == 1
    (_, body), *_ = account.bodies
    assert body["inputs"] == [{"id": "C-1"}, {"id": "C-2"}]
    assert (body["idProperty"], body["propertiesWithHistory"]) == ("erp_customer_number", [])


async def test_a_records_own_company_places_it() -> None:
    account = Account()
    for number, company in (("C-1", "US"), ("C-2", "CA"), ("C-3", None)):
        account.company(number, erp_company=company, num_associated_contacts="0", hs_num_open_deals="0")
    async with crm_of(account, {"company_property": "erp_company"}) as crm:
        everywhere = await crm.relationships(call(20), None, ["C-1", "C-2", "C-3"])
        there = await crm.relationships(call(20), "CA", ["C-1", "C-2"])
    homeless = everywhere[Key(None, "C-3")]
    assert set(everywhere) == {Key("US", "C-1"), Key("CA", "C-2"), Key(None, "C-3")}
    assert isinstance(homeless, SourceContractBroken)
    assert homeless.path == "$.results[...].properties.erp_company"
    assert set(there) == {Key("CA", "C-2")}


async def test_the_same_number_in_two_companies_is_two_records() -> None:
    account = Account()
    for value, stage in (("US-C-1", "lead"), ("CA-C-1", "customer")):
        account.company(value, lifecyclestage=stage, num_associated_contacts="0", hs_num_open_deals="0")
    options = {"companies": ["US", "CA"], "customer_value": "{company}-{number}"}
    async with crm_of(account, options) as crm:
        assert crm.max_batch == {"relationships": 50}
        found = await crm.relationships(call(20), None, ["C-1"])
    assert {key.company: getattr(told, "stage", None) for key, told in found.items()} == {
        "US": "Lead",
        "CA": "Customer",
    }
    assert account.asked == {COMPANIES: 1}


# ---------------------------------------------------------------- pages and bounds


async def test_pages_of_links_are_followed_in_one_call_a_turn_and_bounded() -> None:
    account = Account()
    account.page = 2
    for name, many in (("C-1", 5), ("C-2", 3), ("C-3", 1)):
        number = account.company(name, hs_num_open_deals="0")
        for each in range(many):
            account.linked(number, "contacts", firstname=f"{name} {each}")
    async with crm_of(account, {**OPTIONS, "contacts": 4}) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2", "C-3"])
    assert {key.number: len(getattr(told, "contacts", ())) for key, told in found.items()} == {
        "C-1": 4,
        "C-2": 3,
        "C-3": 1,
    }
    assert account.asked == {COMPANIES: 1, LINK.format("contacts"): 2, CONTACTS: 1}


async def test_a_page_that_brings_nothing_new_is_the_last() -> None:
    account = one_customer()
    row = {"from": {"id": "1001"}, "to": [{"toObjectId": "1002"}], "paging": {"next": {"after": "1"}}}
    account.spoil[LINK.format("contacts")] = {**ENVELOPE, "results": [row]}
    account.spoil[OWNERS] = {"results": account.owners, "paging": {"next": {"after": "1"}}}
    async with crm_of(account) as crm:
        came = (await crm.relationships(call(20), "US", ["C-1"]))[C1]
    assert not isinstance(came, SourceError)
    assert [each.name for each in came.contacts] == ["Ada Byron"]
    assert (account.asked[LINK.format("contacts")], account.asked[OWNERS]) == (2, 2)


async def test_records_beyond_a_hundred_are_read_side_by_side() -> None:
    account = Account()
    account.pause_seconds = 0.2
    number = account.company("C-1", num_associated_contacts="0")
    for each in range(250):
        account.linked(number, "deals", dealname=f"Deal {each}", hs_is_closed="false")
    async with crm_of(account, {**OPTIONS, "deals": 250}) as crm:
        told = (await crm.relationships(call(20), "US", ["C-1"]))[C1]
    assert not isinstance(told, SourceError)
    assert [each.name for each in told.open_opportunities] == [f"Deal {each}" for each in range(250)]
    assert account.asked[DEALS] == 3
    assert account.together >= 3


async def test_owners_are_read_page_by_page_and_one_who_left_is_nobody() -> None:
    account = Account()
    account.owners_page = 1
    account.owners = [{"id": "6", "firstName": "Ada"}, {"id": "7", "email": "g@x.test"}]
    for number, owner in (("C-1", "7"), ("C-2", "8")):
        account.company(number, hubspot_owner_id=owner, num_associated_contacts="0", hs_num_open_deals="0")
    async with crm_of(account) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2"])
    assert [getattr(told, "owner", "?") for told in found.values()] == ["g@x.test", None]
    assert account.asked[OWNERS] == 2


# ---------------------------------------------------------------- failures


def two_customers() -> Account:
    account = Account()
    for name in ("C-1", "C-2"):
        number = account.company(name, hubspot_owner_id="7" if name == "C-1" else None)
        account.linked(number, "contacts", firstname=name)
        account.linked(number, "deals", dealname=name, hs_is_closed="false")
    account.owners = [{"id": "7", "firstName": "Grace"}]
    return account


def told(row: dict[str, Any], *more: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**ENVELOPE, "results": [row, *more], **members}


def company(number: str, **properties: Any) -> dict[str, Any]:
    counted = {"num_associated_contacts": "0", "hs_num_open_deals": "0"}
    return {"id": number, "properties": {"erp_customer_number": f"C-{number}", **counted, **properties}}


@pytest.mark.parametrize(
    ("category", "context", "kind"),
    [
        ("VALIDATION_ERROR", {"ids": ["C-2"]}, SourceRejected),
        ("RATE_LIMITS", {"ids": ["C-2"]}, SourceRateLimited),
        ("MISSING_SCOPES", {"id": ["C-2"]}, SourceRefused),
        ("INTERNAL_ERROR", {}, SourceUnavailable),
    ],
)
async def test_an_input_that_failed_fails_its_key_only(
    category: str, context: dict[str, list[str]], kind: type[SourceError]
) -> None:
    account = Account()
    account.spoil[COMPANIES] = told(
        company("1"), errors=[failure("OBJECT_NOT_FOUND", ids=["C-3"]), failure(category, **context)]
    )
    async with crm_of(account) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2", "C-3"])
    assert {key.number: type(each).__name__ for key, each in found.items()} == {
        "C-1": "Relationship",
        "C-2": kind.__name__,
    }
    assert "internal" not in str(found[Key("US", "C-2")])


@pytest.mark.parametrize(
    ("operation", "row", "path"),
    [
        (COMPANIES, {"id": 2, "properties": {"erp_customer_number": "C-2"}}, "$.results[1].id"),
        (COMPANIES, company("2", lifecyclestage=7), "$.results[1].properties[...]"),
        (COMPANIES, company("2", notes_last_updated="yesterday"), "$.results[...].properties.notes_last_updated"),
        (
            COMPANIES,
            company("2", notes_last_updated="2026-06-30T09:15:00"),
            "$.results[...].properties.notes_last_updated",
        ),
    ],
)
async def test_a_company_that_does_not_fit_fails_its_key_only(operation: str, row: Any, path: str) -> None:
    account = Account()
    account.spoil[operation] = told(company("1"), row)
    async with crm_of(account) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2"])
    failed = found[Key("US", "C-2")]
    assert isinstance(failed, SourceContractBroken)
    assert failed.path == path
    assert not isinstance(found[C1], SourceError)


async def test_a_row_that_does_not_tell_whose_it_is_spoils_the_answer() -> None:
    account = Account()
    account.spoil[COMPANIES] = told(company("1"), {"id": "2", "properties": []})
    async with crm_of(account) as crm:
        with pytest.raises(SourceContractBroken) as raised:
            await crm.relationships(call(20), "US", ["C-1", "C-2"])
    assert raised.value.path == "$.results[1].properties"


@pytest.mark.parametrize(
    ("kind", "properties", "path"),
    [
        ("deals", {"dealname": 5}, "$.results[1].properties.dealname"),
        ("deals", {"amount": "1,000"}, "$.results[...].properties.amount"),
        ("deals", {"amount": "NaN"}, "$.results[...].properties.amount"),
        ("deals", {"amount": "1e999"}, "$.results[...].properties.amount"),
        ("deals", {"amount": "9" * 10_000}, "$.results[...].properties.amount"),
        ("deals", {"closedate": "soon"}, "$.results[...].properties.closedate"),
        ("contacts", {"email": ["a"]}, "$.results[1].properties.email"),
    ],
)
async def test_a_linked_record_that_does_not_fit_fails_its_own_company(kind: str, properties: Any, path: str) -> None:
    account = two_customers()
    _, second = (each for (each,) in account.links[kind].values())
    account.records[kind][second].update(properties)
    async with crm_of(account) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2"])
    failed = found[Key("US", "C-2")]
    assert isinstance(failed, SourceContractBroken)
    assert failed.path == path
    assert not isinstance(found[C1], SourceError)


@pytest.mark.parametrize("operation", [LINK.format("contacts"), LINK.format("deals"), CONTACTS, DEALS, PIPELINES])
async def test_what_was_not_read_is_never_told_as_none(operation: str) -> None:
    account = two_customers()
    account.spoil[operation] = json(b"{}", 503)
    async with crm_of(account) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2"])
    assert [type(each) for each in found.values()] == [SourceUnavailable, SourceUnavailable]


async def test_owners_that_were_not_read_fail_those_who_have_one() -> None:
    account = two_customers()
    account.spoil[OWNERS] = json(b"{}", 403)
    async with crm_of(account) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2"])
    assert isinstance(found[C1], SourceRefused)
    assert not isinstance(found[Key("US", "C-2")], SourceError)


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING", "CANCELED", "SOMETHING"])
async def test_a_batch_that_is_not_complete_says_nothing_of_who_is_there(status: str) -> None:
    account = one_customer()
    account.spoil[COMPANIES] = {**ENVELOPE, "status": status, "results": []}
    async with crm_of(account) as crm:
        with pytest.raises(SourceUnavailable):
            await crm.relationships(call(20), "US", ["C-1"])


@pytest.mark.parametrize(
    ("policy", "headers", "seconds"),
    [
        ("DAILY", {}, 60),
        ("TEN_SECONDLY_ROLLING", {}, 10),
        ("SECONDLY", {}, 1),
        ("DAILY", {"Retry-After": "7"}, 7),
        ("OF_ITS_OWN", {"Retry-After": "7"}, 7),
        ("OF_ITS_OWN", {}, 1),
    ],
)
async def test_hubspot_is_left_alone_as_long_as_its_policy_says(
    policy: str, headers: dict[str, str], seconds: float
) -> None:
    account = one_customer()
    body = {"status": "error", "errorType": "RATE_LIMIT", "policyName": policy, "message": "secret"}
    account.spoil[COMPANIES] = json(msgspec.json.encode(body), 429, **headers)
    async with crm_of(account) as crm:
        for _ in range(2):
            with pytest.raises(SourceRateLimited) as raised:
                await crm.relationships(call(20), "US", ["C-1"])
        assert seconds - 1 < (raised.value.retry_after_seconds or 0) <= seconds
    assert account.asked == {COMPANIES: 1}


async def test_rights_that_are_missing_are_the_operators_business() -> None:
    account = one_customer()
    account.spoil[COMPANIES] = json(b'{"category": "MISSING_SCOPES"}', 403)
    async with crm_of(account) as crm:
        with pytest.raises(SourceRefused):
            await crm.relationships(call(20), "US", ["C-1"])
