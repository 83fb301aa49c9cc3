"""Money and addresses."""

from decimal import Decimal

import strawberry


@strawberry.type(description="An amount in a currency.")
class Money:
    amount: Decimal = strawberry.field(description="Exact; unit prices may have more digits than the currency.")
    currency: str = strawberry.field(description="ISO 4217 code.")


@strawberry.type(description="A postal address.")
class Address:
    line1: str = strawberry.field(description="Street and number.")
    line2: str | None = strawberry.field(description="More of the street address.")
    city: str = strawberry.field(description="City.")
    region: str | None = strawberry.field(description="State or province.")
    postal_code: str | None = strawberry.field(description="Postal code.")
    country: str = strawberry.field(description="ISO 3166 code of two letters.")
