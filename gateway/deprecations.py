"""What is deprecated, and the day after which it goes: the date in its reason, as in "Use shortPicked; goes after 2027-06-30."."""

import re
from collections.abc import Mapping
from datetime import date

from graphql import DEFAULT_DEPRECATION_REASON, ConstDirectiveNode, DocumentNode, StringValueNode

from gateway.coordinates import directives

_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def last_day(reason: str) -> date | None:
    """The latest date that the reason names; None where it names none, or none that the calendar has."""
    days = [day for text in _DAY.findall(reason) if (day := _day(text)) is not None]
    return max(days, default=None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def reason(directive: ConstDirectiveNode) -> str:
    values = (each.value for each in directive.arguments or () if each.name.value == "reason")
    return next((each.value for each in values if isinstance(each, StringValueNode)), DEFAULT_DEPRECATION_REASON)


def deprecations(document: DocumentNode) -> Mapping[str, str]:
    """The reason of each deprecated element, by its coordinate."""
    return {
        coordinate: reason(each)
        for coordinate, applied in directives(document).items()
        for each in applied
        if each.name.value == "deprecated"
    }


def undated(document: DocumentNode) -> list[str]:
    """The deprecated elements that do not say when they go, each with its reason."""
    return [f"{place}: {said}" for place, said in deprecations(document).items() if last_day(said) is None]
