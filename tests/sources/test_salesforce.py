"""Salesforce's connector against an org of our own making: what it tells, what it asks, what becomes of failures."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from salesforce_org import DATA, Malformed, Org, crm_of, literals, told
from starlette.responses import Response
from upstream import call

from sources.errors import (
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
)
from sources.models import Contact, Key, Money, Opportunity
from sources.salesforce import soql
from sources.salesforce.options import SalesforceOptions

C1 = Key("US", "C-1")
TASK = "PATCH /sobjects"


def people(many: int) -> list[dict[str, Any]]:
    return [{"Name": f"Ada {each}"} for each in range(many)]


async def test_a_customer_is_told_with_owner_contacts_and_open_opportunities_in_one_call() -> None:
    org = Org()
    org.account(
        "C-1",
        Type="Customer - Direct",
        LastActivityDate="2026-06-29",
        Owner={"attributes": {"type": "User"}, "Name": "Grace Hopper"},
        Contacts=[
            {"Name": "Ada Byron", "Email": "ada@x.test", "Phone": None, "MobilePhone": "+1 555", "Title": "Buyer"},
            {"Name": "", "Title": "Nobody"},
        ],
        Opportunities=[
            {"Name": "Bolts", "StageName": "Proposal", "Amount": 1250.10, "CloseDate": "2026-07-14"},
            {"Name": "Nuts", "StageName": "Stage of our own", "Amount": None, "CloseDate": None},
        ],
    )
    async with crm_of(org) as crm:
        found = (await crm.relationships(call(20), "US", ["C-1"]))[C1]
    assert not isinstance(found, SourceError)
    assert (found.owner, found.stage) == ("Grace Hopper", "Customer - Direct")
    assert found.last_activity_at == datetime(2026, 6, 29, tzinfo=UTC)
    assert found.as_of.tzinfo is UTC
    assert found.contacts == (Contact("Ada Byron", "ada@x.test", "+1 555", "Buyer"),)
    assert found.open_opportunities == (
        Opportunity("Bolts", "Proposal", Money(Decimal("1250.1"), "USD"), date(2026, 7, 14)),
        Opportunity("Nuts", "Stage of our own", None, None),
    )
    assert org.asked == {"GET /query": 1}
    assert [each["authorization"] for each in org.headers] == ["Bearer session-secret"]


async def test_a_hundred_accounts_take_one_call() -> None:
    org, made = Org(), list[Any]()
    numbers = [f"C-{each}" for each in range(100)]
    for number in numbers:
        org.account(number, Contacts=people(2))
    async with crm_of(org) as crm:
        assert crm.max_batch == {"relationships": 100}
        found = await crm.relationships(call(20, made), "US", numbers)
    assert [key.number for key in found] == numbers
    assert org.asked == {"GET /query": 1}
    assert [(each.operation, each.keys) for each in made] == [("GET /services/data/{version}/query", 100)]


async def test_what_is_asked_is_exactly_this() -> None:
    async with crm_of(org := Org()) as crm:
        assert await crm.relationships(call(20), None, ["C-1", "O'Neil", "C-1", ""]) == {}
    (question,) = org.questions
    assert question == (
        "SELECT Id, ERP_Customer_Number__c, Type, LastActivityDate, Owner.Name, "
        "(SELECT Name, Email, Phone, MobilePhone, Title FROM Contacts ORDER BY Name, Id LIMIT 25), "
        "(SELECT Name, StageName, CloseDate, Amount FROM Opportunities WHERE IsClosed = false "
        "ORDER BY CloseDate, Id LIMIT 25) "
        "FROM Account WHERE ERP_Customer_Number__c IN ('C-1', 'O\\'Neil') ORDER BY Id"
    )


async def test_nothing_is_asked_for_keys_that_cannot_exist() -> None:
    async with crm_of(org := Org()) as crm:
        assert await crm.relationships(call(20), "CA", ["C-1"]) == {}
        assert await crm.relationships(call(20), "US", ["", "C" * 256]) == {}
    assert org.asked == {}


async def test_an_accounts_own_company_places_it() -> None:
    org = Org()
    for number, company in (("C-1", "US"), ("C-1", "CA"), ("C-2", None)):
        org.account(number, ERP_Company__c=company)
    async with crm_of(org, {"company_field": "ERP_Company__c"}) as crm:
        everywhere = await crm.relationships(call(20), None, ["C-1", "C-2"])
        there = await crm.relationships(call(20), "CA", ["C-1"])
    homeless = everywhere[Key(None, "C-2")]
    assert set(everywhere) == {C1, Key("CA", "C-1"), Key(None, "C-2")}
    assert isinstance(homeless, SourceContractBroken)
    assert homeless.path == "$.records[...].ERP_Company__c"
    assert set(there) == {Key("CA", "C-1")}
    assert org.questions[1].endswith("IN ('C-1') AND ERP_Company__c = 'CA' ORDER BY Id")


async def test_an_account_of_another_spelling_is_not_the_one_that_was_asked_for() -> None:
    org = Org()
    org.account("c-1")
    async with crm_of(org) as crm:
        assert await crm.relationships(call(20), "US", ["C-1"]) == {}
        assert set(await crm.relationships(call(20), "US", ["c-1"])) == {Key("US", "c-1")}


async def test_two_accounts_of_one_number_fail_that_key() -> None:
    org = Org()
    for number in ("C-1", "C-2", "C-1", "C-1"):
        org.account(number)
    async with crm_of(org) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2"])
    assert isinstance(found[C1], SourceContractBroken)
    assert not isinstance(found[Key("US", "C-2")], SourceError)


async def test_each_opportunity_has_its_own_currency_where_the_org_has_several() -> None:
    org = Org()
    org.account("C-1", Opportunities=[{"Name": "Bolts", "Amount": 7, "CurrencyIsoCode": "CAD"}])
    async with crm_of(org, {"company": "US", "multi_currency": True}) as crm:
        found: Any = (await crm.relationships(call(20), "US", ["C-1"]))[C1]
    assert found.open_opportunities[0].amount == Money(Decimal(7), "CAD")
    assert "Amount, CurrencyIsoCode FROM Opportunities" in org.questions[0]


# ---------------------------------------------------------------- pages


async def test_pages_are_followed_in_lists_within_accounts_too() -> None:
    org = Org()
    org.page, org.children = 2, 3
    for each in range(5):
        org.account(f"C-{each}", Contacts=people(each + 2))
    async with crm_of(org) as crm:
        found = await crm.relationships(call(20), "US", [f"C-{each}" for each in range(5)])
    assert [len(getattr(each, "contacts", ())) for each in found.values()] == [2, 3, 4, 5, 6]
    assert org.asked["GET /query"] == 1
    # two for the accounts; one for each list of 4 and 5, two for that of 6, whose rest comes two a page
    assert org.asked["GET more"] == 2 + 1 + 1 + 2


@pytest.mark.parametrize(
    "where", [None, "http://elsewhere/services/data/v62.0/query/01g-1", "/services/data/v62.0/query/../x"]
)
async def test_no_page_is_looked_for_elsewhere(where: str | None) -> None:
    org = Org()
    org.spoil["GET /query"] = lambda: told({"done": False, "records": [], "nextRecordsUrl": where})
    async with crm_of(org) as crm:
        with pytest.raises(SourceContractBroken) as raised:
            await crm.relationships(call(20), "US", ["C-1"])
    assert raised.value.path == "$.nextRecordsUrl"
    assert org.asked == {"GET /query": 1}


async def test_a_page_that_names_itself_as_the_next_ends_it() -> None:
    org = Org()
    answer = {"done": False, "records": [], "nextRecordsUrl": f"{DATA}/query/01g-1"}
    org.spoil = {"GET /query": lambda: told(answer), "GET more": lambda: told(answer)}
    async with crm_of(org) as crm:
        with pytest.raises(SourceContractBroken):
            await crm.relationships(call(20), "US", ["C-1"])
    assert org.asked == {"GET /query": 1, "GET more": 1}


# ---------------------------------------------------------------- quoting

TEXT = st.text(alphabet=st.characters()) | st.text(alphabet="'\\\"nu0() ,%_\n\r\t\b\f\0\ud83d\ude00")


@given(st.lists(TEXT, min_size=1, max_size=5), TEXT)
def test_no_value_leaves_its_quotes(numbers: list[str], company: str) -> None:
    options = SalesforceOptions(company_field="ERP_Company__c")
    outline, held = literals(soql.accounts(options, company, numbers))
    plain, _ = literals(soql.accounts(options, "US" if company else "", ["C-1"] * len(numbers)))
    assert outline == plain
    assert held == [whole(each) for each in (*numbers, *([company] if company else []))]


def whole(text: str) -> str:
    """Halves of a character that stand side by side are that character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@pytest.mark.parametrize("question", ["'", "'\\'", "'\\x'", "'a\nb'", "'\\u12'"])
def test_the_reader_of_these_tests_refuses_what_salesforce_would(question: str) -> None:
    with pytest.raises(Malformed):
        literals(question)


async def test_a_hostile_number_finds_nothing_and_its_neighbour_is_found() -> None:
    org = Org()
    org.account("C-1")
    org.account("C-9")
    async with crm_of(org) as crm:
        found = await crm.relationships(call(20), "US", ["x') OR (Name LIKE '%", "\\", "C-1", "\ud800", "\u2028"])
    assert set(found) == {C1}


# ---------------------------------------------------------------- failures


def refused(code: str, status: int, **headers: str) -> Response:
    content = msgspec.json.encode([{"message": "Ask http://internal", "errorCode": code}])
    return Response(content, status, headers, media_type="application/json")


@pytest.mark.parametrize(("headers", "seconds"), [({}, 30), ({"Retry-After": "7"}, 7)])
async def test_the_limit_of_requests_is_a_limit_though_its_status_is_403(
    headers: dict[str, str], seconds: float
) -> None:
    org = Org()
    org.spoil["GET /query"] = lambda: refused("REQUEST_LIMIT_EXCEEDED", 403, **headers)
    async with crm_of(org) as crm:
        for _ in range(2):
            with pytest.raises(SourceRateLimited) as raised:
                await crm.relationships(call(20), "US", ["C-1"])
    assert seconds - 1 < (raised.value.retry_after_seconds or 0) <= seconds
    assert org.asked == {"GET /query": 1}


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("INSUFFICIENT_ACCESS", 403, SourceRefused),
        ("INVALID_SESSION_ID", 401, SourceRefused),
        ("INVALID_FIELD", 400, SourceContractBroken),
        ("MALFORMED_QUERY", 400, SourceContractBroken),
    ],
)
async def test_refusals_are_told_by_who_must_act(code: str, status: int, kind: type[SourceError]) -> None:
    org = Org()
    org.spoil["GET /query"] = lambda: refused(code, status)
    async with crm_of(org) as crm:
        with pytest.raises(kind) as raised:
            await crm.relationships(call(20), "US", ["C-1"])
    assert "internal" not in f"{raised.value} {raised.value.detail}"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"Type": 7}, "$.records[0].Type"),
        ({"Id": None}, "$.records[0].Id"),
        ({"LastActivityDate": "soon"}, "$.records[0].LastActivityDate"),
        ({"Owner": {"Name": []}}, "$.records[0].Owner.Name"),
        ({"Contacts": [*people(1), {"Email": 5}]}, "$.records[...].Contacts.records[1].Email"),
        ({"Opportunities": [{"Name": None}]}, "$.records[...].Opportunities.records[0].Name"),
        ({"Opportunities": [{"Name": "x", "Amount": "much"}]}, "$.records[...].Opportunities.records[0].Amount"),
        ({"Opportunities": [{"Name": "x", "Amount": "NaN"}]}, "$.records[...].Opportunities.records[...].Amount"),
        ({"Opportunities": [{"Name": "x", "Amount": 1e300}]}, "$.records[...].Opportunities.records[...].Amount"),
        (
            {"Opportunities": [{"Name": "x", "CloseDate": "2026-13-01"}]},
            "$.records[...].Opportunities.records[0].CloseDate",
        ),
    ],
)
async def test_an_account_that_does_not_fit_fails_its_key_only(fields: dict[str, Any], path: str) -> None:
    org = Org()
    org.account("C-1", **fields)
    org.account("C-2")
    async with crm_of(org) as crm:
        found = await crm.relationships(call(20), "US", ["C-1", "C-2"])
    failed = found[C1]
    assert isinstance(failed, SourceContractBroken)
    assert failed.path == path
    assert not isinstance(found[Key("US", "C-2")], SourceError)


async def test_a_row_that_does_not_tell_whose_it_is_spoils_the_answer() -> None:
    org = Org()
    org.spoil["GET /query"] = lambda: told({"done": True, "records": [{"Id": "1", "ERP_Customer_Number__c": None}]})
    async with crm_of(org) as crm:
        with pytest.raises(SourceContractBroken) as raised:
            await crm.relationships(call(20), "US", ["C-1"])
    assert raised.value.path == "$.records[0].ERP_Customer_Number__c"
