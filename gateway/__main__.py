"""`python -m gateway` is `crossdock`."""

from gateway.cli import main

main()
