"""JSON bodies into their shapes, with the path of what does not fit."""

from typing import TypeVar

import msgspec

from sandbox.problems import bad_request

B = TypeVar("B")


def decoded(body: bytes, shape: type[B]) -> B:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as wrong:
        sentence, _, path = str(wrong).partition(" - at `$")
        raise bad_request(f"{sentence}.", path.rstrip("`").lstrip(".") or None) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_request("The body is not JSON.") from None
