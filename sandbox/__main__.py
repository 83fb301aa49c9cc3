"""`python -m sandbox --port 8001`: an ERP, a CRM, a WMS and a carrier on four ports from there."""

import argparse
import sys
from pathlib import Path

from sandbox.announce import complain
from sandbox.application import TOKEN
from sandbox.data import GENERATED
from sandbox.journal import JournalBrokenError
from sandbox.missing import NoSuchDataError
from sandbox.serve import SYSTEMS, Options, run
from sandbox.server import PortTakenError


def main(arguments: list[str] | None = None) -> int:
    options = Options(**vars(_parser().parse_args(arguments)))
    try:
        return run(options)
    except (PortTakenError, NoSuchDataError, JournalBrokenError) as problem:
        complain(str(problem))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8001, help="the ERP's; CRM, WMS and carrier follow (default 8001)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", default=GENERATED, help="'generated', a facts file, or a folder of parquet tables")
    parser.add_argument("--journal", type=Path, help="where orders are kept; without it a file that goes with the run")
    parser.add_argument("--only", choices=list(SYSTEMS), help="this system alone, on its own port, in the foreground")
    parser.add_argument("--token", default=TOKEN)
    return parser


if __name__ == "__main__":
    sys.exit(main())
