"""docs/order-submission.md agrees with the codes, the states and the settings that there are."""

import re
from pathlib import Path

from orders.attention import REJECTING
from orders.problems import ProblemCode
from orders.record import Decision, SubmissionStatus
from orders.request import INTERACTIVE, Channel
from orders.settings import SubmissionSettings

PAGE = (Path(__file__).parents[2] / "docs" / "order-submission.md").read_text()
ANSWERS = {"IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED", "ALREADY_RESOLVED"}
"""Told to whoever asks; no submission has one."""


def rows(heading: str) -> list[list[str]]:
    """The first table under a heading, cell by cell."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    return [[cell.strip(" `") for cell in line.split(" | ")] for line in lines[1:]]


def test_every_code_has_its_row_in_the_order_of_the_schema_with_cause_and_cure() -> None:
    table = rows("Problems")
    assert [code for code, *_ in table] == [code.value for code in ProblemCode]
    assert [row for row in table if len(row) != 4 or not all(row)] == []


def test_the_table_says_of_each_code_what_the_rules_make_of_it() -> None:
    told = {code: outcome for code, _, _, outcome in rows("Problems")}
    rejecting = {code.value for code in REJECTING}
    assert {code for code, outcome in told.items() if outcome == "rejects"} == rejecting
    assert {code for code, outcome in told.items() if outcome == "answers"} == ANSWERS
    assert set(told.values()) == {"rejects", "waits", "answers"}


def test_every_state_is_in_the_table_and_in_the_diagram() -> None:
    states = {status.value for status in SubmissionStatus}
    assert {state for state, *_ in rows("States")} == states
    (diagram,) = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", PAGE, re.DOTALL)
    arrows = re.findall(r"^ +(\S+) --> ([A-Z_]+|\[\*\])", diagram, re.MULTILINE)
    assert {state for arrow in arrows for state in arrow} == states | {"[*]"}
    assert {source for source, target in arrows if target == "[*]"} == {"ACCEPTED", "REJECTED", "CANCELLED"}


def test_every_decision_and_every_channel_is_told() -> None:
    assert [each.value for each in Decision if f"- **{each.value}**" not in PAGE] == []
    told = re.search(
        r"Orders of the channels (.*?) start at once\. Those of (.*?) go through the queue", PAGE, re.DOTALL
    )
    assert told is not None
    at_once, queued = (set(re.findall(r"`([A-Z]+)`", each)) for each in told.groups())
    assert at_once == {channel.value for channel in INTERACTIVE}
    assert queued == {channel.value for channel in set(Channel) - INTERACTIVE}


def test_every_setting_it_names_is_one() -> None:
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", PAGE))
    assert len(named) > 8
    assert named <= set(SubmissionSettings.__struct_fields__)
