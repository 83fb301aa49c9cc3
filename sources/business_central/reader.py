"""How Business Central is read: one list by GET, several in one JSON $batch, whose parts fail alone."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from sources.business_central import payload
from sources.business_central.odata import Params, Token, query, token_of
from sources.business_central.options import Company
from sources.call import CallContext
from sources.errors import SourceContractBroken, SourceError, SourceRateLimited, SourceRefused, SourceUnavailable
from sources.http import Operation, Reply, SourceClient, broken_path
from sources.meaning import refusal

A = TypeVar("A")
B = TypeVar("B")
R = TypeVar("R")

MAX_OPERATIONS = 100
"""What one $batch takes."""

ROWS_A_PAGE = 1_000
"""How many rows a page has where all of a list is read; the vendor gives 20,000 at most."""

MAX_PAGES = 20
"""A list that is read whole has so many pages at most: who has more says so, and is not given half of it."""

_LIST = msgspec.json.Decoder(payload.List)
_RESPONSES = msgspec.json.Decoder(payload.Responses)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_REFUSED = msgspec.json.Decoder(payload.Refused)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_MAX_REASON = 60
_SUCCESSES = frozenset({200, 201, 204})
_JSON = {"Content-Type": "application/json"}


REFUSALS = frozenset({400, 404})
"""By which Business Central says no to what it is sent: its own checks answer 400 with a code, a record that is not there 404."""

OF_THE_SYSTEM = (SourceUnavailable, SourceRateLimited, SourceRefused)
"""Failures that say nothing of what was asked."""


def reason(body: bytes, /) -> str:
    """The code of a refusal; its message, which names records and people, stays behind."""
    try:
        word = _REFUSED.decode(body).error.code
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "REJECTED"
    return word if word.replace("_", "").isalnum() and word.isascii() and len(word) <= _MAX_REASON else "REJECTED"


class Ask(NamedTuple):
    """One list of one company, which its legal entity's code names. With a `body` it is one row that a page of its own works out."""

    api: str
    company: str
    entity: str
    params: Params = ()
    keys: tuple[str, ...] = ()
    page_size: int | None = None
    body: bytes | None = None

    def from_there(self, token: Token) -> "Ask":
        return self._replace(params=(*self.params, tuple(token)))  # type: ignore[arg-type]  # a pair, which a Token is


class Listed(NamedTuple):
    rows: tuple[msgspec.Raw, ...]
    as_of: datetime
    next: Token | None = None
    total: int | None = None


class Reader:
    def __init__(self, client: SourceClient, companies: Mapping[str, Company]) -> None:
        self.name, self._client, self._companies = client.name, client, companies

    async def ask(self, call: CallContext, asks: Sequence[Ask]) -> dict[Ask, Listed | SourceError]:
        """The first page of each. Raises where the one request that carries them fails, and where the only one does."""
        if len(asks) == 1 and asks[0].body is None:
            return {asks[0]: await self._got(call, asks[0])}
        found: dict[Ask, Listed | SourceError] = {}
        for api in dict.fromkeys(each.api for each in asks):
            own = [each for each in asks if each.api == api]
            for start in range(0, len(own), MAX_OPERATIONS):
                found |= await self._batch(call, api, own[start : start + MAX_OPERATIONS])
        return found

    async def whole(self, call: CallContext, asks: Sequence[Ask]) -> dict[Ask, Listed | SourceError]:
        """All pages of each."""
        at = {each: each._replace(page_size=each.page_size or ROWS_A_PAGE) for each in asks}
        done: dict[Ask, Listed | SourceError] = {}
        for _ in range(MAX_PAGES):
            pages = await self.ask(call, list(at.values()))
            at = self._further(at, pages, done)
            if not at:
                return done
        broken = self._broken("$.@odata.nextLink", f"more than {MAX_PAGES} pages")
        return done | dict.fromkeys(at, broken)

    def _further(
        self, at: Mapping[Ask, Ask], pages: Mapping[Ask, Listed | SourceError], done: dict[Ask, Listed | SourceError]
    ) -> dict[Ask, Ask]:
        further: dict[Ask, Ask] = {}
        for first, asked in at.items():
            page, before = pages[asked], done.get(first)
            if isinstance(page, Listed) and isinstance(before, Listed):
                page = page._replace(rows=before.rows + page.rows, as_of=before.as_of)
            done[first] = page
            if isinstance(page, Listed) and page.next is not None:
                start = first._replace(page_size=asked.page_size)
                further[first] = start.from_there(page.next)
        return further

    # ------------------------------------------------------------ one list

    async def _got(self, call: CallContext, ask: Ask) -> Listed:
        operation = Operation("GET", f"{ask.api}/companies({{company}})/{ask.entity}")
        answer, as_of = await self._client.read(
            call,
            operation,
            decoder=_LIST,
            params=ask.params,
            at={"company": self._companies[ask.company].id},
            headers=_preferred(ask),
            keys=len(ask.keys) or 1,
            scope=ask.page_size,
        )
        return self._listed(ask, answer, as_of)

    def _listed(self, ask: Ask, answer: payload.List, as_of: datetime) -> Listed:
        try:
            following = None if answer.next_link is None else token_of(answer.next_link, ask.entity)
        except ValueError as error:
            raise self._broken("$.@odata.nextLink", str(error)) from None
        return Listed(answer.value, as_of, following, answer.count)

    # ------------------------------------------------------------ a batch

    async def _batch(self, call: CallContext, api: str, asks: Sequence[Ask]) -> dict[Ask, Listed | SourceError]:
        named = {str(name): ask for name, ask in enumerate(asks)}
        requests = payload.Requests([self._request(name, ask) for name, ask in named.items()])
        reply = await self._client.read(
            call,
            Operation("POST", f"{api}/$batch"),
            decoder=_RESPONSES,
            body=_ENCODER.encode(requests),
            headers={"Accept": "application/json"},
            keys=sum(len(each.keys) or 1 for each in asks),
            judged=self._all_failed,
        )
        responses = {each.id: each for each in reply.content.responses}
        return {ask: self._part(ask, responses.get(name), reply) for name, ask in named.items()}

    def _request(self, name: str, ask: Ask) -> payload.Request:
        search = query(ask.params)
        address = f"companies({self._companies[ask.company].id})/{ask.entity}{'?' if search else ''}{search}"
        if ask.body is None:
            return payload.Request(name, "GET", address, _preferred(ask))
        return payload.Request(name, "POST", address, _JSON, msgspec.Raw(ask.body))

    def _all_failed(self, answer: payload.Responses) -> SourceError | None:
        """Where every part says that the system cannot or will not answer us, the whole of it says so, and the door has to hear of it."""
        failures = [self.failure(each) for each in answer.responses]
        is_whole = len({type(each) for each in failures}) == 1 and isinstance(failures[0], OF_THE_SYSTEM)
        return failures[0] if is_whole else None

    def failure(
        self, response: payload.Response, *, is_write: bool = False, refusals: frozenset[int] = frozenset()
    ) -> SourceError | None:
        if response.status in _SUCCESSES:
            return None
        headers = {name.title(): value for name, value in response.headers.items()}
        return refusal(
            self.name,
            response.status,
            headers,
            reason,
            content=bytes(response.body),
            is_write=is_write,
            refusals=refusals,
        )

    def _part(
        self, ask: Ask, response: payload.Response | None, reply: Reply[payload.Responses]
    ) -> Listed | SourceError:
        if response is None:
            return self._broken("$.responses", "a part of the batch was not answered")
        failure = self.failure(response, refusals=frozenset() if ask.body is None else REFUSALS)
        if failure is not None:
            return failure
        if ask.body is not None:
            return Listed((response.body,), reply.as_of)
        try:
            return self._listed(ask, _LIST.decode(response.body), reply.as_of)
        except SourceError as error:
            return error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self._broken(f"$.responses[...].body{broken_path(str(error))[1:]}", "a part does not decode")

    # ------------------------------------------------------------ rows

    def row(self, decoder: msgspec.json.Decoder[R], raw: msgspec.Raw) -> R | SourceContractBroken:
        return read_row(self.name, decoder, raw)

    def rows(self, decoder: msgspec.json.Decoder[R], listed: Listed) -> list[R]:
        """Raises for the first that does not fit: of a list without keys, nothing is left out in silence."""
        read: list[R] = []
        for raw in listed.rows:
            row = self.row(decoder, raw)
            if isinstance(row, SourceContractBroken):
                raise row
            read.append(row)
        return read

    def keyed(
        self, decoder: msgspec.json.Decoder[R], listed: Listed, key: Callable[[R], str], *, named_by: str = "number"
    ) -> dict[str, R | SourceError]:
        """Rows by key; one that does not fit fails under it, and the whole list where it does not even show that."""
        found: dict[str, R | SourceError] = {}
        for raw in listed.rows:
            row = self.row(decoder, raw)
            found[_name(raw, named_by, row) if isinstance(row, SourceContractBroken) else key(row)] = row
        return found

    def _broken(self, path: str, detail: str) -> SourceContractBroken:
        return SourceContractBroken(self.name, path=path, detail=detail)


async def together(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Both side by side, and both ended before a failure of either is raised."""
    one, other = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(other, BaseException):
        raise other
    return one, other


def read_row(source: str, decoder: msgspec.json.Decoder[R], raw: msgspec.Raw | bytes) -> R | SourceContractBroken:
    """One row, or where it does not fit."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        path = f"$.value[...]{broken_path(str(error))[1:]}"
        return SourceContractBroken(source, path=path, detail="a row does not decode")


def _name(raw: msgspec.Raw, field: str, broken: SourceContractBroken) -> str:
    """What a row that does not fit is known by. Raises what is wrong with it where it does not tell."""
    try:
        return msgspec.json.decode(_FIELDS.decode(raw)[field], type=str)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
        raise broken from None


def _preferred(ask: Ask) -> dict[str, str]:
    return {} if ask.page_size is None else {"Prefer": f"odata.maxpagesize={ask.page_size}"}
