"""The four roles as one viewer may see them: a port each around a port, one set an operation, so that no resolver can forget to ask.

`RULES` says for every operation which scope it takes and what bounds it. What a viewer may not see is answered like what does not exist.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from sources.call import CallContext
from sources.errors import ReachTooWide, SourceContractBroken, SourceError, SourceRejected
from sources.models import (
    Basket,
    Credit,
    Customer,
    Item,
    Key,
    Order,
    OrderFilter,
    OrderStatus,
    Page,
    PageRequest,
    Price,
    PriceTerms,
    Relationship,
    Shipment,
    ShipTo,
    Simulation,
    Stock,
    SupplyDemand,
    Tracking,
    TrackingKey,
    Warehouse,
)
from sources.ports import CarrierSource, CrmSource, ErpSource, Found, Sources, WmsSource
from sources.reach import MAX_REACH, Reach, Verdict, kept
from sources.viewer import Viewer

P = TypeVar("P", ErpSource, CrmSource, WmsSource, CarrierSource)
R = TypeVar("R")
V = TypeVar("V")

Bound = Literal["company", "account", "order", "parcel"]
Seen = Callable[[CallContext, str, Sequence[Key]], None]
"""Told of credit that was seen: the call, the operation, the accounts."""


class Rule(NamedTuple):
    """`scope`: what it takes; None: nothing. `bound`: what must lie within the viewer's reach."""

    scope: str | None
    bound: Bound


RULES: Mapping[str, Rule] = {
    "erp.items": Rule("item:read", "company"),
    "erp.search_items": Rule("item:read", "company"),
    "erp.customers": Rule("customer:read", "account"),
    "erp.search_customers": Rule("customer:read", "account"),
    "erp.customers_by_bill_to": Rule("customer:read", "account"),
    "erp.ship_tos": Rule("customer:read", "account"),
    "erp.ship_tos_by_customer": Rule("customer:read", "account"),
    "erp.credit_by_customer": Rule("credit:read", "account"),
    "erp.prices": Rule("price:read", "account"),
    "erp.simulate": Rule("price:read", "account"),
    "erp.supply_demand": Rule("availability:read", "company"),
    "erp.orders": Rule("order:read", "account"),
    "erp.search_orders": Rule("order:read", "account"),
    "erp.orders_by_customer": Rule("order:read", "account"),
    "crm.relationships": Rule("relationship:read", "account"),
    "wms.warehouses": Rule(None, "company"),
    "wms.stock": Rule("availability:read", "company"),
    "wms.shipments": Rule("shipment:read", "order"),
    "wms.shipments_by_order": Rule("shipment:read", "order"),
    "carrier.tracking": Rule("shipment:read", "parcel"),
}


class _Permitted(Generic[P]):
    role = ""

    def __init__(self, port: P, reach: Reach) -> None:
        self.name = port.name
        self.max_batch: Mapping[str, int] = port.max_batch
        self._port: P = port
        self._reach = reach
        self._viewer = reach.viewer
        self._is_free = not reach.viewer.is_bounded

    def _may(self, operation: str) -> bool:
        scope = RULES[f"{self.role}.{operation}"].scope
        return scope is None or scope in self._viewer.scopes

    def _of_companies(self, found: Mapping[Key, V]) -> Mapping[Key, V]:
        if self._is_free:
            return found
        return {
            key: value for key, value in found.items() if key.company is None or self._viewer.sees_company(key.company)
        }

    async def _of_accounts(self, call: CallContext, found: Mapping[Key, V | SourceError]) -> dict[Key, V | SourceError]:
        """What is found by a customer's number."""
        keys = [key for key, value in found.items() if not isinstance(value, SourceError)]
        return kept(found, await self._reach.accounts(call, keys))


class PermittedErp(_Permitted[ErpSource]):
    role = "erp"

    def __init__(self, port: ErpSource, reach: Reach, seen: Seen) -> None:
        super().__init__(port, reach)
        self._seen = seen

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        if not self._may("items") or (company is not None and not self._viewer.sees_company(company)):
            return {}
        return self._of_companies(await self._port.items(call, company, numbers))

    async def search_items(
        self,
        call: CallContext,
        page: PageRequest,
        *,
        text: str | None,
        category: str | None,
        company: str | None,
        reach: Sequence[str] = (),
    ) -> Page[Item]:
        if not self._may("search_items") or (company is not None and not self._viewer.sees_company(company)):
            return _nothing(page)
        companies = () if company is not None else tuple(f"{each}:*" for each in sorted(self._viewer.companies))
        found = await self._port.search_items(
            call, page, text=text, category=category, company=company, reach=self._within(companies or tuple(reach))
        )
        self._hold("items", self._is_free or all(self._viewer.sees_company(row.company) for row in found.rows))
        return found

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        if not self._may("customers") or (company is not None and not self._viewer.sees_company(company)):
            return {}
        found = await self._port.customers(call, company, numbers)
        if self._is_free:
            return found
        return {key: row for key, row in found.items() if isinstance(row, SourceError) or self._reach.has_customer(row)}

    async def search_customers(
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        within = self._viewer.reach(company) or tuple(reach)
        if not self._may("search_customers") or (not within and not self._is_free):
            return _nothing(page)
        found = await self._port.search_customers(call, page, text=text, company=company, reach=self._within(within))
        self._hold("customers", self._is_free or all(self._reach.has_customer(row) for row in found.rows))
        return found

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]:
        named = [number for number in numbers if self._viewer.has_customer(company, number)]
        if not self._may("customers_by_bill_to") or not named:
            return {}
        return await self._port.customers_by_bill_to(call, company, named, page=page)

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        if not self._may("ship_tos"):
            return {}
        found = await self._port.ship_tos(call, company, numbers)
        if self._is_free:
            return found
        rows = {key: row for key, row in found.items() if isinstance(row, ShipTo)}
        accounts = await self._reach.accounts(call, [Key(row.company, row.customer_number) for row in rows.values()])
        return kept(found, {key: accounts[Key(row.company, row.customer_number)] for key, row in rows.items()})

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        if not self._may("ship_tos_by_customer"):
            return {}
        return await self._by_account(call, company, numbers, self._port.ship_tos_by_customer)

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]:
        if not self._may("credit_by_customer"):
            return {}
        found: Found[Key, Credit] = await self._by_account(call, company, numbers, self._port.credit_by_customer)
        self._seen(call, "credit", [key for key, value in found.items() if isinstance(value, Credit)])
        return found

    async def _by_account(
        self, call: CallContext, company: str | None, numbers: Sequence[str], ask: Callable[..., Any]
    ) -> dict[Key, Any]:
        """The accounts beyond reach are not asked about at all."""
        if self._is_free or company is None:
            found: dict[Key, Any] = dict(await ask(call, company, numbers))
            return found if self._is_free else await self._of_accounts(call, found)
        verdicts = await self._reach.accounts(call, [Key(company, number) for number in numbers])
        within = [key.number for key, verdict in verdicts.items() if verdict is True]
        failed = {key: verdict for key, verdict in verdicts.items() if isinstance(verdict, SourceError)}
        return {**(await ask(call, company, within) if within else {}), **failed}

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        if not self._may("prices"):
            return {}
        if self._is_free:
            return await self._port.prices(call, terms)
        verdicts = dict(zip(terms, await self._priced(call, terms), strict=True))
        within = [each for each, verdict in verdicts.items() if verdict is True]
        failed = {each: verdict for each, verdict in verdicts.items() if isinstance(verdict, SourceError)}
        return {**(await self._port.prices(call, within) if within else {}), **failed}

    async def _priced(self, call: CallContext, terms: Sequence[PriceTerms]) -> list[Verdict]:
        """Whether each customer lies within, and the ship-to where one is named."""
        accounts = await self._reach.accounts(call, [Key(each.company, each.customer) for each in terms])
        places = await self._reach.ship_tos(call, [Key(each.company, each.ship_to) for each in terms if each.ship_to])
        return [
            _both(
                accounts[Key(each.company, each.customer)],
                places[Key(each.company, each.ship_to)] if each.ship_to else True,
            )
            for each in terms
        ]

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        """Refused as the ERP itself refuses a customer whom it does not know."""
        asked = PriceTerms(basket.company, basket.customer, "", basket.lines[0].quantity, ship_to=basket.ship_to)
        (verdict,) = [True] if self._is_free else await self._priced(call, [asked])
        if isinstance(verdict, SourceError):
            raise verdict
        if not verdict or not self._may("simulate"):
            raise SourceRejected(self.name, reason="UNKNOWN_CUSTOMER")
        return await self._port.simulate(call, basket)

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        if not self._may("supply_demand") or not self._viewer.sees_company(company):
            return {}
        return await self._port.supply_demand(call, company, numbers, warehouses=warehouses, days=days)

    # ------------------------------------------------------------ orders

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        if not self._may("orders") or (company is not None and not self._viewer.sees_company(company)):
            return {}
        found = await self._port.orders(call, company, numbers)
        if self._is_free:
            return found
        rows = [row for row in found.values() if isinstance(row, Order)]
        return kept(found, await self._reach.see_orders(call, rows))

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        if not self._may("search_orders"):
            return _nothing(page)
        if self._is_free:
            return await self._port.search_orders(call, page, matching)
        within = await self._order_reach(call, matching)
        if not within:
            return _nothing(page)
        found = await self._port.search_orders(call, page, matching._replace(reach=self._within(within)))
        verdicts = await self._reach.see_orders(call, found.rows)
        self._hold("orders", all(verdict is True for verdict in verdicts.values()))
        return found

    async def _order_reach(self, call: CallContext, matching: OrderFilter) -> tuple[str, ...]:
        """Of a customer that is named: its accounts that lie within; else all that does."""
        if matching.customer is None:
            return self._viewer.reach(matching.company)
        if matching.company is not None and not self._viewer.sees_company(matching.company):
            return ()
        found = await self._port.customers(call, matching.company, [matching.customer])
        rows = [row for row in found.values() if isinstance(row, Customer) and self._reach.has_customer(row)]
        for failure in found.values():
            if isinstance(failure, SourceError):
                raise failure
        return tuple(f"{row.company}:{row.number}" for row in rows)

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        async def ask(_: CallContext, __: str, within: Sequence[str]) -> Found[Key, Page[Order]]:
            return await self._port.orders_by_customer(call, company, within, statuses=statuses, page=page)

        return await self._by_account(call, company, numbers, ask) if self._may("orders_by_customer") else {}

    # ------------------------------------------------------------ searches

    def _within(self, entries: tuple[str, ...]) -> tuple[str, ...]:
        if len(entries) > MAX_REACH:
            raise ReachTooWide(self.name)
        return entries

    def _hold(self, rows: str, is_within: bool) -> None:  # noqa: FBT001 - it is what is held
        """A source that answers a bounded search with more than was asked for has broken the contract, and nothing of it is shown."""
        if not is_within:
            raise SourceContractBroken(self.name, path=f"$.{rows}", detail="rows beyond the reach that was asked for")


def _nothing(page: PageRequest) -> Page[Any]:
    return Page((), None, 0 if page.counted else None)


def _both(one: Verdict, other: Verdict) -> Verdict:
    return one if one is not True else other


class PermittedCrm(_Permitted[CrmSource]):
    role = "crm"

    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Relationship]:
        if not self._may("relationships"):
            return {}
        found = await self._port.relationships(call, company, numbers)
        return found if self._is_free else await self._of_accounts(call, found)


class PermittedWms(_Permitted[WmsSource]):
    role = "wms"

    async def warehouses(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Warehouse]:
        return self._of_companies(await self._port.warehouses(call, company, numbers))

    async def stock(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str]
    ) -> Found[Key, Stock]:
        if not self._may("stock") or not self._viewer.sees_company(company):
            return {}
        return await self._port.stock(call, company, numbers, warehouses=warehouses)

    async def shipments(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Shipment]:
        if not self._may("shipments"):
            return {}
        found = await self._port.shipments(call, company, numbers)
        if self._is_free:
            return found
        owners = {
            key: Key(row.company, row.order_number)
            for key, row in found.items()
            if isinstance(row, Shipment) and row.order_number
        }
        orders = await self._reach.orders(call, owners.values())
        outcome = kept(found, {key: orders[owner] for key, owner in owners.items()})
        self._see_parcels(row for row in outcome.values() if isinstance(row, Shipment))
        return outcome

    async def shipments_by_order(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[Shipment, ...]]:
        if not self._may("shipments_by_order"):
            return {}
        found = await self._port.shipments_by_order(call, company, numbers)
        if self._is_free:
            return found
        keys = [key for key, value in found.items() if not isinstance(value, SourceError)]
        outcome = kept(found, await self._reach.orders(call, keys))
        self._see_parcels(row for rows in outcome.values() if isinstance(rows, tuple) for row in rows)
        return outcome

    def _see_parcels(self, shipments: Iterable[Shipment]) -> None:
        self._reach.parcels.update(parcel.tracking_number for row in shipments for parcel in row.parcels)


class PermittedCarrier(_Permitted[CarrierSource]):
    role = "carrier"

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        """A carrier does not know whose a parcel is: of a bounded viewer's, those of shipments that this operation has shown."""
        if not self._may("tracking"):
            return {}
        within = numbers if self._is_free else [each for each in numbers if each in self._reach.parcels]
        return await self._port.tracking(call, carrier, within) if within else {}


def _unseen(_: CallContext, __: str, ___: Sequence[Key]) -> None:
    """Nobody keeps a record."""


def permitted(sources: Sources, viewer: Viewer, *, seen: Seen = _unseen) -> Sources:
    """The same systems, as this viewer may see them; for one operation."""
    reach = Reach(viewer, sources)
    return Sources(
        erp=PermittedErp(sources.erp, reach, seen),
        crm=PermittedCrm(sources.crm, reach),
        wms=PermittedWms(sources.wms, reach),
        carrier=PermittedCarrier(sources.carrier, reach),
    )
