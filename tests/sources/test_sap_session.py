"""The token against forged requests: fetched before the first change, kept with its cookies, fetched anew once, shown to nobody."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from s4hana_over import good, s4hana
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from upstream import Upstream, call, json

from sources.changes import Cancellation, NewHold
from sources.endpoint import Endpoint
from sources.errors import SourceContractBroken, SourceRefused, SourceRejected
from sources.http import Operation, Reply, SourceClient
from sources.models import HoldCode, PriceTerms
from sources.sap.erp import SapErp
from sources.sap.session import MAX_LENGTH, Session, _Held
from tests.connectors.s4hana import COOKIE, TOKEN, S4Hana
from tests.connectors.sap import new_order

TERMS = [PriceTerms("US", "C1", "I1", Decimal(2))]


def asked(server: S4Hana) -> list[str]:
    return [f"{method} {path}" for method, path, _ in server.heard]


FETCH, PRICE = "GET API_SALES_ORDER_SIMULATION_SRV/", "POST API_SALES_ORDER_SIMULATION_SRV/A_SalesOrderSimulation"
FETCH_ORDERS, CREATE = "GET API_SALES_ORDER_SRV/", "POST API_SALES_ORDER_SRV/A_SalesOrder"


async def test_a_token_is_fetched_before_the_first_post_and_serves_from_then_on() -> None:
    async with s4hana(server := good()) as erp:
        for _ in range(2):
            assert len(await erp.prices(call(max_age=0), TERMS)) == 1
    assert asked(server) == [FETCH, PRICE, PRICE]


async def test_one_that_is_not_taken_any_more_is_fetched_anew_and_the_request_made_once_more() -> None:
    async with s4hana(server := good()) as erp:
        await erp.create_order(call(), new_order())
        server.forget_tokens()
        await erp.create_order(call(), new_order(reference="XD-2222"))
    assert asked(server) == [FETCH_ORDERS, CREATE, CREATE, FETCH_ORDERS, CREATE]
    assert [row["PurchaseOrderByCustomer"] for row in server.orders[-2:]] == ["XD-012345678901234567890123", "XD-2222"]


async def test_where_no_token_is_ever_taken_the_gateway_is_refused_after_two() -> None:
    class Suspicious(S4Hana):
        def _is_trusted(self, request: Request) -> bool:  # noqa: ARG002 - the server's own
            return False

    plain = good()
    server = Suspicious(plain.tables, prices=plain.prices, availability=plain.availability)
    async with s4hana(server) as erp:
        with pytest.raises(SourceRefused):
            await erp.create_order(call(), new_order())
    assert asked(server) == [FETCH_ORDERS, CREATE, FETCH_ORDERS, CREATE]


async def test_those_who_need_one_at_the_same_moment_share_what_is_fetched() -> None:
    async with s4hana(server := good()) as erp:
        terms = [[PriceTerms("US", "C1", sku, Decimal(2))] for sku in ("I1", "I2", "I3", "I4")]
        found = await asyncio.gather(*(erp.prices(call(), each) for each in terms))
    assert [len(each) for each in found] == [1, 1, 1, 1]
    assert asked(server) == [FETCH, PRICE, PRICE, PRICE, PRICE]


async def test_many_that_are_turned_away_at_once_fetch_one_token() -> None:
    async with s4hana(server := good()) as erp:
        await erp.prices(call(), TERMS)
        server.forget_tokens()
        server.heard.clear()
        terms = [[PriceTerms("US", "C1", sku, Decimal(3))] for sku in ("I1", "I2", "I3", "I4")]
        found = await asyncio.gather(*(erp.prices(call(), each) for each in terms))
    assert [len(each) for each in found] == [1, 1, 1, 1]
    assert asked(server).count(PRICE) == 8
    assert asked(server).count(FETCH) == 1


async def test_a_service_has_a_token_of_its_own() -> None:
    async with s4hana(server := good()) as erp:
        await erp.prices(call(), TERMS)
        await erp.create_order(call(), new_order())
    assert asked(server) == [FETCH, PRICE, FETCH_ORDERS, CREATE]


async def test_a_reader_without_rights_is_refused_and_no_token_is_fetched_for_it() -> None:
    """403 without the word is about rights, not about a token."""
    upstream = Upstream(json(b"{}", 403))
    app = Starlette(routes=[Route("/{anything:path}", upstream.answered, methods=["GET", "POST"])])
    async with served(app) as url, SourceClient(Endpoint(name="erp", url=url)) as client:
        session = Session(client)
        session._held["/x"] = _held()  # noqa: SLF001 - as if one had been fetched

        async def send(headers: Any) -> Reply[Any]:
            return await client.read(
                call(), Operation("POST", "/x"), decoder=DICT, headers=headers, headed=session.headed
            )

        with pytest.raises(SourceRefused):
            await session.sent(call(), "/x", send)
    assert [each.method for each in upstream.asked] == ["POST"]


class _Anything:
    def decode(self, content: bytes, /) -> bytes:
        return content


DICT = _Anything()


def _held() -> _Held:
    return _Held(TOKEN, f"a={COOKIE}")


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRF-Token": "Required"}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x" * (MAX_LENGTH + 1)}],
    ids=["none", "required", "empty", "too-long"],
)
async def test_an_answer_without_a_token_breaks_the_contract_and_nothing_is_sent(headers: dict[str, str]) -> None:
    upstream = Upstream(json(b'{"d": {}}', **headers))
    app = Starlette(routes=[Route("/{anything:path}", upstream.answered, methods=["GET", "POST"])])
    async with served(app) as url, SourceClient(Endpoint(name="erp", url=url)) as client:
        with pytest.raises(SourceContractBroken) as raised:
            await Session(client).sent(call(), "/x", _never)
    assert raised.value.path == "x-csrf-token"
    assert len(upstream.asked) == 1


async def _never(headers: Any) -> Reply[Any]:
    raise AssertionError(headers)


async def test_every_cookie_of_the_token_goes_back_and_nothing_of_how_it_is_kept() -> None:
    answer = json(b'{"d": {}}', **{"x-csrf-token": TOKEN})
    answer.headers.append("Set-Cookie", "MYSAPSSO2=a==; path=/; secure")
    answer.headers.append(
        "Set-Cookie", f"SAP_SESSIONID_X=b%2fc{COOKIE}; HttpOnly; expires=Wed, 25 Nov 2026 22:00:00 GMT"
    )
    upstream = Upstream(answer, Response(b"{}", media_type="application/json"))
    app = Starlette(routes=[Route("/{anything:path}", upstream.answered, methods=["GET", "POST"])])
    async with served(app) as url, SourceClient(Endpoint(name="erp", url=url)) as client:
        session = Session(client)

        async def send(headers: Any) -> Reply[Any]:
            return await client.read(call(), Operation("POST", "/x"), decoder=DICT, headers=headers)

        await session.sent(call(), "/x", send)
        shown = f"{session!r} {vars(session)!r} {SapErp!r}"
    fetched, sent = upstream.asked
    assert (fetched.url.path, fetched.headers["X-CSRF-Token"]) == ("/x/", "Fetch")
    assert sent.headers["X-CSRF-Token"] == TOKEN
    assert sent.headers["Cookie"] == f"MYSAPSSO2=a==; SAP_SESSIONID_X=b%2fc{COOKIE}"
    assert TOKEN not in shown
    assert COOKIE not in shown


class Quicker(S4Hana):
    """Somebody else changes the order between the look and the change."""

    def _changed(self, method: str, service: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        self.orders[0]["__metadata"]["etag"] = 'W/"another"'
        return super()._changed(method, service, path, headers, body)


@pytest.mark.parametrize(
    "change",
    [
        lambda erp: erp.hold_order(call(), NewHold("US", "4001", HoldCode.ADDRESS, "look", "dana")),
        lambda erp: erp.cancel_order(call(), Cancellation("US", "4001", "no", "dana")),
    ],
    ids=["hold", "cancel"],
)
async def test_a_change_that_somebody_was_quicker_than_is_rejected_with_a_word(change: Any) -> None:
    plain = good()
    server = Quicker(plain.tables, prices=plain.prices, availability=plain.availability)
    async with s4hana(server) as erp:
        with pytest.raises(SourceRejected) as raised:
            await change(erp)
    assert raised.value.reason == "CHANGED_MEANWHILE"
    assert server.orders[0]["DeliveryBlockReason"] == ""
    assert server.orders[0]["to_Item"]["results"][0]["SalesDocumentRjcnReason"] == ""
