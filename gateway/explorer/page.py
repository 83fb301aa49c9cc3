"""The routes of the query page: the page, its scripts and its style, its default query and its assets."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from strawberry.http.ides import get_graphql_ide_html

from gateway.explorer.install import ASSETS, HERE, installed

log = logging.getLogger(__name__)

OWN_FILES: Final = ("start.js", "asking.js", "panels.js", "plan.js", "waterfall.js", "wording.js", "explorer.css")

Defaults = Callable[[], Awaitable[dict[str, str]]]

# Styles may stand inline because the editor sizes its lines with style attributes.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
OWN_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
CDN_HEADERS: Final = {"content-security-policy": "frame-ancestors 'none'", "x-content-type-options": "nosniff"}

# Strawberry's page queries the address it is served from; ours is not the endpoint's.
PAGE_ADDRESS: Final = 'window.location.href.split("?")[0]'
ENDPOINT: Final = 'new URL("/graphql", window.location.href).href'


def assets_present() -> bool:
    return installed()


def own_page() -> HTMLResponse:
    return HTMLResponse((HERE / "index.html").read_bytes(), headers=OWN_HEADERS)


def cdn_page() -> HTMLResponse:
    return HTMLResponse(get_graphql_ide_html("graphiql").replace(PAGE_ADDRESS, ENDPOINT), headers=CDN_HEADERS)


def routes(defaults: Defaults) -> list[BaseRoute]:
    """Reads the files once, so build the routes at start; `defaults` gives "query" and "variables" as text."""
    own = assets_present()
    if not own:
        log.warning("explorer: assets are missing, /explorer loads GraphiQL from its CDN (gateway.explorer.install)")
    page = own_page() if own else cdn_page()

    async def show(_request: Request) -> Response:
        return page

    async def own_file(request: Request) -> Response:
        return FileResponse(HERE / request.url.path.rpartition("/")[2], headers={"cache-control": "no-cache"})

    async def default_query(_request: Request) -> Response:
        given = await defaults()
        body = orjson.dumps({"query": given["query"], "variables": given["variables"]})
        return Response(body, media_type="application/json", headers={"cache-control": "no-store"})

    return [
        Route("/explorer", show),
        *(Route(f"/explorer/{name}", own_file) for name in OWN_FILES),
        Route("/explorer/defaults.json", default_query),
        Mount("/explorer/assets", StaticFiles(directory=ASSETS, check_dir=False)),
    ]
