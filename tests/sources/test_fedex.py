"""FedEx: thirty numbers a request, results as they are read, what is absent and what fails which number."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from carriers import GONE, NULL, Asking, Server, Spoilt, connector_over, is_named, is_sound, spoilt
from fedex_answers import NOT_FOUND, NUMBER, OTHER, WEST, WHOLE, answer, failed, result, row, scan
from hypothesis import given, settings
from upstream import call

from sources.errors import (
    SourceContractBroken,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.fedex.carrier import FedexCarrier, FedexOptions
from sources.fedex.payload import Moment
from sources.fedex.statuses import CODES
from sources.grant import AuthSettings
from sources.models import Tracking, TrackingEvent, TrackingKey, TrackingStatus


@pytest.fixture(scope="module")
async def standing() -> AsyncIterator[tuple[FedexCarrier, Server]]:
    server = Server(WHOLE)
    async with connector_over(FedexCarrier, server) as fedex:
        yield fedex, server


@pytest.fixture
def asked(standing: tuple[FedexCarrier, Server]) -> Asking:
    """What becomes of one number; None where it is absent."""
    fedex, server = standing

    async def ask(content: Any, number: str = NUMBER, status: int = 200) -> Any:
        server.content, server.status = content, status
        found = await fedex.tracking(call(), "FEDEX", [number])
        assert set(found) <= {TrackingKey("FEDEX", number)}
        return found.get(TrackingKey("FEDEX", number))

    return ask


async def test_a_result_is_read_whole(asked: Asking) -> None:
    tracking = await asked(WHOLE)
    told = datetime.now(UTC)
    assert told - timedelta(seconds=10) < tracking.as_of <= told
    made, tried, out, delivered = (
        datetime(2026, 4, 24, 20, 30, 57, tzinfo=UTC),
        datetime(2026, 4, 25, 11, 26, tzinfo=WEST),
        datetime(2026, 4, 26, 8, 52, tzinfo=WEST),
        datetime(2026, 4, 26, 9, 26, tzinfo=WEST),
    )
    place = "CLOVIS, CA, US"
    assert tracking == Tracking(
        status=TrackingStatus.DELIVERED,
        events=(
            TrackingEvent(made, TrackingStatus.PRE_TRANSIT, "Shipment information sent to FedEx"),
            TrackingEvent(
                tried, TrackingStatus.EXCEPTION, "Delivery exception: Customer not available or business closed", place
            ),
            TrackingEvent(out, TrackingStatus.OUT_FOR_DELIVERY, "On FedEx vehicle for delivery", place),
            TrackingEvent(delivered, TrackingStatus.DELIVERED, "Delivered"),
        ),
        as_of=tracking.as_of,
        source_status="DL",
        estimated_delivery=date(2026, 4, 26),
        delivered_at=delivered,
        signed_by="D.HERRERA",
    )


async def test_a_batch_is_one_post_with_all_scans_and_each_number_once() -> None:
    server = Server(answer())
    async with connector_over(FedexCarrier, server, FedexOptions(locale="fr_CA")) as fedex:
        assert fedex.max_batch == {"tracking": 30}
        assert await fedex.tracking(call(), None, [NUMBER, OTHER, NUMBER]) == {}
    (request,) = server.asked
    assert (request.method, request.url.path) == ("POST", "/track/v1/trackingnumbers")
    assert (request.headers["x-locale"], request.headers["content-type"]) == ("fr_CA", "application/json")
    assert json.loads(server.bodies[0]) == {
        "includeDetailedScans": True,
        "trackingInfo": [
            {"trackingNumberInfo": {"trackingNumber": NUMBER}},
            {"trackingNumberInfo": {"trackingNumber": OTHER}},
        ],
    }


async def test_a_token_is_fetched_with_the_secret_in_the_form() -> None:
    tokens, server = Server({"access_token": "granted", "expires_in": 3599, "scope": "CXS"}), Server(WHOLE)
    async with connector_over(FedexCarrier, tokens) as other:
        root = other._client._root  # noqa: SLF001 - its address
        auth = AuthSettings(token_url=f"{root}/oauth/token", client_id="us", client_secret="ours")
        async with connector_over(FedexCarrier, server, token="", auth=auth) as fedex:
            await fedex.tracking(call(), None, [NUMBER])
    assert tokens.bodies == [b"grant_type=client_credentials&client_id=us&client_secret=ours"]
    assert server.asked[0].headers["Authorization"] == "Bearer granted"


# ---------------------------------------------------------------- absent, failed


async def test_each_number_has_its_own_outcome(standing: tuple[FedexCarrier, Server]) -> None:
    fedex, server = standing
    numbers = ["111111111111", "222222222222", "333333333333", "4444 4444 4444", "555555555555"]
    server.status, server.content = (
        200,
        answer(
            row(result(), number=numbers[0]),
            row(NOT_FOUND, number=numbers[1]),
            row(failed("TRACKING.TRACKINGNUMBER.INVALID"), number=numbers[2]),
            row(
                result(scanEvents=[scan("2026-04-26T09:26:00-07:00", "IT", "x"), scan("tomorrow", "IT", "x")]),
                number="444444444444",
            ),
            row(result(), number="999999999999"),
        ),
    )
    found = dict(await fedex.tracking(call(), None, numbers))
    assert set(found) == {TrackingKey(None, numbers[at]) for at in (0, 2, 3)}
    assert isinstance(found[TrackingKey(None, numbers[0])], Tracking)
    rejected, broken = found[TrackingKey(None, numbers[2])], found[TrackingKey(None, numbers[3])]
    assert isinstance(rejected, SourceRejected)
    assert rejected.reason == "TRACKING.TRACKINGNUMBER.INVALID"
    assert isinstance(broken, SourceContractBroken)
    assert broken.path == "$.output.completeTrackResults[...].trackResults[0].scanEvents[1].date"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("TRACKING.TRACKINGNUMBER.EMPTY", SourceRejected),
        ("TRACKING.DATA.NOTFOUND", SourceRejected),
        ("INTERNAL.SERVER.ERROR", SourceUnavailable),
        ("SERVICE.UNAVAILABLE.ERROR", SourceUnavailable),
        ("no plain word", SourceRejected),
    ],
)
async def test_only_not_found_is_absent_and_every_other_error_fails_its_number(
    asked: Asking, code: str, kind: type[SourceError]
) -> None:
    assert await asked(answer(row(NOT_FOUND))) is None
    outcome = await asked(answer(row(failed(code))))
    assert type(outcome) is kind
    assert NUMBER not in f"{outcome} {outcome.detail} {outcome!r} {getattr(outcome, 'reason', '')}"


async def test_a_number_without_results_is_absent(asked: Asking) -> None:
    assert await asked(answer(row())) is None
    assert await asked(answer({"trackingNumber": NUMBER})) is None


async def test_a_refusal_of_one_number_as_unknown_is_its_absence_and_of_several_is_not(
    standing: tuple[FedexCarrier, Server], asked: Asking
) -> None:
    refused = {"transactionId": "1", "errors": [{"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "…"}]}
    assert await asked(refused, status=404) is None
    fedex, _ = standing
    with pytest.raises(SourceRejected):
        await fedex.tracking(call(), None, [NUMBER, OTHER])


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        ({"errors": [{"code": "TRACKING.TRACKINGNUMBER.EMPTY", "message": "…"}]}, 400, SourceRejected),
        ({"errors": []}, 400, SourceRejected),
        (b"<html>", 400, SourceRejected),
        ({"errors": [{"code": "NOT.AUTHORIZED.ERROR", "message": "…"}]}, 401, SourceRefused),
        ({"errors": [{"code": "FORBIDDEN.ERROR", "message": "…"}]}, 403, SourceRefused),
        ({"errors": [{"code": "INTERNAL.SERVER.ERROR", "message": "…"}]}, 500, SourceUnavailable),
        ({"errors": [{"code": "SERVICE.UNAVAILABLE.ERROR", "message": "…"}]}, 503, SourceUnavailable),
        ({"errors": [{"code": "SYSTEM.UNEXPECTED.ERROR", "message": "…"}]}, 200, SourceUnavailable),
        ({"errors": [{"code": "TRACKING.LOCALE.INVALID", "message": "…"}]}, 200, SourceRejected),
        ({"transactionId": "1"}, 200, SourceContractBroken),
    ],
)
async def test_a_question_that_failed_as_a_whole_raises(
    asked: Asking, content: Any, status: int, kind: type[SourceError]
) -> None:
    with pytest.raises(kind) as raised:
        await asked(content, status=status)
    assert raised.type is kind


async def test_too_many_told_with_200_leaves_fedex_alone_for_a_moment() -> None:
    server = Server({"errors": [{"code": "RATE.LIMIT.EXCEEDED", "message": "…"}]})
    async with connector_over(FedexCarrier, server) as fedex:
        for _ in range(2):
            with pytest.raises(SourceRateLimited):
                await fedex.tracking(call(), None, [NUMBER])
    assert len(server.asked) == 1


@pytest.mark.parametrize("number", ["", "1" * 51])
async def test_a_number_that_is_none_is_absent_and_does_not_trouble_its_neighbours(number: str) -> None:
    server = Server(WHOLE)
    async with connector_over(FedexCarrier, server) as fedex:
        assert await fedex.tracking(call(), None, [number]) == {}
        assert server.asked == []
        assert set(await fedex.tracking(call(), None, [number, NUMBER])) == {TrackingKey(None, NUMBER)}
    assert number not in {
        each["trackingNumberInfo"]["trackingNumber"] for each in json.loads(server.bodies[0])["trackingInfo"]
    }


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("latest", "meant", "told"),
    [
        ({"code": "OD", "derivedCode": "IT"}, TrackingStatus.OUT_FOR_DELIVERY, "OD"),
        ({"derivedCode": "HL"}, TrackingStatus.AVAILABLE_FOR_PICKUP, "HL"),
        ({"code": "", "derivedCode": "OC"}, TrackingStatus.PRE_TRANSIT, "OC"),
        ({"code": "RS", "derivedCode": "RS"}, TrackingStatus.RETURNED, "RS"),
        ({"code": "Ow"}, TrackingStatus.IN_TRANSIT, "Ow"),
        ({"code": "CA"}, TrackingStatus.CANCELLED, "CA"),
        ({"code": "SP"}, TrackingStatus.UNKNOWN, "SP"),
    ],
)
async def test_the_code_says_more_than_what_is_derived_from_it(
    asked: Asking, latest: dict[str, str], meant: TrackingStatus, told: str
) -> None:
    tracking = await asked(answer(row(result(latestStatusDetail=latest))))
    assert (tracking.status, tracking.source_status) == (meant, told)
    assert (tracking.delivered_at is None) == (meant is not TrackingStatus.DELIVERED)


async def test_a_code_that_fedex_invents_is_unknown_kept_and_counted(asked: Asking) -> None:
    before = CODES.unmapped["ZZ"], CODES.unmapped["ZQ"]
    known = await asked(answer(row(result(latestStatusDetail={"code": "ZQ", "derivedCode": "IT"}, scanEvents=[]))))
    unknown = await asked(answer(row(result(latestStatusDetail={"code": "ZZ"}, scanEvents=[]))))
    assert (known.status, known.source_status) == (TrackingStatus.IN_TRANSIT, "ZQ")
    assert (unknown.status, unknown.source_status) == (TrackingStatus.UNKNOWN, "ZZ")
    assert (CODES.unmapped["ZZ"], CODES.unmapped["ZQ"]) == (before[0] + 1, before[1] + 1)


async def test_without_a_latest_status_the_latest_scan_says_it_and_without_any_nothing_does(asked: Asking) -> None:
    latest = await asked(answer(row(result(latestStatusDetail=None))))
    assert (latest.status, latest.source_status) == (TrackingStatus.DELIVERED, "DL")
    nothing = await asked(answer(row({})))
    assert (nothing.status, nothing.source_status, nothing.events) == (TrackingStatus.UNKNOWN, None, ())


PUBLISHED = (
    "aa ac ad af ao ap ar ax ca ch dd de dl dp dr ds dy ea ed eo ep fd hl hp it ix lo oc od of ow ox pd "
    "pf pl pm pu px rr rm rc rs rp lp rg rd se sf sp tr cc cd cp"
)


def test_the_table_has_every_published_code_and_one_that_answers_have_beside_them() -> None:
    assert set(CODES.table) == {*PUBLISHED.split(), "ae"}


async def test_of_a_number_used_again_the_parcel_with_the_latest_scan_is_told(asked: Asking) -> None:
    old = result(scanEvents=[scan("2025-01-02T10:00:00-07:00", "DL", "Delivered")])
    new = result(latestStatusDetail={"code": "IT"}, scanEvents=[scan("2026-04-25T10:00:00-07:00", "IT", "On the way")])
    for results in ([old, new, NOT_FOUND], [NOT_FOUND, new, old]):
        assert (await asked(answer(row(*results)))).status is TrackingStatus.IN_TRANSIT


# ---------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-26T09:26:00-07:00", datetime(2026, 4, 26, 16, 26, tzinfo=UTC)),
        ("2026-04-26T09:26:00Z", datetime(2026, 4, 26, 9, 26, tzinfo=UTC)),
        ("2026-04-26T09:26:00", datetime(2026, 4, 26, 9, 26, tzinfo=UTC)),
        ("2026-04-26", datetime(2026, 4, 26, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_moment_without_an_offset_is_read_as_utc(text: str, moment: datetime | None) -> None:
    assert Moment(text).value == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-02-31", "2026-04-26T25:00:00", "26/04/2026", "2" * 100_000])
def test_what_is_no_moment_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - datetime's own words
        Moment(text)


async def test_the_day_expected_is_the_estimates_or_the_end_of_its_window(asked: Asking) -> None:
    window = {"window": {"begins": "2026-04-27T08:00:00", "ends": "2026-04-27T20:00:00-06:00"}}
    none = await asked(answer(row(result(dateAndTimes=[]))))
    ends = await asked(answer(row(result(dateAndTimes=None, estimatedDeliveryTimeWindow=window))))
    assert (none.estimated_delivery, ends.estimated_delivery) == (None, date(2026, 4, 27))
    assert none.delivered_at == datetime(2026, 4, 26, 9, 26, tzinfo=WEST)


# ---------------------------------------------------------------- answers that do not fit

RESULTS = "$.output.completeTrackResults"


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ([], "$"),
        ({"output": {}}, "$.output"),
        ({"output": {"completeTrackResults": None}}, RESULTS),
        (answer({"trackResults": []}), f"{RESULTS}[...]"),
        (answer({"trackingNumber": ""}), f"{RESULTS}[...].trackingNumber"),
        (answer(row(number="1" * 101)), f"{RESULTS}[...].trackingNumber"),
    ],
)
async def test_an_answer_whose_numbers_cannot_be_told_says_where(asked: Asking, content: Any, path: str) -> None:
    with pytest.raises(SourceContractBroken) as raised:
        await asked(content)
    assert raised.value.path == path


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"error": {"message": "…"}}, "error"),
        ({"scanEvents": {}}, "scanEvents"),
        ({"scanEvents": [scan("2026-04-26", 7, "x")]}, "scanEvents[0].eventType"),  # type: ignore[arg-type]  # that is the point
        ({"latestStatusDetail": {"code": "x" * 101}}, "latestStatusDetail.code"),
        ({"dateAndTimes": [{"dateTime": "soon"}]}, "dateAndTimes[0].dateTime"),
        ({"deliveryDetails": {"signedByName": "x" * 2_001}}, "deliveryDetails.signedByName"),
    ],
)
async def test_a_result_that_does_not_fit_fails_its_number_and_says_where(
    asked: Asking, members: Any, path: str
) -> None:
    outcome = await asked(answer(row(result(**members))))
    assert isinstance(outcome, SourceContractBroken)
    assert outcome.path == f"{RESULTS}[...].trackResults[0].{path}"


NEEDED = {"$.output", f"{RESULTS}", f"{RESULTS}[0].trackingNumber"}


@given(spoilt(WHOLE))
@settings(max_examples=300, deadline=None)
async def test_a_spoilt_member_is_named_or_has_its_default(
    standing: tuple[FedexCarrier, Server], answered: Spoilt
) -> None:
    fedex, server = standing
    server.status, server.content = 200, answered.content
    try:
        found = await fedex.tracking(call(), None, [NUMBER])
    except SourceContractBroken as broken:
        outcomes: list[Any] = [broken]
    else:
        outcomes = list(found.values())
    for outcome in outcomes:
        if isinstance(outcome, SourceContractBroken):
            assert is_named(outcome, answered.path)
            is_item = answered.path.endswith("]")
            assert answered.how not in {GONE, NULL} or answered.path in NEEDED or (answered.how == NULL and is_item)
        elif isinstance(outcome, SourceRejected):
            assert answered.path.endswith(".error")
        else:
            assert isinstance(outcome, Tracking)
            assert is_sound(outcome)
