"""1,000 parcels, one WebSocket subscriber each, 200 events a second for a minute: from the webhook to the subscriber's frame.

python benchmarks/parcel_stream.py [--parcels 1000] [--rate 200] [--seconds 60]
The gateway is a process of its own; this one pushes signed deliveries, one event each, as a carrier does, and is all the subscribers.
"""

import argparse
import asyncio
import json
import struct
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import uvloop

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from subscription_clients import BEGIN, HELLO, frame
from subscriptions import Side, served

from sources.events import encoded, new_event
from sources.happenings import ShipmentMoved
from sources.models import TrackingStatus
from sources.signatures import signed

WANTED_P99_MS = 250.0
SUBSCRIBE = (
    "subscription($parcel: String!) { shipmentEvents(trackingNumber: $parcel) { trackingNumber status late location } }"
)
PATIENCE_SECONDS = 30


class Heard:
    """When each event came to its subscriber; `strays` came to another, `twice` not for the first time."""

    def __init__(self) -> None:
        self.sent: dict[str, float] = {}
        self.took: dict[str, float] = {}
        self.strays = self.twice = self.late = self.acknowledged = 0

    def hear(self, parcel: str, message: bytes) -> None:
        now, event = time.perf_counter(), json.loads(message)["payload"]["data"]["shipmentEvents"]
        scan: str = event["location"]
        self.strays += event["trackingNumber"] != parcel
        self.twice += scan in self.took
        self.late += event["late"]
        self.took[scan] = now - self.sent[scan]


class Subscriber(asyncio.Protocol):
    def __init__(self, parcel: str, heard: Heard) -> None:
        self._parcel, self._heard, self._left, self._is_open = parcel, heard, b"", False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of TCP
        self._transport.write(HELLO)

    def data_received(self, data: bytes) -> None:
        if not self._is_open:
            self._is_open = True
            self._transport.write(BEGIN)
            return
        self._left += data
        while (text := self._frame()) is not None:
            if b'"connection_ack"' in text:
                payload = {"query": SUBSCRIBE, "variables": {"parcel": self._parcel}}
                self._transport.write(frame(json.dumps({"id": "1", "type": "subscribe", "payload": payload})))
                self._heard.acknowledged += 1
            elif b'"next"' in text:
                self._heard.hear(self._parcel, text)

    def _frame(self) -> bytes | None:
        """The next whole frame's text; the gateway's are not masked, and shorter than 64 KiB."""
        if len(self._left) < 4:
            return None
        size, head = self._left[1] & 0x7F, 2
        if size == 126:
            size, head = struct.unpack_from("!H", self._left, 2)[0], 4
        if len(self._left) < head + size:
            return None
        text, self._left = self._left[head : head + size], self._left[head + size :]
        return text


async def push(http: aiohttp.ClientSession, heard: Heard, parcel: str, number: int) -> float:
    """Seconds until the delivery was answered."""
    now, scan = datetime.now(UTC), f"scan {number}"
    told = ShipmentMoved(
        company="US",
        shipment=f"S{parcel}",
        tracking_number=parcel,
        status=TrackingStatus.IN_TRANSIT,
        location=scan,
    )
    body = encoded(new_event("shipment.in_transit", told, id=f"{parcel}-{number}", source="/carrier", time=now))
    began = heard.sent[scan] = time.perf_counter()
    async with http.post("/webhooks/carrier", data=body, headers=signed(body, "bench", now)) as answer:
        assert answer.status == 200, await answer.text()
    return time.perf_counter() - began


async def streamed(side: Side, parcels: int, rate: int, seconds: int) -> tuple[Heard, list[float]]:
    loop, heard = asyncio.get_running_loop(), Heard()
    for at in range(parcels):
        await loop.create_connection(lambda at=at: Subscriber(f"1Z{at}", heard), "127.0.0.1", side.port)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while f'"count":{parcels}' not in await loop.run_in_executor(None, side.ask, "/count"):  # noqa: ASYNC110 - it is asked of another process
            await asyncio.sleep(0.05)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{side.port}") as http, asyncio.TaskGroup() as pushing:
        began, pushed = time.perf_counter(), []
        for number in range(rate * seconds):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            pushed.append(pushing.create_task(push(http, heard, f"1Z{number % parcels}", number)))
    until = time.perf_counter() + PATIENCE_SECONDS
    while len(heard.took) < len(heard.sent) and time.perf_counter() < until:  # noqa: ASYNC110 - whatever is lost never comes
        await asyncio.sleep(0.05)
    return heard, sorted(each.result() for each in pushed)


def ms(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parcels", type=int, default=1_000)
    options.add_argument("--rate", type=int, default=200)
    options.add_argument("--seconds", type=int, default=60)
    chosen = options.parse_args()
    with served("ours") as side:
        cpu = side.cpu_seconds()
        heard, answered = uvloop.run(streamed(side, chosen.parcels, chosen.rate, chosen.seconds))
        cpu = side.cpu_seconds() - cpu
    lost, took = len(heard.sent) - len(heard.took), sorted(heard.took.values())
    print(f"{chosen.parcels} parcels, a subscriber each, {chosen.rate} events a second for {chosen.seconds} s\n")
    print(f"events {len(heard.sent)}  lost {lost}  twice {heard.twice}  to another {heard.strays}  late {heard.late}")
    print(f"webhook to frame, ms:   p50 {ms(took, 0.5):.1f}  p99 {ms(took, 0.99):.1f}  worst {ms(took, 1):.1f}")
    print(f"webhook to answer, ms:  p50 {ms(answered, 0.5):.1f}  p99 {ms(answered, 0.99):.1f}")
    print(f"CPU of the gateway: {cpu / len(heard.sent) * 1e6:.0f} µs an event, with the connecting")
    holds = not (lost or heard.twice or heard.strays) and ms(took, 0.99) < WANTED_P99_MS
    print(f"\nwanted: none lost, p99 under {WANTED_P99_MS:.0f} ms: {'yes' if holds else 'NO'}")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
