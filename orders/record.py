"""What is kept of a submission: everything that was asked, found, decided and done."""

import enum
from datetime import date, datetime
from decimal import Decimal

import msgspec

from orders.problems import Problem, ProblemCode, is_error
from orders.request import INTERACTIVE, OrderRequest
from orders.routing import Route
from sources.changes import Approval, NewOrder
from sources.models import Money
from sources.viewer import Viewer


class SubmissionStatus(enum.Enum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    ACCEPTED = "ACCEPTED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    REJECTED = "REJECTED"
    RECONCILING = "RECONCILING"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


UNDER_WAY = frozenset({SubmissionStatus.QUEUED, SubmissionStatus.RUNNING, SubmissionStatus.RECONCILING})
ENDED = frozenset({SubmissionStatus.ACCEPTED, SubmissionStatus.REJECTED, SubmissionStatus.CANCELLED})
"""Nothing more becomes of these; NEEDS_ATTENTION and FAILED wait for somebody."""


class StepStatus(enum.Enum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    COMPENSATED = "COMPENSATED"
    SKIPPED = "SKIPPED"


class Step(msgspec.Struct, frozen=True):
    """`detail` is for people: what came of it."""

    name: str
    status: StepStatus
    attempts: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    detail: str | None = None


class Decision(enum.Enum):
    RELEASE = "RELEASE"
    AMEND = "AMEND"
    REJECT = "REJECT"


class SubmissionDecision(msgspec.Struct, frozen=True):
    decision: Decision
    by: str
    at: datetime
    note: str


class Wait(msgspec.Struct, frozen=True):
    """How long a submission needed attention, from the end of a run until a person did something about it, and because of what."""

    since: datetime
    until: datetime
    reasons: tuple[ProblemCode, ...]


class SubmissionLine(msgspec.Struct, frozen=True):
    """A line with the facts that its checks went by. `available` is what could be promised at that moment, in the base unit."""

    number: int
    sku: str
    quantity: Decimal
    uom: str
    instead_of: str | None = None
    unit_price: Money | None = None
    total: Money | None = None
    price_as_of: datetime | None = None
    available: Decimal | None = None
    promised_date: date | None = None
    availability_as_of: datetime | None = None


class Aim(enum.Enum):
    """What the next run is for. The two withdrawals take back what the ERP may hold, and end as their name says."""

    SUBMIT = "SUBMIT"
    REJECT = "REJECT"
    CANCEL = "CANCEL"


class Passed(msgspec.Struct, frozen=True):
    """A problem that a person let pass: it stays on the record as a warning."""

    code: ProblemCode
    path: tuple[str, ...]


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One order on its way, from its acceptance on; `request` is what is to be ordered now, after amendments.

    `run` counts its runs: whoever saves names the run it belongs to, and a run that was taken over saves nothing more.
    `sent`: an order may have been written to the ERP under `reference`. `discard`: the order written before is to be cancelled first.
    `payer` is the account that the customer is billed to, as far as that is known. `parked_for` names the source it waits for;
    `executor` the process that works on it; `takeovers` how often one died over it. `shipments`: those that the warehouse named
    when the order was released to it.
    """

    id: str
    subject: str
    idempotency_key: str
    fingerprint: str
    request: OrderRequest
    viewer: Viewer
    correlation_id: str
    submitted_at: datetime
    status: SubmissionStatus
    version: str
    run: int = 1
    aim: Aim = Aim.SUBMIT
    company: str | None = None
    payer: str | None = None
    problems: tuple[Problem, ...] = ()
    passed: tuple[Passed, ...] = ()
    approvals: tuple[Approval, ...] = ()
    decisions: tuple[SubmissionDecision, ...] = ()
    waits: tuple[Wait, ...] = ()
    steps: tuple[Step, ...] = ()
    lines: tuple[SubmissionLine, ...] = ()
    total: Money | None = None
    route: Route | None = None
    order: NewOrder | None = None
    generation: int = 1
    sent: bool = False
    sent_at: datetime | None = None
    discard: bool = False
    erp_order_number: str | None = None
    released: bool = False
    shipments: tuple[str, ...] = ()
    parked_for: str | None = None
    executor: str | None = None
    takeovers: int = 0
    ended_at: datetime | None = None

    @property
    def reference(self) -> str:
        """The order's name in the ERP: the same however often it is tried; another one after a written order was given up."""
        return f"XD-{self.id}" if self.generation == 1 else f"XD-{self.id}-{self.generation}"

    @property
    def is_interactive(self) -> bool:
        return self.request.channel in INTERACTIVE

    @property
    def reasons(self) -> tuple[ProblemCode, ...]:
        """The codes of what keeps it from going on."""
        return tuple(dict.fromkeys(problem.code for problem in self.problems if is_error(problem)))

    def changed(self, **fields: object) -> "Submission":
        return msgspec.structs.replace(self, **fields)

    def step(self, name: str) -> Step:
        return next((step for step in self.steps if step.name == name), Step(name, StepStatus.PENDING))

    def with_step(self, step: Step) -> "Submission":
        """In the order in which the steps were first taken."""
        names = [each.name for each in self.steps]
        if step.name not in names:
            return self.changed(steps=(*self.steps, step))
        return self.changed(steps=tuple(step if each.name == step.name else each for each in self.steps))
