"""Batch reads: what exists is answered once, whatever the order and the company of the question; the rest is absent."""

from collections.abc import Sequence
from typing import Any

from sources.conformance.contract import Batch, Operation
from sources.conformance.keys import Keys
from sources.conformance.limits import check_limits
from sources.conformance.rows import of_answer, of_row
from sources.conformance.server import NOBODY, Answer, Params, Server, identities

Rows = list[dict[str, Any]]

_FILTERS = ("company", "warehouse", "carrier")
"""Optional parameters of batch reads; a row's member of the same name has the value asked for."""
_SHOWN = 3


async def check_batch(server: Server, operation: Operation, batch: Batch, *, keys: Keys) -> None:
    known = keys.of(batch.sample)[: operation.max_keys]
    await check_limits(server, operation, parameter=batch.parameter, keys=known)
    rows = await _asked(server, operation, batch, keys=known, asked="Known keys") if known else None
    if rows is None:
        rows = []
    elif batch.complete:
        _complete(server, operation, batch, known=known, rows=rows)
    if not rows:
        _skipped(server, operation, batch, known=known)
        return
    await _one_key(server, operation, batch, rows=rows)
    await _same_rows(server, operation, batch, known=known, rows=rows)
    await _unknown_key(server, operation, batch, rows=rows)
    for name in _FILTERS:
        if name in operation.parameters:
            await _filter(server, operation, batch, name=name, rows=rows)


def _skipped(server: Server, operation: Operation, batch: Batch, *, known: Sequence[str]) -> None:
    if not (known and batch.complete):
        server.tell(
            operation,
            f"query {batch.parameter}",
            what="No rows to look at: "
            + ("no sample key has any." if known else f"there is no sample {batch.sample}."),
            hint=f"Give keys that have some: --sample {batch.sample}=…",
            severity="skipped",
        )


async def _asked(
    server: Server, operation: Operation, batch: Batch, *, keys: Sequence[str], others: Params = (), asked: str
) -> Rows | None:
    params = [*others, *((batch.parameter, key) for key in keys)]
    answer = await server.ask(operation, params, asked=asked)
    if answer is None:
        return None
    look(server, operation, answer, rows=batch.rows, key=batch.key, identity=batch.identity, keys=keys)
    return answer.rows(batch.rows)


def look(
    server: Server,
    operation: Operation,
    answer: Answer,
    *,
    rows: str,
    key: str,
    identity: Sequence[str],
    keys: Sequence[str],
) -> None:
    """What holds for every answer to a batch, whichever keys were asked."""
    found = answer.rows(rows)
    strangers = sorted({str(row[key]) for row in found if key in row} - set(keys))
    if strangers:
        server.tell(
            operation,
            f"$.{rows}[*].{key}",
            what=f"Rows of {', '.join(strangers[:_SHOWN])}, which nobody asked for.",
            hint="A batch answers the keys it was asked for, spelled as they were asked.",
        )
    names = identities(found, identity)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        server.tell(
            operation,
            f"$.{rows}",
            what=f"{' / '.join(twice[0])} comes {names.count(twice[0])} times.",
            hint=f"A row ({', '.join(identity)}) comes once, also where its key was asked twice.",
        )
    _failures(server, operation, answer, keys=keys)
    body = answer.body if isinstance(answer.body, dict) else {}
    for violation in [*of_answer(operation.name, body), *(each for row in found for each in of_row(rows, row))]:
        server.tell(operation, violation.where, what=violation.what, hint=violation.hint)


def _failures(server: Server, operation: Operation, answer: Answer, *, keys: Sequence[str]) -> None:
    for failure in answer.rows("errors"):
        key, code, message = (failure.get(member) for member in ("key", "code", "message"))
        strange = key not in keys or str(key).startswith(NOBODY)
        server.tell(
            operation,
            "$.errors",
            what=f"{key}: {code} {message}",
            hint="errors names keys that were asked for and could not be read; what does not exist is simply absent."
            if strange
            else "A key that could not be read now. Fine if something was down; ask again.",
            severity="error" if strange else "warning",
        )


def _complete(server: Server, operation: Operation, batch: Batch, *, known: Sequence[str], rows: Rows) -> None:
    found = {row.get(batch.key) for row in rows}
    missing = [key for key in known if key not in found]
    if missing:
        server.tell(
            operation,
            f"$.{batch.rows}",
            what=f"{len(missing)} of {len(known)} known keys are absent: {', '.join(missing[:_SHOWN])}.",
            hint="A key that exists always has a row here.",
        )


async def _one_key(server: Server, operation: Operation, batch: Batch, *, rows: Rows) -> None:
    key = str(rows[0].get(batch.key))
    wanted = set(identities([row for row in rows if row.get(batch.key) == key], batch.identity))
    alone = await _asked(
        server,
        operation,
        batch,
        keys=[key],
        others=[("crossdockUnknown", "1")],
        asked="One key, and a parameter unknown",
    )
    _compare(server, operation, batch, wanted=wanted, found=alone, asked=f"{key} alone")


async def _same_rows(server: Server, operation: Operation, batch: Batch, *, known: Sequence[str], rows: Rows) -> None:
    wanted = set(identities(rows, batch.identity))
    backwards = await _asked(server, operation, batch, keys=list(reversed(known)), asked="The same keys backwards")
    _compare(server, operation, batch, wanted=wanted, found=backwards, asked="The same keys backwards")
    doubled = [known[0], *known, known[-1]][: operation.max_keys]
    twice = await _asked(server, operation, batch, keys=doubled, asked="A key asked twice")
    _compare(server, operation, batch, wanted=wanted, found=twice, asked="A key asked twice")


async def _unknown_key(server: Server, operation: Operation, batch: Batch, *, rows: Rows) -> None:
    key = str(rows[0].get(batch.key))
    wanted = set(identities([row for row in rows if row.get(batch.key) == key], batch.identity))
    found = await _asked(server, operation, batch, keys=[NOBODY, key], asked="An unknown key beside a known one")
    _compare(server, operation, batch, wanted=wanted, found=found, asked="An unknown key beside a known one")


def _compare(
    server: Server, operation: Operation, batch: Batch, *, wanted: set[tuple[str, ...]], found: Rows | None, asked: str
) -> None:
    if found is not None and set(identities(found, batch.identity)) != wanted:
        server.tell(
            operation,
            f"$.{batch.rows}",
            what=f"{asked}: {len(found)} rows, where the same keys had {len(wanted)} before.",
            hint="The rows of a key do not depend on the other keys, nor on their order.",
        )


async def _filter(server: Server, operation: Operation, batch: Batch, *, name: str, rows: Rows) -> None:
    row = next((row for row in rows if isinstance(row.get(name), str)), None)
    if row is None:
        return
    key, value = str(row.get(batch.key)), str(row[name])
    found = await _asked(server, operation, batch, keys=[key], others=[(name, value)], asked=f"Filtered by {name}")
    nothing = await _asked(
        server, operation, batch, keys=[key], others=[(name, NOBODY)], asked=f"Filtered by an unknown {name}"
    )
    wrong = [each for each in found or [] if each.get(name) != value]
    lost = found is not None and not set(identities([row], batch.identity)) <= set(identities(found, batch.identity))
    if wrong or nothing or lost:
        server.tell(
            operation,
            f"query {name}",
            what=f"{name}={value} for {key}: " + ("its row is missing." if lost else "rows of others come along."),
            hint=f"{name} is a filter: exactly the rows that have it, none where it is unknown.",
        )
