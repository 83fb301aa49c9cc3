"""What every contestant is asked: four questions, each with the same keys every time or with other keys every time."""

import json
import random
import sys
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import served

LIST = """query ($company: String, $placedTo: Date) { orders(company: $company, placedTo: $placedTo, first: 100) {
  edges { node { number status placedAt customer { name } } } } }"""
QUERIES = {**served.QUERIES, "list": LIST}
"""quote: 50 lines; portal: 20 orders down to their parcels; item: 4 fields of one; list: 100 orders, each with its customer."""

LINES = 50
LAST_DAY = date(2026, 6, 30)
Variables = dict[str, Any]


class Questions:
    """Over the keys of a running sandbox. `skus`: all that its company sells, so that no two quotes need be the same."""

    def __init__(self, sandbox_port: int) -> None:
        self._root = f"http://127.0.0.1:{sandbox_port}"
        samples = self._read("/_sandbox/samples")
        self.company, self.customers = samples["company"], samples["customers"]
        self.skus = list(self._sold())

    def _read(self, target: str) -> Any:
        request = urllib.request.Request(self._root + target)  # noqa: S310 - loopback
        request.add_header("Authorization", "Bearer sandbox")
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def _sold(self) -> Iterator[str]:
        cursor = ""
        while cursor is not None:
            page = self._read(
                f"/items/search?company={self.company}&limit=100" + (f"&cursor={cursor}" if cursor else "")
            )
            yield from (row["sku"] for row in page["items"])
            cursor = page["next"]

    def varied(self, name: str, count: int) -> list[Variables]:
        """Quotes never repeat within reason; of the others there are as many as there are keys, in turn. The same in every run."""
        chance = random.Random(name)  # noqa: S311 - the same questions every time are the point
        return list(islice(self._made(name, chance), count))

    def _made(self, name: str, chance: random.Random) -> Iterator[Variables]:
        if name == "quote":
            while True:
                yield self.quote(chance.sample(self.skus, LINES))
        yield from cycle(list(self._finite(name)))

    def _finite(self, name: str) -> Iterator[Variables]:
        if name == "item":
            yield from ({"sku": sku, "company": self.company} for sku in self.skus)
        elif name == "portal":
            yield from ({"customer": each, "company": self.company} for each in self.customers)
        else:
            days = (LAST_DAY - timedelta(days=back) for back in range(60))
            yield from ({"company": self.company, "placedTo": day.isoformat()} for day in days)

    def quote(self, skus: list[str]) -> Variables:
        return {"skus": skus, "customer": self.customers[0], "company": self.company}
