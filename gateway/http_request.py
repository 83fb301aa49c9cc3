"""A request whose headers are looked up in a dict: more than a dozen are asked for in every operation, each through the whole list."""

from functools import cached_property
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope


class HeaderTable(Headers):
    """As Starlette's, but that `get` costs one look-up. Of a header that came twice the first counts, as there."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}

    def get(self, key: str, default: Any = None) -> Any:
        return self._first.get(key.lower(), default)


class HttpRequest(Request):
    @cached_property
    def headers(self) -> Headers:
        return HeaderTable(self.scope)
