"""Every malformed answer is an error with a name, within the deadline, and is told as such; over real sockets, against the sandbox."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from stack import served

from sandbox.facts import Dataset
from sandbox.serve import apps
from sources import errors
from sources.call import CallContext, CallMade, Deadline
from sources.endpoint import Endpoint
from sources.http import SourceClient
from sources.retry import RetrySettings
from sources.standard.erp import StandardErp
from sources.viewer import SERVICE_DESK

LIMIT_BYTES, TIMEOUT_SECONDS = 1_000_000, 0.4


@pytest.fixture
async def erp() -> AsyncIterator[str]:
    facts = {"items": [{"sku": "A", "listPrice": "1"}]}
    async with served(apps(Dataset.from_builtins(facts))["erp"]) as url:
        yield url


async def read(url: str, made: list[CallMade], fault: dict[str, Any]) -> object:
    """One item, asked for once, of a system with this fault."""
    endpoint = Endpoint(
        name="erp",
        url=url,
        token="sandbox",
        timeout_seconds=TIMEOUT_SECONDS,
        max_response_bytes=LIMIT_BYTES,
        retry=RetrySettings(attempts=1),
    )
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.put(f"{url}/_sandbox/faults", json=fault)).is_success
        async with SourceClient(endpoint) as client:
            call = CallContext(SERVICE_DESK, Deadline.after(2), "id-1", made.append)
            try:
                return await StandardErp(client).items(call, None, ["A"])
            finally:
                await http.delete(f"{url}/_sandbox/faults")


@pytest.mark.alone
@pytest.mark.parametrize(
    ("fault", "kind", "path"),
    [
        ({"garbage": True}, errors.SourceContractBroken, "$"),
        ({"body_bytes": 100}, errors.SourceContractBroken, "$"),
        ({"body_bytes": LIMIT_BYTES + 1}, errors.SourceContractBroken, "$"),
        ({"body_bytes": 100_000_000}, errors.SourceContractBroken, "$"),
        ({"content_type": "text/html"}, errors.SourceContractBroken, "Content-Type"),
        ({"content_encoding": "gzip"}, errors.SourceContractBroken, "Content-Encoding"),
        ({"content_encoding": "x-ours"}, errors.SourceContractBroken, "Content-Encoding"),
        ({"redirect": "http://127.0.0.1:1/elsewhere"}, errors.SourceContractBroken, "status"),
        ({"truncate": 20}, errors.SourceUnavailable, None),
        ({"drop": "after"}, errors.SourceUnavailable, None),
        ({"drip": True}, errors.SourceUnavailable, None),
        ({"hang": True}, errors.SourceUnavailable, None),
        ({"rate_limit": 1, "retry_after": 3, "status": 429}, errors.SourceRateLimited, None),
    ],
)
async def test_a_spoilt_answer_is_an_error_with_a_name_in_good_time(
    erp: str, fault: dict[str, Any], kind: type[errors.SourceError], path: str | None
) -> None:
    made: list[CallMade] = []
    begun = time.monotonic()
    with pytest.raises(kind) as raised:
        await read(erp, made, fault)
    assert time.monotonic() - begun < 2
    assert raised.type is kind
    assert getattr(raised.value, "path", None) == path
    assert "127.0.0.1" not in f"{raised.value} {raised.value.detail}"
    assert [(each.outcome, each.attempt, each.how) for each in made] == [(kind.__name__, 1, "sent")]


async def test_an_answer_of_exactly_the_limit_is_not_too_large(erp: str) -> None:
    with pytest.raises(errors.SourceContractBroken) as raised:
        await read(erp, [], {"body_bytes": LIMIT_BYTES})
    assert raised.value.detail == "the answer does not decode"
