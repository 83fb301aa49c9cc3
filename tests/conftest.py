"""Fixtures that every test may use."""

import gc
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(
    0, str(Path(__file__).parent)
)  # tests are collected by path; `stack` and the specs' runner are imported by name

from stack import Stack, stack_over

from gateway import garbage
from sandbox.data import load

LONGEST = ("citizens", "security", "orders", "engine")
UNCOVERED = ("sandbox", "connectors")
"""Their tests run nothing whose coverage is measured, or lines that the sources' and the gateway's own tests run, too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that of several processes none is left alone with it at the end."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)
    for item in items:
        if item.path.parent.name in UNCOVERED:
            item.add_marker(pytest.mark.uncovered)


def pytest_collection_finish() -> None:
    """What the tests hold by now stays: to look through it takes up to a second, which calls to systems do not have."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*garbage.THRESHOLDS)


@pytest.fixture(scope="session")
async def generated() -> AsyncIterator[Stack]:
    """The generated distributor, served; shared, so a test that adds faults takes `stack` instead."""
    async with stack_over(load("generated")) as running:
        yield running


@pytest.fixture
async def stack(generated: Stack) -> AsyncIterator[Stack]:
    """The same, with its calls counted from now on and its faults mended afterwards."""
    await generated.calls()
    yield generated
    await generated.mend()


@pytest.fixture
async def samples(generated: Stack) -> dict[str, Any]:
    answer = await generated.client.get(f"{generated.addresses['erp']}/_sandbox/samples")
    keys: dict[str, Any] = answer.json()
    return keys
