"""An answer's rows, read one by one: one that does not fit spoils its own key, not its neighbours'."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

import msgspec

from sources.errors import SourceContractBroken
from sources.http import broken_path

R = TypeVar("R")

MAX_DIGITS = 30


class Spoilt(NamedTuple):
    """A row that does not fit. `path` is where in the whole answer; `raw` the row, to look in it for whose it is."""

    path: str
    raw: msgspec.Raw

    def error(self, source: str) -> SourceContractBroken:
        return SourceContractBroken(source, path=self.path, detail="a row does not decode")


def each_row(rows: Sequence[msgspec.Raw], decoder: msgspec.json.Decoder[R], at: str) -> Iterator[R | Spoilt]:
    """`at`: where the rows stand in the answer, such as `$.results`."""
    for number, raw in enumerate(rows):
        try:
            yield decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Spoilt(f"{at}[{number}]{broken_path(str(error))[1:]}", raw)


def owner_of(spoilt: Spoilt, decoder: msgspec.json.Decoder[R], source: str) -> R:
    """As much of a row as tells whose it is. Raises SourceContractBroken where even that does not fit: the answer cannot be used."""
    try:
        return decoder.decode(spoilt.raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise spoilt.error(source) from None


def is_plain(figure: Decimal) -> bool:
    """Whether it can be written out: finite, and within thirty digits of the point."""
    return figure.is_finite() and abs(figure.adjusted()) <= MAX_DIGITS and len(figure.as_tuple().digits) <= MAX_DIGITS
