"""Answers that are not 2xx: one envelope for all of them."""

from typing import Any

import msgspec

_BY_STATUS = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    422: "REJECTED",
    429: "RATE_LIMITED",
}
_SERVER_ERROR = 500


class Problem(Exception):
    """Ends the handling of a call with this answer."""

    def __init__(self, status: int, message: str, *, code: str | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code or code_of(status)
        self.message = message
        self.path = path
        self.reason: str | None = "FAULT" if status == 422 else None  # noqa: PLR2004 - the status says it
        self.headers: dict[str, str] = {}

    def body(self) -> bytes:
        error: dict[str, Any] = {"code": self.code, "message": self.message, "path": self.path}
        if self.reason is not None:
            error["reason"] = self.reason
        return msgspec.json.encode({"error": error})


def code_of(status: int) -> str:
    if status == _SERVER_ERROR:
        return "INTERNAL"
    return _BY_STATUS.get(status, "UNAVAILABLE" if status > _SERVER_ERROR else "BAD_REQUEST")


def bad_request(message: str, path: str | None = None) -> Problem:
    return Problem(400, message, path=path)


def limit_exceeded(message: str, path: str) -> Problem:
    return Problem(400, message, code="LIMIT_EXCEEDED", path=path)


def rejected(reason: str, message: str, path: str | None = None) -> Problem:
    problem = Problem(422, message, path=path)
    problem.reason = reason
    return problem


def not_allowed(method: str, allowed: list[str]) -> Problem:
    problem = Problem(405, f"{method} is not something this path takes.")
    problem.headers["Allow"] = ", ".join(sorted(allowed))
    return problem
