"""What an order would be: S/4HANA's simulation tells price, confirmation and credit of it in one call, and saves nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from sources.call import CallContext
from sources.errors import SourceError, SourceRejected
from sources.http import Operation, Reply, SourceClient
from sources.models import (
    Basket,
    CreditCheck,
    Key,
    Money,
    Price,
    PriceBreak,
    PriceSource,
    PriceTerms,
    Simulation,
)
from sources.sap import payload
from sources.sap.documents import decimal_text, per_unit
from sources.sap.goods import Goods
from sources.sap.mapping import ZERO
from sources.sap.odata import may_exist, wire_day
from sources.sap.options import Options
from sources.sap.partners import Partners
from sources.sap.reader import ACCEPT, REFUSALS, SIMULATION, Reader
from sources.sap.session import Session

MOST_LINES = 50
"""How many prices one simulation is asked for."""

_SIMULATE = Operation("POST", f"{SIMULATION}/A_SalesOrderSimulation", answers=frozenset({200, 201}), refusals=REFUSALS)
_ANSWER = msgspec.json.Decoder(payload.Simulated)
_ITEM = msgspec.json.Decoder(payload.SimulatedItem)
_NAMED = msgspec.json.Decoder(payload.SimulatedName)
_ENCODER = msgspec.json.Encoder()
_PRICE_CLASS = "B"
_CREDIT_FAILED = frozenset({"B", "C"})
_STEP = 10
"""SAP numbers its items by tens."""

_LENGTHS = {"customer": 10, "sku": 40, "ship_to": 10, "uom": 3}
_AT = "$.d.to_Item.results[...]"


class _Line(NamedTuple):
    """`name` is the item's number, ours to give: answers are told apart by it."""

    name: str
    sku: str
    quantity: Decimal
    uom: str | None


class _Asked(NamedTuple):
    company: str
    customer: str
    ship_to: str | None
    priced_on: date | None = None
    wanted_on: date | None = None


class Simulations:
    """`goods` and `partners` are asked where SAP refuses a simulation for one of its items, or for who orders."""

    def __init__(
        self,
        client: SourceClient,
        reader: Reader,
        session: Session,
        options: Options,
        *,
        goods: Goods,
        partners: Partners,
    ) -> None:
        self._client, self._reader, self._session, self._options = client, reader, session, options
        self._goods, self._partners = goods, partners

    # ------------------------------------------------------------ a basket

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        """Raises SourceRejected with SAP's word where it would not take such an order."""
        if basket.company not in self._options.companies:
            raise SourceRejected(self._reader.name, reason="UNKNOWN_COMPANY")
        lines = [
            _Line(str(number * _STEP), each.sku, each.quantity, each.uom) for number, each in enumerate(basket.lines, 1)
        ]
        asked = _Asked(basket.company, basket.customer, basket.ship_to, wanted_on=basket.requested_date)
        answer, as_of = await self._sent(call, asked, lines)
        items: list[payload.SimulatedItem] = []
        for raw in answer.d.to_item.results:
            row = self._reader.row(_ITEM, raw, _AT)
            if isinstance(row, SourceError):
                raise row
            items.append(row)
        if {int(row.sales_order_item) for row in items} < {int(line.name) for line in lines}:
            raise self._reader.broken("$.d.to_Item.results", "an item was not answered")
        return simulation(items, answer.d.to_credit, options=self._options, company=basket.company, as_of=as_of)

    # ------------------------------------------------------------ prices

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> dict[PriceTerms, Price | SourceError]:
        """One simulation for all that one customer asks for one place and day; one that fails fails its own."""
        groups: dict[_Asked, list[PriceTerms]] = {}
        for each in dict.fromkeys(terms):
            if each.company in self._options.companies and _may_be_asked(each):
                groups.setdefault(_Asked(each.company, each.customer, each.ship_to, each.on), []).append(each)
        outcomes = await asyncio.gather(
            *(self._group(call, asked, own) for asked, own in groups.items()), return_exceptions=True
        )
        found: dict[PriceTerms, Price | SourceError] = {}
        for own, outcome in zip(groups.values(), outcomes, strict=True):
            if isinstance(outcome, SourceError) and len(groups) > 1:
                found |= dict.fromkeys(own, outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                found |= outcome
        return found

    async def _group(
        self, call: CallContext, asked: _Asked, terms: Sequence[PriceTerms]
    ) -> dict[PriceTerms, Price | SourceError]:
        """Where SAP refuses for one of the items, those that it does not sell are left out; then each is asked alone."""
        try:
            return await self._priced(call, asked, terms)
        except SourceRejected as refusal:
            known = await self._goods.items(call, asked.company, list(dict.fromkeys(each.sku for each in terms)))
            customers = await self._partners.customers(call, asked.company, [asked.customer])
            left = [each for each in terms if Key(asked.company, each.sku) in known]
            if not customers or len(left) == 1 == len(terms):
                return dict.fromkeys(left, refusal)
        try:
            return await self._priced(call, asked, left) if left else {}
        except SourceRejected as refusal:
            if len(left) == 1:
                return {left[0]: refusal}
        alone = await asyncio.gather(*(self._alone(call, asked, each) for each in left))
        return {each: price for outcome in alone for each, price in outcome.items()}

    async def _alone(
        self, call: CallContext, asked: _Asked, terms: PriceTerms
    ) -> dict[PriceTerms, Price | SourceError]:
        try:
            return await self._priced(call, asked, [terms])
        except SourceError as error:
            return {terms: error}

    async def _priced(
        self, call: CallContext, asked: _Asked, terms: Sequence[PriceTerms]
    ) -> dict[PriceTerms, Price | SourceError]:
        named = {str(number * _STEP): each for number, each in enumerate(terms, 1)}
        lines = [_Line(name, each.sku, each.quantity, each.uom) for name, each in named.items()]
        answer, as_of = await self._sent(call, asked, lines)
        found: dict[PriceTerms, Price | SourceError] = {}
        for raw in answer.d.to_item.results:
            row = self._reader.row(_ITEM, raw, _AT)
            name = self._name(raw, row)
            if name in named:
                found[named[name]] = row if isinstance(row, SourceError) else price(row, self._options, as_of)
        missing = self._reader.broken("$.d.to_Item.results", "an item was not answered")
        return {each: found.get(each, missing) for each in terms}

    def _name(self, raw: msgspec.Raw, row: payload.SimulatedItem | SourceError) -> str:
        """An item's number without the zeros that may lead it. Raises what is wrong with a row that does not even tell that."""
        try:
            return str(int(_NAMED.decode(raw).sales_order_item))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if isinstance(row, SourceError):
                raise row from None
            raise

    # ------------------------------------------------------------ what is sent

    async def _sent(self, call: CallContext, asked: _Asked, lines: Sequence[_Line]) -> Reply[payload.Simulated]:
        body = _ENCODER.encode(question(asked, lines, self._options))

        async def send(headers: Mapping[str, str]) -> Reply[payload.Simulated]:
            return await self._client.read(
                call,
                _SIMULATE,
                decoder=_ANSWER,
                body=body,
                headers={**headers, **ACCEPT},
                keys=len(lines),
                scope=headers.get("X-CSRF-Token"),
                headed=self._session.headed,
            )

        return await self._session.sent(call, SIMULATION, send)


def _may_be_asked(terms: PriceTerms) -> bool:
    told = {name: getattr(terms, name) for name in _LENGTHS}
    return all(value is None or may_exist(value, _LENGTHS[name]) for name, value in told.items())


def question(asked: _Asked, lines: Sequence[_Line], options: Options) -> dict[str, object]:
    """What is empty is asked for: SAP answers what was sent along and nothing else. SalesOrder is left empty: there is none."""
    area = options.companies[asked.company]
    body: dict[str, object] = {
        "SalesOrder": "",
        "SalesOrderType": area.order_type,
        "SalesOrganization": area.sales_organization,
        "DistributionChannel": area.distribution_channel,
        "OrganizationDivision": area.division,
        "SoldToParty": asked.customer,
        "to_Credit": {},
        "to_Pricing": {},
        "to_Item": {"results": [_item(line) for line in lines]},
    }
    if asked.priced_on is not None:
        body["PricingDate"] = wire_day(asked.priced_on)
    if asked.wanted_on is not None:
        body["RequestedDeliveryDate"] = wire_day(asked.wanted_on)
    if asked.ship_to:
        body["to_Partner"] = {"results": [{"PartnerFunction": options.ship_to_function, "Customer": asked.ship_to}]}
    return body


def _item(line: _Line) -> dict[str, object]:
    unit = {"RequestedQuantityUnit": line.uom} if line.uom else {}
    return {
        "SalesOrderItem": line.name,
        "Material": line.sku,
        "RequestedQuantity": decimal_text(line.quantity),
        **unit,
        "to_PricingElement": {"results": []},
        "to_ScheduleLine": {"results": []},
    }


# ---------------------------------------------------------------- what it says


def price(row: payload.SimulatedItem, options: Options, as_of: datetime) -> Price:
    """The net amount over the quantity. The gross price is the list price; which kind of price it is, its condition's type says."""
    currency = row.transaction_currency
    unit = Money(per_unit(Decimal(row.net_amount), Decimal(row.requested_quantity)), currency)
    gross = next(
        (each for each in row.to_pricing_element.results if _counts(each) and each.condition_class == _PRICE_CLASS),
        None,
    )
    source = (
        PriceSource.PRICE_LIST
        if gross is None
        else options.price_sources.get(gross.condition_type, PriceSource.PRICE_LIST)
    )
    return Price(
        unit=unit,
        uom=row.requested_quantity_unit,
        breaks=(PriceBreak(Decimal(row.requested_quantity), unit),),
        source=source,
        as_of=as_of,
        list_price=None if gross is None else _rate(gross, currency),
    )


def _counts(condition: payload.Condition) -> bool:
    return not condition.condition_inactive_reason and not condition.condition_is_for_statistics


def _rate(condition: payload.Condition, currency: str) -> Money | None:
    """None where it is for another currency than the order's."""
    quantity = Decimal(condition.condition_quantity)
    if condition.condition_currency != currency or quantity <= 0:
        return None
    return Money(per_unit(Decimal(condition.condition_rate_value), quantity), currency)


def simulation(
    items: Sequence[payload.SimulatedItem],
    credit: payload.CreditStatus | None,
    *,
    options: Options,
    company: str,
    as_of: datetime,
) -> Simulation:
    """Freight is what the conditions named so come to; it is part of SAP's net amounts."""
    currency = items[0].transaction_currency if items else options.companies[company].currency
    net = sum((Decimal(row.net_amount) for row in items), ZERO)
    tax = sum((Decimal(row.tax_amount) for row in items), ZERO)
    freight = sum(
        (
            Decimal(each.condition_amount)
            for row in items
            for each in row.to_pricing_element.results
            if each.condition_type in options.freight_conditions and _counts(each)
        ),
        ZERO,
    )
    return Simulation(
        subtotal=Money(net - freight, currency),
        tax=Money(tax, currency),
        freight=Money(freight, currency),
        total=Money(net + tax, currency),
        as_of=as_of,
        credit=credit_check(credit, currency),
    )


def credit_check(credit: payload.CreditStatus | None, currency: str) -> CreditCheck | None:
    """SAP tells only whether the account bears the order; of limit and exposure it says nothing here, and the exposure is told as 0."""
    status = "" if credit is None else credit.total_credit_check_status
    if not status:
        return None
    failed = status in _CREDIT_FAILED
    return CreditCheck(exposure=Money(ZERO, currency), on_hold=failed, exceeded=failed)
