"""A tool is called: its document is executed as /graphql would, for the same caller, within the same limits, and told of as well."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson
from starlette.requests import Request as HttpRequest

from gateway import audit
from gateway.agents.tool import Tool
from gateway.agents.toolbox import Toolbox
from gateway.answering import Traced, refusal
from gateway.body import Body, Refused, check_values
from gateway.hangup import HungUp, while_there
from gateway.intake import Intake, Taken
from gateway.operations import Asking, Operations
from gateway.reception import Admitted

GONE: Final[Mapping[str, Any]] = {"errors": [{"message": "The caller has gone."}]}


class Caller(NamedTuple):
    """Who calls, in which HTTP request."""

    admitted: Admitted
    traced: Traced
    http: HttpRequest


class Told(NamedTuple):
    """`body`: data and errors as /graphql answers. `is_error`: there is nothing in it but errors."""

    body: Mapping[str, Any]
    is_error: bool

    @property
    def text(self) -> str:
        """For clients that read no structured content: sentences where there is nothing else."""
        if not self.is_error:
            return orjson.dumps(self.body).decode()
        return "\n".join(each["message"] for each in self.body["errors"])


class Calling:
    """One a gateway."""

    def __init__(self, toolbox: Toolbox, intake: Intake, operations: Operations) -> None:
        self._toolbox, self._intake, self._operations = toolbox, intake, operations

    def tools(self, caller: Caller) -> list[Tool]:
        """Those that the caller is shown."""
        return [each for each in self._toolbox.values() if each.is_for(caller.admitted.viewer)]

    def tool(self, name: str, caller: Caller) -> Tool | None:
        """None for one that the caller is not shown, like for one that is not there; the audit log is told of the difference."""
        found, viewer = self._toolbox.get(name), caller.admitted.viewer
        if found is None or found.is_for(viewer):
            return found
        told = caller.traced.correlation_id
        audit.record("refused", "FORBIDDEN", subject=viewer.subject, correlation_id=told, reason=f"tool {name}")
        return None

    async def call(self, tool: Tool, given: Mapping[str, Any], caller: Caller) -> Told:
        """Whatever goes wrong is told to the agent in words that it may see."""
        try:
            return await self._answered(await self._taken(tool, given, caller), caller)
        except HungUp:
            return Told(GONE, is_error=True)
        except Exception as error:  # noqa: BLE001 - an agent gets an answer with a correlation id whatever went wrong
            told = refusal(error, caller.traced.correlation_id)
        code, subject = told.error["extensions"]["code"], caller.admitted.viewer.subject
        self._operations.telemetry.refused(caller.traced.correlation_id, status=told.status, code=code, caller=subject)
        return Told({"errors": [told.error]}, is_error=True)

    async def _taken(self, tool: Tool, given: Mapping[str, Any], caller: Caller) -> Taken:
        """Raises Refused, or TooMuch."""
        known = tool.takes["properties"]
        for name in given:
            if name not in known:
                allowed = ", ".join(f'"{each}"' for each in known) or "none"
                raise Refused(f'"{name[:80]}" is no argument of this tool; it takes {allowed}.')
        check_values("arguments", given, self._intake.limits)
        taken = self._intake.understood(Body(document_id=tool.document, variables=dict(given)))
        await self._intake.reception.charged(caller.admitted, taken.cost)
        return taken

    async def _answered(self, taken: Taken, caller: Caller) -> Told:
        traced, viewer = caller.traced, caller.admitted.viewer
        asking = Asking(viewer, traced.correlation_id, transport="mcp", trace=traced.trace)
        async with self._operations.running(taken, asking) as running:
            work = running.answer()
            answer = await (while_there(caller.http, work) if taken.is_query else work)
        return Told(answer.body, is_error=not answer.executed or _is_empty(answer.body))


def _is_empty(body: Mapping[str, Any]) -> bool:
    data = body.get("data")
    return "errors" in body and (data is None or all(each is None for each in data.values()))
