"""The SDL that routers compose by says the same as the schema, as the table of docs/security.md, and as what is enforced."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import ObjectTypeDefinitionNode, parse

from gateway.operation import SCHEMA
from resolvers.entities import ENTITIES
from resolvers.schema import printed, printed_for_routers
from resolvers.subgraph import IN_PARTS, OWN_SCOPES, VERSION
from sources.permitted import RULES
from sources.viewer import SCOPES

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ((?:`\w+\.\w+`(?:, )?)+) \| (.+) \| .+ \|$", re.MULTILINE)
INSTEAD = "else a `PlainProblem`"
"""Who lacks the scope is given another type in its place, which a router must not refuse."""

SDL = parse(printed_for_routers())
FOR_ROUTERS = {"Query._entities", "Query._service", "_Service.sdl"}


def directives(node: Any) -> list[tuple[str, dict[str, Any]]]:
    return [
        (each.name.value, {arg.name.value: _plain(arg.value) for arg in each.arguments or ()})
        for each in node.directives or ()
    ]


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value.values] if hasattr(value, "values") else value.value


def types() -> dict[str, ObjectTypeDefinitionNode]:
    return {each.name.value: each for each in SDL.definitions if isinstance(each, ObjectTypeDefinitionNode)}


def printed_scopes() -> Iterator[tuple[str, list[list[str]]]]:
    for name, kind in types().items():
        for field in kind.fields or ():
            yield f"{name}.{field.name.value}", dict(directives(field)).get("requiresScopes", {}).get("scopes", [])


def documented() -> Iterator[tuple[str, set[str]]]:
    for names, scope in ROW.findall((ROOT / "docs" / "security.md").read_text()):
        found = set() if INSTEAD in scope else set(re.findall(r"`([a-z]+:[a-z]+)`", scope))
        yield from ((name, found) for name in re.findall(r"`(\w+\.\w+)`", names))


def test_each_field_is_printed_with_the_scopes_of_the_table_and_no_other() -> None:
    told = {place: {scope for each in scopes for scope in each} for place, scopes in printed_scopes()}
    interfaces = {"Event", "Node", "Problem"}
    table = {
        name: found for name, found in documented() if name.split(".")[0] not in interfaces and name not in FOR_ROUTERS
    }
    assert told == table
    assert {scope for found in told.values() for scope in found} <= set(SCOPES)


def test_what_is_shown_in_parts_takes_one_of_its_scopes_and_all_else_each_of_them() -> None:
    several = {place: scopes for place, scopes in printed_scopes() if len([s for each in scopes for s in each]) > 1}
    assert {place for place, scopes in several.items() if len(scopes) > 1} == IN_PARTS - FOR_ROUTERS
    assert all(len(each) == 1 for place in IN_PARTS - FOR_ROUTERS for each in several[place])
    assert {place for place, scopes in several.items() if len(scopes) == 1} == {
        "AvailabilityChange.availability",
        "OrderValidation.quote",
    }


def test_a_scope_of_our_own_is_named_only_for_fields_that_ask_no_source_or_for_other_reasons() -> None:
    for place in OWN_SCOPES:
        kind, field = place.split(".")
        found: Any = SCHEMA.type_map[kind]
        reads = found.fields[field].extensions["strawberry-definition"].metadata.get("reads", ())
        assert not any(RULES[each].scope for each in reads) or place == "Query.validateOrder", place


def test_what_takes_no_scope_takes_somebody_that_we_know() -> None:
    authenticated = {
        f"{name}.{field.name.value}"
        for name, kind in types().items()
        for field in kind.fields or ()
        if ("authenticated", {}) in directives(field)
    }
    assert authenticated == {"Query.viewer"}


def test_entities_have_both_their_keys_and_values_may_be_shared() -> None:
    keys = {
        name: [arguments["fields"] for each, arguments in directives(kind) if each == "key"]
        for name, kind in types().items()
    }
    assert {name: found for name, found in keys.items() if found} == {
        "Customer": ["id", "number company"],
        "Item": ["id", "sku company"],
        "Order": ["id", "number company"],
        "OrderSubmission": ["id"],
        "ShipTo": ["id", "code company"],
        "Shipment": ["id", "number company"],
        "Warehouse": ["code"],
    }
    shared = {name for name, kind in types().items() if ("shareable", {}) in directives(kind)}
    assert shared == {"Address", "Money", "PageInfo"}


def test_everything_with_an_id_is_an_entity_and_its_keys_are_never_null() -> None:
    nodes = {name for name, kind in SCHEMA.type_map.items() if "Node" in map(str, getattr(kind, "interfaces", ()))}
    assert nodes == set(ENTITIES) - {"Warehouse"}
    for name, entity in ENTITIES.items():
        kind: Any = SCHEMA.type_map[name]
        assert all(str(kind.fields[each].type).endswith("!") for fields in entity.keys for each in fields)


def test_without_its_directives_the_sdl_is_the_clients_schema() -> None:
    assert VERSION == "2.9"
    bare = re.sub(
        r" @(?:key|requiresScopes|tag)\(.*?\)(?= |$)| @(?:shareable|authenticated)\b",
        "",
        printed_for_routers(),
        flags=re.MULTILINE,
    )
    theirs, ours = parse(bare, no_location=True).definitions[1:], parse(printed(), no_location=True).definitions
    routers_own = {"defer", "stream"}  # a router has its own definitions, and asks a subgraph for nothing in pieces
    ours = tuple(each for each in ours if not hasattr(each, "name") or each.name.value not in routers_own)
    assert [each.to_dict() for each in theirs] == [each.to_dict() for each in ours]


def test_clients_are_not_told_of_what_only_routers_ask() -> None:
    assert not re.search(r"\b_(Any|Entity|Service|entities|service)\b", printed())
    assert not re.search(r"\b_(Any|Entity|Service|entities|service)\b", printed_for_routers())
    assert {"_Any", "_Entity", "_Service"} < set(SCHEMA.type_map)


def test_the_printed_subgraph_is_fresh() -> None:
    assert (ROOT / "schema.federation.graphql").read_text() == printed_for_routers(), "run `make schema` and commit it"
