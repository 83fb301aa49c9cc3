"""The end of tasks: cancelled until they are done.

One cancellation is not enough: on Python 3.11 `asyncio.wait_for`, by which redis-py sends, swallows one that comes together with its
answer, and redis-py's pool one that comes while it waits there. A task that loops would go on for ever, and its owner wait for it.
"""

import asyncio
from typing import Any

AGAIN_SECONDS = 2.0
"""What a task may take to tidy up before it is cancelled again."""


async def ended(*tasks: asyncio.Task[Any] | None, again_seconds: float = AGAIN_SECONDS) -> None:
    """None is a task that never began. What the tasks raised is theirs, and has been told where it matters."""
    pending = {task for task in tasks if task is not None}
    while pending:
        for task in pending:
            task.cancel()
        done, pending = await asyncio.wait(pending, timeout=again_seconds)
        for task in done:
            if not task.cancelled():
                task.exception()  # seen: asyncio would else report it as lost
