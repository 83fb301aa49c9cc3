"""Pictures for docs/images/, taken by the tests that have just held what they show; only where `make screenshots` asks for them."""

import os
from pathlib import Path

from playwright.async_api import Page

IMAGES = Path(__file__).parents[1] / "docs" / "images"


async def pictured(tab: Page, name: str) -> None:
    if os.environ.get("CROSSDOCK_PICTURES") == "true":
        await tab.screenshot(path=IMAGES / f"{name}.png", animations="disabled", caret="hide")
