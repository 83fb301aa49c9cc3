"""Whom we trust to say who a server is."""

import ssl
from functools import cache


def trusted(ca_file: str = "") -> ssl.SSLContext:
    """By the authorities of a file, or, where none is named, the machine's. Raises OSError for what is no such file."""
    return ssl.create_default_context(cafile=ca_file) if ca_file else _by_the_machine()


@cache
def _by_the_machine() -> ssl.SSLContext:
    """Read once a process, for the loop stands meanwhile."""
    return ssl.create_default_context()
