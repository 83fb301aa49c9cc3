"""What production must have before it starts, and a process of it that has."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from gateway_process import gateway_process

from gateway import development_key
from gateway.app import create_app
from gateway.auth import hashed, new_key
from gateway.identity import ApiKey
from gateway.settings import SettingsError, settings_from

OLD = new_key("edi")
KEY = {"id": "edi", "hashes": [hashed(OLD)], "scopes": ["item:read"], "companies": ["US"], "customers": ["*"]}


def production_with(**more: Any) -> Any:
    sources = {role: {"url": "http://127.0.0.1:1"} for role in ("erp", "crm", "wms", "carrier")}
    return settings_from({"mode": "production", "sources": sources, **more}, origin="x")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "identity provider"),
        ({"http": {"hosts": ["api.example.com"]}}, "identity provider"),
        ({"identity": {"issuer": "https://a/", "audience": "b"}}, "http.hosts"),
        ({"identity": {"issuer": development_key.ISSUER, "audience": "crossdock"}}, "development key"),
    ],
)
def test_production_does_not_start_open(more: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        create_app(production_with(**more))


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ({"issuer": "https://a/"}, "audience"),
        ({"issuer": "http://a.example.com/", "audience": "b"}, "https"),
        ({"issuer": "https://a/", "audience": "b", "algorithms": ["HS256"]}, "HS256"),
        ({"issuer": "https://a/", "audience": "b", "algorithms": ["none"]}, "none"),
        ({"issuer": "https://a/", "audience": "b", "algorithms": []}, "at least"),
        ({"keys": [{**KEY, "hashes": ["cdk_edi_plain"]}]}, "hashes"),
        ({"keys": [{**KEY, "scopes": ["prices"]}]}, "no scope"),
        ({"keys": [{**KEY, "customers": []}]}, "length"),
        ({"keys": [KEY, KEY]}, "same `id`"),
    ],
)
def test_an_identity_that_would_be_unsafe_is_no_setting(identity: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        production_with(identity=identity)


def test_a_key_tells_its_end_and_not_its_hash() -> None:
    key = ApiKey(**{**KEY, "expires": datetime(2027, 1, 1, tzinfo=UTC).date()})  # type: ignore[arg-type]  # as TOML gives it
    assert key.expires_at == datetime(2027, 1, 2, tzinfo=UTC).timestamp()
    assert repr(key) == "ApiKey(id='edi')"


async def test_a_gateway_in_production_starts_knows_its_callers_and_writes_down_whom_it_refused(tmp_path: Path) -> None:
    settings = f"""
[http]
hosts = ["127.0.0.1"]
[[identity.keys]]
id = "edi"
hashes = ["{hashed(OLD)}"]
scopes = ["item:read"]
companies = ["US"]
customers = ["*"]
"""
    async with gateway_process(tmp_path, settings, mode="production") as running:
        refused = await running.post(b'{"query": "{ viewer { subject } }"}')
        known = await running.post(b'{"query": "{ viewer { subject } }"}', Authorization=f"Bearer {OLD}")
        explorer = await running.client.get("/explorer")
    assert (refused.status_code, explorer.status_code) == (401, 404)
    assert known.json() == {"data": {"viewer": {"subject": "key:edi"}}}
    assert known.headers["ratelimit"].startswith('"requests";r=119;t=')
    assert "max-age=" in known.headers["strict-transport-security"]
    assert "server" not in known.headers
    (line,) = [each for each in (tmp_path / "log").read_text().splitlines() if "crossdock.audit" in each]
    assert json.loads(line)["audit"]["reason"] == "no token"
