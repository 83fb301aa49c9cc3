"""Warehouses."""

import strawberry


@strawberry.type(description="A place that stock stands in.")
class Warehouse:
    code: str = strawberry.field(description="Unique in all companies together.")
    name: str = strawberry.field(description="What people call it.")
    company: str = strawberry.field(description="The legal entity it belongs to.")
