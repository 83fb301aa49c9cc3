"""Runs the pages of tests/specs: facts, settings and systems where they matter, a question, its answer, and the calls for it."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from several import several_over
from stack import stack_over

from sandbox.facts import Dataset

SPECS = sorted((Path(__file__).parent / "specs").glob("*.md"))
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def blocks(page: str) -> dict[str, str]:
    """A page's fenced blocks by the heading they stand under."""
    return {
        name.lower(): text
        for name, text in re.findall(r"^## (\w+)\n.*?```\w+\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    }


@pytest.mark.parametrize("text", [path.read_text() for path in SPECS], ids=[path.stem for path in SPECS])
async def test_the_page_holds(text: str) -> None:
    page = blocks(text)
    assert set(page) >= {"facts", "query", "answer", "calls"}
    settings = yaml.safe_load(page.get("settings", "{}"))
    facts, systems = yaml.safe_load(page["facts"]), yaml.safe_load(page.get("systems", "{}"))
    running = (
        several_over(facts, systems, **settings) if systems else stack_over(Dataset.from_builtins(facts), **settings)
    )
    async with running as stack:
        for fault in yaml.safe_load(page.get("faults", "[]")):
            await stack.fault(**fault)
        variables = yaml.safe_load(page.get("variables", "{}"))
        answer: Any = await stack.ask(page["query"], variables, **{"X-Correlation-Id": "spec"})
        assert orjson.loads(MOMENT.sub("now", orjson.dumps(answer).decode())) == orjson.loads(page["answer"])
        assert await stack.calls() == yaml.safe_load(page["calls"])


def test_there_are_pages() -> None:
    assert len(SPECS) >= 23
