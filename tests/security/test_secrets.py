"""Secrets come from the environment or from files, and nothing that is printed, logged or answered shows one."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from stack import Stack, stack_over

from gateway import audit
from gateway.app import create_app
from gateway.auth import hashed, new_key
from gateway.settings import Settings, SettingsError, settings_from
from gateway.telemetry.logs import formatter
from sandbox.facts import Dataset

SECRET = "s3cr3t-0f-a-kind"
ROLES = ("erp", "crm", "wms", "carrier")
FACTS = {"today": "2026-06-30", "items": [{"company": "US", "sku": "BOLT", "name": "Bolt"}]}


def full_of_secrets() -> dict[str, Any]:
    ways: list[dict[str, Any]] = [
        {"token": SECRET},
        {"auth": {"header": "X-Api-Key", "value": SECRET}},
        {"auth": {"username": "u", "password": SECRET}},
        {"auth": {"token_url": "https://a/", "client_id": "c", "client_secret": SECRET}},
    ]
    sources = {
        role: {"url": f"https://user:{SECRET}@erp.example.com", **way} for role, way in zip(ROLES, ways, strict=True)
    }
    redis = f"rediss://user:{SECRET}@redis:6379/0"
    return {"mode": "development", "sources": sources, "cache": {"url": redis}, "rates": {"url": redis}}


def test_settings_show_no_secret_however_they_are_printed() -> None:
    settings = settings_from(full_of_secrets(), origin="x")
    shown = [
        repr(settings),
        str(settings),
        f"{settings}",
        repr(settings.sources),
        repr(settings.rates),
        repr(settings.cache),
    ]
    shown += [repr(getattr(settings.sources, role).endpoint(role)) for role in ROLES]
    assert [text for text in shown if SECRET in text] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": "${A_SECRET}"},
        {"mode": "${A_SECRET}"},
        {"cache": {"url": "${A_SECRET}"}},
        {"rates": {"url": "${A_SECRET}"}},
        {"identity": {"issuer": "${A_SECRET}", "audience": "a"}},
        {
            "identity": {
                "keys": [{"id": "a", "hashes": ["${A_SECRET}"], "scopes": [], "companies": ["*"], "customers": ["*"]}]
            }
        },
        {"documents": {"mode": "${A_SECRET}"}},
        {"http": {"hosts": ["${A_SECRET}/"]}},
    ],
)
def test_a_setting_that_is_refused_does_not_show_what_was_taken_for_it(
    wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", SECRET)
    with pytest.raises(SettingsError) as raised:
        settings_from({**full_of_secrets(), **wrong}, origin="x")
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(raised.value.__cause__)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "erp"
    path.write_text(f"{SECRET}\n")
    table = full_of_secrets()
    table["sources"]["erp"]["token"] = f"${{file:{path}}}"
    assert settings_from(table, origin="x").sources.erp.token == SECRET
    path.unlink()
    with pytest.raises(SettingsError, match="No such file"):
        settings_from(table, origin="x")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="no text"):
        settings_from(table, origin="x")
    path.write_text("x" * 70_000)
    with pytest.raises(SettingsError, match="larger"):
        settings_from(table, origin="x")


def test_lists_take_variables_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_HOST", "api.example.com")
    settings: Settings = settings_from({**full_of_secrets(), "http": {"hosts": ["${OUR_HOST}"]}}, origin="x")
    assert settings.http.hosts == ["api.example.com"]


def test_production_says_which_system_it_asks_without_tls(caplog: pytest.LogCaptureFixture) -> None:
    sources = {role: {"url": "https://a.example.com"} for role in ROLES} | {"wms": {"url": "http://wms.example.com"}}
    identity = {"issuer": "https://a/", "audience": "b"}
    create_app(settings_from(
        {"mode": "production", "sources": sources, "identity": identity, "http": {"hosts": ["a"]}}, origin="x",
    ))  # fmt: skip
    told = [each.message for each in caplog.records if each.name == "crossdock.security"]
    assert told == ["the wms system is asked without TLS: what it is sent and answers can be read on the way"]


@pytest.fixture(scope="module")
async def keyed() -> AsyncIterator[tuple[Stack, str]]:
    key = new_key("edi")
    row = {"id": "edi", "hashes": [hashed(key)], "scopes": ["item:read"], "companies": ["US"], "customers": ["*"]}
    settings = {"mode": "production", "http": {"hosts": ["127.0.0.1"]}, "identity": {"keys": [row]}}
    async with stack_over(Dataset.from_builtins(FACTS), **settings) as running:
        yield running, key


async def test_no_log_and_no_answer_shows_a_callers_key_or_a_sources_token(
    keyed: tuple[Stack, str], caplog: pytest.LogCaptureFixture
) -> None:
    stack, key = keyed
    caplog.set_level(logging.DEBUG)
    query = {"query": '{ item(sku: "BOLT") { sku price(customer: "C1") { uom } } }'}
    answers = [await stack.client.post("/graphql", json=query, headers={"Authorization": f"Bearer {key}"})]
    await stack.fault("erp", status=500)
    answers.append(await stack.client.post("/graphql", json=query, headers={"Authorization": f"Bearer {key}"}))
    answers.append(await stack.client.post("/graphql", json=query, headers={"Authorization": f"Bearer {key}x"}))
    await stack.mend()
    assert [answer.status_code for answer in answers] == [200, 200, 401]
    ours = "\n".join(formatter("json").format(each) for each in caplog.records if each.name.startswith("crossdock"))
    secret = key.rpartition("_")[2]
    assert "SOURCE_UNAVAILABLE" in answers[1].text
    for text in (ours, *(answer.text for answer in answers), *(str(answer.headers) for answer in answers)):
        assert secret not in text
        assert "Bearer sandbox" not in text


@pytest.mark.parametrize("deed", ["submitted", "cancelled", "retried", "resolved", "refused", "saw"])
def test_an_audit_line_is_one_line_however_hostile_its_texts(deed: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "crossdock.audit")
    hostile = 'ann"}\n{"deed": "resolved"\x1b[2J' + "x" * 1_000
    audit.record(deed, "order", subject=hostile, correlation_id="c", records=["US:1"] * 150, reason=hostile)
    (record,) = [each for each in caplog.records if each.name == "crossdock.audit"]
    for kind in ("json", "pretty"):
        line = formatter(kind).format(record)
        assert "\n" not in line
        assert "\x1b" not in line
    told = json.loads(formatter("json").format(record))["audit"]
    assert (told["deed"], told["count"], len(told["records"]), len(told["subject"])) == (deed, 150, 100, 200)
