"""What SAP's own check can promise, by plant and day: one part of a batch each."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
import pytest
from s4hana_over import US, asked, good, s4hana
from starlette.responses import Response
from upstream import call

from sources.errors import SourceContractBroken, SourceError, SourceRateLimited, SourceRejected, SourceUnavailable
from sources.models import (
    AtpBucket,
    Key,
    SupplyDemand,
    WarehousePlan,
)
from tests.connectors.s4hana import S4Hana
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


class Failing(S4Hana):
    """Its batches come with status 202, and every part of them fails alike."""

    status, code = 503, "ATP/503"
    headers: ClassVar[dict[str, str]] = {}

    def _timeseries(self, query: Mapping[str, str]) -> Any:  # noqa: ARG002 - the server's own
        return self.status, dict(self.headers), msgspec.json.encode({"error": {"code": self.code}})


class Limiting(Failing):
    status, code = 429, "ATP/429"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "9"}


class Refusing(Failing):
    status, code = 400, "ATP/400"


def speaking_as(kind: type[S4Hana]) -> S4Hana:
    return kind(good().tables, prices={}, availability={})


async def test_a_batch_of_which_every_part_says_that_sap_cannot_is_no_answer() -> None:
    server = speaking_as(Failing)
    async with s4hana(server) as erp:
        with pytest.raises(SourceUnavailable):
            await erp.supply_demand(call(), "US", ["I1", "I2"], warehouses=(), days=3)
    assert len(asked(server, "$batch")) == 1


async def test_too_many_told_in_every_part_is_honoured_as_if_it_stood_before_them() -> None:
    server = speaking_as(Limiting)
    async with s4hana(server) as erp:
        for _ in range(2):
            with pytest.raises(SourceRateLimited) as raised:
                await erp.supply_demand(call(), "US", ["I1"], warehouses=(), days=3)
    assert raised.value.retry_after_seconds is not None
    assert 8 < raised.value.retry_after_seconds <= 9
    assert len(asked(server, "$batch")) == 1


async def test_parts_that_are_all_refused_are_each_keys_own() -> None:
    async with s4hana(speaking_as(Refusing)) as erp:
        found = await erp.supply_demand(call(), "US", ["I1", "I2"], warehouses=(), days=3)
    assert [(key.number, type(held), getattr(held, "reason", "")) for key, held in found.items()] == [
        ("I1", SourceRejected, "ATP/400"),
        ("I2", SourceRejected, "ATP/400"),
    ]


class OneLost(S4Hana):
    """The second of its batches is lost."""

    lost = 0

    def _batch(self, service: str, kind: str, body: str) -> Response:
        self.lost += 1
        told = super()._batch(service, kind, body)
        return told if self.lost == 1 else Response("{}", 500, media_type="application/json")


async def test_a_batch_that_fails_fails_its_keys_only() -> None:
    plain = good()
    numbers = [f"P{number}" for number in range(50)]
    plants = {f"17{number}": f"W{number}" for number in range(10, 14)}
    plain.tables["A_ProductPlant"] = [{"Product": number, "Plant": plant} for number in numbers for plant in plants]
    server = OneLost(
        plain.tables, prices={}, availability={(number, plant): [] for number in numbers for plant in plants}
    )
    server.page_size = 1_000
    async with s4hana(server, {"companies": {"US": US | {"plants": plants}}}) as erp:
        found = await erp.supply_demand(call(), "US", numbers, warehouses=(), days=3)
    kinds = [type(held) for held in found.values()]
    assert (kinds.count(SupplyDemand), kinds.count(SourceUnavailable)) == (25, 25)
    assert len(asked(server, "$batch")) == 2
