"""Who is told that a submission moved: whoever listens, at once and without waiting."""

from collections.abc import Callable

from orders.record import Submission

Listener = Callable[[Submission], None]


class Moves:
    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def told(self, submission: Submission) -> None:
        for listener in self.listeners:
            listener(submission)
