"""What events and submissions tell of an order, put together in any order, and what follows from it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from happened import NOON, moved
from hypothesis import given
from hypothesis import strategies as st
from scripted_day import events, submissions

from orders import attention
from orders.milestones import Milestones, News, adopted, news_of_event, news_of_submission, together
from orders.observations import Figure, observed
from orders.problems import ProblemCode
from orders.record import Step, StepStatus, Submission, SubmissionLine, SubmissionStatus
from sources.events import EVENTS, Event, new_event
from sources.happenings import OrderMoved, PickShort
from sources.models import TrackingStatus
from tests.orders.invented import line, problem, request, submission

US_1 = "order/US/1"


def at(minute: int) -> int:
    return round((NOON + timedelta(minutes=minute)).timestamp() * 1000)


def told(*events: Event) -> Milestones:
    known = Milestones()
    for event in events:
        news = news_of_event(event)
        assert news is not None
        assert news.subject == US_1
        known = together(known, news.milestones)
    return known


def shipped(kind: str, minute: int, shipment: str = "S1", **data: Any) -> Event:
    plain: dict[str, Any] = {"order": "1", "tracking_number": None, "shipment": shipment}
    return moved(f"shipment.{kind}", at=minute, **{**plain, **data})


def ordered(kind: str, minute: int) -> Event:
    data = OrderMoved(company="US", order="1")
    return new_event(f"order.{kind}", data, id=f"{kind}-{minute}", source="/erp", time=NOON + timedelta(minutes=minute))


def figures(known: Milestones, **zone: Any) -> dict[str, tuple[str, float | None]]:
    return {each.figure.value: (each.label, each.seconds) for each in observed(known, **zone)}


WHOLE = [
    ordered("accepted", 0),
    ordered("released", 1),
    shipped("confirmed", 31, tracking_numbers=("1Z", "2Z")),
    shipped("delivered", 60, tracking_number="1Z"),
    shipped("delivered", 90, tracking_number="2Z"),
]


# ---------------------------------------------------------------- in any order, any number of times

NEWS = [
    *(news for each in submissions() for news in news_of_submission(each)),
    *(news for each in events() if (news := news_of_event(each)) is not None),
]


def all_of(news: list[News]) -> dict[str, Milestones]:
    known: dict[str, Milestones] = {}
    for subject, milestones in news:
        known[subject] = together(known.get(subject, Milestones()), milestones)
    return known


@given(st.permutations(NEWS), st.lists(st.sampled_from(NEWS)))
def test_in_whatever_order_and_however_often_it_is_told_it_comes_to_the_same(
    shuffled: list[News], more: list[News]
) -> None:
    assert all_of(shuffled + more) == all_of(NEWS)


@given(st.permutations(range(5)))
def test_an_orders_figures_hang_on_no_order_of_its_events(order: list[int]) -> None:
    assert figures(told(*(WHOLE[place] for place in order))) == {
        "order_cycle": ("", 5_400),
        "perfect_order": ("UNDATED", None),
        "shipment_confirmation": ("", 1_800),
    }


# ---------------------------------------------------------------- delivered


def test_an_order_is_delivered_once_the_last_parcel_of_its_last_shipment_is() -> None:
    known = told(*WHOLE[:4])
    assert known.delivered is None
    assert told(*WHOLE).delivered == at(90)
    assert together(told(*WHOLE), told(shipped("created", 95, "S2"))).delivered is None
    both = told(*WHOLE, shipped("created", 95, "S2"), shipped("delivered", 120, "S2"))
    assert both.delivered == at(120)


def test_a_parcel_that_is_named_late_is_waited_for() -> None:
    first = told(ordered("accepted", 0), shipped("delivered", 60, tracking_number="1Z"))
    assert first.delivered == at(60)
    assert together(first, told(shipped("confirmed", 31, tracking_numbers=("1Z", "2Z")))).delivered is None


def test_a_cancelled_shipment_is_not_waited_for_and_spoils_the_order() -> None:
    known = told(*WHOLE, shipped("created", 5, "S2"), shipped("cancelled", 50, "S2"))
    assert known.delivered == at(90)
    due = together(known, Milestones(due=NOON.date()))
    assert figures(due)["perfect_order"] == ("EXCEPTION", None)


def test_an_order_that_was_cancelled_is_never_delivered_and_its_confirmations_stay() -> None:
    assert set(figures(told(*WHOLE, ordered("cancelled", 40)))) == {"shipment_confirmation"}


def test_nothing_is_delivered_where_every_shipment_was_cancelled() -> None:
    assert told(ordered("accepted", 0), shipped("cancelled", 1)).delivered is None


def test_of_two_tellings_of_one_thing_the_earlier_counts() -> None:
    twice = told(*WHOLE, ordered("accepted", 9), shipped("delivered", 99, tracking_number="2Z"))
    assert figures(twice)["order_cycle"] == ("", 5_400)


def test_what_would_have_ended_before_it_began_took_no_time() -> None:
    known = told(ordered("released", 40), shipped("confirmed", 31))
    assert figures(known) == {"shipment_confirmation": ("", 0)}


# ---------------------------------------------------------------- perfect


@pytest.mark.parametrize(
    ("due", "more", "verdict"),
    [
        (NOON.date(), [], "PERFECT"),
        (NOON.date() - timedelta(days=1), [], "LATE"),
        (NOON.date(), [shipped("exception", 70, tracking_number="2Z")], "EXCEPTION"),
        (NOON.date(), [shipped("in_transit", 70, status=TrackingStatus.RETURNED)], "EXCEPTION"),
        (NOON.date() - timedelta(days=1), [shipped("exception", 99)], "LATE|EXCEPTION"),
        (None, [shipped("exception", 70)], "UNDATED"),
    ],
)
def test_an_order_is_perfect_unless_something_is_wrong(due: date | None, more: list[Event], verdict: str) -> None:
    known = together(told(*WHOLE, *more), Milestones(due=due))
    assert figures(known)["perfect_order"] == (verdict, None)


def test_a_short_pick_counts_once_for_each_item_of_a_shipment_and_one_that_was_not_short_never() -> None:
    def picked(sku: str, found: int, minute: int) -> Event:
        data = PickShort(company="US", order="1", shipment="S1", sku=sku, ordered=Decimal(5), picked=Decimal(found))
        return new_event("pick.short", data, id=f"{sku}-{found}", source="/wms", time=NOON + timedelta(minutes=minute))

    known = told(*WHOLE, picked("BOLT", 3, 20), picked("BOLT", 4, 25), picked("NUT", 0, 21))
    assert news_of_event(picked("NUT", 5, 30)) is None
    shorts = [(each.part, each.at) for each in observed(known) if each.figure is Figure.SHORT_PICK]
    assert shorts == [("S1/BOLT", at(20)), ("S1/NUT", at(21))]
    assert figures(together(known, Milestones(due=NOON.date())))["perfect_order"] == ("SHORT", None)


def test_the_day_it_is_due_by_ends_where_the_distributor_is() -> None:
    known = together(told(shipped("delivered", 840)), Milestones(due=NOON.date()))  # 02:00 of the next day in UTC
    assert figures(known)["perfect_order"] == ("LATE", None)
    assert figures(known, zone=ZoneInfo("America/Los_Angeles"))["perfect_order"] == ("PERFECT", None)


# ---------------------------------------------------------------- whose it is


def test_a_carriers_event_is_of_a_parcel_until_somebody_says_whose_it_is() -> None:
    unknown = news_of_event(moved("shipment.delivered", at=60, company=None, shipment=None))
    assert unknown is not None
    assert unknown.subject == "parcel/1Z"
    assert list(observed(unknown.milestones)) == []
    known = adopted(told(*WHOLE[:3]), unknown.milestones)
    assert known == told(*WHOLE[:4])


def test_what_is_no_milestone_or_nobodys_is_left_out() -> None:
    nobodys = [shipped("confirmed", 1, order=None), shipped("confirmed", 1, company=None)]
    assert [news_of_event(each) for each in (*nobodys, shipped("in_transit", 1), ordered("held", 1))] == [None] * 4


MILESTONES = {
    "order.accepted", "order.released", "order.cancelled", "pick.short", "shipment.created",
    "shipment.confirmed", "shipment.exception", "shipment.delivered", "shipment.cancelled",
}  # fmt: skip


@pytest.mark.parametrize("kind", EVENTS)
def test_a_type_of_event_is_a_milestone_or_none(kind: str) -> None:
    given: dict[str, Any] = {"company": "US", "order": "1", "shipment": "S1", "sku": "BOLT", "ordered": 2, "picked": 1}
    needed = {"submission": "s", "purchaseOrder": "1", "returnNumber": "1", "invoice": "1", "trackingNumber": "1Z"}
    data = msgspec.convert(given | needed, EVENTS[kind].data)
    news = news_of_event(new_event(kind, data, id="1", source="/x", time=NOON))
    assert (news is not None) is (kind in MILESTONES)


# ---------------------------------------------------------------- submissions

THEN = datetime(2026, 6, 30, 12, tzinfo=UTC)


def accepted(**fields: Any) -> Submission:
    released = Step("release", StepStatus.DONE, 1, THEN, THEN)
    plain: dict[str, Any] = {"status": SubmissionStatus.ACCEPTED, "erp_order_number": "1", "steps": (released,)}
    return submission(1, **{"ended_at": THEN + timedelta(seconds=1), **plain, **fields})


def test_an_accepted_submission_tells_of_its_order_too() -> None:
    day = date(2026, 7, 2)
    mine, order = news_of_submission(accepted(shipments=("S1", "S2"), request=request(requested_date=day)))
    assert (mine.subject, order.subject) == ("s0001", US_1)
    known = order.milestones
    assert (known.accepted, known.released, known.due) == (at(0) + 1_000, at(0), day)
    assert list(known.shipments) == ["S1", "S2"]
    assert known.delivered is None


def test_one_that_is_under_way_and_that_nobody_touched_tells_nothing() -> None:
    for status in ("QUEUED", "RUNNING", "RECONCILING"):
        assert news_of_submission(submission(1, status=SubmissionStatus(status))) == []


def test_a_failure_that_is_tried_again_counts_no_more() -> None:
    failed = submission(1, status=SubmissionStatus.FAILED, ended_at=THEN)
    again = submission(1, run=2, steps=(Step("retry", StepStatus.DONE, 1),))
    (before,), (after,) = news_of_submission(failed), news_of_submission(again)
    assert [each.label for each in observed(before.milestones)] == ["DIRECT:FAILED"]
    assert list(observed(together(before.milestones, after.milestones))) == []
    assert list(observed(together(after.milestones, before.milestones))) == []


def test_a_wait_counts_once_and_once_under_each_of_its_reasons() -> None:
    codes = (ProblemCode.CREDIT_HOLD, ProblemCode.DUPLICATE_PO)
    held = submission(1, status=SubmissionStatus.NEEDS_ATTENTION, ended_at=THEN, problems=tuple(map(problem, codes)))
    assert [list(observed(each.milestones)) for each in news_of_submission(held)] == [[]]
    decided = attention.retried(held, "clerk", THEN + timedelta(minutes=3), "")
    (news,) = news_of_submission(decided.changed(run=2, status=SubmissionStatus.RUNNING))
    assert [(each.figure.value, each.label, each.seconds) for each in observed(news.milestones)] == [
        ("exception", "", 180),
        ("exception_reason", "CREDIT_HOLD", 180),
        ("exception_reason", "DUPLICATE_PO", 180),
    ]


def due_of(**fields: Any) -> date | None:
    return news_of_submission(accepted(**fields))[-1].milestones.due


def test_without_a_requested_day_an_order_is_due_when_the_last_line_was_promised_if_all_were() -> None:
    def promised(day: int | None) -> SubmissionLine:
        return SubmissionLine(1, "BOLT", Decimal(1), "EA", promised_date=None if day is None else date(2026, 7, day))

    assert due_of(lines=(promised(3), promised(5))) == date(2026, 7, 5)
    assert due_of(lines=(promised(3), promised(None))) is None
    assert due_of(lines=(promised(3),), request=request(line(), requested_date=date(2026, 7, 1))) == date(2026, 7, 1)
    assert due_of() is None
