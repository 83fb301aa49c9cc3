"""What holds before any question is looked at: the token, unknown paths, wrong methods."""

from sources.conformance.contract import Operation
from sources.conformance.server import NOBODY, Params, Server, header

_WRONG_TOKEN = "crossdock-wrong-token"  # noqa: S105 - a token nobody issued is the point
_UNSERVED = "PATCH"
"""A method no path of the contract has."""


def question(operation: Operation) -> tuple[Params, object]:
    """A well-formed question about nothing: where a server lets it through by mistake, no harm is done."""
    if operation.method == "POST":
        line = {"line": 1, "ref": "1", "company": NOBODY, "customer": NOBODY, "sku": NOBODY, "quantity": "1"}
        named = ("externalReference", "company", "customer", "shipTo", "number", "order", "reference", "by", "text")
        at, code = "2026-06-30T09:15:00Z", "OTHER"
        return [], {**dict.fromkeys(named, NOBODY), "code": code, "at": at, "warehouses": [], "lines": [line]}
    keyed = operation.batch or operation.pages
    company = [("company", NOBODY)] if operation.pages else []
    return [*company, (keyed.parameter, NOBODY)] if keyed else [], None


async def accepted(server: Server) -> bool:
    """Whether the server is there and takes the token; without that nothing else can be told."""
    operation = next(iter(server.contract.operations.values()))
    params, body = question(operation)
    return await server.ask(operation, params, body=body, asked="The token given") is not None


async def check_doors(server: Server) -> None:
    for operation in server.contract.operations.values():
        await _locked(server, operation, token=None, asked="A request without a token")
        await _locked(server, operation, token=_WRONG_TOKEN, asked="A request with a wrong token")
    await _unknown_path(server)
    for path in dict.fromkeys(operation.path for operation in server.contract.operations.values()):
        await _unserved_method(server, path)


async def _locked(server: Server, operation: Operation, *, token: str | None, asked: str) -> None:
    params, body = question(operation)
    await server.ask_as(token, operation, params=params, body=body, expect=401, asked=asked)


async def _unknown_path(server: Server) -> None:
    operation = next(iter(server.contract.operations.values()))
    asked = "GET /crossdock-no-such-path"
    send = server.send("GET", "/crossdock-no-such-path", token=server.token)
    reply = await server.told(operation, send, asked=asked)
    if reply is not None:
        server.read(operation, reply, expect=(404,), asked=asked)


async def _unserved_method(server: Server, path: str) -> None:
    served = [operation for operation in server.contract.operations.values() if operation.path == path]
    asked = f"{_UNSERVED} {path}"
    reply = await server.told(served[0], server.send(_UNSERVED, path, token=server.token), asked=asked)
    answer = reply and server.read(served[0], reply, expect=(405,), asked=asked)
    if reply is None or answer is None:
        return
    allowed = {method.strip().upper() for method in header(reply.headers, "Allow").split(",")}
    missing = [operation.method for operation in served if operation.method not in allowed]
    if missing:
        server.tell(
            served[0],
            "header Allow",
            what=f"{asked}: Allow does not name {', '.join(missing)}.",
            hint="A 405 names the methods this path has in its Allow header.",
        )
