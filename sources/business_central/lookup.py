"""Records by number, of one company or of all, and lists of them page by page: what every part of the connector reads by."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from sources.business_central.mapping import Entity
from sources.business_central.odata import MAX_QUERY, NUMBER, Params, Token, may_exist, one_of, parted
from sources.business_central.options import Options
from sources.business_central.pages import BILL_TO_FIELDS, Fields
from sources.business_central.reader import Ask, Listed, Reader
from sources.call import CallContext
from sources.errors import ReachTooWide, SourceError, SourceRejected
from sources.http import SourceClient
from sources.models import Key, Page, PageRequest

R = TypeVar("R")
V = TypeVar("V")

LOOKED_UP = 100
"""How many keys a look-up takes: the contract's own measure; filters that grow too long are parts of one batch."""

ANY = "*"
_BREAK = "~"


class Lookup:
    def __init__(self, client: SourceClient, options: Options) -> None:
        self.name, self.options = client.name, options
        self.reader = Reader(client, options.companies)

    def entity(self, code: str) -> Entity:
        return Entity(code, self.options.companies[code])

    def companies(self, company: str | None) -> list[str]:
        """One that the settings do not name has nothing."""
        if company is None:
            return list(self.options.companies)
        return [company] if company in self.options.companies else []

    # ------------------------------------------------------------ by key

    def asks(
        self, company: str | None, numbers: Sequence[str], entity: str, *, extra: Params = (), field: str = "number", length: int = NUMBER
    ) -> list[Ask]:  # fmt: skip
        """What cannot be a number is not asked about: it does not exist."""
        known = [number for number in numbers if may_exist(number, length)]
        return [
            Ask(self.options.api, code, entity, (("$filter", one_of(field, part)), *extra), tuple(part), LOOKED_UP)
            for code in self.companies(company)
            for part in parted(field, known)
        ]

    def found(
        self,
        company: str | None,
        answers: Mapping[Ask, Listed | SourceError],
        decoder: msgspec.json.Decoder[R],
        *,
        make: Callable[[R, Entity, datetime], V],
        key: Callable[[R], str],
        named_by: str = "number",
    ) -> dict[Key, V | SourceError]:
        """Rows that nobody asked for are passed over: Business Central may compare less strictly than we do."""
        found: dict[Key, V | SourceError] = {}
        failed: dict[Key, SourceError] = {}
        for ask, listed in answers.items():
            try:
                rows = self.reader.keyed(decoder, answered(listed), key, named_by=named_by)
            except SourceError as error:
                failed |= dict.fromkeys((Key(company, each) for each in ask.keys), error)
                continue
            for number, row in rows.items():
                if number in ask.keys:
                    made = (
                        row
                        if isinstance(row, SourceError)
                        else make(row, self.entity(ask.company), answered(listed).as_of)
                    )
                    found[Key(ask.company, number)] = made
        there = {each.number for each in found}
        return found | {
            each: error for each, error in failed.items() if company is not None or each.number not in there
        }

    # ------------------------------------------------------------ page by page

    async def page(
        self,
        call: CallContext,
        asked: PageRequest,
        asks: Mapping[str, Ask],
        *,
        decoder: msgspec.json.Decoder[R],
        make: Callable[[R, Entity, datetime], V],
    ) -> Page[V]:
        """A list of several companies, one after the other; `asks` by company. A page holds rows of one company only."""
        if not asks:
            return Page((), None, 0 if asked.counted else None)
        code, token = self._place(asked.cursor, list(asks))
        total: int | None = None
        while True:
            here = asks[code]._replace(page_size=asked.limit)
            here = here if token is None else here.from_there(token)
            listed, total = await self._counted(call, here, asks, counted=asked.counted and total is None, total=total)
            rows = tuple(make(row, self.entity(code), listed.as_of) for row in self.reader.rows(decoder, listed))
            later = list(asks)[list(asks).index(code) + 1 :]
            if listed.next is not None:
                return Page(rows, _BREAK.join((code, *listed.next)), total)
            if rows or not later:
                return Page(rows, _BREAK.join((later[0], "", "")) if later else None, total)
            code, token = later[0], None

    async def _counted(
        self, call: CallContext, here: Ask, asks: Mapping[str, Ask], *, counted: bool, total: int | None
    ) -> tuple[Listed, int | None]:
        """The page, and with `counted` how many rows there are in all companies."""
        if not counted:
            return answered((await self.reader.ask(call, [here]))[here]), total
        here = here._replace(params=(*here.params, ("$count", "true")))
        others = [
            ask._replace(params=(*ask.params, ("$top", "1"), ("$count", "true")))
            for code, ask in asks.items()
            if code != here.company
        ]
        answers = {ask: answered(each) for ask, each in (await self.reader.ask(call, [here, *others])).items()}
        return answers[here], total_of(list(answers.values()))

    def _place(self, cursor: str | None, codes: Sequence[str]) -> tuple[str, Token | None]:
        if cursor is None:
            return codes[0], None
        code, _, rest = cursor.partition(_BREAK)
        name, _, value = rest.partition(_BREAK)
        if code not in codes or name not in {"", "$skiptoken", "$skip"}:
            raise SourceRejected(self.name, reason="INVALID_CURSOR", detail="a cursor that was not ours")
        return code, Token(name, value) if name else None

    # ------------------------------------------------------------ reach and who is billed

    async def within(
        self, call: CallContext, company: str | None, reach: Sequence[str]
    ) -> dict[str, tuple[str, ...] | None]:
        """By company the accounts that bound a search, those billed to them included; None: nothing does. Others are left out."""
        if not reach:
            return dict.fromkeys(self.companies(company))
        bounds: dict[str, tuple[str, ...] | None] = {}
        for code in self.companies(company):
            named = [number for own, _, number in (row.partition(":") for row in reach) if own in {ANY, code}]
            accounts = tuple(dict.fromkeys(each for each in named if may_exist(each, NUMBER)))
            if ANY in accounts:
                bounds[code] = None
            elif accounts:
                children = await self.billed_to(call, code, accounts)
                bounds[code] = tuple(dict.fromkeys((*accounts, *(child for child, _ in children))))
        return bounds

    def bounded(self, field: str, accounts: tuple[str, ...] | None) -> str | None:
        """Raises ReachTooWide where no request could hold them all."""
        if accounts is None:
            return None
        bound = one_of(field, accounts)
        if len(quote(bound, safe="")) > MAX_QUERY:
            raise ReachTooWide(self.name, detail=f"{len(accounts)} accounts")
        return bound

    async def billed_to(self, call: CallContext, company: str, payers: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs of a customer and its payer, where the installation has a page that tells them."""
        page = self.options.bill_tos
        if page is None or not payers:
            return []
        fields = Fields(self.name, page, BILL_TO_FIELDS)
        asks = [
            fields.ask(company, fields.among("bill_to", tuple(part)), keys=tuple(part))
            for part in parted(fields["bill_to"], payers)
        ]
        answers = await self.reader.whole(call, asks)
        return [pair for listed in answers.values() for pair in pairs(fields, answered(listed))]

    async def payers(self, call: CallContext, company: str | None, numbers: Sequence[str]) -> dict[Key, str]:
        """Who is billed for each customer, where that is told. Raises the failure: an account without its payer would be another."""
        page = self.options.bill_tos
        known = [number for number in numbers if may_exist(number, NUMBER)]
        if page is None or not known:
            return {}
        fields = Fields(self.name, page, BILL_TO_FIELDS)
        asks = [
            fields.ask(code, fields.among("customer", tuple(part)), keys=tuple(part))
            for code in self.companies(company)
            for part in parted(fields["customer"], known)
        ]
        answers = await self.reader.whole(call, asks)
        return {
            Key(ask.company, customer): payer
            for ask, listed in answers.items()
            for customer, payer in pairs(fields, answered(listed))
        }


def pairs(fields: Fields, listed: Listed) -> list[tuple[str, str]]:
    rows = [fields.row(raw) for raw in listed.rows]
    told = [(fields.text(row, "customer"), fields.given(row, "bill_to", str)) for row in rows]
    return [(customer, payer) for customer, payer in told if payer is not None]


def answered(answer: Listed | SourceError) -> Listed:
    if isinstance(answer, SourceError):
        raise answer
    return answer


def total_of(lists: Sequence[Listed]) -> int | None:
    counts = [each.total for each in lists]
    return None if None in counts else sum(each for each in counts if each is not None)
