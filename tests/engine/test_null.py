"""What may not be null, and is: the nearest place above that may be becomes null instead, at once or later, up to the root."""

from typing import Any

import pytest
from graphql import ExecutionResult, build_schema

from tests.engine.twins import by_engine

SCHEMA = build_schema("""
  type Query { nest: Nest, must: Nest!, nests: [Nest], full: [Nest!], n: Int }
  type Nest { now: String, nowMust: String!, nest: Nest, nestMust: Nest!, nests: [Nest], full: [Nest!], fullMust: [Nest!]! }
""")


async def later(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


def nest(**fields: Any) -> dict[str, Any]:
    return {"nowMust": "here", **fields}


async def asked(selection: str, **root: Any) -> ExecutionResult:
    return await by_engine(SCHEMA, "{ " + selection + " }", root=root)


def told(result: ExecutionResult) -> list[tuple[str, tuple[Any, ...]]]:
    return [(error.message, tuple(error.path or ())) for error in result.errors or ()]


FAILS: dict[str, tuple[Any, str]] = {
    "null": (lambda: None, "Cannot return null for non-nullable field Nest.nowMust."),
    "an error": (lambda: ValueError("no"), "no"),
    "null, later": (lambda: later(None), "Cannot return null for non-nullable field Nest.nowMust."),
    "an error, later": (lambda: later(ValueError("no")), "no"),
    "of a wrong kind": (lambda: ["x"], "String cannot represent value: ['x']"),
}


@pytest.fixture(params=FAILS)
def failing(request: pytest.FixtureRequest) -> tuple[dict[str, Any], str]:
    make, message = FAILS[request.param]
    return {"nowMust": make()}, message


async def test_the_object_that_holds_it_becomes_null(failing: tuple[dict[str, Any], str]) -> None:
    holder, message = failing
    result = await asked("nest { now nowMust } n", nest=holder, n=1)
    assert result.data == {"nest": None, "n": 1}
    assert told(result) == [(message, ("nest", "nowMust"))]


async def test_all_that_may_not_be_null_goes_with_it(failing: tuple[dict[str, Any], str]) -> None:
    holder, message = failing
    result = await asked(
        "nest { now nest { nestMust { nestMust { nowMust } } } }",
        nest=nest(now="now", nest={"nestMust": nest(nestMust=holder)}),
    )
    assert result.data == {"nest": {"now": "now", "nest": None}}
    assert told(result) == [(message, ("nest", "nest", "nestMust", "nestMust", "nowMust"))]


async def test_it_goes_up_to_the_root(failing: tuple[dict[str, Any], str]) -> None:
    holder, message = failing
    result = await asked("n must { nestMust { nowMust } }", n=1, must=nest(nestMust=holder))
    assert result.data is None
    assert told(result) == [(message, ("must", "nestMust", "nowMust"))]


async def test_it_stops_at_an_item_that_may_be_null(failing: tuple[dict[str, Any], str]) -> None:
    holder, message = failing
    result = await asked("nests { nowMust }", nests=[nest(), holder, nest()])
    assert result.data == {"nests": [{"nowMust": "here"}, None, {"nowMust": "here"}]}
    assert told(result) == [(message, ("nests", 1, "nowMust"))]


async def test_a_list_of_what_may_not_be_null_goes_with_its_item(failing: tuple[dict[str, Any], str]) -> None:
    holder, message = failing
    result = await asked("full { nowMust } nest { full { nowMust } }", full=[nest(), holder], nest=nest(full=[nest()]))
    assert result.data == {"full": None, "nest": {"full": [{"nowMust": "here"}]}}
    assert told(result) == [(message, ("full", 1, "nowMust"))]


async def test_a_list_that_may_not_be_null_takes_its_object_along(failing: tuple[dict[str, Any], str]) -> None:
    holder, message = failing
    result = await asked("nests { fullMust { nowMust } }", nests=[nest(fullMust=[nest()]), nest(fullMust=[holder])])
    assert result.data == {"nests": [{"fullMust": [{"nowMust": "here"}]}, None]}
    assert told(result) == [(message, ("nests", 1, "fullMust", 0, "nowMust"))]


async def test_one_place_that_became_null_is_told_of_once() -> None:
    result = await asked(
        "nest { a: nowMust b: nowMust nest { nowMust } }", nest={"nowMust": ValueError("no"), "nest": nest()}
    )
    assert result.data == {"nest": None}
    assert len(told(result)) == 1


async def test_failures_beside_each_other_are_all_told() -> None:
    result = await asked(
        "a: nest { nowMust } b: nest { nowMust } nests { nowMust now }",
        nest={"nowMust": None},
        nests=[{"nowMust": None}, nest(now=ValueError("no"))],
    )
    assert result.data == {"a": None, "b": None, "nests": [None, {"nowMust": "here", "now": None}]}
    assert sorted(path for _, path in told(result)) == [
        ("a", "nowMust"), ("b", "nowMust"), ("nests", 0, "nowMust"), ("nests", 1, "now"),
    ]  # fmt: skip


async def test_a_failure_that_was_told_stays_told_when_what_is_above_it_goes() -> None:
    result = await asked(
        "nest { now nest { nowMust } nestMust { nowMust } }",
        nest={"now": ValueError("one"), "nestMust": {"nowMust": later(ValueError("two"))}},
    )
    assert result.data == {"nest": None}
    assert ("two", ("nest", "nestMust", "nowMust")) in told(result)
