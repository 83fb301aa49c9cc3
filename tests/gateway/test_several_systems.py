"""Two ERPs, two CRMs, three warehouse systems, two carriers behind one gateway: each is asked what is its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from several import Several, failures, several_over
from two_companies import SYSTEMS, WORLDS

from gateway.cli import main


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[Several]:
    async with several_over(WORLDS, SYSTEMS) as running:
        yield running


@pytest.fixture
async def several(world: Several) -> AsyncIterator[Several]:
    await world.calls()
    yield world
    await world.mend()


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
