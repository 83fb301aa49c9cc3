"""The contract documents, read: operations, what their vendor extensions promise, and a validator for each answer."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import jsonschema_rs
import msgspec
import yaml

ROLES = ("erp", "crm", "wms", "carrier")
_CHECKOUT = Path(__file__).parents[2] / "docs" / "contracts"
_INSTALLED = Path(sys.prefix) / "share" / "crossdock" / "contracts"


class Batch(msgspec.Struct, frozen=True):
    """`x-crossdock-batch`: a read by repeated keys."""

    parameter: str
    rows: str
    key: str
    identity: tuple[str, ...]
    sample: str
    complete: bool = False


class Listing(msgspec.Struct, frozen=True):
    """`x-crossdock-list`: one list, read page by page."""

    rows: str
    order: tuple[str, ...]
    identity: tuple[str, ...]
    filters: dict[str, str] = {}
    text: tuple[str, ...] = ()


class Pages(msgspec.Struct, frozen=True):
    """`x-crossdock-pages`: a first page for each of several keys, and with one key the pages after it."""

    parameter: str
    rows: str
    parent: str
    order: tuple[str, ...]
    identity: tuple[str, ...]
    sample: str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    method: str
    path: str
    parameters: frozenset[str]
    max_keys: int
    """What the document states for the key parameter, or for the lines of a body; 0 where there is no such limit."""
    batch: Batch | None
    listing: Listing | None
    pages: Pages | None

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


class Violation(msgspec.Struct, frozen=True):
    where: str
    what: str
    hint: str


class Contract:
    """One role's document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._validators: dict[tuple[str, int], jsonschema_rs.Validator] = {}
        self.operations = {operation.name: operation for operation in _operations(document)}

    @classmethod
    def load(cls, role: str) -> Self:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one, where PyYAML was built with it
        return cls(yaml.load(_find(f"{role}.yaml").read_text(encoding="utf-8"), Loader=loader))  # noqa: S506 - both are safe

    def violations(self, operation: Operation, status: int, body: object) -> Iterator[Violation]:
        """Where an answer's body differs from the schema the document states for this status."""
        schema = self._schema(operation, status)
        for error in self._validator(operation, status, schema).iter_errors(body):
            yield Violation(_where(error.instance_path), _what(error.message), self._hint(schema, error.schema_path))

    def _responses(self, operation: Operation) -> Mapping[str, Any]:
        return self._document["paths"][operation.path][operation.method.lower()]["responses"]  # type: ignore[no-any-return]

    def _schema(self, operation: Operation, status: int) -> Mapping[str, Any]:
        response = self._resolved(self._responses(operation)[str(status)])
        return response["content"]["application/json"]["schema"]  # type: ignore[no-any-return]

    def _validator(self, operation: Operation, status: int, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
        key = (operation.name, status)
        if key not in self._validators:
            whole = {**schema, "components": self._document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]

    def _resolved(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _hint(self, schema: Mapping[str, Any], path: Sequence[str | int]) -> str:
        """The nearest description on the way to the violated rule: what the document asks for there."""
        node: Any = self._document if path[:1] == ["components"] else schema
        hint = "See the contract document."
        for step in path:
            if isinstance(node, dict):
                hint = node.get("description", hint)
            node = node[step]
        return str(hint)


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    parameters = document["components"].get("parameters", {})
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            stated = [parameters[p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p for p in each.get("parameters", [])]
            yield Operation(
                name=each["operationId"],
                method=method.upper(),
                path=path,
                parameters=frozenset(parameter["name"] for parameter in stated),
                max_keys=_max_keys(document, each, stated),
                batch=msgspec.convert(each.get("x-crossdock-batch"), Batch | None),
                listing=msgspec.convert(each.get("x-crossdock-list"), Listing | None),
                pages=msgspec.convert(each.get("x-crossdock-pages"), Pages | None),
            )


def _max_keys(
    document: Mapping[str, Any], operation: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]
) -> int:
    keyed = operation.get("x-crossdock-batch") or operation.get("x-crossdock-pages")
    if keyed:
        return next(int(each["schema"]["maxItems"]) for each in parameters if each["name"] == keyed["parameter"])
    if "requestBody" not in operation:
        return 0
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    return int(document["components"]["schemas"][name]["properties"].get("lines", {}).get("maxItems", 0))


def _find(name: str) -> Path:
    for folder in (_CHECKOUT, _INSTALLED):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} is neither in {_CHECKOUT} nor in {_INSTALLED}")


def _where(path: Sequence[str | int]) -> str:
    # Positions are left out so that a thousand rows with one mistake are one finding.
    return "$" + "".join("[*]" if isinstance(step, int) else f".{step}" for step in path)


_LONGEST = 200


def _what(message: str) -> str:
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
