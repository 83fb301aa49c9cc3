"""S/4HANA as a server of our own speaks it, after the vendor's documentation: lists, tokens, ETags, batches. It keeps its orders.

Its batches are read and written without the connector's own codec.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.connectors.odata_v2 import NotTaken, listed

ROOT = "/sap/opu/odata/sap"
TOKEN, COOKIE = "token-secret-of-sap", "cookie-secret-of-sap"
PAGE = 3
DATE = "/Date(1781740800000)/"
"""2026-06-18."""

Tables = dict[str, list[dict[str, Any]]]
_KEY = re.compile(r"(\w+)=?'((?:[^']|'')*)'|'((?:[^']|'')*)'")
_PART = re.compile(r"Content-ID: (\w+)\r\n\r\n(\w+) (\S+) HTTP/1\.1\r\n(.*?)\r\n\r\n(.*)", re.DOTALL)

Sent = tuple[int, dict[str, str], bytes]


def error(status: int, code: str, **headers: str) -> Sent:
    body = {"error": {"code": code, "message": {"lang": "en", "value": "of the upstream's own"}}}
    return status, headers, msgspec.json.encode(body)


def answer(content: Any, status: int = 200, **headers: str) -> Sent:
    return status, headers, msgspec.json.encode(content)


def decimal(value: Any) -> Decimal:
    return Decimal(str(value))


class S4Hana:
    """`prices`: net for one by product; what is not a number is answered as it is. `credit` is the status that simulations tell.

    `availability`: rows by product and plant. `names_parts`: whether answers in batches say which request they are for.
    `page_size`: how many rows a list has at a time.
    """

    def __init__(
        self, tables: Tables, *, prices: Mapping[str, str], availability: Mapping[tuple[str, str], list[dict[str, Any]]]
    ) -> None:
        self.tables, self.prices, self.availability = tables, prices, availability
        self.credit, self.names_parts, self.page_size = "A", True, PAGE
        self.token, self.tokens_given = TOKEN, 0
        self.heard: list[tuple[str, str, bytes]] = []
        self.app = Starlette(
            routes=[Route(f"{ROOT}/{{service}}/{{path:path}}", self._answered, methods=["GET", "POST", "PATCH"])]
        )

    @property
    def orders(self) -> list[dict[str, Any]]:
        return self.tables["A_SalesOrder"]

    def forget_tokens(self) -> None:
        """As when a session has ended: what was handed out is not taken any more."""
        self.token = f"{TOKEN}-{self.tokens_given + 1}"

    # ------------------------------------------------------------ the door

    async def _answered(self, request: Request) -> Response:
        service, path = request.path_params["service"], request.path_params["path"]
        body = await request.body()
        self.heard.append((request.method, f"{service}/{path}", body))
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        if request.method == "GET":
            status, headers, content = self._got(service, path, query)
            if request.headers.get("x-csrf-token", "").lower() == "fetch":
                self.tokens_given += 1
                made = Response(content, status, {**headers, "x-csrf-token": self.token}, "application/json")
                made.set_cookie("SAP_SESSIONID_X01_100", COOKIE, path="/", secure=True, httponly=True)
                made.set_cookie("sap-usercontext", "sap-client=100", path="/")
                return made
        elif not self._is_trusted(request):
            return Response("CSRF token validation failed", 403, {"x-csrf-token": "Required"}, media_type="text/plain")
        elif path == "$batch":
            return self._batch(service, request.headers["content-type"], body.decode())
        else:
            status, headers, content = self._changed(request.method, service, path, request.headers, body)
        return Response(content, status, headers, "application/json" if content else None)

    def _is_trusted(self, request: Request) -> bool:
        cookies = request.headers.get("cookie", "")
        return request.headers.get("x-csrf-token") == self.token and f"SAP_SESSIONID_X01_100={COOKIE}" in cookies

    # ------------------------------------------------------------ reads

    def _got(self, service: str, path: str, query: Mapping[str, str]) -> Sent:
        if path == "":
            return answer({"d": {"EntitySets": sorted(self.tables)}})
        if path == "CalculateAvailabilityTimeseries":
            return self._timeseries(query)
        if path not in self.tables:
            return error(404, "/IWFND/CM_MGW/004")
        try:
            return answer(listed(self.tables[path], query, f"https://elsewhere{ROOT}/{service}/{path}", self.page_size))
        except NotTaken:
            return error(400, "/IWBEP/CM_MGW_RT/004")

    def _timeseries(self, query: Mapping[str, str]) -> Sent:
        if query["ATPCheckingRule"] != "'A'":
            return error(400, "ATP/001")
        named = [query[name].strip("'").replace("''", "'") for name in ("Material", "SupplyingPlant")]
        rows = self.availability.get((named[0], named[1]))
        return error(404, "ATP/002") if rows is None else answer({"d": {"results": rows}})

    # ------------------------------------------------------------ changes

    def _changed(self, method: str, service: str, path: str, headers: Mapping[str, str], body: bytes) -> Sent:
        entity, _, key = path.partition("(")
        content = msgspec.json.decode(body)
        if method == "POST":
            return self._simulated(content) if "SIMULATION" in service else self._created(content)
        keys = [found[1] or found[2] for found in _KEY.findall(unquote(key))]
        order = next((row for row in self.orders if row["SalesOrder"] == keys[0].replace("''", "'")), None)
        if order is None:
            return error(404, "SD_ORDER/404")
        if headers.get("if-match", headers.get("If-Match")) != order["__metadata"]["etag"]:
            return error(412, "005056A509B11EE1B9A8FEC11C21578E")
        if entity == "A_SalesOrder":
            order |= content["d"]
            order["__metadata"] = {"etag": f"{order['__metadata']['etag']}+"}
        else:
            item = next(each for each in order["to_Item"]["results"] if each["SalesOrderItem"] == keys[1])
            item |= content["d"]
        return 204, {}, b""

    def _created(self, content: dict[str, Any]) -> Sent:
        if content["SoldToParty"] not in {row["Customer"] for row in self.tables["A_Customer"]}:
            return error(400, "V1/058")
        number = str(5_000 + len(self.orders))
        lines = [order_item(number, each["SalesOrderItem"], each["Material"], each["RequestedQuantity"], each["RequestedQuantityUnit"])
                 for each in content["to_Item"]["results"]]  # fmt: skip
        made = order(number, content["SoldToParty"], lines) | {
            name: value for name, value in content.items() if not name.startswith("to_")
        }
        made["to_Partner"] = content.get("to_Partner", {"results": []})
        self.orders.append(made)
        return answer({"d": made}, 201)

    def _simulated(self, content: Mapping[str, Any]) -> Sent:
        items = content["to_Item"]["results"]
        if content["SoldToParty"] not in {row["Customer"] for row in self.tables["A_Customer"]}:
            return error(400, "V1/058")
        if any(each["Material"] not in self.prices for each in items):
            return error(400, "V1/382")
        told = [self._priced(each) for each in items]
        credit = {"to_Credit": {"TotalCreditCheckStatus": self.credit}} if "to_Credit" in content else {}
        return answer({"d": {"SalesOrder": "", "to_Item": {"results": told}, **credit}}, 201)

    def _priced(self, item: Mapping[str, Any]) -> dict[str, Any]:
        price, quantity = self.prices[item["Material"]], item["RequestedQuantity"]
        is_good = re.fullmatch(r"[0-9.]+", price) is not None
        net = f"{decimal(price) * decimal(quantity):.2f}" if is_good else price
        gross = {
            "ConditionType": "PPR0", "ConditionClass": "B", "ConditionRateValue": "12.500", "ConditionCurrency": "USD",
            "ConditionQuantity": "1", "ConditionAmount": net, "ConditionInactiveReason": "", "ConditionIsForStatistics": False,
        }  # fmt: skip
        freight = gross | {"ConditionType": "YBHD", "ConditionClass": "A", "ConditionAmount": "3.00"}
        return {
            "SalesOrderItem": item["SalesOrderItem"].rjust(6, "0"), "Material": item["Material"], "RequestedQuantity": quantity,
            "RequestedQuantityUnit": item.get("RequestedQuantityUnit", "PC"), "TransactionCurrency": "USD",
            "NetAmount": net, "TaxAmount": "1.25", "to_PricingElement": {"results": [freight, gross]},
        }  # fmt: skip

    # ------------------------------------------------------------ batches

    def _batch(self, service: str, kind: str, body: str) -> Response:
        boundary = kind.partition("boundary=")[2]
        parts = body.split(f"--{boundary}\r\n")[1:]
        assert body.endswith(f"--{boundary}--\r\n")
        told = [
            self._change_set(service, part)
            if part.startswith("Content-Type: multipart/mixed")
            else self._read_part(service, part)
            for part in parts
        ]
        content = "".join(f"--answers\r\n{each}\r\n" for each in told) + "--answers--"
        return Response(content, 202, {"content-type": "multipart/mixed; boundary=answers"})

    def _read_part(self, service: str, part: str) -> str:
        name, method, url, _, _ = _fields(part)
        assert method == "GET"
        path, _, query = url.partition("?")
        return self._part(name, self._got(service, unquote(path), dict(parse_qsl(query))))

    def _change_set(self, service: str, part: str) -> str:
        """Done as a whole, or answered by its first failure."""
        boundary = part.partition("boundary=")[2].partition("\r\n")[0]
        kept = msgspec.json.encode(self.orders)
        told: list[str] = []
        for each in part.split(f"--{boundary}\r\n")[1:]:
            name, method, url, headers, body = _fields(each)
            done = self._changed(method, service, url, headers, body.partition(f"\r\n--{boundary}")[0].encode())
            if done[0] >= 400:
                self.tables["A_SalesOrder"] = msgspec.json.decode(kept)
                return self._part(name, done)
            told.append(self._part(name, done))
        inner = "".join(f"--changes\r\n{each}\r\n" for each in told) + "--changes--\r\n"
        return f"Content-Type: multipart/mixed; boundary=changes\r\nContent-Length: {len(inner)}\r\n\r\n{inner}"

    def _part(self, name: str, sent: Sent) -> str:
        status, headers, body = sent
        own = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        named = f"content-id: {name}\r\n" if self.names_parts else ""
        lines = "".join(f"{header}: {value}\r\n" for header, value in own.items())
        outer = "Content-Type: application/http\r\ncontent-transfer-encoding: binary\r\n"
        return f"{outer}{named}\r\nHTTP/1.1 {status} Said so\r\n{lines}\r\n{body.decode()}"


def _fields(part: str) -> tuple[str, str, str, dict[str, str], str]:
    found = _PART.search(part)
    assert found is not None, part
    headers = dict(line.split(": ", 1) for line in found[4].split("\r\n"))
    return found[1], found[2], found[3], {name.lower(): value for name, value in headers.items()}, found[5]


# ---------------------------------------------------------------- rows


def order(number: str, customer: str, items: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    total = sum((decimal(each["NetAmount"]) for each in items), Decimal(0))
    return {
        "__metadata": {"etag": f"W/\"datetimeoffset'2026-06-18T10%3A00%3A{number[-2:]}.0Z'\""},
        "SalesOrder": number, "SalesOrganization": "1710", "SoldToParty": customer, "SalesOrderDate": DATE,
        "TotalNetAmount": f"{total:.2f}", "TransactionCurrency": "USD", "PurchaseOrderByCustomer": "",
        "PurchaseOrderByShipToParty": "", "RequestedDeliveryDate": DATE, "OverallSDProcessStatus": "A",
        "OverallDeliveryStatus": "A", "OverallSDDocumentRejectionSts": "A", "TotalCreditCheckStatus": "",
        "DeliveryBlockReason": "", "HeaderBillingBlockReason": "", "to_Item": {"results": list(items)},
        "to_Partner": {"results": [{"PartnerFunction": "SH", "Customer": customer}]}, **more,
    }  # fmt: skip


def order_item(number: str, item: str, product: str, quantity: str, unit: str = "PC", **more: Any) -> dict[str, Any]:
    return {
        "SalesOrder": number, "SalesOrderItem": item, "Material": product, "RequestedQuantity": quantity,
        "RequestedQuantityUnit": unit, "NetAmount": f"{decimal(quantity) * 10:.2f}", "SalesDocumentRjcnReason": "",
        "to_ScheduleLine": {"results": [schedule_line(quantity)]}, **more,
    }  # fmt: skip


def schedule_line(confirmed: str, delivered: str = "0.000", day: str | None = DATE) -> dict[str, Any]:
    return {
        "ConfirmedDeliveryDate": day, "ConfdOrderQtyByMatlAvailCheck": confirmed, "DeliveredQtyInOrderQtyUnit": delivered,
    }  # fmt: skip
