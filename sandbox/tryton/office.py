"""Tryton asked directly, by its own JSON-RPC: what seeds it, and what the tests compare the connector's answers with."""

import base64
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

import httpx

PATIENCE_SECONDS = 60.0


class TrytonRefusedError(Exception):
    """Tryton said no: `kind` as it names it (UserError, UserWarning, …), `told` what it said."""

    def __init__(self, kind: str, told: Any) -> None:
        super().__init__(f"{kind}: {str(told)[:500]}")
        self.kind, self.told = kind, told


class Office:
    """A session. `context` goes with every call. Numbers come as Decimal, days as date."""

    def __init__(self, url: str, database: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=PATIENCE_SECONDS, trust_env=False)
        self._path = f"/{database}/rpc/"
        self.context: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def login(self, user: str, password: str) -> None:
        number, token, _ = self._asked("common.db.login", [user, {"password": password}, "en"])
        identity = base64.b64encode(f"{user}:{number}:{token}".encode()).decode()
        self._client.headers["Authorization"] = f"Session {identity}"

    def call(self, method: str, *arguments: Any, **context: Any) -> Any:
        return self._asked(method, [*arguments, {**self.context, **context}])

    def create(self, model: str, *records: dict[str, Any], **context: Any) -> list[int]:
        ids: list[int] = self.call(f"model.{model}.create", list(records), **context)
        return ids

    def find(self, model: str, domain: list[Any], fields: list[str], **context: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call(
            f"model.{model}.search_read", domain, 0, None, [["id", "ASC"]], fields, **context
        )
        return rows

    def one(self, model: str, *domain: Any) -> int:
        """The number of the only record that fits."""
        (row,) = self.find(model, list(domain), ["id"])
        return int(row["id"])

    def _asked(self, method: str, params: list[Any]) -> Any:
        body = json.dumps({"id": 0, "method": method, "params": params}, default=_encoded)
        answer = self._client.post(self._path, content=body, headers={"Content-Type": "application/json"})
        if not answer.is_success:
            raise TrytonRefusedError(f"HTTP {answer.status_code}", answer.text[:200])
        decoded = json.loads(answer.content, object_hook=_decoded, parse_float=Decimal)
        if "error" in decoded:
            kind, told = decoded["error"]
            raise TrytonRefusedError(str(kind), told)
        return decoded["result"]


def _encoded(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, timedelta):
        return {"__class__": "timedelta", "seconds": value.total_seconds()}
    raise TypeError(type(value).__name__)


def _decoded(found: dict[str, Any]) -> Any:
    match found.get("__class__"):
        case "Decimal":
            return Decimal(found["decimal"])
        case "date":
            return date(found["year"], found["month"], found["day"])
        case "timedelta":
            return Decimal(found["seconds"])
    return found
