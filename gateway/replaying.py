"""`crossdock letters`: what could not be understood, or could not be told, seen and sent again."""

from pathlib import Path

import httpx

from gateway.outbound import LETTER_PREFIX, told
from gateway.settings import Settings
from sources.letters import Letter, LetterFile


async def listed(settings: Settings) -> str:
    file = _file(settings)
    try:
        rows = [_row(each) for each in await file.all()]
    finally:
        await file.aclose()
    return "\n".join(rows) or "no letters"


async def dropped(settings: Settings, number: int) -> bool:
    file = _file(settings)
    try:
        return await file.drop(number)
    finally:
        await file.aclose()


async def sent_again(settings: Settings) -> str:
    """What could not be told, once more each. What could not be understood is read again when the gateway starts."""
    file, done, failed = _file(settings), 0, 0
    try:
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
            for letter in await file.all():
                receiver = settings.outbound.get(letter.source.removeprefix(LETTER_PREFIX))
                if receiver is None or not letter.source.startswith(LETTER_PREFIX):
                    continue
                why, _ = await told(client, receiver, letter.body)
                if why:
                    await file.tried(letter.number, why)
                    failed += 1
                else:
                    done += await file.drop(letter.number)
    finally:
        await file.aclose()
    return f"{done} sent, {failed} not taken"


def _file(settings: Settings) -> LetterFile:
    return LetterFile(Path(settings.events.letters), limit=settings.events.max_letters)


def _row(letter: Letter) -> str:
    when = letter.received.isoformat(timespec="seconds")
    return f"{letter.number}\t{letter.source}\t{when}\t{letter.attempts}\t{letter.reason}"
