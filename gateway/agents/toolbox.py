"""All tools, made when the gateway starts: a mark that does not fit stops the start, and says which and why."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse

from engine import Documents
from gateway.agents.tool import BadTool, Tool, tool
from gateway.operation import SCHEMA, documents_within
from gateway.settings import Settings, SettingsError
from gateway.trusted import TrustedDocuments

Toolbox = Mapping[str, Tool]

MISSING = "agents need the package mcp, which is not installed: pip install 'crossdock[mcp]' - at `$.mcp.enabled`"


def opened_toolbox(settings: Settings, trusted: TrustedDocuments) -> Toolbox | None:
    """None where agents are off. Raises SettingsError."""
    if not settings.mcp.enabled:
        return None
    if find_spec("mcp") is None:
        raise SettingsError(MISSING)
    documents = documents_within(settings.limits, introspection=False, subgraph=False)
    by_operation = _by_operation(trusted.texts) if _needs_names(settings, trusted) else {}
    found: dict[str, Tool] = {}
    for name, chosen in settings.mcp.tools.items():
        try:
            identity = _identity(chosen.document, trusted.texts, by_operation)
            found[name] = tool(name, chosen, identity, (SCHEMA, _document(documents, trusted.texts[identity])))
        except BadTool as wrong:
            raise SettingsError(f"the tool `{name}` cannot be offered: {wrong} - at `$.mcp.tools.{name}`") from None
    return found


def _needs_names(settings: Settings, trusted: TrustedDocuments) -> bool:
    """A manifest may have thousands of documents, which are parsed only for whoever names one by its operation."""
    return any(each.document not in trusted.texts for each in settings.mcp.tools.values())


def _identity(wanted: str, texts: Mapping[str, str], by_operation: Mapping[str, Sequence[str]]) -> str:
    """Ids are often hashes, which change with the text: the name of the operation is as good where one document has it."""
    if wanted in texts:
        return wanted
    found = by_operation.get(wanted, ())
    if not found:
        raise BadTool(f"the manifest has no document with the id or the operation `{wanted}`")
    if len(found) > 1:
        raise BadTool(f"the manifest has {len(found)} documents with the operation `{wanted}`: name it by its id")
    return found[0]


def _by_operation(texts: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """Ids by the names of operations. What cannot be read is nobody's tool; `crossdock documents check` tells of it."""
    found: dict[str, list[str]] = {}
    for identity, text in texts.items():
        try:
            nodes = parse(text, no_location=True).definitions
        except (GraphQLError, RecursionError):
            continue
        for each in nodes:
            if isinstance(each, OperationDefinitionNode) and each.name:
                found.setdefault(each.name.value, []).append(identity)
    return found


def _document(documents: Documents, text: str) -> DocumentNode:
    found = documents.prepared(text)
    if found.errors or found.document is None:
        raise BadTool(f"its document is refused: {found.errors[0].message}")
    return found.document
