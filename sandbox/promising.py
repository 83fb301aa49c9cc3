"""When the ERP thinks it can ship: from stock, else from what comes in, else after the item's lead time."""

from datetime import date, timedelta
from decimal import Decimal

from sandbox.amounts import ZERO
from sandbox.books import Books
from sandbox.facts_items import Item
from sandbox.flows import Place

_HORIZON = 365


def free_at(books: Books, place: Place) -> Decimal:
    row = books.stock_at(place)
    return row.free if row else ZERO


def promise(books: Books, item: Item, place: Place, needed: Decimal) -> date | None:
    """From stock and supply where they are enough, else after the lead time."""
    day = ready(books, place, needed)
    if day is not None or item.lead_time_days is None:
        return day
    return books.dataset.today + timedelta(days=item.lead_time_days)


def ready(books: Books, place: Place, needed: Decimal) -> date | None:
    """The first day on which stock and inbound supply cover `needed` base units, after what others wait for."""
    today = books.dataset.today
    short = needed - free_at(books, place)
    if short <= 0:
        return today
    plan = books.plan(place, _HORIZON)
    row = books.stock_at(place)
    waiting = sum((each.quantity for each in plan.demand), ZERO) if plan else ZERO
    short += max(waiting - (row.allocated if row else ZERO), ZERO)
    for supply in plan.supply if plan else ():
        short -= supply.quantity
        if short <= 0:
            return max(supply.date, today)
    return None
