"""A distributor in memory, for tests of the cache: it counts what it is asked, holds answers back and goes down; and a clock to turn."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sources.cache import Cache
from sources.call import CallContext, Deadline, Recalled
from sources.errors import SourceUnavailable
from sources.models import (
    Item,
    ItemStatus,
    Key,
    Money,
    Price,
    PriceSource,
    PriceTerms,
    QuantityRule,
    Stock,
)
from sources.remembered import RememberedErp, RememberedWms
from sources.viewer import SERVICE_DESK, Viewer

EPOCH = 1_800_000_000.0
ONE = Decimal(1)
BOLT = Key("US", "BOLT")
TERMS = PriceTerms("US", "C1", "BOLT", Decimal(5))


class Clock:
    """Stands until it is turned."""

    def __init__(self) -> None:
        self.now = EPOCH

    def __call__(self) -> float:
        return self.now


class Ledger:
    """An ERP and a WMS in one. Every fact tells its `version`; `gate` holds answers back while it is closed."""

    name = "erp"

    def __init__(self, *companies: str) -> None:
        self.companies = companies or ("US",)
        self.max_batch = dict.fromkeys(("items", "orders", "prices", "stock"), 100)
        self.asked: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.version = 1
        self.is_down = False
        self.absent: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def answer_to(self, operation: str, numbers: Sequence[str]) -> str:
        """The version at the moment of the question, as a real system would have read it."""
        self.calls[operation] += 1
        self.asked.update(numbers)
        version = str(self.version)
        self.entered.set()
        await self.gate.wait()
        if self.is_down:
            raise SourceUnavailable(self.name, detail="down")
        return version

    def _keys(self, company: str | None, numbers: Sequence[str]) -> list[tuple[str, str]]:
        places = self.companies if company is None else [each for each in self.companies if each == company]
        return [(place, number) for place in places for number in numbers if number not in self.absent]

    async def items(self, _call: CallContext, company: str | None, numbers: Sequence[str]) -> dict[Key, Item]:
        version = await self.answer_to("items", numbers)
        return {Key(place, number): item(place, number, version) for place, number in self._keys(company, numbers)}

    async def orders(self, _call: CallContext, _company: str | None, numbers: Sequence[str]) -> dict[Key, Any]:
        await self.answer_to("orders", numbers)
        return {}

    async def credit_by_customer(
        self, _call: CallContext, _company: str | None, numbers: Sequence[str]
    ) -> dict[Key, Any]:
        await self.answer_to("credit_by_customer", numbers)
        return {}

    async def prices(self, _call: CallContext, terms: Sequence[PriceTerms]) -> dict[PriceTerms, Price]:
        version = await self.answer_to("prices", [each.sku for each in terms])
        unit = Money(Decimal(version), "USD")
        return {each: Price(unit, "EA", (), PriceSource.CONTRACT, datetime.now(UTC)) for each in terms}

    async def stock(
        self, _call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> dict[Key, Stock]:
        version = await self.answer_to("stock", [*numbers, *warehouses])
        today = date.fromordinal(int(version))
        return {
            Key(place, number): Stock((), today, datetime.now(UTC)) for place, number in self._keys(company, numbers)
        }


def item(company: str, sku: str, name: str) -> Item:
    now = datetime.now(UTC)
    return Item(company, sku, name, ItemStatus.ACTIVE, "EA", (), QuantityRule(ONE, ONE), hazardous=False, as_of=now)


class Caller:
    """Calls of one viewer, and what the cache told of them."""

    def __init__(self, viewer: Viewer = SERVICE_DESK) -> None:
        self.viewer = viewer
        self.told: list[Recalled] = []

    def call(self, *, max_age: float | None = None, seconds: float = 5.0) -> CallContext:
        return CallContext(
            self.viewer, Deadline.after(seconds), "test", max_age_seconds=max_age, recalled=self.told.append
        )


class Desk:
    """A cache over a ledger, and somebody who asks."""

    def __init__(self, cache: Cache, ledger: Ledger, clock: Clock) -> None:
        self.cache, self.ledger, self.clock = cache, ledger, clock
        self.erp: Any = RememberedErp(ledger, cache)  # type: ignore[arg-type]  # plays the roles' tested parts
        self.wms: Any = RememberedWms(ledger, cache)  # type: ignore[arg-type]
        self.caller = Caller()

    async def name(self, company: str | None = "US", *, max_age: float | None = None) -> Any:
        found = await self.erp.items(self.caller.call(max_age=max_age), company, ["BOLT"])
        return {key: getattr(each, "name", each) for key, each in found.items()}

    async def price(self, caller: Caller | None = None) -> Any:
        found = await self.erp.prices((caller or self.caller).call(), [TERMS])
        return found[TERMS].unit.amount
