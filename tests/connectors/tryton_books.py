"""A server that speaks as Tryton does, over a handful of records: searches by domain, a login, and a sale's few steps."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "session-of-the-suite"
BAD = "XD-BAD"
KEYS = {"code", "number", "description", "id", "party.code", "product.code", "moves.origin.sale.number"}
Record = dict[str, Any]


def numeric(amount: str) -> Record:
    return {"__class__": "Decimal", "decimal": amount}


def day(on: int) -> Record:
    return {"__class__": "date", "year": 2026, "month": 6, "day": on}


def refused(kind: str, *told: Any) -> Record:
    return {"error": [kind, list(told)]}


NOON = {
    "__class__": "datetime",
    "year": 2026,
    "month": 6,
    "day": 30,
    "hour": 12,
    "minute": 0,
    "second": 0,
    "microsecond": 0,
}
COMPANY = {"id": 1, "party.": {"id": 1, "code": "US"}, "currency.": {"id": 1, "code": "USD"}}
DOLLAR = {"id": 1, "code": "USD"}
PLACES = [
    {"id": 5, "name": "Chicago", "code": "CHI", "type": "warehouse", "left": 1, "right": 10},
    {"id": 6, "name": "Dallas", "code": "DAL", "type": "warehouse", "left": 11, "right": 20},
]
UNITS = [
    {"id": 1, "symbol": "u", "category": 1, "factor": 1.0, "rounding": 1.0},
    {"id": 2, "symbol": "CS", "category": 1, "factor": 12.0, "rounding": 1.0},
]


def product(id_: int, code: str, **more: Any) -> Record:
    known = {"name": f"Item {code}", "active": 1, "default_uom": 1, "sale_uom": 1, "salable": True, "quantity": 40.0}
    prices = {"sale_price_uom": numeric("9.5000"), "list_price_used": numeric("10.00")}
    return {"id": id_, "code": code, "categories.": [], "account_category.": None, **known, **prices, **more}


def party(id_: int, code: str, **more: Any) -> Record:
    known = {
        "name": f"Customer {code}",
        "active": 1,
        "customer_currency.": None,
        "currency.": DOLLAR,
        "categories.": [],
    }
    credit = {"credit_amount": numeric("10.00"), "credit_limit_amount": numeric("500.00"), "sale_price_list": 1}
    return {"id": id_, "code": code, **known, **credit, **more}


def address(id_: int, code: str, **more: Any) -> Record:
    return {"id": id_, "party.": {"id": 1, "code": code}, "street": "1 Main Street", "city": "Plano", **more}


def move(id_: int, code: str, *, left: tuple[int, int], **more: Any) -> Record:
    start, end = ({"id": each, "left": each} for each in left)
    known = {"state": "draft", "internal_quantity": 5.0, "product.": {"id": 1, "code": code}, "company": 1}
    return {"id": id_, "from_location.": start, "to_location.": end, "planned_date": day(30), **known, **more}


def sale(id_: int, number: str, state: str, **more: Any) -> Record:
    line = {
        "id": id_,
        "type": "line",
        "quantity": 2.0,
        "unit_price": numeric("9.50"),
        "amount": numeric("19.00"),
        "moves.": [],
    }
    line |= {"sequence": 1, "product.": {"id": 1, "code": "TAPE"}, "unit.": {"id": 1, "symbol": "u"}}
    known = {"create_date": NOON, "total_amount": numeric("19.00"), "company": 1, "currency.": DOLLAR, "lines.": [line]}
    known |= {
        "party.": {"id": 1, "code": "C1"},
        "shipment_state": "waiting",
        "description": f"web-{number}",
        "sale_date": day(30),
    }
    return {"id": id_, "number": number, "state": state, **known, **more}


def shipment(id_: int, number: str, order: str, **more: Any) -> Record:
    outgoing = {
        "id": id_,
        "quantity": 2.0,
        "state": "draft",
        "product.": {"id": 1, "code": "TAPE"},
        "sale.": {"id": 1, "number": order},
    }
    known = {
        "state": "waiting",
        "company": 1,
        "warehouse": 5,
        "outgoing_moves.": [outgoing],
        "packages.": [],
        "origins": order,
    }
    return {"id": id_, "number": number, "moves.origin.sale.number": order, **known, **more}


def records() -> dict[str, list[Record]]:
    return {
        "company.company": [COMPANY],
        "stock.location": PLACES,
        "product.uom": UNITS,
        "product.product": [product(1, "TAPE"), product(2, "BOX"), product(9, BAD, default_uom="x", quantity="x")],
        "party.party": [party(1, "C1"), party(2, "C2"), party(9, BAD, name=5, credit_amount=5)],
        "party.address": [address(1, "C1"), address(2, "C2"), address(9, BAD, city=5)],
        "stock.move": [
            move(1, "TAPE", left=(30, 2)),
            move(2, "BOX", left=(3, 30), state="assigned"),
            move(3, BAD, left=(3, 30), state="assigned", internal_quantity="x"),
        ],
        "sale.sale": [
            sale(1, "1001", "confirmed"),
            sale(2, "1002", "processing"),
            sale(3, "1003", "cancelled"),
            sale(9, BAD, "processing", description=BAD, total_amount=5),
        ],
        "stock.shipment.out": [
            shipment(1, "S1", "1001"),
            shipment(2, "S2", "1002"),
            shipment(9, BAD, BAD, warehouse="x", origins=BAD),
        ],
    }


# ---------------------------------------------------------------- domains


def value_of(record: Mapping[str, Any], path: str) -> Any:
    if path in record:
        return record[path]
    head, _, rest = path.partition(".")
    inner = record.get(f"{head}.")
    return value_of(inner, rest) if isinstance(inner, Mapping) and rest else None


def fits(record: Record, condition: Sequence[Any]) -> bool:
    if not condition or isinstance(condition[0], list):
        return all(fits(record, each) for each in condition)
    if condition[0] == "OR":
        return any(fits(record, each) for each in condition[1:])
    field, operator, wanted = condition[:3]
    held = value_of(record, field)
    if operator in {"<", ">", "<=", ">="}:
        return (
            isinstance(held, int) and {"<": held < wanted, ">": held > wanted}.get(operator, True)
            if field == "id"
            else True
        )
    tests: Mapping[str, Callable[[], bool]] = {
        "=": lambda: bool(held == wanted),
        "!=": lambda: bool(held != wanted),
        "in": lambda: held in wanted,
        "ilike": lambda: wanted.strip("%").lower() in str(held).lower(),
    }
    return tests[operator]()


def found(rows: Sequence[Record], domain: Sequence[Any]) -> list[Record]:
    """A row that does not fit is there only for who asks for it by its key."""
    is_by_key = any(isinstance(each, list) and each[0] in KEYS and each[1] == "in" for each in domain)
    return [row for row in rows if fits(row, domain) and (is_by_key or row["id"] != 9)]


# ---------------------------------------------------------------- the server


class Books:
    def __init__(self) -> None:
        self.tables = records()

    async def answered(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        method, params = asked["method"], asked["params"]
        if method == "common.db.login":
            return JSONResponse({"id": 0, "result": [7, TOKEN, None]})
        if not request.headers.get("authorization", "").startswith("Session "):
            return Response("<h1>Unauthorized</h1>", 401)
        _, model, name = re.fullmatch(r"(\w+)\.([\w.]+)\.(\w+)", method).groups()  # type: ignore[union-attr]  # all of them are
        came = getattr(self, name)(model, *params[:-1])
        return JSONResponse({"id": 0, **(came if isinstance(came, dict) and "error" in came else {"result": came})})

    def search_read(self, model: str, domain: list[Any], _: int, limit: int | None, *rest: Any) -> list[Record]:
        order, _ = rest
        rows = sorted(found(self.tables[model], domain), key=lambda row: int(row["id"]), reverse=order[0][1] == "DESC")
        return rows[:limit]

    def search_count(self, model: str, domain: list[Any]) -> int:
        return len(found(self.tables[model], domain))

    def read(self, *_: Any) -> list[Record]:
        return [{"id": 1, "sale_price_list": 1}]

    def today(self, *_: Any) -> Record:
        return day(30)

    def on_change_party(self, *_: Any) -> Record:
        return {"invoice_method": "order", "shipment_method": "order", "invoice_address": 1, "price_list": 1}

    def on_change_lines(self, _: str, given: Record) -> Record:
        total = f"{sum(float(line['amount']['decimal']) for line in given['lines']):.2f}"
        return {"untaxed_amount": numeric(total), "tax_amount": numeric("0.00"), "total_amount": numeric(total)}

    def create(self, model: str, rows: list[Record]) -> list[int]:
        (given,) = rows
        id_ = 100 + len(self.tables[model])
        code = next(each["code"] for each in self.tables["party.party"] if each["id"] == given["party"])
        made = {"description": given["description"], "party.": {"id": given["party"], "code": code}}
        self.tables[model].append(sale(id_, "", "draft", **made))
        return [id_]

    def _moved(self, model: str, ids: list[int], state: str) -> None:
        for row in self.tables[model]:
            if row["id"] in ids:
                row |= {"state": state, "number": row["number"] or f"{row['id']}"}

    def quote(self, model: str, ids: list[int]) -> None:
        self._moved(model, ids, "quotation")

    def confirm(self, model: str, ids: list[int]) -> Record | None:
        (row,) = (row for row in self.tables[model] if row["id"] in ids)
        if row["party."]["code"] == "C2":
            return refused("UserError", 'The party "C2" will exceed their $500.00 credit limit by $9.00.', "", None)
        self._moved(model, ids, "processing")
        return None

    def process(self, model: str, ids: list[int]) -> None:
        self._moved(model, ids, "processing")

    def draft(self, model: str, ids: list[int]) -> None:
        self._moved(model, ids, "draft")

    def cancel(self, model: str, ids: list[int]) -> None:
        self._moved(model, ids, "cancelled")

    def delete(self, model: str, ids: list[int]) -> None:
        self.tables[model] = [row for row in self.tables[model] if row["id"] not in ids]


def server() -> Starlette:
    return Starlette(routes=[Route("/erp/rpc/", Books().answered, methods=["POST"])])
