"""Which of several warehouse systems and carriers is asked what, and what their answers come to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from upstream import call

from sources.call import CallContext
from sources.changes import NewRelease, Released
from sources.errors import SourceError, SourceRejected, SourceUnavailable
from sources.models import Key, Shipment, ShipmentStatus, Stock, TrackingKey, Warehouse, WarehouseStock
from sources.routed import ROUTED, System
from sources.routed.territory import Territory

NOW = datetime(2026, 6, 30, tzinfo=UTC)


class Wms:
    """Keeps one of everything asked for in each of its places, and ships every order from each of them."""

    def __init__(self, name: str, *places: str, day: int = 30, failure: SourceError | None = None) -> None:
        self.name, self.max_batch = name, {"stock": 100}
        self.places = [Warehouse(each[:2], each[3:], each) for each in places]
        self.failure, self._today = failure, date(2026, 6, day)
        self.asked: list[Any] = []

    def _in(self, company: str | None) -> list[Warehouse]:
        if self.failure is not None:
            raise self.failure
        return [each for each in self.places if company in {None, each.company}]

    async def warehouses(self, _: CallContext, company: str | None, codes: Sequence[str]) -> Mapping[Key, Any]:
        self.asked.append((company, tuple(codes)))
        return {Key(each.company, each.code): each for each in self._in(company) if each.code in codes}

    async def stock(
        self, _: CallContext, company: str, skus: Sequence[str], *, warehouses: Sequence[str]
    ) -> Mapping[Key, Any]:
        self.asked.append((tuple(skus), tuple(warehouses)))
        one = Decimal(1)
        rows = tuple(WarehouseStock(each, one, one, one, one) for each in self._in(company))
        return {Key(company, sku): Stock(rows, self._today, NOW) for sku in skus if rows}

    async def shipments_by_order(self, _: CallContext, company: str | None, orders: Sequence[str]) -> Mapping[Key, Any]:
        self.asked.append((company, tuple(orders)))
        found: dict[Key, Any] = {Key(company, order): () for order in orders}
        for place in self._in(company):
            number = f"{order_of(orders)}-{place.code}"
            row = Shipment(place.company, number, place, ShipmentStatus.PACKED, (), order_of(orders))
            found.setdefault(Key(place.company, order_of(orders)), ())
            found[Key(place.company, order_of(orders))] += (row,)
        return found

    async def release_order(self, _: CallContext, release: NewRelease) -> Released:
        self.asked.append(release.warehouses)
        return Released(release.company, release.order, NOW, ())


def order_of(orders: Sequence[str]) -> str:
    return orders[0]


def wmss(*systems: tuple[Wms, Territory]) -> Any:
    return ROUTED["wms"]("wms", [System(*each) for each in systems])


RENO, REST_OF_US, ELSEWHERE = Territory(("US",), ("RNO",)), Territory(("US",)), Territory()


async def test_a_warehouse_is_asked_of_its_own_system_only() -> None:
    reno, us, rest = Wms("wms.reno", "US/RNO"), Wms("wms.us", "US/DAL", "US/RNO"), Wms("wms.rest", "CA/TOR", "US/DAL")
    routed = wmss((reno, RENO), (us, REST_OF_US), (rest, ELSEWHERE))
    assert list(await routed.warehouses(call(), "US", ["RNO", "DAL"])) == [Key("US", "RNO"), Key("US", "DAL")]
    assert list(await routed.warehouses(call(), "CA", ["TOR", "RNO"])) == [Key("CA", "TOR")]
    assert (reno.asked, us.asked, rest.asked) == ([("US", ("RNO",))], [("US", ("DAL",))], [("CA", ("TOR",))])
    found = await routed.warehouses(call(), None, ["RNO", "TOR", "DAL"])
    assert {key: place.name for key, place in found.items()} == {
        Key("US", "RNO"): "US/RNO",
        Key("CA", "TOR"): "CA/TOR",
        Key("US", "DAL"): "US/DAL",
    }


async def test_stock_is_joined_without_what_a_system_says_of_anothers_warehouse() -> None:
    reno, us = Wms("wms.reno", "US/RNO", "US/DAL", day=29), Wms("wms.us", "US/DAL", "US/RNO", "US/LAX", day=30)
    routed = wmss((reno, RENO), (us, REST_OF_US))
    (stock,) = (await routed.stock(call(), "US", ["A"], warehouses=())).values()
    assert [row.warehouse.code for row in stock.rows] == ["DAL", "LAX", "RNO"]
    assert stock.today == date(2026, 6, 30)
    assert (reno.asked, us.asked) == ([(("A",), ())], [(("A",), ())])
    await routed.stock(call(), "US", ["A"], warehouses=["LAX", "RNO", "DAL"])
    assert (reno.asked[1:], us.asked[1:]) == ([(("A",), ("RNO",))], [(("A",), ("LAX", "DAL"))])


async def test_a_company_that_fails_in_one_of_its_systems_fails_and_another_company_does_not() -> None:
    down = SourceUnavailable("wms.us")
    reno, us, ca = Wms("wms.reno", "US/RNO"), Wms("wms.us", failure=down), Wms("wms.ca", "CA/TOR")
    routed = wmss((reno, RENO), (us, REST_OF_US), (ca, Territory(("CA",))))
    assert await routed.stock(call(), "US", ["A", "B"], warehouses=()) == {Key("US", "A"): down, Key("US", "B"): down}
    assert await routed.shipments_by_order(call(), "US", ["7"]) == {Key("US", "7"): down}
    anywhere = await routed.shipments_by_order(call(), None, ["7"])
    assert {key: [row.number for row in value] if isinstance(value, tuple) else value for key, value in anywhere.items()} == {
        Key("US", "7"): down,
        Key("CA", "7"): ["7-TOR"],
        Key(None, "7"): down,
    }  # fmt: skip


async def test_a_system_of_one_company_that_fails_leaves_another_companys_order_standing() -> None:
    down = SourceUnavailable("wms.reno")
    reno, ca = Wms("wms.reno", failure=down), Wms("wms.ca", "CA/TOR")
    found = await wmss((reno, RENO), (ca, Territory(("CA",)))).shipments_by_order(call(), None, ["7"])
    assert found.keys() == {Key("CA", "7"), Key(None, "7")}
    assert [row.number for row in found[Key("CA", "7")]] == ["7-TOR"]
    assert found[Key(None, "7")] is down


async def test_an_order_that_one_company_ships_has_no_empty_list_beside_it() -> None:
    routed = wmss((Wms("wms.reno"), RENO), (Wms("wms.ca", "CA/TOR"), Territory(("CA",))))
    assert list(await routed.shipments_by_order(call(), None, ["7"])) == [Key("CA", "7")]


async def test_an_order_that_nobody_ships_has_an_empty_list_once() -> None:
    routed = wmss((Wms("wms.reno"), RENO), (Wms("wms.us"), REST_OF_US))
    assert await routed.shipments_by_order(call(), "US", ["7"]) == {Key("US", "7"): ()}
    assert await routed.shipments_by_order(call(), None, ["7"]) == {Key(None, "7"): ()}


def release(*warehouses: str, company: str = "US") -> NewRelease:
    return NewRelease(company, "7", warehouses, "ref")


async def test_an_order_is_released_by_one_system_from_its_own_warehouses_only() -> None:
    reno, us, ca = Wms("wms.reno"), Wms("wms.us"), Wms("wms.ca")
    routed = wmss((reno, RENO), (us, REST_OF_US), (ca, Territory(("CA",))))
    await routed.release_order(call(), release("DAL", "RNO", "LAX"))
    assert (reno.asked, us.asked) == ([], [("DAL", "LAX")])
    await routed.release_order(call(), release("RNO", "DAL"))
    assert (reno.asked, us.asked[1:]) == ([("RNO",)], [])
    await routed.release_order(call(), release(company="CA"))
    assert ca.asked == [()]
    for refused in (release(), release("RNO", company="CA"), release("TOR", company="MX")):
        with pytest.raises(SourceRejected) as raised:
            await routed.release_order(call(), refused)
        assert (raised.value.source, raised.value.reason) == ("wms", "UNKNOWN_WAREHOUSE")


# ---------------------------------------------------------------- carriers

UPS_NUMBERS = ["1Z5R89390357567127", "1Z879E930346834440"]


class Carrier:
    """Tracks everything, so many at once; a number it is told to fail in fails all that are asked with it."""

    def __init__(self, name: str, most: int, bad: str = "") -> None:
        self.name, self.max_batch, self._bad = name, {"tracking": most}, bad
        self.asked: list[tuple[str | None, tuple[str, ...]]] = []

    async def tracking(self, _: CallContext, carrier: str | None, numbers: Sequence[str]) -> Mapping[Any, Any]:
        self.asked.append((carrier, tuple(numbers)))
        if self._bad in numbers:
            raise SourceUnavailable(self.name)
        return {TrackingKey(carrier, number): self.name for number in numbers}


def carriers(*systems: tuple[Carrier, tuple[str, ...]]) -> Any:
    return ROUTED["carrier"]("carrier", [System(each, Territory(carriers=names)) for each, names in systems])


async def test_a_batch_of_parcels_is_cut_by_the_limit_of_each_carrier_that_has_them() -> None:
    ups, rest = Carrier("carrier.ups", 1), Carrier("carrier.rest", 3)
    routed = carriers((ups, ("UPS",)), (rest, ()))
    assert routed.max_batch == {"tracking": 3}
    others = ["A", "B", "C", "D"]
    found = await routed.tracking(call(), None, [*UPS_NUMBERS, *others])
    assert found == {
        **dict.fromkeys([TrackingKey(None, each) for each in UPS_NUMBERS], "carrier.ups"),
        **dict.fromkeys([TrackingKey(None, each) for each in others], "carrier.rest"),
    }
    assert sorted(ups.asked) == [(None, (each,)) for each in sorted(UPS_NUMBERS)]
    assert sorted(rest.asked) == [(None, ("A", "B", "C")), (None, ("D",))]


async def test_a_part_that_fails_fails_its_own_parcels_and_one_that_was_all_raises() -> None:
    routed = carriers((Carrier("carrier.ups", 1), ("UPS",)), (Carrier("carrier.rest", 2, bad="B"), ()))
    found = await routed.tracking(call(), "ODFL", ["A", "B", "C"])
    assert {key.number: str(value) for key, value in found.items() if key.carrier == "ODFL"} == {
        "A": "The carrier.rest system does not answer at the moment.",
        "B": "The carrier.rest system does not answer at the moment.",
        "C": "carrier.rest",
    }
    with pytest.raises(SourceUnavailable):
        await routed.tracking(call(), None, ["B"])


async def test_a_parcel_that_is_nobodys_is_asked_of_nobody() -> None:
    ups, fedex = Carrier("carrier.ups", 10), Carrier("carrier.fedex", 10)
    routed = carriers((ups, ("UPS",)), (fedex, ("FedEx",)))
    assert await routed.tracking(call(), "ODFL", ["PRO-7"]) == {}
    assert await routed.tracking(call(), "fedex", ["PRO-7"]) == {TrackingKey("fedex", "PRO-7"): "carrier.fedex"}
    assert (ups.asked, fedex.asked) == ([], [("fedex", ("PRO-7",))])
