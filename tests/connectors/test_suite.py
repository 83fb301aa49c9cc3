"""The contract suite judged: a good connector passes all of it, and one that is wrong in one thing fails the test that looks for it."""

import inspect
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from sources.call import CallContext
from sources.changes import NewNote
from sources.errors import SourceError, SourceUnavailable
from tests.connectors import shop, test_contract, test_contract_answers, test_contract_failures, test_contract_writes
from tests.connectors.case import Case
from tests.connectors.shop import Shop

SUITE = (test_contract, test_contract_answers, test_contract_failures, test_contract_writes)


def claims() -> dict[str, Any]:
    """What the suite says of a case, by the tests' names."""
    tests = [each for module in SUITE for each in inspect.getmembers(module, inspect.iscoroutinefunction)]
    return {
        name: test for name, test in tests if name.startswith("test_") and "case" in inspect.signature(test).parameters
    }


async def judged(case: Case, names: Iterable[str], caplog: pytest.LogCaptureFixture) -> list[str]:
    """Those of the claims that do not hold."""
    known = claims()
    return [
        name
        for name in names
        if not all([await holds(known[name], case, given, caplog) for given in parameters(known[name], case)])
    ]


async def holds(test: Any, case: Case, given: Mapping[str, Any], caplog: pytest.LogCaptureFixture) -> bool:
    logs = {"caplog": caplog} if "caplog" in inspect.signature(test).parameters else {}
    caplog.clear()
    try:
        await test(case=case, **given, **logs)
    except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever a test ends with, it does not hold
        return False
    return True


def parameters(test: Any, case: Case) -> list[dict[str, Any]]:
    """As pytest would make them, but for this case alone."""
    sets: list[dict[str, Any]] = [{}]
    for mark in (each for each in test.pytestmark if each.name == "parametrize"):
        names = mark.args[0] if isinstance(mark.args[0], tuple) else (mark.args[0],)
        sets = [made | more for made in sets for more in _given(names, mark.args[1], case)]
    return sets


KINDS = {"read": "reads", "walk": "walks", "write": "writes", "one": "readings"}


def _given(names: Sequence[str], values: Any, case: Case) -> list[dict[str, Any]]:
    if names == ("case",):
        return [{}]
    if names[0] == "case":
        return [{names[1]: one} for one in getattr(case, KINDS[names[1]])]
    return [dict(zip(names, each if len(names) > 1 else (each,), strict=True)) for each in values]


async def test_a_good_connector_passes(caplog: pytest.LogCaptureFixture) -> None:
    assert len(claims()) > 20
    assert await judged(shop.case(), claims(), caplog) == []


class Repeating(Shop):
    """Asks for what it was given, however often."""

    async def relationships(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Any:
        params = [("after", "0"), *[("number", each) for each in numbers]]
        answer, _ = await self._client.read(call, shop.LOOK_UP, decoder=shop.OWNERS_OF, params=params)
        return {} if answer.next is None else await super().relationships(call, company, numbers)


class OnePage(Shop):
    async def relationships(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Any:
        return dict(list((await super().relationships(call, company, numbers)).items())[: shop.PAGE])


class AllOrNothing(Shop):
    async def relationships(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Any:
        found = await super().relationships(call, company, numbers)
        for each in found.values():
            if isinstance(each, SourceError):
                raise each
        return found


class Inventing(Shop):
    async def relationships(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Any:
        found = dict(await super().relationships(call, company, numbers))
        return dict.fromkeys(map(shop.READ.key, numbers), next(iter(found.values()), None)) | found


class Believing(Shop):
    """Takes every failure for an absence."""

    async def relationships(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Any:
        try:
            return await super().relationships(call, company, numbers)
        except SourceUnavailable:
            return {}


class SendingAgain(Shop):
    async def add_note(self, call: CallContext, note: NewNote) -> None:
        try:
            await super().add_note(call, note)
        except SourceError:
            await super().add_note(call, note)


class Telling(Shop):
    async def relationships(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Any:
        logging.getLogger("crossdock").debug("as %s", self._client._credentials.at_hand())  # noqa: SLF001 - as whoever is careless would
        return await super().relationships(call, company, numbers)


class Sleeping(Shop):
    async def relationships(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> Any:
        time.sleep(0.001)  # noqa: ASYNC251 - this is what is looked for
        return await super().relationships(call, company, numbers)


WRONG: list[tuple[type[Any], list[str]]] = [
    (Repeating, ["test_a_key_given_twice_is_asked_once"]),
    (OnePage, ["test_rows_on_further_pages_of_the_vendors_are_found"]),
    (AllOrNothing, ["test_one_bad_row_fails_its_key_only"]),
    (Inventing, ["test_known_keys_are_found_and_unknown_ones_are_absent"]),
    (Believing, ["test_a_system_that_fails_is_unavailable", "test_a_system_that_hangs_is_unavailable_in_its_own_time"]),
    (
        SendingAgain,
        [
            "test_a_change_that_is_not_answered_in_time_has_an_unknown_outcome",
            "test_where_no_good_answer_comes_the_outcome_is_unknown_and_it_is_not_sent_again",
        ],
    ),
    (Telling, ["test_no_secret_and_nothing_of_a_failing_system_is_shown"]),
    (Sleeping, ["test_nothing_holds_up_the_loop"]),
]


@pytest.mark.parametrize(("kind", "wrong"), WRONG, ids=lambda each: getattr(each, "__name__", ""))
async def test_a_connector_that_is_wrong_in_one_thing_fails_what_looks_for_it(
    kind: type[Any], wrong: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert await judged(shop.case(kind), wrong, caplog) == wrong


async def test_a_limit_that_the_connector_does_not_declare_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    read = msgspec.structs.replace(shop.READ, limit=shop.MOST + 1)
    claim = "test_so_many_keys_as_max_batch_says_take_as_many_requests_as_the_vendor_needs"
    assert await judged(shop.case(read=read), [claim], caplog) == [claim]
