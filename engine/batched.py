"""The batched field: a Strawberry field whose resolver is given many parents at once and answers each of them.

Under graphql-core, which resolves object by object, it is called with one parent at a time: what it reads through data loaders
is still asked in batches.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import strawberry

BatchedResolver = Callable[..., Awaitable[Sequence[Any]]]
"""`async (parents, info, *, arguments…)` → an outcome a parent, in their order; an outcome may be an Exception."""


def batched(resolver: BatchedResolver, *, description: str, deprecation_reason: str | None = None) -> Any:
    """Declare a field by a batched resolver; the field's type is the annotation it stands behind."""
    return strawberry.field(
        resolver=_resolve_one(resolver), description=description, deprecation_reason=deprecation_reason
    )


def _resolve_one(resolver: BatchedResolver) -> Callable[..., Awaitable[Any]]:
    async def resolve(root: Any, info: Any, **arguments: Any) -> Any:
        (outcome,) = await resolver((root,), info, **arguments)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    # Strawberry reads a field's arguments from the resolver's signature, in the module where it was written.
    signature = inspect.signature(resolver)
    _, info, *rest = signature.parameters.values()
    root = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)
    parameters = [root, info.replace(name="info"), *rest]
    resolve.__signature__ = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)  # type: ignore[attr-defined]
    resolve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    resolve.__name__, resolve.__module__ = resolver.__name__, resolver.__module__
    resolve.batched = resolver  # type: ignore[attr-defined]
    return resolve
