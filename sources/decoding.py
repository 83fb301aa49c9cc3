"""What a source's answer is read as, and what it means that it does not fit."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import msgspec

from sources.asked import Decoder
from sources.errors import OutcomeUnknown, SourceContractBroken, SourceError

T = TypeVar("T")


class Wanted(NamedTuple, Generic[T]):
    """What an answer is read as, and who looks whether it is one."""

    decoder: Decoder[T]
    judged: Callable[[T], SourceError | None] | None

    def decoded(self, payload: bytes, source: str, *, is_write: bool) -> T:
        """Raises a SourceError: what was written is not undone by an answer that nobody can read."""
        try:
            content = self.decoder.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if is_write:
                raise OutcomeUnknown(source, detail="it was done, but the answer does not decode") from error
            detail = "the answer does not decode"
            raise SourceContractBroken(source, path=broken_path(str(error)), detail=detail) from error
        wrong = self.judged(content) if self.judged is not None else None
        if wrong is not None:
            raise wrong
        return content


def broken_path(decode_error: str) -> str:
    """Where msgspec says that a payload broke: its message ends in "- at `$.items[3].uom`"; the rest may quote the payload."""
    _, found, path = decode_error.rpartition(" - at ")
    return path.strip("`") if found else "$"
