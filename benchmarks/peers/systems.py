"""The systems' REST calls for the peers written in Python: aiohttp and orjson, kept alive, batched as the hand-written endpoint does."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
import orjson
import shapes
from yarl import URL

Rows = dict[str, Any]
_JSON = {"Content-Type": "application/json"}


class Systems:
    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self._erp, self._wms, self._carrier = (f"http://127.0.0.1:{port + role}" for role in (0, 2, 3))
        self._session = session

    @classmethod
    @asynccontextmanager
    async def opened(cls, port: int) -> AsyncIterator[Self]:
        headers = {"Authorization": "Bearer sandbox"}
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(headers=headers, cookie_jar=jar) as session:
            yield cls(port, session)

    async def _get(self, root: str, path: str, params: Iterable[tuple[str, str]]) -> Any:
        url = URL(f"{root}{path}?{urlencode(list(params))}", encoded=True)
        async with self._session.get(url) as answer:
            return orjson.loads(await answer.read())

    async def _batch(self, root: str, path: str, company: str, named: tuple[str, Iterable[str]], **more: str) -> Any:
        name, keys = named
        return await self._get(root, path, [("company", company), *((name, key) for key in keys), *more.items()])

    async def items(self, company: str, skus: Sequence[str]) -> Rows:
        found = await self._batch(self._erp, "/items", company, ("sku", skus))
        return {row["sku"]: row for row in found["items"]}

    async def prices(self, asked: Sequence[tuple[str, str, str, str]]) -> list[Any]:
        """A price, or None, for each company, customer, SKU and quantity."""
        lines = [
            {**shapes.price_line(ref, sku, company, customer), "quantity": quantity}
            for ref, (company, customer, sku, quantity) in enumerate(asked)
        ]
        body = orjson.dumps({"lines": lines})
        async with self._session.post(f"{self._erp}/prices", data=body, headers=_JSON) as answer:
            found = orjson.loads(await answer.read())
        priced = {row["ref"]: shapes.price(row) for row in found["prices"]}
        return [priced.get(line["ref"]) for line in lines]

    async def availabilities(self, company: str, skus: Sequence[str]) -> list[Any]:
        stock, plans = await asyncio.gather(
            self._batch(self._wms, "/stock", company, ("sku", skus)),
            self._batch(self._erp, "/supply-demand", company, ("sku", skus), days=str(shapes.DAYS)),
        )
        places = {row["code"]: {"code": row["code"], "name": row["name"]} for row in stock["warehouses"]}
        rows = shapes.by_sku(stock["stock"])
        planned = {(row["sku"], row["warehouse"]): row for row in plans["plans"]}
        today = date.fromisoformat(stock["today"])
        return [shapes.availability(rows.get(sku), planned, places, today=today) for sku in skus]

    async def customers(self, company: str, numbers: Sequence[str]) -> Rows:
        found = await self._batch(self._erp, "/customers", company, ("number", numbers))
        return {row["number"]: row for row in found["customers"]}

    async def orders_of(self, company: str, number: str, first: int) -> list[Any]:
        found = await self._batch(self._erp, "/orders/by-customer", company, ("number", [number]), limit=str(first))
        return list(found["pages"][0]["orders"])

    async def orders(self, company: str, placed_to: str, first: int) -> list[Any]:
        found = await self._batch(self._erp, "/orders/search", company, ("placedTo", [placed_to]), limit=str(first))
        return list(found["orders"])

    async def shipments(self, company: str, orders: Sequence[str]) -> dict[str, list[Any]]:
        found = await self._batch(self._wms, "/shipments/by-order", company, ("order", orders))
        grouped: dict[str, list[Any]] = {}
        for row in found["shipments"]:
            grouped.setdefault(row["order"], []).append(row)
        return grouped

    async def trackings(self, numbers: Sequence[str]) -> list[Any]:
        found = await self._get(self._carrier, "/tracking", (("trackingNumber", number) for number in numbers))
        rows = {row["trackingNumber"]: row for row in found["tracking"]}
        return [rows.get(number) for number in numbers]
