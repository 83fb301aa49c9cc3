"""What is planned to move in and out of the warehouses: of the ERP's supply and demand, and of what the WMS has set aside."""

from collections.abc import Sequence
from datetime import date, timedelta

from sources.call import CallContext
from sources.tryton.directory import Company
from sources.tryton.payload import Day, MoveRow
from sources.tryton.rpc import Domain, Rows, Rpc, day, question, searched

MOVES = searched("stock.move", MoveRow, "product.", "code")
TODAY = question("model.ir.date.today", Day)
OPEN = ("draft", "assigned")
"""Moves that are yet to happen; Tryton calls those `assigned` whose goods are set aside."""


class Moves:
    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def today(self, call: CallContext, company: Company) -> date:
        """The company's own day."""
        today, _ = await self._rpc.read(call, TODAY, context={"company": company.id})
        return today.date()

    async def planned(self, call: CallContext, company: Company, skus: Sequence[str], *, until: date) -> Rows[MoveRow]:
        """All of these items' that are due by then, or on no day."""
        by = ["OR", ["planned_date", "<=", day(until)], ["planned_date", "=", None]]
        return await self._found(call, company, skus, [["state", "in", list(OPEN)], by])

    async def assigned(self, call: CallContext, company: Company, skus: Sequence[str]) -> Rows[MoveRow]:
        return await self._found(call, company, skus, [["state", "=", "assigned"]])

    async def _found(self, call: CallContext, company: Company, skus: Sequence[str], more: Domain) -> Rows[MoveRow]:
        domain = [["company", "=", company.id], ["product.code", "in", sorted(set(skus))], *more]
        context = {"company": company.id, "active_test": False}
        return await self._rpc.search(call, MOVES, domain, context=context, keys=len(skus))


def horizon(today: date, days: int) -> date:
    return today + timedelta(days=days)
