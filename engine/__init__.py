"""Execution of GraphQL by batches: knows Strawberry and graphql-core, and nothing of distribution."""

from engine.batched import batched

__all__ = ["batched"]
