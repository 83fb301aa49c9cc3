"""What a caller did wrong, said to the caller.

ClientError            its message and its extensions are meant for the client's eyes
├── BadInput           an argument does not say what it must; names the argument
├── LimitExceeded      more was asked for than the stated limit
├── Ambiguous          a number stands for several records; names the companies to choose from
└── NotOffered         this gateway does not do it
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar


class ClientError(Exception):
    code: ClassVar[str] = "BAD_INPUT"

    def __init__(self, message: str, **extensions: object) -> None:
        super().__init__(message)
        self.extensions: Mapping[str, object] = extensions


class BadInput(ClientError):
    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f'Argument "{argument}": {problem}', argument=argument)


class LimitExceeded(ClientError):
    code = "LIMIT_EXCEEDED"

    def __init__(self, argument: str, *, asked: int, limit: int) -> None:
        super().__init__(
            f'Argument "{argument}": {asked} is more than the limit of {limit}.', argument=argument, limit=limit
        )


class Ambiguous(ClientError):
    code = "AMBIGUOUS"

    def __init__(self, number: str, companies: Iterable[str]) -> None:
        named = sorted(companies)
        super().__init__(
            f'"{number}" exists in the companies {", ".join(named)}: say which one with the argument "company".',
            companies=named,
        )


class NotOffered(ClientError):
    """The message says what is not done here."""
