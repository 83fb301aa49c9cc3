"""What our own record of submissions answers: its database may be away, as any system may."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from sources.errors import SourceUnavailable

T = TypeVar("T")


async def reading(ask: Callable[[], Awaitable[T]]) -> T:
    """What was asked for. Raises SourceUnavailable where the database does not answer."""
    try:
        return await ask()
    except SQLAlchemyError as error:
        raise SourceUnavailable("submissions", detail=type(error).__name__) from None
