"""One cluster for all of these tests: starting it is most of what they cost."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster import Cluster, Options, running
from deploy.program import NotInstalled

CHANGES = {
    "stopping": {"notice_seconds": 2.0},
    "rates": {"requests": {"per_minute": 600_000.0, "burst": 10_000.0}, "cost": {"per_minute": 1e9, "burst": 1e8}},
    "submissions": {"lease_seconds": 6.0, "per_second": 200},
}
"""Less patience than in earnest, and callers who may ask as much as they like."""


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    folder: Path = tmp_path_factory.mktemp("cluster")
    try:
        async with running(folder, Options(changes=CHANGES)) as found:
            yield found
    except NotInstalled as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have it: {missing}")
        pytest.skip(str(missing))


@pytest.fixture
async def samples(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = await cluster.systems.asked("wms", "samples")
    return found
