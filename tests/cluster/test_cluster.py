"""Two replicas behind the real proxy, while replicas, Redis and PostgreSQL go away and come back under load."""

import asyncio
import signal
from collections import Counter
from typing import Any

import pytest

from deploy.cluster import Cluster
from tests.cluster.load import Load

pytestmark = pytest.mark.alone


async def nothing_lost(load: Load, *, withheld: str | None = None) -> None:
    """Each order is one submission and one order in the ERP; each event is heard once, and in the order it was told in.

    `withheld`: why an event may have come without what it is about, and been asked for again.
    """
    assert load.withheld <= {withheld}
    found = await load.settled()
    assert set(load.keys) <= set(found)
    assert Counter(row["status"] for row in found.values()) == {"ACCEPTED": len(found)}
    written = (await load.cluster.systems.asked("wms", "written"))["orders"]
    assert len(written) == len(found)
    assert len({row["erpOrderNumber"] for row in found.values()}) == len(found)
    assert [event["id"] for event in load.heard] == load.told
    assert not [event for event in load.heard if event["gap"] or event["late"]]


async def written_for(cluster: Cluster) -> dict[str, int]:
    """For which customers the ERP was asked to write orders, and how often."""
    asked: dict[str, int] = (await cluster.systems.asked("erp", "calls"))["keys"].get("POST /orders", {})
    return asked


async def test_a_rolling_restart_fails_no_request_and_loses_no_event_and_no_order(
    cluster: Cluster, samples: dict[str, Any]
) -> None:
    load = Load(cluster, samples, "rolling")
    async with load.going_on("get", "get", "post", "post", "order", "tell"):
        for replica in cluster.replicas:
            assert await replica.program.stop() == -signal.SIGTERM
            await replica.start()
            await load.more("post", 60)  # the proxy has seen it again
    assert load.failed == {"get": [], "post": [], "order": [], "tell": []}
    await nothing_lost(load)
    assert set(load.closes) == {1012}


async def test_a_killed_replica_fails_only_what_it_was_at_and_its_orders_are_taken_over(
    cluster: Cluster, samples: dict[str, Any]
) -> None:
    load = Load(cluster, samples, "killed")
    (first, second), customer = cluster.replicas, samples["sound"][0]["customer"]
    async with load.going_on("get", "get", "post", "post", "order", "tell"):
        await cluster.systems.told("PUT", "erp", "faults", operation="POST /orders", key=customer, latency_ms=2_000)
        leaving = asyncio.create_task(load.left_at(first.url))
        async with asyncio.timeout(20):
            while customer not in await written_for(cluster):  # noqa: ASYNC110 - another process counts
                await asyncio.sleep(0.02)
        await first.program.kill()
        await cluster.systems.told("DELETE", "erp", "faults")
        await leaving
        await load.more("post", 60)
        await first.start()
        await load.more("post", 60)
    assert load.failed["get"] == []  # sent again by the proxy
    assert len(load.failed["post"]) <= 2
    assert len(load.failed["order"]) + len(load.failed["tell"]) <= 2
    await nothing_lost(load)
    assert "taken over from" in second.program.written()


async def test_without_redis_queries_and_orders_go_on_and_events_wait(
    cluster: Cluster, samples: dict[str, Any]
) -> None:
    load = Load(cluster, samples, "redis")
    async with load.going_on("get", "post", "order", "tell"):
        await cluster.redis.stop()
        await load.more("post", 40)
        await load.more("order", 3)
        assert set(load.failed["tell"]) <= {"503 None"}
        await cluster.redis.start()
    assert (load.failed["get"], load.failed["post"], load.failed["order"]) == ([], [], [])
    await nothing_lost(load)


async def test_without_postgresql_queries_go_on_and_orders_are_refused_plainly_until_it_is_back(
    cluster: Cluster, samples: dict[str, Any]
) -> None:
    load = Load(cluster, samples, "postgres")
    async with load.going_on("get", "post", "order", "tell"):
        await cluster.postgres.stop()
        await load.more("post", 40)
        async with asyncio.timeout(20):
            while not load.failed["order"]:  # noqa: ASYNC110 - a caller finds out
                await asyncio.sleep(0.05)
        await cluster.postgres.start()
    assert (load.failed["get"], load.failed["post"], load.failed["tell"]) == ([], [], [])
    assert set(load.failed["order"]) == {"200 SOURCE_UNAVAILABLE"}
    away = "The submissions system does not answer at the moment."
    assert load.said == {away}
    await nothing_lost(load, withheld=away)
