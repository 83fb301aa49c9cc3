"""What a check of a source found, and how it is told: to people, or as JSON."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

Status = Literal["ok", "warning", "failed", "untried"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """`check`: what was looked at, a capability by its name. `told` in plain words, without a secret or a body of the source's."""

    check: str
    status: Status
    told: str
    milliseconds: float | None = None


class Checked(msgspec.Struct, frozen=True):
    """`source`: its name in the settings. It is good where nothing failed."""

    source: str
    connector: str
    title: str
    place: str
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        return all(each.status != "failed" for each in self.findings)


def as_text(checked: Checked) -> str:
    rows = [_row(each) for each in checked.findings]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)] if rows else [0, 0]
    lines = [f"{check:{wide[0]}}  {status:{wide[1]}}  {told}" for check, status, told in rows]
    return "\n".join([f"{checked.source}: {checked.title} at {checked.place}", *lines, _summary(checked.findings)])


def as_plain(checked: Checked) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(checked)
    return found | {"good": checked.is_good}


def _row(finding: Finding) -> tuple[str, str, str]:
    took = "" if finding.milliseconds is None else f" ({finding.milliseconds:.0f} ms)"
    return finding.check, finding.status, f"{finding.told}{took}"


def _summary(findings: Sequence[Finding]) -> str:
    counts = {
        status: sum(each.status == status for each in findings) for status in ("ok", "warning", "failed", "untried")
    }
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count)
