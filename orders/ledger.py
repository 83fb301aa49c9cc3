"""Two tables beside the submissions: milestones by order, and what they come to, which is what the business figures are counted from.

Whoever writes does it alone, in one transaction: it reads what is known, puts the news to it and writes what that changes, so that
of several gateways that were told the same thing one is the first, and nothing is counted twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa

from orders.database import create_tables
from orders.milestones import Milestones, Moment, News, adopted, together
from orders.observations import Figure, Listener, Observation, observed
from sources.links import parcel

T = TypeVar("T")

MAX_SUBJECT = 200
MOST_TIMES = 400_000
_WRITING = 0x58444F434C
"""The advisory lock of who writes here."""

_metadata = sa.MetaData()
_milestones = sa.Table(
    "milestones",
    _metadata,
    sa.Column("subject", sa.String(MAX_SUBJECT), primary_key=True),
    sa.Column("changed_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
)
_observation = sa.Table(
    "observation",
    _metadata,
    sa.Column("subject", sa.String(MAX_SUBJECT), primary_key=True),
    sa.Column("figure", sa.String(32), primary_key=True),
    sa.Column("part", sa.String(MAX_SUBJECT), primary_key=True),
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("company", sa.String(64)),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("seconds", sa.Float),
)
SETTLED = sa.select(_observation.c.subject).where(_observation.c.figure == Figure.SUBMISSION.value)
"""The submissions of which it is written what they came to."""

_DECODER = msgspec.json.Decoder(Milestones)
_ENCODER = msgspec.json.Encoder()
_NOTHING = Milestones()


class TooMany(Exception):
    """More was timed in the period than is put in order at once."""


class Period(NamedTuple):
    """From `since` on, before `until`; in stretches of `every` milliseconds, the last of which may be shorter. One stretch: no `every`."""

    since: Moment
    until: Moment
    every: Moment | None = None


class Row(NamedTuple):
    """What was observed of a figure, under one label, in a stretch of a period; of how many `subjects`, where it is only counted.

    `median` and `p90` in seconds, by the nearest rank.
    """

    figure: Figure
    label: str
    stretch: int
    times: int
    subjects: int
    median: float | None = None
    p90: float | None = None


class Ledger:
    """Blocking work runs in threads. `listeners` are told of what was observed, each of it once over all gateways."""

    def __init__(self, engine: sa.Engine, threads: ThreadPoolExecutor, zone: tzinfo = UTC) -> None:
        self._engine, self._threads, self._zone = engine, threads, zone
        self.listeners: list[Listener] = []

    async def create_tables(self) -> None:
        await self._in_thread(lambda: create_tables(self._engine, _metadata))

    async def learn(self, news: Sequence[News], now: datetime) -> int:
        """How many observations are new with it. All of it is written, or nothing."""
        made = await self._in_thread(lambda: self._learn(news, round(now.timestamp() * 1000)))
        for each in made:
            for listener in self.listeners:
                listener(each)
        return len(made)

    async def rows(self, period: Period, companies: Collection[str] | None) -> list[Row]:
        """`companies`: only what is theirs; None for all, and for what is no company's. Raises TooMany."""
        return await self._in_thread(lambda: self._rows(period, companies))

    async def forget_before(self, moment: datetime) -> None:
        """Orders of which nothing was heard since, and what was observed before."""
        before = round(moment.timestamp() * 1000)
        await self._in_thread(lambda: self._forget(before))

    # ------------------------------------------------------------ in the threads

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _learn(self, news: Sequence[News], now: Moment) -> list[Observation]:
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITING)))
            page = _Page(connection)
            page.put(news)
            page.adopt()
            changed = page.changed()
            _keep(connection, changed, now)
            return self._observe(connection, page.before, changed)

    def _observe(
        self, connection: sa.Connection, before: Mapping[str, Milestones], after: Mapping[str, Milestones]
    ) -> list[Observation]:
        """What is written is what follows from the milestones as they are now; what did not follow before is new."""
        new: list[Observation] = []
        rows: list[dict[str, Any]] = []
        gone: list[tuple[str, str, str]] = []
        for subject, milestones in after.items():
            earlier = {each.key: each for each in observed(before.get(subject, _NOTHING), self._zone)}
            now = {each.key: each for each in observed(milestones, self._zone)}
            gone += [(subject, figure.value, part) for figure, part in earlier.keys() - now.keys()]
            rows += [_row(subject, each) for key, each in now.items() if earlier.get(key) != each]
            new += [each for key, each in now.items() if key not in earlier]
        _take_away(connection, gone)
        _put(connection, _observation, rows)
        return new

    def _rows(self, period: Period, companies: Collection[str] | None) -> list[Row]:
        with self._engine.connect() as connection:
            return [*_counted(connection, period, companies), *_timed(connection, period, companies)]

    def _forget(self, before: Moment) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_milestones).where(_milestones.c.changed_at < before))
            connection.execute(sa.delete(_observation).where(_observation.c.at < before))


class _Page:
    """The milestones that some news are about, as they were and as they become."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._read: set[str] = set()
        self.before: dict[str, Milestones] = {}
        self.after: dict[str, Milestones] = {}

    def read(self, subjects: Collection[str]) -> None:
        wanted = set(subjects) - self._read
        if not wanted:
            return
        row = _milestones.c
        query = sa.select(row.subject, row.document).where(row.subject.in_(sorted(wanted)))
        found = {subject: _DECODER.decode(document) for subject, document in self._connection.execute(query)}
        self._read |= wanted
        self.before |= found
        self.after |= found

    def of(self, subject: str) -> Milestones:
        return self.after.get(subject, _NOTHING)

    def put(self, news: Sequence[News]) -> None:
        self.read({each.subject for each in news})
        self.read({owner for each in news if (owner := self.of(each.subject).owner)})
        for subject, told in news:
            owner = self.of(subject).owner
            if owner:
                self.after[owner] = adopted(self.of(owner), told)
            else:
                self.after[subject] = together(self.of(subject), told)

    def adopt(self) -> None:
        """Parcels of orders are noted as theirs; what carriers had told before anybody said whose they are goes to the orders."""
        orders = [(subject, [parcel(each) for each in known.parcels]) for subject, known in self.changed().items()]
        self.read({name for _, names in orders for name in names})
        for subject, names in orders:
            for name in names:
                waiting = self.of(name)
                if waiting.owner is None and name != subject:
                    self.after[subject] = adopted(self.of(subject), waiting)
                    self.after[name] = Milestones(owner=subject)

    def changed(self) -> dict[str, Milestones]:
        return {subject: each for subject, each in self.after.items() if each != self.before.get(subject)}


def _keep(connection: sa.Connection, changed: Mapping[str, Milestones], now: Moment) -> None:
    rows = [
        {"subject": subject, "changed_at": now, "document": _ENCODER.encode(each)} for subject, each in changed.items()
    ]
    _put(connection, _milestones, rows)


def _put(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """New rows, and others in the place of those with the same key."""
    if not rows:
        return
    insert = _insert_into(connection, table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=others), rows)


def _insert_into(connection: sa.Connection, table: sa.Table) -> Any:
    """SQLAlchemy has upserts by database only; its engine has loaded the one that there is, and the other stays where it is."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - as above

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - as above

    return sqlite.insert(table)


def _take_away(connection: sa.Connection, gone: list[tuple[str, str, str]]) -> None:
    """One by one within one call: a long list of keys in one condition would be looked for in the whole table."""
    if not gone:
        return
    row = _observation.c
    names: list[sa.BindParameter[str]] = [sa.bindparam(f"b_{name}") for name in ("subject", "figure", "part")]
    wanted = sa.and_(*(column == name for column, name in zip((row.subject, row.figure, row.part), names, strict=True)))
    keys = [{"b_subject": subject, "b_figure": figure, "b_part": part} for subject, figure, part in gone]
    connection.execute(sa.delete(_observation).where(wanted), keys)


def _row(subject: str, each: Observation) -> dict[str, Any]:
    return {
        "subject": subject,
        "figure": each.figure.value,
        "part": each.part,
        "label": each.label,
        "company": each.company,
        "at": each.at,
        "seconds": each.seconds,
    }


def _stretch(period: Period) -> sa.ColumnElement[int]:
    if period.every is None:
        return sa.literal(0)
    return (_observation.c.at - period.since) // period.every


def _within(period: Period, companies: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    row = _observation.c
    within = [row.at >= period.since, row.at < period.until]
    return within if companies is None else [*within, row.company.in_(sorted(companies))]


def _counted(connection: sa.Connection, period: Period, companies: Collection[str] | None) -> list[Row]:
    """What takes no time is counted where it lies."""
    row = _observation.c
    group = (row.figure, row.label, _stretch(period).label("stretch"))
    query = sa.select(*group, sa.func.count(), sa.func.count(row.subject.distinct())).where(
        row.seconds.is_(None), *_within(period, companies)
    )
    found = connection.execute(query.group_by(row.figure, row.label, sa.text("stretch")))
    return [Row(Figure(figure), label, stretch, times, subjects) for figure, label, stretch, times, subjects in found]


def _timed(connection: sa.Connection, period: Period, companies: Collection[str] | None) -> list[Row]:
    """Times are put in order here: that takes a third of what the databases take for it by window functions."""
    row = _observation.c
    query = sa.select(row.figure, row.label, _stretch(period), row.seconds).where(
        row.seconds.is_not(None), *_within(period, companies)
    )
    times: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
    found = connection.execute(query.limit(MOST_TIMES + 1)).all()
    if len(found) > MOST_TIMES:
        raise TooMany
    for figure, label, stretch, seconds in found:
        times[figure, label, stretch].append(seconds)
    return [_ranked(*key, sorted(seconds)) for key, seconds in times.items()]


def _ranked(figure: str, label: str, stretch: int, seconds: Sequence[float]) -> Row:
    size = len(seconds)
    median, p90 = (seconds[-(-size * tenths // 10) - 1] for tenths in (5, 9))
    return Row(Figure(figure), label, stretch, size, size, median, p90)
