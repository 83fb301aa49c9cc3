"""`crossdock explain`: what a query will ask of which system, before anything is asked; with --run, what it did ask."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from graphql import GraphQLError, OperationType

from engine import Explained, NotTaken, Plan, StepDone, executed, explained
from gateway import wiring
from gateway.freshness import Tally
from gateway.operation import documents
from gateway.settings import Settings
from gateway.source_settings import ROLES
from sources.call import CallContext, CallMade, Deadline, Recalled
from sources.policy import Policy, policies
from sources.ports import Sources
from sources.question import KINDS
from sources.viewer import SERVICE_DESK


class NotExplained(Exception):
    """The document cannot be explained; the message says why."""


async def explanation(
    settings: Settings, query: str, variables: Mapping[str, Any], *, name: str | None = None, run: bool = False
) -> dict[str, Any]:
    """Plain data: `engine` or the reason why graphql-core executes it, `steps`, and with `run` what `happened`."""
    plan = _planned(query, name)
    if isinstance(plan, NotTaken):
        return {"engine": "graphql-core", "reason": str(plan), "steps": []}
    if run and plan.operation.operation is OperationType.SUBSCRIPTION:
        raise NotExplained("A subscription waits for events: it can be explained, not run.")
    values = plan.variables.of(variables)
    if isinstance(values, list):
        raise NotExplained("; ".join(error.message for error in values))
    asking = msgspec.structs.replace(settings, submissions=msgspec.structs.replace(settings.submissions, enabled=False))
    async with wiring.opened_sources(asking) as opened:
        kept = policies(settings.cache.policy) if settings.cache.enabled else {}
        names = {role: tuple(settings.sources.role(role).named(role)) for role in ROLES}
        steps = [_step(row, _Asked(opened.sources, kept, names)) for row in explained(plan, values)]
        found: dict[str, Any] = {"engine": "crossdock", "steps": steps}
        if run:
            found["happened"] = await _ran(plan, values, settings, opened)
    return found


def _planned(query: str, name: str | None) -> Plan | NotTaken:
    prepared = documents.prepared(query)
    if prepared.errors:
        raise NotExplained("; ".join(_where(error) for error in prepared.errors))
    plan = prepared.plan(name)
    if plan is None:
        raise NotExplained(
            f'There is no operation "{name}".' if name else "Name one of the operations with --operation."
        )
    return plan


def _where(error: GraphQLError) -> str:
    place = f" (line {error.locations[0].line})" if error.locations else ""
    return f"{error.message}{place}"


class _Asked(NamedTuple):
    """`kept`: what is remembered; `names`: by role, the names of its systems."""

    sources: Sources
    kept: Mapping[str, Policy]
    names: Mapping[str, Sequence[str]]


def _step(row: Explained, asked: _Asked) -> dict[str, Any]:
    reads = [_read(each, row.batch, asked) for each in row.metadata.get("reads", ())]
    return {
        "level": row.level,
        "path": row.path,
        "field": row.field,
        "after": row.after,
        "startsWithParent": row.ahead,
        "expectedBatch": row.batch,
        "serves": list(row.serves),
        "arguments": {name: str(value)[:200] for name, value in row.arguments.items()},
        "reads": reads,
    }


def _read(name: str, parents: int | None, asked: _Asked) -> dict[str, Any]:
    """`parts`: into how many calls the source's own limit splits the expected batch. `systems`: where several play the role."""
    role, operation = name.split(".")
    limit = getattr(asked.sources, role).max_batch.get(operation)
    parts = None if parents is None or limit is None else -(-parents // limit)
    read = {"source": role, "operation": operation, "maxBatch": limit, "parts": parts}
    several = {"systems": list(asked.names[role])} if len(asked.names[role]) > 1 else {}
    return read | several | {"freshSeconds": _fresh(name, asked.kept)}


def _fresh(name: str, kept: Mapping[str, Policy]) -> float | None:
    """How long an answer is remembered as fresh; None where it is asked for every time."""
    kind = KINDS.get(name.partition(".")[2])
    policy = kept.get(kind.fact) if kind is not None else None
    return policy.fresh_seconds or None if policy is not None else None


async def _ran(plan: Plan, values: Any, settings: Settings, opened: wiring.Opened) -> dict[str, Any]:
    calls: list[CallMade] = []
    recalled: list[Recalled] = []
    done: list[StepDone] = []
    call = CallContext(
        viewer=SERVICE_DESK,
        deadline=Deadline.after(settings.deadlines.query_seconds),
        correlation_id=secrets.token_hex(16),
        observer=calls.append,
        recalled=recalled.append,
    )
    context = wiring.context_for(opened, call, told=Tally())
    began = time.monotonic()
    try:
        result = await executed(plan, values, context=context, observer=done.append)
    finally:
        await context.aclose()
    return {
        "ms": _ms(time.monotonic() - began),
        "errors": [error.message for error in result.errors or ()],
        "steps": [
            {
                "path": each.step.path,
                "parents": each.parents,
                "startedMs": _ms(each.started - began),
                "endedMs": _ms(each.ended - began),
            }
            for each in done
        ],
        "calls": [
            {
                "source": each.source,
                "operation": each.operation,
                "keys": each.keys,
                "ms": _ms(each.seconds),
                "outcome": each.outcome,
            }
            for each in calls
        ],
        "remembered": [
            {"source": each.source, "fact": each.fact, "keys": each.keys, "cached": each.hits, "stale": each.stale}
            for each in recalled
            if each.hits
        ],
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def as_text(found: Mapping[str, Any]) -> str:
    return "\n".join([*_lines(found), *_happened(found.get("happened"))])


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    if found["engine"] != "crossdock":
        yield f"Executed by graphql-core, field by field: {found['reason']}."
        return
    for step in found["steps"]:
        when = "at once" if step["after"] is None else f"after {step['after']}"
        if step["startsWithParent"]:
            when += ", but asked for together with it where the company is known"
        yield f"level {step['level']}  {step['path']}  ({step['field']}), {when}"
        for read in step["reads"]:
            one_of = f" (of {', '.join(read['systems'])})" if "systems" in read else ""
            asks = f"asks {read['source']}.{read['operation']}{one_of}: {_batch(step['expectedBatch'], read)}"
            fresh = read["freshSeconds"]
            yield f"         {asks}; {f'remembered for {fresh:g} s' if fresh else 'never remembered'}"
        if step["serves"]:
            yield f"         serves {', '.join(step['serves'])}"


def _batch(expected: int | None, read: Mapping[str, Any]) -> str:
    keys = "as many as there are parents" if expected is None else f"at most {expected}"
    if read["maxBatch"] is None:
        return keys
    parts = "" if read["parts"] is None else f", {read['parts']} call{'s' if read['parts'] != 1 else ''}"
    return f"{keys}, {read['maxBatch']} in one call{parts}"


def _happened(happened: Mapping[str, Any] | None) -> Sequence[str]:
    if happened is None:
        return []
    rows = [f"\nran in {happened['ms']} ms"]
    rows += [
        f"  step  {each['path']}: {each['parents']} parents, from {each['startedMs']} to {each['endedMs']} ms"
        for each in happened["steps"]
    ]
    rows += [
        f"  call  {each['source']} {each['operation']}: {each['keys']} keys, {each['ms']} ms, live, {each['outcome']}"
        for each in happened["calls"]
    ]
    rows += [
        f"  cache {each['source']} {each['fact']}: {each['cached']} of {each['keys']} keys, {each['stale']} of them stale"
        for each in happened["remembered"]
    ]
    return [*rows, *(f"  error {message}" for message in happened["errors"])]
