"""The table of submissions, beside DBOS's own, in SQLite or PostgreSQL: the record, and the columns that it is looked up by.

A row is saved by the run it belongs to and by nobody else: `save` says whether it was.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa

from orders.database import create_tables
from orders.moves import Listener
from orders.problems import ProblemCode
from orders.record import ENDED, UNDER_WAY, Submission, SubmissionStatus
from orders.untold import Untold
from sources.viewer import Viewer

T = TypeVar("T")

_metadata = sa.MetaData()
_submission = sa.Table(
    "submission",
    _metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("idempotency_key", sa.String(256), nullable=False),
    sa.Column("submitted_at", sa.Float, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("company", sa.String(64)),
    sa.Column("customer", sa.String(64), nullable=False),
    sa.Column("payer", sa.String(64)),
    sa.Column("reasons", sa.String(1024), nullable=False),
    sa.Column("parked_for", sa.String(20)),
    sa.Column("executor", sa.String(64)),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("subject", "idempotency_key"),
    sa.Index("submission_by_time", "submitted_at", "id"),
    sa.Index("submission_by_status", "status", "submitted_at"),
    sa.Index("submission_by_customer", "customer", "submitted_at"),
)

_DECODER = msgspec.json.Decoder(Submission)
_ENCODER = msgspec.json.Encoder(decimal_format="string")
_NO_END = [status for status in SubmissionStatus if status not in ENDED]
_UNDER_WAY = [status.value for status in UNDER_WAY]


class Listing(NamedTuple):
    """Which submissions are wanted: newest first, behind `after` (moment and id of the last one seen)."""

    statuses: Collection[SubmissionStatus] = ()
    reasons: Collection[ProblemCode] = ()
    customer: str | None = None
    company: str | None = None
    limit: int = 20
    after: tuple[float, str] | None = None


def _unheard(_: Submission) -> None:
    """Nobody listens."""


class Store:
    """Blocking work runs in threads of its own: nothing here blocks the loop."""

    def __init__(
        self,
        engine: sa.Engine,
        threads: ThreadPoolExecutor,
        moved: Listener = _unheard,
        untold: Untold | None = None,
    ) -> None:
        """`moved` hears of every submission that was kept or saved; `untold` notes it in the same transaction."""
        self._engine, self._threads, self._moved, self._untold = engine, threads, moved, untold

    async def create_tables(self) -> None:
        await self._in_thread(lambda: create_tables(self._engine, _metadata))

    async def insert(self, submission: Submission) -> Submission:
        """The submission, or the one that has its caller's key already."""
        kept = await self._in_thread(lambda: self._insert(submission))
        if kept is submission:
            self._moved(kept)
        return kept

    async def get(self, submission_id: str) -> Submission | None:
        return await self._in_thread(lambda: self._one(_submission.c.id == submission_id))

    async def several(self, ids: Collection[str]) -> list[Submission]:
        query = sa.select(_submission.c.document).where(_submission.c.id.in_(list(ids)))
        return await self._in_thread(lambda: self._many(query))

    async def by_key(self, subject: str, key: str) -> Submission | None:
        wanted = sa.and_(_submission.c.subject == subject, _submission.c.idempotency_key == key)
        return await self._in_thread(lambda: self._one(wanted))

    async def save(
        self, submission: Submission, *, run: int, statuses: Collection[SubmissionStatus] | None = None
    ) -> bool:
        """Whether it was saved: not where its run is not `run` any more, or its status none of `statuses`."""
        is_saved = await self._in_thread(lambda: self._save(submission, run, statuses))
        if is_saved:
            self._moved(submission)
        return is_saved

    async def unpark(self, submission: Submission) -> bool:
        """Whether it was still parked for this run: one that has begun meanwhile is left alone."""
        waiting = sa.update(_submission).where(
            _submission.c.id == submission.id,
            _submission.c.run == submission.run,
            _submission.c.parked_for.is_not(None),
        )
        row = _row(submission.changed(parked_for=None))
        return await self._in_thread(lambda: self._execute(waiting.values(row))) == 1

    async def page(self, wanted: Listing, viewer: Viewer) -> list[Submission]:
        return await self._in_thread(lambda: self._many(_listed(wanted, viewer).limit(wanted.limit)))

    async def count(self, wanted: Listing, viewer: Viewer) -> int:
        counted = sa.select(sa.func.count()).select_from(_listed(wanted._replace(after=None), viewer).subquery())
        return await self._in_thread(lambda: self._scalar(counted))

    async def standing(self) -> dict[SubmissionStatus, int]:
        """How many there are of each status that is no end."""
        query = (
            sa.select(_submission.c.status, sa.func.count())
            .where(_submission.c.status.in_([status.value for status in _NO_END]))
            .group_by(_submission.c.status)
        )
        return dict.fromkeys(_NO_END, 0) | await self._in_thread(lambda: self._counts(query))

    async def parked(self, source: str, limit: int) -> list[Submission]:
        """Those that wait for a source: interactive ones first, then as they came."""
        query = sa.select(_submission.c.document).where(_submission.c.parked_for == source)
        ordered = query.order_by(_submission.c.rank, _submission.c.submitted_at, _submission.c.id).limit(limit)
        return await self._in_thread(lambda: self._many(ordered))

    async def parked_sources(self) -> list[str]:
        query = sa.select(_submission.c.parked_for).where(_submission.c.parked_for.is_not(None)).distinct()
        return await self._in_thread(lambda: self._column(query))

    async def held_by(self, executor: str) -> list[Submission]:
        """What an executor was at work on."""
        query = sa.select(_submission.c.document).where(
            _submission.c.executor == executor, _submission.c.status.in_(_UNDER_WAY)
        )
        return await self._in_thread(lambda: self._many(query))

    async def stranded(self, versions: Collection[str]) -> list[Submission]:
        """Those that nobody works on and that wait in the queue of a version which no live process runs."""
        query = sa.select(_submission.c.document).where(
            _submission.c.executor.is_(None),
            _submission.c.parked_for.is_(None),
            _submission.c.status.in_(_UNDER_WAY),
            _submission.c.version.not_in(list(versions)),
        )
        return await self._in_thread(lambda: self._many(query))

    async def ended_outside(self, known: sa.Select[Any], since: datetime, limit: int) -> list[Submission]:
        """Those that came to something, were handed in since, and whose ids are not among these."""
        query = sa.select(_submission.c.document).where(
            _submission.c.status.in_([status.value for status in {*ENDED, SubmissionStatus.FAILED}]),
            _submission.c.submitted_at >= since.timestamp(),
            _submission.c.id.not_in(known),
        )
        return await self._in_thread(lambda: self._many(query.order_by(_submission.c.submitted_at).limit(limit)))

    async def forget_ended_before(self, moment: datetime) -> int:
        """How many were forgotten: ended ones that were submitted before `moment`."""
        old = sa.delete(_submission).where(
            _submission.c.status.in_([status.value for status in ENDED]),
            _submission.c.submitted_at < moment.timestamp(),
        )
        return await self._in_thread(lambda: self._execute(old))

    # ------------------------------------------------------------ in the threads

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _insert(self, submission: Submission) -> Submission:
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(_submission).values(_row(submission)))
                self._noted(connection, submission)
        except sa.exc.IntegrityError:
            mine = sa.and_(
                _submission.c.subject == submission.subject,
                _submission.c.idempotency_key == submission.idempotency_key,
            )
            earlier = self._one(mine)
            if earlier is None:
                raise
            return earlier
        return submission

    def _save(self, submission: Submission, run: int, statuses: Collection[SubmissionStatus] | None) -> bool:
        query = sa.update(_submission).where(_submission.c.id == submission.id, _submission.c.run == run)
        if statuses is not None:
            query = query.where(_submission.c.status.in_([status.value for status in statuses]))
        return self._execute(query.values(_row(submission)), moved=submission) == 1

    def _noted(self, connection: sa.Connection, submission: Submission) -> None:
        if self._untold is not None:
            self._untold.note(connection, submission)

    def _execute(self, query: sa.Update | sa.Delete, *, moved: Submission | None = None) -> int:
        """How many rows it concerned; where there were any, the move is noted with it."""
        with self._engine.begin() as connection:
            done: Any = connection.execute(query)
            if moved is not None and done.rowcount:
                self._noted(connection, moved)
            return int(done.rowcount)

    def _one(self, wanted: sa.ColumnElement[bool]) -> Submission | None:
        found = self._many(sa.select(_submission.c.document).where(wanted))
        return found[0] if found else None

    def _many(self, query: sa.Select[Any]) -> list[Submission]:
        with self._engine.connect() as connection:
            return [_DECODER.decode(row[0]) for row in connection.execute(query)]

    def _column(self, query: sa.Select[Any]) -> list[str]:
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def _counts(self, query: sa.Select[Any]) -> dict[SubmissionStatus, int]:
        with self._engine.connect() as connection:
            return {SubmissionStatus(status): count for status, count in connection.execute(query)}

    def _scalar(self, query: sa.Select[Any]) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())


def _row(submission: Submission) -> dict[str, Any]:
    return {
        "id": submission.id,
        "subject": submission.subject,
        "idempotency_key": submission.idempotency_key,
        "submitted_at": submission.submitted_at.timestamp(),
        "status": submission.status.value,
        "run": submission.run,
        "version": submission.version,
        "company": submission.company,
        "customer": submission.request.customer,
        "payer": submission.payer,
        "reasons": "".join(f"|{code.value}" for code in submission.reasons) + "|",
        "parked_for": submission.parked_for,
        "executor": submission.executor,
        "rank": 0 if submission.is_interactive else 1,
        "document": _ENCODER.encode(submission),
    }


def _reached(viewer: Viewer) -> sa.ColumnElement[bool]:
    """As orders.desk.may_see tells it of one."""
    row = _submission.c
    named = [entry.partition(":") for entry in viewer.reach()]
    within = [
        sa.and_(
            sa.true() if company == "*" else row.company == company,
            sa.true() if number == "*" else sa.or_(row.customer == number, row.payer == number),
        )
        for company, _, number in named
    ]
    own = sa.and_(row.company.is_(None), row.subject == viewer.subject)
    return sa.or_(own, sa.and_(row.company.is_not(None), sa.or_(*within)))


def _listed(wanted: Listing, viewer: Viewer) -> sa.Select[Any]:
    """Newest first; only what the viewer may see."""
    row = _submission.c
    query = sa.select(row.document).order_by(row.submitted_at.desc(), row.id.desc())
    if viewer.is_bounded:
        query = query.where(_reached(viewer))
    if wanted.statuses:
        query = query.where(row.status.in_([status.value for status in wanted.statuses]))
    if wanted.reasons:
        query = query.where(
            sa.or_(*(row.reasons.contains(f"|{code.value}|", autoescape=True) for code in wanted.reasons))
        )
    if wanted.customer is not None:
        query = query.where(row.customer == wanted.customer)
    if wanted.company is not None:
        query = query.where(row.company == wanted.company)
    if wanted.after is not None:
        at, last = wanted.after
        query = query.where(sa.or_(row.submitted_at < at, sa.and_(row.submitted_at == at, row.id < last)))
    return query
