"""Other people's judges of a schema: graphql-eslint, graphql-schema-linter, graphql-inspector."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.schema_changes import changes

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODULES = HERE / "node_modules"
OUTLINE = ROOT.parent / "shared" / "contract" / "schema-outline.graphql"
CONFIGURATION = HERE / ".graphql-schema-linterrc"

pytestmark = pytest.mark.uncovered  # other people's programs; of ours they run nothing


async def node(folder: Path, *command: str | Path) -> tuple[int, str]:
    """Its exit code and what it printed. Where node or the judges are not installed the test is skipped, but not in CI."""
    program = shutil.which("node")
    if program is None or not MODULES.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have node, and `make schema-tools` must have been run")
        pytest.skip("node or the judges are not installed (`make schema-tools`)")
    process = await asyncio.create_subprocess_exec(
        program, *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        said, complained = await process.communicate()
    assert complained.decode() == ""
    return process.returncode or 0, said.decode()


async def eslint(folder: Path) -> tuple[int, Sequence[str]]:
    """The rules that schema.graphql in this folder breaks, by their names."""
    program = MODULES / "eslint" / "bin" / "eslint.js"
    chosen = ("--config", HERE / "eslint.config.js", "--max-warnings", "0", "--format", "json")
    code, said = await node(folder, program, *chosen, "schema.graphql")
    (file,) = json.loads(said)
    return code, [each["ruleId"].removeprefix("@graphql-eslint/") for each in file["messages"]]


async def linter(folder: Path) -> tuple[int, Sequence[str]]:
    program = MODULES / "graphql-schema-linter" / "lib" / "cli.js"
    code, said = await node(folder, program, "--config-directory", HERE, "--format", "json", "schema.graphql")
    return code, [each["rule"] for each in json.loads(said)["errors"]]


async def inspected(before: Path, after: Path) -> Sequence[Mapping[str, Any]]:
    code, said = await node(HERE, "diff.js", before, after)
    assert code == 0
    found: Sequence[Mapping[str, Any]] = json.loads(said)
    return found


async def test_both_linters_find_nothing_in_our_schema() -> None:
    assert await eslint(ROOT) == (0, [])
    assert await linter(ROOT) == (0, [])


SPOILS = {
    '"""A postal address."""\n': "",
    '"""Street and number."""': '"""street and number."""',
    '  """City."""\n': "",
    "  city: String!": "  addressCity: String!",
    "  postalCode: String\n": "  PostalCode: String\n",
    "  region: String\n": '  region: String @deprecated(reason: "")\n',
    "  DISCRETE\n": "  discrete\n",
    "input: CancelSubmissionInput!\n  ): SubmissionPayload": "wish: CancelSubmissionInput!\n  ): Boolean",
    "input: RetrySubmissionInput!": "input: CancelSubmissionInput!",
    "): ItemConnection": "): ItemConnection!",
    "  node: Customer!": "  node: [Customer!]!",
    "  endCursor: String\n": "  lastCursor: String\n",
    "  edges: [OrderEdge!]!\n": "  edges: OrderEdge\n",
    "  item(\n": "  getItem(\n",
    '"""A person at the customer\'s."""': '"A person at the customer\'s."',
    '"""A moment in UTC, RFC 3339: "2026-06-30T09:15:00Z"."""': "# A moment.",
    "  children(\n": "  children: CustomerConnection\n  formerChildren(\n",
}
"""What stands in our schema, each of which some rule forbids to be otherwise."""


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    text = (
        ROOT / "schema.graphql"
    ).read_text() + '\n"""Nobody leads here."""\ntype Alone {\n  """A field."""\n  name: String\n}\n'
    for good, bad in SPOILS.items():
        assert good in text
        text = text.replace(good, bad, 1)
    (tmp_path / "schema.graphql").write_text(text)
    return tmp_path


async def test_both_linters_tell_of_a_spoiled_schema(spoiled: Path) -> None:
    code, rules = await eslint(spoiled)
    assert code == 1
    assert sorted(set(rules)) == [
        "description-style", "input-name", "naming-convention", "no-hashtag-description", "no-scalar-result-type-on-mutation",
        "no-typename-prefix", "no-unreachable-types", "relay-arguments", "relay-connection-types", "relay-edge-types",
        "relay-page-info", "require-deprecation-reason", "require-description", "require-nullable-result-in-root",
    ]  # fmt: skip
    code, rules = await linter(spoiled)
    assert code == 1
    assert sorted(set(rules)) == [
        "defined-types-are-used", "descriptions-are-capitalized", "enum-values-all-caps", "fields-are-camel-cased",
        "fields-have-descriptions", "relay-connection-arguments-spec", "relay-connection-types-spec", "types-have-descriptions",
    ]  # fmt: skip


def test_each_rule_of_the_linter_is_on_or_off_with_a_reason() -> None:
    rules = {path.stem.replace("_", "-") for path in (MODULES / "graphql-schema-linter" / "lib" / "rules").glob("*.js")}
    if not rules:
        pytest.skip("the judges are not installed (`make schema-tools`)")
    text = CONFIGURATION.read_text()
    on, off = (re.findall(rf"^{mark}([a-z-]+)$", text, re.MULTILINE) for mark in ("  - ", "# off: "))
    assert sorted([*on, *off]) == sorted(rules)


@pytest.mark.skipif(not OUTLINE.exists(), reason="the outline stands beside a checkout only")
async def test_from_the_outline_to_our_schema_the_inspector_finds_nothing_breaking() -> None:
    found = await inspected(OUTLINE, ROOT / "schema.graphql")
    assert [each for each in found if each["level"] == "BREAKING"] == []
    added = {each["path"] for each in found if each["type"] == "FIELD_ADDED"}
    assert {"Query.operations", "Query.recentOperations"} <= added


async def test_what_a_spoiled_schema_breaks_is_the_same_to_the_inspector_and_to_us(spoiled: Path) -> None:
    before, after = ROOT / "schema.graphql", spoiled / "schema.graphql"
    broken = {each["path"] for each in await inspected(before, after) if each["level"] == "BREAKING"}
    assert len(broken) == 13
    ours = changes(before.read_text(), after.read_text(), date(2026, 6, 30))
    assert {re.sub(r"\((\w+):\)", r".\1", each.place) for each in ours if each.is_break} == broken
