"""Lists: of whatever can be iterated over, and what becomes null when an item may not be."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from graphql import ExecutionResult, build_schema

from tests.engine.twins import by_engine

Told = tuple[str, tuple[Any, ...]]
NULL = "Cannot return null for non-nullable field Query.list."


async def listed(kind: str, value: Any) -> ExecutionResult:
    return await by_engine(build_schema(f"type Query {{ list: {kind} }}"), "{ list }", root={"list": value})


def told(result: ExecutionResult) -> list[Told]:
    return [(error.message, tuple(error.path or ())) for error in result.errors or ()]


async def later(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


async def one_by_one(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        if isinstance(value, LookupError):
            raise value
        yield value


def broken() -> Iterator[Any]:
    yield "a"
    raise LookupError("broken off")


@pytest.mark.parametrize(
    "make",
    [
        lambda: ["a", "b"],
        lambda: ("a", "b"),
        {"a": 1, "b": 2}.keys,
        lambda: (each for each in "ab"),
        lambda: iter(["a", "b"]),
        lambda: map(str, "ab"),
        lambda: one_by_one("a", "b"),
        lambda: later(["a", "b"]),
        lambda: later(one_by_one("a", "b")),
        lambda: [later("a"), later("b")],
        lambda: one_by_one(later("a"), "b"),
    ],
)
async def test_whatever_can_be_iterated_over_is_a_list(make: Callable[[], Any]) -> None:
    result = await listed("[String!]!", make())
    assert (result.data, result.errors) == ({"list": ["a", "b"]}, None)


@pytest.mark.parametrize("value", ["ab", b"ab", 5, 1.5, True, {"a": 1}, object()])
async def test_what_cannot_be_iterated_over_is_no_list_nor_is_a_text_or_a_mapping(value: Any) -> None:
    result = await listed("[String]", value)
    assert result.data == {"list": None}
    assert told(result) == [("Expected Iterable, but did not find one for field 'Query.list'.", ("list",))]


@pytest.mark.parametrize("value", [broken(), one_by_one("a", LookupError("broken off"))])
async def test_a_list_that_breaks_off_is_null_as_a_whole(value: Any) -> None:
    result = await listed("[String]", value)
    assert result.data == {"list": None}
    assert told(result) == [("broken off", ("list",))]


MATRIX: list[tuple[str, Any, Any, list[Told]]] = [
    ("[Int]", [1, None], [1, None], []),
    ("[Int]", None, None, []),
    ("[Int]", [1, ValueError("no")], [1, None], [("no", ("list", 1))]),
    ("[Int]!", [1, None], [1, None], []),
    ("[Int]!", None, "all", [(NULL, ("list",))]),
    ("[Int]!", [1, ValueError("no")], [1, None], [("no", ("list", 1))]),
    ("[Int!]", [1, None], None, [(NULL, ("list", 1))]),
    ("[Int!]", None, None, []),
    ("[Int!]", [1, ValueError("no")], None, [("no", ("list", 1))]),
    ("[Int!]!", [1, None], "all", [(NULL, ("list", 1))]),
    ("[Int!]!", None, "all", [(NULL, ("list",))]),
    ("[Int!]!", [1, ValueError("no")], "all", [("no", ("list", 1))]),
    ("[[Int!]]", [[1, None], [2]], [None, [2]], [(NULL, ("list", 0, 1))]),
    ("[[Int!]!]", [[1, None], [2]], None, [(NULL, ("list", 0, 1))]),
    ("[[Int]!]", [None, [2]], None, [(NULL, ("list", 0))]),
    ("[Int]", [1, "x"], [1, None], [("Int cannot represent non-integer value: 'x'", ("list", 1))]),
]
WAYS: dict[str, Callable[[Any], Any]] = {
    "at once": lambda value: value,
    "later": later,
    "item by item": lambda value: [later(each) for each in value] if isinstance(value, list) else later(value),
    "asynchronous": lambda value: one_by_one(*value) if isinstance(value, list) else value,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "value", "expected", "errors"), MATRIX)
async def test_an_item_that_may_not_be_null_takes_its_list_along(
    way: str, kind: str, value: Any, expected: Any, errors: list[Told]
) -> None:
    result = await listed(kind, WAYS[way](value))
    assert result.data == (None if expected == "all" else {"list": expected})
    assert told(result) == errors


async def test_an_iterator_is_read_once_though_its_neighbour_fails() -> None:
    core = build_schema("type Query { list: [Row] } type Row { inner: [Row] names: [String] bad: String }")
    rows = [{"inner": [{"names": iter("ab")}], "names": iter("cd"), "bad": ValueError("no")}]
    result = await by_engine(core, "{ list { inner { names } names bad } }", root={"list": rows})
    assert result.data == {"list": [{"inner": [{"names": ["a", "b"]}], "names": ["c", "d"], "bad": None}]}


async def test_lists_may_be_nested_twenty_five_deep() -> None:
    kind, value = "[Int!]", [1, 2]
    for _ in range(24):
        kind, value = f"[{kind}]", [value, None]  # type: ignore[list-item]
    result = await listed(kind, value)
    assert (result.data, result.errors) == ({"list": value}, None)
