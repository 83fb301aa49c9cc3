"""The only door out: every request to a system of record is made here, within its deadline, its size and its declared meaning.

Reads go out by aiohttp, writes by httpx, whose connect errors truthfully mean that nothing was sent (docs/decisions/0002). Whether
a call is a read is declared by who makes it, not by its method. docs/resilience.md tells what stands between a call and its source.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Generic, Literal, NamedTuple, Self, TypeVar

from sources.asked import Asked, Decoder, Headed, Operation, filled, query_string, repeated
from sources.breaker import REFUSED, Breaker, BreakerState
from sources.bulkhead import Bulkhead, Full
from sources.call import CallContext, CallMade
from sources.credentials import Credentials
from sources.decoding import Wanted, broken_path
from sources.endpoint import Endpoint
from sources.errors import (
    DeadlineExceeded,
    OutcomeUnknown,
    SourceError,
    SourceRateLimited,
    SourceRefused,
    SourceRejected,
    SourceUnavailable,
)
from sources.grant import CLIENT_CREDENTIALS, Grant
from sources.health import Health, SourceState, quantile_ms
from sources.read_lane import Heard, ReadLane
from sources.retry import Retries
from sources.sharing import Sharing
from sources.write_lane import WriteLane

__all__ = ["Endpoint", "Operation", "Reply", "SourceClient", "broken_path", "no_reason", "repeated"]

T = TypeVar("T")

_RETRY_AFTER_SECONDS = 1.0
"""How long a source that says "too many" and not until when is left alone."""

_log = logging.getLogger("crossdock.source")


class Reply(NamedTuple, Generic[T]):
    """A decoded answer and the moment its question was sent: nothing in it is younger than that."""

    content: T
    as_of: datetime


NOWHERE: Mapping[str, str] = {}


def no_reason(_: bytes, /) -> str:
    return "REJECTED"


class SourceClient:
    """A source's client: made, used and closed inside one running event loop. Raises OSError for TLS files that are none.

    `heard` is told of each answer to a read: its status and its headers.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        reason: Callable[[bytes], str] = no_reason,
        grant: Grant = CLIENT_CREDENTIALS,
        clock: Callable[[], float] = time.monotonic,
        heard: Heard | None = None,
    ) -> None:
        self.name = endpoint.name
        self._endpoint, self._clock = endpoint, clock
        self._root = endpoint.url.rstrip("/")
        self._breaker = Breaker(endpoint.breaker, clock=clock, changed=self._breaker_changed)
        self._bulkhead, self._health, self._sharing = Bulkhead(endpoint.places()), Health(clock), Sharing()
        self._retries = Retries(endpoint.retry, self._health)
        self._credentials = Credentials(endpoint.name, endpoint.credentials(), clock, grant=grant, root=self._root)
        self._silent_until = 0.0
        tls = endpoint.tls.context() if self._root.startswith("https:") else None
        self._reads, self._writes = ReadLane(endpoint, tls, reason, heard), WriteLane(endpoint, tls, reason)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._credentials.aclose()
        await self._reads.aclose()
        await self._writes.aclose()

    @property
    def is_left_alone(self) -> bool:
        """Whether only probes go through to it."""
        return self._breaker.state is BreakerState.OPEN

    async def sign_in(self, seconds: float) -> bool:
        """Whether there is anything to be granted before the source can be asked; then it was. Raises SourceError where it was not."""
        if self._credentials.at_hand() is not None:
            return self._credentials.held is not None
        await self._credentials.fetched(seconds)
        return True

    def state(self) -> SourceState:
        recent = self._health.recent()
        took = sorted(each for second in recent for each in second.latencies)
        return SourceState(
            name=self.name,
            system=self._endpoint.system,
            breaker=self._breaker.state,
            in_flight=self._bulkhead.in_flight,
            queued=self._bulkhead.queued,
            calls=sum(second.calls for second in recent),
            errors=sum(second.errors for second in recent),
            retries=sum(second.retries for second in recent),
            p50_ms=quantile_ms(took, 0.5),
            p95_ms=quantile_ms(took, 0.95),
            p99_ms=quantile_ms(took, 0.99),
            rate_limited_for_seconds=max(0.0, self._silent_seconds()),
        )

    # ------------------------------------------------------------ what connectors call

    async def read(
        self,
        call: CallContext,
        operation: Operation,
        *,
        decoder: Decoder[T],
        params: Iterable[tuple[str, str]] = (),
        at: Mapping[str, str] = NOWHERE,
        headers: Mapping[str, str] = NOWHERE,
        body: bytes | None = None,
        keys: int = 1,
        scope: Hashable = None,
        headed: Headed | None = None,
        judged: Callable[[T], SourceError | None] | None = None,
    ) -> Reply[T]:
        """Ask and decode; raises a SourceError. Tells the call's observer how each attempt went.

        Identical reads at the same moment share one call, unless the caller wants its own. `at` fills the places of the operation's path.
        `scope`: whatever the answer depends on besides the question, such as who asks, or one of the `headers`. `headed` is shown an
        answer's status and headers first. `judged` looks at a decoded answer, for systems that tell of failures with status 200.
        """
        asked = Asked(operation, self._url(operation, at, params), body, keys, headers=headers, headed=headed)
        wanted = Wanted(decoder, judged)
        if call.max_age_seconds == 0:
            return await self._persistently(call, asked, wanted)
        key = (asked.url, operation.method, body, decoder, scope)
        while (under_way := self._sharing.joinable(key, call)) is not None:
            shared: Reply[T] | None = await self._joined(call, asked, under_way)
            if shared is not None:
                return shared
        return await self._sharing.first(key, lambda: self._persistently(call, asked, wanted))

    async def write(
        self,
        call: CallContext,
        operation: Operation,
        *,
        decoder: Decoder[T],
        body: bytes,
        idempotency_key: str | None = None,
        params: Iterable[tuple[str, str]] = (),
        at: Mapping[str, str] = NOWHERE,
        headers: Mapping[str, str] = NOWHERE,
        headed: Headed | None = None,
        judged: Callable[[T], SourceError | None] | None = None,
    ) -> Reply[T]:
        """Send and decode; raises a SourceError: OutcomeUnknown where it may have been done, any other where it was not.

        It is sent again only with a key that the source is declared to honour. An answer without content decodes as null.
        """
        url = self._url(operation, at, params)
        asked = Asked(
            operation, url, body, is_write=True, idempotency_key=idempotency_key, headers=headers, headed=headed
        )
        return await self._persistently(call, asked, Wanted(decoder, judged))

    def _url(self, operation: Operation, at: Mapping[str, str], params: Iterable[tuple[str, str]]) -> str:
        return f"{self._root}{filled(operation.path, at)}{query_string(params)}"

    # ------------------------------------------------------------ attempts

    async def _joined(self, call: CallContext, asked: Asked, under_way: "asyncio.Future[object]") -> Reply[T] | None:
        started = time.monotonic()
        try:
            reply: Reply[T] | None = await self._sharing.joined(under_way, call)
        except TimeoutError:
            error: SourceError = DeadlineExceeded(self.name, detail="the same was asked already and not yet answered")
        except SourceError as failure:
            error = failure
        else:
            if reply is not None:
                self._tell(call, asked, started, how="shared")
            return reply
        self._tell(call, asked, started, error=error, how="shared")
        raise error from None

    async def _persistently(self, call: CallContext, asked: Asked, wanted: Wanted[T]) -> Reply[T]:
        attempt, doubt = 1, False
        while True:
            begun = time.monotonic()
            ticket = await self._admitted(call, asked, attempt, doubt=doubt)
            token = self._credentials.held
            try:
                return await self._attempt(call, asked, wanted, ticket=ticket, attempt=attempt)
            except SourceError as error:
                doubt = doubt or isinstance(error, OutcomeUnknown)
                is_renewed = attempt == 1 and token is not None and self._credentials.held is not token
                may = self._may_be_repeated(asked, error, is_renewed=is_renewed)
                pause = self._pause_seconds(call, asked, error, attempt=attempt, begun=begun) if may else None
                if pause is None:
                    raise self._judged(error, doubt=doubt) from error.__cause__
            self._health.retried()
            await asyncio.sleep(pause)
            attempt += 1

    def _judged(self, error: SourceError, *, doubt: bool) -> SourceError:
        """An earlier attempt may have been done: only what the business says of a later one clears that up."""
        if doubt and not isinstance(error, OutcomeUnknown | SourceRejected):
            return OutcomeUnknown(self.name, detail=f"then {type(error).__name__}: {error.detail}")
        return error

    def _pause_seconds(
        self, call: CallContext, asked: Asked, error: SourceError, *, attempt: int, begun: float
    ) -> float | None:
        """How long to wait before the next attempt; None where there is none."""
        remaining, own = call.deadline.remaining_seconds(), self._endpoint.seconds(asked.operation)
        if time.monotonic() - begun >= own > remaining:
            return None  # it took all the time that a call may take, and another one would need as much
        pause = self._retries.pause_seconds(attempt)
        if pause is None or pause < remaining:
            return pause
        detail = f"{error.detail}, and no time to ask again"
        raise self._judged(
            DeadlineExceeded(self.name, detail=detail), doubt=isinstance(error, OutcomeUnknown)
        ) from error

    def _may_be_repeated(self, asked: Asked, error: SourceError, *, is_renewed: bool) -> bool:
        if asked.is_write and not (asked.idempotency_key and self._endpoint.honours_idempotency_key):
            return False
        if isinstance(error, SourceRefused):
            return is_renewed
        again = isinstance(error, OutcomeUnknown | SourceUnavailable) and not isinstance(error, DeadlineExceeded)
        return again and self._silent_seconds() <= 0

    async def _attempt(
        self, call: CallContext, asked: Asked, wanted: Wanted[T], *, ticket: int, attempt: int
    ) -> Reply[T]:
        """One exchange by someone admitted; gives the place back."""
        started, as_of = time.monotonic(), datetime.now(UTC)
        span_id = call.trace.child_id() if call.trace is not None else ""
        outcome, detail, failed = "Cancelled", "", False
        try:
            content = await self._exchanged(call, asked, wanted, span_id)
            outcome = "ok"
            self._breaker.succeeded(ticket)
            return Reply(content, as_of)
        except SourceError as error:
            outcome, detail, failed = type(error).__name__, error.detail, not isinstance(error, SourceRejected)
            self._note(error, ticket, time.monotonic() - started)
            raise
        finally:
            self._bulkhead.leave()
            seconds = time.monotonic() - started
            self._health.called(seconds, failed=failed)
            told = (self.name, str(asked.operation), asked.keys, seconds, outcome, detail, call.correlation_id, attempt)
            call.observer(CallMade(*told, started=started, span_id=span_id))

    async def _exchanged(self, call: CallContext, asked: Asked, wanted: Wanted[T], span_id: str) -> T:
        remaining, own = call.deadline.remaining_seconds(), self._endpoint.seconds(asked.operation)
        identity = self._credentials.at_hand()
        if identity is None:
            identity = await self._credentials.fetched(remaining)
            remaining = call.deadline.remaining_seconds()
        headers = {"X-Correlation-Id": call.correlation_id, **identity}
        if call.trace is not None:
            headers |= call.trace.headers(span_id)
        try:
            lane = self._writes if asked.is_write else self._reads
            payload = await lane.exchanged(asked, headers, min(remaining, own))
            return wanted.decoded(payload, self.name, is_write=asked.is_write)
        except TimeoutError as error:
            kind = SourceUnavailable if remaining > own else DeadlineExceeded
            raise kind(self.name, detail="no answer in time") from error
        except SourceRefused:
            self._credentials.refused(identity)
            raise

    # ------------------------------------------------------------ who may pass

    async def _admitted(self, call: CallContext, asked: Asked, attempt: int, *, doubt: bool) -> int:
        """The breaker's ticket, and a place in the bulkhead that must be given back. Raises where nothing is to be sent."""
        try:
            return await self._admission(call.deadline.remaining_seconds())
        except SourceError as error:
            self._tell(call, asked, time.monotonic(), error=error, how="refused", attempt=attempt)
            raise self._judged(error, doubt=doubt) from None

    async def _admission(self, remaining: float) -> int:
        if remaining <= 0:
            raise DeadlineExceeded(self.name, detail="nothing was sent")
        ticket = self._ticket()
        if self._bulkhead.enters_at_once():
            return ticket
        try:
            await self._bulkhead.enter(remaining)
        except Full as full:
            raise SourceUnavailable(self.name, detail=str(full)) from None
        except TimeoutError:
            raise DeadlineExceeded(self.name, detail="no place came free in time") from None
        try:
            return self._ticket(ticket)  # much may have changed meanwhile
        except SourceError:
            self._bulkhead.leave()
            raise

    def _ticket(self, held: int = REFUSED) -> int:
        if self._silent_until and (wait := self._silent_seconds()) > 0:
            raise SourceRateLimited(self.name, detail="nothing was sent", retry_after_seconds=round(wait, 3))
        ticket = held if held == self._breaker.turn else self._breaker.admitted()
        if ticket == REFUSED:
            raise SourceUnavailable(self.name, detail="the breaker is open")
        return ticket

    def _silent_seconds(self) -> float:
        return self._silent_until - self._clock()

    def _note(self, error: SourceError, ticket: int, seconds: float) -> None:
        """What an error says of the source. Too little time given to it says nothing, nor does "too many"."""
        wait = error.retry_after_seconds
        if isinstance(error, SourceRateLimited) and wait is None:
            wait = _RETRY_AFTER_SECONDS
        if wait is not None:
            self._silent_until = max(self._silent_until, self._clock() + wait)
        if isinstance(error, SourceRateLimited):
            return
        if not isinstance(error, SourceUnavailable | OutcomeUnknown):
            self._breaker.succeeded(ticket)
        elif not isinstance(error, DeadlineExceeded) or seconds >= self._endpoint.timeout_seconds / 2:
            self._breaker.failed(ticket)

    # ------------------------------------------------------------ what is told

    def _tell(
        self,
        call: CallContext,
        asked: Asked,
        started: float,
        *,
        how: Literal["shared", "refused"],
        error: SourceError | None = None,
        attempt: int = 1,
    ) -> None:
        outcome, detail = ("ok", "") if error is None else (type(error).__name__, error.detail)
        seconds, operation = time.monotonic() - started, str(asked.operation)
        told = (self.name, operation, asked.keys, seconds, outcome, detail, call.correlation_id, attempt, how)
        call.observer(CallMade(*told, started=started))

    def _breaker_changed(self, state: BreakerState) -> None:
        _log.warning("breaker %s", state.value.lower(), extra={"source": self.name, "breaker": state.value})
