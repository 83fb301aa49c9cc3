"""What starting costs: CPU of a gateway until it is ready, and what it holds then, over the generated sandbox's settings.

python benchmarks/startup.py [--rounds 5]
One process by itself; then two workers of one parent, which has loaded everything before it forks. The memory is told as the kernel counts
it (RSS), and as this process's share of what several use (PSS). The systems are not asked: none runs.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from deploy.program import Program, free_port

TICKS = os.sysconf("SC_CLK_TCK")
WANTED_SECONDS, WANTED_MIB = 2.0, 160.0


class Started(NamedTuple):
    """CPU seconds of all its processes until it was ready, and of each that serves the memory in MiB."""

    cpu: float
    rss: list[float]
    pss: list[float]


def settings(folder: Path, port: int) -> Path:
    systems = "".join(f'[sources.{role}]\nurl = "http://127.0.0.1:9"\n' for role in ("erp", "crm", "wms", "carrier"))
    kept = f'[events]\nletters = "{folder}/letters.sqlite3"\n'
    path = folder / "crossdock.toml"
    path.write_text(f'mode = "development"\nport = {port}\n{kept}{systems}')
    return path


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def mib(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(name)


async def started(workers: int, *, takes_orders: bool) -> Started:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        path = settings(folder, port)
        taking = f'url = "sqlite:///{folder}/submissions.db"' if takes_orders else "enabled = false"
        path.write_text(f"{path.read_text()}[submissions]\n{taking}\n")
        command = (sys.executable, "-m", "gateway", "serve", "--config", str(path), "--workers", str(workers))
        program = Program(folder / "log", command)
        await program.start()
        try:
            await program.ready(f"http://127.0.0.1:{port}/health/ready")
            while program.written().count("Application startup complete") < workers:  # noqa: ASYNC110 - it writes a line
                await asyncio.sleep(0.05)
            own = [program.pid, *children(program.pid)]
            cpu = sum(cpu_seconds(pid) for pid in own)
            await asyncio.sleep(2)  # idle
            serving = own if workers == 1 else own[1:]
            return Started(cpu, [mib(pid, "Rss") for pid in serving], [mib(pid, "Pss") for pid in serving])
        finally:
            await program.stop()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"{'':32}{'CPU s until ready':>20}{'RSS MiB a worker':>20}{'PSS MiB a worker':>20}")
    cases = {
        "one process, takes orders": (1, True),
        "one process, takes none": (1, False),
        "two workers, take none": (2, False),
    }
    for name, (workers, takes_orders) in cases.items():
        found = [await started(workers, takes_orders=takes_orders) for _ in range(rounds)]
        cpu = statistics.median(each.cpu for each in found)
        rss = statistics.median(max(each.rss) for each in found)
        pss = statistics.median(max(each.pss) for each in found)
        missed = [what for what, is_missed in (("CPU", cpu >= WANTED_SECONDS), ("RSS", rss >= WANTED_MIB)) if is_missed]
        print(f"{name:32}{cpu:20.2f}{rss:20.1f}{pss:20.1f}  {'missed: ' + ', '.join(missed) if missed else ''}")
    print(f"wanted: less than {WANTED_SECONDS} s, less than {WANTED_MIB} MiB; medians of {rounds}")


if __name__ == "__main__":
    asyncio.run(main())
