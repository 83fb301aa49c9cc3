"""Which accounts, orders and ship-tos lie within a viewer's reach, found out with as few questions as possible; one an operation.

An account lies within when it is named, or billed to one that is. What is not named is looked up, whether it exists or not, so that what
lies beyond is answered like what does not exist. A look-up that fails is the failure of what hangs on it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Customer, Key, Order, ShipTo
from sources.ports import Sources
from sources.viewer import Viewer

R = TypeVar("R")
Verdict = bool | SourceError

MAX_REACH = 100
"""So many entries a source takes with one search."""


class Reach:
    def __init__(self, viewer: Viewer, sources: Sources) -> None:
        self.viewer = viewer
        self._sources = sources
        self._accounts: dict[Key, Verdict] = {}
        self._orders: dict[Key, Verdict] = {}
        self.parcels: set[str] = set()

    # ------------------------------------------------------------ what a record says of itself

    def has_customer(self, row: Customer) -> bool:
        viewer = self.viewer
        payer = row.bill_to_number
        is_in = viewer.has_customer(row.company, row.number) or (
            payer is not None and viewer.has_customer(row.company, payer)
        )
        self._accounts[Key(row.company, row.number)] = is_in
        return is_in

    # ------------------------------------------------------------ what has to be looked up

    async def accounts(self, call: CallContext, keys: Iterable[Key]) -> Mapping[Key, Verdict]:
        """Of each account whether it lies within. Every key names its company."""
        wanted = dict.fromkeys(keys)
        verdicts: dict[Key, Verdict] = {}
        for key in wanted:
            if self.viewer.has_customer(key.company or "", key.number):
                verdicts[key] = True
            elif not self.viewer.sees_company(key.company or ""):
                verdicts[key] = False
            elif key in self._accounts:
                verdicts[key] = self._accounts[key]
        unknown = [key for key in wanted if key not in verdicts]
        erp = self._sources.erp
        found = await _looked_up(call, unknown, erp.customers, most=erp.max_batch["customers"])
        for key in unknown:
            row = found.get(key)
            verdicts[key] = self.has_customer(row) if isinstance(row, Customer) else _missing(row)
        return verdicts

    async def orders(self, call: CallContext, keys: Iterable[Key]) -> Mapping[Key, Verdict]:
        """Of each order whether its customer lies within."""
        wanted = list(dict.fromkeys(keys))
        unknown = [key for key in wanted if key not in self._orders]
        erp = self._sources.erp
        found = await _looked_up(call, unknown, erp.orders, most=erp.max_batch["orders"])
        rows = [row for row in found.values() if isinstance(row, Order)]
        await self.see_orders(call, rows)
        return {key: self._orders[key] if key in self._orders else _missing(found.get(key)) for key in wanted}

    async def see_orders(self, call: CallContext, rows: Sequence[Order]) -> Mapping[Key, Verdict]:
        """The same for orders that are there already."""
        owners = {Key(row.company, row.number): Key(row.company, row.customer_number) for row in rows}
        accounts = await self.accounts(call, owners.values())
        verdicts = {key: accounts[owner] for key, owner in owners.items()}
        self._orders.update({key: each for key, each in verdicts.items() if isinstance(each, bool)})
        return verdicts

    async def ship_tos(self, call: CallContext, keys: Iterable[Key]) -> Mapping[Key, Verdict]:
        """Of each ship-to whether its customer lies within."""
        wanted = list(dict.fromkeys(keys))
        erp = self._sources.erp
        found = await _looked_up(call, wanted, erp.ship_tos, most=erp.max_batch["ship_tos"])
        owners = {key: Key(row.company, row.customer_number) for key, row in found.items() if isinstance(row, ShipTo)}
        accounts = await self.accounts(call, owners.values())
        return {key: accounts[owners[key]] if key in owners else _missing(found.get(key)) for key in wanted}


def _missing(outcome: object) -> Verdict:
    return outcome if isinstance(outcome, SourceError) else False


async def _looked_up(
    call: CallContext,
    keys: Sequence[Key],
    ask: Callable[[CallContext, str | None, Sequence[str]], Awaitable[Any]],
    *,
    most: int,
) -> dict[Key, Any]:
    """By company, in parts that the source takes at once; a part that fails as a whole fails each of its keys."""
    companies: dict[str | None, list[str]] = {}
    for key in keys:
        companies.setdefault(key.company, []).append(key.number)
    parts = [
        (company, numbers[at : at + most])
        for company, numbers in companies.items()
        for at in range(0, len(numbers), most)
    ]

    async def answer(company: str | None, numbers: Sequence[str]) -> Mapping[Key, Any]:
        try:
            found: Mapping[Key, Any] = await ask(call, company, numbers)
        except SourceError as error:
            return {Key(company, number): error for number in numbers}
        return found

    answers = await asyncio.gather(*(answer(company, numbers) for company, numbers in parts))
    return {key: value for each in answers for key, value in each.items()}


def kept(found: Mapping[Key, R | SourceError], verdicts: Mapping[Key, Verdict]) -> dict[Key, R | SourceError]:
    """What lies within, and as an error what could not be told. A source's error about a key stays: it tells of no record."""
    outcome: dict[Key, R | SourceError] = {}
    for key, value in found.items():
        verdict = True if isinstance(value, SourceError) else verdicts.get(key, False)
        if isinstance(verdict, SourceError):
            outcome[key] = verdict
        elif verdict:
            outcome[key] = value
    return outcome
