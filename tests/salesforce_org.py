"""A Salesforce org of our own making, after the documentation: reads SOQL by its own rules, answers over a real socket, remembers."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sources.endpoint import Endpoint
from sources.http import SourceClient
from sources.retry import RetrySettings
from sources.salesforce.crm import SalesforceCrm
from tests.connectors.running import listening

OPTIONS: dict[str, Any] = {"company": "US", "currency": "USD"}
DATA = "/services/data/v62.0"
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_WANTED = re.compile(r"WHERE (\w+) IN \((\?(?:, \?)*)\)(?: AND (\w+) = \?)? ORDER BY Id$")
_SUB = re.compile(r"\(SELECT ([^()]*?) FROM (\w+)[^()]*? LIMIT (\d+)\)")


class Malformed(ValueError):
    """SOQL that is none."""


def literals(question: str) -> tuple[str, list[str]]:
    """A question with ? for each of its string literals, and what these hold: the quoting rules of SOQL and no others."""
    outline, held = "", list[str]()
    at = 0
    while at < len(question):
        if question[at] != "'":
            outline += question[at]
            at += 1
            continue
        text, at = _literal(question, at + 1)
        outline += "?"
        held.append(text)
    return outline, held


def _literal(question: str, at: int) -> tuple[str, int]:
    units = bytearray()
    while at < len(question) and question[at] != "'":
        character, width = question[at], 1
        if character in "\n\r":
            raise Malformed("line breaks are not allowed in string literals")
        if character == "\\":
            character, width = _sequence(question[at + 1 : at + 6])
        units += character.encode("utf-16-be", "surrogatepass")
        at += width
    if at >= len(question):
        raise Malformed("a literal without its end")
    return units.decode("utf-16-be", "surrogatepass"), at + 1


def _sequence(behind: str) -> tuple[str, int]:
    if behind[:1] == "u" and re.fullmatch(r"[0-9a-f]{4}", behind[1:]):
        return chr(int(behind[1:], 16)), 6
    if behind[:1] not in _PLAIN or not behind:
        raise Malformed("no such escape sequence")
    return _PLAIN[behind[0]], 2


class Org:
    """`spoil` answers instead, by operation; `page` is how many accounts an answer holds, `children` how many rows a list in one."""

    def __init__(self) -> None:
        self.accounts: list[dict[str, Any]] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.page = self.children = 2000
        self.spoil: dict[str, Callable[[], Response]] = {}
        self.asked: Counter[str] = Counter()
        self.questions: list[str] = []
        self.bodies: list[Any] = []
        self.headers: list[Mapping[str, str]] = []
        self._locators = 0
        self._rest: dict[str, list[Any]] = {}
        self.app = Starlette(routes=[Route("/{anything:path}", self.answered, methods=["GET", "POST", "PATCH"])])

    def account(self, number: str, **fields: Any) -> dict[str, Any]:
        made = {"Id": f"001{len(self.accounts):012}", "ERP_Customer_Number__c": number, **fields}
        self.accounts.append(made)
        return made

    async def answered(self, request: Request) -> Response:
        kind = "more" if request.url.path.startswith(f"{DATA}/query/") else request.url.path.removeprefix(DATA)
        operation = f"{request.method} {kind.split('/Task/')[0]}"
        self.asked[operation] += 1
        self.headers.append(request.headers)
        content = await request.body()
        if operation in self.spoil:
            return self.spoil[operation]()
        if operation == "GET /query":
            return self._queried(request.query_params["q"])
        if operation == "GET more":
            locator = request.url.path.rsplit("/", 1)[1]
            return told(self._paged(self._rest.pop(locator), self.page))
        return self._upserted(request.url.path, msgspec.json.decode(content))

    def _queried(self, question: str) -> Response:
        self.questions.append(question)
        outline, held = literals(question)
        wanted = _WANTED.search(outline)
        assert wanted is not None, outline
        numbers = {each.lower() for each in held[: wanted[2].count("?")]}
        found = [each for each in self.accounts if str(each[wanted[1]]).lower() in numbers]
        if wanted[3]:
            found = [each for each in found if each[wanted[3]] == held[-1]]
        lists = {name: (fields.split(", "), int(most)) for fields, name, most in _SUB.findall(outline)}
        own = _SUB.sub("", outline).removeprefix("SELECT ").partition(" FROM ")[0]
        fields = [each.partition(".")[0] for each in own.split(", ") if each]
        return told(self._paged([self._row(each, fields, lists) for each in found], self.page))

    def _row(self, account: dict[str, Any], fields: list[str], lists: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {"attributes": {"type": "Account"}, **{each: account.get(each) for each in fields}}
        for name, (wanted, most) in lists.items():
            children = [{field: each.get(field) for field in wanted} for each in account.get(name, [])][:most]
            row[name] = self._paged(children, self.children) if children else None
        return row

    def _paged(self, rows: list[Any], size: int) -> dict[str, Any]:
        answer = {"totalSize": len(rows), "done": len(rows) <= size, "records": rows[:size]}
        if len(rows) > size:
            self._locators += 1
            locator = f"01g{self._locators:06}-{size}"
            self._rest[locator] = rows[size:]
            answer["nextRecordsUrl"] = f"{DATA}/query/{locator}"
        return answer

    def _upserted(self, path: str, body: Any) -> Response:
        self.bodies.append((path, body))
        is_new = path not in self.tasks
        self.tasks[path] = body
        return told({"id": "00T1", "success": True, "errors": [], "created": is_new}, 201 if is_new else 200)


def told(answer: Any, status: int = 200) -> Response:
    headers = {"Sforce-Limit-Info": "api-usage=18/100000"}
    return Response(_ENCODER.encode(answer), status, headers, media_type="application/json")


@asynccontextmanager
async def crm_of(org: Org, options: Mapping[str, Any] = OPTIONS, **settings: Any) -> AsyncIterator[SalesforceCrm]:
    given = {"token": "session-secret", "timeout_seconds": 10, "retry": RetrySettings(attempts=1), **settings}
    async with listening(org.app) as url:
        endpoint = Endpoint(name="crm", url=url, **given)
        async with SourceClient(endpoint, reason=SalesforceCrm.reason, grant=SalesforceCrm.grant) as client:
            yield SalesforceCrm(client, msgspec.convert(options, SalesforceCrm.Options))
