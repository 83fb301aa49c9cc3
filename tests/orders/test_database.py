"""The database of the submissions: a file of one process, or PostgreSQL; and how it is opened."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.settings import SettingsError, settings_from
from gateway.wiring import opened_sources
from orders.database import DatabaseTaken, engine_of, held, is_sqlite
from orders.settings import SubmissionSettings
from tests.orders.databases import used
from tests.postgres import database

ROOT = Path(__file__).parents[2]
HOLDING = """
import sys
from orders.database import held
with held(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""
SOURCES = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}


def test_a_sqlite_file_is_told_from_postgresql() -> None:
    assert is_sqlite("sqlite:///submissions.db")
    assert not is_sqlite("postgresql://root@127.0.0.1/postgres")


def test_a_sqlite_connection_outlives_a_power_cut_and_waits_for_its_turn(tmp_path: Path) -> None:
    with used(f"sqlite:///{tmp_path}/submissions.db") as (engine, _), engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
        driver = connection.connection.dbapi_connection
        assert driver is not None
        assert driver.isolation_level == "IMMEDIATE"
    assert found == ["wal", 2, 30_000, 1]


async def test_writers_of_a_sqlite_file_stand_in_line_for_its_one_connection(tmp_path: Path) -> None:
    with used(f"sqlite:///{tmp_path}/submissions.db") as (engine, threads):
        loop = asyncio.get_running_loop()
        with engine.begin() as first:
            first.exec_driver_sql("create table t (n integer)")
            waiting = [loop.run_in_executor(threads, _insert, engine, number) for number in range(3)]
            first.exec_driver_sql("insert into t values (9)")
            assert not any(each.done() for each in waiting)
        await asyncio.gather(*waiting)
        with engine.connect() as connection:
            found = connection.exec_driver_sql("select n from t").scalars().all()
            assert (found[0], sorted(found)) == (9, [0, 1, 2, 9])
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue's own
        assert engine.pool.size() == 1  # type: ignore[attr-defined]


def _insert(engine: sa.Engine, number: int) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("insert into t values (?)", (number,))


async def test_postgresql_is_spoken_to_with_psycopg() -> None:
    async with database() as url:
        with used(url) as (engine, _), engine.connect() as connection:
            assert engine.url.drivername == "postgresql+psycopg"
            assert connection.execute(sa.text("select 1")).scalar_one() == 1


def test_a_password_in_the_url_is_not_printed() -> None:
    url = "postgresql://crossdock:s3cret@127.0.0.1/orders"
    engine = engine_of(url)
    assert "s3cret" not in repr(engine)
    assert "s3cret" not in repr(SubmissionSettings(url=url))


def test_a_second_process_is_refused_and_the_first_ones_death_frees_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/folder/submissions.db"
    command = [sys.executable, "-c", HOLDING, url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603 - ours
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(DatabaseTaken, match="several need PostgreSQL"), held(url):
                raise AssertionError("two processes have one file")
        finally:
            other.kill()
    with held(url):
        assert (tmp_path / "new" / "folder" / "submissions.db.lock").exists()
    with held(url):
        pass


async def test_a_gateway_whose_file_is_taken_does_not_start_and_says_why(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/submissions.db"
    settings = settings_from({"sources": SOURCES, "submissions": {"url": url}}, origin="test")
    with held(url), pytest.raises(SettingsError, match=r"belongs to another process.*`\$\.submissions\.url`"):
        async with opened_sources(settings):
            raise AssertionError("it has started")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite:////dev/null/submissions.db", "File exists"),
        ("postgresql://crossdock:s3cret@127.0.0.1:1/x?connect_timeout=1", "it does not answer"),
    ],
)
async def test_a_database_that_cannot_be_used_is_told_by_its_setting_and_without_its_password(
    url: str, why: str
) -> None:
    settings = settings_from({"sources": SOURCES, "submissions": {"url": url}}, origin="test")
    with pytest.raises(SettingsError) as raised:
        async with opened_sources(settings):
            raise AssertionError("it has started")
    assert str(raised.value) == f"the database of the submissions cannot be used: {why} - at `$.submissions.url`"


async def test_postgresql_belongs_to_as_many_as_want_it() -> None:
    async with database() as url:
        with held(url), held(url):
            pass


@pytest.mark.parametrize(
    ("submissions", "told"),
    [
        ({"url": "mysql://127.0.0.1/x"}, "must begin with sqlite:/// or postgresql://"),
        ({"url": "submissions.db"}, "must begin with sqlite:/// or postgresql://"),
        ({"lease_seconds": 5.9}, "at least twice `write_seconds`"),
        ({"keep_days": 29}, "$.submissions.keep_days"),
        ({"at_once": 0}, "$.submissions.at_once"),
        ({"settle_seconds": -1}, "$.submissions.settle_seconds"),
        ({"application_version": ""}, "$.submissions.application_version"),
        ({"patience": 1}, "$.submissions"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(submissions: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings_from({"sources": SOURCES, "submissions": submissions}, origin="crossdock.toml")
    assert told in str(raised.value)
    assert "$.submissions" in str(raised.value)
