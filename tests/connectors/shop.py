"""A CRM that nobody has, for tests of the suite itself: signed in to by OAuth2, looked up before it is written to, three rows a page."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sources.absence import AbsentCrm
from sources.call import CallContext
from sources.changes import NewNote
from sources.errors import SourceError, SourceRejected, SourceUnavailable
from sources.http import Operation, repeated
from sources.manifest import Manifest, Proof
from sources.models import Key, Relationship
from tests.connectors.case import COMPANY, Asked, Case, Read, Write

LOOK_UP, NOTE = Operation("GET", "/owners"), Operation("POST", "/notes")
OWNERS = {"C1": "Dana", "C2": "Lee", "C3": "Kim", "C4": "Sam", "BAD": None}
MOST, PAGE = 5, 3
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


class Owner(msgspec.Struct):
    number: str
    owner: str | None


class Owners(msgspec.Struct):
    rows: tuple[Owner, ...]
    next: int | None


class Said(msgspec.Struct):
    id: int


OWNERS_OF, SAID = msgspec.json.Decoder(Owners), msgspec.json.Decoder(Said)


class Shop(AbsentCrm):
    reason = staticmethod(lambda body: str(msgspec.json.decode(body)["word"]))
    batches: ClassVar[Mapping[str, int]] = {"relationships": MOST}

    async def relationships(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> Mapping[Key, Relationship | SourceError]:
        found: dict[Key, Relationship | SourceError] = {}
        after: int | None = 0
        while after is not None:
            params = [("after", str(after)), *repeated("number", numbers)]
            answer, as_of = await self._client.read(call, LOOK_UP, decoder=OWNERS_OF, params=params, keys=len(numbers))
            for row in answer.rows:
                relationship = Relationship((), (), as_of, owner=row.owner)
                found[Key(company, row.number)] = relationship if row.owner else SourceUnavailable(self.name)
            after = answer.next
        return found

    async def add_note(self, call: CallContext, note: NewNote) -> None:
        if not await self.relationships(call, note.company, [note.customer]):
            raise SourceRejected(self.name, reason="UNKNOWN_CUSTOMER")
        body = msgspec.json.encode({"text": note.text})
        await self._client.write(call, NOTE, decoder=SAID, body=body)


async def owners(request: Request) -> JSONResponse:
    numbers = [each for each in request.query_params.getlist("number") if each in OWNERS]
    after = int(request.query_params["after"])
    rows = [{"number": each, "owner": OWNERS[each]} for each in numbers[after : after + PAGE]]
    return JSONResponse({"rows": rows, "next": after + PAGE if len(numbers) > after + PAGE else None})


async def noted(_: Request) -> JSONResponse:
    return JSONResponse({"id": 1}, 201)


def server() -> Starlette:
    return Starlette(routes=[Route("/owners", owners), Route("/notes", noted, methods=["POST"])])


def note(customer: str) -> NewNote:
    return NewNote("r-1", COMPANY, customer, "Called", NOON)


def is_noting(asked: Asked) -> bool:
    return str(asked) == "POST /notes"


READ = Read(
    name="relationships",
    ask=lambda crm, call, numbers: crm.relationships(call, COMPANY, numbers),
    known=("C1", "C2", "C3", "C4"),
    paged=("C1", "C2", "C3", "C4"),
    bad="BAD",
    limit=MOST,
    requests=2,
)
WRITE = Write(
    name="add_note",
    do=lambda crm, call: crm.add_note(call, note("C1")),
    is_sent=is_noting,
    refused=lambda crm, call: crm.add_note(call, note("C9")),
    word="UNKNOWN_CUSTOMER",
)


def case(kind: type[Any] = Shop, *, read: Read = READ) -> Case:
    offers = {"crm": frozenset({"relationships", "add_note"})}
    return Case(
        manifest=Manifest(name="shop", title="Shop", roles={"crm": kind}, offers=offers, proofs=(Proof.FIXTURES,)),
        role="crm",
        server=server,
        auth={"client_id": "us", "client_secret": "a-secret-of-ours"},
        reads=(read,),
        writes=(WRITE,),
    )
