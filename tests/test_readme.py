"""The README's query and its order run, and its map names what is there."""

import re
from pathlib import Path
from typing import Any

from stack import Stack, stack_over

from sandbox.data import load

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
QUERY, ORDER = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)


async def test_the_query_of_the_readme_is_answered(stack: Stack, samples: dict[str, Any]) -> None:
    answer = await stack.ask(QUERY, {"skus": samples["skus"][:2], "customer": samples["customers"][0]})
    assert "errors" not in answer
    assert [item["sku"] for item in answer["data"]["items"]] == samples["skus"][:2]


async def test_the_order_of_the_readme_is_accepted(tmp_path: Path, samples: dict[str, Any]) -> None:
    submissions = {"url": f"sqlite:///{tmp_path}/submissions.db"}
    async with stack_over(load("generated"), submissions=submissions) as running:
        answer = await running.ask(ORDER, {"input": {**samples["sound"][0], "idempotencyKey": "readme"}})
    assert "errors" not in answer
    assert answer["data"]["submitOrder"]["submission"]["status"] == "ACCEPTED"
    assert answer["data"]["submitOrder"]["problems"] == []


def test_every_path_the_readme_names_is_there() -> None:
    paths = re.findall(r"`((?:gateway|resolvers|orders|sources|engine|sandbox|docs)/[\w./]*)`", README)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_commands_of_the_readme_are_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", README, re.MULTILINE)) <= targets
