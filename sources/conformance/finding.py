"""What a check found wrong, and how it is told to a person."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "skipped"]
"""error breaks the contract; warning is allowed but costs something; skipped could not be asked at all."""


class Finding(msgspec.Struct, frozen=True):
    severity: Severity
    operation: str
    where: str
    """A JSON path in the answer ("$.items[*].uom"), "status", "header Allow", or the part of the request that was asked."""
    what: str
    hint: str


_HEADINGS: dict[Severity, str] = {
    "error": "Breaks the contract",
    "warning": "Works, but look at it",
    "skipped": "Not checked",
}


def report(findings: Sequence[Finding]) -> str:
    """The findings as text for a terminal, the gravest first; a sentence where there are none."""
    if not findings:
        return "The server keeps the contract: nothing found.\n"
    sections = [_section(severity, findings) for severity in _HEADINGS]
    return "\n".join(section for section in sections if section) + "\n" + _summary(findings)


def _section(severity: Severity, findings: Sequence[Finding]) -> str:
    chosen = [finding for finding in findings if finding.severity == severity]
    if not chosen:
        return ""
    return "".join([f"{_HEADINGS[severity]} ({len(chosen)})\n", *map(_entry, chosen)])


def _entry(finding: Finding) -> str:
    return f"\n  {finding.operation}  {finding.where}\n    {finding.what}\n    {finding.hint}\n"


def _summary(findings: Sequence[Finding]) -> str:
    counts = [(severity, sum(1 for each in findings if each.severity == severity)) for severity in _HEADINGS]
    return ", ".join(f"{count} {severity}" for severity, count in counts if count) + ".\n"
