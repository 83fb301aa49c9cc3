"""An ERP that speaks the standard contract."""

from collections.abc import Sequence

import msgspec

from sources.call import CallContext
from sources.changes import Cancellation, HoldLifted, NewHold, NewOrder
from sources.errors import SourceError
from sources.http import Operation, SourceClient, repeated
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
    ShipTo,
    Simulation,
    SupplyDemand,
)
from sources.ports import Found
from sources.standard import mapping, payload
from sources.standard.batch import MAX_KEYS, by_key, failures, listed_by_key, optional, reason
from sources.standard.order_lists import order_list

ITEMS = Operation("GET", "/items")
SEARCH_ITEMS = Operation("GET", "/items/search")
CUSTOMERS = Operation("GET", "/customers")
SEARCH_CUSTOMERS = Operation("GET", "/customers/search")
CHILDREN = Operation("GET", "/customers/children")
CUSTOMER_SHIP_TOS = Operation("GET", "/customers/ship-tos")
CREDIT = Operation("GET", "/customers/credit")
SHIP_TOS = Operation("GET", "/ship-tos")
PRICES = Operation("POST", "/prices")
SUPPLY_DEMAND = Operation("GET", "/supply-demand")
ORDERS = Operation("GET", "/orders")
SEARCH_ORDERS = Operation("GET", "/orders/search")
CUSTOMER_ORDERS = Operation("GET", "/orders/by-customer")
SIMULATE = Operation("POST", "/orders/simulate")
ORDERS_BY_REFERENCE = Operation("GET", "/orders/by-reference")
CREATE_ORDER = Operation("POST", "/orders")
HOLD_ORDER = Operation("POST", "/orders/hold")
UNHOLD_ORDER = Operation("POST", "/orders/unhold")
CANCEL_ORDER = Operation("POST", "/orders/cancel")

_ITEMS = msgspec.json.Decoder(payload.ItemsAnswer)
_ITEMS_PAGE = msgspec.json.Decoder(payload.ItemsPage)
_CUSTOMERS = msgspec.json.Decoder(payload.CustomersAnswer)
_CUSTOMERS_PAGE = msgspec.json.Decoder(payload.CustomersPage)
_CHILDREN = msgspec.json.Decoder(payload.ChildrenAnswer)
_SHIP_TOS = msgspec.json.Decoder(payload.ShipTosAnswer)
_CREDIT = msgspec.json.Decoder(payload.CreditAnswer)
_PRICES = msgspec.json.Decoder(payload.PricesAnswer)
_SUPPLY_DEMAND = msgspec.json.Decoder(payload.SupplyDemandAnswer)
_ORDERS = msgspec.json.Decoder(payload.OrdersAnswer)
_SIMULATION = msgspec.json.Decoder(payload.SimulationAnswer)
_ORDER = msgspec.json.Decoder(payload.OrderRow)
_ENCODER = msgspec.json.Encoder()

_BATCHED = (
    "items", "customers", "customers_by_bill_to", "ship_tos", "ship_tos_by_customer", "credit_by_customer",
    "prices", "supply_demand", "orders", "orders_by_customer", "orders_by_reference",
)  # fmt: skip


class StandardErp:
    reason = staticmethod(reason)
    is_idempotent_by_reference = True

    def __init__(self, client: SourceClient) -> None:
        self.name = client.name
        self.max_batch = dict.fromkeys(_BATCHED, MAX_KEYS)
        self._client = client

    # ------------------------------------------------------------ items

    async def items(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Item]:
        params = [*optional(company=company), *repeated("sku", numbers)]
        answer, as_of = await self._client.read(call, ITEMS, decoder=_ITEMS, params=params, keys=len(numbers))
        return by_key(
            answer.items,
            lambda row: Key(row.company, row.sku),
            lambda row: mapping.item(row, as_of),
            failed=failures(self.name, company, answer.errors),
        )

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
        params = [
            *optional(text=text, category=category, company=company),
            *repeated("reach", reach),
            *_paging(page),
        ]
        answer, as_of = await self._client.read(call, SEARCH_ITEMS, decoder=_ITEMS_PAGE, params=params)
        return Page(tuple(mapping.item(row, as_of) for row in answer.items), answer.next, answer.total)

    # ------------------------------------------------------------ customers

    async def customers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Customer]:
        params = [*optional(company=company), *repeated("number", numbers)]
        answer, as_of = await self._client.read(call, CUSTOMERS, decoder=_CUSTOMERS, params=params, keys=len(numbers))
        return by_key(
            answer.customers,
            lambda row: Key(row.company, row.number),
            lambda row: mapping.customer(row, as_of),
            failed=failures(self.name, company, answer.errors),
        )

    async def search_customers(
        self, call: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        params = [*optional(text=text, company=company), *repeated("reach", reach), *_paging(page)]
        answer, as_of = await self._client.read(call, SEARCH_CUSTOMERS, decoder=_CUSTOMERS_PAGE, params=params)
        return Page(tuple(mapping.customer(row, as_of) for row in answer.customers), answer.next, answer.total)

    async def customers_by_bill_to(
        self, call: CallContext, company: str, numbers: Sequence[str], *, page: PageRequest
    ) -> Found[Key, Page[Customer]]:
        params = [("company", company), *repeated("number", numbers), *_paging(page)]
        answer, as_of = await self._client.read(call, CHILDREN, decoder=_CHILDREN, params=params, keys=len(numbers))
        return by_key(
            answer.pages,
            lambda row: Key(company, row.number),
            lambda row: Page(tuple(mapping.customer(each, as_of) for each in row.customers), row.next, row.total),
            failed=failures(self.name, company, answer.errors),
        )

    async def ship_tos(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, ShipTo]:
        params = [*optional(company=company), *repeated("code", numbers)]
        answer, _ = await self._client.read(call, SHIP_TOS, decoder=_SHIP_TOS, params=params, keys=len(numbers))
        failed = failures(self.name, company, answer.errors)
        return by_key(answer.ship_tos, lambda row: Key(row.company, row.code), mapping.ship_to, failed=failed)

    async def ship_tos_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, tuple[ShipTo, ...]]:
        params = [*optional(company=company), *repeated("number", numbers)]
        answer, _ = await self._client.read(
            call, CUSTOMER_SHIP_TOS, decoder=_SHIP_TOS, params=params, keys=len(numbers)
        )
        lists = listed_by_key(
            [Key(company, number) for number in numbers],
            answer.ship_tos,
            lambda row: Key(row.company, row.customer),
            value=mapping.ship_to,
        )
        return {**lists, **failures(self.name, company, answer.errors)}

    async def credit_by_customer(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Found[Key, Credit]:
        params = [*optional(company=company), *repeated("number", numbers)]
        answer, as_of = await self._client.read(call, CREDIT, decoder=_CREDIT, params=params, keys=len(numbers))
        return by_key(
            answer.credit,
            lambda row: Key(row.company, row.number),
            lambda row: mapping.credit(row, as_of),
            failed=failures(self.name, company, answer.errors),
        )

    # ------------------------------------------------------------ prices, supply and demand

    async def prices(self, call: CallContext, terms: Sequence[PriceTerms]) -> Found[PriceTerms, Price]:
        once = list(dict.fromkeys(terms))
        question = payload.PricesQuestion(tuple(mapping.price_line(ref, each) for ref, each in enumerate(once)))
        answer, as_of = await self._client.read(
            call, PRICES, decoder=_PRICES, body=_ENCODER.encode(question), keys=len(once)
        )
        asked = {str(ref): each for ref, each in enumerate(once)}
        found: dict[PriceTerms, Price | SourceError] = {
            asked[row.ref]: mapping.price(row, as_of, source=self.name) for row in answer.prices if row.ref in asked
        }
        for failure in answer.errors:
            if failure.key in asked:
                found[asked[failure.key]] = mapping.failed_key(self.name, failure.code)
        return found

    async def supply_demand(
        self, call: CallContext, company: str, numbers: Sequence[str], *, warehouses: Sequence[str], days: int
    ) -> Found[Key, SupplyDemand]:
        """Every key asked is answered: an item without supply and demand has no plans."""
        params = [
            ("company", company),
            *repeated("sku", numbers),
            *repeated("warehouse", warehouses),
            ("days", str(days)),
        ]
        answer, as_of = await self._client.read(
            call, SUPPLY_DEMAND, decoder=_SUPPLY_DEMAND, params=params, keys=len(numbers)
        )
        plans = mapping.grouped(answer.plans)
        keys = [Key(company, number) for number in numbers]
        found: dict[Key, SupplyDemand | SourceError] = {
            key: SupplyDemand(tuple(plans.get(key, ())), as_of) for key in keys
        }
        return {**found, **failures(self.name, company, answer.errors)}

    # ------------------------------------------------------------ orders

    async def orders(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Found[Key, Order]:
        params = [*optional(company=company), *repeated("number", numbers)]
        answer, _ = await self._client.read(call, ORDERS, decoder=_ORDERS, params=params, keys=len(numbers))
        failed = failures(self.name, company, answer.errors)
        return by_key(answer.orders, lambda row: Key(row.company, row.number), mapping.order, failed=failed)

    async def search_orders(self, call: CallContext, page: PageRequest, matching: OrderFilter) -> Page[Order]:
        params = [
            *optional(company=matching.company, customer=matching.customer, poNumber=matching.po_number),
            *optional(placedFrom=_day(matching.placed_from), placedTo=_day(matching.placed_to)),
            *repeated("status", [status.value for status in matching.statuses]),
            *repeated("reach", matching.reach),
            *_paging(page),
        ]
        listing = order_list(page)
        answer, _ = await self._client.read(call, SEARCH_ORDERS, decoder=listing.page, params=params)
        return Page(tuple(map(listing.order, answer.orders)), answer.next, answer.total)

    async def orders_by_customer(
        self,
        call: CallContext,
        company: str,
        numbers: Sequence[str],
        *,
        statuses: Sequence[OrderStatus],
        page: PageRequest,
    ) -> Found[Key, Page[Order]]:
        params = [
            ("company", company),
            *repeated("number", numbers),
            *repeated("status", [status.value for status in statuses]),
            *_paging(page),
        ]
        listing = order_list(page)
        answer, _ = await self._client.read(
            call, CUSTOMER_ORDERS, decoder=listing.pages, params=params, keys=len(numbers)
        )
        return by_key(
            answer.pages,
            lambda row: Key(company, row.number),
            lambda row: Page(tuple(map(listing.order, row.orders)), row.next, row.total),
            failed=failures(self.name, company, answer.errors),
        )

    async def simulate(self, call: CallContext, basket: Basket) -> Simulation:
        question = _ENCODER.encode(mapping.simulate_question(basket))
        answer, as_of = await self._client.read(
            call, SIMULATE, decoder=_SIMULATION, body=question, keys=len(basket.lines)
        )
        return mapping.simulation(answer, as_of)

    # ------------------------------------------------------------ writes

    async def orders_by_reference(
        self, call: CallContext, company: str | None, references: Sequence[str]
    ) -> Found[Key, Order]:
        params = [*optional(company=company), *repeated("reference", references)]
        answer, _ = await self._client.read(
            call, ORDERS_BY_REFERENCE, decoder=_ORDERS, params=params, keys=len(references)
        )
        return by_key(
            [row for row in answer.orders if row.external_reference is not None],
            lambda row: Key(row.company, row.external_reference or ""),
            mapping.order,
            failed=failures(self.name, company, answer.errors),
        )

    async def create_order(self, call: CallContext, order: NewOrder) -> Order:
        return await self._written(call, CREATE_ORDER, mapping.new_order(order), idempotency_key=order.reference)

    async def hold_order(self, call: CallContext, hold: NewHold) -> Order:
        return await self._written(call, HOLD_ORDER, mapping.new_hold(hold))

    async def unhold_order(self, call: CallContext, lifted: HoldLifted) -> Order:
        return await self._written(call, UNHOLD_ORDER, mapping.hold_lifted(lifted))

    async def cancel_order(self, call: CallContext, cancellation: Cancellation) -> Order:
        return await self._written(call, CANCEL_ORDER, mapping.cancellation(cancellation))

    async def _written(
        self, call: CallContext, operation: Operation, body: payload.Wire, *, idempotency_key: str | None = None
    ) -> Order:
        answer, _ = await self._client.write(
            call, operation, decoder=_ORDER, body=_ENCODER.encode(body), idempotency_key=idempotency_key
        )
        return mapping.order(answer)


def _paging(page: PageRequest) -> list[tuple[str, str]]:
    count = "true" if page.counted else None
    return [("limit", str(page.limit)), *optional(cursor=page.cursor, count=count)]


def _day(day: object) -> str | None:
    return None if day is None else str(day)
