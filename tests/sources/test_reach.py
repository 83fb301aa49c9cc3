"""What bounds a viewer, as sources are asked it; and sources that keep to it, or do not."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger import Caller
from stack import Stack, stack_over

from gateway import development_key
from sandbox.facts import Dataset
from sources.errors import SourceContractBroken
from sources.models import Customer, Key, Money, Order, OrderFilter, OrderStatus, Page, PageRequest, Relationship
from sources.permitted import permitted
from sources.ports import Sources
from sources.viewer import SCOPES, Viewer

EVERY = frozenset(SCOPES)


def viewer(companies: str = "", customers: str = "") -> Viewer:
    return Viewer("v", EVERY, frozenset(companies.split()), frozenset(customers.split()))


@pytest.mark.parametrize(
    ("who", "company", "reach"),
    [
        (viewer(), None, ()),
        (viewer("US"), None, ("US:*",)),
        (viewer("US CA"), None, ("CA:*", "US:*")),
        (viewer("US CA"), "US", ("US:*",)),
        (viewer("US"), "CA", ()),
        (viewer("", "C1"), None, ("*:C1",)),
        (viewer("", "C1"), "US", ("*:C1",)),
        (viewer("US", "C1 C2"), None, ("US:C1", "US:C2")),
        (viewer("US CA", "C1 US:C2"), None, ("CA:C1", "US:C1", "US:C2")),
        (viewer("CA", "US:C2"), None, ()),
        (viewer("", "US:C2"), "CA", ()),
    ],
)
def test_a_viewers_bounds_are_spelled_for_sources(who: Viewer, company: str | None, reach: tuple[str, ...]) -> None:
    assert who.reach(company) == reach


_CODES = st.sampled_from(["US", "CA", "MX"])
_NUMBERS = st.sampled_from(["C1", "C2", "US:C1", "CA:C2"])


@given(st.frozensets(_CODES), st.frozensets(_NUMBERS), _CODES, st.sampled_from(["C1", "C2", "C3"]))
def test_what_is_asked_of_sources_is_what_is_checked_here(
    companies: frozenset[str], customers: frozenset[str], company: str, number: str
) -> None:
    who = Viewer("v", EVERY, companies, customers)
    entries = [entry.split(":", 1) for entry in who.reach()]
    by_source = any(own in {"*", company} and each in {"*", number} for own, each in entries)
    assert who.has_customer(company, number) == (by_source if who.is_bounded else True)


class Careless:
    """An ERP that takes no notice of `reach`, and has one order, of C9's."""

    name = "erp"

    def __init__(self, order: Any, customer: Any) -> None:
        self.max_batch = dict.fromkeys(("customers", "orders"), 100)
        self._order, self._customer = order, customer

    async def search_orders(self, *_: Any) -> Page[Any]:
        return Page((self._order,), None, 1)

    async def customers(self, *_: Any) -> dict[Any, Any]:
        return {}

    async def relationships(self, _: Any, company: str, numbers: Any) -> dict[Key, Relationship]:
        return {Key(company, each): Relationship((), (), datetime.now(UTC)) for each in numbers}

    async def search_customers(self, *_: Any, **__: Any) -> Page[Any]:
        return Page((self._customer,), None, 1)


async def test_a_source_that_answers_with_more_than_was_asked_for_is_not_believed() -> None:
    now = datetime.now(UTC)
    order = Order("US", "1", "C9", OrderStatus.OPEN, (), now, Money(Decimal(1), "USD"), ())
    careless: Any = Careless(order, Customer("US", "C9", "Nine", "USD", now))
    sources = Sources(erp=careless, crm=careless, wms=careless, carrier=careless)
    who = viewer("US", "C1")
    erp = permitted(sources, who).erp
    with pytest.raises(SourceContractBroken):
        await erp.search_orders(Caller(who).call(), PageRequest(10), OrderFilter())
    with pytest.raises(SourceContractBroken):
        await erp.search_customers(Caller(who).call(), PageRequest(10), text=None, company=None)


async def test_the_relationship_with_a_foreign_account_is_nobodys_even_where_the_account_was_not_looked_at() -> None:
    careless: Any = Careless(None, None)
    who = viewer("US", "C1")
    crm = permitted(Sources(erp=careless, crm=careless, wms=careless, carrier=careless), who).crm
    assert [*await crm.relationships(Caller(who).call(), "US", ["C1", "C9"])] == [Key("US", "C1")]


FACTS = {
    "today": "2026-06-30",
    "customers": [{"number": f"C{at}"} for at in range(101)],
    "orders": [{"number": "1", "customer": "C7", "lines": [{"sku": "A"}]}],
}


async def test_who_may_see_more_accounts_than_a_search_takes_must_name_one() -> None:
    wide = development_key.Bearer("rep", EVERY, ["US"], [f"C{at}" for at in range(101)])
    headers = {"Authorization": f"Bearer {development_key.token(wide)}"}
    async with stack_over(Dataset.from_builtins(FACTS)) as stack:
        for query in ("{ orders { totalCount } }", "{ customers { totalCount } }"):
            (error,) = (await stack.ask(query, **headers))["errors"]
            assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
            assert error["message"].endswith("search at once: name a customer.")
        assert await stack.calls() == {}
        assert await stack.ask(
            '{ orders(customer: "C7") { totalCount } customer(number: "C100") { number } }', **headers
        ) == {"data": {"orders": {"totalCount": 1}, "customer": {"number": "C100"}}}


async def test_the_sandbox_says_what_a_reach_must_look_like(stack: Stack) -> None:
    for path in ("/items/search", "/customers/search", "/orders/search"):
        url, headers = f"{stack.addresses['erp']}{path}", {"Authorization": "Bearer sandbox"}
        answer = await stack.client.get(url, params={"reach": "nonsense"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["path"]) == (400, "reach[0]")
        nobody = await stack.client.get(url, params={"reach": "XX:*", "count": "true"}, headers=headers)
        assert nobody.json()["total"] == 0
