"""The generated distributor taking orders, served from this process; a file of tests shares one."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from stack import Stack, stack_over

from sandbox.data import load
from tests.orders.counter import Counter


@pytest.fixture(scope="module")
async def taking(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    url = f"sqlite:///{tmp_path_factory.mktemp('orders')}/submissions.db"
    submissions = {"url": url, "settle_seconds": 0.3, "per_second": 200}
    async with stack_over(load("generated"), submissions=submissions) as running:
        yield running


@pytest.fixture
async def counter(taking: Stack) -> AsyncIterator[Counter]:
    """Somebody who hands in orders, with nothing counted and nothing faulty at the start."""
    await taking.calls()
    samples: dict[str, Any] = (await taking.client.get(f"{taking.addresses['erp']}/_sandbox/samples")).json()
    yield Counter(taking, samples)
    await taking.mend()
