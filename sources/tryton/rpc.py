"""Tryton's JSON-RPC: how it is asked, and the answer taken out of its envelope."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from sources.call import CallContext
from sources.errors import OutcomeUnknown, SourceContractBroken
from sources.http import Operation, Reply, SourceClient
from sources.tryton.payload import Answered, Day, SentNumeric
from sources.tryton.refusals import judged

T = TypeVar("T")
Domain = list[Any]
Context = Mapping[str, Any]

LANGUAGE = "en"
"""What Tryton's refusals are recognised by (refusals.py)."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_HEADERS = {"Accept-Encoding": "gzip"}
"""Tryton says of every answer over 1,400 characters that it is gzip, also where it is not because nobody asked for that."""


class Question(NamedTuple, Generic[T]):
    """One of Tryton's methods and what it returns. All go to one path: the name behind it is for logs and settings only."""

    method: str
    operation: Operation
    decoder: msgspec.json.Decoder[Answered[T]]


def question(method: str, result: type[T]) -> Question[T]:
    decoder = msgspec.json.Decoder(Answered[result])  # type: ignore[valid-type]  # a type made at run time
    return Question(method, Operation("POST", f"/rpc/?{method}"), decoder)


def searched(model: str, row: type[T]) -> Question[tuple[T, ...]]:
    """`search_read` of a model."""
    return question(f"model.{model}.search_read", tuple[row, ...])  # type: ignore[valid-type]  # the same


def fields_of(row: type[msgspec.Struct]) -> list[str]:
    """The names to read so that a row like this comes back; those of records pointed to with a dot between."""
    names: list[str] = []
    for field in msgspec.structs.fields(row):
        inner = _struct_within(field.type) if field.encode_name.endswith(".") else None
        if inner is None:
            names.append(field.encode_name)
        else:
            names += [f"{field.encode_name}{name}" for name in fields_of(inner)]
    return names


def _struct_within(kind: Any) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for each in getattr(kind, "__args__", ()) if (found := _struct_within(each)) is not None), None)


def numeric(amount: Decimal) -> SentNumeric:
    return SentNumeric(f"{amount:f}")


def day(on: date) -> Day:
    return Day(on.year, on.month, on.day)


def pattern(text: str) -> str:
    """For `ilike`: whatever holds this text, taken as it is."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


class Rpc:
    """Every call goes in one `context`: the company, the language, and what the answer depends on besides."""

    def __init__(self, client: SourceClient) -> None:
        self.name = client.name
        self._client = client

    async def read(
        self, call: CallContext, asked: Question[T], *arguments: Any, context: Context, keys: int = 1
    ) -> Reply[T]:
        answer, as_of = await self._client.read(
            call,
            asked.operation,
            decoder=asked.decoder,
            body=_body(asked.method, arguments, context),
            keys=keys,
            headers=_HEADERS,
            judged=lambda answer: judged(self.name, answer),
        )
        if isinstance(answer.result, msgspec.UnsetType):
            raise SourceContractBroken(self.name, path="$.result", detail="no result")
        return Reply(answer.result, as_of)

    async def search(
        self,
        call: CallContext,
        asked: Question[tuple[T, ...]],
        domain: Domain,
        *,
        row: type[msgspec.Struct],
        context: Context,
        limit: int | None = None,
        order: list[list[str]] | None = None,
        keys: int = 1,
    ) -> Reply[tuple[T, ...]]:
        arguments = (domain, 0, limit, order or [["id", "ASC"]], fields_of(row))
        return await self.read(call, asked, *arguments, context=context, keys=keys)

    async def write(self, call: CallContext, asked: Question[T], *arguments: Any, context: Context) -> T:
        answer, _ = await self._client.write(
            call,
            asked.operation,
            decoder=asked.decoder,
            body=_body(asked.method, arguments, context),
            headers=_HEADERS,
            judged=lambda answer: judged(self.name, answer),
        )
        if isinstance(answer.result, msgspec.UnsetType):
            raise OutcomeUnknown(self.name, detail="no result")
        return answer.result


def _body(method: str, arguments: tuple[Any, ...], context: Context) -> bytes:
    params = [*arguments, {"language": LANGUAGE, **context}]
    return _ENCODER.encode({"id": 0, "method": method, "params": params})
