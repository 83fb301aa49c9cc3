"""The clients: what each is started with, what it speaks, and why it does not offer the rest."""

import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
CITIZENS = ROOT / "tests" / "clients" / "citizens"
ARIADNE = ROOT / "tests" / "clients" / "ariadne"
STREAMS = ("websocket", "sse", "multipart")
COLUMNS = ("query", "mutation", "errors", *STREAMS, "defer", "persisted", "types")


class Client(NamedTuple):
    """`streams`: in the order in which it opens them. `lacks`: why a column is not offered by it."""

    name: str
    command: tuple[str, ...]
    folder: Path
    source: Path
    streams: tuple[str, ...]
    lacks: dict[str, str]


def _node(name: str, streams: tuple[str, ...], **lacks: str) -> Client:
    return Client(name, ("node", f"built/{name}.js"), CITIZENS, CITIZENS / f"{name}.ts", streams, lacks)


ARIADNES_PYTHON = ROOT / ".venv" / "ariadne" / "bin" / "python"
WRITTEN = ROOT / ".venv" / "ariadne" / "written"
"""What ariadne-codegen writes goes there: it is nobody's source."""
ONE_ANSWER = "takes one answer to a request"
NO_TRANSPORT = "streams over WebSocket only"
NO_PARTS = "reads no parts of an answer"
TEXTS = "always sends the document's text"
NO_LINK = "has no transport of its own; the app brings one, here graphql-ws"
UNASKED = 'does not ask for it by its name, and takes its keep-alive for an answer: "No Content" where one comes first'
CLIENTS = (
    _node("apollo", ("multipart", "websocket"), sse="streams over HTTP in multipart only"),
    _node("urql", ("sse", "websocket"), multipart=UNASKED),
    _node("relay", ("websocket",), sse=NO_LINK, multipart=NO_LINK),
    _node(
        "graphql-request",
        (),
        websocket=ONE_ANSWER,
        sse=ONE_ANSWER,
        multipart=ONE_ANSWER,
        defer=ONE_ANSWER,
        persisted=TEXTS,
    ),
    Client(
        "gql",
        (sys.executable, str(Path(__file__).with_name("gql_client.py"))),
        ROOT,
        Path(__file__).with_name("gql_client.py"),
        ("websocket",),
        {"sse": NO_TRANSPORT, "multipart": NO_TRANSPORT, "defer": NO_PARTS, "persisted": TEXTS, "types": "makes none"},
    ),
    Client(
        "ariadne-codegen",
        ("env", "PYTHONPATH=.", str(ARIADNES_PYTHON), str(ARIADNE / "ask.py")),
        WRITTEN,
        ARIADNE / "ask.py",
        ("websocket",),
        {"sse": NO_TRANSPORT, "multipart": NO_TRANSPORT, "defer": NO_PARTS, "persisted": TEXTS},
    ),
)
