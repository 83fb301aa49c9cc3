"""Invalidations: whatever was declared is honoured, however many are held and however they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.invalidation import Invalidation, Invalidations

FACTS = st.sampled_from(["*", "item", "price"])
TAGS = st.sampled_from(["*", "item:US:A", "item:CA:A", "item:US:B", "customer:US:A"])
DECLARED = st.lists(st.builds(Invalidation, FACTS, TAGS, st.floats(0, 100)), max_size=30)


def concerns(each: Invalidation, fact: str, tags: tuple[str, ...]) -> bool:
    return each.fact in {"*", fact} and each.tag in {"*", *tags}


@given(DECLARED)
def test_the_last_moment_is_that_of_the_last_that_concerns_it(declared: list[Invalidation]) -> None:
    known = Invalidations(kept_seconds=1_000)
    for each in declared:
        known.add(each)
    for fact in ("item", "price"):
        for tags in (("item:US:A",), ("item:US:A", "customer:US:A"), ()):
            expected = max([each.at for each in declared if concerns(each, fact, tags)], default=float("-inf"))
            assert known.since(fact, tags) == expected
            assert known.bound(fact) >= expected


@given(DECLARED)
def test_however_few_are_held_nothing_that_was_declared_is_forgotten(declared: list[Invalidation]) -> None:
    known = Invalidations(kept_seconds=1_000, limit=4)
    for each in declared:
        known.add(each)
        assert len(known) <= 4
    for each in declared:
        assert known.since(each.fact, (each.tag,)) >= each.at
        assert known.bound(each.fact) >= each.at


def test_what_is_older_than_anything_that_is_kept_is_forgotten_without_a_trace() -> None:
    known = Invalidations(kept_seconds=10, limit=2)
    for at in range(3):
        known.add(Invalidation("item", f"item:US:{at}", float(at)))
    known.add(Invalidation("item", "item:US:X", 100.0))
    assert known.since("price", ()) == 1.0  # the floor of the first overflow
    assert [each.tag for each in known.all()][-1] == "item:US:X"


@pytest.mark.parametrize("asked", ["item::A", "item:US:A"])
def test_a_question_without_a_company_is_concerned_by_its_number_in_each(asked: str) -> None:
    known = Invalidations(kept_seconds=10)
    known.add(Invalidation("item", "item:US:A", 5.0))
    assert known.since("item", (asked,)) == 5.0
    assert known.since("item", ("item:CA:A",)) == float("-inf")


def test_only_what_is_new_is_told_to_those_who_listen() -> None:
    heard: list[Invalidation] = []
    known = Invalidations(kept_seconds=10)
    known.listeners.append(heard.append)
    said = Invalidation("item", "*", 5.0)
    assert [known.add(said), known.add(said), known.add(said._replace(at=4.0))] == [True, False, False]
    assert heard == [said]
