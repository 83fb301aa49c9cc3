"""`crossdock check` over every connector: it asks what the manifest offers, changes nothing, and shows no secret."""

import msgspec
import pytest

from gateway.checking import checked
from gateway.findings import as_plain, as_text
from gateway.settings import Settings, settings_from
from tests.connectors.between import Fault
from tests.connectors.case import Case
from tests.connectors.cases import CASES
from tests.connectors.running import Running, running

ROLES = ("erp", "crm", "wms", "carrier")
BAD_ROW = "an answer that the gateway does not understand"
"""The servers here have rows that are bad on purpose, and a search for nothing in particular meets them."""


def settings(at: Running) -> Settings:
    """As crossdock.toml would say it."""
    auth = {name: value for name, value in msgspec.structs.asdict(at.endpoint.auth).items() if value}
    chosen = {
        "connector": at.case.manifest.name,
        "url": at.endpoint.url,
        "auth": auth,
        "options": dict(at.case.options),
    }
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ROLES} | {at.case.role: chosen}
    return settings_from({"sources": sources}, origin="test")


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_good_source_is_good_whatever_connector_it_has(case: Case) -> None:
    async with running(case) as at:
        found = await checked(settings(at), case.role, {}, {case.manifest.name: case.manifest})
        told = {each.check: each for each in found.findings}
        assert [each for each in found.findings if each.status == "failed" and BAD_ROW not in each.told] == []
        assert case.manifest.offers[case.role] <= told.keys()
        assert [asked for asked in at.server.asked for write in case.writes if write.is_sent(asked)] == []
        shown = f"{as_text(found)}{as_plain(found)}"
        assert [secret for secret in (*case.hidden, *at.server.granted) if secret in shown] == []


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_credentials_that_are_refused_are_told(case: Case) -> None:
    async with running(case) as at:
        at.server.put(Fault(status=401, strikes=lambda _: True))
        found = await checked(settings(at), case.role, {}, {case.manifest.name: case.manifest})
        told = {each.check: each.status for each in found.findings}
        was_asked = bool(at.server.asked or at.server.sign_ins)
        assert told["sign-in"] == ("failed" if was_asked else "untried")
        assert found.is_good is not was_asked
