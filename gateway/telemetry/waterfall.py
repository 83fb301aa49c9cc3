"""A record as a waterfall: what ran when, on which level, and what each wait was for."""

from collections.abc import Sequence

from gateway.telemetry.record import Record
from resolvers.traces import Traced, TracedCall, TracedRecall, TracedStep


def waterfall(record: Record) -> Traced:
    about, told = record.about, record.told

    def since(moment: float) -> float:
        return round((moment - record.started) * 1000, 2)

    paths = [each.step.path for each in record.steps]
    steps = [
        TracedStep(
            each.step.path,
            f"{each.step.position.parent_type.name}.{each.step.position.name}",
            _level(each.step.path, paths),
            each.parents,
            since(each.started),
            round((each.ended - each.started) * 1000, 2),
        )
        for each in record.steps
    ]
    calls = [
        TracedCall(
            each.source,
            each.operation,
            each.keys,
            since(each.started),
            round(each.seconds * 1000, 2),
            each.outcome,
            each.how,
            each.attempt,
        )
        for each in told.calls
    ]
    return Traced(
        correlation_id=about.correlation_id,
        trace_id=about.trace.trace_id,
        kind=about.kind,
        name=about.name,
        caller=about.subject,
        started_at=record.at,
        ms=round(record.seconds * 1000, 2),
        cost=about.cost,
        outcome=record.outcome,
        errors=sorted(record.errors),
        engine=record.engine,
        left_because=record.left,
        steps=sorted(steps, key=lambda each: (each.start_ms, each.level)),
        calls=sorted(calls, key=lambda each: each.start_ms),
        remembered=[TracedRecall(*each[:5]) for each in told.batches if each.hits],
    )


def _level(path: str, paths: Sequence[str]) -> int:
    """1 for what starts at once; below it, one more for each step on the way."""
    return 1 + sum(path.startswith(f"{each}.") for each in paths)
