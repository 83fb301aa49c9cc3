"""Manifests say what connectors do: no more, no less; what a system does not offer is absent, or refused as such."""

import inspect
from typing import Any

import pytest
from upstream import Upstream, call, client_of, json

from sources import manifest, ports
from sources.absence import AbsentCarrier, AbsentCrm, AbsentErp, AbsentWms
from sources.errors import NotOffered
from sources.registry import CONNECTORS
from tests.connectors.asking import absent, asked_for_nothing

PORTS: dict[str, Any] = {
    "erp": ports.OrderingErp,
    "crm": ports.NotedCrm,
    "wms": ports.ReleasingWms,
    "carrier": ports.CarrierSource,
}
ABSENT: dict[str, Any] = {"erp": AbsentErp, "crm": AbsentCrm, "wms": AbsentWms, "carrier": AbsentCarrier}
ROLES = [(each, role) for each in CONNECTORS.values() for role in each.roles]


def methods(kind: Any) -> set[str]:
    return {name for name, each in inspect.getmembers(kind, inspect.iscoroutinefunction) if not name.startswith("_")}


@pytest.mark.parametrize("role", PORTS)
def test_capabilities_are_the_methods_of_a_roles_port(role: str) -> None:
    assert manifest.CAPABILITIES[role] == methods(PORTS[role])
    assert methods(ABSENT[role]) == methods(PORTS[role])


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_is_found_by_the_name_in_its_manifest(name: str) -> None:
    found = CONNECTORS[name]
    assert found.name == name
    assert found.roles.keys() == found.offers.keys()
    assert found.proofs


@pytest.mark.parametrize(("found", "role"), ROLES, ids=lambda each: getattr(each, "name", each))
def test_a_connector_answers_what_its_manifest_offers_and_nothing_else(found: manifest.Manifest, role: str) -> None:
    kind, absent = found.roles[role], ABSENT[role]
    answered = {name for name in methods(PORTS[role]) if getattr(kind, name) is not getattr(absent, name)}
    assert answered == found.offers[role]


@pytest.mark.parametrize(("role", "name"), [(role, name) for role in PORTS for name in sorted(methods(PORTS[role]))])
async def test_what_is_not_offered_is_absent_or_refused_and_nothing_is_sent(role: str, name: str) -> None:
    upstream = Upstream(json())
    async with client_of(upstream) as client:
        method = getattr(ABSENT[role](client), name)
        if not absent(name):
            with pytest.raises(NotOffered) as raised:
                await asked_for_nothing(method, call())
            assert (raised.value.detail, str(raised.value)) == (name, "The erp system does not offer this.")
        else:
            assert await asked_for_nothing(method, call()) == {}
    assert upstream.asked == []


@pytest.mark.parametrize("role", PORTS)
async def test_what_is_not_offered_has_a_batch_for_those_who_cut_by_it(role: str) -> None:
    async with client_of(Upstream(json())) as client:
        sizes = ABSENT[role](client).max_batch
        assert {sizes[name] for name in manifest.CAPABILITIES[role]} == {1_000}
        assert sizes == {}
