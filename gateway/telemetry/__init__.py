"""What the gateway tells of itself: one canonical line an operation, metrics, traces, and what was slow lately (docs/observability.md)."""
