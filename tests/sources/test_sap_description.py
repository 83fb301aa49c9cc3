"""SAP's own description of the sales order simulation has nothing against our requests: Prism stands over it as a process.

It describes none of the other services. It says that a body must have a `SalesOrder`, which there is none of before an order is saved:
ours is sent empty.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from described import Judge, description, judge_by
from s4hana_over import good, options, s4hana
from upstream import call

from sources.models import Basket, BasketLine, PriceTerms
from tests.connectors.sap import BASKET

JSON = {"Authorization": "Basic dTpw", "Content-Type": "application/json", "Accept": "application/json"}
WHERE = "/A_SalesOrderSimulation"


@pytest.fixture(scope="module")
async def judge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Judge]:
    file = description("sap-sales-order-simulation.json")
    if file is None:
        pytest.skip("the vendor's description stands beside a checkout only")
    answerable = tmp_path_factory.mktemp("sap") / file.name
    answerable.write_bytes(with_an_answer(file.read_bytes()))
    async with judge_by(answerable) as judging:
        yield judging


def with_an_answer(content: bytes) -> bytes:
    """Its answers refer to themselves without end, so that Prism can invent none: it is given one. What it says of requests stays."""
    told = msgspec.json.decode(content)
    told["paths"][WHERE]["post"]["responses"]["201"]["content"]["application/json"]["example"] = {"d": {}}
    return msgspec.json.encode(told)


async def questions() -> list[bytes]:
    """What is sent for all that can be asked of a simulation."""
    server = good()
    server.prices = {**server.prices, "M" * 40: "1"}
    terms = [
        PriceTerms("US", "C1", "I1", Decimal("2.5"), uom="CAR", ship_to="D1", on=BASKET.requested_date),
        PriceTerms("US", "C1", "M" * 40, Decimal("999999999999.999")),
        PriceTerms("US", "C2", "I2", Decimal("1E+3")),
    ]
    async with s4hana(server, options(ship_to_function="WE")) as erp:
        assert len(await erp.prices(call(), terms)) == 3
        await erp.simulate(call(), BASKET)
        await erp.simulate(call(), Basket("US", "C1", (BasketLine("I1", Decimal(1)),)))
    return [body for method, _, body in server.heard if method == "POST"]


async def test_the_vendors_description_has_nothing_against_our_simulations(judge: Judge) -> None:
    bodies = await questions()
    assert len(bodies) == 5
    assert [await judge.of("POST", WHERE, headers=JSON, content=body) for body in bodies] == [[]] * 5


def spoilt(body: dict[str, Any], **more: Any) -> bytes:
    return msgspec.json.encode({**body, **more})


@pytest.mark.parametrize(
    "wrong",
    [
        {"SalesOrderType": "ORDER"},
        {"SoldToParty": 17},
        {"to_Item": [{"Material": "I1"}]},
        {"to_Item": {"results": [{"SalesOrderItem": "10", "RequestedQuantity": 5}]}},
    ],
    ids=["length", "type", "list", "number"],
)
async def test_it_would_have_refused_what_is_wrong(judge: Judge, wrong: dict[str, Any]) -> None:
    body = msgspec.json.decode((await questions())[0])
    assert await judge.of("POST", WHERE, headers=JSON, content=spoilt(body, **wrong)) != []


async def test_it_demands_a_number_of_an_order_that_is_not_saved(judge: Judge) -> None:
    body = msgspec.json.decode((await questions())[0])
    del body["SalesOrder"]
    found = await judge.of("POST", WHERE, headers=JSON, content=msgspec.json.encode(body))
    assert [each["code"] for each in found] == ["required"]
