"""@defer and @stream: what they mark is answered with the rest, whichever of the two executes."""

import pytest
from stack import Stack

MARKED = "{ sources { name } ... @defer { searchItems(first: 3) { edges @stream(initialCount: 1) { node { sku } } } } }"
PLAIN = "{ sources { name } searchItems(first: 3) { edges { node { sku } } } }"
DEFERRING = "multipart/mixed;deferSpec=20220824, application/json"


def left_to_graphql_core(query: str) -> str:
    """The same, with an introspection beside it, which the engine leaves to graphql-core."""
    return query.replace("{", '{ __type(name: "Money") { name }', 1)


@pytest.mark.parametrize("shaped", [str, left_to_graphql_core])
async def test_what_is_deferred_comes_in_one_piece_as_json(stack: Stack, shaped: type[str]) -> None:
    answer = await stack.client.post("/graphql", json={"query": shaped(MARKED)}, headers={"accept": DEFERRING})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == await stack.ask(shaped(PLAIN))
    assert len(answer.json()["data"]["searchItems"]["edges"]) == 3


async def test_a_mark_that_does_not_fit_is_refused(stack: Stack) -> None:
    answer = await stack.ask("{ sources { name @stream } }")
    assert [error["message"] for error in answer["errors"]] == [
        "Stream directive cannot be used on non-list field 'name' on type 'SourceStatus'."
    ]
