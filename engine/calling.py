"""How a field is answered: a plain attribute of its parent, or a resolver, called as its declaration allows."""

from collections.abc import Callable
from typing import Any

from graphql.execution.execute import default_field_resolver
from strawberry.types.field import StrawberryField

from engine.arguments import Arguments
from engine.plan import Call, Mode, Position

_DEFINITION = "strawberry-definition"


def caller(position: Position, schema: Any) -> Call | str:
    """The name of the attribute that holds the answer, or what is to be called for it."""
    definition = position.definition
    field = definition.extensions.get(_DEFINITION) if schema is not None else None
    if not isinstance(field, StrawberryField):
        return _core(position)
    if getattr(definition.resolve, "_is_default", False) and field.is_basic_field and field.default_resolver is getattr:
        return field.python_name
    if field.base_resolver is None or field.extensions or schema.exception_handlers:
        return _core(position)
    arguments = Arguments(position, field, schema)
    resolver: Any = field.base_resolver.wrapped_func
    batched = getattr(resolver, "batched", None)
    metadata = {str(key): value for key, value in field.metadata.items()}
    if batched is None:
        return Call(Mode.EACH, _each(field), arguments, field, None, metadata.get("foresee"), metadata)
    return Call(Mode.BATCHED, batched, arguments, field, metadata.get("ahead"), metadata.get("foresee"), metadata)


def _core(position: Position) -> Call:
    resolve = position.definition.resolve or default_field_resolver

    def call(parent: Any, info: Any, arguments: dict[str, Any]) -> Any:
        return resolve(parent, info, **arguments)

    return Call(Mode.CORE, call, Arguments(position, None, None), None)


def _each(field: StrawberryField) -> Callable[[Any, Any, dict[str, Any]], Any]:
    """Passes parent and info to a resolver under the names that it takes them by."""
    resolver: Any = field.base_resolver
    wrapped = resolver.wrapped_func
    takes_self = resolver.self_parameter is not None
    parents = [each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each is not None]
    info_name = resolver.info_parameter.name if resolver.info_parameter is not None else None

    def call(parent: Any, info: Any, arguments: dict[str, Any]) -> Any:
        given = arguments
        if parents or info_name:
            given = {**arguments, **dict.fromkeys(parents, parent)}
            if info_name:
                given[info_name] = info
        return wrapped(parent, **given) if takes_self else wrapped(**given)

    return call
