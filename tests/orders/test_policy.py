"""What a distributor decides about its orders: conditions, patterns, tolerances; and what is refused of it, by its path."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.settings import SettingsError, settings_from
from orders.policy import NO_HAZARDOUS_BY_AIR, Conditions, OrderPolicy, RoutingRule
from tests.orders.invented import customer, item, ship_to

SOURCES = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}


def read(orders: dict[str, Any]) -> OrderPolicy:
    return settings_from({"sources": SOURCES, "orders": orders}, origin="crossdock.toml").orders


@pytest.mark.parametrize(
    ("patterns", "service", "serves"),
    [
        ((), None, True), ((), "ANY", True), (("*AIR*",), "UPS next day air", True), (("*air*",), "UPS NEXT DAY AIR", True),
        (("UPS *",), "FedEx Ground", False), (("Ground", "*EXPRESS"), "dhl express", True), (("GROUND",), "UPS GROUND", False),
        (("*",), None, True), (("*AIR*",), None, False), (("UPS?",), "ups1", True), (("UPS?",), "ups", False),
    ],
)  # fmt: skip
def test_a_pattern_fits_in_any_case(patterns: tuple[str, ...], service: str | None, *, serves: bool) -> None:
    assert Conditions(carrier_services=patterns).serves(service) is serves


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True), ({"companies": ("US",)}, True), ({"companies": ("CA",)}, False), ({"segments": ("RETAIL",)}, True),
        ({"segments": ("retail",)}, False), ({"countries": ("US", "CA")}, True), ({"countries": ("CA",)}, False),
        ({"regions": ("NV",)}, True), ({"regions": ("CA",)}, False), ({"regions": ("NV",), "segments": ("X",)}, False),
        ({"regions": ("NV",), "carrier_services": ("*AIR",)}, False),
    ],
)  # fmt: skip
def test_conditions_fit_where_all_of_them_do(conditions: dict[str, Any], *, fits: bool) -> None:
    assert Conditions(**conditions).fit(customer(segment="RETAIL"), ship_to(), "GROUND") is fits


def test_conditions_are_said_in_words() -> None:
    every = Conditions(
        companies=("US",), segments=("A", "B"), countries=("US",), regions=("NV",), carrier_services=("*AIR*",)
    )
    assert every.said() == "company US, segment A or B, country US, region NV, service *AIR*"
    assert Conditions().said() == ""


def test_a_rule_of_categories_takes_orders_all_of_whose_items_are_of_them() -> None:
    rule = RoutingRule(name="", warehouses=(), categories=("A", "B"))
    a, b, c, none = (item(category=each) for each in ("A", "B", "C", None))
    assert rule.takes((a, b))
    assert not rule.takes((a, c))
    assert not rule.takes((a, none))
    assert RoutingRule(name="", warehouses=()).takes((c, none))


@pytest.mark.parametrize("service", ["FedEx Priority Overnight", "DHL Express", "ups next day air"])
def test_by_default_no_air_service_takes_hazardous_goods(service: str) -> None:
    assert OrderPolicy().restrictions == (NO_HAZARDOUS_BY_AIR,)
    assert NO_HAZARDOUS_BY_AIR.serves(service)
    assert NO_HAZARDOUS_BY_AIR.concerns(item(hazardous=True))
    assert not NO_HAZARDOUS_BY_AIR.concerns(item())


@pytest.mark.parametrize(
    ("percent", "amount", "expected", "tolerance"),
    [
        ("1", "0", "200", "2"),
        ("0", "0", "200", "0"),
        ("1", "5", "200", "5"),
        ("10", "5", "200", "20"),
        ("100", "0", "7", "7"),
    ],
)
def test_the_tolerance_is_the_greater_of_the_two(percent: str, amount: str, expected: str, tolerance: str) -> None:
    policy = OrderPolicy(Decimal(percent), Decimal(amount))
    assert policy.price_tolerance(Decimal(expected)) == Decimal(tolerance)


# ---------------------------------------------------------------- as settings


def test_a_policy_is_read_from_the_settings() -> None:
    policy = read(
        {
            "price_tolerance_percent": "0.5",
            "price_tolerance_amount": 2,
            "restrictions": [],
            "routing": [{"name": "west", "warehouses": ["RNO"], "regions": ["NV", "CA"]}],
        }
    )
    assert policy == OrderPolicy(
        Decimal("0.5"), Decimal(2), (), (RoutingRule(name="west", warehouses=("RNO",), regions=("NV", "CA")),)
    )
    assert read({}) == OrderPolicy()


@pytest.mark.parametrize(
    ("orders", "path"),
    [
        ({"price_tolerance_percent": "-0.01"}, "$.orders"),
        ({"price_tolerance_percent": "100.01"}, "$.orders"),
        ({"price_tolerance_percent": "NaN"}, "$.orders"),
        ({"price_tolerance_percent": float("nan")}, "$.orders"),
        ({"price_tolerance_amount": "-1"}, "$.orders"),
        ({"price_tolerance_amount": "Infinity"}, "$.orders"),
        ({"price_tolerance_amount": "NaN"}, "$.orders"),
        ({"price_tolerance_percent": "much"}, "$.orders.price_tolerance_percent"),
        ({"tolerance": 1}, "$.orders"),
        ({"restrictions": [{"hazardous": True}]}, "$.orders.restrictions[0]"),
        ({"restrictions": [{"reason": "x", "carriers": []}]}, "$.orders.restrictions[0]"),
        ({"routing": [{"name": "west"}]}, "$.orders.routing[0]"),
        ({"routing": [{"name": "a", "warehouses": []}, {"warehouses": []}]}, "$.orders.routing[1]"),
        ({"routing": [{"name": "a", "warehouses": [], "regions": "NV"}]}, "$.orders.routing[0].regions"),
    ],
)
def test_what_is_no_policy_is_refused_by_its_path(orders: dict[str, Any], path: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(orders)
    assert f"`{path}`" in str(raised.value)
