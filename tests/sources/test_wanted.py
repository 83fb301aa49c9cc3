"""What is wanted: found under its rarest topic, and only where all that is given holds."""

from typing import Any

import pytest
from happened import NOON, moved

from sources.events import new_event
from sources.happenings import InventoryAdjusted, SubmissionMoved
from sources.wanted import AVAILABILITY, SHIPMENTS, SUBMISSIONS, Wanted, topics_of

ALL: dict[str, Any] = {"topic": "shipments", "types": SHIPMENTS}
EVENT = moved(order="1", tracking_numbers=("1Z", "2Z"), skus=("A",))
SUBMITTED = new_event(
    "submission.moved", SubmissionMoved(company="US", submission="s1"), id="x", source="/crossdock", time=NOON
)


@pytest.mark.parametrize(
    ("given", "topics"),
    [
        ({}, {"shipments"}),
        ({"company": "US", "customer": "C1"}, {"shipments"}),
        ({"order": "1"}, {"order/1"}),
        ({"order": "1", "shipment": "S1"}, {"shipment/S1"}),
        ({"order": "1", "tracking_number": "1Z"}, {"tracking_number/1Z"}),
        ({"skus": frozenset(("A", "B"))}, {"sku/A", "sku/B"}),
        ({"submission": "s1"}, {"submission/s1"}),
    ],
)
def test_it_is_found_under_the_rarest_of_what_is_given(given: dict[str, Any], topics: set[str]) -> None:
    assert Wanted(**ALL, **given).topics() == topics


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({}, True),
        ({"company": "US"}, True),
        ({"company": "CA"}, False),
        ({"order": "1", "shipment": "S1", "tracking_number": "1Z"}, True),
        ({"order": "2", "shipment": "S1"}, False),
        ({"tracking_number": "2Z"}, False),
        ({"skus": frozenset("A")}, True),
        ({"skus": frozenset("B")}, False),
        ({"customer": "anybody"}, True),
    ],
)
def test_all_that_is_given_must_hold_but_for_whose_it_is(given: dict[str, Any], *, holds: bool) -> None:
    assert Wanted(**ALL, **given).holds(EVENT) is holds


def test_an_event_that_is_wanted_stands_under_one_of_its_topics_at_least() -> None:
    assert set(topics_of(EVENT)) == {"shipments", "tracking_number/1Z", "shipment/S1", "order/1", "sku/A"}
    packed = moved("shipment.confirmed", tracking_number=None, tracking_numbers=("1Z", "2Z"))
    assert {"tracking_number/1Z", "tracking_number/2Z"} <= set(topics_of(packed))
    assert set(topics_of(SUBMITTED)) == {"submissions", "submission/s1"}


def test_a_submission_is_found_by_its_id_and_a_family_does_not_see_anothers_events() -> None:
    one = Wanted(topic="submissions", types=SUBMISSIONS, submission="s1")
    assert one.holds(SUBMITTED)
    assert not Wanted(topic="submissions", types=SUBMISSIONS, submission="s2").holds(SUBMITTED)
    counted = new_event("inventory.adjusted", InventoryAdjusted(sku="A"), id="i", source="/wms", time=NOON)
    assert not Wanted(**ALL).holds(counted)
    assert Wanted(topic="availability", types=AVAILABILITY, company="US", skus=frozenset("A")).holds(counted)
