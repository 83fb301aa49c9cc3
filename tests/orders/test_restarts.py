"""Decisions, runs and leases over restarts, newer versions, frozen and stopped processes."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.orders.processes import Gateway, Site, site, started
from tests.postgres import database

pytestmark = pytest.mark.uncovered

DECIDE = """
mutation($input: ResolveSubmissionInput!) {
  resolveSubmission(input: $input) { submission { id status decisions { decision by note } } problems { code } }
}
"""


async def restarted(running: Site, folder: Path, **submissions: Any) -> None:
    """The first gateway ends as a deployment ends it, and a newer one takes its place."""
    old = running.gateways[0]
    await old.end(signal.SIGTERM)
    port = int(old.url.rpartition(":")[2])
    new = Gateway(folder, port, running.systems, {**running.submissions_settings, **submissions})
    running.gateways[0] = new
    await new.start()
    await new.ready(running.client)


@pytest.mark.parametrize("version", ["1", "2"], ids=["the-same-version", "a-newer-version"])
async def test_a_decision_after_a_restart_completes_what_waited_before(tmp_path: Path, version: str) -> None:
    async with site(tmp_path) as running:
        await started(running)
        held = (await running.submit((await running.samples())["problems"]["CREDIT_HOLD"], "key"))["submission"]
        assert held["status"] == "NEEDS_ATTENTION"
        await restarted(running, tmp_path, application_version=version)
        asked = {"id": held["id"], "decision": "RELEASE", "note": "called them"}
        found = (await running.ask(DECIDE, {"input": asked}))["resolveSubmission"]["submission"]
        assert found["status"] == "ACCEPTED"
        assert found["decisions"] == [{"decision": "RELEASE", "by": "development", "note": "called them"}]
        assert len((await running.written())["orders"]) == 1


async def test_what_an_older_version_left_in_the_queue_is_taken_over_by_a_newer_one(tmp_path: Path) -> None:
    async with site(tmp_path, per_second=1, at_once=1) as running:
        await started(running)
        sound = (await running.samples())["sound"]
        orders = [{**sound[at], "channel": "EDI"} for at in range(6)]
        sent = [asyncio.create_task(running.submit(order, f"key-{at}")) for at, order in enumerate(orders)]
        answers = await asyncio.gather(*sent)
        assert "QUEUED" in {answer["submission"]["status"] for answer in answers}
        await running.gateways[0].end(signal.SIGKILL)
        await restarted(running, tmp_path, application_version="2", per_second=50, at_once=4)
        rows = await running.settled(6, seconds=60)
        assert {row["status"] for row in rows} == {"ACCEPTED"}
        assert len((await running.written())["orders"]) == 6


async def test_a_stopped_gateway_ends_what_it_is_at(tmp_path: Path) -> None:
    async with site(tmp_path) as running:
        await started(running)
        order = (await running.samples())["sound"][0]
        await running.fault("erp", operation="POST /orders", latency_ms=1500)
        submitting = asyncio.create_task(running.submit(order, "key"))
        while not await running.calls("erp", "POST /orders"):  # noqa: ASYNC110 - it is asked of another process
            await asyncio.sleep(0.05)
        assert await running.gateways[0].end(signal.SIGTERM) == -signal.SIGTERM
        assert (await submitting)["submission"]["status"] == "ACCEPTED"


async def test_a_frozen_process_is_taken_over_within_fifteen_seconds_and_writes_nothing_when_it_wakes(
    tmp_path: Path,
) -> None:
    async with database() as url, site(tmp_path, gateways=2, url=url, lease_seconds=6.0) as running:
        await started(running)
        order = (await running.samples())["sound"][0]
        await running.fault("erp", operation="POST /prices", latency_ms=1500)
        submitting = asyncio.create_task(running.submit(order, "key"))
        while not (await running.submissions(at=1, status=["RUNNING"])):  # noqa: ASYNC110 - it is asked of another process
            await asyncio.sleep(0.05)
        running.gateways[0].pause()
        await running.mend("erp")
        (row,) = await running.settled(1, seconds=15, at=1)
        assert row["status"] == "ACCEPTED"
        running.gateways[0].go_on()
        late = await submitting
        assert late["submission"]["erpOrderNumber"] == row["erpOrderNumber"]
        written = await running.written()
        assert (len(written["orders"]), len(written["releases"]), len(written["notes"])) == (1, 1, 1)


async def test_a_sqlite_file_serves_one_process_only(tmp_path: Path) -> None:
    async with site(tmp_path, gateways=2) as running:
        await running.gateways[0].start()
        await running.gateways[0].ready(running.client)
        await running.gateways[1].start()
        assert await running.gateways[1].ended() != 0
        assert "belongs to another process: several need PostgreSQL" in running.gateways[1].written()
