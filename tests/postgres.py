"""A database of a test's own in the PostgreSQL that runs on this machine; without one the test is skipped, but not in CI."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

SERVER = os.environ.get("CROSSDOCK_TEST_POSTGRESQL", "postgresql://root@127.0.0.1:5432/postgres")


@asynccontextmanager
async def database() -> AsyncIterator[str]:
    """Its URL; it is dropped afterwards."""
    name = f"crossdock_{secrets.token_hex(6)}"
    await asyncio.to_thread(_told, f'CREATE DATABASE "{name}"')
    try:
        yield f"{SERVER.rpartition('/')[0]}/{name}"
    finally:
        await asyncio.to_thread(_told, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _told(command: str) -> None:
    try:
        with psycopg.connect(SERVER, autocommit=True, connect_timeout=3) as connection:
            connection.execute(command)  # type: ignore[call-overload]  # psycopg wants a literal; the name is made here
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have PostgreSQL")
        pytest.skip("PostgreSQL does not run here, so what several workers do is not tested")
