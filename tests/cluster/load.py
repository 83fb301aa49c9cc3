"""Callers who go on asking whatever happens to the replicas: what became of each request is kept."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from happened import moved
from streaming import SHIPMENT_EVENTS, socket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from deploy.cluster import Cluster
from deploy.systems import TOKEN
from resolvers.telling import Telling
from sources.bus import Placed
from sources.ending import ended
from sources.events import encoded
from sources.signatures import signed

QUOTE = """query Quote($skus: [String!]!, $customer: String!) { items(skus: $skus) {
  sku price(customer: $customer, quantity: "10") { unit { amount } } availability { available } } }"""
SUBMIT = """mutation Submit($input: SubmitOrderInput!) { submitOrder(input: $input) {
  submission { id status erpOrderNumber } problems { code } } }"""
ORDER_EVENTS = """subscription Orders($after: String) { submissionEvents(after: $after) {
  cursor gap submission { idempotencyKey status } } }"""
LOOK = """query Look($after: String) { submissions(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { id idempotencyKey status erpOrderNumber } } } }"""
UNDER_WAY = {"QUEUED", "RUNNING", "RECONCILING"}
PATIENCE_SECONDS = 60
HEARD_SECONDS = 15
PAUSE_SECONDS = 0.02


class Withheld(Exception):
    """An event came without what it is about, for that system was away: whoever wants it asks again from the event before."""


class Load:
    """`failed`: what became of requests that were not answered as they should be, by kind of caller."""

    def __init__(self, cluster: Cluster, samples: Mapping[str, Any], name: str) -> None:
        """`name` keeps apart what several of them order and tell."""
        self.cluster, self._samples, self._name = cluster, samples, name
        self.answered: dict[str, int] = {"get": 0, "post": 0, "order": 0, "tell": 0}
        self.failed: dict[str, list[str]] = {"get": [], "post": [], "order": [], "tell": []}
        self.said: set[str] = set()
        self.withheld: set[str] = set()
        self.keys: list[str] = []
        self.told: list[str] = []
        self.heard: list[dict[str, Any]] = []
        self.accepted: set[str] = set()
        self.closes: list[int] = []
        self._numbers = itertools.count()
        self._headers = {"Authorization": f"Bearer {cluster.key}"}
        self._is_over = asyncio.Event()
        self._is_following = asyncio.Event()

    # ------------------------------------------------------------ queries

    async def get(self) -> None:
        """As GET, which the proxy may send again."""
        variables = self._quote()
        given = {"query": QUOTE, "variables": orjson.dumps(variables).decode()}
        async with self._client() as client:
            while not self._is_over.is_set():
                await self._asked("get", client.get("/graphql", params=given))

    async def post(self) -> None:
        async with self._client() as client:
            while not self._is_over.is_set():
                given = {"query": QUOTE, "variables": self._quote()}
                await self._asked("post", client.post("/graphql", json=given))

    def _quote(self) -> dict[str, Any]:
        return {"skus": self._samples["skus"][:5], "customer": self._samples["customers"][0]}

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.cluster.url, headers=self._headers, timeout=30, trust_env=False)

    async def _asked(self, kind: str, asking: Any) -> dict[str, Any] | None:
        """What was answered; a failure is kept, and the caller comes again a little later."""
        try:
            answer = await asking
            body: dict[str, Any] = answer.json() if answer.is_success else {}
        except httpx.TransportError as error:
            self.failed[kind].append(type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
            return None
        if not answer.is_success or "errors" in body:
            told = body.get("errors", [{}])[0].get("extensions", {}).get("code")
            self.failed[kind].append(f"{answer.status_code} {told}")
            self.said.add(body.get("errors", [{}])[0].get("message", ""))
            await asyncio.sleep(PAUSE_SECONDS)
            return None
        self.answered[kind] += 1
        await asyncio.sleep(PAUSE_SECONDS)
        return body

    # ------------------------------------------------------------ orders

    async def order(self) -> None:
        """The same order under the same key until it is taken, as a careful client does."""
        async with self._client() as client:
            while not self._is_over.is_set():
                key = f"{self._name}-{next(self._numbers)}"
                self.keys.append(key)
                sound = self._samples["sound"]
                order = {**sound[1 + len(self.keys) % (len(sound) - 1)], "idempotencyKey": key}
                given = {"query": SUBMIT, "variables": {"input": order}}
                while await self._asked("order", client.post("/graphql", json=given)) is None:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.1)

    async def left_at(self, url: str) -> None:
        """An order, of a customer of its own, that one replica is at until it dies; it is handed in again to whoever is left."""
        key = f"{self._name}-left"
        self.keys.append(key)
        given = {"query": SUBMIT, "variables": {"input": {**self._samples["sound"][0], "idempotencyKey": key}}}
        async with httpx.AsyncClient(headers=self._headers, timeout=30, trust_env=False) as client:
            with pytest.raises(httpx.TransportError):
                await client.post(f"{url}/graphql", json=given)
        async with self._client() as client:
            while await self._asked("order", client.post("/graphql", json=given)) is None:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)

    async def settled(self) -> dict[str, dict[str, Any]]:
        """Every submission by its key, once none is under way."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._client() as client:
            while True:
                rows = await self._submissions(client)
                if not any(row["status"] in UNDER_WAY for row in rows):
                    assert len({row["idempotencyKey"] for row in rows}) == len(rows)
                    return {row["idempotencyKey"]: row for row in rows}
                await asyncio.sleep(0.2)

    async def _submissions(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            answer = await client.post("/graphql", json={"query": LOOK, "variables": {"after": after}})
            page = answer.json()["data"]["submissions"]
            rows += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return rows
            after = page["pageInfo"]["endCursor"]

    # ------------------------------------------------------------ events

    async def tell(self) -> None:
        """What the WMS does: each event again until it is taken in."""
        async with self._client() as client:
            while not self._is_over.is_set():
                number = next(self._numbers)
                event = moved(at=number, source="/wms", shipment=self._name, tracking_number=self._name)
                self.told.append(Telling(Placed(0, "", event, late=False, status="", at=0.0)).id)
                body = encoded(event)
                while True:
                    headers = signed(body, TOKEN, datetime.now(UTC))
                    if await self._asked("tell", client.post("/webhooks/wms", content=body, headers=headers)):
                        break
                    await asyncio.sleep(0.1)

    async def follow(self) -> None:
        """Comes back with the last cursor whenever it is cut off."""
        shipments = orders = None
        while True:
            try:
                async with socket(self.cluster.url, additional_headers=self._headers) as client:
                    await client.subscribe(SHIPMENT_EVENTS, {"shipment": self._name, "after": shipments})
                    await client.subscribe(ORDER_EVENTS, {"after": orders}, name="2")
                    self._is_following.set()
                    while True:
                        event = await self._next(client)
                        if "submission" in event:
                            orders = event["cursor"]
                            self._ordered(event)
                        else:
                            shipments = event["cursor"]
                            self.heard.append(event)
            except ConnectionClosed as closed:
                self.closes.append(closed.rcvd.code if closed.rcvd is not None else 1006)
            except (Withheld, InvalidHandshake, InvalidMessage, OSError, EOFError):
                await asyncio.sleep(0.1)

    def _ordered(self, event: dict[str, Any]) -> None:
        assert event["gap"] is False
        submission = event["submission"]
        if submission is not None and submission["status"] == "ACCEPTED":
            self.accepted.add(submission["idempotencyKey"])

    async def _next(self, client: Any) -> dict[str, Any]:
        while True:
            try:
                answer = await client.answer()
            except TimeoutError:
                continue
            errors = answer.get("errors", [])
            if errors:
                assert all(each["extensions"]["retryable"] for each in errors), answer
                self.withheld |= {each["message"] for each in errors}
                raise Withheld
            (found,) = answer["data"].values()
            event: dict[str, Any] = found
            return event

    async def heard_all(self) -> None:
        try:
            async with asyncio.timeout(HEARD_SECONDS):
                while not self._has_heard_all():  # noqa: ASYNC110 - it comes over a socket
                    await asyncio.sleep(0.05)
        except TimeoutError:
            missed = [each for each in self.told if each not in {event["id"] for event in self.heard}]
            unaccepted = set(self.keys) - self.accepted
            raise AssertionError(
                f"not heard of {len(self.told)}: {missed[:9]}; of orders {unaccepted}; closed by {self.closes}"
            ) from None

    def _has_heard_all(self) -> bool:
        return self.accepted >= set(self.keys) and {event["id"] for event in self.heard} >= set(self.told)

    # ------------------------------------------------------------ all of them

    async def more(self, kind: str, count: int) -> None:
        """Until so many more were answered."""
        until = self.answered[kind] + count
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.answered[kind] < until:  # noqa: ASYNC110 - others count
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def going_on(self, *kinds: str, follows: bool = True) -> AsyncIterator[None]:
        """Everybody asks; at the end each finishes what it is at."""
        following = [asyncio.create_task(self.follow())] if follows else []
        try:
            if follows:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._is_following.wait()
            asking = [asyncio.create_task(getattr(self, kind)()) for kind in kinds]
            try:
                for kind in set(kinds):
                    await self.more(kind, 3)
                yield
                for kind in set(kinds):
                    await self.more(kind, 3)
                self._is_over.set()
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await asyncio.gather(*asking)
            finally:
                await ended(*asking)
            if follows:
                assert not following[0].done(), following[0].exception()
                await self.heard_all()
        finally:
            await ended(*following)
