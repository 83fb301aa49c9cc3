"""What can go wrong with a system of record, by who must act.

SourceError                    a source could not answer; every one names its source
├── SourceUnavailable          nobody: try again later (timeout, no connection, 5xx)
│   └── DeadlineExceeded       the caller: the operation's own time was used up before this answer came
├── SourceRateLimited          nobody: try again after `retry_after_seconds`
├── SourceRefused              the operator: our credentials or rights there are wrong (401, 403)
├── ReachTooWide               the caller: more accounts are in its reach than a source can be asked about; name one
├── SourceRejected             the person asking: the business said no, with a `code` and a reason
├── NotOffered             nobody: this system has no such thing to ask for or to do (its manifest says so)
├── SourceContractBroken       the integration team: the answer does not fit the contract; `path` says where
└── OutcomeUnknown             the integration team: a write was sent and no answer came; look before sending again

`str(error)` is safe to show to a client: it holds no address, body or header of the upstream. `detail` is for our log only.
"""

from typing import ClassVar


class SourceError(Exception):
    """A source could not answer. `code` is what clients see; `retryable` whether the same question may fare better later."""

    code: ClassVar[str] = "INTERNAL"
    retryable: ClassVar[bool] = False
    sentence: ClassVar[str] = "The {source} system could not answer."

    retry_after_seconds: float | None = None
    """How long to wait before asking again, where the source said so."""

    def __init__(self, source: str, *, detail: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(self.sentence.format(source=source))
        self.source = source
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class SourceUnavailable(SourceError):
    code = "SOURCE_UNAVAILABLE"
    retryable = True
    sentence = "The {source} system does not answer at the moment."


class DeadlineExceeded(SourceUnavailable):
    code = "DEADLINE_EXCEEDED"
    sentence = "The time for this operation ran out before the {source} system had answered."


class SourceRateLimited(SourceError):
    code = "SOURCE_RATE_LIMITED"
    retryable = True
    sentence = "The {source} system takes no more requests for the moment."


class SourceRefused(SourceError):
    code = "SOURCE_REFUSED"
    sentence = "The {source} system does not accept the gateway's credentials."


class ReachTooWide(SourceError):
    code = "LIMIT_EXCEEDED"
    sentence = "More accounts are within your reach than the {source} system can search at once: name a customer."


class SourceRejected(SourceError):
    """The business said no. `reason` is the source's machine word, such as UNKNOWN_CUSTOMER."""

    code = "SOURCE_REJECTED"
    sentence = "The {source} system refused this request."

    def __init__(self, source: str, *, reason: str, detail: str = "") -> None:
        super().__init__(source, detail=detail)
        self.reason = reason


class NotOffered(SourceError):
    code = "NOT_OFFERED"
    sentence = "The {source} system does not offer this."


class SourceContractBroken(SourceError):
    """The answer does not fit the contract. `path` is where in the payload, such as `$.items[3].uom`."""

    code = "SOURCE_CONTRACT_BROKEN"
    sentence = "The {source} system gave an answer that the gateway does not understand."

    def __init__(self, source: str, *, path: str, detail: str = "") -> None:
        super().__init__(source, detail=detail)
        self.path = path


class OutcomeUnknown(SourceError):
    code = "SOURCE_UNAVAILABLE"
    sentence = "The {source} system was sent this change and did not say what became of it."


def kept(error: SourceError) -> SourceError:
    """The same error as an outcome, to be kept by whoever waits for it: without the frames that it went through and what led to it.

    They would hold the error in turn, and with it the facts of an operation, until a garbage collection comes.
    """
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error
