"""What identity, limits and rates add to the CPU of a quote of 50 lines.

python benchmarks/security.py [--rounds 7] [--seconds 3] [--concurrency 8]
Interleaved rounds in one run, over the same recorded upstream, caches off: without any of them; with a token (RS256), limits and rates
for a viewer without bounds; and, for comparison, for a portal user, whose reach is looked up as well. Medians of the rounds' ratios.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from operator import truediv
from pathlib import Path
from typing import Any, NamedTuple

import jwt
import served
import uvloop
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

HERE = Path(__file__).parent
PROVIDER, BARE, GUARDED = 9631, 9632, 9633
ISSUER = f"http://127.0.0.1:{PROVIDER}"
WANTED = 1.1

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ROW = {**RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "k", "use": "sig"}


class Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"keys": [ROW]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def provider() -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", PROVIDER), Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def token(customers: list[str]) -> str:
    from sources.viewer import SCOPES  # noqa: PLC0415 - beside the gateway only

    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": "bench", "sub": "bench", "iat": now, "exp": now + 3600, "scope": " ".join(SCOPES),
        "crossdock_companies": ["*"], "crossdock_customers": customers,
    }  # fmt: skip
    return f"Authorization: Bearer {jwt.encode(claims, KEY, algorithm='RS256', headers={'kid': 'k'})}\r\n"


def settings(port: int, mode: str, more: str = "") -> str:
    text = served.settings(served.UPSTREAM).replace('mode = "development"', f'mode = "{mode}"')
    return text.replace(f"port = {served.GATEWAY}", f"port = {port}") + more


GUARDS = f"""
[identity]
issuer = "{ISSUER}"
audience = "bench"
jwks_url = "{ISSUER}/jwks"
[http]
hosts = ["127.0.0.1"]
[rates.requests]
per_minute = 1e9
burst = 1e9
[rates.cost]
per_minute = 1e12
burst = 1e12
"""


class Contestant(NamedTuple):
    name: str
    server: served.Server
    headers: str


async def measured(contestants: list[Contestant], body: bytes, options: argparse.Namespace) -> bool:
    answers = []
    for each in contestants:
        reader, writer = await asyncio.open_connection("127.0.0.1", each.server.port)
        answers.append(json.loads(await served.ask(reader, writer, "/graphql", body, headers=each.headers)))
        writer.close()
    if "errors" in answers[0] or any(answer != answers[0] for answer in answers):
        raise SystemExit(f"the answers differ\n{[str(answer)[:400] for answer in answers]}")
    cpu: dict[str, list[float]] = {each.name: [] for each in contestants}
    for turn in range(options.rounds + 1):
        at = turn % len(contestants)
        for each in contestants[at:] + contestants[:at]:  # none has always the same neighbour
            before = each.server.cpu_seconds()
            took = await served.load(
                each.server.port, "/graphql", body,
                seconds=options.seconds, concurrency=options.concurrency, headers=each.headers,
            )  # fmt: skip
            if turn:  # the first round warms up
                cpu[each.name].append((each.server.cpu_seconds() - before) * 1000 / len(took))
    ratios = {name: statistics.median(map(truediv, spent, cpu["without"])) for name, spent in cpu.items()}
    print(f"{'':<18}{'CPU ms':>8}{'ratio':>8}{'wanted':>8}")
    for name, spent in cpu.items():
        wanted = f"{WANTED:>8}" if name == "with" else ""
        print(f"{name:<18}{statistics.median(spent):>8.3f}{ratios[name]:>8.3f}{wanted}")
    return ratios["with"] <= WANTED


def written(stack: ExitStack, text: str) -> str:
    path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "crossdock.toml"
    path.write_text(text)
    return str(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--concurrency", type=int, default=8)
    options = parser.parse_args()
    uvloop.install()
    sys.path.insert(0, str(HERE.parent))
    with ExitStack() as stack:
        stack.enter_context(provider())
        stack.enter_context(served.started("-m", "sandbox", "--port", str(served.SANDBOX), ready=b"sandbox ready"))
        recorded = (str(HERE / "upstream.py"), str(served.SANDBOX), str(served.UPSTREAM))
        stack.enter_context(served.started(*recorded, ready=b"upstream ready"))
        bare = written(stack, settings(BARE, "development"))
        guarded = written(stack, settings(GUARDED, "production", GUARDS))
        without = stack.enter_context(served.started(str(HERE / "unguarded.py"), bare, port=BARE))
        with_all = stack.enter_context(served.started("-m", "gateway", "serve", "--config", guarded, port=GUARDED))
        variables = served.questions()["quote"]
        body = json.dumps({"query": served.QUERIES["quote"], "variables": variables}).encode()
        contestants = [
            Contestant("without", without, ""),
            Contestant("with", with_all, token(["*"])),
            Contestant("with, portal user", with_all, token([variables["customer"]])),
        ]
        return 0 if asyncio.run(measured(contestants, body, options)) else 1


if __name__ == "__main__":
    sys.exit(main())
