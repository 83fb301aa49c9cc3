"""`python -m examples.page NAME`: serves one of the example pages, and stands for the login that yours would have."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import click
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from gateway.development_key import Bearer, token

BUILT: Final = Path(__file__).parent / "built"
FILES: Final = ("page.js", "look.css", "icon.svg")

QUOTING: Final = (
    "customer:read",
    "item:read",
    "price:read",
    "availability:read",
    "credit:read",
    "order:read",
    "order:submit",
)
FOLLOWING: Final = ("customer:read", "order:read", "shipment:read")


class Page(NamedTuple):
    """`after`: on which port behind the gateway's it is served, where the demo lets a page's scripts ask."""

    after: int
    bearer: Bearer


PAGES: Final[Mapping[str, Page]] = {
    "quote-page": Page(5, Bearer("rep@example.com", QUOTING)),
    "portal-page": Page(6, Bearer("buyer@example.com", FOLLOWING, ("US",), ("US:10297",))),
}
"""The rep sees all customers; the portal's user one account, and the gateway keeps it at that."""


def application(name: str, gateway: Callable[[], str], built: Path = BUILT) -> Starlette:
    """`gateway`: the address of /graphql, asked for when it is needed."""
    folder = built / name

    async def show(_: Request) -> Response:
        origin = gateway().removesuffix("/graphql")
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            f"connect-src 'self' {origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return FileResponse(folder / "index.html", headers={"Content-Security-Policy": policy})

    async def session(_: Request) -> Response:
        held = {"gateway": gateway(), "token": token(PAGES[name].bearer)}
        return JSONResponse(held, headers={"Cache-Control": "no-store"})

    async def file(request: Request) -> Response:
        return FileResponse(folder / request.url.path.removeprefix("/"))

    files = [Route(f"/{each}", file) for each in FILES]
    return Starlette(routes=[Route("/", show), Route("/session", session), *files])


@click.command()
@click.argument("name", type=click.Choice(list(PAGES)))
@click.option(
    "--port", default=8000, show_default=True, help="The gateway's, on this machine; the page's is behind it."
)
def serve(name: str, port: int) -> None:
    """Serve the page NAME, over the gateway that `make run` has started."""
    if not (BUILT / name / "page.js").exists():
        raise click.ClickException("the page is not built: `make examples` does it, and needs npm")
    own = port + PAGES[name].after
    click.echo(f"http://127.0.0.1:{own}")
    app = application(name, lambda: f"http://127.0.0.1:{port}/graphql")
    uvicorn.run(app, host="127.0.0.1", port=own, log_level="warning")


if __name__ == "__main__":
    serve()
