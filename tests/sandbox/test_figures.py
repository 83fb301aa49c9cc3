"""What orders written since the data set weigh: taken off again whole, whatever became of them in between."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sandbox.facts import Dataset
from sandbox.facts_orders import Order, OrderLine, Progress
from sandbox.figures import Figures
from sandbox.flows import Place

DATA = Dataset.from_builtins(
    {
        "items": [{"sku": "A", "uoms": [{"code": "CS", "factor": "12"}]}, {"sku": "B"}],
        "customers": [{"number": "C", "billTo": "HEAD"}, {"number": "HEAD"}],
    }
)
DAYS = (None, date(2026, 7, 3), date(2026, 7, 9))


@st.composite
def progress(draw: st.DrawFn) -> Progress:
    parts = [Decimal(draw(st.integers(0, 9))) for _ in range(5)]
    return Progress(sum(parts, Decimal(0)), *parts)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    lines = draw(
        st.lists(
            st.builds(
                OrderLine,
                number=st.just(1),
                sku=st.sampled_from(["A", "B"]),
                quantity=st.just(Decimal(1)),
                uom=st.sampled_from(["EA", "CS"]),
                unit_price=st.decimals("0", "99", places=4),
                total=st.just(Decimal(0)),
                promised_date=st.sampled_from(DAYS),
                progress=progress(),
            ),
            max_size=3,
        )
    )
    return Order(
        company="US",
        number="1",
        customer="C",
        status=draw(st.sampled_from(["OPEN", "RELEASED", "CLOSED"])),
        status_text="",
        placed_at=datetime(2026, 6, 30, tzinfo=UTC),
        requested_date=draw(st.sampled_from(DAYS)),
        currency="USD",
        total=Decimal(0),
        lines=tuple(lines),
    )


def weights(figures: Figures) -> list[dict[Any, Decimal]]:
    """What is held, waited for and owed; where it comes to nothing, it is as if it had never been."""
    demand = {(place, day): each for place, days in figures.flows.demand.items() for day, each in days.items()}
    return [{key: each for key, each in side.items() if each} for side in (figures.held, demand, figures.owed)]


@given(st.lists(orders(), min_size=1, max_size=5))
def test_only_the_last_state_of_an_order_weighs_and_cancelled_it_weighs_nothing(states: list[Order]) -> None:
    figures, direct = Figures(DATA), Figures(DATA)
    before = None
    for state in states:
        figures.replace(before, state, "RNO")
        before = state
    direct.replace(None, states[-1], "RNO")
    assert weights(figures) == weights(direct)
    figures.replace(states[-1], msgspec.structs.replace(states[-1], status="CANCELLED"), "RNO")
    assert weights(figures) == [{}, {}, {}]


def test_an_order_weighs_on_its_warehouse_in_base_units_and_on_all_accounts_that_pay() -> None:
    line = OrderLine(
        number=1,
        sku="A",
        quantity=Decimal(5),
        uom="CS",
        unit_price=Decimal(10),
        total=Decimal(50),
        promised_date=date(2026, 7, 3),
        progress=Progress(
            Decimal(5), allocated=Decimal(1), picked=Decimal(1), shipped=Decimal(1), backordered=Decimal(2)
        ),
    )
    order = Order(
        company="US",
        number="1",
        customer="C",
        status="OPEN",
        status_text="",
        placed_at=datetime(2026, 6, 30, tzinfo=UTC),
        currency="USD",
        total=Decimal(50),
        lines=(line,),
    )
    figures = Figures(DATA)
    figures.replace(None, order, "RNO")
    place = Place("US", "A", "RNO")
    assert figures.held == {place: Decimal(24)}
    assert figures.flows.demand == {place: {date(2026, 7, 3): Decimal(48)}}
    assert figures.owed == {("US", "C"): Decimal(40), ("US", "HEAD"): Decimal(40)}
