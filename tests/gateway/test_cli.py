"""The command line: what it prints, and the code it ends with."""

import asyncio
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from stack import Stack, stack_over

from gateway.cli import main
from gateway.conforming import Sender
from resolvers.schema import printed
from sandbox.facts import Dataset
from sources.conformance import NAMES

ROOT = Path(__file__).parents[2]


async def run(*arguments: str) -> Result:
    """In a thread of its own, since a command has an event loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, main, list(arguments))


async def test_the_schema_is_printed_and_compared() -> None:
    assert (await run("schema")).output == printed()
    same = await run("schema", "--same", str(ROOT / "schema.graphql"))
    assert (same.exit_code, same.output) == (0, "")


async def test_a_schema_file_that_is_not_there_is_no_fresh_one(tmp_path: Path) -> None:
    missing = tmp_path / "none.graphql"
    outcome = await run("schema", "--same", str(missing))
    assert outcome.exit_code == 1
    assert outcome.output == f"Error: {missing} is not what the code prints: run `make schema` and commit it\n"


async def test_settings_that_are_not_there_are_told_without_a_trace(tmp_path: Path) -> None:
    outcome = await run("serve", "--config", str(tmp_path / "none.toml"))
    assert outcome.exit_code == 1
    assert outcome.output.startswith("Error: ")
    assert "No such file" in outcome.output
    assert "Traceback" not in outcome.output


async def test_conform_prints_its_report_and_ends_with_nothing_where_all_is_well(stack: Stack) -> None:
    outcome = await run("conform", stack.addresses["crm"], "--role", "crm", "--token", "sandbox")
    assert (outcome.exit_code, outcome.output) == (0, "The server keeps the contract: nothing found.\n\n")


async def test_conform_asks_with_the_samples_given_and_ends_with_one_where_the_contract_is_broken(stack: Stack) -> None:
    asked = ["--role", "crm", "--token", "other", "--sample", "customer=C1", "--sample", "customer=C2"]
    outcome = await run("conform", stack.addresses["crm"], *asked)
    assert outcome.exit_code == 1
    assert outcome.output.startswith("Breaks the contract (1)\n\n  GET /relationships  status\n")


async def test_conform_writes_only_when_told_to() -> None:
    facts = {
        "companies": [{"code": "US", "currency": "USD"}],
        "warehouses": [{"code": "RNO", "name": "Reno"}],
        "items": [{"sku": "BOLT", "name": "Bolt", "listPrice": "1.00"}],
        "customers": [{"number": "C1", "name": "Acme"}],
        "shipTos": [{"code": "S1", "customer": "C1"}],
    }
    async with stack_over(Dataset.from_builtins(facts)) as stack:
        asked = ["conform", stack.addresses["erp"], "--role", "erp", "--token", "sandbox"]
        assert "POST /orders  " not in (await run(*asked)).output
        assert "POST /orders" not in await stack.calls()
        assert (await run(*asked, "--write")).exit_code == 0
        found = await stack.ask('{ customer(number: "C1") { orders { totalCount } } }')
    assert found == {"data": {"customer": {"orders": {"totalCount": 1}}}}


@pytest.mark.parametrize("broken", [{"drop": "before"}, {"garbage": True}])
async def test_conform_tells_of_a_server_that_cannot_be_read(stack: Stack, broken: dict[str, object]) -> None:
    await stack.fault("crm", **broken)
    outcome = await run("conform", stack.addresses["crm"], "--role", "crm", "--token", "sandbox")
    assert outcome.exit_code == 1
    assert "GET /relationships" in outcome.output


async def test_a_server_that_does_not_answer_in_time_is_a_timeout_to_the_check(stack: Stack) -> None:
    await stack.fault("crm", hang=True)
    async with httpx.AsyncClient(timeout=0.1, trust_env=False) as client:
        with pytest.raises(TimeoutError, match="ReadTimeout"):
            await Sender(client)(
                "GET", f"{stack.addresses['crm']}/relationships", params=[], json=None, token="sandbox"
            )


async def test_conform_refuses_a_sample_of_no_kind() -> None:
    outcome = await run("conform", "http://127.0.0.1:1", "--role", "crm", "--sample", "thing=1")
    assert outcome.exit_code != 0
    assert "thing" in str(outcome.exception or outcome.output)
    assert "thing" not in NAMES


def test_serve_answers_until_a_signal_ends_it(tmp_path: Path) -> None:
    settings = tmp_path / "crossdock.toml"
    sources = [f'[sources.{role}]\nurl = "http://127.0.0.1:1"\n' for role in ("erp", "crm", "wms", "carrier")]
    settings.write_text("\n".join(['mode = "development"\nport = 0\n', *sources]))
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(settings)]
    served = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own module
    try:
        address = None
        for line in served.stderr or ():
            if running := re.search(r"http://127\.0\.0\.1:\d+", line):
                address = running[0]
                break
        assert address is not None
        with httpx.Client(base_url=address, trust_env=False) as client:
            assert client.get("/health/ready").json() == {"status": "ready"}
            home = client.get("/")
            assert (home.status_code, home.headers["location"]) == (307, "/explorer")
            opens_with = client.get("/explorer/defaults.json").json()
            answer = client.post("/graphql", json={"query": opens_with["query"]}).json()
        assert answer["errors"][0]["extensions"]["code"] == "SOURCE_UNAVAILABLE"
        served.send_signal(signal.SIGTERM)
        served.communicate(timeout=30)
        assert served.returncode in {0, -signal.SIGTERM}
    finally:
        served.kill()
        served.communicate()
