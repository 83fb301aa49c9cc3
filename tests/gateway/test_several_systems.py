"""Two ERPs, two CRMs, three warehouse systems, two carriers behind one gateway: each is asked what is its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from several import Several, several_over
from two_companies import BARE_NUMBER, FEDEX_NUMBER, OTHER_NUMBER, SYSTEMS, UPS_NUMBER, WORLDS

from gateway import development_key
from gateway.cli import main
from sources.viewer import SCOPES


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[Several]:
    async with several_over(WORLDS, SYSTEMS) as running:
        yield running


@pytest.fixture
async def several(world: Several) -> AsyncIterator[Several]:
    await world.calls()
    yield world
    await world.mend()


def failures(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Where, by whose fault, what."""
    rows = answer.get("errors", [])
    return [
        (".".join(map(str, row["path"])), row["extensions"].get("source", ""), row["extensions"]["code"])
        for row in rows
    ]


BOTH = """{
  us: item(sku: "BOLT", company: "US") { name price(customer: "C1") { unit { amount currency } } availability { onHand } }
  ca: item(sku: "BOLT", company: "CA") { name price(customer: "C1") { unit { amount currency } } availability { onHand } }
}"""


async def test_the_same_sku_in_both_companies_is_two_items_with_prices_and_stock_of_their_own(several: Several) -> None:
    assert (await several.ask(BOTH)) == {
        "data": {
            "us": {
                "name": "Bolt of Nevada",
                "price": {"unit": {"amount": "1.0000", "currency": "USD"}},
                "availability": {"onHand": "140"},
            },
            "ca": {
                "name": "Bolt of Ontario",
                "price": {"unit": {"amount": "2.5000", "currency": "CAD"}},
                "availability": {"onHand": "7"},
            },
        }
    }
    erp = {"GET /items": 1, "POST /prices": 1, "GET /supply-demand": 1}
    assert await several.calls_by_system() == {
        "erp.us": erp,
        "erp.ca": erp,
        "wms.reno": {"GET /stock": 1},
        "wms.dallas": {"GET /stock": 1},
        "wms.toronto": {"GET /stock": 1},
    }


async def test_a_number_without_its_company_is_asked_of_both_once_and_is_ambiguous_where_both_have_it(
    several: Several,
) -> None:
    answer = await several.ask('{ item(sku: "BOLT") { name } }')
    assert failures(answer) == [("item", "", "AMBIGUOUS")]
    assert answer["errors"][0]["extensions"]["companies"] == ["CA", "US"]
    assert await several.calls() == {"erp.us GET /items": 1, "erp.ca GET /items": 1}


@pytest.mark.parametrize(("sku", "company"), [("NUT", "US"), ("MAPLE", "CA"), ("NONE", None)])
async def test_a_number_that_one_company_has_is_found_there_without_being_told(
    several: Several, sku: str, company: str | None
) -> None:
    answer = await several.ask(f'{{ item(sku: "{sku}") {{ company }} }}')
    assert answer == {"data": {"item": None if company is None else {"company": company}}}
    assert await several.calls() == {"erp.us GET /items": 1, "erp.ca GET /items": 1}


async def test_many_numbers_without_a_company_are_one_call_to_each(several: Several) -> None:
    answer = await several.ask('{ items(skus: ["NUT", "MAPLE", "NONE", "NUT"]) { name } }')
    assert answer["data"]["items"] == [{"name": "Nut"}, {"name": "Maple"}, None, {"name": "Nut"}]
    assert await several.calls() == {"erp.us GET /items": 1, "erp.ca GET /items": 1}


async def test_a_company_that_nobody_has_is_asked_of_nobody(several: Several) -> None:
    asked = (
        '{ item(sku: "BOLT", company: "MX") { name } customers(company: "MX") { totalCount edges { node { name } } } }'
    )
    assert await several.ask(asked) == {"data": {"item": None, "customers": {"totalCount": 0, "edges": []}}}
    assert await several.calls() == {}


# ---------------------------------------------------------------- one that is down


async def test_an_erp_that_is_down_blanks_its_own_company_only(several: Several) -> None:
    await several.fault("erp.ca", status=503)
    answer = await several.ask(BOTH)
    assert answer["data"]["us"]["price"]["unit"]["amount"] == "1.0000"
    assert answer["data"]["ca"] is None
    assert failures(answer) == [("ca", "erp.ca", "SOURCE_UNAVAILABLE")]
    assert answer["errors"][0]["message"] == "The erp.ca system does not answer at the moment."


async def test_what_is_found_elsewhere_is_found_and_what_is_not_holds_the_error_of_the_one_that_is_down(
    several: Several,
) -> None:
    await several.fault("erp.ca", status=503)
    answer = await several.ask('{ items(skus: ["NUT", "MAPLE", "NONE"]) { name } }')
    assert answer["data"]["items"] == [{"name": "Nut"}, None, None]
    assert failures(answer) == [
        ("items.1", "erp.ca", "SOURCE_UNAVAILABLE"),
        ("items.2", "erp.ca", "SOURCE_UNAVAILABLE"),
    ]


async def test_a_crm_that_is_down_blanks_its_own_companys_relationships_only(several: Several) -> None:
    await several.fault("crm.us", status=503)
    asked = """{ us: customer(number: "C1", company: "US") { name relationship { owner } }
                 ca: customer(number: "C1", company: "CA") { name relationship { owner } } }"""
    answer = await several.ask(asked)
    assert answer["data"] == {
        "us": {"name": "Acme of Nevada", "relationship": None},
        "ca": {"name": "Acme of Ontario", "relationship": {"owner": "Lou Tremblay"}},
    }
    assert failures(answer) == [("us.relationship", "crm.us", "SOURCE_UNAVAILABLE")]


async def test_stock_of_all_warehouses_needs_both_systems_and_stock_of_one_needs_its_own(several: Several) -> None:
    await several.fault("wms.dallas", status=503)
    asked = """{ item(sku: "BOLT", company: "US") {
      all: availability { onHand } reno: availability(warehouses: ["RNO"]) { onHand } } }"""
    answer = await several.ask(asked)
    assert answer["data"]["item"] == {"all": None, "reno": {"onHand": "100"}}
    assert failures(answer) == [("item.all", "wms.dallas", "SOURCE_UNAVAILABLE")]


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


# ---------------------------------------------------------------- lists


async def pages(several: Several, field: str, node: str, first: int) -> list[str]:
    found: list[str] = []
    after = None
    for _ in range(20):
        page = f"pageInfo {{ hasNextPage endCursor }} edges {{ node {{ company {node} }} }}"
        query = f"query ($first: Int, $after: String) {{ {field}(first: $first, after: $after) {{ {page} }} }}"
        answer = await several.ask(query, {"first": first, "after": after})
        listed = answer["data"][field]
        found += [f"{edge['node']['company']} {edge['node'][node]}" for edge in listed["edges"]]
        after = listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            return found
    raise AssertionError(found)


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 7, 20])
async def test_lists_page_through_both_companies_without_loss_or_repetition(several: Several, first: int) -> None:
    assert await pages(several, "searchItems", "sku", first) == ["CA BOLT", "CA MAPLE", "US BOLT", "US NUT"]
    assert await pages(several, "customers", "number", first) == ["CA C1", "CA C9", "US C1", "US C2"]
    assert await pages(several, "orders", "number", first) == [
        "US 703", "CA 702", "US 702", "CA 701", "US 701", "CA 700", "US 700",
    ]  # fmt: skip


async def test_a_total_is_the_sum_of_both_and_unsaid_where_one_cannot_be_asked(several: Several) -> None:
    asked = "{ searchItems(first: 2) { totalCount edges { node { company sku } } } orders(first: 1) { totalCount } }"
    answer = (await several.ask(asked))["data"]
    assert (answer["searchItems"]["totalCount"], answer["orders"]["totalCount"]) == (4, 7)
    await several.fault("erp.us", status=503)
    answer = await several.ask("{ searchItems(first: 2) { totalCount edges { node { sku } } } }")
    assert answer == {
        "data": {"searchItems": {"totalCount": None, "edges": [{"node": {"sku": "BOLT"}}, {"node": {"sku": "MAPLE"}}]}}
    }


async def test_a_list_that_one_system_would_have_to_complete_fails_while_it_is_down_and_its_neighbours_does_not(
    several: Several,
) -> None:
    await several.fault("erp.ca", status=503)
    asked = '{ all: orders { edges { node { number } } } us: orders(company: "US", first: 1) { edges { node { number } } } }'
    answer = await several.ask(asked)
    assert answer["data"] == {"all": None, "us": {"edges": [{"node": {"number": "703"}}]}}
    assert failures(answer) == [("all", "erp.ca", "SOURCE_UNAVAILABLE")]


async def test_a_cursor_of_another_list_is_refused_and_asked_of_nobody(several: Several) -> None:
    page = await several.ask("{ orders(first: 1) { pageInfo { endCursor } } }")
    cursor = page["data"]["orders"]["pageInfo"]["endCursor"]
    await several.calls()
    answer = await several.ask(
        "query ($c: String) { searchItems(after: $c) { edges { node { sku } } } }", {"c": cursor}
    )
    assert failures(answer) == [("searchItems", "erp", "SOURCE_REJECTED")]
    assert await several.calls() == {}


# ---------------------------------------------------------------- whoever may see one company only


def as_one_of(companies: str, customers: str = "*") -> dict[str, str]:
    bearer = development_key.Bearer("rep", SCOPES, companies.split(), customers.split())
    return {"Authorization": f"Bearer {development_key.token(bearer)}"}


async def test_whoever_sees_one_company_is_not_kept_from_it_by_anothers_system_nor_asks_it(several: Several) -> None:
    await several.fault("erp.ca", status=503)
    asked = """{ items(skus: ["BOLT", "MAPLE"]) { company } customer(number: "C1") { company }
      searchItems { totalCount edges { node { company sku } } } orders { totalCount } customers { totalCount } }"""
    assert await several.ask(asked, **as_one_of("US")) == {
        "data": {
            "items": [{"company": "US"}, None],
            "customer": {"company": "US"},
            "searchItems": {
                "totalCount": 2,
                "edges": [{"node": {"company": "US", "sku": "BOLT"}}, {"node": {"company": "US", "sku": "NUT"}}],
            },
            "orders": {"totalCount": 4},
            "customers": {"totalCount": 2},
        }
    }
    assert {name for name in await several.calls_by_system() if name.startswith("erp")} == {"erp.us"}


@pytest.mark.parametrize(
    ("customers", "seen"),
    [("C1", ["CA C1", "US C1"]), ("US:C2", ["US C2"]), ("CA:C9 US:C1", ["CA C9", "US C1"]), ("US:C9", [])],
)
async def test_a_reach_over_both_companies_is_told_to_each_as_far_as_it_concerns_it(
    several: Several, customers: str, seen: list[str]
) -> None:
    asked = "{ customers { totalCount edges { node { company number } } } }"
    page = (await several.ask(asked, **as_one_of("*", customers)))["data"]["customers"]
    assert [f"{edge['node']['company']} {edge['node']['number']}" for edge in page["edges"]] == seen
    assert page["totalCount"] == len(seen)


# ---------------------------------------------------------------- who they are


async def test_every_system_shows_by_its_own_name(several: Several) -> None:
    await several.fault("erp.ca", status=503)
    await several.ask(BOTH)
    answer = await several.ask("{ sources { name state } }")
    states = {row["name"]: row["state"] for row in answer["data"]["sources"]}
    assert list(states) == [
        "erp.us", "erp.ca", "crm.us", "crm.ca", "wms.reno", "wms.dallas", "wms.toronto", "carrier.ups", "carrier.any",
    ]  # fmt: skip
    assert states["erp.us"] == "UP"
    assert states["erp.ca"] != "UP"


async def test_what_was_asked_of_whom_is_told_by_their_names(several: Several) -> None:
    answer = await several.ask('{ item(sku: "NUT") { name } }', **{"X-Crossdock-Sources": "true"})
    told = {row["source"]: (row["calls"], row["keys"]) for row in answer["extensions"]["sources"]}
    assert told == {"erp.us": (1, 1), "erp.ca": (1, 1)}


# ---------------------------------------------------------------- the cache


async def test_what_is_remembered_of_one_company_is_not_the_others() -> None:
    async with several_over(WORLDS, SYSTEMS, cache={"enabled": True}) as several:
        first = await several.ask(BOTH)
        again = await several.ask(BOTH)
        assert again == first
        calls = await several.calls()
        assert (calls["erp.us GET /items"], calls["erp.ca GET /items"]) == (1, 1)
        told = await several.ask("{ sources { name cacheHitRatio } }")
        ratios = {row["name"]: row["cacheHitRatio"] for row in told["data"]["sources"]}
        assert ratios["erp.us"] == ratios["erp.ca"] == 0.5


async def test_an_answer_without_the_company_that_is_down_is_not_taken_for_the_whole_later() -> None:
    async with several_over(WORLDS, SYSTEMS, cache={"enabled": True}) as several:
        await several.fault("erp.ca", status=503)
        found = await several.ask('{ customer(number: "C1") { company } }')
        assert found == {"data": {"customer": {"company": "US"}}}
        await several.mend()
        assert failures(await several.ask('{ customer(number: "C1") { company } }')) == [("customer", "", "AMBIGUOUS")]
        counted = await several.calls()
        assert (counted["erp.us GET /customers"], counted["erp.ca GET /customers"]) == (1, 2)


async def test_each_system_is_checked_by_its_own_name(several: Several, tmp_path: Path) -> None:
    lines = ['mode = "development"']
    for name, address in several.addresses.items():
        role, _, own = name.partition(".")
        lines += [f"[sources.{role}.systems.{own}]", f'url = "{address}"', 'token = "sandbox"']
        lines += [f"{field} = {value}" for field, value in SYSTEMS[role][own].items() if field != "world"]
    path = tmp_path / "crossdock.toml"
    path.write_text("\n".join(lines).replace("'", '"'))
    found = await asyncio.to_thread(CliRunner().invoke, main, ["check", "erp.ca", "--config", str(path)])
    assert found.output.startswith("erp.ca: Crossdock source contract at 127.0.0.1:")
    assert found.exit_code == 0, found.output
    assert set(await several.calls_by_system()) == {"erp.ca"}
    unknown = await asyncio.to_thread(CliRunner().invoke, main, ["check", "erp", "--config", str(path)])
    assert unknown.output.startswith('Error: "erp" is no source; known: erp.us, erp.ca, crm.us')
