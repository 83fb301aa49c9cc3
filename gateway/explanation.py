"""An operation before it runs, as plain data: its steps, what each will ask of which system, what is remembered, what it costs."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from engine import Explained, NotTaken, Plan, Prepared, explained
from gateway.measuring import Measured
from gateway.settings import Settings
from gateway.source_settings import ROLES
from sources.policy import Policy, policies
from sources.ports import Sources
from sources.question import KINDS

MAX_ARGUMENT = 200
MAX_ENTRIES = 5
"""So many of a list's values are told; the others are counted."""


class NotExplained(Exception):
    """There is nothing to explain: the document, its variables or the operation's name are wrong."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(_placed(error) for error in errors))
        self.errors = errors


def _placed(error: GraphQLError) -> str:
    place = f" (line {error.locations[0].line})" if error.locations else ""
    return f"{error.message}{place}"


class Explainer:
    """One a gateway, over its open sources: how much each takes at once is known without asking any of them."""

    def __init__(self, settings: Settings, sources: Sources) -> None:
        self._sources, self._most = sources, settings.limits.cost
        self._kept = policies(settings.cache.policy) if settings.cache.enabled else {}
        self._names = {role: tuple(settings.sources.role(role).named(role)) for role in ROLES}

    def explained(self, prepared: Prepared, variables: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
        """`engine` is crossdock, or graphql-core and the `reason`. Raises NotExplained."""
        found = prepared.operation(name) if not prepared.errors else None
        plan = planned(prepared, name)
        rows = explained(plan, valued(plan, variables)) if isinstance(plan, Plan) else []
        return {
            "kind": found.operation.value if found is not None else None,
            "name": found.name.value if found is not None and found.name is not None else None,
            "engine": "crossdock" if isinstance(plan, Plan) else "graphql-core",
            "reason": None if isinstance(plan, Plan) else str(plan),
            "steps": [self._step(row) for row in rows],
            "cost": self._cost(prepared, name, variables),
        }

    def _cost(self, prepared: Prepared, name: str | None, variables: Mapping[str, Any]) -> dict[str, int] | None:
        measured: Measured | None = prepared.measured
        if measured is None:
            return None
        return {"cost": measured.cost(name, variables), "limit": self._most, **measured.told()}

    def _step(self, row: Explained) -> dict[str, Any]:
        checks = row.metadata.get("checks", ())
        return {
            "level": row.level,
            "path": row.path,
            "field": row.field,
            "after": row.after,
            "startsWithParent": row.ahead,
            "expectedBatch": row.batch,
            "serves": list(row.serves),
            "arguments": {name: _argument(value) for name, value in row.arguments.items() if value is not None},
            "reads": [
                self._read(each, row.batch, anew=bool(checks)) for each in checks or row.metadata.get("reads", ())
            ],
            "writes": list(row.metadata.get("writes", ())),
        }

    def _read(self, name: str, keys: int | None, *, anew: bool) -> dict[str, Any]:
        """`parts`: into how many calls the source's own limit splits the expected batch. `systems`: where several play the role."""
        role, operation = name.split(".")
        limit = getattr(self._sources, role).max_batch.get(operation)
        parts = None if keys is None or limit is None else -(-keys // limit)
        read = {"source": role, "operation": operation, "maxBatch": limit, "parts": parts}
        several = {"systems": list(self._names[role])} if len(self._names[role]) > 1 else {}
        return read | several | _kept(None if anew else self._policy(operation))

    def _policy(self, operation: str) -> Policy | None:
        kind = KINDS.get(operation)
        return self._kept.get(kind.fact) if kind is not None else None


def _argument(value: Any) -> str:
    """In few words; what lies in an input object is not spread out."""
    if isinstance(value, list):
        told = [_argument(each) for each in value[:MAX_ENTRIES]]
        more = [f"and {len(value) - MAX_ENTRIES} more"] if len(value) > MAX_ENTRIES else []
        return f"[{', '.join([*told, *more])}]"
    if isinstance(value, Enum):
        return str(value.name)
    is_object = isinstance(value, dict) or hasattr(value, "__strawberry_definition__")
    return "{…}" if is_object else str(value)[:MAX_ARGUMENT]


def _kept(policy: Policy | None) -> dict[str, Any]:
    """How long an answer is remembered as fresh, and when and how long it may be served after that; None: asked for every time."""
    if policy is None or not policy.fresh_seconds:
        return {"freshSeconds": None, "staleSeconds": None, "staleOn": None}
    if policy.stale_on == "never" or not policy.stale_seconds:
        return {"freshSeconds": policy.fresh_seconds, "staleSeconds": None, "staleOn": None}
    return {
        "freshSeconds": policy.fresh_seconds,
        "staleSeconds": policy.stale_seconds,
        "staleOn": policy.stale_on,
    }


def planned(prepared: Prepared, name: str | None) -> Plan | NotTaken:
    """The plan, or why graphql-core executes it. Raises NotExplained."""
    if prepared.errors:
        raise NotExplained(prepared.errors)
    plan = prepared.plan(name)
    if plan is None:
        sentence = (
            f'There is no operation "{name}".' if name else "Name one of the operations: the document has several."
        )
        raise NotExplained([GraphQLError(sentence)])
    return plan


def valued(plan: Plan, variables: Mapping[str, Any]) -> VariableValues:
    """The variables as the operation takes them. Raises NotExplained."""
    values = plan.variables.of(variables)
    if isinstance(values, list):
        raise NotExplained(values)
    found: VariableValues = values
    return found
