"""The sandbox's ERP, CRM, WMS and carrier."""

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.program import Program, free_port

ROLES: Final = ("erp", "crm", "wms", "carrier")
PUSHING: Final = ("wms", "carrier")
TOKEN: Final = "sandbox"  # noqa: S105 - the sandbox's token is public


class Systems:
    def __init__(self, folder: Path, data: str) -> None:
        port = free_port(len(ROLES))
        self.urls = {role: f"http://127.0.0.1:{port + at}" for at, role in enumerate(ROLES)}
        command = (
            sys.executable, "-m", "sandbox", "--port", str(port), "--data", data,
            "--journal", str(folder / "journal.jsonl"), "--token", TOKEN,
        )  # fmt: skip
        self._program = Program(folder / "systems.log", command)
        rarely = httpx.Limits(keepalive_expiry=1.0)  # the sandbox hangs up on who says nothing for five seconds
        self._client = httpx.AsyncClient(timeout=30, trust_env=False, limits=rarely)

    async def start(self) -> None:
        await self._program.start()
        await asyncio.gather(*(self._program.ready(f"{url}/_sandbox/faults") for url in self.urls.values()))

    async def stop(self) -> None:
        await self._client.aclose()
        await self._program.stop()

    async def asked(self, role: str, what: str) -> Any:
        """What the system says of itself, at a path below /_sandbox."""
        answer = await self._client.get(f"{self.urls[role]}/_sandbox/{what}")
        return answer.raise_for_status().json()

    async def told(self, method: str, role: str, what: str, **given: Any) -> Any:
        answer = await self._client.request(method, f"{self.urls[role]}/_sandbox/{what}", json=given)
        return answer.raise_for_status().json() if answer.content else None

    async def aim(self, gateway: str) -> None:
        """Those that tell what happens tell it to the gateway."""
        for role in PUSHING:
            await self.told("PUT", role, "webhook", url=f"{gateway}/webhooks/{role}", secret=TOKEN)
