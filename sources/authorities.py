"""Whom the machine trusts."""

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """For whoever is asked without settings of its own: the machine's authorities, read once a process: the loop stands meanwhile."""
    return ssl.create_default_context()
