"""A request the business refuses: 422, with the reason and the path that tell a program what to mend."""

from collections.abc import Mapping

from sources.conformance.server import Server


async def check_refusal(server: Server, name: str, *, body: Mapping[str, object], reason: str, path: str) -> None:
    operation = server.contract.operations[name]
    answer = await server.ask(operation, body=body, expect=(422,), asked=f"A request that is {reason}")
    error = answer.body.get("error") if answer and isinstance(answer.body, dict) else None
    if isinstance(error, dict) and (error.get("reason"), error.get("path")) != (reason, path):
        server.tell(
            operation,
            "$.error.reason",
            what=f"{error.get('reason')} at {error.get('path')}, where {reason} at {path} is expected.",
            hint="The reason and the path of a refusal tell a program what to mend.",
        )
