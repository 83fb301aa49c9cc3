"""A Business Central of our own, after its documentation: lists with filters and pages, $batch, orders that are kept, and pages of its own.

What it is strict in: an unknown query option, a filter it cannot read and `or` over two fields are 400, a `+` is a plus sign, deleting
takes an If-Match, and of a batch with `Isolation: snapshot` everything is done or nothing.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.connectors.odata_filter import Filter, NotTaken

COMPANY_ID, OTHER_ID = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
STANDARD, OWN = "/api/v2.0", "/api/contoso/sales/v1.0"
_PLACE = re.compile(r"companies\(([0-9a-f-]{36})\)/(\w+)(?:\(([0-9a-f-]{36})\))?")
_OPTIONS = {"$filter", "$orderby", "$top", "$count", "$expand", "$select", "$skiptoken"}
_EXPANDED = {
    ("salesOrders", "salesOrderLines"),
    ("purchaseOrders", "purchaseOrderLines"),
    ("customers", "paymentTerm"),
}
Tables = dict[str, dict[str, list[dict[str, Any]]]]


class Answered(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def moment(row: Mapping[str, Any], field: str) -> str:
    return str(row[field])


class Central:
    """`tables`: company id → entity set → rows. `most_rows`: what a page holds at most, whatever is preferred."""

    def __init__(self, tables: Tables, *, most_rows: int = 20_000, host: str | None = None) -> None:
        self.tables, self.most_rows, self.host = tables, most_rows, host
        self.failing: dict[str, tuple[int, str]] = {}
        self.parts: list[str] = []
        self.app = Starlette(
            routes=[Route("/{anything:path}", self._asked, methods=["GET", "POST", "PATCH", "DELETE"])]
        )

    async def _asked(self, request: Request) -> Response:
        raw = request.scope["raw_path"].split(b"?")[0].decode()
        api = next((each for each in (STANDARD, OWN) if raw.startswith(f"{each}/")), None)
        if api is None:
            return _answer(404, _error("BadRequest_NotFound"))
        rest, body = raw.removeprefix(f"{api}/"), await request.body()
        if rest == "$batch":
            return self._batch(api, msgspec.json.decode(body), request.headers)
        search = request.scope["query_string"].decode()
        where = f"{rest}?{search}" if search else rest
        base = f"{self.host or str(request.base_url).rstrip('/')}{api}"
        return _answer(*self._one(request.method, where, request.headers, body=body or None, base=base))

    def _batch(self, api: str, body: Any, headers: Mapping[str, str]) -> Response:
        requests = body["requests"]
        if len(requests) > 100:
            return _answer(400, _error("BadRequest_TooManyOperations"))
        before = copy.deepcopy(self.tables)
        responses = []
        for each in requests:
            content = None if each.get("body") is None else msgspec.json.encode(each["body"])
            given = {name.lower(): value for name, value in each.get("headers", {}).items()}
            status, answer = self._one(each["method"], each["url"], given, body=content, base=f"https://central{api}")
            responses.append({"id": each["id"], "status": status, "headers": {}, "body": answer})
        if headers.get("isolation") == "snapshot" and any(each["status"] >= 400 for each in responses):
            self.tables = before
        return _answer(200, {"responses": responses})

    def _one(
        self, method: str, where: str, headers: Mapping[str, str], *, body: bytes | None, base: str
    ) -> tuple[int, Any]:
        self.parts.append(f"{method} {unquote(where)}")
        path, _, search = where.partition("?")
        try:
            self._fail(unquote(where))
            company, entity, record = self._placed(path)
            if method == "GET":
                return 200, self._listed(company, entity, _options(search), headers=headers, base=f"{base}/{path}")
            if method == "DELETE":
                return 204, self._deleted(company, entity, record, etag=headers.get("if-match"))
            return 201, self._made(company, entity, msgspec.json.decode(body or b"null"))
        except Answered as error:
            return error.status, _error(error.code)
        except NotTaken:
            return 400, _error("BadRequest")

    def _fail(self, where: str) -> None:
        for word, (status, code) in self.failing.items():
            if word in where:
                raise Answered(status, code)

    def _placed(self, path: str) -> tuple[str, str, str | None]:
        place = _PLACE.fullmatch(path)
        if place is None or place[1] not in self.tables:
            raise Answered(404, "BadRequest_ResourceNotFound")
        return place[1], place[2], place[3]

    # ------------------------------------------------------------ lists

    def _listed(
        self, company: str, entity: str, options: Mapping[str, str], *, headers: Mapping[str, str], base: str
    ) -> Any:
        rows = self.tables[company].get(entity)
        if rows is None:
            raise Answered(404, "BadRequest_NotFound")
        chosen = Filter(options["$filter"]) if "$filter" in options else None
        kept = [row for row in rows if chosen is None or chosen.takes(row)]
        for part in reversed(options.get("$orderby", "").split(",") if "$orderby" in options else []):
            name, _, way = part.partition(" ")
            kept.sort(key=lambda row, name=name: moment(row, name), reverse=way == "desc")  # type: ignore[misc]  # bound at once
        start, size = int(options.get("$skiptoken", 0)), self._size(headers)
        end = min(start + size, start + int(options.get("$top", size)))
        answer = {"@odata.context": "#", "value": [self._shown(entity, row, options) for row in kept[start:end]]}
        if options.get("$count") == "true":
            answer["@odata.count"] = len(kept)
        if "$top" not in options and end < len(kept):
            given = {**options, "$skiptoken": str(end)}
            search = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
            answer["@odata.nextLink"] = f"{base}?{search}"
        return answer

    def _size(self, headers: Mapping[str, str]) -> int:
        preferred = re.fullmatch(r"odata\.maxpagesize=(\d+)", headers.get("prefer", ""))
        return min(self.most_rows, int(preferred[1]) if preferred else 20_000)

    def _shown(self, entity: str, row: Mapping[str, Any], options: Mapping[str, str]) -> dict[str, Any]:
        wanted = options.get("$expand", "")
        if wanted and (entity, wanted) not in _EXPANDED:
            raise NotTaken("no such navigation")
        hidden = {name for own, name in _EXPANDED if own == entity and name != wanted}
        return {name: value for name, value in row.items() if name not in hidden}

    # ------------------------------------------------------------ writes

    def _made(self, company: str, entity: str, body: Any) -> Any:
        if entity == "priceQuotes":
            return self._quoted(company, body)
        rows = self.tables[company][entity]
        if entity != "salesOrders" or "salesOrderLines" not in body:
            raise Answered(400, "BadRequest")
        if not any(each["number"] == body["customerNumber"] for each in self.tables[company]["customers"]):
            raise Answered(400, "Application_DialogException")
        number = f"S{len(rows) + 1001}"
        header = {name: value for name, value in body.items() if name != "salesOrderLines"}
        row = order(number, body["customerNumber"], lines=[], **header)
        rows.append(row)  # the header stands before its lines are looked at, as in a deep insert
        for sequence, line in enumerate(body["salesOrderLines"], start=1):
            row["salesOrderLines"].append(self._line(company, line, sequence * 10_000))
        row["totalAmountExcludingTax"] = sum(each.get("netAmount", 0) for each in row["salesOrderLines"])
        return self._shown(entity, row, {})

    def _line(self, company: str, line: Mapping[str, Any], sequence: int) -> dict[str, Any]:
        if line["lineType"] == "Comment":
            return {"lineType": "Comment", "sequence": sequence, "description": line["description"]}
        items = {each["number"]: each for each in self.tables[company]["items"]}
        item = items.get(line["lineObjectNumber"])
        if item is None:
            raise Answered(400, "Application_FieldValidationException")
        price = line.get("unitPrice", item["unitPrice"])
        return order_line(sequence, item["number"], line["quantity"], unitPrice=price, **{
            name: line[name] for name in ("unitOfMeasureCode", "locationId") if name in line
        })  # fmt: skip

    def _deleted(self, company: str, entity: str, record: str | None, *, etag: str | None) -> None:
        rows = self.tables[company][entity]
        found = next((row for row in rows if row["id"] == record), None)
        if found is None:
            raise Answered(404, "BadRequest_ResourceNotFound")
        if etag is None:
            raise Answered(400, "BadRequest_InvalidRequest")
        if etag not in {"*", found["@odata.etag"]}:
            raise Answered(409, "Request_EntityChanged")
        if found["status"] == "In_x0020_Review":
            raise Answered(400, "Application_DialogException")
        rows.remove(found)

    def _quoted(self, company: str, body: Mapping[str, Any]) -> Any:
        if body["itemNumber"] not in {each["number"] for each in self.tables[company]["items"]}:
            raise Answered(400, "Application_DialogException")
        return {"itemNumber": body["itemNumber"], "unitPrice": 7.25, "currencyCode": "USD", "unitOfMeasureCode": "PCS"}


def _options(search: str) -> dict[str, str]:
    given = dict(part.partition("=")[::2] for part in search.split("&")) if search else {}
    read = {unquote(name): unquote(value) for name, value in given.items()}
    if not read.keys() <= _OPTIONS or any(" " in value or "+" in name for name, value in given.items()):
        raise NotTaken("an option it does not know")
    return read


def _error(code: str) -> Any:
    return {"error": {"code": code, "message": "Record 4711 of somebody"}}


def _answer(status: int, content: Any) -> Response:
    if status == 204:
        return Response(status_code=204)
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


# ---------------------------------------------------------------- rows


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def order(number: str, customer: str, *, lines: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "@odata.etag": f'W/"{number}"',
        "id": guid(int(number[1:])),
        "number": number,
        "externalDocumentNumber": "",
        "orderDate": "2026-11-20",
        "customerNumber": customer,
        "currencyCode": "USD",
        "requestedDeliveryDate": "0001-01-01",
        "totalAmountExcludingTax": sum(each.get("netAmount", 0) for each in lines),
        "status": "Draft",
        "lastModifiedDateTime": "2026-11-20T08:00:00.123Z",
        "salesOrderLines": list(lines),
        **more,
    }


def order_line(sequence: int, item: str, quantity: float, **more: Any) -> dict[str, Any]:
    price = more.pop("unitPrice", 10)
    return {
        "lineType": "Item",
        "sequence": sequence,
        "lineObjectNumber": item,
        "description": item,
        "unitOfMeasureCode": "PCS",
        "quantity": quantity,
        "unitPrice": price,
        "netAmount": quantity * price,
        "shipmentDate": "0001-01-01",
        "shippedQuantity": 0,
        "locationId": "00000000-0000-0000-0000-000000000000",
        **more,
    }
