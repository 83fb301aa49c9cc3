"""What the contract suite has to be told of one connector in one role; each vendor's module here supplies its own."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from starlette.types import ASGIApp

from sources.call import CallContext
from sources.manifest import Manifest
from sources.models import Key, Page, PageRequest

COMPANY = "US"
UNKNOWN = "XD-NONE"
"""A key that no vendor's server here has."""


class Asked(NamedTuple):
    """One request as it reached the vendor's server. `query` as it was sent."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _in_company(number: str) -> Hashable:
    return Key(COMPANY, number)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A batched read. `name` is the port's method; `ask` calls it for some keys, which are texts here; `key` is what one is answered under.

    `known`: two keys or more that exist. `bad`: a key whose row cannot be read while its neighbours' can; where the vendor's answer
    has no such row, `whole` says why. `limit`: what `max_batch` must say; `requests`: how many that many keys take. `paged`: keys whose
    rows fill more than one page of the vendor's. `is_nothing` tells the value of a key that does not exist, where its port answers
    such a key with a value; `filler` makes keys that do not exist.
    """

    name: str
    ask: Callable[[Any, CallContext, Sequence[str]], Awaitable[Mapping[Any, Any]]]
    known: tuple[str, ...]
    limit: int
    bad: str | None = None
    whole: str = ""
    key: Callable[[str], Hashable] = _in_company
    unknown: str = UNKNOWN
    requests: int = 1
    paged: tuple[str, ...] = ()
    is_nothing: Callable[[Any], bool] | None = None
    filler: Callable[[int], str] = "XD-NONE-{}".format

    async def once(self, connector: Any, call: CallContext) -> Any:
        return await self.ask(connector, call, self.known[:1])


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """A list read in stretches: `rows` are the names of all its rows, in order, and `row` finds a row's. A method may have a Read, too.

    `limit` is how many rows are asked for at a time: fewer than there are. `is_counted`: whether the vendor tells how many there are.
    """

    name: str
    ask: Callable[[Any, CallContext, PageRequest], Awaitable[Page[Any]]]
    rows: tuple[str, ...]
    row: Callable[[Any], str]
    limit: int = 1
    is_counted: bool = True

    async def once(self, connector: Any, call: CallContext) -> Any:
        return await self.ask(connector, call, PageRequest(self.limit))


class One(msgspec.Struct, frozen=True, kw_only=True):
    """A read that is no batch: a simulation."""

    name: str
    ask: Callable[[Any, CallContext], Awaitable[Any]]

    async def once(self, connector: Any, call: CallContext) -> Any:
        return await self.ask(connector, call)


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """`is_sent` tells the request that changes something from those that prepare it.

    `refused` does what the vendor's server says no to, and `word` is the reason then; where it never does, `never_refused` says why.
    """

    name: str
    do: Callable[[Any, CallContext], Awaitable[Any]]
    is_sent: Callable[[Asked], bool]
    refused: Callable[[Any, CallContext], Awaitable[Any]] | None = None
    word: str = ""
    never_refused: str = ""

    async def once(self, connector: Any, call: CallContext) -> Any:
        return await self.do(connector, call)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One connector in one role. `server` makes a fresh server that speaks as the vendor does, for each test one.

    `auth`: what `[sources.<role>.auth]` would hold. With a `client_id` and no `token_url` the suite itself grants tokens, by OAuth2
    client credentials; a `token_url` that begins with / is a path of the vendor's server. `is_sign_in` tells a vendor's own way of
    signing in from what is asked, wherever the suite does not grant; `is_prepared` whatever else goes before a question and is none,
    such as a token against forged requests: it is counted nowhere, and goes wrong only where a fault names it. `path` stands behind the
    host in the source's url. `secrets`: whatever else may never be shown, such as a session that the server hands out.
    """

    manifest: Manifest
    role: str
    server: Callable[[], ASGIApp]
    auth: Mapping[str, str]
    options: Mapping[str, Any] = {}
    path: str = ""
    is_sign_in: Callable[[Asked], bool] | None = None
    is_prepared: Callable[[Asked], bool] | None = None
    secrets: tuple[str, ...] = ()
    reads: tuple[Read, ...] = ()
    walks: tuple[Walk, ...] = ()
    ones: tuple[One, ...] = ()
    writes: tuple[Write, ...] = ()

    def __str__(self) -> str:
        return f"{self.manifest.name}-{self.role}"

    @property
    def readings(self) -> tuple[Read | Walk | One, ...]:
        return (*self.reads, *self.walks, *self.ones)

    @property
    def is_granted(self) -> bool:
        """Whether what shows the gateway to this vendor is granted for a while, and can be granted again."""
        return "client_id" in self.auth or self.is_sign_in is not None

    @property
    def hidden(self) -> tuple[str, ...]:
        given = [self.auth[name] for name in ("token", "value", "password", "client_secret") if self.auth.get(name)]
        return (*given, *self.secrets)
