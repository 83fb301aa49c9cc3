"""The tools as a server of the Model Context Protocol, by the library `mcp`: imported only where agents are on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Offered
from starlette.types import ASGIApp

from gateway.agents.calling import Caller, Calling
from gateway.agents.endpoint import CALLER
from gateway.agents.tool import Tool

INSTRUCTIONS: Final = (
    "Live answers of a wholesale distributor's systems: ERP, CRM, WMS and carriers. Amounts and quantities are decimal numbers"
    " in strings; keep them as they are. An answer has `data`, and `errors` where a part of it could not be had: that part is"
    " null because its system did not answer, not because there is nothing, and the rest stands. Keys of records (SKUs, customer"
    " and order numbers) must be those that a person or an answer gave."
)


def _offered(tool: Tool) -> Offered:
    hints = ToolAnnotations(
        title=tool.title,
        read_only_hint=tool.is_query,
        destructive_hint=tool.is_destructive,
        idempotent_hint=tool.is_repeatable,
        open_world_hint=False,
    )
    return Offered(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes,
        output_schema=tool.gives,
        annotations=hints,
    )


def _caller(context: Any) -> Caller:
    found: Caller = context.request.scope[CALLER]
    return found


def served(calling: Calling) -> Server[Any]:
    async def listed(context: Any, _: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_offered(each) for each in calling.tools(_caller(context))])

    async def called(context: Any, params: CallToolRequestParams) -> CallToolResult:
        caller = _caller(context)
        tool = calling.tool(params.name, caller)
        if tool is None:
            raise MCPError(INVALID_PARAMS, "There is no such tool.")
        told = await calling.call(tool, params.arguments or {}, caller)
        return CallToolResult(
            content=[TextContent(type="text", text=told.text)],
            structured_content=dict(told.body),
            is_error=told.is_error,
        )

    server: Server[Any] = Server(
        "crossdock",
        version=version("crossdock"),
        title="Crossdock",
        instructions=INSTRUCTIONS,
        on_list_tools=listed,
        on_call_tool=called,
        get_tool_input_schema=lambda _: None,  # no argument of ours comes as a header, so nothing need be looked up
    )
    server.middleware.clear()  # its spans: an operation has its own, by its caller's trace
    return server


@asynccontextmanager
async def opened_server(calling: Calling, *, max_bytes: int) -> AsyncIterator[ASGIApp]:
    """Without sessions, so that any worker or replica may answer any request; Host and Origin are checked by our own door."""
    manager = StreamableHTTPSessionManager(
        served(calling), json_response=True, stateless=True, max_request_body_size=max_bytes
    )
    async with manager.run():
        yield manager.handle_request
