"""A gateway over several systems of one role: each named one a real server of its own, over the facts that it is given."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from stack import CALM, QUIET, ROLES, Stack, served, served_each

from gateway.app import create_app
from gateway.settings import settings_from
from sandbox.application import TOKEN
from sandbox.books import Books
from sandbox.facts import Dataset
from sandbox.journal import Journal
from sandbox.serve import SYSTEMS
from sources.authorities import trusted

BRIEF = httpx.Limits(keepalive_expiry=1.0)
"""Servers close what has been idle for five seconds: whoever keeps it as long may send into a closed connection."""

Named = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Role → system → its settings."""


class Several(Stack):
    """`addresses` by the systems' own names, such as erp.us."""

    async def calls_by_system(self) -> dict[str, dict[str, int]]:
        """How often each system was called for what since the last look; those that were not called are left out."""
        counted: dict[str, dict[str, int]] = {}
        for name, address in self.addresses.items():
            url = f"{address}/_sandbox/calls"
            operations = (await self.client.get(url)).json()["operations"]
            counted |= {name: operations} if operations else {}
            await self.client.delete(url)
        return counted

    async def calls(self) -> dict[str, int]:
        """The same in one: `erp.us GET /items`, where several systems play the role."""
        return {
            f"{name} {operation}" if "." in name else operation: count
            for name, operations in (await self.calls_by_system()).items()
            for operation, count in operations.items()
        }

    async def mend(self) -> None:
        for address in self.addresses.values():
            await self.client.delete(f"{address}/_sandbox/faults")


def _called(role: str, name: str) -> str:
    return f"{role}.{name}" if name else role


@asynccontextmanager
async def several_over(
    facts: Mapping[str, Mapping[str, Any]] | Mapping[str, Any], systems: Named, **settings: Any
) -> AsyncIterator[Several]:
    """`facts`: one world for all; or, under `worlds`, one for each name that a system gives as its `world`, kept in books of its own."""
    worlds = {name: _books(block) for name, block in facts.get("worlds", {"": facts}).items()}
    async with AsyncExitStack() as stack:
        asked = {role: {name: dict(each) for name, each in systems.get(role, {"": {}}).items()} for role in ROLES}
        addresses = await stack.enter_async_context(
            served_each(
                {
                    _called(role, name): SYSTEMS[role](worlds[each.pop("world", next(iter(worlds)))], TOKEN)
                    for role, named in asked.items()
                    for name, each in named.items()
                }
            )
        )
        sources: dict[str, Any] = {}
        for role, named in asked.items():
            settled = {
                name: {"url": addresses[_called(role, name)], "token": TOKEN, "timeout_seconds": 1.0, **CALM, **each}
                for name, each in named.items()
            }
            sources[role] = {"systems": settled} if role in systems else settled[""]
        given = {"mode": "development", "sources": sources, "cache": {"enabled": False}, **QUIET, **settings}
        app = create_app(settings_from(given, origin="test"))
        gateway = await stack.enter_async_context(served(app))
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=gateway, timeout=10, trust_env=False, limits=BRIEF, verify=trusted())
        )
        yield Several(client, addresses, app)


def _books(block: Mapping[str, Any]) -> Books:
    return Books(Dataset.from_builtins(block), Journal(None))


def failures(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Where, by whose fault, what."""
    rows = answer.get("errors", [])
    return [
        (".".join(map(str, row["path"])), row["extensions"].get("source", ""), row["extensions"]["code"])
        for row in rows
    ]
