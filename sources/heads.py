"""What stands in an order for lines that were not read: see `PageRequest.lines`."""

from collections.abc import Iterator
from typing import Final

from sources.models import OrderLine


class _LeftOut(tuple[OrderLine, ...]):
    """Lines that nobody was to look at: whoever does is told so, instead of finding an order without lines."""

    __slots__ = ()

    def __iter__(self) -> Iterator[OrderLine]:
        raise LookupError("This order was read without its lines.")

    def __len__(self) -> int:
        raise LookupError("This order was read without its lines.")


LEFT_OUT: Final[tuple[OrderLine, ...]] = _LeftOut()
