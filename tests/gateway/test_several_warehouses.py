"""Warehouses and parcels over several systems: stock and shipments put together, each parcel asked of its own carrier."""

from collections.abc import AsyncIterator

import pytest
from several import Several, failures, several_over
from two_companies import BARE_NUMBER, FEDEX_NUMBER, OTHER_NUMBER, SYSTEMS, UPS_NUMBER, WORLDS


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[Several]:
    async with several_over(WORLDS, SYSTEMS) as running:
        yield running


@pytest.fixture
async def several(world: Several) -> AsyncIterator[Several]:
    await world.calls()
    yield world
    await world.mend()


# ---------------------------------------------------------------- warehouses


async def test_stock_of_two_warehouse_systems_is_one_availability_in_routing_order(several: Several) -> None:
    asked = """{ item(sku: "BOLT", company: "US") {
      availability { onHand available warehouses { onHand warehouse { code name } } } } }"""
    assert (await several.ask(asked))["data"]["item"]["availability"] == {
        "onHand": "140",
        "available": "140",
        "warehouses": [
            {"onHand": "100", "warehouse": {"code": "RNO", "name": "Reno"}},
            {"onHand": "40", "warehouse": {"code": "DAL", "name": "Dallas"}},
        ],
    }


@pytest.mark.parametrize(
    ("codes", "on_hand", "asked"),
    [
        (["RNO"], "100", ["wms.reno"]),
        (["DAL"], "40", ["wms.dallas"]),
        (["DAL", "RNO"], "140", ["wms.reno", "wms.dallas"]),
        (["TOR"], None, []),
    ],
)
async def test_only_the_systems_of_the_warehouses_that_are_named_are_asked(
    several: Several, codes: list[str], on_hand: str | None, asked: list[str]
) -> None:
    query = (
        'query ($codes: [String!]) { item(sku: "BOLT", company: "US") { availability(warehouses: $codes) { onHand } } }'
    )
    found = (await several.ask(query, {"codes": codes}))["data"]["item"]["availability"]
    assert found == (None if on_hand is None else {"onHand": on_hand})
    counted = await several.calls_by_system()
    assert {name: calls for name, calls in counted.items() if name.startswith("wms")} == {
        name: {"GET /stock": 1} for name in asked
    }


async def test_an_order_that_ships_from_two_systems_has_the_shipments_of_both_newest_first(several: Several) -> None:
    answer = await several.ask('{ order(number: "700", company: "US") { shipments { number warehouse { code } } } }')
    assert answer["data"]["order"]["shipments"] == [
        {"number": "SH-D", "warehouse": {"code": "DAL"}},
        {"number": "SH-R", "warehouse": {"code": "RNO"}},
    ]
    assert await several.calls() == {
        "erp.us GET /orders": 1,
        "wms.reno GET /shipments/by-order": 1,
        "wms.dallas GET /shipments/by-order": 1,
    }


async def test_shipments_cut_short_by_a_system_that_is_down_are_an_error_and_no_shorter_list(several: Several) -> None:
    await several.fault("wms.reno", status=503)
    asked = """{ order(number: "700", company: "US") { number shipments { number } }
                 ca: order(number: "700", company: "CA") { number shipments { number } } }"""
    answer = await several.ask(asked)
    assert answer["data"] == {"order": {"number": "700", "shipments": None}, "ca": {"number": "700", "shipments": []}}
    assert failures(answer) == [("order.shipments", "wms.reno", "SOURCE_UNAVAILABLE")]


async def test_a_shipment_is_looked_for_in_all_systems_and_found_in_its_own(several: Several) -> None:
    answer = await several.ask(
        '{ d: shipment(number: "SH-D") { warehouse { code } } n: shipment(number: "X") { number } }'
    )
    assert answer == {"data": {"d": {"warehouse": {"code": "DAL"}}, "n": None}}
    assert set((await several.calls()).values()) == {1}


# ---------------------------------------------------------------- carriers


@pytest.mark.parametrize(
    ("arguments", "told", "asked"),
    [
        (f'trackingNumber: "{UPS_NUMBER}"', "told by UPS", "carrier.ups"),
        (f'trackingNumber: "{BARE_NUMBER}", carrier: "UPS"', "told by UPS", "carrier.ups"),
        (f'trackingNumber: "{BARE_NUMBER}"', "told by the aggregator", "carrier.any"),
        (f'trackingNumber: "{FEDEX_NUMBER}", carrier: "FEDEX"', "told by the aggregator", "carrier.any"),
        (f'trackingNumber: "{OTHER_NUMBER}"', "told by the aggregator", "carrier.any"),
    ],
)
async def test_a_parcel_is_tracked_by_its_carriers_name_else_by_the_form_of_its_number_else_by_who_takes_the_rest(
    several: Several, arguments: str, told: str, asked: str
) -> None:
    answer = await several.ask(f"{{ tracking({arguments}) {{ events {{ description }} }} }}")
    assert answer["data"]["tracking"] == {"events": [{"description": told}]}
    assert await several.calls() == {f"{asked} GET /tracking": 1}


async def test_an_orders_parcels_go_to_the_carriers_of_each_in_one_call_each(several: Several) -> None:
    asked = """{ order(number: "700", company: "US") {
      shipments { parcels { tracking { events { description } } } } } }"""
    shipments = (await several.ask(asked))["data"]["order"]["shipments"]
    told = [parcel["tracking"]["events"][0]["description"] for row in shipments for parcel in row["parcels"]]
    assert told == ["told by the aggregator", "told by UPS"]
    calls = await several.calls_by_system()
    assert (calls["carrier.ups"], calls["carrier.any"]) == ({"GET /tracking": 1}, {"GET /tracking": 1})


async def test_a_carrier_that_is_down_blanks_its_own_parcels_only(several: Several) -> None:
    await several.fault("carrier.ups", status=503)
    asked = "query ($a: String!, $b: String!) { a: tracking(trackingNumber: $a) { status } b: tracking(trackingNumber: $b) { status } }"
    answer = await several.ask(asked, {"a": UPS_NUMBER, "b": OTHER_NUMBER})
    assert answer["data"] == {"a": None, "b": {"status": "IN_TRANSIT"}}
    assert failures(answer) == [("a", "carrier.ups", "SOURCE_UNAVAILABLE")]
