"""Reading through the cache, by a clock that stands until it is turned: what is served, for how long, and what is asked."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from ledger import BOLT, Caller, Clock, Desk, Ledger

from sources.cache import Cache
from sources.call import Recalled
from sources.errors import SourceUnavailable
from sources.models import Key
from sources.policy import POLICY, PolicyChange, policies
from sources.viewer import Viewer


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = Clock()
    async with Cache(clock=clock) as cache:
        yield Desk(cache, Ledger("US", "CA"), clock)


# ---------------------------------------------------------------- fresh, stale, gone


async def test_a_fact_is_asked_for_once_while_it_is_fresh_and_again_the_moment_it_is_not(desk: Desk) -> None:
    assert await desk.price() == 1
    desk.ledger.version = 2
    desk.clock.now += 29.999
    assert await desk.price() == 1
    assert desk.ledger.calls["prices"] == 1
    desk.clock.now += 0.001
    assert await desk.price() == 2
    assert desk.ledger.calls["prices"] == 2


async def test_a_fact_ages_from_the_moment_its_load_began_not_from_when_it_came(desk: Desk) -> None:
    desk.ledger.gate.clear()
    asking = asyncio.create_task(desk.price())
    await desk.ledger.entered.wait()
    desk.clock.now += 20
    desk.ledger.gate.set()
    assert await asking == 1
    desk.ledger.version = 2
    desk.clock.now += 10
    assert await desk.price() == 2


async def test_an_item_past_its_policy_is_served_stale_while_it_is_read_anew(desk: Desk) -> None:
    await desk.name()
    desk.ledger.version = 2
    desk.clock.now += 601
    (stale,) = (await desk.erp.items(desk.caller.call(), "US", ["BOLT"])).values()
    assert (stale.name, stale.stale) == ("1", True)
    assert desk.caller.told[-1] == Recalled("erp", "item", 1, 1, 1, 601.0, 0.0)
    await desk.cache.loads.quiet()
    (fresh,) = (await desk.erp.items(desk.caller.call(), "US", ["BOLT"])).values()
    assert (fresh.name, fresh.stale) == ("2", False)
    assert desk.ledger.calls["items"] == 2


async def test_an_item_that_is_stale_for_too_long_is_waited_for(desk: Desk) -> None:
    await desk.name()
    desk.ledger.version = 2
    desk.clock.now += 600 + 3600
    assert await desk.name() == {BOLT: "2"}


async def test_many_who_are_served_stale_cost_one_refresh(desk: Desk) -> None:
    await desk.name()
    desk.clock.now += 601
    await asyncio.gather(*[desk.name() for _ in range(50)])
    await desk.cache.loads.quiet()
    assert desk.ledger.calls["items"] == 2


async def test_stock_is_served_stale_on_an_outage_only_says_so_and_not_for_long(desk: Desk) -> None:
    async def stock() -> Any:
        (found,) = (await desk.wms.stock(desk.caller.call(), "US", ["BOLT"], warehouses=())).values()
        return found.today.day, found.stale

    assert await stock() == (1, False)
    desk.ledger.version = 2
    desk.clock.now += 2
    assert await stock() == (2, False)
    desk.ledger.is_down = True
    desk.clock.now += 31
    assert await stock() == (2, True)
    desk.clock.now += 1
    with pytest.raises(SourceUnavailable):
        await stock()
    assert desk.ledger.calls["stock"] == 4


async def test_a_price_is_never_served_stale(desk: Desk) -> None:
    await desk.price()
    desk.ledger.is_down = True
    desk.clock.now += 30
    with pytest.raises(SourceUnavailable):
        await desk.price()


async def test_orders_and_credit_are_asked_for_every_time_and_that_is_told(desk: Desk) -> None:
    for _ in range(2):
        await desk.erp.orders(desk.caller.call(), "US", ["SO-1"])
        await desk.erp.credit_by_customer(desk.caller.call(), "US", ["C1", "C2"])
    assert dict(desk.ledger.calls) == {"orders": 2, "credit_by_customer": 2}
    assert desk.caller.told == 2 * [Recalled("erp", "order", 1, 0, 0, 0, 0), Recalled("erp", "credit", 2, 0, 0, 0, 0)]
    assert {"credit", "simulation"}.isdisjoint(POLICY)


# ---------------------------------------------------------------- a caller's own demand


async def test_a_caller_who_wants_no_cache_reaches_the_source_every_time(desk: Desk) -> None:
    for asked in range(1, 4):
        desk.ledger.version = asked
        assert await desk.name(max_age=0) == {BOLT: str(asked)}
    assert desk.ledger.calls["items"] == 3
    assert await desk.name() == {BOLT: "3"}  # and what it found serves the others
    assert desk.ledger.calls["items"] == 3


async def test_a_caller_who_wants_no_cache_joins_no_call_that_began_before(desk: Desk) -> None:
    desk.ledger.gate.clear()
    earlier = asyncio.create_task(desk.name())
    await desk.ledger.entered.wait()
    desk.ledger.entered.clear()
    desk.ledger.version = 2
    demanding = asyncio.create_task(desk.name(max_age=0))
    await desk.ledger.entered.wait()
    desk.ledger.gate.set()
    assert await earlier == {BOLT: "1"}
    assert await demanding == {BOLT: "2"}
    assert desk.ledger.calls["items"] == 2


async def test_a_caller_who_demands_freshness_gets_an_error_from_a_source_that_is_down_where_others_get_stale_facts(
    desk: Desk,
) -> None:
    await desk.name()
    desk.ledger.is_down = True
    with pytest.raises(SourceUnavailable):
        await desk.name(max_age=0)
    desk.clock.now += 601
    with pytest.raises(SourceUnavailable):
        await desk.name(max_age=900)
    assert await desk.name() == {BOLT: "1"}


async def test_a_maximum_age_is_held_within_the_policy(desk: Desk) -> None:
    await desk.name()
    desk.ledger.version = 2
    desk.clock.now += 60
    assert await desk.name(max_age=61) == {BOLT: "1"}
    assert await desk.name(max_age=60) == {BOLT: "2"}


# ---------------------------------------------------------------- what does not exist, what fails


async def test_does_not_exist_is_believed_for_five_seconds(desk: Desk) -> None:
    desk.ledger.absent.add("BOLT")
    assert await desk.name() == {}
    desk.clock.now += 4.999
    assert await desk.name() == {}
    assert desk.ledger.calls["items"] == 1
    desk.ledger.absent.clear()
    desk.clock.now += 0.001
    assert await desk.name() == {BOLT: "1"}


async def test_a_failure_is_not_remembered(desk: Desk) -> None:
    desk.ledger.is_down = True
    with pytest.raises(SourceUnavailable):
        await desk.name()
    desk.ledger.is_down = False
    assert await desk.name() == {BOLT: "1"}


async def test_of_a_batch_only_what_is_not_known_is_asked_for_and_only_that_fails(desk: Desk) -> None:
    call = desk.caller.call()
    await desk.erp.items(call, "US", ["A", "B"])
    desk.ledger.is_down = True
    found = await desk.erp.items(call, "US", ["A", "B", "C"])
    assert [type(each).__name__ for each in found.values()] == ["Item", "Item", "SourceUnavailable"]
    assert dict(desk.ledger.asked) == {"A": 1, "B": 1, "C": 1}


# ---------------------------------------------------------------- who may share


async def test_the_entries_of_one_company_never_answer_another_nor_a_question_without_one(desk: Desk) -> None:
    assert await desk.name("US") == {Key("US", "BOLT"): "1"}
    desk.ledger.version = 2
    assert await desk.name("CA") == {Key("CA", "BOLT"): "2"}
    desk.ledger.version = 3
    assert await desk.name(None) == {Key("US", "BOLT"): "3", Key("CA", "BOLT"): "3"}
    assert await desk.name("US") == {Key("US", "BOLT"): "1"}
    assert await desk.name(None) == {Key("US", "BOLT"): "3", Key("CA", "BOLT"): "3"}
    assert desk.ledger.calls["items"] == 3


async def test_names_that_would_run_into_one_another_do_not(desk: Desk) -> None:
    call = desk.caller.call()
    desk.ledger.companies = ("US", "US:2", "U")
    for company, sku in [("US", "2:A"), ("US:2", "A"), ("U", "S2:A")]:
        (key,) = await desk.erp.items(call, company, [sku])
        assert key == Key(company, sku)
    assert desk.ledger.calls["items"] == 3


@pytest.mark.parametrize(
    "other",
    [
        Viewer("b", frozenset({"prices"}), frozenset({"US"}), frozenset({"C2"})),
        Viewer("b", frozenset({"prices"}), frozenset({"CA"}), frozenset({"C1"})),
        Viewer("b", frozenset(), frozenset({"US"}), frozenset({"C1"})),
    ],
)
async def test_prices_are_never_shared_by_callers_whose_rights_differ(desk: Desk, other: Viewer) -> None:
    mine = Viewer("a", frozenset({"prices"}), frozenset({"US"}), frozenset({"C1"}))
    assert await desk.price(Caller(mine)) == 1
    desk.ledger.version = 2
    assert await desk.price(Caller(other)) == 2
    assert await desk.price(Caller(Viewer("c", mine.scopes, mine.companies, mine.customers))) == 1
    assert desk.ledger.calls["prices"] == 2


# ---------------------------------------------------------------- what is told


async def test_each_batch_tells_how_much_was_remembered_how_old_it_is_and_how_long_it_holds(desk: Desk) -> None:
    call = desk.caller.call()
    await desk.erp.items(call, "US", ["A"])
    desk.clock.now += 100
    await desk.erp.items(call, "US", ["A", "B"])
    desk.clock.now += 50
    await desk.erp.items(call, "US", ["A", "B"])
    assert desk.caller.told == [
        Recalled("erp", "item", 1, 0, 0, 0.0, 600.0),
        Recalled("erp", "item", 2, 1, 0, 100.0, 500.0),
        Recalled("erp", "item", 2, 2, 0, 150.0, 450.0),
    ]


# ---------------------------------------------------------------- the table


def test_a_policy_may_be_changed_figure_by_figure() -> None:
    table = policies({"item": PolicyChange(fresh_seconds=5), "order": PolicyChange(fresh_seconds=1)})
    assert (table["item"].fresh_seconds, table["item"].stale_seconds) == (5, 3600)
    assert table["order"].fresh_seconds == 1
    assert table["customer"] == POLICY["customer"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"credit": PolicyChange(fresh_seconds=1)}, "`credit` is not remembered"),
        ({"price": PolicyChange(stale_seconds=1)}, "`price`: this fact is never served stale"),
        ({"item": PolicyChange(fresh_seconds=-1)}, "`item`: a time may not be negative"),
    ],
)
def test_what_may_not_be_remembered_cannot_be_configured(changes: dict[str, PolicyChange], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        policies(changes)
