"""The settings that the READMEs of HubSpot and Salesforce show are taken as they stand there; wrong options are named by their path."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import SettingsError, settings_from
from gateway.wiring import opened_sources

SOURCES = Path(__file__).parents[2] / "sources"
ELSEWHERE = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "wms", "carrier")}
QUIET = {"mode": "development", "submissions": {"enabled": False}, "cache": {"enabled": False}}


def shown(vendor: str) -> dict[str, Any]:
    text = (SOURCES / vendor / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    crm: dict[str, Any] = tomllib.loads(found[1])["sources"]["crm"]
    return crm


def with_crm(crm: dict[str, Any]) -> Any:
    return settings_from({**QUIET, "sources": {**ELSEWHERE, "crm": crm}}, origin="test")


@pytest.mark.parametrize(("vendor", "keys"), [("hubspot", 100), ("salesforce", 100)])
async def test_the_settings_that_a_readme_shows_make_a_connector(vendor: str, keys: int) -> None:
    crm = shown(vendor)
    assert crm["connector"] == vendor
    async with opened_sources(with_crm(crm)) as opened:
        assert opened.sources.crm.max_batch == {"relationships": keys}
        assert [each.system for each in opened.states() if each.name == "crm"] == [vendor]


@pytest.mark.parametrize(
    ("vendor", "options", "told"),
    [
        ("hubspot", {}, "give one of `companies` and `company_property` - at `$.sources.crm.options`"),
        ("hubspot", {"companies": ["US"], "deals": 0}, "Expected `int` >= 1 - at `$.sources.crm.options.deals`"),
        ("salesforce", {}, "give one of `company` and `company_field` - at `$.sources.crm.options`"),
    ],
)
async def test_options_that_cannot_be_are_named_when_the_gateway_starts(
    vendor: str, options: dict[str, Any], told: str
) -> None:
    settings = with_crm({"connector": vendor, "url": "http://127.0.0.1:1", "options": options})
    with pytest.raises(SettingsError, match=re.escape(told)):
        async with opened_sources(settings):
            pass
