"""What is written into OData V2 stays where it is put, and what comes out of it is exact: literals, filters, dates, batches."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.sap.batch import Answer, BatchDecoder, Part, encoded
from sources.sap.batched import boundary_of, told_apart
from sources.sap.odata import (
    MAX_QUERY,
    all_of,
    any_of,
    day,
    day_literal,
    literal,
    may_exist,
    moment,
    one_of,
    parted,
    query,
    token_of,
    wire_day,
)
from sources.sap.options import Options
from sources.sap.payload import Day, Number
from tests.connectors.odata_v2 import Filter
from tests.connectors.sap import OPTIONS

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
KEYS = st.lists(TEXTS, min_size=1, max_size=60)


@given(TEXTS, TEXTS)
@example("' or SalesOrder ne '", "A")
@example("x') or (SalesOrder ne 'y", "A")
@example("''", "'")
def test_whatever_a_key_holds_it_is_compared_and_nothing_else(key: str, other: str) -> None:
    chosen = Filter(all_of(one_of("SalesOrder", [key]), any_of("A eq '1'", "B eq '2'")))
    assert chosen.takes({"SalesOrder": key, "A": "1"})
    assert not chosen.takes({"SalesOrder": key, "A": "2"})
    assert chosen.takes({"SalesOrder": other, "B": "2"}) == (other == key)


@given(TEXTS, TEXTS)
def test_a_text_that_is_searched_is_searched_and_nothing_else(text: str, name: str) -> None:
    chosen = Filter(f"substringof({literal(text)},CustomerName)")
    assert chosen.takes({"CustomerName": name}) == (text.lower() in name.lower())


@given(KEYS, TEXTS)
def test_many_keys_are_asked_once_each_and_no_filter_grows_too_long(keys: list[str], other: str) -> None:
    parts = parted("Product", keys)
    assert sorted(key for part in parts for key in part) == sorted(set(keys))
    assert all(len(query((("", one_of("Product", part)),))) <= MAX_QUERY for part in parts)
    assert any(Filter(one_of("Product", part)).takes({"Product": other}) for part in parts) == (other in keys)


@pytest.mark.parametrize(
    ("key", "length", "may"),
    [("A", 10, True), ("", 10, False), ("x" * 10, 10, True), ("x" * 11, 10, False), ("a\nb", 10, False), ("\ud800", 10, False)],
)  # fmt: skip
def test_what_no_column_could_hold_does_not_exist(key: str, length: int, may: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert may_exist(key, length) == may


BASE = "https://my300000.s4hana.ondemand.com/sap/opu/odata/sap/API_PRODUCT_SRV/A_Product"


@pytest.mark.parametrize(
    ("link", "token"),
    [
        (f"{BASE}?$filter=x&$skiptoken='A'%2c'B'", ("$skiptoken", "'A','B'")),
        (f"{BASE}?%24skiptoken=1000", ("$skiptoken", "1000")),
        (f"{BASE}?$skip=100&$top=10", ("$skip", "100")),
    ],
)
def test_of_a_link_only_the_place_to_go_on_is_read(link: str, token: tuple[str, str]) -> None:
    assert token_of(link) == token


@pytest.mark.parametrize("link", [f"{BASE}?$top=1", BASE, "", "::"])
def test_a_link_that_does_not_go_on_is_none(link: str) -> None:
    with pytest.raises(ValueError, match="link"):
        token_of(link)


# ---------------------------------------------------------------- dates and decimals


@given(st.dates(date(1653, 2, 11), date(9999, 12, 31)))
def test_dates_are_exact_there_and_back(at: date) -> None:
    assert day(wire_day(at)) == at
    assert Filter(f"At eq {day_literal(at)}").takes({"At": wire_day(at)})
    assert msgspec.json.decode(msgspec.json.encode(wire_day(at)), type=Day) == wire_day(at)


@given(
    st.integers(-8_000_000_000_000, 253_402_299_999_999),
    st.sampled_from(["", "+0000", "-0480"]),
)
def test_a_moment_is_exact_to_the_millisecond_and_aware(milliseconds: int, shown: str) -> None:
    told = f"/Date({milliseconds}{shown})/"
    assert (moment(told) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) == milliseconds
    assert moment(told).utcoffset() == timedelta(0)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Day) == told


@given(st.from_regex(r"/Date\(-?[0-9]{1,17}([+-][0-9]{4})?\)/", fullmatch=True))
@example("/Date(253402300800000)/")
@example("/Date(-99999999999999)/")
def test_whatever_date_the_payload_takes_can_be_read(text: str) -> None:
    try:
        taken = msgspec.json.decode(msgspec.json.encode(text), type=Day)
    except msgspec.ValidationError:
        return
    assert moment(taken).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text", ["", "2026-06-18", "/Date(1)/\n", "/Date()/", "/Date(\uff11)/", "/Date(99999999999999999)/"]
)
def test_what_is_no_date_is_not_taken(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(text), type=Day)


@pytest.mark.parametrize("text", ["1", "-1.000", "999999999999999.999999999"])
def test_decimals_are_texts(text: str) -> None:
    assert msgspec.json.decode(msgspec.json.encode(text), type=Number) == text


@pytest.mark.parametrize("value", ["", "1e5", "NaN", "Infinity", "1\n", "9" * 16, "\uff11", "0x1", " 1", 1, 1.5, None])
def test_what_is_no_decimal_is_not_taken(value: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(value), type=Number)


# ---------------------------------------------------------------- batches

BODIES = st.binary(max_size=60).filter(lambda body: b"--answers" not in body and not body.endswith(b"\r"))
"""Where lines end in a bare line feed, nobody could tell a body's own carriage return from the delimiter's."""
NAMES = st.text("abcdefghij0123456789", min_size=1, max_size=8)
ANSWERS = st.lists(
    st.tuples(NAMES, st.sampled_from([200, 204, 400, 404, 429, 500]), BODIES),
    max_size=8,
    unique_by=lambda each: each[0],
)


def written(answers: list[tuple[str, int, bytes]], end: str, boundary: str = "answers") -> bytes:
    parts = [
        f"--{boundary}{end}Content-Type: application/http{end}Content-ID: {name}{end}{end}"
        f"HTTP/1.1 {status} As it is{end}Content-Type: application/json{end}Retry-After: 7{end}{end}".encode()
        + body
        + end.encode()
        for name, status, body in answers
    ]
    return b"".join(parts) + f"--{boundary}--".encode()


@given(ANSWERS, st.sampled_from(["\r\n", "\n"]))
def test_every_answer_comes_out_of_a_batch_as_it_went_in(answers: list[tuple[str, int, bytes]], end: str) -> None:
    if not answers:
        return
    found = BatchDecoder().decode(written(answers, end))
    assert [(each.name, each.status, each.body) for each in found] == [
        (name, status, body) for name, status, body in answers
    ]
    assert {each.headers["retry-after"] for each in found} == {"7"}


@given(ANSWERS.filter(lambda answers: len(answers) > 0))
def test_answers_of_a_change_set_are_found_within_it(answers: list[tuple[str, int, bytes]]) -> None:
    inner = written([each for each in answers if b"--inner" not in each[2]], "\r\n", "inner").decode("latin-1")
    outer = f"--answers\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n{inner}\r\n--answers--".encode(
        "latin-1"
    )
    assert [each.name for each in BatchDecoder().decode(outer)] == [
        each[0] for each in answers if b"--inner" not in each[2]
    ]


@given(st.lists(st.tuples(NAMES, TEXTS, st.binary(max_size=50)), min_size=1, max_size=6), st.booleans())
def test_requests_are_written_so_that_each_can_be_found_again(
    parts: list[tuple[str, str, bytes]],
    is_change: bool,  # noqa: FBT001 - drawn
) -> None:
    asked = [
        Part(name, "PATCH" if is_change else "GET", f"A?{query((('x', text),))}", {}, body)
        for name, text, body in parts
    ]
    boundary = boundary_of(asked)
    body = encoded(asked, boundary, is_change=is_change)
    assert boundary_of(asked) == boundary
    assert body.count(f"--{boundary}\r\n".encode()) == (1 if is_change else len(asked))
    assert body.endswith(f"--{boundary}--\r\n".encode())
    found = re.findall(rb"Content-ID: (\w+)\r\n\r\n(\w+) (\S+) HTTP/1\.1\r\n", body)
    assert [(name.decode(), url.decode()) for name, _, url in found] == [(each.name, each.url) for each in asked]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"12",
        b"{}",
        b"--answers",
        b"--answers\r\n",
        b"--answers\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}",
    ],
)
def test_what_is_cut_off_or_no_batch_is_none(content: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match=re.escape("at `$`")):
        BatchDecoder().decode(content)


@given(st.binary(max_size=200))
@example(b"--a\r\n\r\n--a--")
@example(b"--a\r\nContent-Type: multipart/mixed\r\n\r\n--a--")
@example(b"--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n--a--")
def test_nothing_that_is_sent_breaks_the_decoder(content: bytes) -> None:
    try:
        found = BatchDecoder().decode(content)
    except msgspec.ValidationError:
        return
    assert all(isinstance(each, Answer) for each in found)


def test_a_part_that_is_no_answer_fails_alone() -> None:
    content = b"--a\r\nContent-ID: 1\r\n\r\nnonsense\r\n--a\r\nContent-ID: 2\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}\r\n--a--"
    assert [(each.name, each.status, each.body) for each in BatchDecoder().decode(content)] == [
        ("1", 0, b""),
        ("2", 200, b"{}"),
    ]


def test_too_many_parts_are_not_read() -> None:
    with pytest.raises(msgspec.ValidationError, match="too many"):
        BatchDecoder().decode(b"--a\r\n\r\n" * 1_100 + b"--a--")


def answer(name: str | None, status: int = 200) -> Answer:
    return Answer(name, status, {}, b"")


def test_answers_are_told_apart_by_their_names_and_by_order_only_where_none_has_one() -> None:
    one, two, bare = answer("1"), answer("2"), answer(None)
    assert told_apart([two, one], ["1", "2"]) == {"1": one, "2": two}
    assert told_apart([one], ["1", "2"]) == {"1": one}
    assert told_apart([one, bare], ["1", "2"]) == {"1": one}
    assert told_apart([bare], ["1", "2"]) == {}
    assert told_apart([bare, bare], ["1", "2"]) == {"1": bare, "2": bare}


# ---------------------------------------------------------------- options

US = OPTIONS["companies"]["US"]


@pytest.mark.parametrize(
    ("given_options", "what"),
    [
        ({"companies": {}}, "names none"),
        ({"companies": {"US": US, "CA": US}}, "one sales organization"),
        ({"companies": {"US": US | {"currency": "usd"}}}, "currency"),
        ({"companies": {"US": US | {"division": "0' or"}}}, "division"),
        ({"companies": {"US": US | {"plants": {"1710": "EAST", "1720": "EAST"}}}}, "one warehouse"),
        ({"companies": {"US": US | {"plants": {"17'0": "EAST"}}}}, "letters and digits"),
        ({"companies": {"US": US}, "reference_field": "ExternalDocumentID"}, "reference_field"),
        ({"companies": {"US": US}, "smallest_quantity": "0"}, "positive"),
        ({"companies": {"US": US}, "delivery_blocks": {"01": "LATE"}}, "LATE"),
        ({"companies": {"US": US}, "tenant": "x"}, "unknown field"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_the_start(given_options: dict[str, Any], what: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=what):
        msgspec.convert(given_options, Options)
