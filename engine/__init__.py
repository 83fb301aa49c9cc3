"""Execution of GraphQL by batches: knows Strawberry and graphql-core, and nothing of distribution.

documents = Documents(schema)                      # graphql-core's schema, which Strawberry builds
plan = documents.prepared(text).plan(name)         # a Plan, or why the engine does not take the operation
result = await executed(plan, plan.variables.of(values), context=context)
"""

from engine.batched import batched, fetching
from engine.documents import Documents, Passing, Prepared
from engine.execution import StepDone, executed
from engine.explanation import Explained, explained
from engine.faults import forgotten
from engine.plan import NotTaken, Plan
from engine.whole import INCREMENTAL

__all__ = [
    "INCREMENTAL",
    "Documents",
    "Explained",
    "NotTaken",
    "Passing",
    "Plan",
    "Prepared",
    "StepDone",
    "batched",
    "executed",
    "explained",
    "fetching",
    "forgotten",
]
