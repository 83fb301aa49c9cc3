"""UPS's own description of its API has nothing against our requests: Prism stands over it as a process and looks at each of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from carriers import connector_over
from described import Judge, description, judge_by
from starlette.requests import Request
from starlette.responses import Response
from upstream import call

from sources.errors import SourceContractBroken
from sources.ups.carrier import UpsCarrier

NUMBER = "1Z023E2X0214323462"


class Judged:
    """Stands before Prism: passes on what it is asked, and keeps what Prism found wrong with it."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.statuses: list[int] = []
        self.of_requests: list[dict[str, Any]] = []

    async def answered(self, request: Request) -> Response:
        answer, wrong = await self._judge.passed_on(request)
        self.statuses.append(answer.status_code)
        self.of_requests += wrong
        return Response(answer.content, status_code=answer.status_code, media_type="application/json")


@pytest.fixture(scope="module")
async def judge() -> AsyncIterator[Judge]:
    file = description("ups-tracking.yaml")
    if file is None:
        pytest.skip("UPS's description stands beside a checkout only")
    async with judge_by(file) as judging:
        yield judging


@pytest.fixture
def judged(judge: Judge) -> Judged:
    return Judged(judge)


async def test_upss_description_has_nothing_against_our_request(judged: Judged) -> None:
    async with connector_over(UpsCarrier, judged, timeout_seconds=10) as ups:
        with pytest.raises(SourceContractBroken) as raised:
            await ups.tracking(call(20), "UPS", [NUMBER])
    # What it answers is made from the description: `"date": "string"`. That is no day, and is said where it stands.
    assert raised.value.path == "$.trackResponse.shipment[0].package[0].deliveryDate[0].date"
    assert judged.statuses == [200]
    assert judged.of_requests == []


async def test_prism_would_have_said_what_is_wrong(judge: Judge) -> None:
    wrong = await judge.of("GET", f"/track/v1/details/{NUMBER}", headers={"Authorization": "Bearer t"})
    assert [each["message"] for each in wrong] == [
        "Request header must have required property 'transid'",
        "Request header must have required property 'transactionsrc'",
    ]
