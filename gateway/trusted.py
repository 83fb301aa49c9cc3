"""Documents by their id: those of a manifest, which clients were built with, and those that clients have registered (APQ).

A manifest is Relay's (`{id: text}`) or Apollo's (`{"format": "apollo-persisted-query-manifest", "operations": [{"id", "body"}]}`).
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from gateway.body import Body, Refused

APOLLO: Final = "apollo-persisted-query-manifest"
MAX_REGISTERED_CHARACTERS: Final = 4_000_000
MAX_TOLD: Final = 10_000

NOT_EXECUTED: Final = 200
"""The status of a refusal that is GraphQL's own, in JSON: the request as such was well formed."""

_log = logging.getLogger("crossdock.documents")


class ManifestError(Exception):
    """The manifest cannot be used; the message says why."""


class DocumentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`log`: documents that are not in the manifest are answered, and each is told in the log once. `enforce`: they are refused."""

    mode: Literal["off", "log", "enforce"] = "off"
    manifest: str = ""
    registered: Annotated[int, msgspec.Meta(ge=0)] = 1_000

    def __post_init__(self) -> None:
        if self.mode != "off" and not self.manifest:
            raise ValueError("`manifest` must name a file where `mode` is not off")


class _Operation(msgspec.Struct):
    id: str
    body: str
    name: str = ""


class _Apollo(msgspec.Struct):
    format: str
    version: int
    operations: list[_Operation]


def read_manifest(path: Path) -> dict[str, str]:
    """Texts by id. Raises ManifestError."""
    try:
        content = path.read_bytes()
        found = msgspec.json.decode(content)
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ManifestError(f"{path}: this is no JSON") from None
    try:
        if isinstance(found, dict) and "format" in found:
            return _apollo(msgspec.convert(found, _Apollo))
        return msgspec.convert(found, dict[str, str])
    except (msgspec.ValidationError, ValueError) as error:
        raise ManifestError(f"{path}: {error}") from None


def _apollo(found: _Apollo) -> dict[str, str]:
    if (found.format, found.version) != (APOLLO, 1):
        raise ValueError(f"the format must be {APOLLO}, version 1")
    return {operation.id: operation.body for operation in found.operations}


class TrustedDocuments:
    """`resolve` finds the text that a request stands for, and refuses what the mode does not allow."""

    def __init__(self, settings: DocumentSettings, manifest: Mapping[str, str]) -> None:
        self._settings, self._manifest = settings, manifest
        self._texts = frozenset(manifest.values())
        self._registered: OrderedDict[str, str] = OrderedDict()
        self._characters = 0
        self._told: set[str] = set()

    @property
    def texts(self) -> Mapping[str, str]:
        """The manifest's, by id."""
        return self._manifest

    def resolve(self, body: Body) -> str:
        """Raises Refused."""
        given = body.document_id or body.id or body.doc_id
        known = _hash(body.extensions)
        text = self._by_id(given, body.query) if given else self._by_hash(known, body.query) if known else body.query
        if not text:
            raise Refused('The "query" is missing.')
        if text not in self._texts and self._settings.mode != "off":
            self._foreign(text)
        return text

    def _by_id(self, given: str, query: str | None) -> str:
        text = self._manifest.get(given)
        if text is None:
            raise _not_found()
        if query is not None and query != text:
            raise Refused("The document is not the one that its id stands for: send one of them.")
        return text

    def _by_hash(self, known: str, query: str | None) -> str:
        """Apollo's automatic persisted queries: asked by hash, registered by hash and text."""
        if query is None:
            text = self._manifest.get(known) or self._registered.get(known)
            if text is None:
                raise _not_found()
            if known in self._registered:
                self._registered.move_to_end(known)
            return text
        if hashlib.sha256(query.encode()).hexdigest() != known:
            raise Refused("The hash is not that of the document.")
        if self._settings.mode != "enforce":
            self._register(known, query)
        return query

    def _register(self, known: str, query: str) -> None:
        """Those that nobody has asked for longest make room."""
        if known not in self._registered and len(query) <= MAX_REGISTERED_CHARACTERS:
            self._registered[known] = query
            self._characters += len(query)
        while len(self._registered) > self._settings.registered or self._characters > MAX_REGISTERED_CHARACTERS:
            _, dropped = self._registered.popitem(last=False)
            self._characters -= len(dropped)

    def _foreign(self, text: str) -> None:
        if self._settings.mode == "enforce":
            raise Refused("Only documents that this gateway knows are taken.", NOT_EXECUTED, code="NOT_TRUSTED")
        mark = hashlib.sha256(text.encode()).hexdigest()
        if mark not in self._told and len(self._told) < MAX_TOLD:
            self._told.add(mark)
            _log.warning("a document is not in the manifest: sha256=%s", mark)


def _hash(extensions: Mapping[str, Any] | None) -> str | None:
    persisted = (extensions or {}).get("persistedQuery")
    if not isinstance(persisted, dict):
        return None
    known = persisted.get("sha256Hash")
    if persisted.get("version") != 1 or not isinstance(known, str) or not known:
        raise Refused("extensions.persistedQuery must have version 1 and a sha256Hash.")
    return known.lower()


def _not_found() -> Refused:
    """In Apollo's own words: its clients send the text then."""
    return Refused("PersistedQueryNotFound", NOT_EXECUTED, code="PERSISTED_QUERY_NOT_FOUND")


def opened_documents(settings: DocumentSettings, own: Mapping[str, str]) -> TrustedDocuments:
    """`own`: what the gateway's own pages ask. Raises ManifestError."""
    manifest = read_manifest(Path(settings.manifest)) if settings.manifest else {}
    return TrustedDocuments(settings, {**own, **manifest})
