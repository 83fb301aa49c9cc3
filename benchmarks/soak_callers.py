"""Who asks while a soak goes on: questions at a given rate, an order now and then, what the warehouse tells, and who listens."""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple, Self

import aiohttp
from soak_weather import Weather

from deploy.systems import TOKEN
from sources.events import encoded, new_event
from sources.happenings import ShipmentMoved
from sources.signatures import signed

QUESTIONS: Final = {
    "quote": """query ($skus: [String!]!, $customer: String!) { items(skus: $skus) {
  sku price(customer: $customer, quantity: "10") { unit { amount currency } breaks { minimum unit { amount } } }
  availability { available warehouses { warehouse { code name } available } timeline { date available } } } }""",
    "portal": """query ($customer: String!) { customer(number: $customer) {
  name credit { available { amount } } relationship { owner stage }
  orders(first: 20) { edges { node { number lines { number item { name } }
  shipments { number parcels { trackingNumber tracking { status events { at description } } } } } } } } }""",
    "item": "query ($sku: String!) { item(sku: $sku) { sku name uom hazardous } }",
}
MIX: Final = ("item",) * 5 + ("quote",) * 3 + ("portal",) * 2
SUBMIT: Final = """mutation ($input: SubmitOrderInput!) { submitOrder(input: $input) {
  submission { id status erpOrderNumber } problems { code } } }"""
LOOK: Final = """query ($after: String) { submissions(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { idempotencyKey status erpOrderNumber
  problems { code } steps { name status detail } } } } }"""
EVENTS: Final = """subscription ($shipment: String, $after: String) {
  shipmentEvents(shipment: $shipment, after: $after) { id cursor gap } }"""
LINES: Final = 50
MOST_IN_FLIGHT: Final = 1_000
ORDER_SECONDS, TELL_SECONDS, AGAIN_SECONDS = 5.0, 0.5, 0.2
UNDER_WAY: Final = {"QUEUED", "RUNNING", "RECONCILING"}
SETTLE_SECONDS: Final = 120
SHIPMENT: Final = "SOAK-1"


class Asked(NamedTuple):
    kind: str
    seconds: float


class Callers:
    """`outside` holds every failure that no fault accounts for, in words; `injected` counts the others by source and code."""

    def __init__(self, url: str, key: str, samples: dict[str, Any], weather: Weather) -> None:
        self._url, self._samples, self._weather = url, samples, weather
        self._headers = {"Authorization": f"Bearer {key}"}
        self._random = random.Random(1)  # noqa: S311 - as above
        self._pending: set[asyncio.Task[None]] = set()
        self.whole: list[Asked] = []
        self.in_part: Counter[str] = Counter()
        self.injected: Counter[str] = Counter()
        self.outside: list[str] = []
        self.skipped = 0
        self.keys: list[str] = []
        self.told = self.taken = 0
        self.heard: list[str] = []
        self.gaps = self.cuts = 0
        self._subscribed = asyncio.Event()

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(
            headers=self._headers, timeout=timeout, connector=aiohttp.TCPConnector(limit=MOST_IN_FLIGHT + 16)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    # ------------------------------------------------------------ questions

    @property
    def in_flight(self) -> int:
        return len(self._pending)

    def _variables(self, kind: str) -> dict[str, Any]:
        skus, customers = self._samples["skus"], self._samples["customers"]
        drawn = self._random
        match kind:
            case "quote":
                return {"skus": drawn.sample(skus, min(LINES, len(skus))), "customer": drawn.choice(customers)}
            case "portal":
                return {"customer": drawn.choice(customers)}
        return {"sku": drawn.choice(skus)}

    async def at_their_best(self, seconds: float, concurrency: int) -> float:
        """Questions a second that so many callers, each waiting for its answer, could ask."""
        until, before = time.monotonic() + seconds, len(self.whole)

        async def caller() -> None:
            while time.monotonic() < until:
                await self._question(self._random.choice(MIX))

        await asyncio.gather(*(caller() for _ in range(concurrency)))
        return (len(self.whole) - before) / seconds

    async def ask(self, rate: float) -> None:
        """So many questions a second, however long each takes, until cancelled; those under way are waited for."""
        begun = time.monotonic()
        try:
            for number in itertools.count():
                await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
                if len(self._pending) >= MOST_IN_FLIGHT:
                    self.skipped += 1
                    continue
                task = asyncio.create_task(self._question(self._random.choice(MIX)))
                self._pending.add(task)
                task.add_done_callback(self._pending.discard)
        finally:
            await asyncio.gather(*self._pending)

    async def _question(self, kind: str) -> None:
        begun = time.monotonic()
        given = {"query": QUESTIONS[kind], "variables": self._variables(kind)}
        body = await self._asked(kind, given)
        if body is None:
            return
        if "errors" not in body:
            self.whole.append(Asked(kind, time.monotonic() - begun))
            return
        self.in_part[kind] += 1
        for error in body["errors"]:
            self._judge(kind, error, begun)

    async def _asked(self, kind: str, given: dict[str, Any]) -> dict[str, Any] | None:
        try:
            async with self._session.post(f"{self._url}/graphql", json=given) as answer:
                if answer.status == 200:
                    body: dict[str, Any] = await answer.json()
                    return body
                self.outside.append(f"{kind}: status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self.outside.append(f"{kind}: {type(error).__name__}")
        return None

    def _judge(self, kind: str, error: dict[str, Any], begun: float) -> None:
        told = error.get("extensions", {})
        source, code = str(told.get("source")), str(told.get("code"))
        if self._weather.accounts_for(source, begun, time.monotonic()):
            self.injected[f"{source} {code}"] += 1
        else:
            self.outside.append(f"{kind}: {source} {code}")

    # ------------------------------------------------------------ orders

    async def order(self) -> None:
        """One every few seconds, each under a key of its own, again and again until it is taken."""
        sound = self._samples["sound"]
        for number in itertools.count():
            key = f"soak-{number}"
            self.keys.append(key)
            given = {"query": SUBMIT, "variables": {"input": {**sound[number % len(sound)], "idempotencyKey": key}}}
            await self._until_taken(partial(self._is_taken, given))
            await asyncio.sleep(ORDER_SECONDS)

    async def _is_taken(self, given: dict[str, Any]) -> bool:
        begun = time.monotonic()
        body = await self._asked("order", given)
        for error in (body or {}).get("errors", ()):
            self._judge("order", error, begun)
        return body is not None and "errors" not in body

    @staticmethod
    async def _until_taken(once: Callable[[], Awaitable[bool]]) -> None:
        while not await once():  # noqa: ASYNC110 - another process takes it
            await asyncio.sleep(AGAIN_SECONDS)

    async def submissions(self) -> dict[str, dict[str, Any]]:
        """Every submission by its key, once none is under way."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while True:
                rows = [row async for row in self._rows()]
                if not any(row["status"] in UNDER_WAY for row in rows):
                    return {row["idempotencyKey"]: row for row in rows}
                await asyncio.sleep(1)

    async def _rows(self) -> Any:
        after: str | None = None
        while True:
            body = await self._asked("look", {"query": LOOK, "variables": {"after": after}})
            page = (body or {})["data"]["submissions"]
            for edge in page["edges"]:
                yield edge["node"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return

    # ------------------------------------------------------------ events

    async def tell(self) -> None:
        """What the warehouse does, twice a second, once somebody listens: each event again until it is taken in."""
        begun = datetime.now(UTC)
        await self._subscribed.wait()
        for number in itertools.count():
            await asyncio.sleep(TELL_SECONDS)
            name = f"soak-event-{number}"
            moved = ShipmentMoved(company="US", shipment=SHIPMENT, tracking_number=f"1Z{number}")
            event = new_event(
                "shipment.in_transit", moved, id=name, source="/wms", time=begun + timedelta(seconds=number)
            )
            self.told += 1
            await self._until_taken(partial(self._is_told, encoded(event)))
            self.taken += 1

    async def _is_told(self, body: bytes) -> bool:
        headers = signed(body, TOKEN, datetime.now(UTC))
        try:
            async with self._session.post(f"{self._url}/webhooks/wms", data=body, headers=headers) as answer:
                if answer.ok:
                    return True
                self.outside.append(f"webhook: status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self.outside.append(f"webhook: {type(error).__name__}")
        return False

    async def listen(self) -> None:
        """Comes back with the last cursor when it is cut off."""
        after: str | None = None
        while True:
            try:
                async for event in self._events(after):
                    after = event["cursor"]
                    self.gaps += bool(event["gap"])
                    self.heard.append(event["id"])
            except aiohttp.ClientError:
                await asyncio.sleep(AGAIN_SECONDS)
            self.cuts += 1

    async def _events(self, after: str | None) -> Any:
        variables = {"shipment": SHIPMENT, "after": after}
        async with self._session.ws_connect(f"{self._url}/graphql", protocols=("graphql-transport-ws",)) as socket:
            await socket.send_json({"type": "connection_init"})
            async for message in socket:
                said = json.loads(message.data)
                match said["type"]:
                    case "connection_ack":
                        asked = {"query": EVENTS, "variables": variables}
                        await socket.send_json({"id": "1", "type": "subscribe", "payload": asked})
                        self._subscribed.set()
                    case "ping":
                        await socket.send_json({"type": "pong"})
                    case "next":
                        yield said["payload"]["data"]["shipmentEvents"]
