"""The README's query runs, and its map names what is there."""

import re
from pathlib import Path
from typing import Any

from stack import Stack

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


async def test_the_query_of_the_readme_is_answered(stack: Stack, samples: dict[str, Any]) -> None:
    (query,) = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    answer = await stack.ask(query, {"skus": samples["skus"][:2], "customer": samples["customers"][0]})
    assert "errors" not in answer
    assert [item["sku"] for item in answer["data"]["items"]] == samples["skus"][:2]


def test_every_path_the_readme_names_is_there() -> None:
    paths = re.findall(r"`((?:gateway|resolvers|orders|sources|engine|sandbox|docs)/[\w./]*)`", README)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_commands_of_the_readme_are_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", README, re.MULTILINE)) <= targets
