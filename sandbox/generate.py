"""The generated data set: two companies, four warehouses, 2,002 items, 602 customers, 20,000 orders; the same every time."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sandbox.dice import Dice
from sandbox.facts import Dataset
from sandbox.facts_companies import Company
from sandbox.facts_stock import Warehouse
from sandbox.generate_customers import make_parties
from sandbox.generate_items import Good, make_goods
from sandbox.generate_lines import Shelves
from sandbox.generate_orders import OrderMaker
from sandbox.generate_prices import make_prices
from sandbox.generate_shipments import ShipmentMaker
from sandbox.generate_specials import with_specials
from sandbox.generate_stock import make_atp, make_inbound, make_stock, with_allocations
from sandbox.generate_tracking import GeneratedTracking
from sandbox.rows import TODAY, Rows

SEED = 20_260_630
COMPANIES = (
    Company("US", "Crossdock Supply Inc.", "USD", Decimal("0.07")),
    Company("CA", "Crossdock Supply Canada Ltd.", "CAD", Decimal("0.13")),
)
WAREHOUSES = (
    Warehouse(company="US", code="RNO", name="Reno", priority=1),
    Warehouse(company="US", code="DFW", name="Dallas", priority=2),
    Warehouse(company="US", code="ATL", name="Atlanta", priority=3),
    Warehouse(company="CA", code="YYZ", name="Toronto", priority=1),
)


def generated() -> Dataset:
    return Dataset(with_specials(rolled_rows(Dice(SEED))))


def rolled_rows(dice: Dice) -> Rows:
    goods = make_goods(dice)
    parties = make_parties(dice, TODAY)
    every_good = [good for own in goods.values() for good in own]
    every_party = [party for own in parties.values() for party in own]
    stock = make_stock(dice, every_good)
    inbound = make_inbound(dice, every_good, TODAY)
    shelves = Shelves({place: row.free for place, row in stock.items()})
    placed = list(OrderMaker(dice, goods, parties, shelves).make(TODAY))
    shipments = list(_shipment_maker(dice, goods).make(placed))
    kept = with_allocations(stock, shelves.held)
    return Rows(
        companies=COMPANIES,
        warehouses=WAREHOUSES,
        items=[good.item for good in every_good],
        customers=[party.customer for party in every_party],
        ship_tos=[ship_to for party in every_party for ship_to in party.ship_tos],
        prices=[row for company, own in goods.items() for row in make_prices(dice, own, parties[company], TODAY)],
        credit=[party.credit for party in every_party],
        stock=kept,
        inbound=inbound,
        atp=make_atp(dice, kept, inbound, TODAY),
        orders=[each.order for each in placed],
        shipments=shipments,
        tracking=GeneratedTracking(shipments, TODAY),
        relationships=[party.relationship for party in every_party],
    )


def _shipment_maker(dice: Dice, goods: Mapping[str, Sequence[Good]]) -> ShipmentMaker:
    by_sku = {company: {good.item.sku: good for good in own} for company, own in goods.items()}
    return ShipmentMaker(dice, by_sku, {row.code: row for row in WAREHOUSES}, TODAY)
