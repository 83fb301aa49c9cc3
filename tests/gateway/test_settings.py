"""Settings: read once, and a mistake names its path."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from stack import Stack

from gateway.cli import main
from gateway.conforming import conformed
from gateway.settings import SettingsError, read_settings, settings_from

SOURCES = {role: {"url": "http://127.0.0.1:1", "token": "secret"} for role in ("erp", "crm", "wms", "carrier")}


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({"sources": SOURCES, "prot": 1}, "prot"),
        ({"sources": SOURCES, "port": "x"}, "$.port"),
        ({"sources": {**SOURCES, "erp": {"url": "x", "tokn": "y"}}}, "$.sources.erp"),
        ({"sources": SOURCES, "mode": "development", "host": "0.0.0.0"}, "$.host"),  # noqa: S104 - what must be refused
        ({}, "sources"),
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
    assert CliRunner().invoke(main, ["schema", "--check", str(tmp_path / "old.graphql")]).exit_code == 1


async def test_conform_finds_nothing_wrong_with_the_sandbox(stack: Stack) -> None:
    text, is_good = await conformed(stack.addresses["carrier"], role="carrier", token="sandbox")
    assert (is_good, text) == (True, "The server keeps the contract: nothing found.\n")


async def test_conform_tells_of_a_server_that_is_not_there() -> None:
    _, is_good = await conformed("http://127.0.0.1:1", role="crm", token="", samples=["customer=C1"])
    assert not is_good
