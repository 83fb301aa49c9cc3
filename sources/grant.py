"""How a source grants access for a while: what it is asked, and what it answers. A vendor with a way of its own brings it along."""

import base64
from collections.abc import Mapping
from typing import Annotated, NamedTuple, Protocol
from urllib.parse import urlencode

import msgspec


class NoWay(ValueError):
    """The settings say a way to sign in that this system does not have. Its text holds no secret."""


class AuthSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of: a bearer `token`; `header` and `value`; `username` and `password`; or `token_url`, `client_id` and `client_secret`.

    Or, where that is a system's own way, a `refresh_token`.
    `timeout_seconds` is what fetching a token may take; `ca_file` trusts other authorities than the system's for it.
    """

    token: str = ""
    header: str = ""
    value: str = ""
    username: str = ""
    password: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    refresh_token: str = ""
    ca_file: str = ""
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0

    def __post_init__(self) -> None:
        ways = [
            ("token", bool(self.token), True),
            ("header", bool(self.header or self.value), bool(self.header and self.value)),
            ("username", bool(self.username or self.password), bool(self.username)),
            ("refresh_token", bool(self.refresh_token), True),
            ("token_url", bool(self.token_url or self.client_id or self.client_secret), self._can_fetch),
        ]
        given = [name for name, there, _ in ways if there]
        if len(given) > 1:
            raise ValueError(f"`{given[0]}` and `{given[1]}` are two ways: give one")
        halves = [name for name, there, whole in ways if there and not whole]
        if halves:
            raise ValueError(f"`{halves[0]}` lacks its other half")

    def __repr__(self) -> str:
        return "AuthSettings(…)"

    @property
    def _can_fetch(self) -> bool:
        return bool(self.token_url and self.client_id and self.client_secret)

    def headers(self) -> dict[str, str]:
        """Those that never change; none where a token is to be fetched."""
        if self.header:
            return {self.header: self.value}
        if self.username:
            return {"Authorization": basic(self.username, self.password)}
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def basic(name: str, word: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{word}'.encode()).decode()}"


class Request(NamedTuple):
    """A POST. No secret shows in its repr."""

    url: str
    body: bytes
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        return "Request(…)"


class Granted(NamedTuple):
    """The headers to send from now on, and for how long; None: the answer did not say."""

    headers: Mapping[str, str]
    life_seconds: float | None = None

    def __repr__(self) -> str:
        return f"Granted(life_seconds={self.life_seconds})"


class Grant(Protocol):
    def request(self, settings: AuthSettings, root: str) -> Request | None:
        """`root`: the source's own address. None where these settings need no grant: their headers never change. Raises NoWay."""
        ...

    def granted(self, settings: AuthSettings, content: bytes) -> Granted:
        """What a 200's body grants. Raises ValueError (msgspec's errors are some) where it grants nothing: the credentials are wrong."""
        ...


class _Token(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(pattern=r"^[!-~]+$")]
    expires_in: float | None = None


_TOKEN = msgspec.json.Decoder(_Token, strict=False)  # some say how long it lives as a text


class ClientCredentials:
    """OAuth 2.0, section 4.4: id and secret in the form, or with `by_header` in a Basic header."""

    def __init__(self, *, by_header: bool = False) -> None:
        self._by_header = by_header

    def request(self, settings: AuthSettings, root: str) -> Request | None:  # noqa: ARG002 - the protocol's
        if settings.refresh_token:
            raise NoWay("`refresh_token` is no way to sign in to this system")
        if not settings.token_url:
            return None
        form, headers = {"grant_type": "client_credentials"}, {"Content-Type": "application/x-www-form-urlencoded"}
        if self._by_header:
            headers["Authorization"] = basic(settings.client_id, settings.client_secret)
        else:
            form |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
        form |= {"scope": settings.scope} if settings.scope else {}
        return Request(settings.token_url, urlencode(form).encode(), headers)

    def granted(self, settings: AuthSettings, content: bytes) -> Granted:  # noqa: ARG002 - the protocol's
        token = _TOKEN.decode(content)
        return Granted({"Authorization": f"Bearer {token.access_token}"}, token.expires_in)


CLIENT_CREDENTIALS = ClientCredentials()
