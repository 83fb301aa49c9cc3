"""Signing in to a real Tryton: a session for all calls, a new one where the old has ended, and none with a wrong password."""

import contextlib
import sqlite3

import pytest
from tryton_process import administrator_of, endpoint, erp_at
from upstream import Clock, call

from sandbox.tryton.seed import COMPANY, USER
from sandbox.tryton.seed_goods import TAPE
from sandbox.tryton.server import TrytonServer
from sources.call import CallMade
from sources.errors import SourceRefused
from sources.http import SourceClient
from sources.models import Key
from sources.tryton.erp import TrytonErp, TrytonOptions


def sessions(tryton: TrytonServer, *, end: bool = False) -> int:
    """How many the gateway's user has; `end` them."""
    with contextlib.closing(sqlite3.connect(tryton.database, timeout=20)) as books, books:
        of_user = "create_uid IN (SELECT id FROM res_user WHERE login = ?)"
        (count,) = books.execute(f"SELECT COUNT(*) FROM ir_session WHERE {of_user}", (USER,)).fetchone()  # noqa: S608 - a constant
        if end:
            books.execute(f"DELETE FROM ir_session WHERE {of_user}", (USER,))  # noqa: S608 - the same
    return int(count)


async def test_a_session_that_ended_is_renewed_once_and_the_read_made_again(tryton: TrytonServer) -> None:
    clock, made = Clock(), list[CallMade]()
    async with SourceClient(endpoint(tryton.url), grant=TrytonErp.grant, clock=clock) as client:
        erp = TrytonErp(client, TrytonOptions())
        assert (await erp.items(call(60, made), COMPANY, [TAPE])).keys() == {Key(COMPANY, TAPE)}
        assert sessions(tryton, end=True) >= 1
        clock.now += 60
        made.clear()
        assert (await erp.items(call(60, made), COMPANY, [TAPE])).keys() == {Key(COMPANY, TAPE)}
    assert [(each.outcome, each.attempt) for each in made] == [("SourceRefused", 1), ("ok", 2)]
    assert sessions(tryton) == 1


async def test_a_wrong_password_is_a_refusal_that_shows_nothing_and_nothing_is_asked(tryton: TrytonServer) -> None:
    made: list[CallMade] = []
    settings = endpoint(tryton.url, password="not-the-password")
    async with SourceClient(settings, grant=TrytonErp.grant) as client:
        with pytest.raises(SourceRefused) as refused:
            await TrytonErp(client).items(call(60, made), COMPANY, [TAPE])
    assert {each.outcome for each in made} == {"SourceRefused"}
    assert all("no token" in each.detail for each in made)
    assert "not-the-password" not in f"{refused.value!r}{refused.value.detail}{settings!r}{client!r}"


async def test_what_the_user_has_no_right_to_is_a_refusal(tryton: TrytonServer) -> None:
    """Not of the business: somebody has to give the gateway's user that right."""
    with administrator_of(tryton) as boss:
        rights = {"companies": [["add", [boss.context["company"]]]], "company": boss.context["company"]}
        boss.create("res.user", {"name": "bare", "login": "bare", "password": "bare-of-the-suite", **rights})
    async with erp_at(tryton.url, user="bare", password="bare-of-the-suite") as erp:
        with pytest.raises(SourceRefused) as refused:
            await erp.orders(call(60), COMPANY, ["1"])
    assert refused.value.detail == "a right is missing"
