"""A HubSpot account of our own making, after the documentation: answers over a real socket, remembers what it was asked."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sources.breaker import BreakerSettings
from sources.endpoint import Endpoint
from sources.http import SourceClient
from sources.hubspot.crm import HubSpotCrm
from sources.retry import RetrySettings
from tests.connectors.running import listening

MOMENT = "2026-06-30T09:15:00.000Z"
LINKS = {"contacts", "deals"}
CRM = "/crm/v3"
ENVELOPE = {"status": "COMPLETE", "startedAt": MOMENT, "completedAt": MOMENT}
NEVER_OPEN = BreakerSettings(window=1_000, minimum=1_000)
OPTIONS: dict[str, Any] = {"companies": ["US"], "currency": "USD"}


def failure(category: str, **context: list[str]) -> dict[str, Any]:
    return {"status": "error", "category": category, "message": "Ask http://internal", "context": context}


class Account:
    """`spoil` replaces the answer to an operation, and `meanwhile` happens once behind it.

    `page` is how many links one page holds; `together` the most calls that were under way at one moment,
    which with a `pause_seconds` are those that were asked side by side.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, dict[str, Any]]] = {
            each: {} for each in ("companies", "contacts", "deals", "notes")
        }
        self.links: dict[str, dict[str, list[str]]] = {"contacts": {}, "deals": {}}
        self.owners: list[dict[str, Any]] = []
        self.stages = [{"id": "default", "label": "Sales", "stages": [{"id": "quoting", "label": "Quoting"}]}]
        self.page = 500
        self.owners_page = 500
        self.spoil: dict[str, Any] = {}
        self.meanwhile: dict[str, Callable[[], Any]] = {}
        self.asked: Counter[str] = Counter()
        self.bodies: list[tuple[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.pause_seconds = 0.0
        self.together = self._now = 0
        self._number = 1000
        self.app = Starlette(routes=[Route("/{anything:path}", self.answered, methods=["GET", "POST"])])

    # ------------------------------------------------------------ what is in it

    def company(self, number: str, **properties: Any) -> str:
        return self.record("companies", erp_customer_number=number, **properties)

    def record(self, kind: str, **properties: Any) -> str:
        self._number += 1
        self.records[kind][str(self._number)] = properties
        return str(self._number)

    def linked(self, company: str, kind: str, **properties: Any) -> str:
        number = self.record(kind, **properties)
        self.links[kind].setdefault(company, []).append(number)
        return number

    # ------------------------------------------------------------ how it answers

    async def answered(self, request: Request) -> Response:
        operation = f"{request.method} {request.url.path}"
        self.asked[operation] += 1
        self.headers.append(request.headers)
        content = await request.body()
        body = msgspec.json.decode(content) if content else dict(request.query_params)
        self.bodies.append((operation, body))
        self._now += 1
        self.together = max(self.together, self._now)
        await asyncio.sleep(self.pause_seconds)
        self._now -= 1
        spoilt = self.spoil.get(operation)
        told = self._told(request.url.path, body) if spoilt is None else spoilt
        self.meanwhile.pop(operation, lambda: None)()
        if isinstance(told, Response):
            return told
        status = 207 if "errors" in told else 201 if operation == f"POST {CRM}/objects/notes" else 200
        headers = {"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "99"}
        return Response(msgspec.json.encode(told), status, headers, media_type="application/json")

    def _told(self, path: str, body: Any) -> dict[str, Any]:
        parts = path.strip("/").split("/")
        if parts[1] == "v4":
            return self._links(parts[4], body)
        if parts[2] == "owners":
            return self._owners(body)
        if parts[2] == "pipelines":
            return {"results": self.stages}
        return self._read(parts[3], body) if parts[4:] == ["batch", "read"] else self._noted(body)

    def _read(self, kind: str, body: Any) -> dict[str, Any]:
        by, found, missing = body.get("idProperty"), [], []
        for each in body["inputs"]:
            rows = [
                {"id": number, "properties": {name: told.get(name) for name in body["properties"]}}
                for number, told in self.records[kind].items()
                if (told.get(by) if by else number) == each["id"]
            ]
            found += rows
            missing += [] if rows else [each["id"]]
        errors = {"errors": [failure("OBJECT_NOT_FOUND", ids=missing)], "numErrors": 1} if missing else {}
        return {**ENVELOPE, "results": found, **errors}

    def _links(self, to: str, body: Any) -> dict[str, Any]:
        found, missing = [], []
        for each in body["inputs"]:
            ids, start = self.links[to].get(each["id"], []), int(each.get("after", 0))
            if not ids:
                missing.append(each["id"])
                continue
            row: dict[str, Any] = {"from": {"id": each["id"]}, "to": []}
            row["to"] = [{"toObjectId": int(one), "associationTypes": []} for one in ids[start : start + self.page]]
            if start + self.page < len(ids):
                row["paging"] = {"next": {"after": str(start + self.page)}}
            found.append(row)
        errors = {"errors": [failure("OBJECT_NOT_FOUND", fromObjectId=[each]) for each in missing]} if missing else {}
        return {**ENVELOPE, "results": found, **errors}

    def _owners(self, body: Any) -> dict[str, Any]:
        start = int(body.get("after", 0))
        page = self.owners[start : start + self.owners_page]
        more = {"paging": {"next": {"after": str(start + self.owners_page)}}}
        return {"results": page, **(more if start + self.owners_page < len(self.owners) else {})}

    def _noted(self, body: Any) -> dict[str, Any]:
        return {"id": self.record("notes", **body["properties"]), "properties": body["properties"]}


def one_customer() -> Account:
    account = Account()
    number = account.company(
        "C-1", hubspot_owner_id="7", lifecyclestage="customer", notes_last_updated="2026-06-29T16:30:00Z"
    )
    account.linked(number, "contacts", firstname="Ada", lastname="Byron", email="ada@x.test", jobtitle="Buyer")
    account.linked(number, "contacts", mobilephone="+1 555 0100")
    account.linked(number, "contacts", jobtitle="Nobody")
    deal = {"pipeline": "default", "hs_is_closed": "false", "closedate": "2026-07-14T23:59:59.999Z"}
    account.linked(number, "deals", dealname="Bolts", dealstage="quoting", amount="1250.50", **deal)
    account.linked(number, "deals", dealname="Old", dealstage="closedwon", hs_is_closed="true", amount="no figure")
    account.linked(number, "deals", dealname="Nuts", dealstage="1177", amount="", deal_currency_code="CAD", **deal)
    account.owners = [{"id": "7", "firstName": "Grace", "lastName": "Hopper", "email": "g@x.test"}]
    return account


@asynccontextmanager
async def crm_of(account: Account, options: Mapping[str, Any] = OPTIONS, **settings: Any) -> AsyncIterator[HubSpotCrm]:
    given = {"token": "pat-secret", "timeout_seconds": 10, "retry": RetrySettings(attempts=1), **settings}
    async with listening(account.app) as url:
        endpoint = Endpoint(name="crm", url=url, **given)
        async with SourceClient(endpoint, reason=HubSpotCrm.reason) as client:
            yield HubSpotCrm(client, msgspec.convert(options, HubSpotCrm.Options))
