"""`crossdock explain`: what a query will ask of which system, before anything is asked; with --run, what it did ask."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError, OperationType

from engine import Plan, StepDone, executed
from gateway import wiring
from gateway.explanation import Explainer, NotExplained, planned, valued
from gateway.freshness import Tally
from gateway.operation import documents
from gateway.settings import Settings
from sources.call import CallContext, CallMade, Deadline, Recalled
from sources.viewer import SERVICE_DESK


async def explanation(
    settings: Settings, query: str, variables: Mapping[str, Any], *, name: str | None = None, run: bool = False
) -> dict[str, Any]:
    """Plain data, as `Explainer.explained` gives it, and with `run` what `happened`. Raises NotExplained."""
    prepared = documents.prepared(query)
    plan = planned(prepared, name)
    if run and isinstance(plan, Plan) and plan.operation.operation is OperationType.SUBSCRIPTION:
        raise NotExplained([GraphQLError("A subscription waits for events: it can be explained, not run.")])
    asking = msgspec.structs.replace(settings, submissions=msgspec.structs.replace(settings.submissions, enabled=False))
    async with wiring.opened_sources(asking) as opened:
        found = Explainer(settings, opened.sources).explained(prepared, variables, name)
        if run and isinstance(plan, Plan):
            found["happened"] = await _ran(plan, valued(plan, variables), settings, opened)
    return found


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
    context.selected = plan.selected
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
        if step["writes"]:
            yield f"         may write {', '.join(step['writes'])}"
        if step["serves"]:
            yield f"         serves {', '.join(step['serves'])}"
    if found["cost"] is not None:
        yield f"costs {found['cost']['cost']} points of at most {found['cost']['limit']}"


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
