"""Several systems of one role in crossdock.toml: what fits together, and what is refused before anything starts, by its path."""

import logging
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway import starting
from gateway.settings import Settings, SettingsError, settings_from
from gateway.source_settings import SystemSettings
from gateway.wiring import opened_sources
from sources.routed import ROUTED
from sources.standard import StandardErp

ROOT = Path(__file__).parents[2]
URL = {"url": "http://127.0.0.1:1"}
SINGLE = dict.fromkeys(("erp", "crm", "wms", "carrier"), URL)
US, CA = {**URL, "companies": ["US"]}, {**URL, "companies": ["CA"]}
RENO, DALLAS = {**URL, "warehouses": ["RNO"]}, {**URL, "warehouses": ["DAL"]}
QUIET = {"submissions": {"enabled": False}, "cache": {"enabled": False}}


def read(**roles: Any) -> Settings:
    more = {name: value for name, value in roles.items() if name not in SINGLE}
    sources = {**SINGLE, **{role: each for role, each in roles.items() if role in SINGLE}}
    return settings_from({"sources": sources, **QUIET, **more}, origin="x")


def systems(**named: Any) -> dict[str, Any]:
    return {"systems": named}


ROUTING = {"routing": [{"name": "first", "warehouses": ["RNO"]}, {"name": "second", "warehouses": ["DAL", "LAX"]}]}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no url": ({"erp": {}}, "the required field `url` is missing - at `$.sources.erp`"),
    "both ways": (
        {"erp": {**URL, **systems(us=US, ca=CA)}},
        "`url` and `systems` are two ways: give one, or say it of each system - at `$.sources.erp`",
    ),
    "a setting beside them": (
        {"erp": {"timeout_seconds": 2.0, **systems(us=US, ca=CA)}},
        "`timeout_seconds` and `systems` are two ways: give one, or say it of each system - at `$.sources.erp`",
    ),
    "one alone": ({"erp": systems(us=US)}, "`systems` has one only: write it without a name - at `$.sources.erp`"),
    "a name that is none": (
        {"erp": systems(US=US, ca=CA)},
        "Expected `str` matching regex '^[a-z][a-z0-9_-]{0,15}$' - at `key` in `$.sources.erp.systems`",
    ),
    "a typo within one": (
        {"erp": systems(us=US, ca={**CA, "tokn": "t"})},
        "Object contains unknown field `tokn` - at `$.sources.erp.systems.ca`",
    ),
    "a wrong figure within one": (
        {"erp": systems(us=US, ca={**CA, "breaker": {"steps": [0.0]}})},
        "Expected `float` > 0.0 - at `$.sources.erp.systems.ca.breaker.steps[0]`",
    ),
    "no url within one": (
        {"erp": systems(us=US, ca={"companies": ["CA"]})},
        "the required field `url` is missing - at `$.sources.erp.systems.ca`",
    ),
    "warehouses of an ERP": (
        {"erp": systems(us=US, ca={**CA, "warehouses": ["RNO"]})},
        "Object contains unknown field `warehouses` - at `$.sources.erp.systems.ca`",
    ),
    "companies of a carrier": (
        {"carrier": systems(ups=US, rest=URL)},
        "Object contains unknown field `companies` - at `$.sources.carrier.systems.ups`",
    ),
    "a company twice": (
        {"erp": systems(us=US, ca={**URL, "companies": ["CA", "US"]})},
        '"US" is that of `us` already - at `$.sources.erp.systems.ca.companies`',
    ),
    "a company twice within one": (
        {"crm": systems(us={**URL, "companies": ["US", "US"]}, ca=CA)},
        "`companies` names something twice - at `$.sources.crm.systems.us.companies`",
    ),
    "an empty code": (
        {"erp": systems(us={**URL, "companies": [""]}, ca=CA)},
        "Expected `str` of length >= 1 - at `$.sources.erp.systems.us.companies[0]`",
    ),
    "two that take the rest": (
        {"erp": systems(us=URL, mx=US, ca=URL)},
        "`us` takes whatever is left already: say which are this one's - at `$.sources.erp.systems.ca`",
    ),
    "a warehouse twice": (
        {"wms": systems(reno=RENO, other={**URL, "companies": ["US"], "warehouses": ["RNO"]})},
        '"RNO" is that of `reno` already - at `$.sources.wms.systems.other.warehouses`',
    ),
    "a company's other warehouses twice": (
        {"wms": systems(reno=RENO, one=US, two=US)},
        '"US" is that of `one` already - at `$.sources.wms.systems.two.companies`',
    ),
    "a carrier twice, in another case": (
        {"carrier": systems(one={**URL, "carriers": ["UPS"]}, two={**URL, "carriers": ["ups"]})},
        '"ups" is that of `one` already - at `$.sources.carrier.systems.two.carriers`',
    ),
    "a company without a CRM": (
        {"erp": systems(us=US, ca=CA), "crm": systems(us=US, mx={**URL, "companies": ["MX"]})},
        'none of them has "MX", which `$.sources.crm.systems.mx.companies` names - at `$.sources.erp.systems`',
    ),
    "a company without a WMS": (
        {"erp": systems(us=US, ca=CA), "wms": systems(reno={**RENO, "companies": ["US"]}, rest=US)},
        'none of them has "CA", which `$.sources.erp.systems.ca.companies` names - at `$.sources.wms.systems`',
    ),
    "a routed warehouse without a WMS": (
        {"wms": systems(reno=RENO, dallas=DALLAS), "orders": ROUTING},
        'none of them has "LAX", which `$.orders.routing[1].warehouses` names - at `$.sources.wms.systems`',
    ),
    "a polled carrier without a system": (
        {
            "carrier": systems(ups={**URL, "carriers": ["UPS"]}, fedex={**URL, "carriers": ["FedEx"]}),
            "polling": {"carriers": ["FEDEX", "DHL"]},
        },
        'none of them has "DHL", which `$.polling.carriers` names - at `$.sources.carrier.systems`',
    ),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG)
def test_systems_that_do_not_fit_together_are_refused_by_their_path(given: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(**given)
    assert str(raised.value) == f"x: {told}"


RIGHT: dict[str, dict[str, Any]] = {
    "by company": {"erp": systems(us=US, ca=CA)},
    "one for the rest": {"erp": systems(us=US, rest=URL), "crm": systems(ca=CA, rest=URL)},
    "warehouses within a company, and its others": {
        "erp": systems(us=US, ca=CA),
        "wms": systems(reno={**RENO, "companies": ["US"]}, us=US, ca=CA),
    },
    "a routed warehouse of whoever takes the rest": {"wms": systems(reno=RENO, rest=URL), "orders": ROUTING},
    "a polled carrier of whoever takes the rest": {
        "carrier": systems(ups={**URL, "carriers": ["UPS"]}, rest=URL),
        "polling": {"carriers": ["DHL"]},
    },
}


@pytest.mark.parametrize("given", RIGHT.values(), ids=RIGHT)
async def test_systems_that_fit_together_open_each_with_a_client_of_its_own(given: dict[str, Any]) -> None:
    settings = read(**given)
    async with opened_sources(settings) as opened:
        names = [each.name for each in opened.states()]
    assert names == list(settings.sources.named())
    assert {"erp.us", "wms.reno", "carrier.ups"} & set(names)


async def test_a_role_with_one_system_has_no_wrapper_and_its_roles_name() -> None:
    async with opened_sources(read(crm=systems(us=US, ca=CA))) as opened:
        assert type(opened.sources.erp) is StandardErp
        assert opened.sources.erp.name == "erp"
        assert type(opened.sources.crm) is ROUTED["crm"]
        assert opened.sources.crm.name == "crm"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"connector": "abacus"}, "$.sources.erp.systems.ca.connector"),
        ({"options": {"a": 1}}, "$.sources.erp.systems.ca.options"),
        ({"url": "https://127.0.0.1:1", "tls": {"ca_file": "/nowhere.pem"}}, "$.sources.erp.systems.ca.tls"),
    ],
)
async def test_what_is_found_out_at_the_start_names_the_system(more: dict[str, Any], path: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"at `{path}`")):
        async with opened_sources(read(erp=systems(us=US, ca={**CA, **more}))):
            pass


def test_no_secret_of_a_system_shows_in_settings_or_their_errors() -> None:
    named = systems(us={**US, "token": "s3cret"}, ca={**CA, "token": "s3cret"})
    assert "s3cret" not in repr(read(erp=named))
    with pytest.raises(SettingsError) as raised:
        read(erp={"systems": {**named["systems"], "mx": {**US, "token": "s3cret"}}})
    assert "s3cret" not in str(raised.value)


def test_production_warns_of_each_system_that_is_asked_without_tls(caplog: pytest.LogCaptureFixture) -> None:
    far = {"url": "http://erp.example.com"}
    given = systems(us={**US, **far}, ca={**CA, "url": "https://erp.example.com"})
    identity = {"issuer": "https://login.example.com/", "audience": "crossdock"}
    settings = read(erp=given, mode="production", identity=identity, http={"hosts": ["api.example.com"]})
    with caplog.at_level(logging.WARNING, "crossdock.security"):
        starting.check(settings)
    assert [record.args for record in caplog.records] == [("erp.us",)]


def test_the_example_shows_systems_that_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand in comments there: a role is one system, or several."""
    for name in ("ERP_TOKEN", "ERP_CA_TOKEN"):
        monkeypatch.setenv(name, "t")
    example = (ROOT / "crossdock.example.toml").read_text()
    lines = re.findall(r"^# (\[sources\.\w+\.systems\.\w+\](?:\n# \w+ = .*)+)", example, re.MULTILINE)
    table = tomllib.loads("\n".join(lines).replace("\n# ", "\n"))["sources"]
    settings = read(**table)
    assert list(settings.sources.named()) == [
        "erp.us", "erp.ca", "crm", "wms.reno", "wms.us", "wms.ca", "carrier.ups", "carrier.easypost",
    ]  # fmt: skip
    shown = {field for role in table.values() for each in role["systems"].values() for field in each}
    assert shown == {"url", "connector", "token", "companies", "warehouses", "carriers"}
    assert shown - {"companies", "warehouses", "carriers"} <= set(SystemSettings.__struct_fields__)
