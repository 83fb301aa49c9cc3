"""Wide World Importers, Microsoft's sample of a wholesale distributor, as it stood at the end of its last day."""

from decimal import Decimal
from pathlib import Path

from sandbox.facts import Dataset
from sandbox.facts_companies import Company
from sandbox.facts_stock import Warehouse
from sandbox.rows import Rows
from sandbox.wwi_customers import buying_groups, read_parties, ship_tos
from sandbox.wwi_items import WAREHOUSE, read_inbound, read_items, read_prices, read_stock
from sandbox.wwi_orders import last_day, read_orders
from sandbox.wwi_shipments import read_shipments
from sandbox.wwi_tables import COMPANY, Tables

_TAX = Decimal("0.15")


def load_wide_world_importers(folder: Path) -> Dataset:
    tables = Tables(folder)
    today = last_day(tables)
    groups = buying_groups(tables)
    parties = read_parties(tables, groups)
    warehouse = Warehouse(company=COMPANY, code=WAREHOUSE, name="Main warehouse (synthetic)")
    orders = list(read_orders(tables, today))
    shipments, tracking = read_shipments(tables, orders, warehouse)
    rows = Rows(
        today=today,
        companies=(Company(COMPANY, "Wide World Importers", "USD", _TAX),),
        warehouses=(warehouse,),
        items=read_items(tables),
        customers=[party.customer for party in parties],
        ship_tos=list(ship_tos(parties)),
        prices=read_prices(tables, groups),
        credit=[party.credit for party in parties],
        stock=read_stock(tables),
        inbound=read_inbound(tables),
        orders=orders,
        shipments=shipments,
        tracking=tracking,
        relationships=[party.relationship for party in parties],
    )
    return Dataset(rows)
