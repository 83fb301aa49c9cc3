"""The contract documents, and the sandbox against them: made-up requests, well-formed and not, and real keys."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
import yaml
from schemathesis.config import GenerationConfig, HealthCheck, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from sandbox.facts import Dataset
from sandbox.serve import apps

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "docs" / "contracts"
ROLES = ("erp", "crm", "wms", "carrier")
HEADERS = {"Authorization": "Bearer sandbox"}
DATASET = Dataset.from_builtins(yaml.safe_load((ROOT / "tests" / "contract_facts.yaml").read_text(encoding="utf-8")))
SYSTEMS = apps(DATASET)


def schema_of(role: str) -> Any:
    generation = GenerationConfig(max_examples=30, deterministic=True, database="none", with_security_parameters=False)
    config = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=generation)),
        suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no mistake of the sandbox
    )
    schema = schemathesis.openapi.from_path(CONTRACTS / f"{role}.yaml", config=config)
    schema.app = SYSTEMS[role]
    return schema


def judge(case: Any) -> None:
    """Every check; but a made-up cursor is refused, and so are a ref or a line number used twice and an unknown item."""
    unsayable = case.method == "POST" or "cursor" in (case.query or {})
    case.call_and_validate(headers=HEADERS, excluded_checks=[positive_data_acceptance] if unsayable else [])


erp, crm, wms, carrier = (schema_of(role) for role in ROLES)


test_the_erp_answers_every_request_as_documented = erp.parametrize()(judge)
test_the_crm_answers_every_request_as_documented = crm.parametrize()(judge)
test_the_wms_answers_every_request_as_documented = wms.parametrize()(judge)
test_the_carrier_answers_every_request_as_documented = carrier.parametrize()(judge)


READS = [
    (erp, "/items", {"sku": ["TAPE-48", "BOX-S", "OLD-1"]}, ("items", 4)),
    (erp, "/items/search", {"text": "tape"}, ("items", 3)),
    (erp, "/customers", {"number": ["C1", "C2"]}, ("customers", 3)),
    (erp, "/customers/search", {"limit": 3}, ("customers", 3)),
    (erp, "/customers/children", {"company": "US", "number": ["C1"]}, ("pages", 1)),
    (erp, "/customers/ship-tos", {"number": ["C1", "C2"]}, ("shipTos", 3)),
    (erp, "/customers/credit", {"number": ["C1", "C5", "C7"]}, ("credit", 4)),
    (erp, "/ship-tos", {"code": ["S1"], "company": "US"}, ("shipTos", 1)),
    (erp, "/supply-demand", {"sku": ["TAPE-48", "BOX-S", "BOX-M"], "company": "US"}, ("plans", 4)),
    (erp, "/orders", {"number": ["1001", "1002"]}, ("orders", 3)),
    (erp, "/orders/search", {"status": ["OPEN"], "customer": "C1"}, ("orders", 2)),
    (erp, "/orders/by-customer", {"company": "US", "number": ["C1", "C5"]}, ("pages", 2)),
    (erp, "/orders/by-reference", {"reference": ["web-1", "web-2"]}, ("orders", 2)),
    (crm, "/relationships", {"customer": ["C1", "C5"]}, ("relationships", 2)),
    (wms, "/warehouses", {"code": ["RNO", "YYZ"]}, ("warehouses", 2)),
    (wms, "/stock", {"sku": ["TAPE-48", "BOX-S"]}, ("stock", 4)),
    (wms, "/shipments", {"number": ["SH1", "SH2", "SH3", "SH4"]}, ("shipments", 4)),
    (wms, "/shipments/by-order", {"order": ["1002"]}, ("shipments", 2)),
    (carrier, "/tracking", {"trackingNumber": ["1Z001", "1Z002"]}, ("tracking", 2)),
]


@pytest.mark.parametrize(("schema", "path", "query", "rows"), READS, ids=[path for _, path, *_ in READS])
def test_real_keys_are_answered_as_documented(
    schema: Any, path: str, query: dict[str, Any], rows: tuple[str, int]
) -> None:
    answer = schema[path]["GET"].Case(query=query).call_and_validate(headers=HEADERS)
    assert (answer.status_code, len(answer.json()[rows[0]])) == (200, rows[1])


def post(schema: Any, path: str, body: dict[str, Any]) -> Any:
    return schema[path]["POST"].Case(body=body, media_type="application/json").call_and_validate(headers=HEADERS)


def test_real_prices_are_answered_as_documented() -> None:
    line = {"company": "US", "customer": "C1", "sku": "TAPE-48", "quantity": "36"}
    lines = [
        {**line, "ref": "1"},
        {**line, "ref": "2", "uom": "CS", "quantity": "1"},
        {**line, "ref": "3", "sku": "NONE"},
    ]
    answer = post(erp, "/prices", {"lines": lines}).json()
    assert [(price["ref"], price["unit"], price["uom"]) for price in answer["prices"]] == [
        ("1", "3.6125", "EA"),
        ("2", "130.0500", "CS"),
    ]
    assert answer["errors"] == []


ORDER = {
    "externalReference": "contract-1",
    "company": "US",
    "customer": "C1",
    "shipTo": "S1",
    "lines": [{"line": 1, "sku": "TAPE-48", "quantity": "12"}],
}


def test_a_real_simulation_is_answered_as_documented() -> None:
    asked = {name: value for name, value in ORDER.items() if name != "externalReference"}
    answer = post(erp, "/orders/simulate", asked)
    assert (answer.status_code, answer.json()["subtotal"], answer.json()["tax"]) == (200, "46.80", "3.74")


def test_a_real_order_is_answered_as_documented() -> None:
    fresh = schema_of("erp")
    fresh.app = apps(DATASET)["erp"]
    answers = [
        post(fresh, "/orders", ORDER),
        post(fresh, "/orders", ORDER),
        post(fresh, "/orders", {**ORDER, "poNumber": "P"}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 409]
    assert answers[0].json()["number"] == answers[1].json()["number"]
    refused = post(fresh, "/orders", {**ORDER, "externalReference": "contract-2", "customer": "C7"})
    assert (refused.status_code, refused.json()["error"]["reason"]) == (422, "UNKNOWN_SHIP_TO")


HOLD = {"company": "US", "number": "1001", "code": "ADDRESS", "reason": "No such street", "by": "desk"}
CHANGE = {"company": "US", "number": "1001", "by": "desk"}
NOTE = {
    "reference": "n1",
    "company": "US",
    "customer": "C1",
    "order": None,
    "text": "Hi.",
    "at": "2026-06-30T09:00:00Z",
}


def test_real_changes_of_an_order_are_answered_as_documented() -> None:
    fresh = schema_of("erp")
    fresh.app = apps(DATASET)["erp"]
    held = [post(fresh, "/orders/hold", HOLD) for _ in range(2)]
    assert [answer.status_code for answer in held] == [200, 200]
    assert [hold["code"] for hold in held[1].json()["holds"]] == ["CREDIT", "ADDRESS"]
    let_go = post(fresh, "/orders/unhold", {**CHANGE, "code": "CREDIT", "note": "Paid"})
    assert [hold["code"] for hold in let_go.json()["holds"]] == ["ADDRESS"]
    cancelled = [post(fresh, "/orders/cancel", CHANGE) for _ in range(2)]
    assert [answer.json()["status"] for answer in cancelled] == ["CANCELLED", "CANCELLED"]
    refused = [
        post(fresh, path, {**HOLD, "number": "NONE"}) for path in ("/orders/hold", "/orders/unhold", "/orders/cancel")
    ]
    assert [answer.json()["error"]["reason"] for answer in refused] == ["UNKNOWN_ORDER"] * 3


def test_a_real_release_is_answered_as_documented() -> None:
    fresh = schema_of("wms")
    fresh.app = apps(DATASET)["wms"]
    asked = {"company": "US", "order": "1002", "warehouses": ["RNO"], "carrierService": "GROUND", "reference": "web-2"}
    answers = [post(fresh, "/orders/release", asked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    refused = post(fresh, "/orders/release", {**asked, "order": "1001"})
    assert (refused.status_code, refused.json()["error"]["reason"]) == (422, "ORDER_ON_HOLD")


def test_a_real_note_is_answered_as_documented() -> None:
    fresh = schema_of("crm")
    fresh.app = apps(DATASET)["crm"]
    answers = [
        post(fresh, "/notes", body)
        for body in (NOTE, NOTE, {**NOTE, "text": "Ho."}, {**NOTE, "reference": "n2", "customer": "X"})
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 409, 422]


@pytest.mark.parametrize("role", ROLES)
def test_writes_are_marked_and_everything_else_reads(documents: dict[str, Any], role: str) -> None:
    operations = [each for methods in documents[role]["paths"].values() for each in methods.values()]
    writes = {each["operationId"] for each in operations if not each["x-crossdock-read"]}
    assert (
        writes
        == {
            "erp": {"createOrder", "holdOrder", "unholdOrder", "cancelOrder"},
            "wms": {"releaseOrder"},
            "crm": {"addNote"},
            "carrier": set(),
        }[role]
    )


REFUSED = re.compile(r'rejected\(\s*"([A-Z_]+)"')


def test_every_reason_the_sandbox_refuses_for_is_documented(documents: dict[str, Any]) -> None:
    reasons = {reason for path in (ROOT / "sandbox").glob("*.py") for reason in REFUSED.findall(path.read_text())}
    told = [document["components"]["responses"] for document in documents.values()]
    texts = " ".join(each["description"] for responses in told for each in responses.values())
    assert len(reasons) == 15
    assert {reason for reason in reasons if reason not in texts} == set()
    table = (CONTRACTS / "README.md").read_text(encoding="utf-8")
    assert {reason for reason in reasons if f"`{reason}`" not in table} == set()


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    return {role: yaml.safe_load((CONTRACTS / f"{role}.yaml").read_text(encoding="utf-8")) for role in ROLES}


def test_what_the_four_documents_share_is_the_same_in_all(documents: dict[str, Any]) -> None:
    rest = [documents[role]["components"] for role in ROLES[1:]]
    for part in ("schemas", "responses", "securitySchemes", "parameters"):
        for name, value in documents["erp"]["components"][part].items():
            assert [each[part][name] for each in rest if name in each.get(part, {})] in ([value] * 3, [value] * 2, [])


@pytest.mark.parametrize("role", ROLES)
def test_every_example_is_valid(documents: dict[str, Any], role: str) -> None:
    components = documents[role]["components"]
    count = 0
    for media in _media(documents[role]):
        validator = jsonschema_rs.Draft202012Validator(
            {**media["schema"], "components": components}, validate_formats=True
        )
        for example in [*([media["example"]] if "example" in media else []), *_values(media)]:
            assert [error.message for error in validator.iter_errors(example)] == []
            count += 1
    assert count >= 9


def _media(node: Any) -> Iterator[dict[str, Any]]:
    """Everything that has a schema and an example: parameters, bodies, answers."""
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict) and ("example" in node or "examples" in node):
            yield node
        for value in node.values():
            yield from _media(value)
    elif isinstance(node, list):
        for value in node:
            yield from _media(value)


def _values(media: dict[str, Any]) -> list[Any]:
    return [each["value"] for each in media.get("examples", {}).values()]


@pytest.mark.parametrize("role", ROLES)
def test_everything_is_described(documents: dict[str, Any], role: str) -> None:
    assert sorted(_undescribed(documents[role])) == []


def _undescribed(document: dict[str, Any]) -> Iterator[str]:
    components = document["components"]
    for kind in ("schemas", "responses", "parameters", "securitySchemes"):
        for name, value in components.get(kind, {}).items():
            if "description" not in value:
                yield f"{kind}/{name}"
            for member, each in value.get("properties", {}).items():
                target = components["schemas"][each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else {}
                if "description" not in each and "description" not in target:
                    yield f"{kind}/{name}/{member}"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts = [operation, *operation.get("parameters", []), *operation["responses"].values()]
            if any("description" not in part and "$ref" not in part for part in parts):
                yield f"{method} {path}"
