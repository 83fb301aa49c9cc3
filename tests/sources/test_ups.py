"""UPS: requests as its description has them, packages as they are read, what is absent and what fails."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from carriers import GONE, NULL, Asking, Server, Spoilt, connector_over, is_named, is_sound, spoilt
from hypothesis import given, settings
from hypothesis import strategies as st
from ups_answers import MADE, NUMBER, WHOLE, activity, answer, package
from upstream import call

from sources.errors import SourceContractBroken, SourceRefused, SourceRejected, SourceUnavailable
from sources.grant import AuthSettings
from sources.models import Tracking, TrackingEvent, TrackingKey, TrackingStatus
from sources.ups.carrier import UpsCarrier, UpsOptions
from sources.ups.moments import Clock, Day, Offset, happened
from sources.ups.statuses import CODES, DETAILS, TYPES


@pytest.fixture(scope="module")
async def standing() -> AsyncIterator[tuple[UpsCarrier, Server]]:
    server = Server(WHOLE)
    async with connector_over(UpsCarrier, server) as ups:
        yield ups, server


@pytest.fixture
def asked(standing: tuple[UpsCarrier, Server]) -> Asking:
    """What becomes of one number; None where it is absent."""
    ups, server = standing

    async def ask(content: Any, number: str = NUMBER, status: int = 200) -> Any:
        server.content, server.status = content, status
        found = await ups.tracking(call(), "UPS", [number])
        assert set(found) <= {TrackingKey("UPS", number)}
        return found.get(TrackingKey("UPS", number))

    return ask


async def test_a_package_is_read_whole() -> None:
    server = Server(WHOLE)
    async with connector_over(UpsCarrier, server) as ups:
        found = await ups.tracking(call(), "UPS", [NUMBER, NUMBER])
    before = datetime.now(UTC)
    tracking = found[TrackingKey("UPS", NUMBER)]
    assert before - timedelta(seconds=10) < tracking.as_of <= before
    assert tracking == Tracking(
        status=TrackingStatus.DELIVERED,
        events=(
            TrackingEvent(
                datetime(2026, 6, 30, 3, tzinfo=UTC), TrackingStatus.PRE_TRANSIT, "Shipper created a label", "US"
            ),
            TrackingEvent(
                datetime(2026, 6, 30, 11, 13, 56, tzinfo=UTC),
                TrackingStatus.IN_TRANSIT,
                "Departed from Facility",
                "Wayne, NJ, US",
            ),
            TrackingEvent(
                datetime(2026, 7, 1, 19, 4, 5, tzinfo=UTC), TrackingStatus.DELIVERED, "DELIVERED", "WESTFIELD, US"
            ),
        ),
        as_of=tracking.as_of,
        source_status="011",
        estimated_delivery=date(2026, 7, 2),
        delivered_at=datetime(2026, 7, 1, 19, 4, 5, tzinfo=UTC),
        signed_by="HERRERA",
    )
    assert len(server.asked) == 1


async def test_the_request_is_the_descriptions_with_an_id_of_its_own_and_who_calls() -> None:
    server = Server(WHOLE)
    async with connector_over(UpsCarrier, server, UpsOptions(transaction_source="acme", locale="fr_CA")) as ups:
        await ups.tracking(call(), None, [NUMBER])
        await ups.tracking(call(), None, ["1Z 999/AA1"])
    first, second = server.asked
    assert (first.method, first.url.path, first.url.query) == ("GET", f"/track/v1/details/{NUMBER}", "locale=fr_CA")
    assert second.scope["raw_path"] == b"/track/v1/details/1Z%20999%2FAA1"
    assert (first.headers["transactionSrc"], first.headers["Authorization"]) == ("acme", "Bearer secret")
    ids = {each.headers["transId"] for each in server.asked}
    assert len(ids) == 2
    assert all(len(each) == 32 for each in ids)


async def test_a_token_is_fetched_with_the_secret_in_a_header_and_not_in_the_form() -> None:
    tokens = Server({"access_token": "granted", "expires_in": "14399", "status": "approved"})
    server = Server(WHOLE)
    async with connector_over(UpsCarrier, tokens) as other:
        root = other._client._root  # noqa: SLF001 - its address
        auth = AuthSettings(token_url=f"{root}/security/v1/oauth/token", client_id="us", client_secret="o&r")
        async with connector_over(UpsCarrier, server, token="", auth=auth) as ups:
            await ups.tracking(call(), None, [NUMBER])
    assert [each.url.path for each in tokens.asked] == ["/security/v1/oauth/token"]
    assert tokens.asked[0].headers["Authorization"] == "Basic dXM6byZy"
    assert tokens.bodies == [b"grant_type=client_credentials"]
    assert server.asked[0].headers["Authorization"] == "Bearer granted"


# ---------------------------------------------------------------- absent, refused


def warned(code: str) -> dict[str, Any]:
    return {"trackResponse": {"shipment": [{"inquiryNumber": NUMBER, "warnings": [{"code": code, "message": "…"}]}]}}


def refused(code: str) -> dict[str, Any]:
    return {"response": {"errors": [{"code": code, "message": f"secret {NUMBER}"}]}}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (warned("TW0001"), 200),
        ({"trackResponse": {"shipment": []}}, 200),
        ({"trackResponse": {}}, 200),
        (refused("TW0001"), 404),
        (refused("TV1002"), 400),
    ],
)
async def test_a_number_that_ups_does_not_know_is_absent(asked: Asking, content: Any, status: int) -> None:
    assert await asked(content, status=status) is None


@pytest.mark.parametrize("number", ["", "1", "123456", "1" * 35])
async def test_a_number_that_cannot_be_one_of_upss_is_absent_and_not_sent(number: str) -> None:
    server = Server(WHOLE)
    async with connector_over(UpsCarrier, server) as ups:
        assert await ups.tracking(call(), None, [number]) == {}
    assert server.asked == []


async def test_another_warning_without_a_package_fails_the_number(asked: Asking) -> None:
    outcome = await asked(warned("TW0002"))
    assert isinstance(outcome, SourceRejected)
    assert outcome.reason == "TW0002"


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (refused("TV1014"), 400, "TV1014"),
        (refused("404"), 404, "404"),
        (refused("no plain word"), 404, "REJECTED"),
        ({"response": {"errors": []}}, 404, "REJECTED"),
        (b"<html>not here</html>", 404, "REJECTED"),
    ],
)
async def test_another_refusal_is_no_absence_and_tells_its_word_alone(
    asked: Asking, content: Any, status: int, word: str
) -> None:
    with pytest.raises(SourceRejected) as raised:
        await asked(content, status=status)
    assert raised.value.reason == word
    assert NUMBER not in f"{raised.value} {raised.value.detail} {raised.value!r}"


@pytest.mark.parametrize(
    ("status", "kind"), [(401, SourceRefused), (403, SourceRefused), (500, SourceUnavailable), (503, SourceUnavailable)]
)
async def test_statuses_mean_what_they_mean_everywhere(asked: Asking, status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await asked(refused("250003"), status=status)


# ---------------------------------------------------------------- several packages

OTHER = package(trackingNumber="1Z023E2X0214323999", alternateTrackingNumber=None, currentStatus={"code": "021"})


async def test_of_several_packages_the_one_asked_for_is_told(asked: Asking) -> None:
    tracking = await asked(answer(OTHER, package()))
    assert (tracking.status, tracking.source_status) == (TrackingStatus.DELIVERED, "011")
    other = await asked(answer(OTHER, package()), number="1z023e2x0214323999")
    assert (other.status, other.delivered_at) == (TrackingStatus.OUT_FOR_DELIVERY, None)


async def test_a_package_is_found_by_its_alternate_number_too(asked: Asking) -> None:
    tracking = await asked(answer(OTHER, package()), number="9241 9900 0000 3349 9522 966220")
    assert tracking.source_status == "011"


async def test_a_single_package_answers_whatever_number_led_to_it(asked: Asking) -> None:
    assert (await asked(answer(package()), number="INFONOTICE12")).source_status == "011"


async def test_of_a_number_used_again_the_package_with_the_latest_activity_is_told(asked: Asking) -> None:
    old = package(activity=[activity(gmtDate="20250630")], currentStatus={"code": "011"})
    young, untouched = package(activity=[activity()], currentStatus={"code": "005"}), package(activity=[])
    for packages in ([old, young, untouched], [untouched, young, old]):
        assert (await asked(answer(*packages))).source_status == "005"


async def test_several_packages_none_of_which_was_asked_for_are_nobodys(asked: Asking) -> None:
    outcome = await asked(answer(OTHER, package()), number="REFERENCE7")
    assert isinstance(outcome, SourceContractBroken)
    assert outcome.path == "$.trackResponse.shipment[...].package"


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("status", "meant", "told"),
    [
        ({"code": "021"}, TrackingStatus.OUT_FOR_DELIVERY, "021"),
        ({"statusCode": "017", "code": "XX", "type": "I"}, TrackingStatus.AVAILABLE_FOR_PICKUP, "017"),
        ({"code": "DS", "type": "M"}, TrackingStatus.PRE_TRANSIT, "M"),
        ({"type": "mv"}, TrackingStatus.CANCELLED, "mv"),
        ({"type": "RS", "code": "034"}, TrackingStatus.RETURNED, "034"),
    ],
)
async def test_three_digits_say_more_than_a_type_and_two_letters_say_nothing(
    asked: Asking, status: dict[str, str], meant: TrackingStatus, told: str
) -> None:
    tracking = await asked(answer(package(currentStatus=status)))
    assert (tracking.status, tracking.source_status) == (meant, told)


async def test_unknown_digits_are_counted_and_kept_while_the_type_says_what_is_meant(asked: Asking) -> None:
    before = CODES.unmapped["998"]
    tracking = await asked(answer(package(currentStatus={"statusCode": "998", "type": "X"})))
    assert (tracking.status, tracking.source_status) == (TrackingStatus.EXCEPTION, "998")
    assert CODES.unmapped["998"] == before + 1


async def test_a_code_that_ups_invents_is_unknown_kept_and_counted(asked: Asking) -> None:
    before = CODES.unmapped["999"], CODES.unmapped["QQ"]
    tracking = await asked(answer(package(currentStatus={"code": "999", "type": "QQ"})))
    assert (tracking.status, tracking.source_status) == (TrackingStatus.UNKNOWN, "999")
    assert (CODES.unmapped["999"], CODES.unmapped["QQ"]) == (before[0] + 1, before[1] + 1)


async def test_without_a_current_status_the_latest_activity_says_it_and_without_any_nothing_does(asked: Asking) -> None:
    latest = await asked(answer(package(currentStatus=None)))
    assert (latest.status, latest.source_status) == (TrackingStatus.DELIVERED, "011")
    before = dict(CODES.unmapped)
    nothing = await asked(answer({"trackingNumber": NUMBER}))
    assert (nothing.status, nothing.source_status, nothing.events) == (TrackingStatus.UNKNOWN, None, ())
    assert dict(CODES.unmapped) == before


def test_the_tables_have_every_published_code() -> None:
    assert sorted(DETAILS) == [f"{each:03d}" for each in range(70) if each not in {1, 2, 4, 8, 9, 15, 31}]
    assert set(TYPES) == {"d", "i", "m", "mv", "p", "x", "rs", "do", "dd", "w", "na", "o", "u"}


# ---------------------------------------------------------------- times

NOON = (Day("20260630"), Clock("120000"))
EAST = timezone(timedelta(hours=-4))


def test_gmt_is_taken_first_then_the_offset_and_what_has_no_zone_is_read_as_utc() -> None:
    gmt = (Day("20260630"), Clock("160000"))
    assert happened(NOON, gmt, None) == datetime(2026, 6, 30, 16, tzinfo=UTC)
    told = happened(NOON, (Day(""), Clock("")), Offset("-04.00"))
    assert told is not None
    assert (told, told.utcoffset()) == (datetime(2026, 6, 30, 12, tzinfo=EAST), timedelta(hours=-4))
    assert happened(NOON, (None, None), None) == datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert happened((Day("20260630"), None), (None, None), None) == datetime(2026, 6, 30, tzinfo=UTC)
    assert happened((None, Clock("120000")), (None, None), None) is None


@pytest.mark.parametrize(("text", "told"), [("74700", (7, 47, 0)), ("071356", (7, 13, 56)), ("23:59:59", (23, 59, 59))])
def test_a_time_may_lack_its_zero_or_have_colons(text: str, told: tuple[int, int, int]) -> None:
    value = Clock(text).value
    assert value is not None
    assert (value.hour, value.minute, value.second) == told


@pytest.mark.parametrize("text", ["2026-06-30", "20260231", "٢٠٢٦٠٦٣٠", "x", "2" * 100_000])
def test_what_is_no_day_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="day"):
        Day(text)


async def test_a_delivery_that_was_not_scanned_has_its_own_day_and_time(asked: Asking) -> None:
    bare = await asked(answer(package(activity=[])))
    assert bare.delivered_at == datetime(2026, 7, 1, 15, 4, 5, tzinfo=UTC)
    window = await asked(answer(package(activity=[], deliveryTime={"type": "EDW", "endTime": "150405"})))
    assert window.delivered_at == datetime(2026, 7, 1, tzinfo=UTC)


async def test_a_rescheduled_day_is_expected_instead_of_the_scheduled_one(asked: Asking) -> None:
    days = [{"type": "RDD", "date": "20260705"}, {"type": "SDD", "date": "20260702"}, {"type": "SDD", "date": ""}]
    assert (await asked(answer(package(deliveryDate=days[:2])))).estimated_delivery == date(2026, 7, 5)
    assert (await asked(answer(package(deliveryDate=days[2:])))).estimated_delivery is None


async def test_an_activity_without_a_day_is_not_told(asked: Asking) -> None:
    undated = activity(date="", gmtDate="", gmtTime="")
    tracking = await asked(answer(package(activity=[undated, MADE])))
    assert [each.description for each in tracking.events] == ["Shipper created a label"]


# ---------------------------------------------------------------- answers that do not fit

PACKAGE = "$.trackResponse.shipment[0].package[0]"


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({}, "$"),
        ({"trackResponse": None}, "$.trackResponse"),
        (answer(package(activity={})), f"{PACKAGE}.activity"),
        (answer(package(activity=[activity(date="20260231")])), f"{PACKAGE}.activity[0].date"),
        (answer(package(activity=[activity(), activity(time="250000")])), f"{PACKAGE}.activity[1].time"),
        (answer(package(activity=[activity(gmtOffset="EST")])), f"{PACKAGE}.activity[0].gmtOffset"),
        (answer(package(activity=[activity(gmtDate=20260630)])), f"{PACKAGE}.activity[0].gmtDate"),
        (answer(package(currentStatus={"code": "0" * 101})), f"{PACKAGE}.currentStatus.code"),
        (answer(package(deliveryInformation={"receivedBy": "x" * 2_001})), f"{PACKAGE}.deliveryInformation.receivedBy"),
    ],
)
async def test_an_answer_that_does_not_fit_says_where(asked: Asking, content: Any, path: str) -> None:
    with pytest.raises(SourceContractBroken) as raised:
        await asked(content)
    assert raised.value.path == path


@given(spoilt(WHOLE))
@settings(max_examples=300, deadline=None)
async def test_a_spoilt_member_is_named_or_has_its_default(
    standing: tuple[UpsCarrier, Server], answered: Spoilt
) -> None:
    ups, server = standing
    server.status, server.content = 200, answered.content
    try:
        found = await ups.tracking(call(), None, [NUMBER])
    except SourceContractBroken as broken:
        assert is_named(broken, answered.path)  # noqa: PT017 - the other outcome is none of raises'
        is_item = answered.path.endswith("]")
        assert (
            answered.how not in {GONE, NULL} or answered.path == "$.trackResponse" or (answered.how == NULL and is_item)
        )
        return
    for outcome in found.values():
        assert isinstance(outcome, Tracking)
        assert is_sound(outcome)


@given(st.text(max_size=8), st.text(max_size=8))
async def test_no_text_in_a_time_is_anything_but_a_time_or_named(
    standing: tuple[UpsCarrier, Server], day: str, clock: str
) -> None:
    ups, server = standing
    server.status, server.content = (
        200,
        answer(package(activity=[activity(date=day, time=clock, gmtDate="", gmtTime="")])),
    )
    try:
        found = await ups.tracking(call(), None, [NUMBER])
    except SourceContractBroken as broken:
        assert broken.path in {f"{PACKAGE}.activity[0].date", f"{PACKAGE}.activity[0].time"}  # noqa: PT017 - as above
        return
    outcome = found[TrackingKey(None, NUMBER)]
    assert isinstance(outcome, Tracking)
    assert is_sound(outcome)
