"""What SAP's own check can promise, by plant and day: one part of a batch each."""

from datetime import date
from decimal import Decimal

import pytest
from s4hana_over import US, asked, good, s4hana
from upstream import call

from sources.errors import SourceContractBroken, SourceError, SourceRejected
from sources.models import (
    AtpBucket,
    Key,
    WarehousePlan,
)
from tests.connectors.sap import period

PLANTS = {"companies": {"US": US | {"plants": {"1710": "EAST", "1720": "WEST"}}}}


async def test_what_can_be_promised_is_told_by_plant_and_day_up_to_the_horizon() -> None:
    server = good()
    server.tables["A_ProductPlant"].append({"Product": "I1", "Plant": "1720"})
    server.availability = {
        ("I1", "1710"): [
            period("/Date(1767225600000)/", "5.000"), period("/Date(1767268800000)/", "4.500"),
            period("/Date(1767312000000)/", "-2.000"), period("/Date(253402214400000)/", "99"),
        ],
        ("I1", "1720"): [],
        ("I2", "1710"): [],
    }  # fmt: skip
    async with s4hana(server, PLANTS) as erp:
        found = await erp.supply_demand(call(), "US", ["I1", "I2", "X"], warehouses=(), days=60)
        west = await erp.supply_demand(call(), "US", ["I1"], warehouses=("WEST",), days=60)
        nowhere = await erp.supply_demand(call(), "US", ["I1"], warehouses=("NORTH",), days=60)
    one, two = found[Key("US", "I1")], west[Key("US", "I1")]
    assert not isinstance(one, SourceError)
    assert not isinstance(two, SourceError)
    assert one.plans == (
        WarehousePlan(
            "EAST", atp=(AtpBucket(date(2026, 1, 1), Decimal("4.500")), AtpBucket(date(2026, 1, 2), Decimal(0)))
        ),
        WarehousePlan("WEST", atp=()),
    )
    assert set(found) == {Key("US", "I1"), Key("US", "I2")}
    assert [plan.warehouse_code for plan in two.plans] == ["WEST"]
    assert nowhere == {}


@pytest.mark.parametrize("names_parts", [True, False])
async def test_parts_of_a_batch_fail_alone_whether_they_are_named_or_not(names_parts: bool) -> None:  # noqa: FBT001 - a parameter
    server = good()
    server.names_parts = names_parts
    server.availability = {("I1", "1710"): [], ("I3", "1710"): [period("never", "1")]}
    async with s4hana(server) as erp:
        found = await erp.supply_demand(call(), "US", ["I1", "I2", "I3"], warehouses=(), days=3)
    assert not isinstance(found[Key("US", "I1")], SourceError)
    refused, broken = found[Key("US", "I2")], found[Key("US", "I3")]
    assert isinstance(refused, SourceRejected)
    assert refused.reason == "ATP/002"
    assert isinstance(broken, SourceContractBroken)
    assert broken.path == "$.d.results[...].PeriodStartUTCDateTime"


async def test_more_than_a_hundred_parts_are_several_batches() -> None:
    server = good()
    numbers = [f"P{number}" for number in range(50)]
    plants = {f"17{number}": f"W{number}" for number in range(10, 13)}
    server.tables["A_ProductPlant"] = [{"Product": number, "Plant": plant} for number in numbers for plant in plants]
    server.availability = {(number, plant): [] for number in numbers for plant in plants}
    async with s4hana(server, {"companies": {"US": US | {"plants": plants}}}) as erp:
        found = await erp.supply_demand(call(), "US", numbers, warehouses=(), days=3)
    assert len(found) == 50
    assert {len(held.plans) for held in found.values() if not isinstance(held, SourceError)} == {3}
    assert len(asked(server, "$batch")) == 2
