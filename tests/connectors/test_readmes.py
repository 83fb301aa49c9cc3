"""Each connector's README has its sections, and says of capabilities, keys, options and proofs what the code says."""

import inspect
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.skeleton import TO_BE_WRITTEN
from sources.manifest import CAPABILITIES, Manifest
from sources.registry import CONNECTORS
from tests.connectors.cases import CASES
from tests.connectors.running import running

ROOT = Path(__file__).parents[2]
SECTIONS = [
    "Auth",
    "Rights needed",
    "Limits",
    "Options",
    "Where each fact comes from",
    "Not covered",
    "How it was proven",
]
NONE = "-"
every_connector = pytest.mark.parametrize("found", CONNECTORS.values(), ids=CONNECTORS)


def folder(found: Manifest) -> Path:
    return Path(inspect.getfile(next(iter(found.roles.values())))).parent


def sections(found: Manifest) -> dict[str, str]:
    """A README's sections by their headings, what stands before the first under the title."""
    page = re.sub(
        r"^```.*?^```$", "", (folder(found) / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    parts = re.split(r"^#{1,2} (.+)$", page, flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def table(text: str) -> list[tuple[str, ...]]:
    """A section's first table without its head: cells, and code in them, as plain text."""
    first = re.search(r"^\|.*?(?=^[^|]|\Z)", text, re.MULTILINE | re.DOTALL)
    rows = first[0].strip().splitlines()[2:] if first is not None else []
    return [tuple(cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", row.strip()[1:-1])) for row in rows]


@every_connector
def test_the_sections_are_all_there_and_say_something(found: Manifest) -> None:
    parts = sections(found)
    assert list(parts) == [found.title, *SECTIONS]
    assert [name for name, text in parts.items() if not text] == []


@every_connector
def test_nothing_that_offers_anything_is_left_to_be_written(found: Manifest) -> None:
    left = [name for name, text in sections(found).items() if TO_BE_WRITTEN in text]
    assert left == [] or not any(found.offers.values())


@every_connector
def test_the_capabilities_told_are_those_offered(found: Manifest) -> None:
    told = [row[0] for row in table(sections(found)["Where each fact comes from"])]
    assert sorted(told) == sorted(f"{role}.{name}" for role, names in found.offers.items() for name in names)


@every_connector
def test_every_fact_comes_from_somewhere(found: Manifest) -> None:
    rows = table(sections(found)["Where each fact comes from"])
    assert [row for row in rows if len(row) != 3 or not row[1]] == []


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_keys_at_once_are_those_that_the_connector_declares(case: Any) -> None:
    rows = table(sections(case.manifest)["Where each fact comes from"])
    told = {row[0].partition(".")[2]: row[2] for row in rows if row[0].startswith(f"{case.role}.")}
    async with running(case) as at:
        limits = {name: str(at.connector.max_batch.get(name, NONE)) for name in told}
    assert told == limits


@every_connector
def test_what_a_role_does_not_offer_is_named_as_not_covered(found: Manifest) -> None:
    text = sections(found)["Not covered"]
    absent = [f"{role}.{name}" for role in found.roles for name in CAPABILITIES[role] - found.offers[role]]
    assert sorted(each for each in absent if f"`{each}`" not in text) == []


@every_connector
def test_the_options_told_are_those_there_are(found: Manifest) -> None:
    there = {
        (f"{role}.{field.encode_name}", _default(field))
        for role in found.roles
        if (kind := found.options(role)) is not None
        for field in msgspec.structs.fields(kind)
    }
    text = sections(found)["Options"]
    assert {row[:2] for row in table(text)} == there
    assert there or text == "None."


def _default(field: Any) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return msgspec.json.encode(value).decode()


@every_connector
def test_the_proofs_told_are_the_manifests_and_each_names_tests_that_are_there(found: Manifest) -> None:
    items = re.split(r"^- \*\*(.+?)\*\*", sections(found)["How it was proven"], flags=re.MULTILINE)
    assert items[1::2] == [proof.value for proof in found.proofs]
    for text in items[2::2]:
        named = re.findall(r"`(tests/[\w/.]+)`", text)
        assert named
        assert [path for path in named if not (ROOT / path).exists()] == []
