"""How SAP's lists are read: by filters over keys, page by page, rows one by one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

import msgspec

from sources.call import CallContext
from sources.errors import ReachTooWide, SourceContractBroken, SourceError
from sources.http import Operation, SourceClient, broken_path
from sources.sap import payload
from sources.sap.odata import MAX_QUERY, Params, all_of, may_exist, one_of, parted, query, token_of

R = TypeVar("R")

ROOT = "/sap/opu/odata/sap"
PARTNERS, PRODUCTS = f"{ROOT}/API_BUSINESS_PARTNER", f"{ROOT}/API_PRODUCT_SRV"
ORDERS, SIMULATION = f"{ROOT}/API_SALES_ORDER_SRV", f"{ROOT}/API_SALES_ORDER_SIMULATION_SRV"
AVAILABILITY = f"{ROOT}/API_PRODUCT_AVAILY_INFO_BASIC"

LOOKED_UP = 50
"""How many keys a look-up takes: as many as fit into one filter of keys that are not extraordinarily long."""

MAX_PAGES = 50
"""A list that is read whole has so many pages at most: who has more says so, and is not given half of it."""

REFUSALS = frozenset({400, 404})
"""By which SAP says no to what was sent: its own checks answer 400 with a code, a record that is not there 404."""

ACCEPT: Mapping[str, str] = {"Accept": "application/json"}
_LIST = msgspec.json.Decoder(payload.List)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_REFUSED = msgspec.json.Decoder(payload.Refused)
_MAX_REASON = 60


def reason(body: bytes, /) -> str:
    """The code of a refusal, such as `V1/382`; its message, which names records and people, stays behind."""
    try:
        word = _REFUSED.decode(body).error.code
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "REJECTED"
    is_word = word.isascii() and word.translate(_SIGNS).isalnum() and len(word) <= _MAX_REASON
    return word if is_word else "REJECTED"


_SIGNS = str.maketrans("", "", "/_-.")


class Entity(NamedTuple, Generic[R]):
    """A list of a service: how its rows are read, and by which column they are known."""

    service: str
    name: str
    decoder: msgspec.json.Decoder[R]
    key: str
    of: Callable[[R], str]
    length: int = 10
    expand: str = ""


class Row(NamedTuple, Generic[R]):
    content: R
    as_of: datetime


class Stretch(NamedTuple, Generic[R]):
    """A part of a list. `next`: the parameter by which it goes on."""

    rows: tuple[R, ...]
    as_of: datetime
    next: tuple[str, str] | None = None
    total: int | None = None


class Reader:
    def __init__(self, client: SourceClient) -> None:
        self.name, self._client = client.name, client

    # ------------------------------------------------------------ by key

    async def found(
        self, call: CallContext, entity: Entity[R], numbers: Sequence[str], *, bound: str | None = None
    ) -> dict[str, Row[R] | SourceError]:
        """Rows by key; only what was asked for. Raises what failed where nothing could be asked at all."""
        found: dict[str, Row[R] | SourceError] = {}
        for row in await self.rows(call, entity, numbers, bound=bound):
            if isinstance(row, Row):
                found[entity.of(row.content)] = row
            else:
                found[row[0]] = row[1]
        asked = set(numbers)
        return {number: row for number, row in found.items() if number in asked}

    async def rows(
        self, call: CallContext, entity: Entity[R], numbers: Sequence[str], *, bound: str | None = None
    ) -> list[Row[R] | tuple[str, SourceError]]:
        """All rows of some keys, of which one may have many; one that does not fit stands under its key, as does what could not be read."""
        known = [number for number in numbers if may_exist(number, entity.length)]
        parts = parted(entity.key, known)
        filters = [all_of(one_of(entity.key, part), bound) for part in parts]
        answers = await asyncio.gather(
            *(self._whole(call, entity, each, part) for each, part in zip(filters, parts, strict=True)),
            return_exceptions=True,
        )
        rows: list[Row[R] | tuple[str, SourceError]] = []
        for part, answer in zip(parts, answers, strict=True):
            if isinstance(answer, SourceError) and len(parts) > 1:
                rows += [(number, answer) for number in part]
            elif isinstance(answer, BaseException):
                raise answer
            else:
                rows += answer
        return rows

    async def _whole(
        self, call: CallContext, entity: Entity[R], chosen: str, part: Sequence[str]
    ) -> list[Row[R] | tuple[str, SourceError]]:
        rows: list[Row[R] | tuple[str, SourceError]] = []
        params: Params = (("$filter", chosen),)
        for _ in range(MAX_PAGES):
            listed = await self._listed(call, entity, params, keys=len(part))
            rows += [self._keyed(entity, raw, listed.as_of) for raw in listed.rows]
            if listed.next is None:
                return rows
            params = (("$filter", chosen), listed.next)
        raise self.broken("$.d.__next", f"more than {MAX_PAGES} pages")

    def _keyed(self, entity: Entity[R], raw: msgspec.Raw, as_of: datetime) -> Row[R] | tuple[str, SourceError]:
        row = self.row(entity.decoder, raw)
        if not isinstance(row, SourceContractBroken):
            return Row(row, as_of)
        try:
            return msgspec.json.decode(_FIELDS.decode(raw)[entity.key], type=str), row
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
            raise row from None

    # ------------------------------------------------------------ lists

    async def listed(self, call: CallContext, entity: Entity[R], params: Params) -> Stretch[R]:
        """One page, in which every row fits: of a list in order nothing is left out in silence."""
        page = await self._listed(call, entity, params)
        rows: list[R] = []
        for raw in page.rows:
            row = self.row(entity.decoder, raw)
            if isinstance(row, SourceContractBroken):
                raise row
            rows.append(row)
        return Stretch(tuple(rows), page.as_of, page.next, page.total)

    async def _listed(
        self, call: CallContext, entity: Entity[R], params: Params, *, keys: int = 1
    ) -> Stretch[msgspec.Raw]:
        expand: Params = (("$expand", entity.expand),) if entity.expand else ()
        operation = Operation("GET", f"{entity.service}/{entity.name}")
        answer, as_of = await self._client.read(
            call, operation, decoder=_LIST, params=(*params, *expand), headers=ACCEPT, keys=keys
        )
        try:
            following = None if answer.d.next is None else token_of(answer.d.next)
        except ValueError as error:
            raise self.broken("$.d.__next", str(error)) from None
        return Stretch(answer.d.results, as_of, following, None if answer.d.count is None else int(answer.d.count))

    # ------------------------------------------------------------ rows

    def row(
        self, decoder: msgspec.json.Decoder[R], raw: msgspec.Raw | bytes, at: str = "$.d.results[...]"
    ) -> R | SourceContractBroken:
        try:
            return decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self.broken(f"{at}{broken_path(str(error))[1:]}", "a row does not decode")

    def broken(self, path: str, detail: str) -> SourceContractBroken:
        return SourceContractBroken(self.name, path=path, detail=detail)

    def bounded(self, field: str, accounts: Sequence[str] | None) -> str | None:
        """Raises ReachTooWide where no request could hold them all."""
        if accounts is None:
            return None
        bound = one_of(field, accounts)
        if len(query((("", bound),))) > MAX_QUERY:
            raise ReachTooWide(self.name, detail=f"{len(accounts)} accounts")
        return bound
