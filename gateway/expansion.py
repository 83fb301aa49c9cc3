"""What the settings take from elsewhere, so that no secret need stand in the file: `${NAME}` and `${file:PATH}`."""

import os
import re
from pathlib import Path
from typing import Any, Final

_PLACE = re.compile(r"\$\{(?:([A-Z][A-Z0-9_]*)|file:([^}]+))\}")
MAX_CHARACTERS: Final = 65_536


class NotThere(Exception):
    """A variable or file that the settings name cannot be read; the message says which, never what is in it."""


class Expansion:
    """Remembers what it took, so that no message about the settings shows it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.of(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.of(each) for each in value]
        return _PLACE.sub(self._content, value) if isinstance(value, str) else value

    def hidden(self, message: str) -> str:
        for each in sorted(self._taken, key=len, reverse=True):
            message = message.replace(each, "…")
        return message

    def _content(self, found: re.Match[str]) -> str:
        name, path = found[1], found[2]
        content = _variable(name) if name is not None else _file(path)
        if content:
            self._taken.add(content)
        return content


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise NotThere(f"the environment variable {name} is not set")
    return value


def _file(path: str) -> str:
    """As secrets are mounted: the file's text without the line's end."""
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise NotThere(f"the file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NotThere(f"the file {path}: this is no text") from None
    if len(text) > MAX_CHARACTERS:
        raise NotThere(f"the file {path}: larger than a secret is")
    return text.rstrip("\r\n")
