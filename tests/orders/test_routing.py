"""Which company sells, which warehouses ship, and why."""

from typing import Any

import pytest

from orders.policy import OrderPolicy, RoutingRule
from orders.routing import Route, routed, seller
from tests.orders.invented import ADDRESS, customer, item, request, ship_to, stock, warehouse

RNO, DAL, ATL = warehouse("RNO", 2), warehouse("DAL", 1), warehouse("ATL", 3)
HOME = ship_to(warehouse_code="ATL")
BOLT = (item("BOLT", category="STEEL"), stock(RNO, DAL, ATL))
OIL = (item("OIL", category="LIQUID"), stock(DAL))


def codes(route: Route) -> list[str]:
    return [place.code for place in route.warehouses]


def by_rule(rule: RoutingRule, *, goods: Any = (BOLT,), **asked: Any) -> Route:
    parties = (customer(segment="RETAIL"), HOME)
    return routed(OrderPolicy(routing=(rule,)), request(**asked), parties, goods)


# ---------------------------------------------------------------- who sells


def test_the_only_company_that_knows_the_customer_sells_whosever_the_ship_to_is() -> None:
    only = customer(company="CA")
    assert seller([only], [ship_to(company="US")]) is only
    assert seller([only], []) is only


def test_of_several_the_one_whose_ship_to_it_is_sells() -> None:
    us, ca = customer(company="US"), customer(company="CA")
    assert seller([us, ca], [ship_to(company="CA")]) is ca
    assert seller([us, ca], [ship_to(company="CA"), ship_to(company="US", customer_number="C2")]) is ca


def test_nobody_sells_while_several_are_left_or_none() -> None:
    us, ca = customer(company="US"), customer(company="CA")
    assert seller([us, ca], [ship_to(company="CA"), ship_to(company="US")]) is None
    assert seller([us, ca], []) is None
    assert seller([], [ship_to()]) is None


# ---------------------------------------------------------------- without a rule


def test_the_ship_tos_own_warehouse_comes_first_then_the_others_by_priority() -> None:
    route = routed(OrderPolicy(), request(), (customer(), HOME), [BOLT])
    assert codes(route) == ["ATL", "DAL", "RNO"]
    assert route.company == "US"
    assert route.reason == "No rule fits: the ship-to's own warehouse ATL first, then by priority."


@pytest.mark.parametrize("own", [None, "YYZ"])
def test_one_that_keeps_none_of_the_items_is_no_warehouse_of_the_order(own: str | None) -> None:
    route = routed(OrderPolicy(), request(), (customer(), ship_to(warehouse_code=own)), [BOLT])
    assert codes(route) == ["DAL", "RNO", "ATL"]
    assert route.reason == "No rule fits: the warehouses by priority."


def test_warehouses_of_one_priority_come_in_the_order_of_their_codes() -> None:
    goods = [(item(), stock(warehouse("B"), warehouse("A"), warehouse("C")))]
    assert codes(routed(OrderPolicy(), request(), (customer(), ship_to()), goods)) == ["A", "B", "C"]


def test_every_warehouse_that_keeps_any_of_the_items_is_of_the_route_once() -> None:
    goods = [OIL, (item("NUT"), stock(RNO)), (item("PIN"), stock(RNO, DAL))]
    assert codes(routed(OrderPolicy(), request(), (customer(), ship_to()), goods)) == ["DAL", "RNO"]


def test_goods_that_nobody_keeps_have_no_warehouses() -> None:
    assert codes(routed(OrderPolicy(), request(), (customer(), HOME), [])) == []


# ---------------------------------------------------------------- by a rule

FITTING: list[dict[str, Any]] = [
    {"companies": ("CA", "US")}, {"segments": ("RETAIL",)}, {"countries": ("US",)}, {"regions": ("CA", "NV")},
    {"carrier_services": ("*ground*",)}, {"categories": ("STEEL",)}, {},
]  # fmt: skip
MISSING: list[dict[str, Any]] = [
    {"companies": ("CA",)}, {"segments": ("CONTRACTOR",)}, {"countries": ("CA",)}, {"regions": ("CA",)},
    {"carrier_services": ("*AIR*",)}, {"categories": ("LIQUID",)},
]  # fmt: skip


@pytest.mark.parametrize("conditions", FITTING, ids=str)
def test_a_rule_that_fits_names_the_warehouses_in_its_order(conditions: dict[str, Any]) -> None:
    rule = RoutingRule(name="west", warehouses=("RNO", "DAL"), **conditions)
    assert codes(by_rule(rule, carrier_service="UPS Ground")) == ["RNO", "DAL"]


@pytest.mark.parametrize("conditions", MISSING, ids=str)
def test_a_rule_of_which_one_condition_fails_is_passed_over(conditions: dict[str, Any]) -> None:
    rest = {name: values for each in FITTING for name, values in each.items() if name not in conditions}
    rule = RoutingRule(name="west", warehouses=("RNO",), **conditions, **rest)
    route = by_rule(rule, carrier_service="UPS Ground")
    assert codes(route) == ["ATL", "DAL", "RNO"]
    assert route.reason.startswith("No rule fits")


def test_a_rule_of_a_category_is_for_orders_all_of_it() -> None:
    rule = RoutingRule(name="steel", warehouses=("RNO",), categories=("STEEL",))
    assert codes(by_rule(rule, goods=(BOLT,))) == ["RNO"]
    assert by_rule(rule, goods=(BOLT, OIL)).reason.startswith("No rule fits")


def test_a_rule_of_a_segment_or_a_region_does_not_fit_where_none_is_known() -> None:
    nowhere = ship_to(address=type(ADDRESS)("1 Main Street", "Reno", "US"))
    for conditions in ({"segments": ("RETAIL",)}, {"regions": ("NV",)}):
        policy = OrderPolicy(routing=(RoutingRule(name="west", warehouses=("RNO",), **conditions),))
        assert routed(policy, request(), (customer(), nowhere), [BOLT]).reason.startswith("No rule fits")


def test_the_first_rule_that_fits_decides() -> None:
    rules = (
        RoutingRule(name="north", warehouses=("ATL",), regions=("WA",)),
        RoutingRule(name="west", warehouses=("RNO",), regions=("NV",)),
        RoutingRule(name="all", warehouses=("DAL",)),
    )
    route = routed(OrderPolicy(routing=rules), request(), (customer(), HOME), [BOLT])
    assert (codes(route), route.reason) == (["RNO"], 'Rule "west": region NV.')
    backwards = routed(OrderPolicy(routing=rules[::-1]), request(), (customer(), HOME), [BOLT])
    assert (codes(backwards), backwards.reason) == (["DAL"], 'Rule "all".')


def test_a_warehouse_of_a_rule_that_keeps_none_of_the_items_is_left_out() -> None:
    rule = RoutingRule(name="west", warehouses=("RNO", "DAL", "YYZ"))
    assert codes(by_rule(rule, goods=(OIL,))) == ["DAL"]


def test_a_rule_without_warehouses_says_that_nothing_is_shipped_and_why() -> None:
    rule = RoutingRule(name="not to Nevada", warehouses=(), regions=("NV",), segments=("RETAIL", "OTHER"))
    route = by_rule(rule)
    assert route.warehouses == ()
    assert route.reason == 'Rule "not to Nevada": segment RETAIL or OTHER, region NV.'
