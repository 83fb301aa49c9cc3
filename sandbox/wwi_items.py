"""Wide World Importers' items, prices, stock and inbound purchase orders."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from sandbox.amounts import ONE, unit_price
from sandbox.facts_items import Item, Uom
from sandbox.facts_prices import Break, PriceRow
from sandbox.facts_stock import Inbound, Stock
from sandbox.wwi_tables import COMPANY, Decimals, Tables, text

WAREHOUSE = "WWI"
# Package types have a table of their own, which is not among those given: these are its codes for the ones in use.
PACKAGES = {1: "BG", 6: "CT", 7: "EA", 9: "PK", 10: "PR"}
_SAME_PACKAGE = "OUT"
# Synthetic: the data has no quantity breaks.
_BREAKS = ((Decimal(1), Decimal(1)), (Decimal(10), Decimal("0.97")), (Decimal(100), Decimal("0.94")))
# Stock group 7, the one with special deals; the table that says which items are in it is not among those given.
_USB_GROUP = 7
_USB = "USB"
_BATTERIES = "battery-powered"


def read_items(tables: Tables) -> list[Item]:
    names = ("StockItemID", "StockItemName", "UnitPackageID", "OuterPackageID")
    more = ("QuantityPerOuter", "LeadTimeDays", "MarketingComments", "Tags")
    return [_item(row) for row in tables.rows("StockItems", *names, *more)]


def _item(row: tuple[Any, ...]) -> Item:
    key, name, unit, outer, per_outer, lead_time, comments, tags = row
    hazardous = _BATTERIES in name.lower()
    base = PACKAGES[unit]
    tagged = msgspec.json.decode(tags or "[]", type=list[str])
    return Item(
        company=COMPANY,
        sku=str(key),
        name=name,
        description=comments,
        category=tagged[0] if tagged else None,
        status_text="Active, hazardous flag (synthetic)" if hazardous else "Active (synthetic)",
        uom=base,
        uoms=(Uom(base), *_outer(base, PACKAGES[outer], per_outer)),
        hazardous=hazardous,
        lead_time_days=lead_time,
    )


def _outer(base: str, outer: str, per_outer: int) -> Iterator[Uom]:
    if per_outer > 1:
        yield Uom(_SAME_PACKAGE if outer == base else outer, Decimal(per_outer))


def read_prices(tables: Tables, groups: dict[str, str]) -> list[PriceRow]:
    """`groups`: the buying groups' names by their keys."""
    decimals = Decimals()
    listed: list[tuple[str, str, Decimal]] = []
    for key, name, price in tables.rows("StockItems", "StockItemID", "StockItemName", "UnitPrice"):
        listed.append((str(key), name, decimals.cents(price)))
    lists = [PriceRow(company=COMPANY, sku=sku, breaks=_breaks(unit)) for sku, _, unit in listed]
    usb = [(sku, unit) for sku, name, unit in listed if name.startswith(_USB)]
    return [*lists, *_deals(tables, groups, usb)]


def _breaks(unit: Decimal) -> tuple[Break, ...]:
    return tuple(Break(minimum, unit_price(unit * share)) for minimum, share in _BREAKS)


def _deals(tables: Tables, groups: dict[str, str], usb: Iterable[tuple[str, Decimal]]) -> Iterator[PriceRow]:
    names = ("BuyingGroupID", "StockGroupID", "DiscountPercentage", "StartDate", "EndDate")
    for group, stock_group, percent, start, end in tables.rows("SpecialDeals", *names):
        if stock_group != _USB_GROUP:
            continue
        for sku, unit in usb:
            yield PriceRow(
                company=COMPANY,
                sku=sku,
                buying_group=groups.get(text(group) or ""),
                breaks=(Break(ONE, unit_price(unit * (100 - percent) / 100)),),
                source="PROMOTION",
                valid_from=start.date(),
                valid_to=end.date(),
            )


def read_stock(tables: Tables) -> list[Stock]:
    rows = tables.rows("StockItemHoldings", "StockItemID", "QuantityOnHand", "ReorderLevel")
    return [
        Stock(
            company=COMPANY,
            sku=str(key),
            warehouse=WAREHOUSE,
            on_hand=Decimal(on_hand),
            safety_stock=Decimal(reorder_level),
        )
        for key, on_hand, reorder_level in rows
    ]


def read_inbound(tables: Tables) -> list[Inbound]:
    """Purchase orders count in outers, the rest of the house in units."""
    expected = dict(tables.rows("PurchaseOrders", "PurchaseOrderID", "ExpectedDeliveryDate"))
    per_outer = dict(tables.rows("StockItems", "StockItemID", "QuantityPerOuter"))
    names = ("PurchaseOrderID", "StockItemID", "OrderedOuters", "ReceivedOuters", "IsOrderLineFinalized")
    return [
        Inbound(
            company=COMPANY,
            number=str(order),
            sku=str(item),
            warehouse=WAREHOUSE,
            quantity=Decimal((ordered - received) * per_outer[item]),
            expected=expected[order].date(),
        )
        for order, item, ordered, received, finalized in tables.rows("PurchaseOrderLines", *names)
        if not finalized and ordered > received
    ]
