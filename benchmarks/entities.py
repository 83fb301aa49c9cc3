"""Entities by key, without HTTP and without sources: CPU of Strawberry's federation schema against ours, side by side in one run.

python benchmarks/entities.py [--rounds 7]
Both have their parsed documents, both load through a data loader, and their answers are compared first.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from engine import Plan, executed
from gateway.operation import documents
from resolvers.loader import Loader
from sources import models

QUERY = """query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Warehouse { code name company } } }"""
SIZES, TIMES = (1, 100), 50
Ask = Callable[[Sequence[Any]], Awaitable[Any]]


@strawberry.federation.type(keys=["code"])
class Warehouse:
    code: str
    name: str
    company: str

    @classmethod
    async def resolve_reference(cls, info: strawberry.Info, code: str) -> Any:
        return await info.context.load(code)


@strawberry.type
class Query:
    nothing: int = 0


THEIRS = strawberry.federation.Schema(
    query=Query, types=[Warehouse], extensions=[ParserCache, ValidationCache], federation_version="2.9"
)


async def their_load(codes: list[str]) -> list[Warehouse]:
    return [Warehouse(code=each, name="Reno", company="US") for each in codes]


async def our_load(keys: list[models.Key]) -> list[models.Warehouse | BaseException]:
    return [models.Warehouse("US", each.number, "Reno") for each in keys]


async def strawberrys(representations: Sequence[Any]) -> Any:
    given = {"representations": [dict(each) for each in representations]}  # it takes them apart
    result = await THEIRS.execute(QUERY, variable_values=given, context_value=DataLoader(their_load))
    assert result.errors is None, result.errors
    return result.data


async def ours(representations: Sequence[Any]) -> Any:
    plan = documents.prepared(QUERY).plan()
    assert isinstance(plan, Plan), plan
    variables = plan.variables.of({"representations": representations})
    assert not isinstance(variables, list), variables
    context = SimpleNamespace(loaders=SimpleNamespace(warehouse_by_code=Loader(our_load)))
    result = await executed(plan, variables, context=context)
    assert result.errors is None, result.errors
    return result.data


async def round_of(ask: Ask, representations: Sequence[Any]) -> float:
    """CPU milliseconds a request."""
    started = time.process_time()
    for _ in range(TIMES):
        await ask(representations)
    return (time.process_time() - started) * 1000 / TIMES


async def measured(rounds: int) -> None:
    print(f"{'representations':<18}{'strawberry ms':>15}{'ours ms':>12}{'ratio':>8}")
    for size in SIZES:
        asked = [{"__typename": "Warehouse", "code": f"W{at}"} for at in range(size)]
        assert json.dumps(await strawberrys(asked)) == json.dumps(await ours(asked)), "the answers differ"
        took: dict[Ask, list[float]] = {strawberrys: [], ours: []}
        for _ in range(rounds):
            for ask, times in took.items():
                times.append(await round_of(ask, asked))
        slow, fast = (statistics.median(each) for each in took.values())
        print(f"{size:<18}{slow:>15.2f}{fast:>12.3f}{slow / fast:>8.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    asyncio.run(measured(parser.parse_args().rounds))
