"""Orders written to a real Tryton: once, whatever becomes of the answers; refused by the right words, and nothing left behind."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from lossy_proxy import lossy_proxy
from tryton_process import administrator_of, erp_at, office_of, tryton_process, wms_at
from upstream import call

from sandbox.tryton.office import Office
from sandbox.tryton.seed_goods import ANCHOR, BOLTS, NOT_SOLD, SCARCE, TAPE
from sandbox.tryton.seed_parties import ALDER, BIRCH, CEDAR, CLOSED
from sandbox.tryton.server import TrytonServer
from sources.changes import Approval, Cancellation, NewOrder, NewOrderLine, NewRelease
from sources.errors import OutcomeUnknown, SourceRejected
from sources.models import Basket, BasketLine, Key, Money, Order, OrderStatus, ShipmentStatus
from sources.tryton.erp import TrytonErp
from sources.tryton.wms import TrytonWms

PATIENT = 60.0
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
_numbers = itertools.count(1)
BOLT = BOLTS[10]


def address_of(office: Office, customer: str, at: int = 0) -> str:
    rows = office.find("party.address", [["party.code", "=", customer]], ["id"])
    return str(rows[at]["id"])


def new_order(office: Office, customer: str = ALDER, **changed: Any) -> NewOrder:
    given: dict[str, Any] = {
        "reference": f"suite-{next(_numbers)}",
        "company": "US",
        "customer": customer,
        "ship_to": changed.get("ship_to") or address_of(office, customer),
        "lines": (NewOrderLine(1, BOLT, Decimal(10), "u", None),),
        "allow_backorder": False,
    }
    return NewOrder(**{**given, **changed})


def sales_of(office: Office, reference: str) -> list[dict[str, Any]]:
    return office.find("sale.sale", [["description", "=", reference]], ["state", "number", "comment", "total_amount"])


async def test_an_order_is_in_tryton_once_however_often_it_is_created(erp: TrytonErp, office: Office) -> None:
    lines = (NewOrderLine(1, BOLT, Decimal(12), "u", None), NewOrderLine(2, TAPE, Decimal(1), "CS", Decimal("140.00")))
    order = new_order(office, lines=lines, po_number="PO-77", carrier_service="GROUND", warehouses=("CHI", "DAL"))
    written = await erp.create_order(call(PATIENT), order)
    (sale,) = sales_of(office, order.reference)
    assert (sale["state"], sale["number"]) == ("processing", written.number)
    assert (written.status, written.po_number, written.external_reference) == (
        OrderStatus.RELEASED,
        "PO-77",
        order.reference,
    )
    assert written.total == Money(sale["total_amount"], "USD")
    assert [(line.number, line.sku, line.quantity, line.uom, line.unit_price.amount) for line in written.lines] == [
        (1, BOLT, Decimal(12), "u", Decimal("0.99")),
        (2, TAPE, Decimal(1), "CS", Decimal(140)),
    ]
    assert sale["comment"] == "Carrier service: GROUND"
    assert await erp.create_order(call(PATIENT), order) == written
    assert await erp.orders_by_reference(call(PATIENT), "US", [order.reference, "no-such"]) == {
        Key("US", order.reference): written
    }
    assert len(sales_of(office, order.reference)) == 1


async def test_another_order_under_the_same_reference_is_a_conflict(erp: TrytonErp, office: Office) -> None:
    order = new_order(office)
    await erp.create_order(call(PATIENT), order)
    other = new_order(office, reference=order.reference, lines=(NewOrderLine(1, BOLT, Decimal(11), "u", None),))
    with pytest.raises(SourceRejected) as refused:
        await erp.create_order(call(PATIENT), other)
    assert refused.value.reason == "CONFLICT"
    assert len(sales_of(office, order.reference)) == 1


@pytest.mark.parametrize("step", ["create", "confirm"])
async def test_an_order_whose_answer_was_lost_is_in_tryton_once(
    tryton: TrytonServer, office: Office, step: str
) -> None:
    """The outcome is unknown; looked up, it is found if it was confirmed, and written again it is still the only one."""
    order = new_order(office)

    def loses(body: bytes) -> bool:
        return f"sale.sale.{step}".encode() in body

    async with lossy_proxy(tryton.url, loses) as proxy, erp_at(proxy.url) as erp:
        with pytest.raises(OutcomeUnknown):
            await erp.create_order(call(PATIENT), order)
        assert proxy.lost == 1
        found = await erp.orders_by_reference(call(PATIENT), "US", [order.reference])
        assert len(found) == (1 if step == "confirm" else 0)
        again = await erp.create_order(call(PATIENT), order)
    (sale,) = sales_of(office, order.reference)
    assert (sale["state"], sale["number"]) == ("processing", again.number)


# ---------------------------------------------------------------- refusals


@contextmanager
def plain_user(tryton: TrytonServer) -> Iterator[str]:
    """One whose checks are errors and not warnings."""
    with administrator_of(tryton) as boss:
        groups = [boss.one("res.group", ["name", "=", name]) for name in ("Sales", "Stock", "Purchase")]
        company = boss.context["company"]
        name = f"plain-{next(_numbers)}"
        rights = {"companies": [["add", [company]]], "company": company, "groups": [["add", groups]]}
        boss.create("res.user", {"name": name, "login": name, "password": "plain-of-the-suite", **rights})
        yield name


REFUSED = {
    "over the credit limit": ({"customer": BIRCH, "lines": [(TAPE, 12, "u")]}, "CREDIT_LIMIT"),
    "more than there is": ({"lines": [(SCARCE, 500, "u")]}, "INSUFFICIENT_AVAILABILITY"),
    "less than is sold": ({"lines": [(ANCHOR, 12, "u")]}, "QUANTITY_RULE"),
    "no multiple": ({"lines": [(ANCHOR, 25, "u")]}, "QUANTITY_RULE"),
    "not for sale": ({"lines": [(NOT_SOLD, 1, "u")]}, "ITEM_BLOCKED"),
    "an item that is none": ({"lines": [("NO-SUCH", 1, "u")]}, "UNKNOWN_ITEM"),
    "a unit of something else": ({"lines": [(BOLT, 1, "kg")]}, "UNKNOWN_UOM"),
    "nobody": ({"customer": "NO-SUCH"}, "UNKNOWN_CUSTOMER"),
    "a customer of the past": ({"customer": CLOSED}, "CUSTOMER_BLOCKED"),
    "a warehouse that is none": ({"warehouses": ("NO-SUCH",)}, "UNKNOWN_WAREHOUSE"),
    "a ship-to that is none": ({"ship_to": "x"}, "UNKNOWN_SHIP_TO"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "word"), REFUSED.values(), ids=REFUSED)
async def test_what_tryton_refuses_has_its_word_and_leaves_nothing(
    erp: TrytonErp, office: Office, changed: dict[str, Any], word: str
) -> None:
    lines = [
        NewOrderLine(at, sku, Decimal(count), unit, None)
        for at, (sku, count, unit) in enumerate(changed.get("lines", ()), 1)
    ]
    customer = changed.get("customer", ALDER)
    known = customer if customer in {ALDER, BIRCH} else ALDER
    given = {**changed, "ship_to": changed.get("ship_to", address_of(office, known))}
    order = new_order(office, **given | ({"lines": tuple(lines)} if lines else {}))
    with pytest.raises(SourceRejected) as refused:
        await erp.create_order(call(PATIENT), order)
    assert refused.value.reason == word
    assert sales_of(office, order.reference) == []


async def test_a_ship_to_of_somebody_else_is_refused_and_tryton_s_own_fields_stay_inside(
    erp: TrytonErp, office: Office, tryton: TrytonServer
) -> None:
    """Tryton says so with some thirty kilobytes about its fields."""
    order = new_order(office, ship_to=address_of(office, BIRCH))
    with pytest.raises(SourceRejected) as refused:
        await erp.create_order(call(PATIENT), order)
    told = f"{refused.value!r} {refused.value} {refused.value.detail} {refused.value.args}"
    assert refused.value.reason == "UNKNOWN_SHIP_TO"
    assert len(told) < 200
    assert "Main Street" not in told
    assert tryton.url not in told


async def test_a_user_without_the_right_to_pass_over_them_meets_errors_with_the_same_words(
    tryton: TrytonServer, office: Office
) -> None:
    words: list[str] = []
    with plain_user(tryton) as name:
        async with erp_at(tryton.url, user=name, password="plain-of-the-suite") as erp:
            for customer, sku, word in ((BIRCH, TAPE, "CREDIT_LIMIT"), (CEDAR, SCARCE, "INSUFFICIENT_AVAILABILITY")):
                approval = Approval(word, "Dana", NOW, "it is all right")
                lines = (NewOrderLine(1, sku, Decimal(12), "u", None),)
                order = new_order(office, customer, lines=lines, approvals=(approval,))
                with pytest.raises(SourceRejected) as refused:
                    await erp.create_order(call(PATIENT), order)
                words.append(refused.value.reason)
                assert sales_of(office, order.reference) == []
    assert words == ["CREDIT_LIMIT", "INSUFFICIENT_AVAILABILITY"]


async def test_what_a_person_let_pass_is_passed_over_in_tryton(erp: TrytonErp, office: Office) -> None:
    approval = Approval("CREDIT_LIMIT", "Dana", NOW, "paid by wire")
    line = NewOrderLine(1, TAPE, Decimal(13), "u", None)
    order = new_order(office, BIRCH, lines=(line,), approvals=(approval,))
    await erp.create_order(call(PATIENT), order)
    (sale,) = sales_of(office, order.reference)
    assert sale["state"] == "processing"
    assert sale["comment"] == "CREDIT_LIMIT let pass by Dana: paid by wire"


async def test_what_is_short_may_be_ordered_where_the_rest_may_come_later(erp: TrytonErp, office: Office) -> None:
    line = NewOrderLine(1, SCARCE, Decimal(9), "u", Decimal(100))
    written = await erp.create_order(call(PATIENT), new_order(office, CEDAR, lines=(line,), allow_backorder=True))
    assert written.lines[0].quantity == 9


# ---------------------------------------------------------------- what an order would come to


async def test_a_simulation_is_what_the_order_comes_to_and_nothing_is_kept(erp: TrytonErp, office: Office) -> None:
    before = office.call("model.sale.sale.search_count", [])
    basket = Basket("US", ALDER, (BasketLine(BOLT, Decimal(12)), BasketLine(TAPE, Decimal(2), "CS")))
    told = await erp.simulate(call(PATIENT), basket)
    assert office.call("model.sale.sale.search_count", []) == before
    lines = (NewOrderLine(1, BOLT, Decimal(12), "u", None), NewOrderLine(2, TAPE, Decimal(2), "CS", None))
    (party,) = office.find("party.party", [["code", "=", ALDER]], ["credit_amount", "credit_limit_amount"])
    written = await erp.create_order(call(PATIENT), new_order(office, lines=lines, allow_backorder=True))
    assert told.total == written.total
    assert (told.subtotal, told.tax.amount, told.freight.amount) == (written.total, 0, 0)
    assert told.credit is not None
    assert told.credit.exposure.amount == party["credit_amount"]
    assert told.credit.limit == Money(party["credit_limit_amount"], "USD")
    assert (told.credit.exceeded, told.credit.on_hold) == (False, False)


@pytest.mark.parametrize(("customer", "exceeded"), [(ALDER, False), (BIRCH, True)])
async def test_a_simulation_says_what_tryton_would_say_about_credit(
    erp: TrytonErp,
    customer: str,
    exceeded: bool,  # noqa: FBT001 - a parametrised value
) -> None:
    told = await erp.simulate(call(PATIENT), Basket("US", customer, (BasketLine(BOLTS[0], Decimal(500)),)))
    assert told.credit is not None
    assert told.credit.exceeded is exceeded


# ---------------------------------------------------------------- from order to parcel


async def test_a_shipment_s_way_through_tryton_is_told_step_by_step(
    erp: TrytonErp, wms: TrytonWms, office: Office
) -> None:
    written = await erp.create_order(call(PATIENT), new_order(office, CEDAR))
    release = NewRelease("US", written.number, ("CHI",), "suite-release")
    released = await wms.release_order(call(PATIENT), release)
    (shipment,) = released.shipments
    assert (shipment.status, shipment.order_number, shipment.warehouse.code) == (
        ShipmentStatus.WAITING,
        written.number,
        "CHI",
    )
    (row,) = office.find("stock.shipment.out", [["number", "=", shipment.number]], ["id"])
    statuses: list[ShipmentStatus] = []
    for step in ("assign_try", "pick", "pack", "ship", "do"):
        if step == "pack":
            _package(office, row["id"])
        _pressed(office, step, row["id"])
        now: Any = (await wms.shipments(call(PATIENT), "US", [shipment.number]))[Key("US", shipment.number)]
        statuses.append(now.status)
        if step == "assign_try":
            held: Any = (await wms.stock(call(PATIENT), "US", [BOLT], warehouses=["CHI"]))[Key("US", BOLT)]
            assert held.rows[0].allocated == 10
    assert statuses == [
        ShipmentStatus.ALLOCATED, ShipmentStatus.PICKING, ShipmentStatus.PACKED, ShipmentStatus.SHIPPED, ShipmentStatus.SHIPPED,
    ]  # fmt: skip
    assert [
        (parcel.tracking_number, [(each.sku, each.quantity) for each in parcel.contents]) for parcel in now.parcels
    ] == [("TRACK-1", [(BOLT, Decimal(10))])]
    assert now.shipped_at is not None
    order: Any = (await erp.orders(call(PATIENT), "US", [written.number]))[Key("US", written.number)]
    assert order.status in {OrderStatus.SHIPPED, OrderStatus.CLOSED}
    assert (order.lines[0].progress.shipped, order.lines[0].progress.picked) == (10, 0)
    again = await wms.release_order(call(PATIENT), release)
    assert [each.number for each in again.shipments] == [shipment.number]


def _package(office: Office, shipment: int) -> None:
    kind = office.find("stock.package.type", [], ["id"])
    with_type = kind[0]["id"] if kind else office.create("stock.package.type", {"name": "Box"})[0]
    moves = office.find("stock.shipment.out", [["id", "=", shipment]], ["outgoing_moves"])[0]["outgoing_moves"]
    package = {"type": with_type, "moves": [["add", moves]], "shipping_reference": "TRACK-1"}
    office.call("model.stock.shipment.out.write", [shipment], {"packages": [["create", [package]]]})


def _pressed(office: Office, step: str, shipment: int) -> None:
    """As its own client presses a button: a warning is passed over."""
    for _ in range(5):
        try:
            office.call(f"model.stock.shipment.out.{step}", [shipment])
        except Exception as refused:
            if getattr(refused, "kind", "") != "UserWarning":
                raise
            office.call("model.res.user.warning.skip", getattr(refused, "told")[0], False)  # noqa: B009, FBT003 - Tryton's own
        else:
            return
    pytest.fail(f"{step} only warns")


# ---------------------------------------------------------------- taken back


async def test_an_order_that_waits_can_be_cancelled_or_released() -> None:
    """Where Tryton leaves processing to a worker, an order is only confirmed until one comes, or until it is released."""
    with tryton_process(leaves_work=True) as server, office_of(server) as office:
        async with erp_at(server.url) as erp, wms_at(server.url) as wms:
            kept, dropped = [await erp.create_order(call(PATIENT), new_order(office, CEDAR)) for _ in range(2)]
            assert (kept.status, dropped.status) == (OrderStatus.OPEN, OrderStatus.OPEN)
            for _ in range(2):
                cancelled = await erp.cancel_order(call(PATIENT), Cancellation("US", dropped.number, "wrong", "Dana"))
                assert cancelled.status is OrderStatus.CANCELLED
            with pytest.raises(SourceRejected) as told:
                await wms.release_order(call(PATIENT), NewRelease("US", dropped.number, ("CHI",), "r"))
            assert told.value.reason == "ORDER_CANCELLED"
            released = await wms.release_order(call(PATIENT), NewRelease("US", kept.number, ("CHI",), "r"))
            assert [each.order_number for each in released.shipments] == [kept.number]


async def test_an_order_that_is_processed_is_not_cancelled_any_more(erp: TrytonErp, office: Office) -> None:
    written: Order = await erp.create_order(call(PATIENT), new_order(office, CEDAR))
    with pytest.raises(SourceRejected) as told:
        await erp.cancel_order(call(PATIENT), Cancellation("US", written.number, "wrong", "Dana"))
    assert told.value.reason == "ALREADY_PROCESSED"
    with pytest.raises(SourceRejected) as unknown:
        await erp.cancel_order(call(PATIENT), Cancellation("US", "NO-SUCH", "wrong", "Dana"))
    assert unknown.value.reason == "UNKNOWN_ORDER"
