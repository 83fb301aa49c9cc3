"""UPS's days, times and offsets: texts of digits, an empty one for "none". One that is neither breaks the answer where it stands."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

_DAY = re.compile(r"\d{8}", re.ASCII)
_TIME = re.compile(r"\d{1,6}|\d{2}:\d{2}:\d{2}", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2})[:.](\d{2})", re.ASCII)


class Day:
    """`20260630`. `value` is None for an empty text."""

    __slots__ = ("value",)

    def __init__(self, text: str) -> None:
        self.value: date | None = None
        if not text:
            return
        if not _DAY.fullmatch(text):
            raise ValueError("Expected a day as YYYYMMDD")
        self.value = date(int(text[:4]), int(text[4:6]), int(text[6:]))


class Clock:
    """`091519`, or `74700` where a zero is left out in front, or `09:15:19`. `value` is None for an empty text."""

    __slots__ = ("value",)

    def __init__(self, text: str) -> None:
        self.value: time | None = None
        if not text:
            return
        if not _TIME.fullmatch(text):
            raise ValueError("Expected a time as HHMMSS")
        digits = text.replace(":", "").zfill(6)
        self.value = time(int(digits[:2]), int(digits[2:4]), int(digits[4:]))


class Offset:
    """`-05:00`, or `-05.00` as it is pushed: local time less UTC. `value` is None for an empty text."""

    __slots__ = ("value",)

    def __init__(self, text: str) -> None:
        self.value: timezone | None = None
        if not text:
            return
        parts = _OFFSET.fullmatch(text)
        if parts is None:
            raise ValueError("Expected an offset as -HH:MM")
        sign, hours, minutes = parts.groups()
        away = timedelta(hours=int(hours), minutes=int(minutes))
        self.value = timezone(-away if sign == "-" else away)


def decoded(kind: type, given: Any) -> Any:
    """For msgspec: it adds to the ValueError at which path it stands."""
    if kind not in {Day, Clock, Offset} or not isinstance(given, str):
        raise ValueError("Expected `str`")
    return kind(given)


def moment(day: Day | None, clock: Clock | None, zone: timezone | None = None) -> datetime | None:
    """None without a day. Without a time: its midnight; without a zone: as if it were UTC."""
    if day is None or day.value is None:
        return None
    at = clock.value if clock is not None and clock.value is not None else time()
    return datetime.combine(day.value, at, zone or UTC)


def happened(
    local: tuple[Day | None, Clock | None], gmt: tuple[Day | None, Clock | None], offset: Offset | None
) -> datetime | None:
    """UPS says it up to three ways: in GMT; locally with its offset; locally without, which is read as if it were UTC."""
    gmt_day, gmt_clock = gmt
    if gmt_day is not None and gmt_day.value is not None and gmt_clock is not None and gmt_clock.value is not None:
        return moment(gmt_day, gmt_clock)
    return moment(*local, offset.value if offset is not None else None)
