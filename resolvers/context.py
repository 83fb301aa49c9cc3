"""What a resolver may reach: one Context an operation."""

from datetime import date

import strawberry

from resolvers.loaders import Loaders
from sources.call import CallContext
from sources.ports import Sources


class Context:
    """Made when an operation starts, closed when it has been answered. `today` overrides the warehouses' own date."""

    def __init__(self, call: CallContext, sources: Sources, *, today: date | None = None) -> None:
        self.call = call
        self.sources = sources
        self.today = today
        self.loaders = Loaders(call, sources)

    async def aclose(self) -> None:
        await self.loaders.aclose()


Info = strawberry.Info[Context, None]
