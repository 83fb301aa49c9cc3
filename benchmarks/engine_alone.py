"""Execution alone, without HTTP and without sources: CPU of plain Strawberry against the engine, side by side in one run.

python benchmarks/engine_alone.py [--rounds 7]
"""

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import facts
import schemas
from strawberry.dataloader import DataLoader

from engine import Documents, Plan, executed
from resolvers.loader import Loader

QUERIES: dict[str, tuple[str, dict[str, Any], int]] = {
    "quote of 50": (facts.QUOTE, {"skus": facts.SKUS}, 40),
    "portal": (facts.PORTAL, {}, 40),
    "flat 1000 x 10": (facts.FLAT, {}, 20),
}
WANTED = {"quote of 50": 12, "portal": 12, "flat 1000 x 10": 15}
Ask = Callable[[str, dict[str, Any]], Awaitable[Any]]

PLAIN = schemas.schema_of(schemas.one)
BATCHED = schemas.schema_of(schemas.many)
DOCUMENTS = Documents(BATCHED._schema)  # noqa: SLF001 - graphql-core's schema, which Strawberry does not hand out


async def plain(query: str, variables: dict[str, Any]) -> Any:
    result = await PLAIN.execute(query, variable_values=variables, context_value=schemas.loaders(DataLoader))
    assert result.errors is None, result.errors
    return result.data


async def engine(query: str, variables: dict[str, Any]) -> Any:
    plan = DOCUMENTS.prepared(query).plan()
    assert isinstance(plan, Plan), plan
    result = await executed(plan, plan.variables.of(variables), context=schemas.loaders(Loader))
    assert result.errors is None, result.errors
    return result.data


CONTESTANTS: dict[str, Ask] = {"strawberry": plain, "engine": engine}


async def round_of(ask: Ask, query: str, variables: dict[str, Any], times: int) -> float:
    """CPU milliseconds a request."""
    gc.collect()
    started = time.process_time()
    for _ in range(times):
        await ask(query, variables)
    return (time.process_time() - started) * 1000 / times


async def measured(rounds: int) -> bool:
    ok = True
    print(f"{'query':<16}{'strawberry ms':>15}{'engine ms':>12}{'ratio':>8}{'wanted':>8}")
    for name, (query, variables, times) in QUERIES.items():
        answers = [json.dumps(await ask(query, variables)) for ask in CONTESTANTS.values()]
        assert answers[0] == answers[1], f"{name}: the answers differ"
        took: dict[str, list[float]] = {who: [] for who in CONTESTANTS}
        for _ in range(rounds):
            for who, ask in CONTESTANTS.items():
                took[who].append(await round_of(ask, query, variables, times))
        slow, fast = (statistics.median(took[who]) for who in CONTESTANTS)
        ok &= slow / fast >= WANTED[name]
        print(f"{name:<16}{slow:>15.2f}{fast:>12.3f}{slow / fast:>8.1f}{WANTED[name]:>8}")
    return ok


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    sys.exit(0 if asyncio.run(measured(parser.parse_args().rounds)) else 1)
