"""OData V2 `$batch`: several requests in one, as multipart/mixed. Parts are told apart by their Content-ID, and each fails alone.

Reads stand alone, changes in a change set, which SAP does as a whole or not at all.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

MEDIA = "multipart/mixed"
MAX_PARTS = 1_000

_LINE = "\r\n"
_DELIMITER = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{1,70}?)[ \t]*\r?\n")
_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})"?', re.IGNORECASE)
_STATUS = re.compile(r"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")
_BLANK = re.compile(rb"\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class Part(NamedTuple):
    """A request. `name` is its Content-ID; `url` is relative to the service and escaped already."""

    name: str
    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(NamedTuple):
    """What came of one part. `name` is None where the answer does not say which it is for."""

    name: str | None
    status: int
    headers: Mapping[str, str]
    body: bytes


def content_type(boundary: str) -> str:
    return f"{MEDIA}; boundary={boundary}"


def encoded(parts: Sequence[Part], boundary: str, *, is_change: bool = False) -> bytes:
    """The batch's body; with `is_change` all of it is one change set. `boundary` must not occur in any part."""
    if not is_change:
        return _joined([_request(each) for each in parts], boundary)
    inner = f"{boundary}-changes"
    change = f"Content-Type: {content_type(inner)}{_LINE}{_LINE}".encode() + _joined(
        [_request(each) for each in parts], inner
    )
    return _joined([change], boundary)


def _joined(parts: Sequence[bytes], boundary: str) -> bytes:
    opening = f"--{boundary}{_LINE}".encode()
    return b"".join([opening + part + _LINE.encode() for part in parts]) + f"--{boundary}--{_LINE}".encode()


def _request(part: Part) -> bytes:
    outer = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", f"Content-ID: {part.name}"]
    headers = {"Accept": "application/json", **part.headers}
    if part.body:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(part.body))}
    inner = [f"{part.method} {part.url} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return _LINE.join([*outer, "", *inner, "", ""]).encode() + part.body


class BatchDecoder:
    """Reads the answers out of a batch's body; those of change sets among them. Raises msgspec.ValidationError where it is no batch."""

    def decode(self, content: bytes, /) -> tuple[Answer, ...]:
        opening = _DELIMITER.match(content)
        if opening is None:
            raise msgspec.ValidationError("no batch - at `$`")
        return tuple(_answers(content, opening[1].decode("ascii")))


def _answers(content: bytes, boundary: str) -> list[Answer]:
    found: list[Answer] = []
    for part in _split(content, boundary):
        headers, rest = _head(part)
        kind = headers.get("content-type", "").lower()
        if kind.startswith("multipart/mixed"):
            inner = _BOUNDARY.search(headers["content-type"])
            found += [] if inner is None else [_answer(*_head(each)) for each in _split(rest, inner[1])]
        else:
            found.append(_answer(headers, rest))
    return found


def _split(content: bytes, boundary: str) -> list[bytes]:
    """What stands between the delimiters. Without the closing one the body was cut off. Raises msgspec.ValidationError."""
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    marks = list(line.finditer(content))
    if len(marks) > MAX_PARTS + 1:
        raise msgspec.ValidationError("too many parts - at `$`")
    if not marks or marks[-1][1] is None:
        raise msgspec.ValidationError("the batch does not end - at `$`")
    return [
        _without_line_end(content[this.end() : following.start()])
        for this, following in pairwise(marks)
        if this[1] is None
    ]


def _without_line_end(part: bytes) -> bytes:
    """The line of the delimiter ends before the part begins."""
    return part[2:] if part.startswith(b"\r\n") else part[1:]


def _answer(outer: Mapping[str, str], content: bytes) -> Answer:
    """A part that is no HTTP answer has the status 0, and so fails alone."""
    head, rest = _head(content, is_answer=True)
    status = _STATUS.fullmatch(head.get("", ""))
    name = outer.get("content-id") or head.get("content-id")
    return Answer(name, 0 if status is None else int(status[1]), head, rest)


def _head(content: bytes, *, is_answer: bool = False) -> tuple[dict[str, str], bytes]:
    """Headers by their names in lower case, and what follows; an answer's status line is under the empty name."""
    blank = _BLANK.match(content)
    if blank is not None and not is_answer:
        return {}, content[blank.end() :]
    end = _HEAD_END.search(content)
    head, rest = (content, b"") if end is None else (content[: end.start()], content[end.end() :])
    lines = head.decode("latin-1").splitlines()
    headers = {"": lines.pop(0)} if is_answer and lines else {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers, rest
