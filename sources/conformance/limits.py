"""How many keys a keyed read takes: none and an empty one are refused, the stated limit is taken, one more is refused."""

from collections.abc import Sequence

from sources.conformance.contract import Operation
from sources.conformance.server import NOBODY, Answer, Params, Server

_TAKEN = (200, 400)
_REFUSED = 400


async def check_limits(
    server: Server, operation: Operation, *, parameter: str, keys: Sequence[str], others: Params = ()
) -> None:
    await server.refused(operation, others, code="BAD_REQUEST", asked=f"No {parameter} at all")
    await server.refused(operation, [*others, (parameter, "")], code="BAD_REQUEST", asked=f"An empty {parameter}")
    limit = operation.max_keys
    full = _padded(keys, limit)
    params = [*others, *((parameter, key) for key in full)]
    answer = await server.ask(operation, params, expect=_TAKEN, asked=f"{limit} keys")
    if answer and takes(server, operation, answer, limit=limit):
        over = [*params, (parameter, f"{NOBODY}-over")]
        await server.refused(operation, over, code="LIMIT_EXCEEDED", asked=f"{limit + 1} keys")


def takes(server: Server, operation: Operation, answer: Answer, *, limit: int) -> bool:
    """Whether the stated limit is taken; a server that states a lower one in its refusal is usable, only slower."""
    if answer.status != _REFUSED:
        return True
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    told = error if isinstance(error, dict) else {}
    lower = told.get("code") == "LIMIT_EXCEEDED"
    server.tell(
        operation,
        "status",
        what=f"{limit} keys are refused: {told.get('message')}",
        hint="State your own maxItems in your copy of the contract document and set it in Crossdock's configuration."
        if lower
        else f"Up to {limit} keys in one request are answered 200; more is LIMIT_EXCEEDED.",
        severity="warning" if lower else "error",
    )
    return False


def _padded(keys: Sequence[str], count: int) -> list[str]:
    return [*keys, *(f"{NOBODY}-{number}" for number in range(count))][:count]
