"""The steps behind the ERP: the order given to the warehouse, and a note in the CRM."""

from orders.attention import with_problem
from orders.placing import Placing
from orders.problems import PlainProblem, ProblemCode
from orders.record import Submission, SubmissionStatus
from orders.steps import Done, Ended, Steps, Work
from sources.changes import NewNote, NewRelease
from sources.errors import SourceError, SourceRejected
from sources.ports import NotedCrm, ReleasingWms


class Fulfilment:
    def __init__(self, steps: Steps, wms: ReleasingWms, crm: NotedCrm, placing: Placing) -> None:
        self._steps, self._wms, self._crm, self._placing = steps, wms, crm, placing

    async def release(self, work: Work, submission: Submission) -> Done:
        """Where the warehouse refuses, the order is put on hold in the ERP: it waits for a person, and ships in no other way."""
        order = submission.order
        release = NewRelease(
            submission.company or "",
            submission.erp_order_number or "",
            order.warehouses if order else (),
            submission.reference,
            submission.request.carrier_service,
        )
        try:
            released = await self._wms.release_order(self._steps.writing(submission), release)
        except SourceRejected as error:
            raise await self._refused(work, error.reason) from None
        numbers = tuple(shipment.number for shipment in released.shipments)
        done = submission.changed(released=True, shipments=numbers)
        return Done(done, f"Shipment {', '.join(numbers)}" if numbers else "Released")

    async def _refused(self, work: Work, reason: str) -> Ended:
        """Raises what `hold` raises: the release is asked for again then, and refused again."""
        told = f"The warehouse refuses to ship the order: {reason}."

        async def hold(held: Submission) -> Done:
            return await self._placing.hold(held, told)

        await self._steps.take(work, "hold", hold)
        problems = with_problem(work.submission.problems, PlainProblem(ProblemCode.RELEASE_REFUSED, told, ()))
        return Ended(SubmissionStatus.NEEDS_ATTENTION, problems, told, work.submission)

    async def note(self, submission: Submission) -> Done:
        """The same however often it is left. One that cannot be left is no reason to hold up an order."""
        number = submission.erp_order_number
        total = f" over {submission.total.amount:f} {submission.total.currency}" if submission.total else ""
        note = NewNote(
            submission.reference,
            submission.company or "",
            submission.request.customer,
            f"Order {number}{total} by {submission.request.channel.value}, submitted by {submission.subject}.",
            submission.submitted_at,
            number,
        )
        try:
            await self._crm.add_note(self._steps.writing(submission), note)
        except SourceError as error:
            return Done(submission, f"No note was left: {error}")
        return Done(submission, "Noted")
