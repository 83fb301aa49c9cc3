"""A look at a document's text before it is parsed: how many tokens, how deeply nested; stops where a limit is passed."""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r'"""(?:\\"""|[^"]|"(?!""))*+(?:""")?|"(?:\\.|[^"\\\n\r])*+"?|\.\.\.|[A-Za-z_]\w*+|-?[0-9][\w.+-]*+|#[^\n\r]*+|[^\s,\ufeff]',
    re.ASCII | re.DOTALL,
)
_NESTING = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


class Scan(NamedTuple):
    """Where a limit was passed, the figure is the first one beyond it."""

    tokens: int
    nesting: int


def scanned(text: str, *, max_tokens: int, max_nesting: int) -> Scan:
    """A lexer counts ten times as fast where it makes no tokens; both limits keep the parser behind it short and shallow."""
    tokens = level = nesting = 0
    for found in _TOKEN.finditer(text):
        token = found[0]
        step = _NESTING.get(token)
        if step is not None:
            level += step
            nesting = max(nesting, level)
        elif token[0] == "#":
            continue
        tokens += 1
        if tokens > max_tokens or nesting > max_nesting:
            break
    return Scan(tokens, nesting)
