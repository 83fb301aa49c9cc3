"""Faults on demand: which calls are to go wrong, and how."""

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec

from sandbox.bucket import Bucket
from sandbox.decoding import decoded
from sandbox.filler import LEAST_BYTES, MOST_BYTES
from sandbox.problems import Problem, bad_request

SETTLING = "GET /orders/by-reference"
"""The only operation that `settle_ms` is for."""

_SEED = 20_260_630
_TOO_MANY = 429
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t -~]*")
# `truncate` lies about the length; the other two are added by the HTTP server, and would come twice.
_NOT_OURS = {"content-length", "date", "server"}

_Value = Annotated[str, msgspec.Meta(pattern=r"^[\t -~]+\Z", max_length=8_192)]
_Url = Annotated[str, msgspec.Meta(pattern=r"^[!-~]+\Z", max_length=8_192)]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of `PUT /_sandbox/faults`; the README says what each field does."""

    operation: str | None = None
    latency_ms: Annotated[float, msgspec.Meta(ge=0, le=600_000)] = 0
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1
    hang: bool = False
    drop: Literal["before", "after"] | None = None
    drip: bool = False
    garbage: bool = False
    key: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    headers: Mapping[str, Annotated[str, msgspec.Meta(max_length=65_536)]] = {}
    redirect: _Url | None = None
    truncate: Annotated[int, msgspec.Meta(ge=0, le=MOST_BYTES)] | None = None
    content_type: _Value | None = None
    content_encoding: _Value | None = None
    body_bytes: Annotated[int, msgspec.Meta(ge=LEAST_BYTES, le=MOST_BYTES)] | None = None
    rate_limit: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    retry_after: Annotated[int, msgspec.Meta(ge=0, le=86_400)] | None = None
    settle_ms: Annotated[float, msgspec.Meta(ge=0, le=600_000)] = 0

    @property
    def spoils(self) -> bool:
        """Whether it changes the answer as a whole, and not only what is in it."""
        sent = self.headers or self.content_type or self.content_encoding or self.truncate is not None
        made = self.garbage or self.redirect or self.body_bytes or self.rate_limit
        return bool(self.hang or self.drop or self.drip or sent or made)

    @property
    def fails_key(self) -> bool:
        """A fault of one key fails only that key, unless it spoils the whole answer anyway, or only hides what is young."""
        only_hides = self.settle_ms > 0 and self.status is None
        return self.key is not None and not self.spoils and not only_hides

    @property
    def fails_call(self) -> bool:
        return self.status is not None and not self.fails_key

    @property
    def replaced(self) -> Mapping[str, str]:
        """The headers it gives the answer."""
        named = {"Content-Type": self.content_type, "Content-Encoding": self.content_encoding}
        return {name: value for name, value in named.items() if value is not None} | dict(self.headers)

    def problem(self) -> Problem:
        status = self.status or 503
        problem = Problem(status, "This fault was asked for at /_sandbox/faults.")
        if self.retry_after is not None:
            problem.headers["Retry-After"] = str(self.retry_after)
        elif problem.code == "RATE_LIMITED":
            problem.headers["Retry-After"] = "1"
        return problem


class Active(NamedTuple):
    """`bucket` is what a rate limit has left; equal faults have one each."""

    fault: Fault
    bucket: Bucket | None

    def refuses(self) -> bool:
        return self.bucket is not None and not self.bucket.take()


class Faults:
    def __init__(self, operations: Sequence[str]) -> None:
        self._operations = operations
        self._random = random.Random(_SEED)
        self._cleared = asyncio.Event()
        self._active: list[Active] = []

    @property
    def active(self) -> list[Fault]:
        return [each.fault for each in self._active]

    def add(self, body: bytes) -> None:
        fault = decoded(body, Fault)
        if fault.operation is not None and fault.operation not in self._operations:
            raise bad_request(f"operation is one of {', '.join(self._operations)}.", "operation")
        if fault.settle_ms and fault.operation not in {None, SETTLING}:
            raise bad_request(f"Only {SETTLING} lets orders settle.", "settle_ms")
        for name, value in fault.headers.items():
            _check_header(name, value)
        self._active.append(Active(fault, None if fault.rate_limit is None else Bucket(fault.rate_limit)))

    def clear(self) -> None:
        self._active.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()
        self._random.seed(_SEED)

    async def cleared(self) -> None:
        await self._cleared.wait()

    def drawn(self, operation: str, keys: Sequence[str]) -> list[Fault]:
        """Those that strike this call; a rate limit that is used up comes first, as a fault of status 429."""
        if not self._active:
            return []
        refusing: list[Fault] = []
        striking: list[Fault] = []
        for each in self._active:
            if not self._strikes(each.fault, operation, keys):
                continue
            if each.refuses():
                refusing.append(msgspec.structs.replace(each.fault, status=_TOO_MANY))
            else:
                striking.append(each.fault)
        return refusing + striking

    def _strikes(self, fault: Fault, operation: str, keys: Sequence[str]) -> bool:
        return (
            fault.operation in {None, operation}
            and (fault.key is None or fault.key in keys)
            and (fault.rate >= 1 or self._random.random() < fault.rate)
        )


def _check_header(name: str, value: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() in _NOT_OURS:
        raise bad_request("This is no name of a header that a fault can set.", "headers")
    if not _VALUE.fullmatch(value):
        raise bad_request("A header's value is printable ASCII.", f"headers.{name}")
    if name.lower() == "transfer-encoding" and value != "chunked":
        raise bad_request("Transfer-Encoding is chunked or absent.", f"headers.{name}")
