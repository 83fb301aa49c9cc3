"""A clock whose date stands still at the data's last day while its time of day runs."""

from collections.abc import Callable
from datetime import UTC, date, datetime


class FrozenDay:
    def __init__(self, today: date, wall: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.today = today
        self._wall = wall

    def now(self) -> datetime:
        return datetime.combine(self.today, self._wall().time().replace(microsecond=0), UTC)
