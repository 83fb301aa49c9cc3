"""Documents by id, from a manifest or registered; and what becomes of others."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from stack import Stack, stack_over
from streaming import socket

from gateway.app import create_app
from gateway.body import Body
from gateway.cli import main
from gateway.settings import SettingsError, settings_from
from gateway.trusted import DocumentSettings, TrustedDocuments, read_manifest
from sandbox.facts import Dataset

FACTS = {"today": "2026-06-30", "items": [{"company": "US", "sku": "BOLT", "name": "Bolt"}]}
ITEM = "query Item($sku: String!) { item(sku: $sku) { name } }"
OTHER = '{ item(sku: "BOLT") { sku } }'
ANSWER = {"data": {"item": {"name": "Bolt"}}}
NOT_FOUND = "PersistedQueryNotFound"
GRAPHQL = "application/graphql-response+json"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def apollo(text: str = ITEM) -> dict[str, Any]:
    operation = {"id": sha(text), "name": "Item", "type": "query", "body": text}
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}


def apq(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha(text)}}


@asynccontextmanager
async def trusting(folder: Path, mode: str, manifest: Any) -> AsyncIterator[Stack]:
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest))
    async with stack_over(Dataset.from_builtins(FACTS), documents={"mode": mode, "manifest": str(path)}) as stack:
        yield stack


async def asked(stack: Stack, **body: Any) -> Any:
    return (await stack.client.post("/graphql", json=body)).json()


@pytest.mark.parametrize("mode", ["off", "log", "enforce"])
async def test_a_document_is_asked_by_its_id_as_every_client_names_it(tmp_path: Path, mode: str) -> None:
    variables = {"sku": "BOLT"}
    async with trusting(tmp_path, mode, {"item-1": ITEM}) as stack:
        for name in ("documentId", "id", "doc_id"):
            assert await asked(stack, **{name: "item-1"}, variables=variables) == ANSWER
        answer = await stack.client.get("/graphql", params={"documentId": "item-1", "variables": json.dumps(variables)})
        assert answer.json() == ANSWER
    async with trusting(tmp_path, mode, apollo()) as stack:
        assert await asked(stack, extensions=apq(ITEM), variables=variables) == ANSWER
        params = {"extensions": json.dumps(apq(ITEM)), "variables": json.dumps(variables)}
        assert (await stack.client.get("/graphql", params=params)).json() == ANSWER


async def test_a_socket_takes_a_document_by_its_id_too(tmp_path: Path) -> None:
    async with trusting(tmp_path, "enforce", {"item-1": ITEM}) as stack, socket(stack.url) as client:
        for number, payload in enumerate(({"documentId": "item-1"}, {"id": "item-1"}, {"doc_id": "item-1"})):
            asked_for = payload | {"variables": {"sku": "BOLT"}}
            await client.say({"id": str(number), "type": "subscribe", "payload": asked_for})
            assert await client.hear() == {"id": str(number), "type": "next", "payload": ANSWER}
            assert await client.hear() == {"id": str(number), "type": "complete"}
        await client.say({"id": "4", "type": "subscribe", "payload": {"doc_id": "item-2"}})
        refused = await client.hear()
        assert (refused["type"], [each["message"] for each in refused["payload"]]) == ("error", [NOT_FOUND])


async def test_enforced_only_the_manifests_documents_are_taken(tmp_path: Path) -> None:
    async with trusting(tmp_path, "enforce", apollo()) as stack:
        assert await asked(stack, query=ITEM, variables={"sku": "BOLT"}) == ANSWER  # its very text is as good as its id
        for body in (
            {"query": OTHER},
            {"query": f"{ITEM} "},
            {"query": OTHER, "extensions": apq(OTHER)},
            {"query": "{ __schema { types { name } } }"},
            {"query": "{ __typename }"},
        ):
            answer = await asked(stack, **body)
            assert "data" not in answer
            assert answer["errors"][0]["extensions"]["code"] == "NOT_TRUSTED"
        unregistered = await asked(stack, extensions=apq(OTHER))
        assert unregistered["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        strict = await stack.client.post("/graphql", json={"query": OTHER}, headers={"Accept": GRAPHQL})
        assert strict.status_code == 400
        assert await stack.calls() == {"GET /items": 1}


async def test_logged_each_foreign_document_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with trusting(tmp_path, "log", apollo()) as stack:
        for _ in range(3):
            assert (await asked(stack, query=OTHER))["data"] == {"item": {"sku": "BOLT"}}
            assert await asked(stack, query=ITEM, variables={"sku": "BOLT"}) == ANSWER
    told = [each.message for each in caplog.records if each.name == "crossdock.documents"]
    assert told == [f"a document is not in the manifest: sha256={sha(OTHER)}"]


async def test_a_client_registers_a_document_as_apollos_do(stack: Stack) -> None:
    missing = await stack.client.post("/graphql", json={"extensions": apq(OTHER)})
    (error,) = missing.json()["errors"]
    assert (missing.status_code, error["message"]) == (200, "PersistedQueryNotFound")
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert "data" in await asked(stack, query=OTHER, extensions=apq(OTHER))
    assert "data" in await asked(stack, extensions=apq(OTHER))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"query": OTHER, "extensions": apq(ITEM)}, "The hash is not that of the document."),
        ({"query": OTHER, "extensions": {"persistedQuery": {"version": 2, "sha256Hash": "x"}}}, "must have version 1"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 3}}}, "must have version 1"),
        ({"extensions": {"persistedQuery": "x"}}, 'The "query" is missing.'),
        ({"documentId": ""}, 'The "query" is missing.'),
    ],
)
async def test_what_does_not_fit_is_told(stack: Stack, body: dict[str, Any], message: str) -> None:
    answer = await stack.client.post("/graphql", json=body)
    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]


async def test_a_document_beside_an_id_must_be_the_same(tmp_path: Path) -> None:
    async with trusting(tmp_path, "log", {"item-1": ITEM}) as stack:
        assert await asked(stack, documentId="item-1", query=ITEM, variables={"sku": "BOLT"}) == ANSWER
        answer = await asked(stack, documentId="item-1", query=OTHER)
        assert "not the one that its id stands for" in answer["errors"][0]["message"]


def test_registered_documents_are_bounded_and_those_asked_for_stay() -> None:
    trusted = TrustedDocuments(DocumentSettings(registered=2), {})
    texts = [f"{{ a{at}: __typename }}" for at in range(3)]

    def register(text: str) -> None:
        trusted.resolve(Body(query=text, extensions=apq(text)))

    register(texts[0])
    register(texts[1])
    trusted.resolve(Body(extensions=apq(texts[0])))
    register(texts[2])
    assert trusted.resolve(Body(extensions=apq(texts[0]))) == texts[0]
    with pytest.raises(Exception, match="PersistedQueryNotFound"):
        trusted.resolve(Body(extensions=apq(texts[1])))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "no JSON"),
        ("[]", "Expected `object`"),
        ('{"a": 1}', "Expected `str`"),
        ('{"format": "other", "version": 1, "operations": []}', "the format must be"),
        ('{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}', "version 1"),
        (None, "No such file"),
    ],
)
def test_a_manifest_that_is_none_stops_the_start(tmp_path: Path, content: str | None, told: str) -> None:
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_text(content)
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    table = {"mode": "development", "sources": sources, "documents": {"mode": "enforce", "manifest": str(path)}}
    with pytest.raises(SettingsError, match=told):
        create_app(settings_from(table, origin="x"))
    with pytest.raises(SettingsError, match="manifest"):
        settings_from({**table, "documents": {"mode": "enforce"}}, origin="x")


def test_the_command_checks_a_manifest_against_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(apollo()))
    good = CliRunner().invoke(main, ["documents", "check", str(path)])
    assert (good.exit_code, good.output) == (0, "1 documents, 0 of them refused\n")
    path.write_text(json.dumps({"a": ITEM, "b": "{ gone }", "c": "{" + " a: __typename" * 60 + "}"}))
    bad = CliRunner().invoke(main, ["documents", "check", str(path)])
    assert bad.exit_code == 1
    assert "b: Cannot query field 'gone' on type 'Query'." in bad.output
    assert "c: The operation has too many root fields: 60 fields, the limit is 50.\n" in bad.output
    assert bad.output.endswith("3 documents, 2 of them refused\n")
    assert CliRunner().invoke(main, ["documents", "check", str(tmp_path / "none")]).exit_code == 1
    assert read_manifest(path)["a"] == ITEM
