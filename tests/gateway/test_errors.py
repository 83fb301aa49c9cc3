"""What is not meant for clients never reaches them."""

import logging

import pytest
from graphql import GraphQLError

from gateway.errors import MASKED, formatted
from sources.errors import OutcomeUnknown, SourceRateLimited, SourceRejected


def test_an_unforeseen_error_is_masked_and_logged_under_its_correlation_id(caplog: pytest.LogCaptureFixture) -> None:
    error = GraphQLError("password=hunter2", path=["item"], original_error=RuntimeError("password=hunter2"))
    with caplog.at_level(logging.ERROR):
        shown = formatted(error, correlation_id="id-7")
    assert shown == {"message": MASKED, "path": ["item"], "extensions": {"code": "INTERNAL", "correlationId": "id-7"}}
    assert "id-7" in caplog.text


def test_a_rate_limited_source_tells_when_to_come_back() -> None:
    cause = SourceRateLimited("erp", retry_after_seconds=7.0)
    shown = formatted(GraphQLError("x", path=["item"], original_error=cause), correlation_id="id")
    assert shown["extensions"] == {
        "code": "SOURCE_RATE_LIMITED", "source": "erp", "retryable": True, "retryAfterSeconds": 7.0, "correlationId": "id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cause", "code", "retryable"),
    [
        (SourceRejected("erp", reason="CREDIT_HOLD"), "SOURCE_REJECTED", False),
        (OutcomeUnknown("erp"), "SOURCE_UNAVAILABLE", False),
    ],
)
def test_other_source_errors_say_their_code(cause: Exception, code: str, retryable: bool) -> None:  # noqa: FBT001 - a parameter of the case
    shown = formatted(GraphQLError("x", path=["item"], original_error=cause), correlation_id="id")
    assert (shown["extensions"]["code"], shown["extensions"]["retryable"]) == (code, retryable)
    assert shown["message"] == str(cause)
