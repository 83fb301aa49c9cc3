"""An identity provider of a test's own: keys that rotate, a JWKS that goes down, and tokens good and bad."""

import base64
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

AUDIENCE = "crossdock-api"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


class Provider:
    """`rows` are what its JWKS holds; `reads` counts how often it was read."""

    def __init__(self) -> None:
        self.issuer = ""
        self.rows: list[dict[str, Any]] = [public_row("rsa-1", RSA_KEY), public_row("ec-1", EC_KEY)]
        self.reads = 0
        self.is_down = False
        self.body: bytes | None = None

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/.well-known/openid-configuration", self.configuration), Route("/jwks", self.jwks)]
        )

    async def configuration(self, _: Request) -> Response:
        return JSONResponse(
            {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}, status_code=503 if self.is_down else 200
        )

    async def jwks(self, _: Request) -> Response:
        self.reads += 1
        if self.is_down:
            return Response("a secret stack trace", status_code=503)
        return Response(self.body) if self.body is not None else JSONResponse({"keys": self.rows})

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        whole = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "portal-user",
            "iat": now,
            "exp": now + 600,
            "scope": "item:read customer:read order:read",
            "crossdock_companies": ["US"],
            "crossdock_customers": ["C1"],
        }
        return {name: value for name, value in {**whole, **changes}.items() if value is not None}

    def token(
        self, *, key: Any = RSA_KEY, kid: str | None = "rsa-1", alg: str = "RS256", header: Mapping[str, Any] | None = None, **changes: Any
    ) -> str:  # fmt: skip
        headers = {**({"kid": kid} if kid is not None else {}), **(header or {})}
        return jwt.encode(self.claims(**changes), key, algorithm=alg, headers=headers)

    def settings(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "audience": AUDIENCE}


def public_row(kid: str, key: Any, **more: Any) -> dict[str, Any]:
    algorithm: Any = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **more}


def pem(key: rsa.RSAPrivateKey) -> bytes:
    """Its public half, as the text that a confused server would take for a shared secret."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def raw(header: Any, claims: Any, signature: bytes = b"") -> str:
    """A token put together by hand, as no library would."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


@asynccontextmanager
async def identity_provider() -> AsyncIterator[Provider]:
    provider = Provider()
    async with served(provider.app()) as address:
        provider.issuer = address
        yield provider
