"""Prices a CSV of sku,quantity: `quote_from_csv.py 10001 US < lines.csv`. Exits with 1 where a line has an error."""

import csv
import os
import sys
from decimal import Decimal

import httpx

QUERY = """query Priced($input: QuoteInput!) { quote(input: $input) { lines { sku quantity uom
  price { unit { amount currency } } total { amount } promise { date } problems { message } } } }"""
party = dict(zip(("customer", "company"), sys.argv[1:], strict=False))
lines = [{"sku": row["sku"], "quantity": row["quantity"]} for row in csv.DictReader(sys.stdin)]
url = os.environ.get("CROSSDOCK_URL", "http://127.0.0.1:8000/graphql")
head = {"Authorization": f"Bearer {os.environ['CROSSDOCK_TOKEN']}"} if "CROSSDOCK_TOKEN" in os.environ else {}
body = {"query": QUERY, "variables": {"input": {**party, "lines": lines}}}
answer = httpx.post(url, json=body, headers=head, timeout=15).json()
if not (quote := (answer.get("data") or {}).get("quote")):
    sys.exit(answer["errors"][0]["message"])
errors = [[each["message"] for each in line["problems"]] for line in quote["lines"]]
for fault in answer.get("errors", []):  # a system is down: what it knows is missing, and the rest of the line stands
    errors[fault["path"][2]].append(f"{fault['path'][3]}: {fault['message']}")
table = csv.writer(sys.stdout, lineterminator="\n")
table.writerow(["sku", "quantity", "uom", "unit", "currency", "total", "promised", "errors"])
for line, wrong in zip(quote["lines"], errors, strict=True):
    unit = line["price"]["unit"].values() if line["price"] else ["", ""]
    facts = [(line[name] or {}).get(key, "") for name, key in (("total", "amount"), ("promise", "date"))]
    table.writerow([line["sku"], line["quantity"], line["uom"], *unit, *facts, "; ".join(wrong)])
table.writerow(["", "", "", "", "", sum(Decimal(line["total"]["amount"]) for line in quote["lines"] if line["total"])])
sys.exit(any(errors))
