"""Lists of orders, newest first, over several companies. A cursor names the last order told, so that no link of the vendor's is kept.

Business Central takes no `or` over two fields. "Older than this order" is therefore asked as two lists: those of its day below its number,
and those of the days before.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from sources.business_central import mapping, payload
from sources.business_central.lookup import Lookup, total_of
from sources.business_central.odata import Params, all_of, literal
from sources.business_central.reader import Ask, Listed
from sources.call import CallContext
from sources.errors import SourceError, SourceRejected
from sources.models import Order, OrderStatus, Page, PageRequest

ENTITY = "salesOrders"
EXPANDED = ("$expand", "salesOrderLines")
_NEWEST = ("$orderby", "orderDate desc,number desc")
_ORDER = msgspec.json.Decoder(payload.SalesOrder)
_BREAK = "~"

MAX_LOOKS = 5
"""Statuses are worked out from lines, so they are looked at here: where a page holds none that is wanted, so many more are read."""


class Place(NamedTuple):
    """The order that was told last."""

    day: date
    company: str
    number: str

    @property
    def cursor(self) -> str:
        return _BREAK.join((self.day.isoformat(), self.company, self.number))


class Looked(NamedTuple):
    """One look at a list: its rows in order, and the place from which to go on where there are more."""

    rows: list[tuple[str, payload.SalesOrder]]
    next: Place | None


class OrderList:
    """`filters`: by company, in the order in which one day's orders are told; None: all of it."""

    def __init__(self, lookup: Lookup, filters: Mapping[str, str | None], page: PageRequest) -> None:
        self._lookup, self._filters, self._page = lookup, filters, page
        self._codes = list(filters)
        self._at = self._place(page.cursor)

    def asks(self) -> list[Ask]:
        return [ask for code in self._codes for ask in self._from(code, self._at)]

    def counts(self) -> list[Ask]:
        if not self._page.counted:
            return []
        counted: Params = (("$top", "1"), ("$count", "true"))
        return [self._ask(code, counted, self._filters[code]) for code in self._codes]

    def read(self, answers: Mapping[Ask, Listed | SourceError]) -> Looked:
        """Raises the failure of any of its parts: of a list in order nothing can be left out."""
        told: list[tuple[str, payload.SalesOrder]] = []
        for ask in self.asks():
            listed = answers[ask]
            if isinstance(listed, SourceError):
                raise listed
            told += [(ask.company, row) for row in self._lookup.reader.rows(_ORDER, listed)]
        told.sort(
            key=lambda each: (-each[1].order_date.toordinal(), self._codes.index(each[0]))
        )  # stable: numbers as they came
        limit = self._page.limit
        last = told[limit - 1] if len(told) > limit else None
        return Looked(told[:limit], last and Place(last[1].order_date, last[0], last[1].number))

    def total(self, answers: Mapping[Ask, Listed | SourceError]) -> int | None:
        counted = [answers[ask] for ask in self.counts()]
        lists = [each for each in counted if isinstance(each, Listed)]
        return total_of(lists) if self._page.counted and len(lists) == len(counted) else None

    def goes_on(self, place: Place) -> None:
        self._at = place

    # ------------------------------------------------------------ what is asked

    def _from(self, code: str, place: Place | None) -> list[Ask]:
        own = self._filters[code]
        top: Params = (("$top", str(self._page.limit + 1)),)
        if place is None:
            return [self._ask(code, top, own)]
        day, mine, turn = place.day.isoformat(), self._codes.index(code), self._codes.index(place.company)
        if mine > turn:
            return [self._ask(code, top, own, f"orderDate le {day}")]
        before = self._ask(code, top, own, f"orderDate lt {day}")
        same_day = f"orderDate eq {day} and number lt {literal(place.number)}"
        return [before] if mine < turn else [self._ask(code, top, own, same_day), before]

    def _ask(self, code: str, params: Params, *filters: str | None) -> Ask:
        given: Params = (("$filter", all_of(*filters)),) if any(filters) else ()
        return Ask(self._lookup.options.api, code, ENTITY, (*given, _NEWEST, EXPANDED, *params))

    def _place(self, cursor: str | None) -> Place | None:
        if cursor is None:
            return None
        day, _, rest = cursor.partition(_BREAK)
        company, _, number = rest.partition(_BREAK)
        try:
            place = Place(date.fromisoformat(day), company, number)
        except ValueError:
            place = None
        if place is None or company not in self._filters:
            raise SourceRejected(self._lookup.name, reason="INVALID_CURSOR", detail="a cursor that was not ours")
        return place


async def listed(
    call: CallContext, lookup: Lookup, lists: Mapping[str, OrderList], statuses: Sequence[OrderStatus]
) -> dict[str, Page[Order] | SourceError]:
    """The page of each list, by its name, all in one batch."""
    done: dict[str, Page[Order] | SourceError] = {}
    totals: dict[str, int | None] = {}
    left = dict(lists)
    for look in range(MAX_LOOKS):
        asks = [ask for each in left.values() for ask in (*each.asks(), *(each.counts() if look == 0 else ()))]
        answers = await lookup.reader.ask(call, asks) if asks else {}
        for name, each in list(left.items()):
            if look == 0:
                totals[name] = None if statuses else each.total(answers)
            done[name] = _page(lookup, each, answers, statuses=statuses, total=totals[name])
            page = done[name]
            if isinstance(page, SourceError) or page.rows or page.next is None:
                del left[name]
        if not left:
            break
    return done


def _page(
    lookup: Lookup,
    each: OrderList,
    answers: Mapping[Ask, Listed | SourceError],
    *,
    statuses: Sequence[OrderStatus],
    total: int | None,
) -> Page[Order] | SourceError:
    try:
        looked = each.read(answers)
    except SourceError as error:
        return error
    orders = [mapping.order(row, lookup.entity(code), lookup.options) for code, row in looked.rows]
    if looked.next is not None:
        each.goes_on(looked.next)
    wanted = tuple(order for order in orders if not statuses or order.status in statuses)
    return Page(wanted, looked.next and looked.next.cursor, total)
