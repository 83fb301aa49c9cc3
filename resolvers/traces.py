"""Operations that were slow of late, and what each of them waited for: for those who run the gateway."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
import strawberry

from resolvers.context import Info

MOST = 100


class TracedStep(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    path: str
    field: str
    level: int
    parents: int
    start_ms: float
    ms: float


class TracedCall(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """`how` as in sources.call.CallMade; `outcome` is "ok" or an error's name."""

    source: str
    operation: str
    keys: int
    start_ms: float
    ms: float
    outcome: str
    how: str
    attempt: int


class TracedRecall(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    source: str
    fact: str
    keys: int
    cached: int
    stale: int


class Traced(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Times in milliseconds; those of steps and calls since the operation began. As JSON it is spelled like the schema."""

    correlation_id: str
    trace_id: str
    kind: str
    name: str | None
    caller: str
    started_at: datetime
    ms: float
    cost: int
    outcome: str
    errors: list[str]
    engine: str
    left_because: str | None
    steps: list[TracedStep]
    calls: list[TracedCall]
    remembered: list[TracedRecall]


@strawberry.type(description="A step of an operation's plan, as it was carried out.")
class OperationStep:
    path: str = strawberry.field(description="Where in the answer it stands.")
    field: str = strawberry.field(description="The field that it answers, as Type.field.")
    level: int = strawberry.field(description="1 starts at once; the others when the step above them is there.")
    parents: int = strawberry.field(description="For how many parents it ran at once.")
    start_ms: float = strawberry.field(description="When it began, in milliseconds since the operation did.")
    ms: float = strawberry.field(description="How many milliseconds it took, all that it waited for included.")


@strawberry.type(description="One call to a system of record.")
class OperationCall:
    source: str = strawberry.field(description="The system, by the name that `sources` tells it by.")
    operation: str = strawberry.field(description="What was asked, as a method and a path without keys.")
    keys: int = strawberry.field(description="How many keys it asked for.")
    start_ms: float = strawberry.field(description="When it began, in milliseconds since the operation did.")
    ms: float = strawberry.field(description="How many milliseconds it took.")
    outcome: str = strawberry.field(description="Either ok, or the kind of failure.")
    how: str = strawberry.field(
        description="One of sent; shared with another operation that asked the same; refused here and not sent."
    )
    attempt: int = strawberry.field(description="1, or more where it was tried again.")


@strawberry.type(description="What was remembered instead of asked for.")
class OperationRecall:
    source: str = strawberry.field(description="The system whose facts they are.")
    fact: str = strawberry.field(description="Which fact.")
    keys: int = strawberry.field(description="How many keys were looked for.")
    cached: int = strawberry.field(description="How many of them were answered from memory.")
    stale: int = strawberry.field(description="How many of those were past their time.")


@strawberry.type(
    description="An operation that was slow, with what it waited for. Nothing of its document or its answer is kept."
)
class RecentOperation:
    correlation_id: str = strawberry.field(description="The id that logs, errors and sources have it by.")
    trace_id: str = strawberry.field(description="The id of its distributed trace.")
    kind: str = strawberry.field(description="Either query or mutation.")
    name: str | None = strawberry.field(description="The operation's name, where it has one.")
    caller: str = strawberry.field(description="Who asked.")
    started_at: datetime = strawberry.field(description="When it began.")
    ms: float = strawberry.field(description="How many milliseconds it took.")
    cost: int = strawberry.field(description="Its cost in points.")
    outcome: str = strawberry.field(description="One of ok, errors, refused, hung_up and failed.")
    errors: list[str] = strawberry.field(description="The codes of its errors.")
    engine: str = strawberry.field(description="Either crossdock, or graphql-core for what the engine does not take.")
    left_because: str | None = strawberry.field(description="Why graphql-core executed it.")
    steps: list[OperationStep] = strawberry.field(description="The steps of its plan, in the order they began.")
    calls: list[OperationCall] = strawberry.field(
        description="What it asked of which system, in the order it was asked."
    )
    remembered: list[OperationRecall] = strawberry.field(description="What it had from memory.")


async def recent_operations(
    info: Info,
    first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 20,
) -> Any:
    found = info.context.recent()
    return None if found is None else found[: max(0, min(first, MOST))]
