"""HubSpot's and Salesforce's answers with something wrong in one place: it is named, or the documented default stands."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

import hubspot_account
import msgspec
import pytest
import salesforce_org
from hypothesis import given, settings
from hypothesis import strategies as st
from spoiling import LONG, Spoilt, spoilt
from upstream import QUICK, call

from sources.errors import SourceContractBroken, SourceError, SourceUnavailable
from sources.hubspot import mapping as hubspot
from sources.models import Contact, Key, Money, Opportunity, Relationship
from tests.connectors.test_contract import strange

C1 = Key("US", "C-1")
EXAMPLES = settings(max_examples=60, deadline=None)
READ, LINK = "POST /crm/v3/objects/{}/batch/read", "POST /crm/v4/associations/companies/{}/batch/read"
TOLD = Relationship(
    contacts=(Contact("Ada Byron", "ada@x.test", "+1 555", "Buyer"),),
    open_opportunities=(Opportunity("Bolts", "Quoting", Money(Decimal("1250.50"), "CAD"), date(2026, 7, 14)),),
    as_of=datetime(2026, 6, 30, tzinfo=UTC),
    owner="Grace Hopper",
    stage="Customer",
    last_activity_at=datetime(2026, 6, 29, tzinfo=UTC),
)


class Asked(NamedTuple):
    """A vendor's server, which tells what it is given, and the connector over it."""

    server: Any
    crm: Any

    async def relationship(self) -> Relationship | SourceError | None:
        try:
            found: Relationship | SourceError | None = (await self.crm.relationships(call(20), "US", ["C-1"])).get(C1)
        except SourceError as error:
            return error
        return found


def fits(came: Any, wrong: Spoilt, required: set[str], loose: set[str]) -> None:
    """`required` must be there; anything else may not be. What is `loose` tells which record this is, or stands in more than one type."""
    name = wrong.names[-1]
    if isinstance(came, SourceContractBroken):
        assert wrong.is_at(came.path), came.path
        assert LONG not in f"{came} {came.path} {came.detail}"
        assert wrong.how in {"type", "long"} or name in required
        return
    assert wrong.how != "type" or name in loose
    assert wrong.how in {"type", "long"} or name not in required
    if isinstance(came, SourceUnavailable):
        assert (name, wrong.how) == ("status", "long")
    elif came is None:
        assert (name in loose, wrong.how) == (True, "long")
    else:
        assert isinstance(came, Relationship)
        assert strange(came) == []


# ---------------------------------------------------------------- HubSpot

HUBSPOT: dict[str, Any] = {
    READ.format("companies"): {
        "status": "COMPLETE",
        "results": [
            {
                "id": "1",
                "properties": {
                    "erp_customer_number": "C-1",
                    "hubspot_owner_id": "7",
                    "lifecyclestage": "customer",
                    "notes_last_updated": "2026-06-29T00:00:00Z",
                },
            }
        ],
    },
    LINK.format("contacts"): {"status": "COMPLETE", "results": [{"from": {"id": "1"}, "to": [{"toObjectId": 2}]}]},
    LINK.format("deals"): {"status": "COMPLETE", "results": [{"from": {"id": "1"}, "to": [{"toObjectId": 3}]}]},
    READ.format("contacts"): {
        "status": "COMPLETE",
        "results": [
            {
                "id": "2",
                "properties": {
                    "firstname": "Ada",
                    "lastname": "Byron",
                    "email": "ada@x.test",
                    "phone": "+1 555",
                    "mobilephone": "+1 556",
                    "jobtitle": "Buyer",
                },
            }
        ],
    },
    READ.format("deals"): {
        "status": "COMPLETE",
        "results": [
            {
                "id": "3",
                "properties": {
                    "dealname": "Bolts",
                    "pipeline": "default",
                    "dealstage": "quoting",
                    "amount": "1250.50",
                    "deal_currency_code": "CAD",
                    "closedate": "2026-07-14T00:00:00Z",
                    "hs_is_closed": "false",
                },
            }
        ],
    },
    "GET /crm/v3/owners": {
        "results": [{"id": "7", "firstName": "Grace", "lastName": "Hopper", "email": "g@x.test"}],
    },
    "GET /crm/v3/pipelines/deals": {
        "results": [{"id": "default", "stages": [{"id": "quoting", "label": "Quoting"}]}],
    },
}
HUBSPOT_REQUIRED = {
    "status", "results", "id", "properties", "from", "to", "toObjectId", "stages", "label", "erp_customer_number",
}  # fmt: skip
HUBSPOT_LOOSE = {"erp_customer_number", "toObjectId"}


@pytest.fixture(scope="module")
async def hubspot_asked() -> AsyncIterator[Asked]:
    account = hubspot_account.Account()
    account.pause_seconds = (
        0.0  # between two examples the loop stands still, and a connection may end meanwhile: hence the retries
    )
    async with hubspot_account.crm_of(account, breaker=hubspot_account.NEVER_OPEN, retry=QUICK) as crm:
        yield Asked(account, crm)


async def test_hubspots_whole_answers_are_told_in_full(hubspot_asked: Asked) -> None:
    hubspot_asked.server.spoil = HUBSPOT
    came = await hubspot_asked.relationship()
    assert isinstance(came, Relationship)
    assert msgspec.structs.replace(came, as_of=TOLD.as_of) == TOLD


@pytest.mark.parametrize("operation", HUBSPOT)
@EXAMPLES
@given(data=st.data())
async def test_hubspots_spoilt_answer_is_named_or_stands_by_default(
    hubspot_asked: Asked, operation: str, data: st.DataObject
) -> None:
    wrong = data.draw(spoilt(HUBSPOT[operation]))
    hubspot_asked.server.spoil = {**HUBSPOT, operation: wrong.answer}
    came = await hubspot_asked.relationship()
    fits(told(came), wrong, required=HUBSPOT_REQUIRED, loose=HUBSPOT_LOOSE)


def told(came: Any) -> Any:
    """As if it had been read at the moment that TOLD names."""
    return msgspec.structs.replace(came, as_of=TOLD.as_of) if isinstance(came, Relationship) else came


FIGURES = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the strategy gives them zones


@given(FIGURES)
def test_hubspots_amounts_keep_every_digit(figure: Decimal) -> None:
    assert str(hubspot.amount(f"{figure:f}", "crm", "$")) == str(Decimal(f"{figure:f}"))


@given(MOMENTS)
def test_hubspots_moments_are_aware_and_the_same_in_either_spelling(moment: datetime) -> None:
    found = hubspot.moment(moment.isoformat(), "crm", "$")
    assert found is not None
    assert (found, found.utcoffset()) == (moment, UTC.utcoffset(None))
    milliseconds = int(moment.timestamp() * 1000)
    assert hubspot.moment(str(milliseconds), "crm", "$") == datetime.fromtimestamp(milliseconds / 1000, UTC)


@given(st.text(min_size=1))
async def test_a_stage_that_nobody_knows_is_kept_by_its_code(hubspot_asked: Asked, code: str) -> None:
    answer = msgspec.json.decode(msgspec.json.encode(HUBSPOT))
    answer[READ.format("companies")]["results"][0]["properties"]["lifecyclestage"] = code
    answer[READ.format("deals")]["results"][0]["properties"]["dealstage"] = f"~{code}"
    hubspot_asked.server.spoil = answer
    came = await hubspot_asked.relationship()
    assert isinstance(came, Relationship)
    assert came.stage == hubspot.LIFECYCLE_STAGES.get(code, code)
    assert came.open_opportunities[0].stage == f"~{code}"


# ---------------------------------------------------------------- Salesforce

SALESFORCE: dict[str, Any] = {
    "done": True,
    "records": [
        {
            "Id": "001",
            "ERP_Customer_Number__c": "C-1",
            "Type": "Customer",
            "LastActivityDate": "2026-06-29",
            "Owner": {"Name": "Grace Hopper"},
            "Contacts": {
                "done": True,
                "records": [
                    {
                        "Name": "Ada Byron",
                        "Email": "ada@x.test",
                        "Phone": "+1 555",
                        "MobilePhone": "+1 556",
                        "Title": "Buyer",
                    }
                ],
            },
            "Opportunities": {
                "done": True,
                "records": [
                    {
                        "Name": "Bolts",
                        "StageName": "Quoting",
                        "Amount": 1250.50,
                        "CurrencyIsoCode": "CAD",
                        "CloseDate": "2026-07-14",
                    }
                ],
            },
        }
    ],
}
SALESFORCE_LOOSE = {"ERP_Customer_Number__c"}


def salesforce_required(wrong: Spoilt) -> set[str]:
    """A name is required of opportunities only."""
    is_opportunity = wrong.names[-2:] == ["records", "Name"] and "Opportunities" in wrong.names
    return {"done", "records", "Id", "ERP_Customer_Number__c", *(["Name"] if is_opportunity else [])}


@pytest.fixture(scope="module")
async def salesforce_asked() -> AsyncIterator[Asked]:
    org = salesforce_org.Org()
    async with salesforce_org.crm_of(org, {"company": "US", "multi_currency": True}, retry=QUICK) as crm:
        yield Asked(org, crm)


async def test_salesforces_whole_answer_is_told_in_full(salesforce_asked: Asked) -> None:
    salesforce_asked.server.spoil = {"GET /query": lambda: salesforce_org.told(SALESFORCE)}
    assert told(await salesforce_asked.relationship()) == TOLD


@EXAMPLES
@given(wrong=spoilt(SALESFORCE))
async def test_salesforces_spoilt_answer_is_named_or_stands_by_default(salesforce_asked: Asked, wrong: Spoilt) -> None:
    salesforce_asked.server.spoil = {"GET /query": lambda: salesforce_org.told(wrong.answer)}
    came = await salesforce_asked.relationship()
    fits(told(came), wrong, required=salesforce_required(wrong), loose=SALESFORCE_LOOSE)


@given(FIGURES)
async def test_salesforces_amounts_keep_every_digit(salesforce_asked: Asked, figure: Decimal) -> None:
    content = msgspec.json.encode(SALESFORCE).replace(b"1250.5", f"{figure:f}".encode())
    salesforce_asked.server.spoil = {"GET /query": lambda: salesforce_org.told(msgspec.Raw(content))}
    came = await salesforce_asked.relationship()
    assert isinstance(came, Relationship)
    worth = came.open_opportunities[0].amount
    assert worth is not None
    assert str(worth.amount) == str(Decimal(f"{figure:f}"))
