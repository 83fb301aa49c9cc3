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


ARIADNES_PYTHON = ARIADNE / ".venv" / "bin" / "python"
NO_STREAM = "has no such transport"
CLIENTS = (
    _node("apollo", ("multipart", "websocket"), sse=NO_STREAM),
    _node("urql", ("sse", "multipart", "websocket")),
    _node("relay", ("websocket",), sse="the app brings the transport", multipart="the app brings the transport"),
    _node("graphql-request", (), websocket=NO_STREAM, sse=NO_STREAM, multipart=NO_STREAM,
          defer="does not read parts", persisted="sends texts only"),
    Client("gql", (sys.executable, str(Path(__file__).with_name("gql_client.py"))), ROOT,
           Path(__file__).with_name("gql_client.py"), ("websocket",),
           {"sse": NO_STREAM, "multipart": NO_STREAM, "defer": "does not read parts",
            "persisted": "sends texts only", "types": "generates none"}),
    Client("ariadne-codegen", (str(ARIADNES_PYTHON), "ask.py"), ARIADNE, ARIADNE / "ask.py", ("websocket",),
           {"sse": NO_STREAM, "multipart": NO_STREAM, "defer": "does not read parts",
            "persisted": "sends texts only"}),
)  # fmt: skip
