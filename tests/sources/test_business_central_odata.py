"""What is written into OData stays where it is put: literals, filters, parts, and what is read out of links and enumerations."""

from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.business_central.odata import (
    MAX_QUERY,
    Token,
    all_of,
    literal,
    may_exist,
    one_of,
    option,
    parted,
    query,
    token_of,
)
from sources.business_central.options import Options
from tests.connectors.central import COMPANY_ID, OWN, _options
from tests.connectors.odata_filter import Filter, NotTaken

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
KEYS = st.lists(TEXTS, min_size=1, max_size=40)


@given(TEXTS.filter(lambda text: "*" not in text), TEXTS)
@example("' or number ne '", "A")
@example("x') or (number ne 'y", "A")
def test_whatever_a_key_holds_it_is_compared_and_nothing_else(key: str, other: str) -> None:
    chosen = Filter(f"number eq {literal(key)}")
    assert chosen.takes({"number": key})
    assert chosen.takes({"number": other}) == (other == key)


@given(KEYS, TEXTS)
def test_a_filter_of_many_keys_takes_those_and_no_other(keys: list[str], other: str) -> None:
    chosen = [Filter(one_of("number", part)) for part in parted("number", keys)]
    assert all(any(each.takes({"number": key}) for each in chosen) for key in keys)
    if not any("*" in key for key in keys):
        assert any(each.takes({"number": other}) for each in chosen) == (other in keys)


@given(KEYS)
def test_each_key_is_asked_once_and_no_query_grows_too_long(keys: list[str]) -> None:
    parts = parted("externalDocumentNumber", keys)
    assert sorted(key for part in parts for key in part) == sorted(set(keys))
    assert all(len(query((("$filter", one_of("externalDocumentNumber", part)),))) <= MAX_QUERY for part in parts)


def test_a_key_that_would_match_others_is_asked_alone() -> None:
    assert parted("number", ["A", "*", "B", "A..Z", "A", "O'Hara"]) == [["A", "B"], ["*"], ["A..Z"], ["O'Hara"]]


@given(TEXTS, TEXTS)
def test_a_query_is_read_as_it_was_meant_though_a_plus_is_no_space(text: str, name: str) -> None:
    params = (("$filter", f"contains(displayName,{literal(text)}) and x eq {literal(name)}"), ("$count", "true"))
    assert _options(query(params)) == dict(params)


def test_or_is_held_together_when_more_must_hold() -> None:
    assert all_of("a eq 'x' or a eq 'y'", None, "b eq 'z'") == "(a eq 'x' or a eq 'y') and b eq 'z'"
    assert all_of(None, "a eq 'x' or a eq 'y'") == "a eq 'x' or a eq 'y'"
    assert all_of(None, "") == ""
    with pytest.raises(NotTaken):
        Filter("a eq 'x' or b eq 'y'")  # which is why nothing here joins two fields so


@pytest.mark.parametrize(
    ("key", "length", "may"),
    [("A", 20, True), ("", 20, False), ("x" * 20, 20, True), ("x" * 21, 20, False), ("a\nb", 20, False), ("\ud800", 20, False)],
)  # fmt: skip
def test_what_no_column_could_hold_does_not_exist(key: str, length: int, may: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert may_exist(key, length) == may


BASE = "https://api.businesscentral.dynamics.com/v2.0/t/production/api/v2.0/companies(1)/items"


@pytest.mark.parametrize(
    ("link", "token"),
    [
        (f"{BASE}?aid=FIN&$skiptoken='A','B%2B'", Token("$skiptoken", "'A','B+'")),
        (f"{BASE}?%24filter=x&%24skiptoken=12", Token("$skiptoken", "12")),
        (f"{BASE}?$skip=100", Token("$skip", "100")),
    ],
)
def test_of_a_link_only_the_place_to_go_on_is_read(link: str, token: Token) -> None:
    assert token_of(link, "items") == token


@pytest.mark.parametrize(
    "link", [f"{BASE}?$top=1", "https://elsewhere/x?$skiptoken=1", f"{BASE}/../customers?$skip=1", "", "::"]
)
def test_a_link_to_something_else_is_none(link: str) -> None:
    with pytest.raises(ValueError, match="link"):
        token_of(link, "items")


@pytest.mark.parametrize(
    ("code", "text"),
    [("_x0020_", ""), ("In_x0020_Review", "In Review"), ("Non_x002D_Inventory", "Non-Inventory"), ("All", "All")],
)
def test_names_of_enumerations_are_read_as_people_write_them(code: str, text: str) -> None:
    assert option(code) == text


US = {"id": COMPANY_ID, "currency": "USD"}


@pytest.mark.parametrize(
    ("given_options", "what"),
    [
        ({"companies": {}}, "names none"),
        ({"companies": {"US": {"id": "1", "currency": "USD"}}}, "no company id"),
        ({"companies": {"US": {"id": COMPANY_ID, "currency": "usd"}}}, "currency"),
        ({"companies": {"US": US}, "api": "/api/{company}"}, "is a path"),
        ({"companies": {"US": US}, "api": "https://elsewhere"}, "is a path"),
        (
            {"companies": {"US": US}, "flows": {"api": OWN, "entity": "flows", "method": "POST"}},
            "`flows` is read by GET",
        ),
        ({"companies": {"US": US}, "flows": {"api": OWN, "entity": "a b"}}, "plain names"),
        (
            {"companies": {"US": US}, "flows": {"api": OWN, "entity": "a", "fields": {"item": "no) or (1"}}},
            "plain names",
        ),
        ({"companies": {"US": US}, "smallest_quantity": "0"}, "positive"),
        ({"companies": {"US": US}, "tenant": "x"}, "unknown field"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_the_start(given_options: dict[str, Any], what: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=what):
        msgspec.convert(given_options, Options)
