"""EasyPost: trackers listed by number, page by page; none is made unless that is wanted."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from carriers import GONE, NULL, Asking, Server, Spoilt, connector_over, is_named, is_sound, spoilt
from hypothesis import given, settings
from starlette.requests import Request
from starlette.responses import Response
from upstream import call

from sources.easypost.carrier import EasypostCarrier, EasypostOptions
from sources.easypost.statuses import CODES
from sources.errors import OutcomeUnknown, SourceContractBroken, SourceError, SourceRejected
from sources.grant import AuthSettings
from sources.models import Tracking, TrackingEvent, TrackingKey, TrackingStatus

NUMBER, OTHER, MISSING = "EZ1000000001", "EZ4000000004", "EZ9999999999"
CENTRAL = timezone(timedelta(hours=-5))


def scan(status: str, moment: str | None, message: str = "Arrived", **members: Any) -> dict[str, Any]:
    place = {"object": "TrackingLocation", "city": "HOUSTON", "state": "TX", "country": None, "zip": "77063"}
    return {"status": status, "message": message, "datetime": moment, "tracking_location": place} | members


def tracker(number: str = NUMBER, **members: Any) -> dict[str, Any]:
    return {
        "id": f"trk_{number}",
        "object": "Tracker",
        "mode": "test",
        "tracking_code": number,
        "status": "delivered",
        "status_detail": "arrived_at_destination",
        "created_at": "2026-06-28T10:00:00Z",
        "updated_at": "2026-07-01T15:00:00Z",
        "signed_by": "JOHN TESTER",
        "weight": 17.6,
        "est_delivery_date": "2026-07-02T00:00:00Z",
        "carrier": "USPS",
        "tracking_details": [
            scan("delivered", "2026-07-01T15:04:05-05:00", "Delivered"),
            scan("pre_transit", "2026-06-29T21:59:07Z", "Shipping Label Created", tracking_location=None),
            scan("in_transit", "2026-06-30T09:00:00", "", tracking_location={"city": None, "country": "US"}),
        ],
        "fees": [],
    } | members


def answer(*trackers: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    return {"trackers": list(trackers), "has_more": has_more}


WHOLE = answer(tracker())


class Trackers(Server):
    """Lists what it has, `page` at a time, and makes what is wanted: one that exists comes back as it is."""

    def __init__(self, *trackers: dict[str, Any], page: int = 100, status: int = 201) -> None:
        super().__init__()
        self.trackers, self.page, self.made = list(trackers), page, status

    async def answered(self, request: Request) -> Response:
        self.asked.append(request)
        self.bodies.append(await request.body())
        if request.method == "POST":
            return self._made(json.loads(self.bodies[-1])["tracker"])
        query = request.query_params
        rows = [each for each in self.trackers if each["tracking_code"] in query.getlist("tracking_codes[]")]
        ids = [each["id"] for each in rows]
        begin = ids.index(query["before_id"]) + 1 if "before_id" in query else 0
        page = rows[begin : begin + self.page]
        return self._told(answer(*page, has_more=begin + self.page < len(rows)))

    def _made(self, wanted: dict[str, Any]) -> Response:
        if self.made != 201:
            return self._told({"error": {"code": "TRACKER.CREATE.ERROR", "message": "secret"}}, self.made)
        carrier = wanted.get("carrier", "UPS")
        return self._told(tracker(wanted["tracking_code"], status="unknown", carrier=carrier, tracking_details=[]), 201)

    @staticmethod
    def _told(content: Any, status: int = 200) -> Response:
        return Response(json.dumps(content), status_code=status, media_type="application/json")


@pytest.fixture(scope="module")
async def standing() -> AsyncIterator[tuple[EasypostCarrier, Server]]:
    server = Server(WHOLE)
    async with connector_over(EasypostCarrier, server) as easypost:
        yield easypost, server


@pytest.fixture
def asked(standing: tuple[EasypostCarrier, Server]) -> Asking:
    """What becomes of one number; None where it is absent."""
    easypost, server = standing

    async def ask(content: Any, carrier: str | None = None, status: int = 200) -> Any:
        server.content, server.status = content, status
        found = await easypost.tracking(call(), carrier, [NUMBER])
        assert set(found) <= {TrackingKey(carrier, NUMBER)}
        return found.get(TrackingKey(carrier, NUMBER))

    return ask


async def test_a_tracker_is_read_whole(asked: Asking) -> None:
    tracking = await asked(WHOLE)
    told = datetime.now(UTC)
    assert told - timedelta(seconds=10) < tracking.as_of <= told
    delivered = datetime(2026, 7, 1, 15, 4, 5, tzinfo=CENTRAL)
    assert tracking == Tracking(
        status=TrackingStatus.DELIVERED,
        events=(
            TrackingEvent(
                datetime(2026, 6, 29, 21, 59, 7, tzinfo=UTC), TrackingStatus.PRE_TRANSIT, "Shipping Label Created"
            ),
            TrackingEvent(datetime(2026, 6, 30, 9, tzinfo=UTC), TrackingStatus.IN_TRANSIT, "in_transit", "US"),
            TrackingEvent(delivered, TrackingStatus.DELIVERED, "Delivered", "HOUSTON, TX"),
        ),
        as_of=tracking.as_of,
        source_status="delivered",
        estimated_delivery=date(2026, 7, 2),
        delivered_at=delivered,
        signed_by="JOHN TESTER",
    )


async def test_a_batch_is_one_list_of_its_numbers_and_the_key_is_the_users_name() -> None:
    server = Server(answer())
    async with connector_over(EasypostCarrier, server, token="", auth=AuthSettings(username="EZAK1")) as easypost:
        assert easypost.max_batch == {"tracking": 100}
        assert await easypost.tracking(call(), "UPS", [NUMBER, OTHER, NUMBER]) == {}
    (request,) = server.asked
    assert (request.method, request.url.path) == ("GET", "/trackers")
    assert request.query_params.multi_items() == [
        ("tracking_codes[]", NUMBER),
        ("tracking_codes[]", OTHER),
        ("page_size", "100"),
    ]
    assert request.headers["Authorization"] == "Basic RVpBSzE6"


async def test_pages_are_followed_to_the_end() -> None:
    server = Trackers(*[tracker(f"EZ{each}") for each in range(5)], page=2)
    async with connector_over(EasypostCarrier, server) as easypost:
        found = await easypost.tracking(call(), None, [f"EZ{each}" for each in range(6)])
    assert set(found) == {TrackingKey(None, f"EZ{each}") for each in range(5)}
    assert [each.query_params.get("before_id") for each in server.asked] == [None, "trk_EZ1", "trk_EZ3"]


@pytest.mark.parametrize(("content", "requests"), [(answer(has_more=True), 1), (answer(tracker(), has_more=True), 11)])
async def test_pages_without_an_end_are_given_up(content: Any, requests: int) -> None:
    server = Server(content)
    async with connector_over(EasypostCarrier, server) as easypost:
        with pytest.raises(SourceContractBroken) as raised:
            await easypost.tracking(call(), None, [NUMBER])
    assert raised.value.path == "$.has_more"
    assert len(server.asked) == requests


# ---------------------------------------------------------------- which tracker


async def test_of_a_number_used_again_the_youngest_tracker_is_told(asked: Asking) -> None:
    old, young = (
        tracker(created_at="2025-01-01T00:00:00Z"),
        tracker(status="in_transit", created_at="2026-06-30T00:00:00"),
    )
    for trackers in ([old, young], [young, old], [tracker(created_at=None), young]):
        assert (await asked(answer(*trackers))).status is TrackingStatus.IN_TRANSIT


async def test_a_named_carriers_tracker_is_told_and_no_others(asked: Asking) -> None:
    content = answer(tracker(), tracker(carrier="FedEx", status="failure"))
    assert (await asked(content, carrier="FEDEX")).status is TrackingStatus.EXCEPTION
    assert (await asked(content, carrier="usps")).status is TrackingStatus.DELIVERED
    assert await asked(content, carrier="UPS") is None


async def test_a_carrier_may_be_spelled_otherwise_by_the_warehouse() -> None:
    options = EasypostOptions(carriers={"DHL": "DHLExpress"})
    async with connector_over(EasypostCarrier, Server(answer(tracker(carrier="DHLExpress"))), options) as easypost:
        assert set(await easypost.tracking(call(), "DHL", [NUMBER])) == {TrackingKey("DHL", NUMBER)}
        assert await easypost.tracking(call(), "UPS", [NUMBER]) == {}


async def test_a_number_is_found_however_it_is_written() -> None:
    async with connector_over(EasypostCarrier, Server(WHOLE)) as easypost:
        found = await easypost.tracking(call(), None, ["ez 1000 0000 01", MISSING])
    assert set(found) == {TrackingKey(None, "ez 1000 0000 01")}


# ---------------------------------------------------------------- trackers that are made


async def test_a_read_makes_no_tracker() -> None:
    server = Trackers(tracker())
    async with connector_over(EasypostCarrier, server) as easypost:
        found = await easypost.tracking(call(), None, [NUMBER, MISSING])
    assert set(found) == {TrackingKey(None, NUMBER)}
    assert [each.method for each in server.asked] == ["GET"]


async def test_trackers_are_made_for_numbers_without_one_where_that_is_wanted() -> None:
    server = Trackers(tracker())
    options = EasypostOptions(creates_trackers=True, carriers={"DHL": "DHLExpress"})
    async with connector_over(EasypostCarrier, server, options) as easypost:
        found = dict(await easypost.tracking(call(), None, [NUMBER, MISSING]))
        named = dict(await easypost.tracking(call(), "DHL", [MISSING]))
    assert [each.method for each in server.asked] == ["GET", "POST", "GET", "POST"]
    assert [json.loads(each) for each in server.bodies if each] == [
        {"tracker": {"tracking_code": MISSING}},
        {"tracker": {"tracking_code": MISSING, "carrier": "DHLExpress"}},
    ]
    made = found[TrackingKey(None, MISSING)]
    assert isinstance(made, Tracking)
    assert (made.status, made.source_status, made.events) == (TrackingStatus.UNKNOWN, "unknown", ())
    assert set(named) == {TrackingKey("DHL", MISSING)}
    assert isinstance(found[TrackingKey(None, NUMBER)], Tracking)


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (422, SourceRejected, "TRACKER.CREATE.ERROR"),
        (402, SourceRejected, "TRACKER.CREATE.ERROR"),
        (500, OutcomeUnknown, None),
    ],
)
async def test_a_tracker_that_cannot_be_made_fails_its_number_only(
    status: int, kind: type[SourceError], word: str | None
) -> None:
    server = Trackers(tracker(), status=status)
    async with connector_over(EasypostCarrier, server, EasypostOptions(creates_trackers=True)) as easypost:
        found = dict(await easypost.tracking(call(), None, [NUMBER, MISSING]))
    assert isinstance(found[TrackingKey(None, NUMBER)], Tracking)
    failed = found[TrackingKey(None, MISSING)]
    assert type(failed) is kind
    assert getattr(failed, "reason", None) == word
    assert [each.method for each in server.asked] == ["GET", "POST"]


# ---------------------------------------------------------------- codes, refusals

STATUSES = {
    "unknown", "pre_transit", "in_transit", "out_for_delivery", "delivered", "available_for_pickup", "return_to_sender",
    "failure", "cancelled", "error",
}  # fmt: skip


def test_the_table_has_every_published_status_and_is_the_webhooks_own() -> None:
    assert set(CODES.table) == STATUSES


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("return_to_sender", TrackingStatus.RETURNED),
        ("available_for_pickup", TrackingStatus.AVAILABLE_FOR_PICKUP),
        ("failure", TrackingStatus.EXCEPTION),
        ("cancelled", TrackingStatus.CANCELLED),
        ("unknown", TrackingStatus.UNKNOWN),
    ],
)
async def test_a_status_is_what_its_table_says(asked: Asking, status: str, meant: TrackingStatus) -> None:
    tracking = await asked(answer(tracker(status=status)))
    assert (tracking.status, tracking.source_status, tracking.delivered_at) == (meant, status, None)


async def test_a_status_that_easypost_invents_is_unknown_kept_and_counted(asked: Asking) -> None:
    before = CODES.unmapped["beamed_up"]
    tracking = await asked(answer(tracker(status="beamed_up")))
    assert (tracking.status, tracking.source_status) == (TrackingStatus.UNKNOWN, "beamed_up")
    assert CODES.unmapped["beamed_up"] == before + 1


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"error": {"code": "PARAMETER.INVALID", "message": f"secret {NUMBER}"}}, "PARAMETER.INVALID"),
        ({"error": {"code": "no plain word"}}, "REJECTED"),
        ({"error": "secret"}, "REJECTED"),
        (b"\xff", "REJECTED"),
    ],
)
async def test_a_refusal_tells_its_word_alone(asked: Asking, content: Any, word: str) -> None:
    with pytest.raises(SourceRejected) as raised:
        await asked(content, status=422)
    assert raised.value.reason == word
    assert "secret" not in f"{raised.value} {raised.value.detail} {raised.value!r}"


@pytest.mark.parametrize("number", ["", "1" * 51])
async def test_a_number_that_is_none_is_absent_and_not_sent(number: str) -> None:
    server = Server(WHOLE)
    async with connector_over(EasypostCarrier, server) as easypost:
        assert await easypost.tracking(call(), None, [number]) == {}
    assert server.asked == []


# ---------------------------------------------------------------- answers that do not fit


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({}, "$"),
        ({"trackers": {}}, "$.trackers"),
        ({"trackers": [], "has_more": None}, "$.has_more"),
        (answer({"id": "trk_1"}), "$.trackers[...]"),
        (answer(tracker(tracking_code=None)), "$.trackers[...].tracking_code"),
        (answer(tracker("1" * 101)), "$.trackers[...].id"),
    ],
)
async def test_an_answer_whose_numbers_cannot_be_told_says_where(asked: Asking, content: Any, path: str) -> None:
    with pytest.raises(SourceContractBroken) as raised:
        await asked(content)
    assert raised.value.path == path


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"status": 7}, "status"),
        ({"status": "x" * 101}, "status"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"tracking_details": [scan("in_transit", "soon")]}, "tracking_details[0].datetime"),
        ({"signed_by": "x" * 2_001}, "signed_by"),
    ],
)
async def test_a_tracker_that_does_not_fit_fails_its_number_and_says_where(
    asked: Asking, members: Any, path: str
) -> None:
    outcome = await asked(answer(tracker(**members), tracker()))
    assert isinstance(outcome, SourceContractBroken)
    assert outcome.path == f"$.trackers[...].{path}"


async def test_a_scan_without_a_moment_is_not_told(asked: Asking) -> None:
    tracking = await asked(
        answer(tracker(tracking_details=[scan("in_transit", None), scan("in_transit", "2026-06-30T09:00:00Z")]))
    )
    assert [each.at for each in tracking.events] == [datetime(2026, 6, 30, 9, tzinfo=UTC)]


NEEDED = {"$.trackers", "$.trackers[0].id", "$.trackers[0].tracking_code"}


@given(spoilt(WHOLE))
@settings(max_examples=300, deadline=None)
async def test_a_spoilt_member_is_named_or_has_its_default(
    standing: tuple[EasypostCarrier, Server], answered: Spoilt
) -> None:
    easypost, server = standing
    server.status, server.content = 200, answered.content
    try:
        found = await easypost.tracking(call(), None, [NUMBER])
    except SourceContractBroken as broken:
        outcomes: list[Any] = [broken]
    else:
        outcomes = list(found.values())
    for outcome in outcomes:
        if isinstance(outcome, SourceContractBroken):
            assert is_named(outcome, answered.path)
            is_item = answered.path.endswith("]")
            may = answered.path in NEEDED or (answered.how == NULL and (is_item or answered.path == "$.has_more"))
            assert answered.how not in {GONE, NULL} or may
        else:
            assert isinstance(outcome, Tracking)
            assert is_sound(outcome)
