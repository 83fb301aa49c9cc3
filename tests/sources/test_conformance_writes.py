"""The writes beside POST /orders: what a server gets wrong about them is found, and only when they were asked for."""

from typing import Any

import homemade
import pytest
from homemade import SAMPLES, Asked, Got, Handler, Told, Twist, changed, conform, error, refusals, refuses
from starlette.applications import Starlette

WRITES = {
    "erp": ["/orders", "/orders/hold", "/orders/unhold", "/orders/cancel"],
    "wms": ["/orders/release"],
    "crm": ["/notes"],
    "carrier": [],
}


@pytest.fixture
def systems() -> dict[str, Starlette]:
    return homemade.systems()


@pytest.mark.parametrize("role", list(WRITES))
async def test_the_sandbox_keeps_the_contract_of_its_writes_which_are_asked_for_only_when_they_may_be(
    systems: dict[str, Starlette], role: str
) -> None:
    done: list[str] = []

    async def watched(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        if asked.path in WRITES[role] and asked.method == "POST" and got.status in {200, 201}:
            done.append(asked.path)
        return got

    assert await conform(systems[role], role, watched) == []
    assert done == []
    assert await conform(systems[role], role, watched, write=True) == []
    assert done == [path for path in WRITES[role] for _ in range(2)]


def twice(path: str, member: str) -> Twist:
    """Another answer each time."""
    told = iter(range(100))
    return changed(path, lambda data, _: {**data, member: f"other-{next(told)}"})


def _still_open(data: Any, _: Asked) -> Any:
    lines = [{**line, "progress": {**line["progress"], "cancelled": "0"}} for line in data["lines"]]
    return {**data, "lines": lines}


HOLD, UNHOLD, CANCEL = "POST /orders/hold", "POST /orders/unhold", "POST /orders/cancel"
RELEASE, NOTES = "POST /orders/release", "POST /notes"
MISTAKES: list[tuple[str, Twist, list[Told]]] = [
    (
        "erp",
        changed("/orders/hold", lambda data, _: {**data, "holds": []}),
        [error(HOLD, "$.holds", "The holds are [], ['OTHER'] are expected.")],
    ),
    (
        "erp",
        changed("/orders/unhold", lambda data, _: {**data, "statusText": None}),
        [error(UNHOLD, "$.statusText", 'null is not of type "string" (status 200)')],
    ),
    (
        "erp",
        twice("/orders/hold", "statusText"),
        [error(HOLD, "$", "The order is another one when the same is asked again.")],
    ),
    (
        "erp",
        changed("/orders/cancel", lambda data, _: {**data, "status": "OPEN"}),
        [error(CANCEL, "$.status", "It is OPEN.")],
    ),
    (
        "erp",
        changed("/orders/cancel", _still_open),
        [error(CANCEL, "$.lines[*].progress.cancelled", "Something of a cancelled order is still open.")],
    ),
    (
        "erp",
        refusals("/orders/unhold", 422, reason="NO_SUCH_THING"),
        [error(UNHOLD, "$.error.reason", "NO_SUCH_THING at number, where UNKNOWN_ORDER at number is expected.")],
    ),
    (
        "wms",
        twice("/orders/release", "reference"),
        [error(RELEASE, "$", "Another release came when the same order was released again.")],
    ),
    (
        "wms",
        refusals("/orders/release", 422, path="company"),
        [error(RELEASE, "$.error.reason", "UNKNOWN_ORDER at company, where UNKNOWN_ORDER at order is expected.")],
    ),
    (
        "wms",
        refuses("/orders/release", code="REJECTED", reason="DOCK_CLOSED"),
        [("skipped", RELEASE, "status", "The sample order is refused: DOCK_CLOSED Not today.")],
    ),
    ("crm", twice("/notes", "text"), [error(NOTES, "$", "Another note came when the same was written again.")]),
]


@pytest.mark.parametrize(("role", "twist", "expected"), MISTAKES)
async def test_one_mistake_is_one_finding(
    systems: dict[str, Starlette], role: str, twist: Twist, expected: list[Told]
) -> None:
    found = await conform(systems[role], role, twist, write=True)
    assert [(each.severity, each.operation, each.where, each.what) for each in found] == expected


async def test_a_note_written_twice_is_found(systems: dict[str, Starlette]) -> None:
    made = 0

    async def forgetful(sandbox: Handler, asked: Asked) -> Got:
        nonlocal made
        if asked.path != "/notes" or not isinstance(asked.json, dict):
            return await sandbox(asked)
        made += 1
        return await sandbox(asked._replace(json={**asked.json, "reference": f"{asked.json['reference']}-{made}"}))

    (found,) = await conform(systems["crm"], "crm", forgetful, write=True)
    assert (found.operation, found.where) == (NOTES, "status")
    assert found.what.startswith("The same note again: answered 201 where 200 is expected.")


async def test_a_note_that_leaves_no_trace_is_found(systems: dict[str, Starlette]) -> None:
    def never(data: Any, _: Asked) -> Any:
        return {**data, "relationships": [{**row, "lastActivityAt": None} for row in data["relationships"]]}

    (found,) = await conform(systems["crm"], "crm", changed("/relationships", never), write=True)
    assert (found.operation, found.where) == (NOTES, "GET /relationships")
    assert found.what.endswith("lastActivityAt is None.")


@pytest.mark.parametrize(("role", "operation"), [("wms", RELEASE), ("crm", NOTES)])
async def test_without_a_sample_nothing_is_written(systems: dict[str, Starlette], role: str, operation: str) -> None:
    posted: list[object] = []

    async def no_samples(sandbox: Handler, asked: Asked) -> Got:
        got = await sandbox(asked)
        if asked.method == "POST" and got.status < 400:
            posted.append(asked.json)
        return got._replace(status=404) if "_sandbox" in asked.path else got

    found = await conform(systems[role], role, no_samples, samples={}, write=True)
    assert operation in {each.operation for each in found}
    assert ({each.severity for each in found}, posted) == ({"skipped"}, [])


async def test_an_order_the_wms_does_not_know_is_told_as_not_checked(systems: dict[str, Starlette]) -> None:
    found = await conform(systems["wms"], "wms", samples={**SAMPLES, "order": ["NOWHERE"]}, write=True)
    assert ("skipped", RELEASE) in {(each.severity, each.operation) for each in found}
    assert "error" not in {each.severity for each in found}
