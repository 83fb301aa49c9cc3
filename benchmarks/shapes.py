"""The systems' rows in the schema's shapes, as plain dicts, with the gateway's own ATP arithmetic: for contestants written in Python."""

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sources import atp

DAYS = 30


def price_line(ref: int, sku: str, company: str, customer: str) -> dict[str, Any]:
    terms = {"ref": str(ref), "company": company, "customer": customer, "sku": sku, "quantity": "10"}
    return terms | {"uom": None, "shipTo": None, "on": None}


def price(row: Any) -> dict[str, Any]:
    breaks = [{"minimum": step["minimum"], "unit": {"amount": step["unit"]}} for step in row["breaks"]]
    return {"unit": {"amount": row["unit"], "currency": row["currency"]}, "breaks": breaks}


def by_sku(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["sku"], []).append(row)
    return found


def _flows(rows: list[Any]) -> tuple[atp.Flow, ...]:
    return tuple(atp.Flow(date.fromisoformat(row["date"]), Decimal(row["quantity"])) for row in rows)


def availability(rows: list[Any] | None, planned: Any, places: Any, *, today: date) -> dict[str, Any] | None:
    if not rows:
        return None
    warehouses, timelines = [], []
    for row in rows:
        timeline = _timeline(row, planned.get((row["sku"], row["warehouse"])), today)
        timelines.append(timeline)
        available = atp.available_on(timeline, today)
        warehouses.append({"warehouse": places[row["warehouse"]], "available": str(available)})
    merged = atp.merged(timelines)
    return {
        "available": str(atp.available_on(merged, today)),
        "warehouses": warehouses,
        "timeline": [{"date": each.date.isoformat(), "available": str(each.available)} for each in merged],
    }


def _timeline(row: Any, plan: Any, today: date) -> tuple[atp.AtpBucket, ...]:
    """The source's own, where it gives one."""
    if plan is not None and plan["atp"] is not None:
        return tuple(
            atp.AtpBucket(date.fromisoformat(each["date"]), Decimal(each["available"])) for each in plan["atp"]
        )
    sellable = atp.sellable(
        Decimal(row["onHand"]), unsellable=Decimal(row["unsellable"]), safety_stock=Decimal(row["safetyStock"])
    )
    supply, demand = (_flows(plan["supply"]), _flows(plan["demand"])) if plan is not None else ((), ())
    position = atp.StockPosition(on_hand=sellable, supply=supply, demand=demand)
    return atp.timeline(position, today=today, horizon_days=DAYS, rules=atp.DEFAULT_RULES)
