"""The script: a CSV goes in, a priced one comes out, to the byte; errors stand at their lines, and the exit code tells of them."""

import asyncio
import os
import sys
from pathlib import Path

from stack import Stack

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "sku,quantity,uom,unit,currency,total,promised,errors\n"
PRICED = f"""{HEAD}ANC-10003,50,EA,2.6189,USD,130.95,2026-06-30,
ANC-10012,33033,EA,0.7633,USD,25214.09,,31659 of 33033 can be had.
ANC-10093,1,EA,2.4780,USD,2.48,2026-06-30,ANC-10093 is discontinued. ANC-10021 takes its place.
NO-SUCH-ITEM,2,,,,,,"There is no item ""NO-SUCH-ITEM""."
CHM-10071,4,EA,4.8950,USD,19.58,2026-06-30,
,,,,,25367.10
"""
PATIENCE_SECONDS = 60


async def run(stack: Stack, given: str, customer: str = "10001") -> tuple[int | None, str, str]:
    """Exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        EXAMPLES / "quote_from_csv.py",
        customer,
        "US",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "CROSSDOCK_URL": f"{stack.url}/graphql"},
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        out, complaints = await process.communicate(given.encode())
    return process.returncode, out.decode(), complaints.decode()


async def test_the_example_is_priced_line_by_line_and_summed_exactly(stack: Stack) -> None:
    assert await run(stack, (EXAMPLES / "lines.csv").read_text()) == (1, PRICED, "")


async def test_without_an_error_the_exit_code_is_0(stack: Stack) -> None:
    expected = f"{HEAD}ANC-10003,20,EA,2.8345,USD,56.69,2026-06-30,\n,,,,,56.69\n"
    assert await run(stack, "sku,quantity\nANC-10003,20\n") == (0, expected, "")


async def test_without_the_warehouse_prices_stand_and_the_line_says_what_is_missing(stack: Stack) -> None:
    await stack.fault("wms", status=503)
    missing = "promise: The wms system does not answer at the moment."
    expected = f"{HEAD}ANC-10021,20,EA,3.4068,USD,68.14,,{missing}\n,,,,,68.14\n"
    assert await run(stack, "sku,quantity\nANC-10021,20\n") == (1, expected, "")


async def test_what_cannot_be_quoted_at_all_is_said_and_nothing_is_printed(stack: Stack) -> None:
    code, out, complaint = await run(stack, "sku,quantity\nANC-10003,x\n")
    assert (code, out) == (1, "")
    assert ".lines[0].quantity" in complaint
    assert await run(stack, "sku,quantity\nANC-10003,1\n", "NOBODY") == (
        1,
        "",
        'Argument "input.customer": there is no customer "NOBODY".\n',
    )


def test_the_script_stays_within_thirty_lines() -> None:
    assert len((EXAMPLES / "quote_from_csv.py").read_text().splitlines()) <= 30
