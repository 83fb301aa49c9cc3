"""The same answers without GraphQL: one Starlette endpoint a question, aiohttp, dicts, orjson, and the same ATP arithmetic.

It knows beforehand what every question needs, checks nothing, and passes on what the systems sent: the least that a service
between these systems and these clients can cost in Python. `python benchmarks/handwritten.py UPSTREAM_PORT PORT`
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from yarl import URL

sys.path.insert(0, str(Path(__file__).parent))

import shapes

UPSTREAM = int(sys.argv[1])
ERP, CRM, WMS, CARRIER = (f"http://127.0.0.1:{UPSTREAM + role}" for role in range(4))


class App:
    session: aiohttp.ClientSession

    async def get(self, root: str, path: str, params: list[tuple[str, str]]) -> Any:
        url = URL(f"{root}{path}?{urlencode(params)}", encoded=True)
        async with self.session.get(url) as answer:
            return orjson.loads(await answer.read())

    async def post(self, root: str, path: str, body: Any) -> Any:
        async with self.session.post(f"{root}{path}", data=orjson.dumps(body), headers=JSON) as answer:
            return orjson.loads(await answer.read())

    async def quote(self, http: Request) -> Response:
        asked = orjson.loads(await http.body())["variables"]
        skus, company, customer = asked["skus"], asked["company"], asked["customer"]
        keys = [("company", company), *(("sku", sku) for sku in skus)]
        lines = [shapes.price_line(ref, sku, company, customer) for ref, sku in enumerate(skus)]
        items, prices, stock, plans = await asyncio.gather(
            self.get(ERP, "/items", keys),
            self.post(ERP, "/prices", {"lines": lines}),
            self.get(WMS, "/stock", keys),
            self.get(ERP, "/supply-demand", [*keys, ("days", str(shapes.DAYS))]),
        )
        priced = {row["ref"]: shapes.price(row) for row in prices["prices"]}
        places = {row["code"]: {"code": row["code"], "name": row["name"]} for row in stock["warehouses"]}
        rows = shapes.by_sku(stock["stock"])
        planned = {(row["sku"], row["warehouse"]): row for row in plans["plans"]}
        known = {row["sku"]: row["sku"] for row in items["items"]}
        today = date.fromisoformat(stock["today"])
        found = [
            {
                "sku": known[sku],
                "price": priced.get(str(ref)),
                "availability": shapes.availability(rows.get(sku), planned, places, today=today),
            }
            for ref, sku in enumerate(skus)
        ]
        return _json({"data": {"items": found}})

    async def item(self, http: Request) -> Response:
        asked = orjson.loads(await http.body())["variables"]
        found = await self.get(ERP, "/items", [("company", asked["company"]), ("sku", asked["sku"])])
        row = found["items"][0]
        return _json({"data": {"item": {name: row[name] for name in ("sku", "name", "uom", "hazardous")}}})

    async def portal(self, http: Request) -> Response:
        asked = orjson.loads(await http.body())["variables"]
        company, number = asked["company"], asked["customer"]
        key = [("company", company), ("number", number)]
        customers, pages = await asyncio.gather(
            self.get(ERP, "/customers", key),
            self.get(ERP, "/orders/by-customer", [*key, ("limit", "20")]),
        )
        orders = pages["pages"][0]["orders"]
        skus = dict.fromkeys(line["sku"] for order in orders for line in order["lines"])
        items, shipped = await asyncio.gather(
            self.get(ERP, "/items", [("company", company), *(("sku", sku) for sku in skus)]),
            self.get(
                WMS, "/shipments/by-order", [("company", company), *(("order", each["number"]) for each in orders)]
            ),
        )
        names = {row["sku"]: {"name": row["name"]} for row in items["items"]}
        tracked = await self._tracked(shipped["shipments"])
        shipments: dict[str, list[Any]] = {}
        for row in shipped["shipments"]:
            shipments.setdefault(row["order"], []).append(_shipment(row, tracked))
        nodes = [{"node": _order(order, names, shipments)} for order in orders]
        return _json({"data": {"customer": {"name": customers["customers"][0]["name"], "orders": {"edges": nodes}}}})

    async def orders(self, http: Request) -> Response:
        asked = orjson.loads(await http.body())["variables"]
        company = asked["company"]
        key = [("company", company), ("placedTo", asked["placedTo"]), ("limit", "100")]
        orders = (await self.get(ERP, "/orders/search", key))["orders"]
        numbers = dict.fromkeys(order["customer"] for order in orders)
        wanted = [("company", company), *(("number", number) for number in numbers)]
        found = await self.get(ERP, "/customers", wanted)
        names = {row["number"]: {"name": row["name"]} for row in found["customers"]}
        edges = [{"node": _listed(order, names)} for order in orders]
        return _json({"data": {"orders": {"edges": edges}}})

    async def _tracked(self, shipments: list[Any]) -> dict[str, Any]:
        numbers = [
            parcel["trackingNumber"] for row in shipments for parcel in row["parcels"] if parcel["trackingNumber"]
        ]
        if not numbers:
            return {}
        found = await self.get(CARRIER, "/tracking", [("trackingNumber", each) for each in dict.fromkeys(numbers)])
        return {row["trackingNumber"]: _tracking(row) for row in found["tracking"]}


JSON = {"Content-Type": "application/json"}


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _tracking(row: Any) -> dict[str, Any]:
    events = [{"at": each["at"], "description": each["description"]} for each in row["events"]]
    return {"status": row["status"], "events": events}


def _shipment(row: Any, tracked: Any) -> dict[str, Any]:
    parcels = [
        {"trackingNumber": parcel["trackingNumber"], "tracking": tracked.get(parcel["trackingNumber"])}
        for parcel in row["parcels"]
    ]
    return {"number": row["number"], "parcels": parcels}


def _order(order: Any, names: Any, shipments: Any) -> dict[str, Any]:
    lines = [{"number": line["number"], "item": names.get(line["sku"])} for line in order["lines"]]
    return {"number": order["number"], "lines": lines, "shipments": shipments.get(order["number"], [])}


def _listed(order: Any, names: Any) -> dict[str, Any]:
    told = {name: order[name] for name in ("number", "status", "placedAt")}
    return {**told, "customer": names.get(order["customer"])}


def app() -> Starlette:
    here = App()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(
            headers={"Authorization": "Bearer sandbox"}, cookie_jar=aiohttp.DummyCookieJar()
        ) as here.session:
            gc.collect()
            gc.freeze()
            gc.set_threshold(100_000, 50, 100)
            yield

    answers = {"quote": here.quote, "item": here.item, "portal": here.portal, "list": here.orders}
    return Starlette(
        routes=[Route(f"/{name}", answer, methods=["POST"]) for name, answer in answers.items()], lifespan=lifespan
    )


if __name__ == "__main__":
    uvicorn.run(app(), port=int(sys.argv[2]), log_level="warning", access_log=False)
