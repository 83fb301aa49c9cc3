"""Which client can do what, worked out from what it printed and nothing else."""

from collections.abc import Mapping
from typing import Any

from happened import LIFE

from tests.citizens.client import CLIENTS, COLUMNS, STREAMS, Client

EVENTS = [{"type": kind, "status": status.value} for kind, _, status in LIFE]
ASKED_BY_HASH = {
    "apollo": [{"hash": True, "query": False}, {"hash": True, "query": True}, {"hash": True, "query": False}],
    "urql": [{"hash": True, "query": False}, {"hash": True, "query": True}, {"hash": True, "query": False}],
    "relay": [{"hash": True, "query": False}],
}
"""Apollo's protocol: by hash, in vain; with the text; by hash. Relay's: by the id that its compiler gave."""

Cells = dict[str, str]


def _mutation(told: Any) -> bool:
    """Handed in twice with one key, it is one order."""
    first, second = told
    return bool(first == second and first["submission"]["id"] and first["problems"] == [])


def _deferred(told: Any, quote: Any) -> bool:
    lines = [{"sku": line["sku"], "total": line["total"]} for line in quote["quote"]["lines"]]
    return bool(told == {"quote": {"lines": lines}})


def cells(client: Client, told: Mapping[str, Any], expected: Mapping[str, Any], *, compiles: bool) -> Cells:
    """`expected`: the quote and the partial answer as the gateway gives them to a bare request."""
    quote = expected["quote"]
    held = {
        "query": told.get("query") == {"data": quote, "total": quote["quote"]["lines"][0]["total"]["amount"]},
        "mutation": "mutation" in told and _mutation(told["mutation"]),
        "errors": told.get("errors") == {"data": expected["partial"], "codes": ["SOURCE_UNAVAILABLE"]},
        "defer": _deferred(told.get("defer"), quote),
        "persisted": told.get("persisted") == {"sent": ASKED_BY_HASH.get(client.name), "data": quote},
        "types": compiles,
        **{stream: told.get(stream) == EVENTS for stream in STREAMS},
    }
    return {
        column: "not offered" if column in client.lacks else "yes" if held[column] else "FAILS" for column in COLUMNS
    }


def table(rows: Mapping[str, Cells], audits: str) -> str:
    lines = [f"| client | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    lines += [f"| {name} | {' | '.join(found.values())} |" for name, found in rows.items()]
    lines += ["", f"GraphQL over HTTP: {audits} audits", ""]
    lines += [f"- {client.name}, {column}: {why}" for client in CLIENTS for column, why in client.lacks.items()]
    return "\n".join(lines)
