"""Reads that a service has no filter for: one part of a `$batch` each, so that each fails alone."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sources.call import CallContext
from sources.errors import SourceError, SourceRateLimited, SourceRefused, SourceUnavailable
from sources.http import Operation, Reply, SourceClient
from sources.meaning import refusal
from sources.sap import batch
from sources.sap.batch import Answer, BatchDecoder, Part
from sources.sap.reader import REFUSALS, Reader, reason
from sources.sap.session import Session

MOST = 100
"""How many parts one batch has here. SAP names no bound of its own for reads; one that is longer takes longer than a reader waits."""

_NOT_OF_A_KEY = (SourceUnavailable, SourceRateLimited, SourceRefused)
"""Failures that say something of SAP, and nothing of what was asked."""

_BATCH = BatchDecoder()
_OK = 200


class Wanted(NamedTuple):
    """One read. `name` is ours alone; `url` is relative to the service, escaped."""

    name: str
    url: str


class Batched:
    def __init__(self, client: SourceClient, reader: Reader, session: Session) -> None:
        self._client, self._reader, self._session = client, reader, session

    async def asked(self, call: CallContext, service: str, wanted: Sequence[Wanted]) -> dict[str, Answer | SourceError]:
        """Each read's answer by its name. Raises what failed where there was one batch only, or all failed alike."""
        parts = [wanted[start : start + MOST] for start in range(0, len(wanted), MOST)]
        outcomes = await asyncio.gather(*(self._batch(call, service, part) for part in parts), return_exceptions=True)
        found: dict[str, Answer | SourceError] = {}
        for part, outcome in zip(parts, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                if len(parts) == 1 or not isinstance(outcome, SourceError):
                    raise outcome
                found |= {each.name: outcome for each in part}
            else:
                found |= outcome
        return found

    async def _batch(
        self, call: CallContext, service: str, wanted: Sequence[Wanted]
    ) -> dict[str, Answer | SourceError]:
        named = {str(name): each for name, each in enumerate(wanted, 1)}
        parts = [Part(name, "GET", each.url) for name, each in named.items()]
        boundary = boundary_of(parts)
        operation = Operation("POST", f"{service}/$batch", answers=frozenset({200, 202}), media=batch.MEDIA)
        body = batch.encoded(parts, boundary)

        async def send(headers: Mapping[str, str]) -> Reply[tuple[Answer, ...]]:
            return await self._client.read(
                call,
                operation,
                decoder=_BATCH,
                body=body,
                headers={**headers, "Content-Type": batch.content_type(boundary), "Accept": batch.MEDIA},
                keys=len(parts),
                scope=headers.get("X-CSRF-Token"),
                headed=self._session.headed,
                judged=self._all_failed,
            )

        answers = (await self._session.sent(call, service, send)).content
        told = told_apart(answers, list(named))
        return {each.name: self._part(told.get(name)) for name, each in named.items()}

    def _all_failed(self, answers: tuple[Answer, ...]) -> SourceError | None:
        """A batch that SAP could or would not work on is no answer, though it came with status 200: each part says so, then."""
        failures = [self.failure(each) for each in answers]
        is_ours = failures and all(isinstance(each, _NOT_OF_A_KEY) for each in failures)
        return failures[0] if is_ours else None

    def failure(self, answer: Answer) -> SourceError | None:
        if answer.status == _OK:
            return None
        if answer.status == 0:
            return self._reader.broken("$", "a part of the batch is no answer")
        headers = {name.title(): value for name, value in answer.headers.items()}
        return refusal(self._reader.name, answer.status, headers, reason, content=answer.body, refusals=REFUSALS)

    def _part(self, answer: Answer | None) -> Answer | SourceError:
        if answer is None:
            return self._reader.broken("$", "a part of the batch was not answered")
        return self.failure(answer) or answer


def told_apart(answers: Sequence[Answer], names: Sequence[str]) -> dict[str, Answer]:
    """Answers by the names of their requests.

    Where none of them names any, and there are as many as there were requests, they are in the requests' order: OData 2.0 demands that
    of whoever answers a batch. One name among them, or one too few, and what is not named is nobody's.
    """
    if len(answers) == len(names) and all(each.name is None for each in answers):
        return dict(zip(names, answers, strict=True))
    return {each.name: each for each in answers if each.name is not None}


def boundary_of(parts: Sequence[Part]) -> str:
    """The same for the same parts, so that identical batches are one question; in none of them, for it is their digest."""
    said = "\n".join(f"{each.name} {each.method} {each.url} {len(each.body)}" for each in parts).encode()
    return f"batch_{hashlib.sha256(said + b''.join(each.body for each in parts)).hexdigest()[:32]}"
