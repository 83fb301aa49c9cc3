"""What a person decides about a submission that waits for it."""

from typing import Annotated, Any

import strawberry

from orders.record import Decision
from resolvers.context import Info
from resolvers.errors import BadInput
from resolvers.ordering import OrderLineInput, lines_of
from resolvers.submission_ids import submission_id_of
from resolvers.submissions import RESOLVE, at_desk, caller_of, note_of


@strawberry.input(description="A decision about a submission that needs attention.")
class ResolveSubmissionInput:
    id: strawberry.ID = strawberry.field(description="The submission.")
    decision: Decision = strawberry.field(description="What is decided.")
    note: str = strawberry.field(description="Why: it stays on the record.")
    amendments: list[OrderLineInput] | None = strawberry.field(
        default=None, description="With AMEND, and only then: all the lines of the order as they are to be."
    )


async def resolve_submission(
    info: Info,
    input: Annotated[ResolveSubmissionInput, strawberry.argument(description="Which, what and why.")],  # noqa: A002 - GraphQL's name
) -> Any:
    wanted, note = submission_id_of(input.id, "input.id"), note_of(input.note)
    if not note.strip():
        raise BadInput("input.note", "say why: it stays on the record.")
    if (input.decision is Decision.AMEND) is not (input.amendments is not None):
        raise BadInput("input.amendments", "they go with AMEND, and AMEND needs them.")
    lines = lines_of(input.amendments, "input.amendments") if input.amendments is not None else ()
    return await at_desk(
        info, RESOLVE, lambda desk: desk.resolve(caller_of(info), wanted, input.decision, note=note, lines=lines)
    )
