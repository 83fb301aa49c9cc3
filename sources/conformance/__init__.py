"""Asks a server real questions and tells where it breaks the source contract (docs/contracts/*.yaml)."""

import asyncio
from collections.abc import Mapping, Sequence

from sources.conformance.batches import check_batch
from sources.conformance.changes import check_changes
from sources.conformance.contract import ROLES, Contract
from sources.conformance.doors import accepted, check_doors
from sources.conformance.finding import Finding, Severity, report
from sources.conformance.keys import NAMES, Keys, collect, require_known
from sources.conformance.lists import check_list
from sources.conformance.notes import check_note
from sources.conformance.orders import check_creation, check_simulation
from sources.conformance.pages import check_pages
from sources.conformance.prices import check_prices
from sources.conformance.releases import check_release
from sources.conformance.server import Params, Reply, Send, Server

__all__ = ["NAMES", "ROLES", "Finding", "Params", "Reply", "Send", "Severity", "check", "report"]


async def check(
    url: str,
    *,
    role: str,
    token: str,
    samples: Mapping[str, Sequence[str]] | None = None,
    get: Send,
    write: bool = False,
) -> list[Finding]:
    """What the server at `url` gets wrong in this role; empty where it keeps the contract.

    `samples` are real keys by name (see NAMES); an ERP's are found by its own searches where none are given. Only with
    `write` is an order created, held and cancelled, a sample order released, a note written.
    """
    require_known(samples or {})
    contract = await asyncio.to_thread(Contract.load, role)
    server = Server(url, token=token, contract=contract, send=get)
    if await accepted(server):
        await _questions(server, samples or {}, write=write)
    return server.findings


async def _questions(server: Server, samples: Mapping[str, Sequence[str]], *, write: bool) -> None:
    await check_doors(server)
    keys = await collect(server, samples)
    for operation in server.contract.operations.values():
        if operation.batch:
            await check_batch(server, operation, operation.batch, keys=keys)
        if operation.listing:
            await check_list(server, operation, operation.listing)
        if operation.pages:
            await check_pages(server, operation, operation.pages, keys=keys)
    named = server.contract.operations
    if "prices" in named:
        await check_prices(server, named["prices"], keys=keys)
    if "simulateOrder" in named:
        await check_simulation(server, named["simulateOrder"], keys=keys)
    if write:
        await _writes(server, keys)


async def _writes(server: Server, keys: Keys) -> None:
    named = server.contract.operations
    if "createOrder" in named:
        order = await check_creation(server, named["createOrder"], keys=keys)
        if order is not None:
            await check_changes(server, order)
    if "releaseOrder" in named:
        await check_release(server, named["releaseOrder"], keys=keys)
    if "addNote" in named:
        await check_note(server, named["addNote"], keys=keys)
