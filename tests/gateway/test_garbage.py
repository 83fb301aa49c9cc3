"""The collector's settings hold while the gateway runs, and not a moment longer."""

import gc
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import msgspec
import pytest
from stack import stack_over

from gateway import garbage
from sandbox.data import load
from sandbox.facts import Dataset
from sources import atp, models

PORTAL = """query ($customer: String!) { customer(number: $customer) {
  name credit { available { amount } }
  orders(first: 5) { edges { node { number shipments { number parcels { tracking { status } } } } } } } }"""
QUOTE = """query ($skus: [String!]!, $customer: String!) { items(skus: $skus) {
  sku price(customer: $customer, quantity: "10") { unit { amount } } availability { available } } }"""
FAULTS: dict[str, dict[str, Any]] = {
    "503": {"status": 503},
    "429": {"status": 429},
    "half of the JSON": {"garbage": True},
    "hangs": {"hang": True},
}


@pytest.fixture
def before() -> Iterator[tuple[int, int, int]]:
    """Python's own ways, which are none of the tests'."""
    tests, own = gc.get_threshold(), (700, 10, 10)
    gc.set_threshold(*own)
    yield own
    gc.set_threshold(*tests)
    gc.freeze()


def test_they_are_tuned_inside_and_as_before_outside(before: tuple[int, int, int]) -> None:
    frozen = gc.get_freeze_count()
    with garbage.tuned():
        assert gc.get_threshold() == (100_000, 10, 10)
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_pythons_own_ways_are_left_alone(before: tuple[int, int, int]) -> None:
    with garbage.tuned(is_tuned=False):
        assert gc.get_threshold() == before


def test_a_start_is_not_held_up_and_whoever_serves_collects_again() -> None:
    with garbage.paused():
        assert not gc.isenabled()
        with garbage.tuned():
            assert gc.isenabled()
    assert gc.isenabled()
    with garbage.paused(), garbage.tuned(is_tuned=False):
        assert gc.isenabled()


async def test_a_gateway_is_tuned_for_as_long_as_it_serves(before: tuple[int, int, int]) -> None:
    async with stack_over(Dataset.from_builtins({}), garbage_collection="tuned"):
        assert gc.get_threshold() == garbage.THRESHOLDS
    assert gc.get_threshold() == before


def test_the_collector_tracks_no_canonical_fact() -> None:
    kinds = [kind for module in (models, atp) for kind in vars(module).values() if isinstance(kind, type)]
    facts = [kind for kind in kinds if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct]
    assert models.Order in facts
    assert [kind.__name__ for kind in facts if kind.__struct_config__.gc] == []


@pytest.fixture
def _collected() -> Iterator[None]:
    """Whatever only a collection would have freed is in `gc.garbage` after one."""
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield
    gc.set_debug(0)
    gc.garbage.clear()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.usefixtures("_collected")
async def test_an_operation_that_fails_lets_go_of_what_it_knew_without_a_collection(fault: dict[str, Any]) -> None:
    settings = {"cache": {"enabled": True}, "garbage_collection": "tuned"}
    async with stack_over(load("generated"), timeout_seconds=0.2, **settings) as stack:
        samples = (await stack.client.get(f"{stack.addresses['erp']}/_sandbox/samples")).json()
        given = {"skus": samples["skus"][:5], "customer": samples["customers"][0]}
        assert "errors" not in await stack.ask(QUOTE, given)
        gc.collect()
        gc.garbage.clear()
        for role in ("erp", "wms"):
            await stack.fault(role, **fault)
            for _ in range(3):
                await stack.ask(QUOTE, given, **{"cache-control": "no-cache"})
                assert "errors" in await stack.ask(PORTAL, {"customer": given["customer"]})
            await stack.mend()
        gc.collect()
        frames = [each.tb_frame.f_code.co_qualname for each in gc.garbage if isinstance(each, TracebackType)]
        assert frames == []
