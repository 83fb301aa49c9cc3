"""Who is told that a submission moved: whoever listens, at once and without waiting; and the events that tell everybody else."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from orders.record import StepStatus, Submission, SubmissionStatus
from sources.events import Event, new_event
from sources.happenings import OrderMoved, SubmissionMoved

SOURCE: Final = "/crossdock"
Listener = Callable[[Submission], None]


class Moves:
    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def told(self, submission: Submission) -> None:
        for listener in self.listeners:
            listener(submission)


def events_of(submission: Submission, now: datetime) -> Iterator[Event]:
    """That it moved; and, once it is accepted, that the ERP has an order, for whatever hangs on what can be promised."""
    done = sum(step.status is StepStatus.DONE for step in submission.steps)
    status = submission.status.value
    place = f"{submission.reference}/{submission.run}/{done}/{status}"
    customer, number = submission.request.customer, submission.erp_order_number
    moved = SubmissionMoved(
        company=submission.company,
        submission=submission.id,
        status=status,
        customer=customer,
        order=number,
        progress=f"{submission.run}.{done}",
    )
    yield new_event("submission.moved", moved, id=place, source=SOURCE, time=now)
    if submission.status is SubmissionStatus.ACCEPTED and number is not None:
        skus = tuple(dict.fromkeys(line.sku for line in submission.lines))
        accepted = OrderMoved(company=submission.company, order=number, customer=customer, skus=skus)
        yield new_event("order.accepted", accepted, id=f"{place}/order", source=SOURCE, time=now)
