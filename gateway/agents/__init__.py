"""Trusted documents as tools of the Model Context Protocol (docs/agents.md). Only `server.py` imports `mcp`, and only where it is on."""
