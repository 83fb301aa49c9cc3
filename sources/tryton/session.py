"""How Tryton is signed in to: by name and password, for a session that its calls then name."""

import base64

import msgspec

from sources.grant import AuthSettings, Granted, Request

LIFE_SECONDS = 240.0
"""Tryton ends a session that nobody used for 300 seconds, unless it is set otherwise; a new one is opened in time."""


class _Session(msgspec.Struct):
    result: tuple[int, str, object]


_SESSION = msgspec.json.Decoder(_Session)


class Login:
    """`common.db.login`. A wrong password is Tryton's 401. Without a name and a password the settings' own headers go along."""

    def request(self, settings: AuthSettings, root: str) -> Request | None:
        if not settings.username:
            return None
        params = [settings.username, {"password": settings.password}, "en"]
        body = msgspec.json.encode({"id": 0, "method": "common.db.login", "params": params})
        return Request(f"{root}/rpc/", body, {"Content-Type": "application/json"})

    def granted(self, settings: AuthSettings, content: bytes) -> Granted:
        user, token, _ = _SESSION.decode(content).result
        named = base64.b64encode(f"{settings.username}:{user}:{token}".encode()).decode()
        return Granted({"Authorization": f"Session {named}"}, LIFE_SECONDS)
