"""The systems of record: what they know (models), how they are asked (ports), and the only door out (http)."""
