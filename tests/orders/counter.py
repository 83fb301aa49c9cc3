"""The counter of a distributor: orders are handed in, asked about and decided on; and what was written is looked at."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from stack import Stack

FIELDS = """
  id status company erpOrderNumber submittedBy correlationId
  problems { __typename code message path severity }
  steps { name status attempts detail }
  decisions { decision by note }
  route { company reason warehouses { code } }
  lines { number sku quantity unitPrice { amount } priceAsOf available availabilityAsOf }
"""
SUBMIT = f"""
mutation Submit($input: SubmitOrderInput!) {{
  submitOrder(input: $input) {{
    submission {{ {FIELDS} }} order {{ number status total {{ amount }} }} problems {{ code message path }}
  }}
}}
"""
VALIDATE = """
query Validate($input: SubmitOrderInput!) {
  validateOrder(input: $input) {
    acceptable
    problems { __typename code message path severity }
    route { company reason warehouses { code } }
    quote { subtotal { amount } total { amount } lines { sku price { unit { amount } } promise { date } } }
  }
}
"""
LOOK = f"query Look($id: ID!) {{ submission(id: $id) {{ {FIELDS} }} }}"
DECIDE = f"""
mutation Decide($input: ResolveSubmissionInput!) {{
  resolveSubmission(input: $input) {{ submission {{ {FIELDS} }} problems {{ code message }} }}
}}
"""
CANCEL = f"""
mutation Cancel($input: CancelSubmissionInput!) {{
  cancelSubmission(input: $input) {{ submission {{ {FIELDS} }} problems {{ code message }} }}
}}
"""
RETRY = f"""
mutation Retry($input: RetrySubmissionInput!) {{
  retrySubmission(input: $input) {{ submission {{ {FIELDS} }} problems {{ code message }} }}
}}
"""
WRITES = {
    "POST /orders", "POST /orders/hold", "POST /orders/unhold", "POST /orders/cancel", "POST /orders/release", "POST /notes",
}  # fmt: skip


class Counter:
    def __init__(self, stack: Stack, samples: dict[str, Any]) -> None:
        self.stack, self.samples = stack, samples
        self._sound = iter(samples["sound"])

    def sound(self) -> dict[str, Any]:
        """An order without any problem."""
        order: dict[str, Any] = next(self._sound)
        return order

    def problem(self, code: str) -> dict[str, Any]:
        order: dict[str, Any] = self.samples["problems"][code]
        return order

    async def submit(self, order: Mapping[str, Any], key: str | None = None, **headers: str) -> dict[str, Any]:
        named = {**order, "idempotencyKey": key or secrets.token_hex(8)}
        return await self.asked(SUBMIT, "submitOrder", {"input": named}, **headers)

    async def validate(self, order: Mapping[str, Any]) -> dict[str, Any]:
        return await self.asked(VALIDATE, "validateOrder", {"input": order})

    async def look(self, submission_id: str) -> dict[str, Any]:
        return await self.asked(LOOK, "submission", {"id": submission_id})

    async def ended(self, submission_id: str) -> dict[str, Any]:
        """What it came to, also where that takes longer than its caller's patience, as it may on a busy machine."""
        async with asyncio.timeout(20):
            while (now := await self.look(submission_id))["status"] in {"RECONCILING", "QUEUED", "RUNNING"}:  # noqa: ASYNC110 - asked of a server
                await asyncio.sleep(0.1)
        return now

    async def decide(self, submission_id: str, decision: str, **more: Any) -> dict[str, Any]:
        asked = {"id": submission_id, "decision": decision, "note": "as agreed", **more}
        return await self.asked(DECIDE, "resolveSubmission", {"input": asked})

    async def cancel(self, submission_id: str) -> dict[str, Any]:
        return await self.asked(CANCEL, "cancelSubmission", {"input": {"id": submission_id, "note": "not needed"}})

    async def retry(self, submission_id: str) -> dict[str, Any]:
        return await self.asked(RETRY, "retrySubmission", {"input": {"id": submission_id, "note": "mended"}})

    async def asked(self, query: str, field: str, variables: Mapping[str, Any], **headers: str) -> dict[str, Any]:
        body = await self.stack.ask(query, variables, **headers)
        assert "errors" not in body, body
        found: dict[str, Any] = body["data"][field]
        return found

    async def error(self, query: str, variables: Mapping[str, Any], **headers: str) -> dict[str, Any]:
        """The one error that was answered."""
        body = await self.stack.ask(query, variables, **headers)
        (error,) = body["errors"]
        told: dict[str, Any] = error
        return told

    async def written(self) -> dict[str, list[dict[str, Any]]]:
        answer = await self.stack.client.get(f"{self.stack.addresses['erp']}/_sandbox/written")
        found: dict[str, list[dict[str, Any]]] = answer.json()
        return found

    async def order_of(self, number: str) -> dict[str, Any]:
        (order,) = [each for each in (await self.written())["orders"] if each["number"] == number]
        return order

    async def writes(self) -> dict[str, int]:
        """The writes that were called since the last look."""
        return {name: count for name, count in (await self.stack.calls()).items() if name in WRITES}


def codes(found: Mapping[str, Any]) -> list[str]:
    return [problem["code"] for problem in found["problems"]]


def steps(submission: Mapping[str, Any]) -> dict[str, str]:
    return {step["name"]: step["status"] for step in submission["steps"]}
