"""`python -m sandbox.tryton prepare`: the environment and its data. `… serve --port 8001`: a Tryton over a copy of them."""

import argparse
import signal
import sys
import time

from sandbox.tryton import environment
from sandbox.tryton.server import TrytonServer

READY = "tryton ready"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.tryton", description=__doc__)
    parser.add_argument("what", choices=["prepare", "serve"])
    parser.add_argument("--port", type=int, default=8001)
    given = parser.parse_args()
    started = time.monotonic()
    template = environment.prepare()
    if given.what == "prepare":
        sys.stdout.write(f"Tryton is prepared: {template} ({time.monotonic() - started:.0f} s)\n")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with TrytonServer(environment.VENV, template, port=given.port):
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
