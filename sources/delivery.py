"""One webhook's delivery as it came, and what is read out of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from sources.events import Event


class NotUnderstood(Exception):
    """It was verified, but it is nothing that can be read; the message names the place and nothing that stands there."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """`url` as the sender knows it. `source` is the name it has in the settings, `company` the legal entity where its sender knows none.

    Headers by their lower-case names.
    """

    source: str
    body: bytes
    received: datetime
    method: str = "POST"
    url: str = ""
    headers: Mapping[str, str] = {}
    company: str | None = None

    def __repr__(self) -> str:
        return f"Delivery(source={self.source!r}, {len(self.body)} bytes)"


class Reading(NamedTuple):
    """`ignored` counts what is understood and concerns nobody here; `left` says why the rest could not be read, where there is one."""

    events: list[Event]
    ignored: int = 0
    left: str | None = None


Reader = Callable[[Delivery], Reading]
"""Raises NotUnderstood."""

Unpaired = Callable[[bytes], object]


def read_json(decoder: Unpaired, body: bytes) -> object:
    """The decoded body. Raises NotUnderstood."""
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        _, found, path = str(error).rpartition(" - at ")
        raise NotUnderstood(f"it does not fit at {path}" if found else "it does not fit") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotUnderstood("it is no JSON") from None
