"""Prices as Tryton works them out: one read for all that is asked in the same quantity, unit and price list."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from sources.call import CallContext
from sources.errors import SourceError, SourceRejected
from sources.models import Money, Price, PriceBreak, PriceSource, PriceTerms
from sources.tryton.directory import Company, Directory, factor, tidy
from sources.tryton.payload import BuyerRow, Day, Numeric, PricedRow, StepRow, UnitRow
from sources.tryton.rpc import Context, Rows, Rpc, all_of, day, searched

BUYERS = searched("party.party", BuyerRow, "code")
PRICED = searched("product.product", PricedRow, "code")
STEPS = searched("product.price_list.line", StepRow)
MAX_BREAKS = 8
"""A read each, side by side."""


class Setting(NamedTuple):
    """All that a price depends on besides the item. Without a unit Tryton takes the one that the item is sold in."""

    company: Company
    buyer: BuyerRow
    price_list: int | None
    quantity: Decimal
    unit: int | None = None
    on: Day | None = None

    def context(self) -> Context:
        company = self.company
        currency = self.buyer.customer_currency
        told = {"uom": self.unit, "sale_date": self.on, "price_list": self.price_list}
        return {
            "company": company.id,
            "customer": self.buyer.id,
            "currency": currency.id if currency is not None else company.currency_id,
            "quantity": self.quantity,
            **{name: value for name, value in told.items() if value is not None},
        }

    def currency(self) -> str:
        currency = self.buyer.customer_currency
        return (currency.code if currency is not None else None) or self.company.currency


class Pricing:
    def __init__(self, rpc: Rpc, *, with_breaks: bool) -> None:
        self._rpc, self._with_breaks = rpc, with_breaks

    async def buyers(
        self, call: CallContext, company: Company, numbers: Iterable[str]
    ) -> Mapping[str, BuyerRow | SourceError]:
        wanted = sorted(set(numbers))
        context = {"company": company.id, "active_test": False}
        found = await self._rpc.search(call, BUYERS, [["code", "in", wanted]], context=context, keys=len(wanted))
        return {**{row.code: row for row in found.content}, **found.failed}

    async def prices(
        self, call: CallContext, directory: Directory, terms: Sequence[PriceTerms]
    ) -> dict[PriceTerms, Price | SourceError]:
        """A customer or an item that does not exist has no price, nor has an item that Tryton finds none for."""
        by_company: dict[Company, list[PriceTerms]] = {}
        for each in terms:
            for company in directory.chosen(each.company):
                by_company.setdefault(company, []).append(each)
        found: dict[PriceTerms, Price | SourceError] = {}
        for priced in await all_of(self._of(call, directory, *each) for each in by_company.items()):
            found |= priced
        return found

    async def _of(
        self, call: CallContext, directory: Directory, company: Company, terms: Sequence[PriceTerms]
    ) -> dict[PriceTerms, Price | SourceError]:
        buyers = await self.buyers(call, company, [each.customer for each in terms])
        settings: dict[Setting, list[PriceTerms]] = {}
        found: dict[PriceTerms, Price | SourceError] = {}
        for each in terms:
            buyer = buyers.get(each.customer)
            if isinstance(buyer, SourceError):
                found[each] = buyer
            elif buyer is not None:
                settings.setdefault(_setting(company, buyer, each, directory), []).append(each)
        for group in await all_of(self._group(call, directory, *each) for each in settings.items()):
            found |= group
        return found

    # ------------------------------------------------------------ one setting

    async def _group(
        self, call: CallContext, directory: Directory, setting: Setting, terms: Sequence[PriceTerms]
    ) -> dict[PriceTerms, Price | SourceError]:
        asked = await self._asked(call, setting, [each.sku for each in terms])
        rows = {row.code: row for row in asked.content}
        found: dict[PriceTerms, Price | SourceError] = {
            each: asked.failed[each.sku] for each in terms if each.sku in asked.failed
        }
        others: dict[int, list[PriceTerms]] = {}
        for each in terms:
            row = rows.get(each.sku)
            if row is None:
                continue
            unit = directory.unit(each.uom, like=row.default_uom) if each.uom else directory.units.get(row.default_uom)
            if unit is None:
                found[each] = SourceRejected(self._rpc.name, reason="UNKNOWN_UOM", detail="no unit of this item")
            elif unit.id != _unit_answered(setting, row):
                others.setdefault(unit.id, []).append(each)
            elif row.sale_price_uom is not None:
                found[each] = _price(row, unit, setting, (directory, asked.as_of))
        for unit_id, rest in others.items():
            found |= await self._group(call, directory, setting._replace(unit=unit_id), rest)
        return await self._with_breaks_of(call, setting, rows, found) if self._with_breaks else found

    async def _asked(self, call: CallContext, setting: Setting, skus: Iterable[str]) -> Rows[PricedRow]:
        wanted = sorted(set(skus))
        context = setting.context()
        return await self._rpc.search(call, PRICED, [["code", "in", wanted]], context=context, keys=len(wanted))

    # ------------------------------------------------------------ its steps

    async def _with_breaks_of(
        self,
        call: CallContext,
        setting: Setting,
        rows: Mapping[str, PricedRow],
        found: Mapping[PriceTerms, Price | SourceError],
    ) -> dict[PriceTerms, Price | SourceError]:
        """The price at every quantity at which the price list has a line; for items asked in their base unit."""
        based = {row.code for row in rows.values() if _unit_answered(setting, row) == row.default_uom}
        asked = {each.sku for each in found if each.sku in based}
        quantities = await self._steps(call, setting) if asked else []
        at = await all_of(self._asked(call, setting._replace(quantity=quantity), asked) for quantity in quantities)
        steps = [
            (quantity, {row.code: row for row in found.content}) for quantity, found in zip(quantities, at, strict=True)
        ]
        stepped: dict[PriceTerms, Price | SourceError] = dict(found)
        for terms, price in found.items():
            if isinstance(price, Price) and terms.sku in asked:
                units = [
                    (quantity, row.sale_price_uom.decimal)
                    for quantity, priced in steps
                    if (row := priced.get(terms.sku)) is not None and row.sale_price_uom is not None
                ]
                stepped[terms] = msgspec.structs.replace(price, breaks=_breaks(units, price.unit.currency))
        return stepped

    async def _steps(self, call: CallContext, setting: Setting) -> list[Decimal]:
        if setting.price_list is None:
            return []
        domain, context = [["price_list", "=", setting.price_list]], {"company": setting.company.id}
        found = await self._rpc.search(call, STEPS, domain, context=context)
        quantities = {tidy(row.quantity) for row in found.content if row.quantity}
        return sorted(quantities | {Decimal(1)})[:MAX_BREAKS]


def _setting(company: Company, buyer: BuyerRow, terms: PriceTerms, directory: Directory) -> Setting:
    chosen = buyer.sale_price_list if buyer.sale_price_list is not None else company.price_list
    unit = min((unit.id for unit in directory.units.values() if unit.symbol == terms.uom), default=None)
    return Setting(company, buyer, chosen, terms.quantity, unit, day(terms.on) if terms.on is not None else None)


def _unit_answered(setting: Setting, row: PricedRow) -> int:
    """The unit that the row's price is of, were it the right one to ask in."""
    return setting.unit or row.sale_uom or row.default_uom


def _price(row: PricedRow, unit: UnitRow, setting: Setting, read: tuple[Directory, datetime]) -> Price:
    directory, as_of = read
    currency, priced = setting.currency(), row.sale_price_uom or Numeric(Decimal(0))
    base = directory.units[row.default_uom]
    listed = row.list_price_used.decimal * factor(unit, base) if row.list_price_used is not None else None
    in_own = currency == setting.company.currency
    return Price(
        unit=Money(priced.decimal, currency),
        uom=unit.symbol,
        breaks=(),
        source=PriceSource.PRICE_LIST,
        as_of=as_of,
        list_price=Money(listed, currency) if listed is not None and in_own else None,
    )


def _breaks(units: Sequence[tuple[Decimal, Decimal]], currency: str) -> tuple[PriceBreak, ...]:
    """Only where the price changes."""
    steps = [each for at, each in enumerate(units) if at == 0 or each[1] != units[at - 1][1]]
    return tuple(PriceBreak(minimum, Money(unit, currency)) for minimum, unit in steps)
