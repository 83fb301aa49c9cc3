"""Which media type an answer has, by the request's Accept header: RFC 9110, 12.5.1, and GraphQL over HTTP, 6.3."""

from functools import lru_cache
from typing import Final

JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"

_MAX_RANGES = 32
_MAX_CHARACTERS = 1_024


def media_type(accept: str) -> str:
    """The one of the two that the caller likes better; JSON where it does not say, or likes neither."""
    return _chosen(accept[:_MAX_CHARACTERS])


@lru_cache(maxsize=256)
def _chosen(accept: str) -> str:
    ranges = [_range(each) for each in accept.split(",")[:_MAX_RANGES]]
    graphql, json = (_liking(kind, ranges) for kind in (GRAPHQL_RESPONSE, JSON))
    return GRAPHQL_RESPONSE if graphql > json and graphql[0] > 0 else JSON


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return kind, min(1.0, max(0.0, float(quality)))
    except ValueError:
        return kind, 0.0


def _liking(kind: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Quality first; of two that are liked equally, the one that stands earlier."""
    named = next(((quality, -at) for at, (each, quality) in enumerate(ranges) if each == kind), None)
    if named is not None:
        return named
    wild = [
        (quality, -at - _MAX_RANGES) for at, (each, quality) in enumerate(ranges) if each in {"*/*", "application/*"}
    ]
    return max(wild, default=(0.0, -2 * _MAX_RANGES))
