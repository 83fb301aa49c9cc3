"""Which of several systems is asked what: systems of several companies, one that takes the rest, ones that know too much or offer less."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from upstream import call

from sources.call import CallContext
from sources.changes import NewNote
from sources.errors import NotOffered, SourceError, SourceRejected, SourceUnavailable
from sources.models import (
    Customer,
    Item,
    ItemStatus,
    Key,
    Page,
    PageRequest,
    PriceTerms,
    QuantityRule,
)
from sources.routed import ROUTED, System
from sources.routed.territory import Territory
from sources.viewer import Viewer

NOW = datetime(2026, 6, 30, tzinfo=UTC)
RULE = QuantityRule(Decimal(1), Decimal(1))
Asked = tuple[str, str | None, tuple[str, ...]]


def item(company: str, sku: str) -> Item:
    return Item(company, sku, sku, ItemStatus.ACTIVE, "EA", (), RULE, hazardous=False, as_of=NOW)


def customer(company: str, number: str) -> Customer:
    return Customer(company, number, number, "USD", NOW)


class Erp:
    """Knows items and customers by company; writes down what it is asked. Without a company it tells all that it knows."""

    def __init__(self, name: str, *keys: str, most: int = 100, failure: SourceError | None = None) -> None:
        self.name, self.max_batch = name, {"items": most, "prices": 100}
        self.is_idempotent_by_reference = True
        self._keys = [Key(*each.split(":")) for each in keys]
        self.failure = failure
        self.asked: list[Any] = []

    async def items(self, _: CallContext, company: str | None, numbers: Sequence[str]) -> Mapping[Key, Any]:
        self.asked.append((company, tuple(numbers)))
        if self.failure is not None:
            raise self.failure
        return {key: item(key.company or "", key.number) for key in self._keys if self._fits(key, company, numbers)}

    async def ship_tos_by_customer(
        self, _: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Mapping[Key, Any]:
        """As the contract has it: whoever is asked for has a list, which may be empty."""
        self.asked.append((company, tuple(numbers)))
        if self.failure is not None:
            raise self.failure
        known = {key: (key.number,) for key in self._keys if self._fits(key, company, numbers)}
        return {Key(company, number): () for number in numbers} | known

    async def search_customers(
        self, _: CallContext, page: PageRequest, *, text: str | None, company: str | None, reach: Sequence[str] = ()
    ) -> Page[Customer]:
        del text
        self.asked.append((company, tuple(reach)))
        rows = [customer(key.company or "", key.number) for key in self._keys if company in {None, key.company}]
        return Page(tuple(rows), None, len(rows) if page.counted else None)

    async def prices(self, _: CallContext, terms: Sequence[PriceTerms]) -> Mapping[PriceTerms, Any]:
        self.asked.append(tuple(each.company for each in terms))
        if self.failure is not None:
            raise self.failure
        return dict.fromkeys(terms, self.name)

    def _fits(self, key: Key, company: str | None, numbers: Sequence[str]) -> bool:
        return company in {None, key.company} and key.number in numbers


def erps(*systems: tuple[Erp, tuple[str, ...]]) -> Any:
    return ROUTED["erp"]("erp", [System(erp, Territory(companies)) for erp, companies in systems])


def bounded(companies: str) -> CallContext:
    return msgspec.structs.replace(call(), viewer=Viewer("v", frozenset(), frozenset(companies.split())))


async def test_a_system_of_one_company_is_asked_for_that_one_and_one_of_several_for_all() -> None:
    us, rest = Erp("erp.us", "US:A", "CA:A"), Erp("erp.rest", "US:A", "CA:A", "MX:A")
    found = await erps((us, ("US",)), (rest, ())).items(call(), None, ["A"])
    assert (us.asked, rest.asked) == ([("US", ("A",))], [(None, ("A",))])
    assert list(found) == [Key("US", "A"), Key("CA", "A"), Key("MX", "A")]


async def test_what_a_system_says_of_anothers_company_is_not_taken() -> None:
    us, both = Erp("erp.us"), Erp("erp.both", "US:A", "CA:A", "MX:A")
    assert list(await erps((us, ("US",)), (both, ("CA", "FR"))).items(call(), None, ["A"])) == [Key("CA", "A")]


async def test_a_named_company_is_asked_of_its_own_system_and_any_other_of_the_one_that_takes_the_rest() -> None:
    us, rest = Erp("erp.us", "US:A"), Erp("erp.rest", "MX:A")
    routed = erps((us, ("US",)), (rest, ()))
    assert list(await routed.items(call(), "MX", ["A"])) == [Key("MX", "A")]
    assert list(await routed.items(call(), "US", ["A"])) == [Key("US", "A")]
    assert (us.asked, rest.asked) == ([("US", ("A",))], [("MX", ("A",))])


async def test_the_smallest_batch_counts() -> None:
    routed = erps((Erp("erp.us", most=50), ("US",)), (Erp("erp.ca", most=20), ("CA",)))
    assert routed.max_batch == {"items": 20, "prices": 100}


@pytest.mark.parametrize(("companies", "asked"), [("US", [1, 0]), ("CA", [0, 1]), ("US CA", [1, 1]), ("MX", [0, 0])])
async def test_without_a_company_only_systems_of_companies_that_the_viewer_sees_are_asked(
    companies: str, asked: list[int]
) -> None:
    us, ca = Erp("erp.us", "US:A"), Erp("erp.ca", "CA:A", failure=SourceUnavailable("erp.ca"))
    routed = erps((us, ("US",)), (ca, ("CA",)))
    if companies == "CA":
        with pytest.raises(SourceUnavailable):
            await routed.items(bounded(companies), None, ["A"])
    else:
        await routed.items(bounded(companies), None, ["A"])
    assert [len(us.asked), len(ca.asked)] == asked


async def test_a_failure_stands_beside_what_was_found_elsewhere_for_there_may_be_another() -> None:
    down = SourceUnavailable("erp.ca")
    routed = erps((Erp("erp.us", "US:A"), ("US",)), (Erp("erp.ca", failure=down), ("CA",)))
    found = await routed.items(call(), None, ["A", "B"])
    assert {key: getattr(value, "sku", value) for key, value in found.items()} == {
        Key(None, "A"): down,
        Key(None, "B"): down,
        Key("US", "A"): "A",
    }


async def test_where_all_fail_the_first_ones_error_is_raised() -> None:
    first, second = SourceUnavailable("erp.us"), SourceUnavailable("erp.ca")
    routed = erps((Erp("erp.us", failure=first), ("US",)), (Erp("erp.ca", failure=second), ("CA",)))
    with pytest.raises(SourceUnavailable) as raised:
        await routed.items(call(), None, ["A"])
    assert raised.value is first


async def test_an_empty_list_of_one_company_hides_no_list_of_another() -> None:
    routed = erps((Erp("erp.us"), ("US",)), (Erp("erp.ca", "CA:A"), ("CA",)))
    found = await routed.ship_tos_by_customer(call(), None, ["A", "B"])
    assert found == {Key("CA", "A"): ("A",), Key(None, "B"): ()}
    down = SourceUnavailable("erp.ca")
    failing = erps((Erp("erp.us"), ("US",)), (Erp("erp.ca", failure=down), ("CA",)))
    assert await failing.ship_tos_by_customer(call(), None, ["A"]) == {Key(None, "A"): down}


def terms(company: str, sku: str) -> PriceTerms:
    return PriceTerms(company, "C1", sku, Decimal(1))


async def test_prices_of_several_companies_are_one_call_to_each_system_and_fail_with_their_own() -> None:
    down = SourceUnavailable("erp.ca")
    north, ca = Erp("erp.north"), Erp("erp.ca", failure=down)
    routed = erps((north, ("US", "MX")), (ca, ("CA",)))
    asked = [terms("US", "A"), terms("CA", "A"), terms("MX", "A"), terms("FR", "A")]
    assert await routed.prices(call(), asked) == {asked[0]: "erp.north", asked[2]: "erp.north", asked[1]: down}
    assert (north.asked, ca.asked) == ([("US", "MX")], [("CA",)])
    with pytest.raises(SourceUnavailable):
        await routed.prices(call(), [asked[1]])


@pytest.mark.parametrize(
    ("reach", "us_asked", "rest_asked"),
    [
        ((), [("US", ())], [(None, ())]),
        (("US:C1",), [("US", ("US:C1",))], []),
        (("CA:C1", "MX:*"), [], [(None, ("CA:C1", "MX:*"))]),
        (("*:C1", "US:C2"), [("US", ("*:C1", "US:C2"))], [(None, ("*:C1",))]),
    ],
)
async def test_a_search_asks_each_within_its_own_part_of_the_reach_and_never_without_one(
    reach: tuple[str, ...], us_asked: list[Any], rest_asked: list[Any]
) -> None:
    us, rest = Erp("erp.us"), Erp("erp.rest")
    await erps((us, ("US",)), (rest, ())).search_customers(
        call(), PageRequest(10), text=None, company=None, reach=reach
    )
    assert (us.asked, rest.asked) == (us_asked, rest_asked)


async def test_a_search_passes_over_rows_of_anothers_company_and_tells_no_total_then() -> None:
    us, rest = Erp("erp.us", "US:C1"), Erp("erp.rest", "US:OLD", "CA:C1")
    page = await erps((rest, ()), (us, ("US",))).search_customers(
        call(), PageRequest(10, None, counted=True), text=None, company=None
    )
    assert ([(row.company, row.number) for row in page.rows], page.next, page.total) == (
        [("US", "C1"), ("CA", "C1")],
        None,
        None,
    )


async def test_where_one_cannot_tell_orders_by_their_reference_all_are_taken_for_such() -> None:
    us, ca = Erp("erp.us"), Erp("erp.ca")
    routed = erps((us, ("US",)), (ca, ("CA",)))
    assert routed.is_idempotent_by_reference
    ca.is_idempotent_by_reference = False
    assert not routed.is_idempotent_by_reference


async def test_a_company_without_an_erp_is_refused_what_cannot_be_absent() -> None:
    routed = erps((Erp("erp.us"), ("US",)), (Erp("erp.ca"), ("CA",)))
    asked: Any = NewNote("r", "MX", "C1", "text", NOW)
    for write in (routed.create_order, routed.hold_order, routed.unhold_order, routed.cancel_order, routed.simulate):
        with pytest.raises(SourceRejected) as raised:
            await write(call(), asked)
        assert (raised.value.source, raised.value.reason) == ("erp", "UNKNOWN_COMPANY")
    crm = ROUTED["crm"]("crm", [])
    with pytest.raises(SourceRejected):
        await crm.add_note(call(), asked)


# ---------------------------------------------------------------- what is not offered


class Unsearchable(Erp):
    async def search_customers(self, *_: Any, **__: Any) -> Page[Customer]:
        raise NotOffered(self.name, detail="search_customers")


async def test_a_system_that_does_not_offer_it_is_left_out_and_where_none_does_it_is_said() -> None:
    us, ca = Erp("erp.us", "US:C1"), Unsearchable("erp.ca")
    offering, lacking = frozenset({"items", "search_customers"}), frozenset({"items"})
    first, second = System(us, Territory(("US",)), offering), System(ca, Territory(("CA",)), lacking)
    asked: dict[str, Any] = {"text": None, "company": None}
    page = await ROUTED["erp"]("erp", [second, first]).search_customers(call(), PageRequest(10), **asked)
    assert [row.number for row in page.rows] == ["C1"]
    with pytest.raises(NotOffered) as raised:
        await ROUTED["erp"]("erp", [second]).search_customers(call(), PageRequest(10), **asked)
    assert raised.value.source == "erp.ca"
    with pytest.raises(NotOffered):
        await ROUTED["erp"]("erp", [first, second]).search_customers(call(), PageRequest(10), text=None, company="CA")
