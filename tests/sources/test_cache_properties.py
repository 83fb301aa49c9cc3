"""Whatever is asked, in whatever order, with whatever going down and becoming invalid: no promise of the policy is broken."""

import asyncio
import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Caller, Clock, Ledger

from sources.cache import Cache, CacheLimits
from sources.errors import SourceError
from sources.models import PriceTerms
from sources.policy import POLICY
from sources.remembered import RememberedErp, RememberedWms

FACTS = ("item", "price", "stock")
TERMS = PriceTerms("US", "C1", "A", Decimal(1))
TURNS = st.sampled_from([0.0, 0.5, 1.999, 2.0, 15.0, 29.9, 31.0, 300.0, 601.0, 4200.0])
AGES = st.sampled_from([None, None, None, 0.0, 1.0, 20.0, 1000.0])
STEPS = st.one_of(
    st.tuples(st.just("turn"), TURNS),
    st.tuples(st.sampled_from(FACTS), AGES),
    st.tuples(st.sampled_from(FACTS), st.none()),
    st.tuples(st.just("down"), st.booleans()),
    st.tuples(st.just("invalidate"), st.sampled_from([*FACTS, None])),
)


class Moment(NamedTuple):
    step: int
    at: float


class Dated(Ledger):
    """Every answer has a version of its own, and it is known when its question was asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock, self.step = clock, 0
        self.asked_at: dict[int, Moment] = {}

    async def answer_to(self, operation: str, numbers: Sequence[str]) -> str:
        self.version += 1
        self.asked_at[self.version] = Moment(self.step, self.clock.now)
        return await super().answer_to(operation, numbers)


class World:
    def __init__(self, cache: Cache, ledger: Dated) -> None:
        self.cache, self.ledger = cache, ledger
        self.erp: Any = RememberedErp(ledger, cache)  # type: ignore[arg-type]  # plays the roles' tested parts
        self.wms: Any = RememberedWms(ledger, cache)  # type: ignore[arg-type]
        self.invalid_since = dict.fromkeys(FACTS, -1)

    async def ask(self, fact: str, max_age: float | None) -> Any:
        call = Caller().call(max_age=max_age)
        try:
            if fact == "item":
                found = await self.erp.items(call, "US", ["A"])
            elif fact == "price":
                found = await self.erp.prices(call, [TERMS])
            else:
                found = await self.wms.stock(call, "US", ["A"], warehouses=())
        except SourceError as error:
            return error
        (answer,) = found.values()
        return answer

    async def check(self, fact: str, max_age: float | None) -> None:
        """Ask, and hold the answer against the policy."""
        before = self.ledger.version
        found = await self.ask(fact, max_age)
        if max_age == 0:
            assert self.ledger.version == before + 1, "no-cache reaches the source"
        if isinstance(found, SourceError):
            assert self.ledger.is_down, "an error only comes from a source that is down"
            return
        asked = self.ledger.asked_at[version(found)]
        age, policy = self.ledger.clock.now - asked.at, POLICY[fact]
        assert asked.step > self.invalid_since[fact], "what was asked before it became invalid is never served"
        if getattr(found, "stale", False):
            assert max_age is None, "a demand for freshness is never answered by a stale fact"
            assert policy.fresh_seconds <= age < policy.kept_seconds
            assert self.ledger.is_down or policy.stale_on == "refresh"
        else:
            assert age < policy.fresh_seconds, "past its policy a fact is never served as fresh"
            assert max_age is None or age < max_age or asked.step == self.ledger.step


def version(found: Any) -> int:
    if hasattr(found, "today"):
        return int(found.today.toordinal())
    return int(found.unit.amount) if hasattr(found, "unit") else int(found.name)


async def lived(steps: list[tuple[str, Any]]) -> None:
    clock = Clock()
    async with Cache(CacheLimits(max_entries=2), clock=clock) as cache:
        world = World(cache, Dated(clock))
        for number, (step, value) in enumerate(steps):
            world.ledger.step = number
            if step == "turn":
                clock.now += value
            elif step == "down":
                world.ledger.is_down = value
            elif step == "invalidate":
                await cache.invalidate(value)
                world.invalid_since |= dict.fromkeys([value] if value else FACTS, number)
            else:
                await world.check(step, value)
                await cache.loads.quiet()


@settings(max_examples=int(os.environ.get("CROSSDOCK_EXAMPLES", "400")), deadline=None)
@given(st.lists(STEPS, min_size=3, max_size=30))
def test_no_order_of_questions_outages_and_invalidations_breaks_the_policy(steps: list[tuple[str, Any]]) -> None:
    asyncio.run(lived(steps))
