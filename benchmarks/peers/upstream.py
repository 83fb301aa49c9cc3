"""The four systems of the contract, answering from rows that were rendered before: a batch is its rows, joined.

python benchmarks/peers/upstream.py SANDBOX_PORT PORT     the sandbox's four systems at SANDBOX_PORT.., answered at PORT..
Rows are the sandbox's own, read when a key is first asked for. So any selection of keys costs some microseconds, and no peer is ever
made to wait. GET /calls on the first port tells how often each path was called since the last time, and begins to count anew.
"""

import asyncio
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

import httptools
import orjson
import uvloop

ROLES = 4


class Batch(NamedTuple):
    """`key` is the parameter that is repeated; `field` is where a row bears it."""

    rows: str
    key: str
    field: str


BATCHES = {
    b"/items": Batch("items", "sku", "sku"),
    b"/customers": Batch("customers", "number", "number"),
    b"/supply-demand": Batch("plans", "sku", "sku"),
    b"/orders/by-customer": Batch("pages", "number", "number"),
    b"/stock": Batch("stock", "sku", "sku"),
    b"/shipments/by-order": Batch("shipments", "order", "order"),
    b"/tracking": Batch("tracking", "trackingNumber", "trackingNumber"),
}
PRICES = b"/prices"

calls: Counter[str] = Counter()


class Rows:
    """What one batch endpoint answers for one set of further parameters: rows by key, and what stands around them."""

    def __init__(self, port: int, path: bytes, more: list[bytes]) -> None:
        self._port, self._path, self._more, self._batch = port, path, more, BATCHES[path]
        self.rendered: dict[bytes, bytes] = {}
        self.head = self.tail = b""

    def answer(self, keys: Iterable[bytes]) -> bytes | None:
        """None where a key has never been asked for."""
        try:
            found = [row for row in map(self.rendered.__getitem__, keys) if row]
        except KeyError:
            return None
        return b"".join((self.head, b",".join(found), self.tail))

    async def learn(self, keys: list[bytes]) -> None:
        target = self._path + b"?" + b"&".join([*self._more, *keys])
        answer = orjson.loads(await asyncio.to_thread(asked, self._port, target, b""))
        rows: dict[bytes, list[bytes]] = {key: [] for key in keys}
        for row in answer.pop(self._batch.rows):
            rows[f"{self._batch.key}={row[self._batch.field]}".encode()].append(orjson.dumps(row))
        self.rendered |= {key: b",".join(each) for key, each in rows.items()}
        around = b",".join(orjson.dumps(name) + b":" + orjson.dumps(value) for name, value in answer.items())
        self.head, self.tail = b'{"' + self._batch.rows.encode() + b'":[', b"]," + around + b"}"


class Prices:
    """POST /prices: a price is rendered without its ref, which the caller gives."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._rendered: dict[tuple[Any, ...], bytes] = {}

    async def answer(self, body: bytes) -> bytes:
        lines = orjson.loads(body)["lines"]
        known = self._rendered
        keys = [(line["company"], line["customer"], line["sku"], line["quantity"], line.get("uom")) for line in lines]
        if any(key not in known for key in keys):
            await self._learn(keys, lines)
        rows = ((line["ref"].encode(), known[key]) for key, line in zip(keys, lines, strict=True))
        found = [b'{"ref":"%b",%b' % (ref, row) for ref, row in rows if row]
        return b'{"prices":[' + b",".join(found) + b'],"errors":[]}'

    async def _learn(self, keys: list[tuple[Any, ...]], lines: list[Any]) -> None:
        body = orjson.dumps({"lines": [{**line, "ref": str(at)} for at, line in enumerate(lines)]})
        found = dict.fromkeys(keys, b"")  # what has no price stays without
        for row in orjson.loads(await asyncio.to_thread(asked, self._port, PRICES, body))["prices"]:
            key = keys[int(row.pop("ref"))]
            found[key] = orjson.dumps(row)[1:]
        self._rendered |= found


def asked(port: int, target: bytes, body: bytes) -> bytes:
    """The real system's answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{target.decode()}", data=body or None)
    request.add_header("Authorization", "Bearer sandbox")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        return bytes(answer.read())


class System:
    """One of the four; its answers as bodies."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._batches: dict[tuple[bytes, ...], Rows] = {}
        self._whole: dict[bytes, bytes] = {}
        self._prices = Prices(port)
        self._learning = asyncio.Lock()

    def at_once(self, target: bytes) -> bytes | None:
        """A GET's answer, where all that it takes is there."""
        path, _, query = target.partition(b"?")
        calls[path.decode()] += 1
        if path in BATCHES:
            rows, keys = self._rows(path, query)
            return rows.answer(keys)
        return self._whole.get(target)

    def _rows(self, path: bytes, query: bytes) -> tuple[Rows, list[bytes]]:
        mark = BATCHES[path].key.encode() + b"="
        parts = query.split(b"&")
        keys = [part for part in parts if part.startswith(mark)]
        more = [part for part in parts if not part.startswith(mark)]
        named = (path, *sorted(more))
        if named not in self._batches:
            self._batches[named] = Rows(self._port, path, more)
        return self._batches[named], keys

    async def answer(self, target: bytes, body: bytes) -> bytes:
        path, _, query = target.partition(b"?")
        if path == PRICES:
            calls[PRICES.decode()] += 1
            return await self._prices.answer(body)
        async with self._learning:
            if path not in BATCHES:
                self._whole[target] = self._whole.get(target) or await asyncio.to_thread(asked, self._port, target, b"")
                return self._whole[target]
            rows, keys = self._rows(path, query)
            await rows.learn([key for key in dict.fromkeys(keys) if key not in rows.rendered] or keys)
            return rows.answer(keys) or b""


class Connection(asyncio.Protocol):
    def __init__(self, system: System) -> None:
        self._system, self._transport = system, None  # type: Any, Any
        self._parser: Any = None
        self._target = self._body = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._parser = transport, httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        target, body = self._target, self._body
        self._target = self._body = b""
        if target == b"/calls":
            self._write(orjson.dumps(calls))
            calls.clear()
            return
        found = None if body else self._system.at_once(target)
        if found is not None:
            self._write(found)
            return
        task = asyncio.get_running_loop().create_task(self._answered(target, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answered(self, target: bytes, body: bytes) -> None:
        try:
            self._write(await self._system.answer(target, body))
        except BaseException:
            self._transport.close()  # rather than that who asks waits for ever
            raise

    def _write(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


async def serve(sandbox_port: int, port: int) -> None:
    loop = asyncio.get_running_loop()
    for role in range(ROLES):
        await loop.create_server(
            partial(Connection, System(sandbox_port + role)), "127.0.0.1", port + role, backlog=512
        )
    print("upstream ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
