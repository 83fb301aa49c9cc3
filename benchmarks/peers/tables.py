"""What was found, as tables for docs/benchmarks.md, and whether it is what is wanted."""

import statistics
from collections.abc import Callable, Iterable
from typing import Any

from contestants import CROSSDOCK, STARLETTE

WANTED = {"quote": 1.5, "portal": 1.5, "list": 1.5, "item": 2.5}
FLAT = 1.3
BY_HAND = frozenset({STARLETTE, "Node by hand", CROSSDOCK})


def _median(made: Iterable[Any], of: Callable[[Any], float]) -> float:
    return statistics.median(of(each) for each in made)


def _cpu(made: Iterable[Any]) -> float:
    """Of the round that was disturbed least."""
    return min(float(each.cpu_ms) for each in made)


def _ratio(made: list[Any], base: list[Any]) -> float:
    return _cpu(made) / _cpu(base)


def show(outcome: Any) -> None:
    _grid("CPU ms a request, varied keys, 32 in flight", outcome.plain, "varied", 32)
    _grid("the same, identical keys", outcome.plain, "identical", 32)
    _latencies(outcome.plain)
    _by_in_flight(outcome.plain)
    _grid("Caches on, varied keys", outcome.cached, "varied", 32)
    _grid("Caches on, identical keys", outcome.cached, "identical", 32)
    _resources(outcome)
    print("\nCrossdock's quote by lines, CPU ms: ", end="")
    print(
        ", ".join(f"{size}: {spent:.2f} ({spent / size * 1000:.0f} µs a line)" for size, spent in outcome.lines.items())
    )
    shares = [
        each.upstream
        for some in (outcome.plain, outcome.cached)
        for by in some.values()
        for made in by.values()
        for each in made
    ]
    print(
        f"The upstream took at most {max(shares):.0%} of a core in a turn, {statistics.median(shares):.0%} in the median."
    )


def _grid(title: str, found: Any, keys: str, in_flight: int) -> None:
    """A row a contestant, a column a question; in brackets the ratio to the hand-written endpoint."""
    columns = {cell.question: by for cell, by in found.items() if cell.keys == keys and cell.in_flight == in_flight}
    if not columns:
        return
    print(f"\n### {title}\n\n| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    names = dict.fromkeys(name for by in columns.values() for name in by)
    first = next(iter(columns.values()))
    for name in sorted(names, key=lambda each: _cpu(first[each]) if each in first else 1e9):
        shown = [_shown(by, name) for by in columns.values()]
        print(f"| {name} | {' | '.join(shown)} |")


def _shown(by: Any, name: str) -> str:
    if name not in by:
        return ""
    spent = _cpu(by[name])
    return f"{spent:.3g} ({_ratio(by[name], by[STARLETTE]):.2f})"


def _latencies(found: Any) -> None:
    columns = {cell.question: by for cell, by in found.items() if cell.keys == "varied" and cell.in_flight == 32}
    print(
        f"\n### p50 / p99 ms, varied keys, 32 in flight\n\n| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}"
    )
    for name in dict.fromkeys(name for by in columns.values() for name in by):
        shown = [
            f"{_median(by[name], lambda each: each.p50_ms):.1f} / {_median(by[name], lambda each: each.p99_ms):.1f}"
            if name in by
            else ""
            for by in columns.values()
        ]
        print(f"| {name} | {' | '.join(shown)} |")


def _by_in_flight(found: Any) -> None:
    counts = sorted({cell.in_flight for cell in found})
    if len(counts) < 2:
        return
    heads = [f"{question} at {count}" for question in WANTED for count in counts]
    print(
        f"\n### CPU ms a request by requests in flight, varied keys\n\n| | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}"
    )
    by_place = {(cell.question, cell.in_flight): by for cell, by in found.items() if cell.keys == "varied"}
    for name in dict.fromkeys(name for by in by_place.values() for name in by):
        cells = [by_place[question, count] for question in WANTED for count in counts]
        shown = [f"{_cpu(by[name]):.3g}" if name in by else "" for by in cells]
        print(f"| {name} | {' | '.join(shown)} |")


def _resources(outcome: Any) -> None:
    print(
        "\n### Start and memory\n\n| | CPU s to be ready | MB then | MB after all | idle, % of a core |\n|---|---:|---:|---:|---:|"
    )
    for name, (ready, held, resting) in outcome.idle.items():
        print(f"| {name} | {ready:.2f} | {held:.0f} | {outcome.resident_mb[name]:.0f} | {resting:.1%} |")


def wanted(outcome: Any) -> bool:
    """Says of every demand whether it is met."""
    found = {(cell.question, cell.in_flight): by for cell, by in outcome.plain.items() if cell.keys == "varied"}
    print()
    met = [_said(*each) for each in (*_ratios(found), *_peers(found), *_flat(found))]
    return all(met)


def _said(what: str, figure: float, most: float) -> bool:
    print(f"{'met    ' if figure <= most else 'NOT MET'} {what}: {figure:.2f}, wanted at most {most}")
    return figure <= most


def _ratios(found: Any) -> Iterable[tuple[str, float, float]]:
    for question, most in WANTED.items():
        by = found[question, 32]
        yield f"{question}, against Starlette by hand", _ratio(by[CROSSDOCK], by[STARLETTE]), most


def _peers(found: Any) -> Iterable[tuple[str, float, float]]:
    """Less CPU than the best of the peers that speak GraphQL."""
    for question in WANTED:
        by = found[question, 32]
        ratios = {name: _ratio(by[CROSSDOCK], made) for name, made in by.items() if name not in BY_HAND}
        if ratios:
            best = max(ratios, key=lambda name: ratios[name])
            yield f"{question}, against {best}", ratios[best], 1.0


def _flat(found: Any) -> Iterable[tuple[str, float, float]]:
    counts = sorted({count for _, count in found})
    for question in WANTED if len(counts) > 1 else ():
        spent = [_cpu(found[question, count][CROSSDOCK]) for count in counts]
        yield f"{question}, dearest against cheapest of {counts} in flight", max(spent) / min(spent), FLAT
