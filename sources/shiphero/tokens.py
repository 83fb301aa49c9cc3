"""How ShipHero is signed in to: a refresh token buys an access token of 28 days."""

import msgspec

from sources.grant import AuthSettings, ClientCredentials, Granted, Request

REFRESH_PATH = "/auth/refresh"


class RefreshTokens:
    """`refresh_token` is that of the third-party developer user and stays the same. With a `token` nothing is fetched."""

    def request(self, settings: AuthSettings, root: str) -> Request | None:
        if not settings.refresh_token:
            return None
        body = msgspec.json.encode({"refresh_token": settings.refresh_token})
        return Request(root + REFRESH_PATH, body, {"Content-Type": "application/json"})

    def granted(self, settings: AuthSettings, content: bytes) -> Granted:
        """It answers as OAuth 2.0 does: `access_token` and `expires_in`."""
        return ClientCredentials().granted(settings, content)
