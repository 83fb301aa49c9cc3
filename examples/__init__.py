"""Examples that run: two pages and a script, each against `make run`'s gateway. docs/examples.md shows them."""
