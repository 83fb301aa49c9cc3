"""`python -m sandbox.tryton prepare`: the environment and its data. `… serve --port 8001`: a Tryton over a copy of them.

What it serves is told in two lines: keys to ask with, as JSON, and that it is ready.
"""

import argparse
import json
import signal
import sys
import time

from sandbox.tryton import environment
from sandbox.tryton.samples import samples_of
from sandbox.tryton.server import TrytonServer

READY = "tryton ready"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.tryton", description=__doc__)
    parser.add_argument("what", choices=["prepare", "serve"])
    parser.add_argument("--port", type=int, default=8001)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # also while it is prepared: a Tryton runs then, too
    return _prepare() if given.what == "prepare" else _serve(given.port)


def _prepare() -> int:
    started = time.monotonic()
    template = environment.prepare()
    sys.stdout.write(f"Tryton is prepared: {template} ({time.monotonic() - started:.0f} s)\n")
    return 0


def _serve(port: int) -> int:
    with TrytonServer(environment.VENV, environment.prepare(), port=port) as server:
        sys.stdout.write(f"{json.dumps(samples_of(server.url))}\n{READY}\n")
        sys.stdout.flush()
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
