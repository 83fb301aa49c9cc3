"""Each deprecation says when the element goes; and what a reason's day is."""

from datetime import date

import pytest
from graphql import parse

from gateway.coordinates import directives
from gateway.deprecations import deprecations, last_day, undated
from resolvers.schema import printed, printed_for_routers

EVERYWHERE = """
directive @old(on: Int @deprecated(reason: "REASON")) on OBJECT
interface Aged { age: Int @deprecated(reason: "REASON") }
extend type Query { fax(page: Int @deprecated(reason: "REASON"), line: Int): Int @deprecated(reason: "REASON") }
enum Way { POST FAX @deprecated(reason: "REASON") }
input Wish { way: Way fax: Int @deprecated(reason: "REASON") }
"""
PLACES = ["@old(on:)", "Aged.age", "Query.fax", "Query.fax(page:)", "Way.FAX", "Wish.fax"]


@pytest.mark.parametrize("text", [printed(), printed_for_routers()], ids=["clients", "routers"])
def test_each_deprecated_element_of_the_schema_says_when_it_goes(text: str) -> None:
    assert undated(parse(text)) == []


def test_an_element_is_found_wherever_it_is_deprecated() -> None:
    dated = parse(EVERYWHERE.replace("REASON", "Use post. Goes after 2027-01-31."))
    assert sorted(deprecations(dated)) == PLACES
    assert undated(dated) == []
    assert {each.partition(": ")[0] for each in undated(parse(EVERYWHERE.replace("REASON", "Soon.")))} == set(PLACES)


def test_a_deprecation_without_a_reason_says_no_day() -> None:
    document = parse("type Query { fax: Int @deprecated post: Int }")
    assert undated(document) == ["Query.fax: No longer supported"]


@pytest.mark.parametrize(
    ("reason", "day"),
    [
        ("Goes after 2027-01-31.", date(2027, 1, 31)),
        ("Since 2026-06-30; goes after 2027-01-31.", date(2027, 1, 31)),
        ("2027-01-31", date(2027, 1, 31)),
        ("Goes after 2027-02-30.", None),
        ("Goes after 31/01/2027.", None),
        ("Goes after 12027-01-311.", None),
        ("Goes in 2027.", None),
        ("", None),
    ],
)
def test_the_day_is_the_last_of_the_calendar_that_the_reason_names(reason: str, day: date | None) -> None:
    assert last_day(reason) == day


def test_every_element_of_the_printed_schema_has_a_coordinate() -> None:
    found = directives(parse(printed()))
    assert {
        "Customer",
        "Customer.orders",
        "Customer.orders(first:)",
        "Channel.DIRECT",
        "OrderLineInput.sku",
    } <= found.keys()
    assert "schema" in directives(parse(printed_for_routers()))
