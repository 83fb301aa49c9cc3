"""A server that keeps the contract has no findings; one that breaks it in one place has exactly that one."""

import homemade
import msgspec
import pytest
import yaml
from homemade import FACTS, SAMPLES, TOKEN, URL, Asked, Got, Handler, Twist, conform, cut, refuses
from starlette.applications import Starlette

from sandbox.facts import Dataset
from sandbox.serve import apps
from sources.conformance import Finding, Params, check, report
from sources.conformance.contract import Contract


@pytest.fixture
def systems() -> dict[str, Starlette]:
    return homemade.systems()


@pytest.mark.parametrize("role", ["erp", "crm", "wms", "carrier"])
async def test_the_sandbox_keeps_the_contract(systems: dict[str, Starlette], role: str) -> None:
    assert await conform(systems[role], role) == []


async def test_an_order_is_written_only_when_asked_for(systems: dict[str, Starlette]) -> None:
    written: list[object] = []

    async def watched(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        if (asked.method, asked.path, got.status) == ("POST", "/orders", 201):
            written.append(got.data["number"])
        return got

    assert await conform(systems["erp"], "erp", watched) == []
    assert written == []
    assert await conform(systems["erp"], "erp", watched, write=True) == []
    assert len(written) == 1


async def floats(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    return got._replace(body=got.body.replace(b'"factor":"36"', b'"factor":36.0')) if asked.path == "/items" else got


async def open_door(sandbox: Handler, asked: Asked) -> Got:
    return await sandbox(asked._replace(token=asked.token or "sandbox") if asked.path == "/stock" else asked)


async def no_limit(sandbox: Handler, asked: Asked) -> Got:
    return await sandbox(asked._replace(params=asked.params[:100]) if asked.path == "/shipments" else asked)


async def low_limit(sandbox: Handler, asked: Asked) -> Got:
    if asked.path == "/tracking" and len(asked.keys("trackingNumber")) > 50:
        error = {"code": "LIMIT_EXCEEDED", "message": "At most 50 keys.", "path": None}
        return Got(400, {"Content-Type": "application/json"}, msgspec.json.encode({"error": error}))
    return await sandbox(asked)


async def no_errors(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if asked.path == "/orders" and got.status == 200:
        return got.with_data({name: value for name, value in got.data.items() if name != "errors"})
    return got


async def twice(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    numbers = asked.keys("number")
    if asked.path == "/customers" and got.status == 200:
        rows = {row["number"]: row for row in reversed(got.data["customers"])}
        again = [rows[number] for number in set(numbers) & set(rows) if numbers.count(number) > 1]
        return got.with_data({**got.data, "customers": [*got.data["customers"], *again]})
    return got


async def unknown_is_an_error(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if asked.path == "/warehouses" and "crossdock-no-such-key" in asked.keys("code") and got.status == 200:
        failure = {"key": "crossdock-no-such-key", "code": "NOT_FOUND", "message": "No such warehouse."}
        return got.with_data({**got.data, "errors": [failure]})
    return got


async def shuffled_pages(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if asked.path == "/items/search" and asked.keys("cursor") and got.status == 200:
        return got.with_data({**got.data, "items": got.data["items"][::-1]})
    return got


async def lost_row(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if asked.path == "/orders/by-customer" and asked.keys("cursor") and got.status == 200:
        pages = [{**page, "orders": page["orders"][1:]} for page in got.data["pages"]]
        return got.with_data({**got.data, "pages": pages})
    return got


async def any_cursor(sandbox: Handler, asked: Asked) -> Got:
    if asked.path == "/customers/search" and "crossdock-broken-cursor" in asked.keys("cursor"):
        return await sandbox(asked._replace(params=[]))
    return await sandbox(asked)


async def deaf_to_company(sandbox: Handler, asked: Asked) -> Got:
    if asked.path == "/customers/credit":
        asked = asked._replace(params=[pair for pair in asked.params if pair[0] != "company"])
    return await sandbox(asked)


async def no_allow(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if got.status == 405 and asked.path == "/relationships":
        return got._replace(headers={"Content-Type": "application/json"})
    return got


async def bare_refusal(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if got.status == 400 and asked.path == "/tracking":
        return got.with_data({"error": {"code": got.data["error"]["code"], "message": "No."}})
    return got


async def html(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if got.status == 404 and "_sandbox" not in asked.path:
        return Got(404, {"content-type": "text/html"}, b'{"error":{"code":"NOT_FOUND","message":"Where?","path":null}}')
    return got


async def saving_simulation(sandbox: Handler, asked: Asked) -> Got:
    if asked.path == "/orders/simulate":
        body = dict(asked.json) if isinstance(asked.json, dict) else {}
        body |= {"externalReference": f"simulated-{id(asked)}", "shipTo": "S1"}
        await sandbox(asked._replace(path="/orders", json=body))
    return await sandbox(asked)


async def wrong_sum(sandbox: Handler, asked: Asked) -> Got:
    got = await sandbox(asked)
    if asked.path == "/orders/simulate" and got.status == 200:
        return got.with_data({**got.data, "total": "1.23"})
    return got


async def silent(sandbox: Handler, asked: Asked) -> Got:
    if asked.path == "/ship-tos" and "S1" in asked.keys("code"):
        raise TimeoutError
    return await sandbox(asked)


WRONG: list[tuple[str, Twist, tuple[str, str, str]]] = [
    ("erp", floats, ("error", "GET /items", "$.items[*].uoms[*].factor")),
    ("erp", no_errors, ("error", "GET /orders", "$")),
    ("erp", twice, ("error", "GET /customers", "$.customers")),
    ("erp", shuffled_pages, ("error", "GET /items/search", "$.items")),
    ("erp", lost_row, ("error", "GET /orders/by-customer", "$.pages[*].orders")),
    ("erp", any_cursor, ("error", "GET /customers/search", "status")),
    ("erp", deaf_to_company, ("error", "GET /customers/credit", "query company")),
    ("erp", html, ("error", "GET /items", "header Content-Type")),
    ("erp", saving_simulation, ("error", "POST /orders/simulate", "GET /orders/search")),
    ("erp", wrong_sum, ("error", "POST /orders/simulate", "$.total")),
    ("erp", silent, ("error", "GET /ship-tos", "connection")),
    ("wms", open_door, ("error", "GET /stock", "status")),
    ("wms", no_limit, ("error", "GET /shipments", "status")),
    ("wms", unknown_is_an_error, ("error", "GET /warehouses", "$.errors")),
    ("crm", no_allow, ("error", "GET /relationships", "header Allow")),
    ("carrier", bare_refusal, ("error", "GET /tracking", "$.error")),
    ("carrier", low_limit, ("warning", "GET /tracking", "status")),
]


@pytest.mark.parametrize(("role", "twist", "expected"), WRONG, ids=[twist.__name__ for _, twist, _ in WRONG])
async def test_one_mistake_is_one_finding(
    systems: dict[str, Starlette], role: str, twist: Twist, expected: tuple[str, str, str]
) -> None:
    findings = await conform(systems[role], role, twist)
    assert [(found.severity, found.operation, found.where) for found in findings] == [expected]


async def test_an_order_made_twice_is_found(systems: dict[str, Starlette]) -> None:
    made = 0

    async def forgetful(sandbox: Handler, asked: Asked) -> Got:
        nonlocal made
        if (asked.method, asked.path) == ("POST", "/orders") and isinstance(asked.json, dict):
            made += 1
            reference = f"{asked.json['externalReference']}-{made}"
            return await sandbox(asked._replace(json={**asked.json, "externalReference": reference}))
        return await sandbox(asked)

    findings = await conform(systems["erp"], "erp", forgetful, write=True)
    assert [(found.operation, found.where, found.severity) for found in findings] == [
        ("POST /orders", "status", "error"),
        ("POST /orders", "status", "error"),
        ("GET /orders/by-reference", "$.orders", "error"),
    ]
    assert [found.what.partition(".")[0] for found in findings[:2]] == [
        "The same order again: answered 201 where 200 is expected",
        "The same reference with another body: answered 201 where 409 is expected",
    ]


async def test_an_order_that_comes_back_under_another_number_is_found(systems: dict[str, Starlette]) -> None:
    async def renumbered(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        is_again = (asked.method, asked.path, got.status) == ("POST", "/orders", 200)
        return got.with_data({**got.data, "number": "SO-2"}) if is_again else got

    (found,) = await conform(systems["erp"], "erp", renumbered, write=True)
    assert (found.severity, found.operation, found.where) == ("error", "POST /orders", "$.number")
    assert found.what.startswith("The same reference made ")
    assert found.what.endswith(" and then SO-2.")


@pytest.mark.parametrize(
    ("twist", "expected"),
    [
        (
            refuses("/orders", code="REJECTED", reason="CREDIT_HOLD"),
            ("skipped", "status", "The sample order is refused: CREDIT_HOLD Not today."),
        ),
        (
            cut("/orders", lambda asked: "crossdock-conform" in str(asked.json)),
            ("error", "connection", "A new order: no answer (ConnectionResetError(104, 'Connection reset by peer'))."),
        ),
    ],
)
async def test_an_order_that_cannot_be_made_ends_the_check_of_making_orders(
    systems: dict[str, Starlette], twist: Twist, expected: tuple[str, str, str]
) -> None:
    asked_for: list[str] = []

    async def watched(sandbox: Handler, asked: Asked) -> Got:
        asked_for.append(asked.path)
        return await twist(sandbox, asked)

    (found,) = await conform(systems["erp"], "erp", watched, write=True)
    assert (found.severity, found.where, found.what) == expected
    assert found.operation == "POST /orders"
    assert asked_for[-1] == "/orders"


async def test_without_a_ship_to_no_order_is_made() -> None:
    facts = {**yaml.safe_load(FACTS.read_text(encoding="utf-8")), "shipTos": []}
    made: list[object] = []

    async def watched(sandbox: Handler, asked: Asked) -> Got:
        made.extend([asked.json] if "crossdock-conform" in str(asked.json) else [])
        return await sandbox(asked)

    found = await conform(apps(Dataset.from_builtins(facts))["erp"], "erp", watched, write=True)
    assert ("skipped", "POST /orders", "No sample order can be made.") in [
        (each.severity, each.operation, each.what) for each in found
    ]
    assert {each.severity for each in found} == {"skipped"}
    assert made == []


async def test_an_erp_that_holds_nothing_is_told_as_not_checked() -> None:
    found = await conform(apps(Dataset.from_builtins({}))["erp"], "erp", samples={})
    assert {each.severity for each in found} == {"skipped"}
    assert [each.operation for each in found if each.where == "$"] == ["POST /orders/simulate"]
    assert len(found) == 15


async def test_an_erp_whose_every_kind_of_key_is_given_is_not_searched_for_keys(systems: dict[str, Starlette]) -> None:
    given = {**SAMPLES, "company": ["US"], "billTo": ["C1"], "shipTo": ["S1"], "reference": ["web-1"]}
    searched: list[str] = []

    async def watched(sandbox: Handler, asked: Asked) -> Got:
        is_search = asked.path.endswith("/search") and asked.keys("company") == ["US"] and len(asked.params) == 2
        searched.extend([asked.path] if is_search else [])
        return await sandbox(asked)

    assert await conform(systems["erp"], "erp", watched, samples=given) == []
    assert searched == ["/orders/search"]  # its filter by company is checked with the same question


async def test_a_server_that_is_always_too_busy_is_one_finding(systems: dict[str, Starlette]) -> None:
    asked_for = 0

    async def busy(_sandbox: Handler, _asked: Asked) -> Got:
        nonlocal asked_for
        asked_for += 1
        return Got(429, {"Retry-After": "0"}, b"")

    (found,) = await conform(systems["crm"], "crm", busy)
    assert (found.where, found.what) == ("status", "The token given: answered 429 where 200 is expected.")
    assert asked_for == 4


def test_a_contract_that_nobody_wrote_is_not_found() -> None:
    with pytest.raises(FileNotFoundError, match=r"billing\.yaml is neither in .*docs/contracts nor in "):
        Contract.load("billing")


async def test_a_wrong_token_is_one_finding_and_ends_the_check(systems: dict[str, Starlette]) -> None:
    findings = await conform(systems["erp"], "erp", token="other")
    assert [(found.operation, found.where) for found in findings] == [("GET /items", "status")]
    assert findings[0].what.startswith("The token given: answered 401 where 200 is expected.")


async def test_no_server_is_one_finding(systems: dict[str, Starlette]) -> None:
    async def gone(_sandbox: Handler, _asked: Asked) -> Got:
        raise ConnectionRefusedError(111, "Connection refused")

    findings = await conform(systems["crm"], "crm", gone)
    assert [(found.severity, found.operation, found.where) for found in findings] == [
        ("error", "GET /relationships", "connection")
    ]


async def test_too_many_requests_are_asked_again(systems: dict[str, Starlette]) -> None:
    asked_for = 0

    async def busy(sandbox: Handler, asked: Asked) -> Got:
        nonlocal asked_for
        asked_for += 1
        return Got(429, {"Retry-After": "0"}, b"") if asked_for % 2 else await sandbox(asked)

    assert await conform(systems["carrier"], "carrier", busy) == []


async def test_what_there_is_no_key_for_is_told_as_not_checked() -> None:
    empty = apps(Dataset.from_builtins({}))
    findings = await conform(empty["wms"], "wms", samples={})
    assert [(found.severity, found.operation) for found in findings] == [
        ("skipped", "GET /warehouses"),
        ("skipped", "GET /stock"),
        ("skipped", "GET /shipments"),
        ("skipped", "GET /shipments/by-order"),
    ]


async def test_an_erp_is_asked_with_the_keys_its_own_searches_find(systems: dict[str, Starlette]) -> None:
    async def no_sandbox(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        return got._replace(status=404) if "_sandbox" in asked.path else got

    assert await conform(systems["erp"], "erp", no_sandbox, samples={}) == []


async def test_a_sandbox_tells_its_own_keys(systems: dict[str, Starlette]) -> None:
    assert await conform(systems["crm"], "crm", samples={}) == []


async def test_a_sample_of_an_unknown_kind_is_refused() -> None:
    async def send(method: str, url: str, /, *, params: Params, json: object | None, token: str | None) -> Got:
        raise AssertionError((method, url, params, json, token))

    with pytest.raises(ValueError, match="'skus' is no sample"):
        await check(URL, role="wms", token=TOKEN, samples={"skus": ["A"]}, get=send)


def test_the_report_is_sorted_by_gravity() -> None:
    findings = [
        Finding("skipped", "GET /items", "query sku", "No rows.", "Give some."),
        Finding("error", "GET /items", "$.items", "Wrong.", "Do it right."),
    ]
    assert report(findings) == (
        "Breaks the contract (1)\n\n  GET /items  $.items\n    Wrong.\n    Do it right.\n\n"
        "Not checked (1)\n\n  GET /items  query sku\n    No rows.\n    Give some.\n\n"
        "1 error, 1 skipped.\n"
    )


def test_the_report_of_nothing_is_one_sentence() -> None:
    assert report([]) == "The server keeps the contract: nothing found.\n"
