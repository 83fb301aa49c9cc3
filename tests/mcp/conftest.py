"""A distributor of two customers, whose gateway offers the sample documents as tools."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from stack import Stack, stack_over

from gateway import development_key
from gateway.agents.samples import offered
from sandbox.facts import Dataset

FACTS: dict[str, Any] = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}],
    "warehouses": [{"company": "US", "code": "RNO", "name": "Reno", "priority": 1}],
    "items": [
        {"company": "US", "sku": "BOLT", "name": "Bolt", "listPrice": "1.25"},
        {"company": "US", "sku": "NUT", "name": "Nut", "listPrice": "0.50"},
    ],
    "stock": [
        {"company": "US", "sku": "BOLT", "warehouse": "RNO", "onHand": "100"},
        {"company": "US", "sku": "NUT", "warehouse": "RNO", "onHand": "9"},
    ],
    "customers": [
        {"company": "US", "number": "C1", "name": "Acme"},
        {"company": "US", "number": "C2", "name": "Other"},
    ],
    "shipTos": [{"company": "US", "code": "S1", "customer": "C1", "warehouse": "RNO"}],
    "credit": [{"company": "US", "number": "C1", "limit": "1000000"}],
    "orders": [
        {"company": "US", "number": number, "customer": customer, "status": "OPEN", "placedAt": "2026-06-29T08:00:00Z",
         "holds": [{"code": "CREDIT", "reason": "over the limit"}], "lines": [{"sku": "BOLT", "quantity": "2", "unitPrice": "1.25"}]}
        for number, customer in (("1001", "C1"), ("2001", "C2"))
    ],
}  # fmt: skip


@asynccontextmanager
async def offering(folder: Path, **settings: Any) -> AsyncIterator[Stack]:
    async with stack_over(Dataset.from_builtins(FACTS), **{**offered(folder), **settings}) as running:
        yield running


@pytest.fixture(scope="module")  # no longer: DBOS draws random numbers meanwhile, and hypothesis takes them for its own
async def offers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    folder = tmp_path_factory.mktemp("agents")
    submissions = {"url": f"sqlite:///{folder}/submissions.db", "settle_seconds": 0.3, "per_second": 200}
    async with offering(folder, submissions=submissions) as running:
        yield running


@pytest.fixture
async def stack(offers: Stack) -> AsyncIterator[Stack]:
    """With its calls counted from now on and its faults mended afterwards."""
    await offers.calls()
    yield offers
    await offers.mend()


def bearer(*, scopes: Sequence[str], customers: Sequence[str] = ("*",)) -> dict[str, str]:
    known = development_key.Bearer("agent", tuple(scopes), ("*",), tuple(customers))
    return {"Authorization": f"Bearer {development_key.token(known, hours=1)}"}


@asynccontextmanager
async def agent(stack: Stack, headers: dict[str, str] | None = None, *, mode: str = "auto") -> AsyncIterator[Client]:
    """The protocol's own client. `mode`: "auto" asks as the newest version does, "legacy" shakes hands first."""
    async with httpx2.AsyncClient(headers=headers or {}, trust_env=False, timeout=10) as http:
        transport = streamable_http_client(f"{stack.url}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client
