"""The door: HTTP, settings, wiring, and what a client may see of an error."""
