"""From the bus to everybody who subscribed: an event is executed and encoded once for all that ask the same and may see the same.

A Group is those; a Member is one of them, at its own place: it may still be catching up while the others are told what comes.
"""

import asyncio
import logging
import secrets
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from gateway.subscription import Subscription
from resolvers.context import Context
from resolvers.following import unseen
from resolvers.telling import Telling, is_permitted, tellings
from sources.bus import Bus, BusUnavailable, Past, Placed
from sources.ending import ended
from sources.errors import SourceError
from sources.question import rights
from sources.viewer import Viewer
from sources.wanted import Wanted, topics_of

MAX_INBOX = 1_000
MAX_ANSWERS = 64
ATTEMPTS, PAUSE_SECONDS = 3, 0.2
_log = logging.getLogger("crossdock.events")

Contexts = Callable[[Viewer, str], Context]
"""A context of its own for each event: the caller, and a correlation id."""


class Message(NamedTuple):
    """One answer, encoded: the same object for all who get it."""

    payload: str
    telling: Telling


class Sink(Protocol):
    """Where a member's answers go."""

    def give(self, message: Message) -> None:
        """At once, and never waiting: what cannot be sent now is the sink's to keep within bounds."""
        ...

    async def give_in_turn(self, message: Message) -> None:
        """When there is room for it: history comes no faster than it is read."""
        ...


class Member:
    """`held` is what came while it catches up; None once it is told as it comes."""

    __slots__ = ("gap", "group", "held", "last", "sink", "watch")

    def __init__(self, group: "Group", subscription: Subscription, sink: Sink) -> None:
        self.group, self.sink, self.watch = group, sink, subscription.watch
        self.held: deque[Placed] | None = deque(maxlen=MAX_INBOX)
        self.gap, self.last = False, 0

    def tell(self, placed: Placed, messages: Sequence[Message]) -> None:
        if placed.place <= self.last:
            return
        self.last = placed.place
        if messages:
            self.gap = False
        for message in messages:
            self.sink.give(message)


class Group:
    """Answers one event after the other, in the order of the bus."""

    def __init__(self, fanout: "Fanout", key: tuple[str, str], subscription: Subscription, *, viewer: Viewer) -> None:
        self._fanout, self._subscription, self._viewer, self.key = fanout, subscription, viewer, key
        self.wanted = subscription.watch.wanted
        self.members: set[Member] = set()
        self._inbox: deque[Placed] = deque()
        self._answers: OrderedDict[tuple[int, bool], Sequence[Message]] = OrderedDict()
        self._turn = asyncio.Lock()
        self._working = False

    def take(self, placed: Placed) -> None:
        if len(self._inbox) >= MAX_INBOX:
            self._inbox.popleft()
            self.mark_gap()
        self._inbox.append(placed)
        if not self._working:
            self._working = True
            self._fanout.run(self._work())

    def mark_gap(self) -> None:
        for member in self.members:
            member.gap = True

    def lost(self) -> None:
        """Another history has begun, which counts from one again."""
        self._answers.clear()
        for member in self.members:
            member.gap, member.last = True, 0

    async def _work(self) -> None:
        try:
            while self._inbox and self.members:
                await self._tell(self._inbox.popleft())
        finally:
            self._working = False

    async def _tell(self, placed: Placed) -> None:
        messages = await self.answered(placed, gap=False)
        if messages is None:
            self.mark_gap()
            return
        behind: list[Member] = []
        for member in tuple(self.members):
            if member.held is not None:
                if len(member.held) == member.held.maxlen:
                    member.gap = True
                member.held.append(placed)
            elif member.gap and messages:
                behind.append(member)
            else:
                member.tell(placed, messages)
        if behind:
            told = await self.answered(placed, gap=True)
            for member in behind:
                if member in self.members and told is not None:
                    member.tell(placed, told)

    async def answered(self, placed: Placed, *, gap: bool) -> Sequence[Message] | None:
        """The answers to one event, worked out once; none where it may not be told; None where that cannot be found out."""
        async with self._turn:
            known = self._answers.get((placed.place, gap))
            if known is not None:
                return known
            messages = await self._worked_out(placed, gap=gap)
            if messages is not None:
                self._answers[placed.place, gap] = messages
                if len(self._answers) > MAX_ANSWERS:
                    self._answers.popitem(last=False)
            return messages

    async def _worked_out(self, placed: Placed, *, gap: bool) -> Sequence[Message] | None:
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_SECONDS * attempt)
            context = self._fanout.context(self._viewer)
            try:
                if not await is_permitted(placed, self.wanted, context):
                    return ()
                parts = tellings(placed, self.wanted, gap=gap)
                self._fanout.counts["executed"] += len(parts)
                return [Message(await self._subscription.answer(each, context), each) for each in parts]
            except SourceError as error:
                _log.warning("event %s: whose it is cannot be found out: %s", placed.cursor, error)
            finally:
                await context.aclose()
        return None


class Interest(Protocol):
    """Whoever must know what is wanted by anybody: told once a group."""

    def begin(self, wanted: Wanted) -> None: ...

    def end(self, wanted: Wanted) -> None: ...


class Fanout:
    """Made, used and closed inside one running event loop."""

    def __init__(self, bus: Bus, contexts: Contexts, interest: Interest | None = None) -> None:
        self._bus, self._contexts, self._interest = bus, contexts, interest
        self._groups: dict[tuple[str, str], Group] = {}
        self._topics: dict[str, set[Group]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.counts: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self._bus.listeners.append(self._heard)
        self._bus.lost.append(self._lost)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bus.listeners.remove(self._heard)
        self._bus.lost.remove(self._lost)
        await ended(*self._tasks)

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self._groups)

    @property
    def members(self) -> int:
        """How many are told as it comes."""
        return sum(member.held is None for group in self._groups.values() for member in group.members)

    async def settled(self) -> None:
        """Until all that was on the bus has been worked out."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def context(self, viewer: Viewer) -> Context:
        return self._contexts(viewer, secrets.token_hex(16))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("telling subscribers failed", exc_info=task.exception())

    def _heard(self, placed: Placed) -> None:
        told: set[Group] = set()
        for topic in topics_of(placed.event):
            for group in self._topics.get(topic, ()):
                if group not in told and group.wanted.holds(placed.event):
                    told.add(group)
                    group.take(placed)

    def _lost(self) -> None:
        for group in self._groups.values():
            group.lost()

    # ------------------------------------------------------------ members

    def join(self, subscription: Subscription, viewer: Viewer, sink: Sink) -> Member:
        """From now on nothing is missed; what was, is for `catch_up`."""
        key = (subscription.alike, rights(viewer))
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(self, key, subscription, viewer=viewer)
            for topic in group.wanted.topics():
                self._topics.setdefault(topic, set()).add(group)
            if self._interest is not None:
                self._interest.begin(group.wanted)
        member = Member(group, subscription, sink)
        group.members.add(member)
        if subscription.watch.cursor is None:
            member.held = None
        return member

    async def catch_up(self, member: Member) -> None:
        """What followed its cursor, then what came meanwhile, then it is told with the others. Raises BusUnavailable."""
        if member.watch.cursor is None:
            return
        past = await self._past(member.watch.cursor, inclusive=bool(member.watch.part))
        member.gap = member.gap or past.gap
        for placed in past.events:
            await self._catch(member, placed)
        while member.held:
            await self._catch(member, member.held.popleft())
        member.held = None

    async def _past(self, cursor: str, *, inclusive: bool) -> Past:
        for attempt in range(ATTEMPTS):
            with suppress(BusUnavailable):
                return await self._bus.since(cursor, inclusive=inclusive)
            await asyncio.sleep(PAUSE_SECONDS * (attempt + 1))
        return await self._bus.since(cursor, inclusive=inclusive)

    async def _catch(self, member: Member, placed: Placed) -> None:
        if placed.place <= member.last or not member.group.wanted.holds(placed.event):
            return
        messages = await member.group.answered(placed, gap=member.gap)
        if messages is None:
            member.gap = True
            return
        member.last = placed.place
        if not messages:
            return
        member.gap = False
        known = set(unseen([each.telling for each in messages], member.watch, cursor=placed.cursor))
        for message in messages:
            if message.telling in known:
                await member.sink.give_in_turn(message)

    def leave(self, member: Member) -> None:
        group = member.group
        if member not in group.members:
            return
        group.members.discard(member)
        if group.members:
            return
        self._groups.pop(group.key, None)
        if self._interest is not None:
            self._interest.end(group.wanted)
        for topic in group.wanted.topics():
            groups = self._topics.get(topic, set())
            groups.discard(group)
            if not groups:
                self._topics.pop(topic, None)
