"""Crossdock as a subgraph beside another one: composed by both composers, and asked through Apollo's gateway and Hive's."""

import asyncio
import json
import os
import shutil
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from happened import life
from stack import Stack, stack_over

from gateway import development_key
from gateway.eventing import Eventing
from resolvers.nodes import GlobalId
from resolvers.opaque import sealed
from resolvers.schema import printed_for_routers
from sandbox.facts import Dataset
from sources.viewer import SCOPES

pytestmark = [pytest.mark.alone, pytest.mark.uncovered]
"""Alone, for the times that it prints; what it runs of ours is run by others."""

HERE = Path(__file__).parent
SDL = HERE.parents[1] / "schema.federation.graphql"
MANY = 100
CUSTOMERS = [f"C{at:03}" for at in range(MANY)]
SKUS = [f"SKU{at:02}" for at in range(50)]
FACTS = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}],
    "warehouses": [{"company": "US", "code": "RNO"}],
    "customers": [{"company": "US", "number": each, "name": f"{each} Inc"} for each in CUSTOMERS],
    "items": [{"company": "US", "sku": each, "name": f"{each} thing", "listPrice": "10.00"} for each in SKUS],
    "stock": [{"company": "US", "sku": each, "warehouse": "RNO", "onHand": "70"} for each in SKUS],
    "shipments": [{"company": "US", "number": "S1", "warehouse": "RNO", "parcels": [{"trackingNumber": "1Z"}]}],
}
GATEWAYS = ("apollo", "hive")
CONTRACTS = """{ contracts { number agreed { amount currency }
  customer { name credit { onHold } } item { name availability { available } } } }"""
QUOTE = """query ($skus: [String!]!) { items(skus: $skus, company: "US") { sku name
  price(customer: "C000", quantity: "10") { unit { amount currency } breaks { minimum unit { amount } } }
  availability { available promise(quantity: "5") { complete date } } } }"""


def node() -> str:
    """Where node or the composers are not installed the test is skipped, but not in CI."""
    found = shutil.which("node")
    if found is not None and (HERE / "node_modules").is_dir():
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have node, and `make composition` must have been run")
    pytest.skip("node or the composers are not installed (`make composition`)")


@asynccontextmanager
async def serving(script: str, *arguments: str) -> AsyncIterator[str]:
    """A program of ours under node, which says its address once it listens."""
    process = await asyncio.create_subprocess_exec(
        node(), script, *arguments, cwd=HERE, stdout=asyncio.subprocess.PIPE, env={**os.environ, "NODE_ENV": "production"}
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            said = [line.decode().strip() async for line in _until(process.stdout, b"http://")]
        assert said, f"{script} did not start"
        assert said[-1].startswith("http://"), said
        yield said[-1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until(stream: asyncio.StreamReader, beginning: bytes) -> AsyncIterator[bytes]:
    """What is said, up to the line that begins so."""
    async for line in stream:
        yield line
        if line.startswith(beginning):
            return


class Composed(NamedTuple):
    """By composer; `plain`: of the SDL without scopes, which Apollo's gateway for Node needs. `complaints`: what was found wrong."""

    whole: Mapping[str, str]
    plain: Mapping[str, str]
    complaints: str


async def composed(crossdock: str, contracts: str, plain: Path) -> Composed:
    process = await asyncio.create_subprocess_exec(
        node(), "compose.js", crossdock, contracts, str(SDL), str(plain), cwd=HERE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return Composed(*json.loads(said), complained.decode())


class Supergraph(NamedTuple):
    """`addresses`: where each gateway, and the subgraph beside Crossdock, is asked."""

    stack: Stack
    addresses: Mapping[str, str]
    composed: Composed

    async def ask(self, gateway: str, query: str, variables: Any = None, **headers: str) -> Any:
        asking = {"query": query, "variables": variables}
        answer = await self.stack.client.post(self.addresses[gateway], json=asking, headers=headers, timeout=30)
        return answer.json()


@pytest.fixture(scope="module")
async def supergraph(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Supergraph]:
    folder = tmp_path_factory.mktemp("supergraph")
    generous: dict[str, Any] = {"timeout_seconds": 10.0, "deadlines": {"query_seconds": 20}}
    events = {"letters": str(folder / "letters")}
    async with (
        stack_over(Dataset.from_builtins(FACTS), events=events, **generous) as stack,
        AsyncExitStack() as programs,
    ):
        contracts = await programs.enter_async_context(serving("contracts.js", ",".join(CUSTOMERS), ",".join(SKUS)))
        plain = folder / "plain.graphql"
        plain.write_text(printed_for_routers(with_scopes=False))
        found = await composed(f"{stack.url}/graphql", contracts, plain)
        addresses = {}
        for name, text in (("apollo", found.plain["apollo"]), ("hive", found.whole["theGuild"])):
            file = folder / f"{name}.graphql"
            file.write_text(text)
            addresses[name] = await programs.enter_async_context(serving(f"{name}.js", str(file)))
        yield Supergraph(stack, addresses, found)


def test_both_composers_take_it_and_keep_its_keys_and_scopes(supergraph: Supergraph) -> None:
    found = supergraph.composed
    assert found.complaints == ""
    for text in (*found.whole.values(), *found.plain.values()):
        assert '@join__type(graph: CROSSDOCK, key: "number company")' in text
        assert '@join__type(graph: CROSSDOCK, key: "id")' in text
        assert '@tag(name: "operator")' in text
    for text in found.whole.values():
        assert '@requiresScopes(scopes: [["credit:read"]])' in text
    for text in found.plain.values():
        assert "requiresScopes" not in text


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_hundred_entities_over_two_subgraphs_are_one_read_a_type(supergraph: Supergraph, gateway: str) -> None:
    await supergraph.stack.calls()
    answer = await supergraph.ask(gateway, CONTRACTS)
    assert "errors" not in answer
    assert answer["data"]["contracts"] == [
        {
            "number": f"K-{at + 1}",
            "agreed": {"amount": "9.5000", "currency": "USD"},
            "customer": {"name": f"C{at:03} Inc", "credit": {"onHold": False}},
            "item": {"name": f"SKU{at % 50:02} thing", "availability": {"available": "70"}},
        }
        for at in range(MANY)
    ]
    assert await supergraph.stack.calls() == {
        "GET /customers": 1, "GET /customers/credit": 1, "GET /items": 1, "GET /stock": 1, "GET /supply-demand": 1,
    }  # fmt: skip


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_what_another_subgraph_knows_hangs_on_our_records(supergraph: Supergraph, gateway: str) -> None:
    query = '{ customer(number: "C007") { name contracts { number item { sku name } } } }'
    answer = await supergraph.ask(gateway, query)
    contract = {"number": "K-8", "item": {"sku": "SKU07", "name": "SKU07 thing"}}
    assert answer == {"data": {"customer": {"name": "C007 Inc", "contracts": [contract]}}}


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_whose_token_it_is_is_known_behind_the_gateway(supergraph: Supergraph, gateway: str) -> None:
    bearer = development_key.token(development_key.Bearer("ann", SCOPES, ["US"], ["C001"]))
    await supergraph.stack.calls()
    query = "{ viewer { subject } contractsAskedWith contracts { customer { name } } }"
    answer = await supergraph.ask(gateway, query, Authorization=f"Bearer {bearer}")
    assert answer["data"]["viewer"] == {"subject": "ann"}
    assert answer["data"]["contractsAskedWith"] == f"Bearer {bearer}"
    assert [each["customer"] for each in answer["data"]["contracts"]] == [None, {"name": "C001 Inc"}, *[None] * 98]
    assert await supergraph.stack.calls() == {"GET /customers": 1}


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_what_may_not_be_seen_is_null_behind_the_gateway_too(supergraph: Supergraph, gateway: str) -> None:
    bearer = development_key.token(development_key.Bearer("ann", SCOPES, ["US"], ["C001"]))
    query = '{ a: customer(number: "C001") { name contracts { number } } b: customer(number: "C002") { name contracts { number } } }'
    answer = await supergraph.ask(gateway, query, Authorization=f"Bearer {bearer}")
    assert answer == {"data": {"a": {"name": "C001 Inc", "contracts": [{"number": "K-2"}]}, "b": None}}


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_mutation_reaches_us_and_what_is_wrong_with_it_comes_back(supergraph: Supergraph, gateway: str) -> None:
    """No orders are taken here; that it says so is the mutation's own answer."""
    query = "mutation ($id: ID!) { cancelSubmission(input: {id: $id}) { submission { status } } }"
    answer = await supergraph.ask(gateway, query, {"id": sealed(GlobalId("OrderSubmission", "", "0" * 24))})
    assert answer["data"] == {"cancelSubmission": None}
    (error,) = answer["errors"]
    assert error["message"] == "This gateway takes no orders: submissions are switched off."
    assert (error["path"], error["extensions"]["code"]) == (["cancelSubmission"], "BAD_INPUT")


async def test_a_subscription_is_followed_through_hives_gateway(supergraph: Supergraph) -> None:
    query = 'subscription { shipmentEvents(shipment: "S1") { type shipment { number } } }'
    url, asking = supergraph.addresses["hive"], {"query": query}
    heard: list[Any] = []
    client = supergraph.stack.client
    async with (
        asyncio.timeout(30),
        client.stream("POST", url, json=asking, headers={"Accept": "text/event-stream"}) as told,
    ):
        following = asyncio.create_task(_publish(supergraph.stack))
        async for line in told.aiter_lines():
            if line.startswith("data:") and line.removeprefix("data:").strip():
                heard.append(json.loads(line.removeprefix("data:")))
            if len(heard) == 3:
                break
        await following
    kinds = ["shipment.created", "shipment.confirmed", "shipment.in_transit"]
    assert heard == [{"data": {"shipmentEvents": {"type": kind, "shipment": {"number": "S1"}}}} for kind in kinds]


async def _publish(stack: Stack) -> None:
    """Once somebody has subscribed, the life goes by."""
    eventing: Eventing = stack.app.state.eventing
    async with asyncio.timeout(20):
        while not eventing.fanout.members:  # noqa: ASYNC110 - another process sets it
            await asyncio.sleep(0.01)
    for event in life():
        await eventing.bus.publish(event)


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_quote_is_the_same_directly_and_through_a_gateway(
    supergraph: Supergraph, gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    direct, through = f"{supergraph.stack.url}/graphql", supergraph.addresses[gateway]
    answers, times = {}, {}
    for name, url in (("direct", direct), (gateway, through)):
        answers[name], times[name] = await _quoted(supergraph.stack.client, url)
    assert "errors" not in answers["direct"]
    assert len(answers["direct"]["data"]["items"]) == 50
    assert answers[gateway] == answers["direct"]
    with capsys.disabled():
        print(f"\na quote of 50 lines: {times['direct']:.1f} ms directly, {times[gateway]:.1f} ms through {gateway}")  # noqa: T201 - the figure is wanted


async def _quoted(client: httpx.AsyncClient, url: str) -> tuple[Any, float]:
    """The answer, and the median time of some in milliseconds."""
    took, answer = [], None
    for _ in range(10):
        started = time.perf_counter()
        answer = (await client.post(url, json={"query": QUOTE, "variables": {"skus": SKUS}}, timeout=30)).json()
        took.append((time.perf_counter() - started) * 1_000)
    return answer, statistics.median(took)
