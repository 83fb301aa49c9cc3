"""Who takes part: how each is started, where it is asked, and which of the questions it can answer."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
BENCHMARKS = HERE.parent
ROOT = BENCHMARKS.parent
sys.path[:0] = [str(HERE), str(BENCHMARKS), str(ROOT)]

import security
import served
from process import Process, running

ALL = frozenset({"quote", "portal", "item", "list"})
TAILCALL = HERE / "node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall"
PRODUCTION = {"NODE_ENV": "production", "GRAPHILE_ENV": "production", "TAILCALL_TRACKER": "false"}
STARLETTE, CROSSDOCK, CACHED = "Starlette by hand", "Crossdock", "Crossdock, cache on"


class Contestant(NamedTuple):
    """`path` has {question} where each question has a path of its own."""

    name: str
    process: Process
    path: str = "/graphql"
    headers: str = ""
    questions: frozenset[str] = ALL


class Peer(NamedTuple):
    """`command` is followed by the upstream's port and its own, unless it says where they go."""

    name: str
    command: tuple[str, ...]
    path: str = "/graphql"
    questions: frozenset[str] = ALL
    more: tuple[str, ...] = ()


BY_HAND = Peer(STARLETTE, (sys.executable, str(BENCHMARKS / "handwritten.py")), "/{question}")
PYTHON_PEERS = [
    Peer("Strawberry", (sys.executable, str(HERE / "strawberry/server.py"))),
    Peer("Ariadne", (sys.executable, str(HERE / "ariadne/server.py"))),
]


def _node(name: str, folder: str, *more: str, path: str = "/graphql") -> Peer:
    return Peer(name, (shutil.which("node") or "node", str(HERE / folder / "server.js")), path, more=more)


NODE_PEERS = [
    _node("Node by hand", "node", path="/{question}"),
    _node("Apollo Server", "apollo"),
    _node("GraphQL Yoga, JIT", "yoga"),
    _node("Mercurius, JIT", "mercurius"),
    _node("Grafast", "grafast"),
]
CACHING_PEERS = [
    _node("Apollo Server, response cache", "apollo", "cache"),
    _node("GraphQL Yoga, response cache", "yoga", "cache"),
    _node("Mercurius, resolver cache", "mercurius", "cache"),
]
TAILCALL_PEER = Peer("Tailcall", (str(TAILCALL),), questions=frozenset({"item", "list"}))


def peers() -> list[Peer]:
    """Those whose packages are here."""
    found = [BY_HAND, *(each for each in PYTHON_PEERS if each.name != "Ariadne" or find_spec("ariadne"))]
    if shutil.which("node") and (HERE / "node_modules").is_dir():
        found += NODE_PEERS
        found += [TAILCALL_PEER] if TAILCALL.exists() else []
    return found


def caching_peers() -> list[Peer]:
    return CACHING_PEERS if shutil.which("node") and (HERE / "node_modules").is_dir() else []


class Stage:
    """Starts contestants over one upstream, each on a port of its own; all end with the stack."""

    def __init__(self, stack: ExitStack, folder: Path, upstream: int, first_port: int) -> None:
        self._stack, self._folder, self._upstream, self._port = stack, folder, upstream, first_port
        self._token = ""

    def peer(self, peer: Peer) -> Contestant:
        port = self._next_port()
        command = self._tailcall(port) if peer is TAILCALL_PEER else self._by_ports(peer, port)
        return Contestant(peer.name, self._started(command, port), peer.path, questions=peer.questions)

    def _by_ports(self, peer: Peer, port: int) -> tuple[str, ...]:
        return (*peer.command, str(self._upstream), str(port), *peer.more)

    def _tailcall(self, port: int) -> tuple[str, ...]:
        text = (HERE / "tailcall/config.graphql").read_text()
        config = self._folder / "tailcall.graphql"
        config.write_text(text.replace("port: 4000", f"port: {port}").replace(":4001/", f":{self._upstream}/"))
        return (str(TAILCALL), "start", str(config))

    def crossdock(self, *, is_cached: bool = False) -> Contestant:
        """In production mode: tokens verified, limits and rates on. Without the cache every request says that it wants none."""
        if not self._token:
            self._stack.enter_context(security.provider())
            self._token = security.token(["*"])
        port = self._next_port()
        config = self._folder / f"crossdock-{port}.toml"
        config.write_text(settings(self._upstream, port, is_cached=is_cached))
        process = self._started((sys.executable, "-m", "gateway", "serve", "--config", str(config)), port)
        fresh = "" if is_cached else "Cache-Control: no-cache\r\n"
        return Contestant(CACHED if is_cached else CROSSDOCK, process, headers=self._token + fresh)

    def _started(self, command: tuple[str, ...], port: int) -> Process:
        log = self._folder / "servers.log"
        return self._stack.enter_context(running(command, port, cwd=ROOT, more=PRODUCTION, log=log))

    def _next_port(self) -> int:
        self._port += 1
        return self._port


def settings(upstream: int, port: int, *, is_cached: bool) -> str:
    text = served.settings(upstream).replace('mode = "development"', 'mode = "production"')
    text = text.replace(f"port = {served.GATEWAY}", f"port = {port}")
    text = text.replace("[cache]\nenabled = false", f"[cache]\nenabled = {str(is_cached).lower()}")
    return f"{text}{security.GUARDS}[limits]\ncost = 100_000\n"  # a thousand lines are more than the 50,000 points that are the limit


@contextmanager
def systems(sandbox: int, upstream: int) -> Iterator[Process]:
    """The sandbox, and before it what answers in its stead."""
    with (
        running((sys.executable, "-m", "sandbox", "--port", str(sandbox)), sandbox, cwd=ROOT),
        running(
            (sys.executable, str(HERE / "upstream.py"), str(sandbox), str(upstream)), upstream, cwd=ROOT
        ) as answering,
    ):
        yield answering
