"""The engine answers `_entities` as graphql-core does: whatever the representations are, and whatever becomes of them."""

from asyncio import Runner
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Documents
from gateway.operation import SCHEMA
from resolvers.nodes import GlobalId
from resolvers.opaque import sealed
from sources import models
from tests.engine.twins import by_core, by_plan, same

NOW = datetime(2026, 6, 30, tzinfo=UTC)
NUMBERS = ("A", "B", "C", "NONE", "DOWN")
DOCUMENTS = Documents(SCHEMA)
TEXTS = (
    """{ _entities(representations: $r) { __typename
      ... on Customer { id number credit { onHold } billTo { number credit { onHold } } }
      ... on Item { sku replacedBy { sku name } substitutes { sku } } ... on Warehouse { code name } } }""",
    """{ a: _entities(representations: $r) { ...F }
      b: _entities(representations: $r) { __typename ... on Node { id } ...F @include(if: $yes) } }""",
    """{ _entities(representations: $r) { ... on Order { number }
      ... on Customer @skip(if: $yes) { name: company credit { onHold } } } }""",
)
FRAGMENT = "fragment F on Customer { number credit { exposure { amount } } }"


class Known:
    """A loader of a world in which three of each exist, one kind of number fails, and others are nobody's."""

    def __init__(self, kind: str, asked: Counter[tuple[str, models.Key]]) -> None:
        self._kind, self._asked = kind, asked

    def expect(self, _: Iterable[models.Key]) -> None:
        """Nothing comes sooner here."""

    async def load_linked(self, keys: Sequence[models.Key | None]) -> list[Any]:
        return [None if key is None else self._found(key) for key in keys]

    async def load_each(self, keys: Iterable[models.Key]) -> list[Any]:
        return [self._found(key) for key in keys]

    def _found(self, key: models.Key) -> Any:
        self._asked[self._kind, key] += 1
        if key.number == "DOWN":
            return ConnectionError(f"{self._kind} is down")
        company = key.company or "US"
        return None if key.number == "NONE" else _made(self._kind, company, key.number)


def _made(kind: str, company: str, number: str) -> Any:
    if kind == "customer_by_number":
        bill_to = {"A": "DOWN", "B": "A"}.get(number)
        return models.Customer(company, number, f"{number} name", "USD", NOW, bill_to_number=bill_to)
    if kind == "credit_by_customer":
        return (
            None
            if number == "C"
            else models.Credit(models.Money(Decimal("1.5"), "USD"), on_hold=number == "A", as_of=NOW)
        )
    if kind == "warehouse_by_code":
        return models.Warehouse(company, number, f"{number} name")
    rule = models.QuantityRule(Decimal(1), None, Decimal(1))
    return models.Item(
        company, number, f"{number} name", models.ItemStatus.ACTIVE, "EA", (), rule, hazardous=False, as_of=NOW,
        replaced_by_sku={"A": "NONE", "B": "C"}.get(number), substitute_skus=("B", "DOWN") if number == "A" else ("C", "NONE"),
    )  # fmt: skip


class World:
    """As much of a Context as the resolvers of these fields ask for."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, models.Key]] = Counter()
        self.loaders = self

    def __getattr__(self, name: str) -> Known:
        return Known(name, self.asked)


keyed = st.builds(
    lambda kind, number, company: {
        "__typename": kind,
        "number": number,
        "sku": number,
        "code": number,
        "company": company,
    },
    st.sampled_from(["Customer", "Item", "Warehouse", "Nope", "Query"]),
    st.sampled_from(NUMBERS),
    st.sampled_from(["US", "CA", None]),
)
identified = st.builds(
    lambda kind, sealed_kind, number: {"__typename": kind, "id": sealed(GlobalId(sealed_kind, "US", number))},
    st.sampled_from(["Customer", "Item", "Warehouse"]),
    st.sampled_from(["Customer", "Item"]),
    st.sampled_from(NUMBERS),
)
odd = st.sampled_from([5, "x", [], {}, {"__typename": None}, {"__typename": "Customer", "id": "no"}, True, 1.5])


def test_representations_of_all_kinds_are_answered_as_graphql_core_answers_them() -> None:
    with Runner() as runner:

        @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(st.one_of(keyed, identified, odd), max_size=8), st.sampled_from(TEXTS), st.booleans())
        def check(representations: list[Any], text: str, yes: bool) -> None:  # noqa: FBT001 - hypothesis gives it
            runner.run(_compared(representations, text, yes=yes))

        check()


async def _compared(representations: list[Any], text: str, *, yes: bool) -> None:
    condition = ", $yes: Boolean!" if "$yes" in text else ""
    fragment = FRAGMENT if "...F" in text else ""
    prepared = DOCUMENTS.prepared(f"query ($r: [_Any!]!{condition}) {text} {fragment}")
    values = {"r": representations, **({"yes": yes} if condition else {})}
    mine, others = World(), World()
    ours = await by_plan(prepared, values, context=mine)
    assert prepared.document is not None
    theirs = await by_core(SCHEMA, prepared.document, values, context=others)
    same(ours, theirs)
    assert mine.asked == others.asked
