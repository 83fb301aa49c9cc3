"""Tryton's JSON-RPC: how it is asked, and the answer taken out of its envelope."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from sources.call import CallContext
from sources.errors import OutcomeUnknown, SourceContractBroken
from sources.http import Operation, Reply, SourceClient, broken_path
from sources.tryton.payload import Answered, Day, SentNumeric
from sources.tryton.refusals import judged

T = TypeVar("T")
U = TypeVar("U")
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


class Search(NamedTuple, Generic[T]):
    """`search_read` of a model. `key` leads to the member of a row that says whose it is; without one, a bad row fails all."""

    asked: Question[tuple[msgspec.Raw, ...]]
    fields: list[str]
    row: msgspec.json.Decoder[T]
    key: tuple[str, ...]


class Rows(NamedTuple, Generic[T]):
    """`failed`: by key, what is wrong with those rows that do not fit."""

    content: tuple[T, ...]
    as_of: datetime
    failed: Mapping[str, SourceContractBroken]


def question(method: str, result: type[T]) -> Question[T]:
    decoder = msgspec.json.Decoder(Answered[result])  # type: ignore[valid-type]  # a type made at run time
    return Question(method, Operation("POST", f"/rpc/?{method}"), decoder)


def searched(model: str, row: type[T], *key: str) -> Search[T]:
    asked = question(f"model.{model}.search_read", tuple[msgspec.Raw, ...])
    return Search(asked, fields_of(row), msgspec.json.Decoder(row), key)


def fields_of(row: type[Any]) -> list[str]:
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


def whole(rows: Rows[T]) -> tuple[T, ...]:
    """Where no row can be missing: raises what is wrong with the first that does not fit."""
    for failure in rows.failed.values():
        raise failure
    return rows.content


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
        search: Search[T],
        domain: Domain,
        *,
        context: Context,
        limit: int | None = None,
        order: list[list[str]] | None = None,
        keys: int = 1,
    ) -> Rows[T]:
        """Raises SourceContractBroken for a row that does not fit and does not say whose it is."""
        arguments = (domain, 0, limit, order or [["id", "ASC"]], search.fields)
        raw, as_of = await self.read(call, search.asked, *arguments, context=context, keys=keys)
        rows: list[T] = []
        failed: dict[str, SourceContractBroken] = {}
        for at, each in enumerate(raw):
            try:
                rows.append(search.row.decode(each))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                failed[self._owner(search, each, at, error)] = self._broken(at, error)
        return Rows(tuple(rows), as_of, failed)

    def _owner(self, search: Search[T], row: msgspec.Raw, at: int, error: Exception) -> str:
        """Whose row it is that does not fit."""
        found: Any = None
        try:
            found = msgspec.json.decode(row) if search.key else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._broken(at, error) from None
        for name in search.key:
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, str | int):
            raise self._broken(at, error) from None
        return str(found)

    def _broken(self, at: int, error: Exception) -> SourceContractBroken:
        path = broken_path(str(error)).removeprefix("$")
        return SourceContractBroken(self.name, path=f"$.result[{at}]{path}", detail="a row does not decode")

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


async def all_of(asking: Iterable[Awaitable[T]]) -> list[T]:
    """Side by side. Where one fails the others are waited for all the same, so that nothing is under way behind an answer."""
    came = await asyncio.gather(*asking, return_exceptions=True)
    for each in came:
        if isinstance(each, BaseException):
            raise each
    return [each for each in came if not isinstance(each, BaseException)]


async def both(one: Awaitable[T], other: Awaitable[U]) -> tuple[T, U]:
    """The same for two of different kinds."""
    first, second = await asyncio.gather(one, other, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second
