"""Availability over the whole stack: by either method, with what is overdue, and to where. Figures worked out by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from stack import Stack, stack_over

from sandbox.facts import Dataset


def facts(today: str, *, on_hand: str, flows: Mapping[str, Sequence[tuple[str, str]]], **item: Any) -> Dataset:
    """One item in one warehouse."""
    place = {"sku": "BOLT", "warehouse": "RNO"}
    table = {
        side: [{**place, "date": day, "quantity": quantity} for day, quantity in rows] for side, rows in flows.items()
    }
    return Dataset.from_builtins(
        {
            "today": today,
            "companies": [{"code": "US", "currency": "USD"}],
            "warehouses": [{"code": "RNO"}],
            "items": [{"sku": "BOLT", "listPrice": "1.00", **item}],
            "customers": [{"number": "C1"}],
            "stock": [{**place, "onHand": on_hand}],
            **table,
        }
    )


# The published table T4: 50 on Jan 1, 40 on Feb 10, 50 on Feb 15, 50 on Mar 1; 30, 40 and 10 are owed in between.
# Receipt by receipt that leaves 50 - 30 = 20, 40 - 40 = 0, 50 - 10 = 40 and 50; added up 20, 20, 60 and 110.
RECEIPTS = facts(
    "2026-01-01",
    on_hand="50",
    flows={
        "supply": [("2026-02-10", "40"), ("2026-02-15", "50"), ("2026-03-01", "50")],
        "demand": [("2026-01-05", "30"), ("2026-02-12", "40"), ("2026-02-20", "10")],
    },
)
LEVELS = [("2026-01-01", "20"), ("2026-02-15", "60"), ("2026-03-01", "110")]
ASKED = ("10", "30", "50", "100")

PROMISED = [f'of{each}: promise(quantity: "{each}") {{ date shortfall portions {{ quantity }} }}' for each in ASKED]
PROMISES = f"""{{ item(sku: "BOLT") {{ availability(horizonDays: 90) {{
  method available timeline {{ date available }} {" ".join(PROMISED)}
}} }} }}"""


@pytest.mark.parametrize(
    ("method", "dates"),
    [
        ("CUMULATIVE_LOOKAHEAD", ("2026-01-01", "2026-02-15", "2026-02-15", "2026-03-01")),
        ("DISCRETE", ("2026-01-01", "2026-02-15", "2026-03-01", None)),
    ],
)
async def test_the_methods_differ_in_what_one_receipt_must_cover(method: str, dates: Sequence[str | None]) -> None:
    async with stack_over(RECEIPTS, availability={"method": method}) as stack:
        found = (await stack.ask(PROMISES))["data"]["item"]["availability"]
    assert (found["method"], found["available"]) == (method, "20")
    assert [(bucket["date"], bucket["available"]) for bucket in found["timeline"]] == LEVELS
    assert tuple(found[f"of{each}"]["date"] for each in ASKED) == dates
    for each, date in zip(ASKED, dates, strict=True):
        promise = found[f"of{each}"]
        assert (promise["shortfall"], promise["portions"]) == (("0", [{"quantity": each}]) if date else (each, []))


@pytest.mark.parametrize(("method", "date"), [("CUMULATIVE_LOOKAHEAD", "2026-02-15"), ("DISCRETE", "2026-03-01")])
async def test_a_quote_promises_by_the_method_of_the_settings(method: str, date: str) -> None:
    query = '{ quote(input: {customer: "C1", lines: [{sku: "BOLT", quantity: "50"}]}) { lines { promise { date } } } }'
    async with stack_over(RECEIPTS, availability={"method": method}) as stack:
        assert await stack.ask(query) == {"data": {"quote": {"lines": [{"promise": {"date": date}}]}}}


@pytest.mark.parametrize(("horizon", "complete"), [(45, True), (44, False)])
async def test_a_quote_and_a_null_horizon_look_as_far_ahead_as_the_settings_say(horizon: int, complete: bool) -> None:  # noqa: FBT001 - a parametrised value
    """Feb 15 is the 45th day after Jan 1; the 10 owed on Feb 20 are not seen from there, so 70 stand free then."""
    query = """{
      item(sku: "BOLT") { null: availability(horizonDays: null) { timeline { available } }
        bare: availability { timeline { available } } }
      quote(input: {customer: "C1", lines: [{sku: "BOLT", quantity: "60"}]}) {
        lines { promise { complete } problems { code } } }
    }"""
    async with stack_over(RECEIPTS, availability={"horizon_days": horizon}) as stack:
        found = (await stack.ask(query))["data"]
    (line,) = found["quote"]["lines"]
    assert line["promise"]["complete"] is complete
    assert line["problems"] == ([] if complete else [{"code": "INSUFFICIENT_AVAILABILITY"}])
    levels = ["20", "70"] if complete else ["20"]
    assert [bucket["available"] for bucket in found["item"]["null"]["timeline"]] == levels
    assert [bucket["available"] for bucket in found["item"]["bare"]["timeline"]] == ["20"]


# The published table T3, and beside it what is too old for a fence of 7 days. By default: -75 today, 25 from the 10th on.
OVERDUE = facts(
    "2026-06-30",
    on_hand="0",
    flows={
        "supply": [("2026-06-22", "1000"), ("2026-06-23", "200"), ("2026-07-10", "100")],
        "demand": [("2026-06-22", "500"), ("2026-06-29", "75")],
    },
)
FENCED = {
    "overdue_supply_days": 7,
    "overdue_supply_offset_days": 1,
    "overdue_demand_days": 7,
    "overdue_demand_offset_days": 1,
}


@pytest.mark.parametrize(
    ("rules", "inbound", "timeline", "promised"),
    [
        (
            FENCED,
            "300",  # 200 late, 100 to come
            [("2026-06-30", "0"), ("2026-07-01", "125"), ("2026-07-10", "225")],
            "2026-07-10",
        ),
        ({}, "100", [("2026-06-30", "0")], None),  # 500 and 75 are owed, only 100 comes in
        (
            {"overdue_supply_days": "all"},
            "1300",
            [("2026-06-30", "625"), ("2026-07-10", "725")],  # 1200 - 575
            "2026-06-30",
        ),
        ({"overdue_demand_days": 0}, "100", [("2026-06-30", "0"), ("2026-07-10", "100")], None),
        (
            {"overdue_supply_days": "all", "overdue_supply_offset_days": 31, "overdue_demand_days": 0},
            "100",  # what is late would come behind the horizon of 30 days
            [("2026-06-30", "0"), ("2026-07-10", "100")],
            None,
        ),
    ],
)
async def test_what_is_overdue_counts_as_the_settings_say(
    rules: dict[str, Any], inbound: str, timeline: list[tuple[str, str]], promised: str | None
) -> None:
    query = """{ item(sku: "BOLT") { availability {
      inbound available timeline { date available } promise(quantity: "150") { date }
    } } }"""
    async with stack_over(OVERDUE, availability=rules) as stack:
        found = (await stack.ask(query))["data"]["item"]["availability"]
    assert (found["inbound"], found["available"]) == (inbound, timeline[0][1])
    assert [(bucket["date"], bucket["available"]) for bucket in found["timeline"]] == timeline
    assert found["promise"] == {"date": promised}


async def test_the_sums_are_over_all_the_warehouses_and_an_alias_asks_nothing_more(
    stack: Stack, samples: dict[str, Any]
) -> None:
    query = """query ($skus: [String!]!) { items(skus: $skus) { availability {
      onHand allocated inbound available again: available warehouses { onHand allocated inbound available }
    } } }"""
    answer = await stack.ask(query, {"skus": samples["skus"][:20]})
    found = [item["availability"] for item in answer["data"]["items"]]
    assert len(found) == 20
    for each in found:
        assert each["again"] == each["available"]
        for figure in ("onHand", "allocated", "inbound", "available"):
            # the generated quantities are whole numbers
            assert int(each[figure]) == sum(int(place[figure]) for place in each["warehouses"])
    assert await stack.calls() == {"GET /items": 1, "GET /stock": 1, "GET /supply-demand": 1}


async def test_each_item_of_a_batch_is_told_of_the_ship_to_in_its_own_company() -> None:
    dataset = Dataset.from_builtins(
        {
            "today": "2026-06-30",
            "companies": [{"code": "CA"}, {"code": "US"}],
            "warehouses": [{"company": "US", "code": "RNO"}, {"company": "CA", "code": "YYZ"}],
            "items": [{"company": "US", "sku": "BOLT"}, {"company": "CA", "sku": "BOULON"}],
            "customers": [{"company": "US", "number": "C1"}],
            "shipTos": [{"company": "US", "code": "S1", "customer": "C1"}],
            "stock": [
                {"company": "US", "sku": "BOLT", "warehouse": "RNO", "onHand": "5"},
                {"company": "CA", "sku": "BOULON", "warehouse": "YYZ", "onHand": "7"},
            ],
        }
    )
    async with stack_over(dataset) as stack:
        answer = await stack.ask('{ items(skus: ["BOLT", "BOULON"]) { availability(shipTo: "S1") { available } } }')
    assert answer["data"]["items"] == [{"availability": {"available": "5"}}, {"availability": None}]
    (error,) = answer["errors"]
    assert error["path"] == ["items", 1, "availability"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_INPUT", "shipTo")


async def test_an_empty_ship_to_is_unknown_without_a_call(stack: Stack, samples: dict[str, Any]) -> None:
    query = 'query ($sku: String!) { item(sku: $sku) { availability(shipTo: "") { available } } }'
    answer = await stack.ask(query, {"sku": samples["skus"][0]})
    assert answer["data"]["item"] == {"availability": None}
    assert [error["extensions"]["argument"] for error in answer["errors"]] == ["shipTo"]
    assert "GET /ship-tos" not in await stack.calls()


async def test_a_ship_to_that_cannot_be_read_blanks_the_availability_and_names_the_system(
    stack: Stack, samples: dict[str, Any]
) -> None:
    await stack.fault("erp", operation="GET /ship-tos", status=503)
    query = 'query ($sku: String!) { item(sku: $sku) { sku availability(shipTo: "ANY") { available } } }'
    answer = await stack.ask(query, {"sku": samples["skus"][0]})
    assert answer["data"]["item"] == {"sku": samples["skus"][0], "availability": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["item", "availability"], "SOURCE_UNAVAILABLE")
    ]
