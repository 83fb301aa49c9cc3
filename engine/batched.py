"""The batched field: a Strawberry field whose resolver is given many parents at once and answers each of them.

Under graphql-core, which resolves object by object, it is called with one parent at a time: what it reads through data loaders
is still asked in batches.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import strawberry

BatchedResolver = Callable[..., Awaitable[Sequence[Any]]]
"""`async (parents, info, *, arguments…)` → an outcome a parent, in their order; an outcome may be an Exception."""


Ahead = Callable[..., None]
"""`(keys, info, *, arguments…)`: begins to fetch what the field will need for the records with these keys."""

Foresee = Callable[..., Sequence[Any] | Mapping[str, Sequence[Any]]]
"""`(info, *, arguments…)` → the keys of the records that a field will answer with; empty where they are not known yet.

Where a field answers with records of several types: the keys of each, by its name."""


def batched(
    resolver: BatchedResolver,
    *,
    description: str,
    deprecation_reason: str | None = None,
    ahead: Ahead | None = None,
    reads: Sequence[str] = (),
    answers: str = "",
) -> Any:
    """Declare a field by a batched resolver; the field's type is the annotation it stands behind.

    `ahead` looks ahead: it is called while the parents are still on their way, where a field above foresaw their keys.
    Whatever it fetches for a parent that turns out not to be there is never looked at. `reads` names what the field asks of
    its sources, and `answers` the argument that says how many it may answer with, both for `explain`.
    """
    return strawberry.field(
        resolver=_resolve_one(resolver),
        description=description,
        deprecation_reason=deprecation_reason,
        metadata=_metadata(ahead=ahead, reads=reads, answers=answers),
    )


def fetching(
    *,
    foresee: Foresee | None = None,
    reads: Sequence[str] = (),
    answers: str = "",
    lists: str = "",
    checks: Sequence[str] = (),
    writes: Sequence[str] = (),
) -> Mapping[Any, Any]:
    """Metadata for a field with a resolver of its own: which records it will answer with, and what it asks for them.

    `answers` names the argument that says how many these may be: a number, or a list with one entry each. `lists`: the argument
    that lists what is asked for where that is not the answer, as "input.lines". `checks`: what is asked for anew each time because
    something hangs on it, and `writes`: what may be written; of these, plans tell.
    """
    return _metadata(foresee=foresee, reads=reads, answers=answers, lists=lists, checks=checks, writes=writes)


def _metadata(**given: Any) -> Mapping[Any, Any]:
    return {key: value for key, value in given.items() if value}


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
