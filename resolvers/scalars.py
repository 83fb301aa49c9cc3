"""Decimal, Date and DateTime as the schema speaks them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import strawberry
from graphql import IntValueNode, StringValueNode, ValueNode, print_ast
from strawberry.types.scalar import ScalarDefinition

_DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MAX_SHOWN = 40


def parse_decimal(value: object) -> Decimal:
    """A string or an integer; a float has lost digits before it gets here, so it is refused."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else "too many digits"
    if isinstance(value, float):
        raise TypeError(
            f'{value!r} is a float, which cannot carry a decimal exactly: send it as a string, "{value!r}".'
        )
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise ValueError(f'{_shown(value)} is no decimal number: write it as a string like "12.50".')
    return Decimal(value)


def parse_decimal_literal(node: ValueNode, _variables: object = None) -> Decimal:
    if isinstance(node, StringValueNode | IntValueNode):
        return parse_decimal(node.value)
    raise ValueError(f'{print_ast(node)} is no decimal number: write it as a string like "12.50".')


def serialize_decimal(value: object) -> str:
    """In plain notation: never 1E+2."""
    if not isinstance(value, Decimal):
        return str(parse_decimal(value))
    text = str(value)  # a third of the cost of format(…, "f"), and the same text but for exponents
    return text if "E" not in text else format(value, "f")


def parse_date(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f'{_shown(value)} is no date: write it like "2026-06-30".')


def serialize_date(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def parse_datetime(value: object) -> datetime:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if moment.tzinfo is not None:
                return moment
    raise ValueError(f'{_shown(value)} is no moment with a time zone: write it like "2026-06-30T09:15:00Z".')


def serialize_datetime(value: object) -> str:
    """RFC 3339 in UTC, ending in Z."""
    if not isinstance(value, datetime):
        return str(value)
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    text: str = msgspec.to_builtins(value)  # RFC 3339, at an eighth of isoformat()'s cost
    return text


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else type(value).__name__
    return text if len(text) <= _MAX_SHOWN else f'{text[:_MAX_SHOWN]}…"'


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='A number of arbitrary precision, carried as a string: "0.0375". '
        "Taken in as a string or an integer literal; never a float.",
        serialize=serialize_decimal,
        parse_value=parse_decimal,
        parse_literal=parse_decimal_literal,
    ),
    date: strawberry.scalar(
        name="Date",
        description='A calendar day, as the business counts it: "2026-06-30".',
        serialize=serialize_date,
        parse_value=parse_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description='A moment in UTC, RFC 3339: "2026-06-30T09:15:00Z".',
        serialize=serialize_datetime,
        parse_value=parse_datetime,
    ),
}
