"""The day of tests/gateway/a-day-of-orders.md: its submissions and events, and the figures that were worked out by hand."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from orders import attention
from orders.problems import ProblemCode
from orders.record import Step, StepStatus, Submission, SubmissionStatus
from orders.request import Channel
from sources.events import Event, new_event
from sources.happenings import OrderMoved, PickShort, ShipmentMoved
from tests.orders.invented import line, problem, request, submission

PAGE = (Path(__file__).parent / "gateway" / "a-day-of-orders.md").read_text()
DAY, NEXT_DAY, END = (datetime(2026, *day, tzinfo=UTC) for day in ((6, 30), (7, 1), (7, 2)))
KEPT_DAYS = 36_500
"""So that what happened then is remembered now."""

S = SubmissionStatus


def rows(heading: str) -> list[list[str]]:
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^\|(.*)\|$", section, re.MULTILINE)
    return [[cell.strip() for cell in each.split("|")] for each in lines[2:]]


def moment(text: str) -> datetime:
    day, _, time = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-{day or '06-30'}T{time}:00+00:00")


# ---------------------------------------------------------------- submissions


def submissions() -> Iterator[Submission]:
    """Each as it is after each step of its course."""
    for number, (name, company, channel, due, course) in enumerate(rows("Submissions")):
        asked = request(channel=Channel(channel), requested_date=date.fromisoformat(f"2026-{due}"))
        now = submission(number, id=name, company=company, request=asked)
        for step in course.split(", "):
            now = _after(now, *step.split(" "))
            yield now


def _after(before: Submission, time: str, what: str, *more: str) -> Submission:
    at = moment(time)
    if what == "ACCEPTED":
        number, *shipments = more
        released = Step("release", StepStatus.DONE, 1, at, at)
        taken = before.with_step(released).changed(erp_order_number=number, shipments=tuple(shipments))
        return taken.changed(status=S.ACCEPTED, ended_at=at)
    if what in {"NEEDS_ATTENTION", "REJECTED", "FAILED"}:
        problems = tuple(problem(ProblemCode(code)) for code in more)
        return before.changed(status=S(what), problems=problems, ended_at=at)
    status, decided = _decided(before, what, at)
    return decided.changed(run=before.run + 1, status=status, ended_at=None if status is S.RUNNING else at)


def _decided(before: Submission, what: str, at: datetime) -> tuple[SubmissionStatus, Submission]:
    if what == "AMEND":
        return S.RUNNING, attention.amended(before, [line()], by="clerk", at=at, note="")
    does = {
        "RELEASE": (S.RUNNING, attention.released),
        "RETRY": (S.RUNNING, attention.retried),
        "REJECT": (S.REJECTED, attention.rejected),
        "CANCEL": (S.CANCELLED, attention.cancelled),
    }
    status, do = does[what]
    return status, do(before, "clerk", at, "")


# ---------------------------------------------------------------- events


def events() -> Iterator[Event]:
    for number, (at, kind, company, order, shipment, parcels, note) in enumerate(rows("Events")):
        sku = note.partition(",")[0]
        data = _data(kind, company or None, order or None, [shipment or None, sku, *parcels.split()])
        source = "/wms" if company else "/carrier"
        made = new_event(kind, data, id=f"{number} {note}", source=source, time=moment(at))
        yield from [made, made] if "twice" in note else [made]


def _data(kind: str, company: str | None, order: str | None, more: Sequence[Any]) -> Any:
    shipment, sku, *parcels = more
    if kind.startswith("order."):
        return OrderMoved(company=company, order=str(order))
    if kind == "pick.short":
        return PickShort(
            company=company, order=order, shipment=shipment, sku=sku, ordered=Decimal(10), picked=Decimal(8)
        )
    if company is None:
        return ShipmentMoved(tracking_number=parcels[0], carrier="UPS")
    return ShipmentMoved(company=company, order=order, shipment=shipment, tracking_numbers=tuple(parcels))


# ---------------------------------------------------------------- figures

FIELDS = """
  since until
  orderCycle { count medianSeconds p90Seconds }
  perfectOrders { delivered judged perfect rate late shortPicked withException }
  exceptionResolution { count medianSeconds p90Seconds }
  exceptionReasons { reason times { medianSeconds } }
  shipmentConfirmation { count medianSeconds p90Seconds }
  submissions { channel count straightThrough afterDecision rejected cancelled failed successRate straightThroughRate }
  submissionChannels { channel count successRate }
  shortPicks { lines orders }
"""
QUERY = f"""
query Operations($since: DateTime!, $until: DateTime!, $company: String, $every: OperationsStretch) {{
  operations(since: $since, until: $until, company: $company, every: $every) {{
    total {{ {FIELDS} }} series {{ {FIELDS} }}
  }}
}}
"""


def expected(column: int) -> dict[str, str]:
    """The page's figures: 0 for the first column of them."""
    return {name: figures[column] for name, *figures in rows("Figures")}


def told(figures: dict[str, Any]) -> dict[str, str]:
    """An answer's, as the page has them."""
    perfect, outcomes, short = figures["perfectOrders"], figures["submissions"], figures["shortPicks"]
    assert outcomes["channel"] is None
    reasons = {each["reason"]: _minutes(each["times"]["medianSeconds"]) for each in figures["exceptionReasons"]}
    rates = {each["channel"]: _rate(each["successRate"], each["count"]) for each in figures["submissionChannels"]}
    return {
        **_times("order cycle", figures["orderCycle"]),
        **{name: str(perfect[name]) for name in ("delivered", "judged", "perfect")},
        "perfect order rate": _rate(perfect["rate"], perfect["judged"]),
        "late": str(perfect["late"]),
        "short": str(perfect["shortPicked"]),
        "with exception": str(perfect["withException"]),
        **_times("exceptions", figures["exceptionResolution"]),
        "exceptions by reason: median": _listed(reasons),
        **_times("confirmation", figures["shipmentConfirmation"]),
        "submissions": str(outcomes["count"]),
        "straight through": str(outcomes["straightThrough"]),
        "after a decision": str(outcomes["afterDecision"]),
        **{name: str(outcomes[name]) for name in ("rejected", "cancelled", "failed")},
        "success rate": _rate(outcomes["successRate"], outcomes["count"]),
        "straight-through rate": _rate(outcomes["straightThroughRate"], outcomes["count"]),
        "success rate by channel": _listed(rates),
        "short picks: lines": str(short["lines"]),
        "short picks: orders": str(short["orders"]),
    }


def _times(name: str, times: dict[str, Any]) -> dict[str, str]:
    return {
        f"{name}: count": str(times["count"]),
        f"{name}: median": _minutes(times["medianSeconds"]),
        f"{name}: p90": _minutes(times["p90Seconds"]),
    }


def _minutes(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds / 60:g}"


def _rate(rate: float | None, whole: int) -> str:
    if rate is None:
        assert whole == 0
        return "none"
    part = round(rate * whole)
    assert rate == part / whole
    return f"{part}/{whole}"


def _listed(found: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.items()) or "none"
