"""The same facts behind one system a role and behind several: on every path of the schema both gateways answer alike, to the byte."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from several import several_over
from stack import Stack, stack_over
from two_customers import facts, paths

from gateway import development_key
from sandbox.facts import Dataset
from sources.viewer import SCOPES

TOGETHER = 12
MOSTLY = 20
"""So many of the answers tell of some customer at least."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
NAMES = re.compile(r"\b(erp|crm|wms|carrier)\.\w+")
"""An error names the system that it came from; that is what differs."""

CURSOR = re.compile(r'"(cursor|startCursor|endCursor)":"[^"]+"')
"""What a cursor holds is the gateway's own business."""

SEVERAL: dict[str, Any] = {
    "erp": {"us": {"companies": ["US"]}, "ca": {"companies": ["CA"]}, "mx": {"companies": ["MX"]}},
    "crm": {"us": {"companies": ["US"]}, "rest": {}},
    "wms": {"reno": {"warehouses": ["RNO"]}, "rest": {}},
    "carrier": {"ups": {"carriers": ["UPS"]}, "rest": {}},
}
WIDE: dict[str, Any] = {
    "limits": {"cost": 10**9, "comparisons": 10**6, "validation_ms": 10_000},
    "deadlines": {"query_seconds": 20},
}
QUERIES = list(dict.fromkeys(text for path in paths(hops=2, visits=1) for text in (path.own, path.foreign)))


def headers(companies: Sequence[str], customers: Sequence[str]) -> dict[str, str]:
    scopes = set(SCOPES) - {"source:read"}  # several systems are several rows of how the systems are doing
    bearer = development_key.token(development_key.Bearer("rep", scopes, companies, customers))
    return {"Authorization": f"Bearer {bearer}", "X-Correlation-Id": "t"}


async def told(stack: Stack, named: dict[str, str]) -> list[str]:
    answers: list[str] = []
    for start in range(0, len(QUERIES), TOGETHER):
        part = QUERIES[start : start + TOGETHER]
        text = "{ " + " ".join(f"p{at}: {query[2:-2]}" for at, query in enumerate(part)) + " }"
        answer = await stack.client.post("/graphql", json={"query": text}, headers=named)
        body = orjson.loads(NAMES.sub(r"\1", CURSOR.sub(r'"\1":"…"', MOMENT.sub("now", answer.text))))
        body.get("errors", []).sort(key=str)
        answers.append(orjson.dumps(body).decode())
    return answers


@pytest.mark.parametrize(
    "named",
    [headers(["*"], ["*"]), headers(["US", "CA"], ["US:A1", "CA:A1"])],
    ids=["all companies", "some accounts"],
)
async def test_several_systems_of_one_role_answer_as_one_on_every_path(named: dict[str, str]) -> None:
    async with (
        stack_over(Dataset.from_builtins(facts()), timeout_seconds=10.0, **WIDE) as single,
        several_over(facts(), SEVERAL, **WIDE) as several,
    ):
        alone, together = await asyncio.gather(told(single, named), told(several, named))
        for one, other in zip(alone, together, strict=True):
            assert orjson.loads(other) == orjson.loads(one)
        assert sum("Apple" in each or "Zebra" in each for each in alone) > MOSTLY
        asked = await several.calls_by_system()
        assert {name.partition(".")[0] for name in asked} >= {"erp", "crm", "wms"}
