"""Faults on demand: which calls are to go wrong, and how."""

import asyncio
import random
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from sandbox.decoding import decoded
from sandbox.problems import Problem, bad_request

_SEED = 20_260_630


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

    @property
    def fails_key(self) -> bool:
        """A fault of one key fails only that key, unless it spoils the whole answer anyway."""
        return self.key is not None and not (self.hang or self.drop or self.drip or self.garbage)

    @property
    def fails_call(self) -> bool:
        return self.status is not None and not self.fails_key

    def problem(self) -> Problem:
        status = self.status or 503
        problem = Problem(status, "This fault was asked for at /_sandbox/faults.")
        if problem.code == "RATE_LIMITED":
            problem.headers["Retry-After"] = "1"
        return problem


class Faults:
    def __init__(self, operations: Sequence[str]) -> None:
        self._operations = operations
        self._random = random.Random(_SEED)
        self._cleared = asyncio.Event()
        self.active: list[Fault] = []

    def add(self, body: bytes) -> None:
        fault = decoded(body, Fault)
        if fault.operation is not None and fault.operation not in self._operations:
            raise bad_request(f"operation is one of {', '.join(self._operations)}.", "operation")
        self.active.append(fault)

    def clear(self) -> None:
        self.active.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()
        self._random.seed(_SEED)

    async def cleared(self) -> None:
        await self._cleared.wait()

    def drawn(self, operation: str, keys: Sequence[str]) -> list[Fault]:
        """Those that strike this call."""
        if not self.active:
            return []
        return [
            fault
            for fault in self.active
            if fault.operation in {None, operation}
            and (fault.key is None or fault.key in keys)
            and (fault.rate >= 1 or self._random.random() < fault.rate)
        ]
