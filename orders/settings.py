"""How submissions are worked on: `[submissions]` in crossdock.toml."""

from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

APPLICATION_VERSION = "1"
"""Of the runs' code: raised by hand when a run's steps change, so that no run goes on in code that it did not start in."""

_Seconds = Annotated[float, msgspec.Meta(gt=0)]
_Count = Annotated[int, msgspec.Meta(ge=1)]


class SubmissionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url`: a SQLite file for one process, or PostgreSQL for several.

    `patience_seconds`: how long submitOrder waits for the outcome. `per_second` orders are started from the queue over all
    processes, `at_once` of them side by side in each. `settle_seconds`: how long an order may take to be found by its reference
    after it was written. `keep_days`: how long ended submissions can be asked for. `grace_seconds`: what runs may take at a shutdown.
    `timezone`: whose days orders are due by.
    """

    enabled: bool = True
    url: str = "sqlite:///submissions.db"
    patience_seconds: _Seconds = 3.0
    per_second: _Count = 20
    at_once: _Count = 8
    settle_seconds: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    read_seconds: _Seconds = 4.0
    write_seconds: _Seconds = 3.0
    lease_seconds: _Seconds = 10.0
    attempts: _Count = 3
    most_takeovers: _Count = 5
    keep_days: Annotated[int, msgspec.Meta(ge=30)] = 30
    grace_seconds: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    timezone: str = "UTC"
    application_version: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] = APPLICATION_VERSION

    def __post_init__(self) -> None:
        if not self.url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("`url` must begin with sqlite:/// or postgresql://")
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"`timezone`: no such one as {self.timezone!r}") from None
        if self.lease_seconds < 2 * self.write_seconds:
            raise ValueError(
                "`lease_seconds` must be at least twice `write_seconds`: a write may not outlive its lease"
            )

    def __repr__(self) -> str:
        return f"SubmissionSettings(enabled={self.enabled!r})"
