"""Marks of tools that do not fit stop the start; of those that do, schemas follow from the document."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

from gateway.agents import toolbox
from gateway.agents.arguments import arguments
from gateway.agents.result import result
from gateway.app import create_app
from gateway.settings import SettingsError, settings_from

SOURCES = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
ITEM = '"One item." query Item($sku: String!) { item(sku: $sku) { name } }'


def started(folder: Path, documents: dict[str, str], **tool: Any) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(documents))
    table = {
        "mode": "development",
        "sources": SOURCES,
        "documents": {"manifest": str(manifest)},
        "mcp": {"enabled": True, "tools": {"look": tool}},
    }
    create_app(settings_from(table, origin="crossdock.toml"))


@pytest.mark.parametrize(
    ("documents", "tool", "why"),
    [
        ({"1": ITEM}, {"document": "2"}, "the manifest has no document with the id or the operation `2`"),
        ({"1": ITEM, "2": ITEM + " "}, {"document": "Item"}, "the manifest has 2 documents with the operation `Item`: name it by its id"),
        ({"1": "{ nothing }"}, {"document": "1"}, "its document is refused: Cannot query field 'nothing' on type 'Query'."),
        ({"1": "{"}, {"document": "1"}, "its document is refused: Syntax Error: Expected Name, found <EOF>."),
        ({"1": "query A { __typename } query B { __typename }"}, {"document": "1"}, "its document has 2 operations, and a tool is one"),
        ({"1": 'subscription { shipmentEvents(order: "1") { id } }'}, {"document": "1"}, "it is a subscription, and a tool answers once"),
        ({"1": "query Item { __typename }"}, {"document": "1"}, "it has no `description`, by which an agent would know when to call it"),
    ],
)  # fmt: skip
def test_a_bad_mark_stops_the_start_and_says_which_and_why(
    tmp_path: Path, documents: dict[str, str], tool: dict[str, Any], why: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        started(tmp_path, documents, **tool)
    assert str(refused.value) == f"the tool `look` cannot be offered: {why} - at `$.mcp.tools.look`"


@pytest.mark.parametrize("wanted", ["1", "Item"])
def test_a_document_is_named_by_its_id_or_by_its_operation(tmp_path: Path, wanted: str) -> None:
    started(tmp_path, {"1": ITEM, "broken": "{"}, document=wanted)


@pytest.mark.parametrize(
    ("mcp", "place"),
    [
        ({"enabled": True}, "`tools` must name one at least where `enabled` is true - at `$.mcp`"),
        ({"tools": {"with space": {"document": "1"}}}, "$.mcp.tools"),
        ({"tools": {"a": {}}}, "$.mcp.tools"),
        ({"tools": {"a": {"document": "1", "colour": "red"}}}, "$.mcp.tools"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_their_place(mcp: dict[str, Any], place: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({"sources": SOURCES, "mcp": mcp}, origin="crossdock.toml")
    assert place in str(refused.value)


def test_without_the_library_the_start_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolbox, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"pip install 'crossdock\[mcp\]' - at `\$\.mcp\.enabled`$"):
        started(tmp_path, {"1": ITEM}, document="1")


def test_a_gateway_without_agents_imports_nothing_of_the_library() -> None:
    program = (
        "import sys, gateway.app, gateway.demo; print(sorted({'mcp', 'mcp_types', 'pydantic'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 - our own interpreter
    assert told.stdout == "[]\n"


SCHEMA = build_schema('''
enum Colour { "As blood." RED "As grass." GREEN }
scalar Decimal
"""A day."""
scalar Date
input Size { "In centimetres." width: Decimal! depth: Decimal = null colours: [Colour!] = null }
input Change { idempotencyKey: String = null note: String! }
interface Thing { id: ID! }
type Box implements Thing { id: ID! lid: Lid day: Date }
type Bag implements Thing { id: ID! strap: Int! lid: Lid }
type Lid { name: String! colour: Colour key: String }
union Any = Box | Bag
type Query { "Things." things("How large." size: Size, "Which." ids: [ID!], at: Date): [Thing!]! any: Any }
type Mutation { change("What." input: Change!): Boolean }
''')  # fmt: skip


def parsed(text: str) -> tuple[GraphQLSchema, Any, OperationDefinitionNode]:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    (operation,) = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return SCHEMA, document, operation


def test_variables_become_json_schema_down_to_input_objects_lists_and_enums() -> None:
    text = """query Q($size: Size!, $ids: [ID!] = ["a"], $day: Date, $width: Decimal!) {
      things(size: $size, ids: $ids, at: $day) { id } other: things(size: { width: $width }) { id } }"""
    found = arguments(*parsed(text))
    assert (found["required"], found["additionalProperties"]) == (["size", "width"], False)
    size, ids, day, width = (found["properties"][name] for name in ("size", "ids", "day", "width"))
    assert ids == {"type": ["array", "null"], "items": {"type": "string"}, "description": "Which.", "default": ["a"]}
    assert day == {"type": ["string", "null"], "format": "date", "description": "A day."}
    decimal = {"type": "string", "pattern": r"^[+-]?\d{1,30}(\.\d{1,30})?$"}
    assert width == {**decimal, "description": "In centimetres."}
    assert (size["type"], size["description"], size["required"]) == ("object", "How large.", ["width"])
    assert size["properties"]["depth"] == {**decimal, "type": ["string", "null"]}
    colours = size["properties"]["colours"]
    assert colours["items"] == {
        "type": "string",
        "enum": ["RED", "GREEN"],
        "description": "Colour\nRED: As blood.\nGREEN: As grass.",
    }


def test_a_mutation_asks_for_the_key_that_its_input_may_have() -> None:
    found = arguments(*parsed("mutation M($input: Change!) { change(input: $input) }"))
    asked = found["properties"]["input"]
    assert asked["required"] == ["idempotencyKey", "note"]
    assert (asked["properties"]["idempotencyKey"]["type"], asked["properties"]["idempotencyKey"]["minLength"]) == (
        "string",
        1,
    )


def test_an_answer_has_what_is_selected_and_requires_what_is_always_there() -> None:
    text = """query Q($deep: Boolean!) { any { __typename ...B ... on Bag { strap lid { name } } }
      first: things { id ... on Box { day } ... { again: id } } ... @include(if: $deep) { things { id } } }
      fragment B on Box { lid { colour key @skip(if: $deep) } }"""
    found = result(*parsed(text))["properties"]["data"]
    assert (found["type"], found["required"]) == (["object", "null"], ["any", "first"])
    anything, first = found["properties"]["any"], found["properties"]["first"]
    assert (anything["type"], anything["required"]) == (["object", "null"], ["__typename"])
    lid = anything["properties"]["lid"]
    assert (lid["type"], lid["required"], set(lid["properties"])) == (["object", "null"], [], {"name", "colour", "key"})
    assert lid["properties"]["colour"] == {"type": ["string", "null"], "enum": ["RED", "GREEN", None]}
    assert (first["type"], first["items"]["required"], first["description"]) == ("array", ["id", "again"], "Things.")
    assert first["items"]["properties"]["day"] == {"type": ["string", "null"]}
