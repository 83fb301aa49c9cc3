"""Ids and cursors as clients carry them: values behind an opaque text, and back."""

import base64
import binascii
from typing import TypeVar

import msgspec

from resolvers.errors import BadInput

T = TypeVar("T")


def sealed(value: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def unsealed(text: str, decoder: msgspec.json.Decoder[T], *, argument: str, kind: str) -> T:
    """Raises BadInput, which names the argument, for anything that `sealed` did not make."""
    try:
        return decoder.decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise foreign(argument, kind) from None


def foreign(argument: str, kind: str) -> BadInput:
    return BadInput(argument, f"this is no {kind} that the gateway gave out.")
