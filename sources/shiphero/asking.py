"""Questions about several keys at once: each under an alias of its own, its pages followed, its errors its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from sources.call import CallContext
from sources.errors import SourceContractBroken, SourceError
from sources.http import Operation, SourceClient, broken_path
from sources.shiphero import payload, problems
from sources.shiphero.documents import Question, document

GRAPHQL = Operation("POST", "/graphql")

_ANSWER = msgspec.json.Decoder(payload.Answer)
_ENCODER = msgspec.json.Encoder()

R = TypeVar("R")


class Asked(NamedTuple):
    """`after`: the cursor to go on from."""

    key: str
    after: str | None = None


class Asking:
    def __init__(self, client: SourceClient, account: str) -> None:
        self._client, self._account = client, account
        self._judged = problems.of_reads(client.name)

    @property
    def account(self) -> Mapping[str, str]:
        """Whose goods are meant, as every input of ShipHero's calls it; nothing where that is the account itself."""
        return {"customer_account_id": self._account} if self._account else {}

    async def plain(
        self, call: CallContext, text: str, decoder: msgspec.json.Decoder[R], *, alias: str, keys: int
    ) -> R:
        """A question without keys, whose one field is `alias`."""
        body = _ENCODER.encode({"query": text})
        answer, _ = await self._client.read(call, GRAPHQL, decoder=_ANSWER, body=body, keys=keys, judged=self._judged)
        held = self._told(answer, alias, decoder)
        if isinstance(held, SourceError):
            raise held
        if held is None:
            raise SourceContractBroken(self._client.name, path=f"$.data.{alias}", detail="null without an error")
        return held

    async def each(
        self, call: CallContext, question: Question, asked: Sequence[Asked], decoder: msgspec.json.Decoder[R]
    ) -> tuple[dict[str, R | SourceError], datetime]:
        """One request. Keys of which ShipHero says that there is no such thing are left out."""
        variables: dict[str, str] = {"account": self._account} if self._account and question.shared else {}
        for place, (key, after) in enumerate(asked):
            variables |= {f"k{place}": key} | ({f"a{place}": after} if after is not None else {})
        body = _ENCODER.encode({"query": document(question, len(asked)), "variables": variables})
        answer, as_of = await self._client.read(
            call, GRAPHQL, decoder=_ANSWER, body=body, keys=len(asked), judged=self._judged
        )
        found: dict[str, R | SourceError] = {}
        for place, (key, _) in enumerate(asked):
            held = self._told(answer, f"k{place}", decoder)
            if held is not None:
                found[key] = held
        return found, as_of

    async def listed(
        self,
        call: CallContext,
        question: Question,
        keys: Sequence[str],
        decoder: msgspec.json.Decoder[payload.Listed[R]],
    ) -> tuple[dict[str, list[R] | SourceError], datetime]:
        """The rows of each key, of all pages. What goes wrong behind the first page is the key's own."""
        rows: dict[str, list[R] | SourceError] = {}
        wanted: Sequence[Asked] = [Asked(key) for key in keys]
        found, as_of = await self.each(call, question, wanted, decoder)
        while True:
            further: list[Asked] = []
            for asked in wanted:
                held = found.get(asked.key)
                if held is None:
                    continue
                after = self._added(rows, asked, held)
                further += [] if after is None else [Asked(asked.key, after)]
            if not further:
                return rows, as_of
            wanted = further
            found = await self.caught(call, question, wanted, decoder)

    async def caught(
        self, call: CallContext, question: Question, asked: Sequence[Asked], decoder: msgspec.json.Decoder[R]
    ) -> dict[str, R | SourceError]:
        """As `each`; where that fails as a whole, every key of it has failed."""
        try:
            found, _ = await self.each(call, question, asked, decoder)
        except SourceError as error:
            return {each.key: error for each in asked}
        return {each.key: found.get(each.key, self.gone()) for each in asked}

    def gone(self) -> SourceError:
        return SourceContractBroken(self._client.name, path="$.data", detail="it is gone between two pages")

    def next_page(self, page: payload.PageInfo, before: str | None) -> str | SourceError | None:
        """The cursor to go on from; None at the end. One that leads nowhere would be followed for ever."""
        if not page.has_next_page:
            return None
        if not page.end_cursor or page.end_cursor == before:
            return SourceContractBroken(
                self._client.name, path="$.data[...].pageInfo.endCursor", detail="leads nowhere"
            )
        return page.end_cursor

    def _added(
        self, rows: dict[str, list[R] | SourceError], asked: Asked, held: payload.Listed[R] | SourceError
    ) -> str | None:
        if isinstance(held, SourceError):
            rows[asked.key] = held
            return None
        before = rows.get(asked.key)
        page = [edge.node for edge in held.data.edges]
        rows[asked.key] = [*before, *page] if isinstance(before, list) else page
        after = self.next_page(held.data.page_info, asked.after)
        if isinstance(after, SourceError):
            rows[asked.key] = after
            return None
        return after

    # ------------------------------------------------------------ one alias

    def _told(self, answer: payload.Answer, alias: str, decoder: msgspec.json.Decoder[R]) -> R | SourceError | None:
        """What stands under an alias; None where ShipHero says that there is no such thing."""
        raw = (answer.data or {}).get(alias)
        blamed = _blamed(answer, alias)
        if blamed:
            other = next((each for each in blamed if each.code != problems.NOT_FOUND), None)
            return None if other is None else problems.failed(self._client.name, other)
        if raw is None or payload.is_null(raw):
            return SourceContractBroken(self._client.name, path=f"$.data.{alias}", detail="null without an error")
        try:
            return decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            path = f"$.data.{alias}{broken_path(str(error))[1:]}"
            return SourceContractBroken(self._client.name, path=path, detail="it does not decode")


def _blamed(answer: payload.Answer, alias: str) -> list[payload.Problem]:
    """The errors of one alias. One that does not say where it belongs is blamed on what is null, and where nothing is, on everything."""
    if not answer.errors:
        return []
    own = [each for each in answer.errors if each.path and each.path[0] == alias]
    if own:
        return own
    homeless = [each for each in answer.errors if not each.path]
    held = answer.data or {}
    is_its_own = payload.is_null(held.get(alias)) or not any(map(payload.is_null, held.values()))
    return homeless if is_its_own else []
