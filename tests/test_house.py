"""What holds the house together: sizes, names, descriptions, the printed schema, the changelog's version."""

import ast
import re
import tomllib
from pathlib import Path
from statistics import median

import pytest
from graphql import GraphQLSchema, build_schema, validate_schema

from resolvers.schema import printed, schema

ROOT = Path(__file__).parents[1]
PACKAGES = ("gateway", "resolvers", "orders", "engine", "sources", "sandbox", "deploy", "examples")
FILES = sorted(path for package in (*PACKAGES, "tests") for path in (ROOT / package).rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function)]


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_functions_and_names_stay_small_and_plain(path: Path) -> None:
    assert path.stem not in VAGUE, "name the file as the noun it holds"
    payloads = path.name in {"payload.py", "models.py"}  # shapes only: no logic to get lost in
    assert len(path.read_text().splitlines()) <= (450 if payloads else 400), (
        "cut the file where a noun of its own begins"
    )
    for node in functions(path):
        assert length(node) <= 60, f"{node.name} is too long"


def called(node: ast.AST) -> str:
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


@pytest.mark.parametrize("package", [each for each in PACKAGES if each != "sandbox"])  # which imports nothing of ours
def test_tasks_are_ended_by_the_one_function_that_knows_how(package: str) -> None:
    """One cancellation can be swallowed (sources/ending.py): whoever cancels once and then waits may wait for ever."""
    hopeful = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in (ROOT / package).rglob("*.py")
        if path.name != "ending.py"
        for node in functions(path)
        if isinstance(node, ast.AsyncFunctionDef)
        and (within := {called(each) for each in ast.walk(node)}) & {"gather", "wait"}
        and "cancel" in within
    ]
    assert hopeful == [], "await sources.ending.ended(task)"


def test_the_median_function_has_at_most_ten_lines() -> None:
    assert median(length(node) for path in FILES if "tests" not in path.parts for node in functions(path)) <= 10


def test_the_printed_schema_is_fresh() -> None:
    assert (ROOT / "schema.graphql").read_text() == printed(), "run `make schema` and commit it"


def test_the_changelog_tells_of_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    released = re.search(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released is not None
    assert released[1] == version


def core() -> GraphQLSchema:
    return build_schema(printed())


def test_every_schema_element_has_a_description() -> None:
    bare: list[str] = []
    for name, kind in core().type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Boolean", "ID", "Float"}:
            continue
        bare += [name] if not kind.description else []
        for value, definition in getattr(kind, "values", {}).items():
            bare += [f"{name}.{value}"] if not definition.description else []
        for field, definition in getattr(kind, "fields", {}).items():
            bare += [f"{name}.{field}"] if not definition.description else []
            arguments = getattr(definition, "args", {})
            bare += [f"{name}.{field}({arg})" for arg, each in arguments.items() if not each.description]
    assert bare == []


def test_the_schema_is_valid() -> None:
    assert validate_schema(schema._schema) == []  # noqa: SLF001 - Strawberry's own way in refuses a schema with @defer


OUTLINE = ROOT.parent / "shared" / "contract" / "schema-outline.graphql"


@pytest.mark.skipif(not OUTLINE.exists(), reason="the outline stands beside a checkout only")
def test_what_the_outline_promises_is_there_with_its_arguments_and_nullability() -> None:
    wanted, ours = build_schema(OUTLINE.read_text()), core()
    missing: list[str] = []
    for name, kind in wanted.type_map.items():
        if name.startswith("__"):
            continue
        if name not in ours.type_map:
            missing.append(name)
            continue
        values = set(getattr(kind, "values", {})) - set(getattr(ours.type_map[name], "values", {}))
        missing += [f"{name}.{value}" for value in sorted(values)]
        for field, definition in getattr(kind, "fields", {}).items():
            there = getattr(ours.type_map[name], "fields", {}).get(field)
            signature = f"{name}.{field}: {definition.type}"
            if there is None or str(there.type) != str(definition.type):
                missing.append(f"{signature} but is {there and there.type}")
                continue
            for argument, each in getattr(definition, "args", {}).items():
                given = there.args.get(argument)
                if given is None or str(given.type) != str(each.type):
                    missing.append(f"{signature} ({argument}: {each.type}) but is {given and given.type}")
    assert missing == []
