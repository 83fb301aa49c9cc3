"""In which legal entity a number was found last: a guess to look ahead with, never an answer.

Front ends that know one company only seldom name it. Where the same number was found before, what hangs on the company can be
asked for at once; if the guess is wrong, its answers are dropped and the right ones are asked for.
"""

from collections import OrderedDict

from sources.viewer import Viewer

MAX_KNOWN = 50_000


class Whereabouts:
    """Shared by all operations of the process; bounded, the oldest go first."""

    def __init__(self, max_known: int = MAX_KNOWN) -> None:
        self._max_known = max_known
        self._companies: OrderedDict[tuple[str, str], str] = OrderedDict()

    def found(self, kind: str, number: str, company: str) -> None:
        self._companies[kind, number] = company
        if len(self._companies) > self._max_known:
            self._companies.popitem(last=False)

    def lost(self, kind: str, number: str) -> None:
        """It exists nowhere, or in several companies."""
        self._companies.pop((kind, number), None)

    def company(self, kind: str, number: str, viewer: Viewer) -> str | None:
        """None where it was not found before, or where the viewer may not look."""
        if len(viewer.companies) == 1:
            return next(iter(viewer.companies))
        company = self._companies.get((kind, number))
        return company if company is not None and viewer.sees_company(company) else None
