"""Where every request is received: who asks, and whether it is their turn. For HTTP here; other transports may ask the parts."""

from typing import Final, NamedTuple

from starlette.requests import Request as HttpRequest

from gateway.auth import Authenticator, Known, Unauthenticated
from gateway.body import Audited, Refused
from gateway.rates import Rates, Told
from sources.viewer import Viewer

UNAUTHORIZED: Final = 401


class Admitted(NamedTuple):
    known: Known
    rates: Told

    @property
    def viewer(self) -> Viewer:
        return self.known.viewer


class Reception:
    """The authenticator and the rates are the gateway's one of each."""

    def __init__(self, authenticator: Authenticator, rates: Rates) -> None:
        self.authenticator, self.rates = authenticator, rates

    async def admitted(self, http: HttpRequest) -> Admitted:
        """Raises Refused: 401 for nobody we know, 429 for whoever asks too often."""
        given = http.headers.get("authorization", "")
        try:
            known = await self.authenticator.known(given)
        except Unauthenticated as error:
            failed = 'Bearer error="invalid_token"' if given else "Bearer"
            headers = {"WWW-Authenticate": failed} if error.status == UNAUTHORIZED else {"Retry-After": "5"}
            raise Refused(
                str(error), error.status, code=error.code, headers=headers, audited=Audited("", error.reason)
            ) from None
        return Admitted(known, await self.rates.take("requests", known.viewer.subject))

    async def charged(self, admitted: Admitted, cost: int) -> Admitted:
        """The operation's cost is taken before it is executed. Raises Refused (429)."""
        told = await self.rates.take("cost", admitted.viewer.subject, cost)
        return admitted._replace(rates=admitted.rates | told)
