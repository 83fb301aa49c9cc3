"""A ShipHero account of our own making, after its documentation: a real GraphQL engine over its published types, and its credits."""

import math
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from graphql import GraphQLError, build_schema, execute, parse, validate
from shiphero_credits import required, returned
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from upstream import Clock

from sources.endpoint import Endpoint
from sources.grant import AuthSettings
from sources.http import SourceClient
from sources.retry import RetrySettings
from sources.shiphero.wms import ShipHeroWms
from tests.connectors.running import listening

SCHEMA = build_schema("""
scalar BigInt
scalar ISODateTime
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Warehouse { id: String legacy_id: BigInt identifier: String profile: String company_name: String }
type Account { id: String legacy_id: BigInt is_3pl: Boolean warehouses: [Warehouse] }
type AccountQueryResult { request_id: String complexity: Int data: Account }
type WarehouseProduct {
  id: String sku: String warehouse_id: String on_hand: Int allocated: Int available: Int backorder: Int
  non_sellable_quantity: Int reserve_inventory: Int active: Boolean warehouse: Warehouse
}
type WarehouseProductEdge { node: WarehouseProduct cursor: String! }
type WarehouseProductConnection { pageInfo: PageInfo! edges: [WarehouseProductEdge]! }
type WarehouseProductsQueryResult {
  request_id: String complexity: Int
  data(sort: String, before: String, after: String, first: Int, last: Int): WarehouseProductConnection
}
type LineItem { id: String sku: String quantity: Int }
type ShipmentLineItem {
  id: String line_item_id: String shipment_id: String shipping_label_id: String quantity: Int line_item: LineItem
}
type ShipmentLineItemEdge { node: ShipmentLineItem cursor: String! }
type ShipmentLineItemConnection { pageInfo: PageInfo! edges: [ShipmentLineItemEdge]! }
type ShippingLabel {
  id: String tracking_number: String carrier: String shipping_name: String shipping_method: String cost: String status: String
}
type Shipment {
  id: String legacy_id: BigInt order_id: String warehouse_id: String created_date: ISODateTime delivered: Boolean
  order: Order warehouse: Warehouse shipping_labels: [ShippingLabel]
  line_items(sort: String, before: String, after: String, first: Int, last: Int): ShipmentLineItemConnection
}
type ShipmentQueryResult { request_id: String complexity: Int data: Shipment }
type OrderHolds {
  fraud_hold: Boolean address_hold: Boolean shipping_method_hold: Boolean operator_hold: Boolean payment_hold: Boolean
  client_hold: Boolean
}
type Order {
  id: String legacy_id: BigInt order_number: String fulfillment_status: String holds: OrderHolds shipments: [Shipment]
}
type OrderEdge { node: Order cursor: String! }
type OrderConnection { pageInfo: PageInfo! edges: [OrderEdge]! }
type OrdersQueryResult {
  request_id: String complexity: Int
  data(sort: String, before: String, after: String, first: Int, last: Int): OrderConnection
}
type OrderMutationOutput { request_id: String complexity: Int order: Order }
input UpdateOrderHoldsInput {
  customer_account_id: String order_id: String! payment_hold: Boolean operator_hold: Boolean fraud_hold: Boolean
  address_hold: Boolean client_hold: Boolean
}
type Query {
  account(analyze: Boolean): AccountQueryResult
  warehouse_products(
    warehouse_id: String, active: Boolean, sku: String, customer_account_id: String, analyze: Boolean
  ): WarehouseProductsQueryResult
  shipment(id: String, analyze: Boolean): ShipmentQueryResult
  orders(order_number: String, customer_account_id: String, analyze: Boolean): OrdersQueryResult
}
type Mutation { order_update_holds(data: UpdateOrderHoldsInput!): OrderMutationOutput }
""")
"""As its reference has it, as far as it is asked here: what is asked beyond is refused by the engine."""

MOST_CREDITS, RESTORED_A_SECOND = 4004, 60
GRANTED = "shiphero-granted"
REFRESH = "a-refresh-token-of-ours"
Row = dict[str, Any]


class Refused(GraphQLError):
    """As ShipHero tells of a failure: with a code."""

    def __init__(self, message: str, code: Any) -> None:
        super().__init__(message)
        self.code = code


def connection(rows: Sequence[Row], failing: Refused | None = None) -> Callable[..., Row]:
    """Rows in pages; a cursor is as opaque as theirs."""

    def paged(_: Any, first: int = 100, after: str | None = None, **__: Any) -> Row:
        if after and failing is not None:
            raise failing
        start = int(b64decode(after).decode().partition(":")[2]) if after else 0
        page = rows[start : start + first]
        end = b64encode(f"arrayconnection:{start + len(page)}".encode()).decode()
        info = {
            "hasNextPage": start + first < len(rows),
            "hasPreviousPage": start > 0,
            "endCursor": end if page else None,
        }
        return {"pageInfo": info, "edges": [{"node": row, "cursor": end} for row in page]}

    return paged


def is_missing(*_: Any, **__: Any) -> Any:
    raise Refused("Not Found", 5)


class Account:
    """What is in it, and what goes wrong there.

    `failing`: by a key, what becomes of the field that asks for it; `failing_pages`: of its further pages. `names_paths`: whether errors
    say where they belong. `is_shut`: what is answered to everything behind the first `shut_after` requests. `meanwhile`: the holds that
    somebody else places at the moment at which one is lifted. `is_importing`: whether an order that is asked for is there, on hold, as
    if the ERP had just sent it.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or Clock()
        self.warehouses: list[Row] = []
        self.shelves: list[Row] = []
        self.orders: list[Row] = []
        self.shipments: dict[str, Row] = {}
        self.failing: dict[str, Refused] = {}
        self.failing_pages: dict[str, Refused] = {}
        self.names_paths = False
        self.is_shut: Row | None = None
        self.shut_after = 0
        self.meanwhile: dict[str, bool] = {}
        self.is_importing = False
        self.bodies: list[Row] = []
        self.costs: list[int] = []
        self.refreshed = 0
        self.credits, self._counted = float(MOST_CREDITS), self._clock()
        self.app = Starlette(
            routes=[
                Route("/graphql", self._graphql, methods=["POST"]),
                Route("/auth/refresh", self._refresh, methods=["POST"]),
            ]
        )

    # ------------------------------------------------------------ what is in it

    def warehouse(self, number: int, name: str | None) -> Row:
        row = {"id": own_id("Warehouse", number), "legacy_id": number, "identifier": name}
        self.warehouses.append(row)
        return row

    def shelf(self, sku: str, warehouse: Row, on_hand: int, allocated: int | None = 0, **more: Any) -> None:
        self.shelves.append({"sku": sku, "warehouse": warehouse, "on_hand": on_hand, "allocated": allocated, **more})

    def order(self, number: str, *holds: str, status: str = "pending") -> Row:
        row: Row = {
            "id": own_id("Order", len(self.orders) + 1),
            "order_number": number,
            "fulfillment_status": status,
            "holds": dict.fromkeys(holds, True),
            "shipments": [],
        }
        self.orders.append(row)
        return row

    def shipment(
        self, number: int, order: Row, warehouse: Row, labels: Sequence[Row], lines: Sequence[Row], **more: Any
    ) -> Row:
        """`lines`: sku, quantity, and the id of the label they are under."""
        rows = [
            {
                "quantity": line["quantity"],
                "shipping_label_id": line.get("label"),
                "line_item": {"sku": line["sku"]},
            }
            for line in lines
        ]
        row = {
            "id": own_id("Shipment", number),
            "legacy_id": number,
            "order": order,
            "warehouse": warehouse,
            "created_date": "2026-06-29T16:30:00+00:00",
            "delivered": False,
            "shipping_labels": list(labels),
            "line_items": connection(rows),
            **more,
        }
        self.shipments[row["id"]] = row
        order["shipments"].append(row)
        return row

    # ------------------------------------------------------------ what it answers

    async def _refresh(self, request: Request) -> Response:
        if (await request.json()) != {"refresh_token": REFRESH}:
            return told({"code": "unauthorized", "description": "nobody's token"}, 401)
        self.refreshed += 1
        return told({"access_token": f"{GRANTED}-{self.refreshed}", "expires_in": 2419200, "token_type": "Bearer"})

    async def _graphql(self, request: Request) -> Response:
        if not request.headers.get("authorization", "").startswith(f"Bearer {GRANTED}"):
            return told({"code": "token_expired", "description": "token is expired"}, 401)
        asked = await request.json()
        self.bodies.append(asked)
        if self.is_shut is not None and len(self.bodies) > self.shut_after:
            return told(self.is_shut)
        document = parse(asked["query"])
        wrong = validate(SCHEMA, document)
        if wrong:
            return told({"errors": [each.formatted for each in wrong]}, 400)
        cost = required(document)
        self.costs.append(cost)
        if (refused := self._without_credits(cost)) is not None:
            return told(refused)
        result = execute(SCHEMA, document, self._root(), variable_values=asked.get("variables"))
        assert not hasattr(result, "__await__")
        data = result.data
        errors = result.errors
        self.credits -= returned(data)
        return told({"data": data} | ({"errors": [self._error(each) for each in errors]} if errors else {}))

    def _without_credits(self, cost: int) -> Row | None:
        now = self._clock()
        self.credits = min(MOST_CREDITS, self.credits + (now - self._counted) * RESTORED_A_SECOND)
        self._counted = now
        if cost <= self.credits:
            return None
        seconds = math.ceil((cost - self.credits) / RESTORED_A_SECOND)
        message = (
            f"There are not enough credits to perform the requested operation, which requires {cost} credits, but there are only "
            f"{int(self.credits)} left. In {seconds} seconds you will have enough credits to perform the operation"
        )
        error = {"code": 30, "message": message, "operation": "orders", "request_id": "5da7dc13f3079f0def208711"}
        counts = {"required_credits": cost, "remaining_credits": int(self.credits)}
        return {"errors": [error | counts | {"time_remaining": f"{seconds} seconds"}]}

    def _error(self, error: GraphQLError) -> Row:
        name = str(error.path[0]) if error.path else ""
        told = {"message": error.message, "operation": name, "field": name, "request_id": "5da7dc13f3079f0def208711"}
        code = getattr(error.original_error, "code", None) or getattr(error, "code", None)
        told |= {} if code is None else {"code": code}
        return told | ({"path": error.path} if self.names_paths else {})

    def _root(self) -> Row:
        return {
            "account": lambda _, **__: {"data": {"warehouses": self.warehouses}},
            "warehouse_products": self._warehouse_products,
            "shipment": self._shipment,
            "orders": self._orders,
            "order_update_holds": self._update_holds,
        }

    def _checked(self, key: str) -> None:
        if key in self.failing:
            raise self.failing[key]

    def _warehouse_products(self, _: Any, sku: str, **__: Any) -> Row:
        self._checked(sku)
        return {"data": connection([row for row in self.shelves if row["sku"] == sku])}

    def _shipment(self, _: Any, id: str, **__: Any) -> Row:  # noqa: A002 - as the argument is called there
        self._checked(id)
        return {"data": self.shipments[id] if id in self.shipments else is_missing()}

    def _orders(self, _: Any, order_number: str, **__: Any) -> Row:
        self._checked(order_number)
        rows = [row for row in self.orders if row["order_number"] == order_number]
        if not rows and self.is_importing:
            rows = [self.order(order_number, "operator_hold")]
        return {"data": connection(rows, self.failing_pages.get(order_number))}

    def _update_holds(self, _: Any, data: Row) -> Row:
        self._checked("order_update_holds")
        order = next((row for row in self.orders if row["id"] == data["order_id"]), None)
        if order is None:
            is_missing()
        else:
            order["holds"] |= {name: value for name, value in data.items() if name.endswith("_hold")} | self.meanwhile
        return {"order": order}


def own_id(kind: str, number: int) -> str:
    return b64encode(f"{kind}:{number}".encode()).decode()


def label(name: str, tracking: str | None, status: str | None = "valid", carrier: str = "UPS") -> Row:
    return {"id": name, "tracking_number": tracking, "status": status, "carrier": carrier, "shipping_method": "Ground"}


def told(answer: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type="application/json")


@asynccontextmanager
async def wms_of(
    account: Account, options: Mapping[str, Any] | None = None, **settings: Any
) -> AsyncIterator[ShipHeroWms]:
    given = {"auth": AuthSettings(refresh_token=REFRESH), "retry": RetrySettings(attempts=1), **settings}
    clock = given.pop("clock", Clock())
    async with listening(account.app) as url:
        endpoint = Endpoint(name="wms", url=url, **given)
        async with SourceClient(endpoint, reason=ShipHeroWms.reason, grant=ShipHeroWms.grant, clock=clock) as client:
            yield ShipHeroWms(client, msgspec.convert({"company": "US"} | dict(options or {}), ShipHeroWms.Options))
