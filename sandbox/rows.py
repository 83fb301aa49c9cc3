"""The rows a data set is made of, as the facts block, the generator and the Wide World Importers loader hand them over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sandbox.facts_companies import Company
from sandbox.facts_customers import CreditTerms, Customer, Relationship, ShipTo
from sandbox.facts_items import Item
from sandbox.facts_orders import Order
from sandbox.facts_prices import PriceRow
from sandbox.facts_refusals import Refusal
from sandbox.facts_shipments import Shipment, Tracking
from sandbox.facts_stock import AtpRow, Inbound, Movement, Stock, Warehouse

TODAY = date(2026, 6, 30)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """`order_warehouses` (by company and number) says where an order ships from when it is not its ship-to's warehouse."""

    today: date = TODAY
    companies: Sequence[Company] = ()
    warehouses: Sequence[Warehouse] = ()
    items: Sequence[Item] = ()
    customers: Sequence[Customer] = ()
    ship_tos: Sequence[ShipTo] = ()
    prices: Sequence[PriceRow] = ()
    credit: Sequence[CreditTerms] = ()
    stock: Sequence[Stock] = ()
    inbound: Sequence[Inbound] = ()
    supply: Sequence[Movement] = ()
    demand: Sequence[Movement] = ()
    atp: Sequence[AtpRow] = ()
    orders: Sequence[Order] = ()
    order_warehouses: Mapping[tuple[str, str], str] = field(default_factory=dict)
    shipments: Sequence[Shipment] = ()
    tracking: Mapping[str, Sequence[Tracking]] = field(default_factory=dict)
    relationships: Sequence[Relationship] = ()
    refusals: Sequence[Refusal] = ()
