"""Settings: read once, and a mistake names its path."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from stack import Stack

from gateway.cli import main
from gateway.conforming import conformed
from gateway.settings import AvailabilitySettings, Settings, SettingsError, read_settings, settings_from
from gateway.wiring import opened_sources
from sources.atp import DEFAULT_RULES, AtpMethod, AtpRules
from sources.call import CallContext, Deadline
from sources.errors import SourceRejected
from sources.http import SourceClient
from sources.registry import CONNECTORS
from sources.standard import StandardCrm
from sources.viewer import SERVICE_DESK

ROOT = Path(__file__).parents[2]

SOURCES = {role: {"url": "http://127.0.0.1:1", "token": "secret"} for role in ("erp", "crm", "wms", "carrier")}


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({"sources": SOURCES, "prot": 1}, "prot"),
        ({"sources": SOURCES, "port": "x"}, "$.port"),
        ({"sources": {**SOURCES, "erp": {"url": "x", "tokn": "y"}}}, "$.sources.erp"),
        ({"sources": SOURCES, "mode": "development", "host": "0.0.0.0"}, "$.host"),  # noqa: S104 - what must be refused
        ({}, "sources"),
        ({"sources": SOURCES, "availability": {"method": "SOURCE"}}, "$.availability.method"),
        ({"sources": SOURCES, "availability": {"horizon_days": 366}}, "$.availability.horizon_days"),
        ({"sources": SOURCES, "availability": {"overdue_supply_days": -1}}, "$.availability.overdue_supply_days"),
        ({"sources": SOURCES, "availability": {"overdue_demand_days": "any"}}, "$.availability.overdue_demand_days"),
        ({"sources": SOURCES, "availability": {"horizon": 30}}, "$.availability"),
    ],
)
def test_a_mistake_names_its_path(table: dict[str, Any], path: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings_from(table, origin="crossdock.toml")
    assert path in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_variable_of_the_environment_is_filled_in_and_a_missing_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_TOKEN", "s3")
    erp = {"url": "http://127.0.0.1:1", "token": "${ERP_TOKEN}"}
    read = settings_from({"sources": {**SOURCES, "erp": erp}}, origin="x")
    assert read.sources.erp.token == "s3"
    assert "s3" not in repr(read)
    monkeypatch.delenv("ERP_TOKEN")
    with pytest.raises(SettingsError, match="ERP_TOKEN"):
        settings_from({"sources": {**SOURCES, "erp": erp}}, origin="x")


def test_a_file_that_is_not_there_or_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_settings(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("mode = ")
    with pytest.raises(SettingsError, match=r"bad\.toml"):
        read_settings(tmp_path / "bad.toml")


def test_production_refuses_to_start_without_identity(tmp_path: Path) -> None:
    lines = [f'[sources.{role}]\nurl = "http://127.0.0.1:1"\n' for role in SOURCES]
    (tmp_path / "c.toml").write_text("\n".join(lines))
    outcome = CliRunner().invoke(main, ["serve", "--config", str(tmp_path / "c.toml")])
    assert outcome.exit_code == 1
    assert "identity provider" in outcome.output


def test_the_command_line_prints_and_checks_the_schema(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["schema"])
    assert "type Query {" in printed.output
    (tmp_path / "old.graphql").write_text("type Query { x: Int }")
    assert CliRunner().invoke(main, ["schema", "--same", str(tmp_path / "old.graphql")]).exit_code == 1


async def test_conform_finds_nothing_wrong_with_the_sandbox(stack: Stack) -> None:
    text, is_good = await conformed(stack.addresses["carrier"], role="carrier", token="sandbox")
    assert (is_good, text) == (True, "The server keeps the contract: nothing found.\n")


async def test_conform_tells_of_a_server_that_is_not_there() -> None:
    _, is_good = await conformed("http://127.0.0.1:1", role="crm", token="", samples=["customer=C1"])
    assert not is_good


def test_availability_left_out_is_the_rules_own_default_and_said_in_full_reaches_each_of_them() -> None:
    assert settings_from({"sources": SOURCES}, origin="x").availability.rules() == DEFAULT_RULES
    told = {
        "method": "DISCRETE",
        "overdue_supply_days": "all",
        "overdue_supply_offset_days": 1,
        "overdue_demand_days": 7,
        "overdue_demand_offset_days": 2,
    }
    read = settings_from({"sources": SOURCES, "availability": told}, origin="x").availability.rules()
    assert read == AtpRules(AtpMethod.DISCRETE, None, 1, 7, 2)


def test_the_example_and_the_page_have_every_setting_of_availability_with_its_default() -> None:
    defaults = msgspec.to_builtins(AvailabilitySettings())
    assert tomllib.loads((ROOT / "crossdock.example.toml").read_text())["availability"] == defaults
    page = (ROOT / "docs" / "configuration.md").read_text().partition("## Availability")[2].partition("\n## ")[0]
    told = dict(re.findall(r"`(\w+)`, default `\"?(\w+)\"?`", page))
    assert told == {name: str(value) for name, value in defaults.items()}


class OutspokenCrm(StandardCrm):
    """A vendor's connector that words its refusals in its own way."""

    reason = staticmethod(lambda body: "OWN_WORD" if body else "NOTHING")


@pytest.mark.parametrize(("connector", "reason"), [("outspoken", "OWN_WORD"), ("standard", "FAULT")])
async def test_a_connector_brings_its_own_reader_of_refusals(stack: Stack, connector: str, reason: str) -> None:
    sources = {role: {"url": stack.addresses[role], "token": "sandbox"} for role in SOURCES}
    table = {
        "sources": {**sources, "crm": {**sources["crm"], "connector": connector}},
        "submissions": {"enabled": False},
    }
    chosen = settings_from(table, origin="x")
    await stack.fault("crm", operation="GET /relationships", status=422)
    call = CallContext(SERVICE_DESK, Deadline.after(2), "test", lambda _: None)
    outspoken = msgspec.structs.replace(CONNECTORS["standard"], name="outspoken", roles={"crm": OutspokenCrm})
    async with opened_sources(chosen, {**CONNECTORS, "outspoken": outspoken}) as opened:
        with pytest.raises(SourceRejected) as raised:
            await opened.sources.crm.relationships(call, "US", ["C1"])
    assert raised.value.reason == reason


def test_every_connector_has_a_reader_of_refusals() -> None:
    for manifest in CONNECTORS.values():
        for kind in manifest.roles.values():
            assert kind.reason(b"<html>") == "REJECTED"
    standard = CONNECTORS["standard"].roles.values()
    assert [kind.reason(b'{"error": {"code": "CREDIT_HOLD"}}') for kind in standard] == ["CREDIT_HOLD"] * 4


class Tuned(msgspec.Struct, forbid_unknown_fields=True):
    page: int


class TunedCrm(StandardCrm):
    """A vendor's connector that has options."""

    Options = Tuned

    def __init__(self, client: SourceClient, options: Tuned) -> None:
        super().__init__(client)
        self.tuned = options


TUNED = {**CONNECTORS, "tuned": msgspec.structs.replace(CONNECTORS["standard"], name="tuned", roles={"crm": TunedCrm})}


def with_options(options: Any, connector: str = "tuned") -> Settings:
    crm = {"url": "http://127.0.0.1:9", "connector": connector, "options": options}
    return settings_from({"sources": {**SOURCES, "crm": crm}, "submissions": {"enabled": False}}, origin="x")


async def test_a_connectors_options_are_its_own_and_typed() -> None:
    async with opened_sources(with_options({"page": 7}), TUNED) as opened:
        assert opened.sources.crm.max_batch == {"relationships": 100}


@pytest.mark.parametrize(
    ("options", "connector", "message"),
    [
        ({"page": "x"}, "tuned", "Expected `int`, got `str` - at `$.sources.crm.options.page`"),
        ({}, "tuned", "Object missing required field `page` - at `$.sources.crm.options`"),
        ({"page": 1, "pgae": 2}, "tuned", "Object contains unknown field `pgae` - at `$.sources.crm.options`"),
        ({"page": 1}, "standard", "this connector has no options - at `$.sources.crm.options`"),
    ],
)
async def test_options_that_do_not_fit_are_named(options: Any, connector: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        async with opened_sources(with_options(options, connector), TUNED):
            pass
    assert str(raised.value) == message
