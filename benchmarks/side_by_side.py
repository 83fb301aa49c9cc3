"""Crossdock and its peers on the same upstream: the same questions, the same answers, in turn, CPU a request.

python benchmarks/side_by_side.py [--quick] [--rounds 4] [--seconds 0.4] [--only NAME …] [--compare] [--json FILE]
First every answer is compared with Crossdock's: what differs is not measured (`--compare`: that is all). Then rounds, one contestant
after the other in each, so that whatever else the machine does meets all of them. CPU is that of the round in which it was lowest, for
what others do on the machine only ever adds to it; latencies are medians over the rounds. `make bench-peers` is all of it;
`make bench-peers QUICK=1` a short look.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

sys.path.insert(0, str(Path(__file__).parent / "peers"))

import contestants
import generator
import tables
from canonical import canonical
from contestants import STARLETTE, Contestant, Stage
from process import Process
from questions import QUERIES, Questions, Variables

PORT = 9700
COMPARED = 8
MANY_ROUNDS = 2
"""With many in flight a turn of the slowest takes seconds: all of them are answered before it ends."""

MADE = 3_000
WARM_SECONDS = 0.4
ENOUGH_SECONDS = 600.0
"""After so long, on a machine that is busy with other things, what is left is measured in one round each."""

IDLE_SECONDS = 5.0
SIZES = {10: 1, 100: 1, 1_000: 2}
"""Lines, and in how many fields they are asked for: one field takes 500 at most."""


class Cell(NamedTuple):
    """What one row of figures is about."""

    question: str
    keys: str
    in_flight: int


class Slice(NamedTuple):
    """One contestant's turn: CPU milliseconds a request, latencies in ms, answers a second, the upstream's share of a core."""

    cpu_ms: float
    p50_ms: float
    p99_ms: float
    per_second: float
    upstream: float


class Asked:
    """The bytes that a contestant is sent; where keys vary it goes on in the next round where it was."""

    def __init__(self, questions: Questions) -> None:
        self._made = {name: questions.varied(name, MADE if name == "quote" else 2_000) for name in QUERIES}
        self._turning: dict[tuple[str, str, str], Iterator[bytes]] = {}

    def variables(self, question: str) -> list[Variables]:
        return self._made[question]

    def requests(self, contestant: Contestant, question: str, keys: str) -> Iterator[bytes]:
        place = (contestant.name, question, keys)
        if place not in self._turning:
            given = self._made[question] if keys == "varied" else self._made[question][:1]
            self._turning[place] = cycle([message(contestant, question, each) for each in given])
        return self._turning[place]


def message(contestant: Contestant, question: str, variables: Variables) -> bytes:
    body = json.dumps({"query": QUERIES[question], "variables": variables}).encode()
    return generator.request(contestant.path.format(question=question), body, contestant.headers)


async def compared(all_of_them: Sequence[Contestant], asked: Asked, count: int, *, upstream: int) -> None:
    """Raises SystemExit at the first answer that is not the first contestant's. Says who asked the systems how often."""
    for question in QUERIES:
        taking = [each for each in all_of_them if question in each.questions]
        calls: dict[str, Counter[str]] = {each.name: Counter() for each in taking}
        for variables in asked.variables(question)[:count]:
            found: dict[str, bytes] = {}
            for each in taking:
                await calls_since(upstream)
                body = await generator.answer(each.process.port, message(each, question, variables))
                found[each.name] = canonical(body)
                calls[each.name] += await calls_since(upstream)
            _same(question, found)
        told = {
            name: ", ".join(f"{path} {made}" for path, made in sorted(each.items())) for name, each in calls.items()
        }
        print(f"{question}: the same answers from {'; '.join(told)}")
        for text in dict.fromkeys(told.values()):
            who = "all" if len(set(told.values())) == 1 else "; ".join(name for name in told if told[name] == text)
            print(f"  calls of {who}: {text or 'none'}")


async def calls_since(upstream: int) -> Counter[str]:
    """Of the systems, by path, since this was asked last."""
    message = b"GET /calls HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    return Counter(json.loads(await generator.answer(upstream, message)))


def _same(question: str, answers: dict[str, bytes]) -> None:
    first, wanted = next(iter(answers.items()))
    for name, found in answers.items():
        if found != wanted:
            at = next((at for at, pair in enumerate(zip(found, wanted, strict=False)) if len({*pair}) > 1), 0)
            shown = [repr(some[max(0, at - 200) : at + 100]) for some in (found, wanted)]
            raise SystemExit(f"{question}: {name} answers\n{shown[0]}\nand {first}\n{shown[1]}")


async def turn(
    contestant: Contestant, requests: Iterator[bytes], upstream: Process, *, seconds: float, in_flight: int
) -> Slice:
    spent, given = contestant.process.cpu_seconds(), upstream.cpu_seconds()
    made = await generator.load(contestant.process.port, requests, seconds=seconds, in_flight=in_flight)
    count = len(made.took)
    cpu_ms = (contestant.process.cpu_seconds() - spent) * 1000 / count
    share = (upstream.cpu_seconds() - given) / made.seconds
    took = sorted(made.took)
    p50, p99 = took[count // 2] * 1000, took[min(count - 1, int(count * 0.99))] * 1000
    return Slice(cpu_ms, p50, p99, count / made.seconds, share)


Measured = dict[Cell, dict[str, list[Slice]]]


class Bench:
    def __init__(self, options: argparse.Namespace, questions: Questions, upstream: Process) -> None:
        self._options, self._questions, self._upstream = options, questions, upstream
        self._asked = Asked(questions)
        self._enough_at = time.monotonic() + ENOUGH_SECONDS
        self.found: Measured = defaultdict(lambda: defaultdict(list))

    async def compare(self, all_of_them: Sequence[Contestant]) -> None:
        count = 2 if self._options.quick or self._options.compare else COMPARED
        await compared(all_of_them, self._asked, count, upstream=self._upstream.port)

    async def warm(self, all_of_them: Sequence[Contestant]) -> None:
        for each in all_of_them:
            for question in sorted(each.questions):
                requests = self._asked.requests(each, question, "varied")
                await generator.load(each.process.port, requests, seconds=WARM_SECONDS, in_flight=32)

    async def measure(self, all_of_them: Sequence[Contestant], cells: Sequence[Cell]) -> None:
        for cell in cells:
            taking = [each for each in all_of_them if cell.question in each.questions]
            for at in range(min(self._options.rounds, MANY_ROUNDS) if cell.in_flight > 32 else self._options.rounds):
                if at and time.monotonic() > self._enough_at:
                    break
                first = at % len(taking)
                for each in taking[first:] + taking[:first]:  # none has always the same neighbour
                    requests = self._asked.requests(each, cell.question, cell.keys)
                    made = await turn(
                        each, requests, self._upstream, seconds=self._options.seconds, in_flight=cell.in_flight
                    )
                    self.found[cell][each.name].append(made)
            print(".", end="", flush=True)

    async def lines(self, contestant: Contestant) -> dict[int, float]:
        """CPU milliseconds a request by the number of lines, with other SKUs every time."""
        spent: dict[int, list[float]] = defaultdict(list)
        made = {size: cycle(self._lined(contestant, size, fields)) for size, fields in SIZES.items()}
        for _ in range(self._options.rounds + 1):
            for size in SIZES:
                found = await turn(contestant, made[size], self._upstream, seconds=self._options.seconds, in_flight=8)
                spent[size].append(found.cpu_ms)
        return {size: min(each[1:]) for size, each in spent.items()}

    def _lined(self, contestant: Contestant, size: int, fields: int) -> list[bytes]:
        skus, share = self._questions.skus, size // fields
        inner = QUERIES["quote"].partition("{ ")[2].rpartition(" }")[0].partition("company: $company)")[2]
        names = [f"skus{at}" for at in range(fields)]
        asked = " ".join(f"lines{at}: items(skus: ${name}, company: $company) {inner}" for at, name in enumerate(names))
        declared = ", ".join(f"${name}: [String!]!" for name in names)
        query = f"query ($customer: String!, $company: String, {declared}) {{ {asked} }}"
        found = []
        for turned in range(20):
            chosen = [skus[(turned * 37 + at) % len(skus)] for at in range(size)]
            parts = {name: chosen[at * share : (at + 1) * share] for at, name in enumerate(names)}
            variables = {"customer": self._questions.customers[0], "company": self._questions.company, **parts}
            body = json.dumps({"query": query, "variables": variables}).encode()
            found.append(generator.request(contestant.path, body, contestant.headers))
        return found


def cells(*, is_quick: bool) -> list[Cell]:
    counts = (32,) if is_quick else (1, 32, 128)
    found = [Cell(question, "varied", count) for question in QUERIES for count in counts]
    return found if is_quick else found + [Cell(question, "identical", 32) for question in QUERIES]


def cached_cells(*, is_quick: bool) -> list[Cell]:
    keys = ("varied",) if is_quick else ("varied", "identical")
    return [Cell(question, each, 32) for question in QUERIES for each in keys]


async def idle(all_of_them: Sequence[Contestant], seconds: float) -> dict[str, tuple[float, float, float]]:
    """CPU seconds to be ready, MB then, and the share of a core that each takes while nobody asks anything."""
    before = {each.name: each.process.cpu_seconds() for each in all_of_them}
    held = {each.name: each.process.resident_mb() for each in all_of_them}
    began = time.monotonic()
    await asyncio.sleep(seconds)
    passed = time.monotonic() - began
    return {
        each.name: (before[each.name], held[each.name], (each.process.cpu_seconds() - before[each.name]) / passed)
        for each in all_of_them
    }


class Outcome(NamedTuple):
    """All that was found."""

    plain: Measured
    cached: Measured
    lines: dict[int, float]
    idle: dict[str, tuple[float, float, float]]
    resident_mb: dict[str, float]


async def measured(options: argparse.Namespace, folder: Path) -> Outcome | None:
    """None where answers were only to be compared."""
    with ExitStack() as stack:
        sandbox, answering = options.port, options.port + 10
        upstream = stack.enter_context(contestants.systems(sandbox, answering))
        stage = Stage(stack, folder, answering, options.port + 20)
        named = {STARLETTE, *options.only}
        peers, caching_peers = (
            [each for each in some if not options.only or each.name in named]
            for some in (contestants.peers(), contestants.caching_peers())
        )
        plain = [stage.crossdock(), *map(stage.peer, peers)]
        caching = [] if options.only else [stage.crossdock(is_cached=True), *map(stage.peer, caching_peers)]
        resting = await idle([*plain, *caching], 1.0 if options.quick else 0.0 if options.compare else IDLE_SECONDS)
        bench = Bench(options, Questions(sandbox), upstream)
        await bench.compare([*plain, *caching])
        if options.compare:
            return None
        await bench.warm([*plain, *caching])
        await bench.measure(plain, cells(is_quick=options.quick))
        first = dict(bench.found)
        held = {each.name: each.process.resident_mb() for each in [*plain, *caching]}
        bench.found.clear()
        by_hand = [each for each in plain if each.name == STARLETTE]
        await bench.measure([*caching, *by_hand], cached_cells(is_quick=options.quick))
        return Outcome(first, dict(bench.found), await bench.lines(plain[0]), resting, held)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 4)
    options.seconds = options.seconds or (0.3 if options.quick else 0.4)
    uvloop.install()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(measured(options, Path(folder)))
    if outcome is None:
        return 0
    print()
    tables.show(outcome)
    print(f"\n{(time.monotonic() - began) / 60:.1f} minutes")
    if options.json:
        options.json.write_text(json.dumps(as_json(outcome), indent=1))
    return 0 if tables.wanted(outcome) else 1


def as_json(outcome: Outcome) -> dict[str, Any]:
    def rows(some: Measured) -> list[Any]:
        return [
            [*cell, name, [each._asdict() for each in made]] for cell, by in some.items() for name, made in by.items()
        ]

    return {**outcome._asdict(), "plain": rows(outcome.plain), "cached": rows(outcome.cached)}


if __name__ == "__main__":
    sys.exit(main())
