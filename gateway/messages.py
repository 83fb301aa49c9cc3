"""graphql-transport-ws (graphql-ws's PROTOCOL.md): what a client may say, checked to the letter, and what it is told."""

import json
from enum import IntEnum
from typing import Any, Literal, NamedTuple

import msgspec
import orjson

from gateway.body import NAMES, Body

PROTOCOL = "graphql-transport-ws"
MAX_REASON_BYTES = 123


class Close(IntEnum):
    """Why a socket is closed. Clients come back after the first three, and after 4408."""

    GOING_AWAY = 1001
    RESTART = 1012
    TRY_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    NOT_ACCEPTABLE = 4406
    TIMED_OUT = 4408
    ALREADY_EXISTS = 4409
    TOO_MANY_INITS = 4429


class Malformed(Exception):
    """What the client said is no message of the protocol; the text says why."""


class Subscribe(NamedTuple):
    id: str
    body: Body


class Init(NamedTuple):
    payload: dict[str, Any] | None


class Ping(NamedTuple):
    """`payload` is JSON, to be given back with the pong."""

    payload: str | None


class Pong(NamedTuple):
    pass


class Complete(NamedTuple):
    id: str


Said = Subscribe | Init | Ping | Pong | Complete

Object = dict[str, Any]


class _Payload(msgspec.Struct, rename=NAMES):
    """As a request's body is (gateway/body.py), but for a query of null, which the protocol does not have."""

    query: str | msgspec.UnsetType = msgspec.UNSET
    variables: Object | None = None
    operation_name: str | None = None
    extensions: Object | None = None
    document_id: str | None = None
    id: str | None = None
    doc_id: str | None = None

    def body(self) -> Body:
        """Raises Malformed where it neither is a document nor names one."""
        query = None if self.query is msgspec.UNSET else self.query
        if query is None and not (self.document_id or self.id or self.doc_id or self.extensions):
            raise Malformed("Invalid message: it does not fit at `$.payload`")
        return Body(query, self.variables, self.operation_name, self.extensions, self.document_id, self.id, self.doc_id)


class _Init(msgspec.Struct, tag="connection_init"):
    payload: Object | None = None


class _Ping(msgspec.Struct, tag="ping"):
    payload: Object | None = None


class _Pong(msgspec.Struct, tag="pong"):
    payload: Object | None = None


class _Subscribe(msgspec.Struct, tag="subscribe"):
    id: str
    payload: _Payload


class _Complete(msgspec.Struct, tag="complete"):
    id: str


_DECODER = msgspec.json.Decoder(_Init | _Ping | _Pong | _Subscribe | _Complete)
MAX_ID = 256


def understood(text: str) -> Said:
    """Raises Malformed."""
    try:
        said = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        place = str(error).rpartition(" - at ")[2] if isinstance(error, msgspec.ValidationError) else ""
        raise Malformed(f"Invalid message: it does not fit at {place}" if place else "Invalid message") from None
    if isinstance(said, _Init):
        return Init(said.payload)
    if isinstance(said, _Ping):
        return Ping(_given_back(said.payload))
    if isinstance(said, _Pong):
        return Pong()
    if not 0 < len(said.id) <= MAX_ID:
        raise Malformed("Invalid message: its id is empty or too long")
    if isinstance(said, _Complete):
        return Complete(said.id)
    return Subscribe(said.id, said.payload.body())


def _given_back(payload: Object | None) -> str | None:
    """By the standard library: whole numbers may be larger than 64 bits, and lists nested deeper than orjson takes."""
    try:
        return None if payload is None else json.dumps(payload)
    except RecursionError:
        raise Malformed("Invalid message: its payload is nested too deeply") from None


def message(kind: Literal["connection_ack", "ping", "pong"], payload: str | None = None) -> str:
    return f'{{"type":"{kind}"}}' if payload is None else f'{{"type":"{kind}","payload":{payload}}}'


def next_prefix(identity: str) -> str:
    """What stands before an encoded answer; a closing brace stands behind it."""
    return f'{{"id":{orjson.dumps(identity).decode()},"type":"next","payload":'


def error(identity: str, errors: list[Object]) -> str:
    return orjson.dumps({"id": identity, "type": "error", "payload": errors}).decode()


def completed(identity: str) -> str:
    return orjson.dumps({"id": identity, "type": "complete"}).decode()


def reason(text: str) -> str:
    """As much of it as a close frame holds."""
    return text.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
