"""Who asks, as the gateway knows them."""

from typing import Any

import strawberry

from resolvers.context import Info


@strawberry.type(description="Whoever asks: what they may do, and whose records they may see.")
class Viewer:
    subject: str = strawberry.field(description="Who it is, as the identity provider calls them.")
    scopes: list[str] = strawberry.field(
        resolver=lambda root: sorted(root.scopes), graphql_type=list[str], description="What they may see and do."
    )
    companies: list[str] = strawberry.field(
        resolver=lambda root: sorted(root.companies),
        graphql_type=list[str],
        description="The legal entities they may see; empty: all.",
    )
    customers: list[str] = strawberry.field(
        resolver=lambda root: sorted(root.customers),
        graphql_type=list[str],
        description='The accounts they may see, with those billed to them, "US:C-1001" in one company only; empty: all of their companies.',
    )


async def viewer(info: Info) -> Any:
    return info.context.call.viewer
