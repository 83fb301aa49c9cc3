"""HubSpot's own description of its companies has nothing against what we ask of them: Prism looks at each request."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from described import Judge, description, judge_by
from hubspot_account import Account, crm_of
from starlette.requests import Request
from starlette.responses import Response
from upstream import call

SPEC = description("hubspot-companies.json")
COMPANIES = "/crm/v3/objects/companies/batch/read"

pytestmark = pytest.mark.skipif(SPEC is None, reason="HubSpot's description stands beside a checkout only")


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which errors are JSON, as they are in truth: for the description's own */* Prism has no words."""
    assert SPEC is not None
    copy = tmp_path_factory.mktemp("hubspot") / SPEC.name
    copy.write_text(SPEC.read_text(encoding="utf-8").replace('"*/*"', '"application/json"'), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
async def judge(mended: Path) -> AsyncIterator[Judge]:
    async with judge_by(mended) as found:
        yield found


class JudgedAccount(Account):
    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge
        self.judged: list[list[dict[str, Any]]] = []

    async def answered(self, request: Request) -> Response:
        if request.url.path == COMPANIES:
            self.judged.append(await self._judge.of_request(request))
        return await super().answered(request)


@pytest.mark.parametrize(
    "options",
    [
        {"companies": ["US"]},
        {"company_property": "erp_company"},
        {"companies": ["US", "CA"], "customer_value": "{company}-{number}"},
    ],
)
async def test_hubspots_description_has_nothing_against_a_read_of_companies(
    judge: Judge, options: dict[str, Any]
) -> None:
    account = JudgedAccount(judge)
    many = [f"C-{each}" for each in range(50)]
    async with crm_of(account, options, timeout_seconds=20) as crm:
        await crm.relationships(call(30), None, many)
        await crm.relationships(call(30), "US", ['O\'Neil \u00e9 "1"'])
    assert account.judged == [[], []]
    inputs = [len(body["inputs"]) for operation, body in account.bodies if operation.endswith(COMPANIES)]
    assert inputs == [50 * max(1, len(options.get("companies", []))), 1]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"properties": []}, {"inputs", "propertiesWithHistory"}),
        ({"inputs": [{}], "properties": [], "propertiesWithHistory": []}, {"id"}),
    ],
)
async def test_the_description_would_have_said_what_is_wrong(judge: Judge, body: Any, wrong: set[str]) -> None:
    found = await judge.of("POST", COMPANIES, json=body, headers={"Authorization": "Bearer t"})
    assert len(found) == len(wrong)
    assert {name for name in wrong if any(f"'{name}'" in each["message"] for each in found)} == wrong
