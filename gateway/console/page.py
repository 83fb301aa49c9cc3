"""The console's routes, served from memory: the page, the three files it is made of. docs/console.md says how they are built.

Nothing here asks who asks: the files are the same for everybody, and what they show is asked of /graphql, with the reader's own rights.
"""

import gzip
from pathlib import Path
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

BUILT: Final = Path(__file__).parent / "built"
ASSETS: Final = "/console/assets"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
PAGE_HEADERS: Final = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
"""Each file's name has the hash of its content, so that what a name stands for never changes."""

MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class ConsoleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether /console is served."""

    enabled: bool = True


class Asset:
    """One file, as it is and compressed."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        kind = MEDIA_TYPES[path.suffix]
        self._plain = Response(content, media_type=kind, headers=ASSET_HEADERS)
        packed = {**ASSET_HEADERS, "Content-Encoding": "gzip"}
        self._packed = Response(gzip.compress(content, mtime=0), media_type=kind, headers=packed)

    def answer(self, accepted: str) -> Response:
        names = {each.partition(";")[0].strip().lower() for each in accepted.split(",")}
        return self._packed if "gzip" in names else self._plain


def documents(built: Path = BUILT) -> dict[str, str]:
    """What the console asks, by hash: a gateway that takes known documents only knows these."""
    return msgspec.json.decode((built / "documents.json").read_bytes(), type=dict[str, str])


def routes(built: Path = BUILT) -> list[BaseRoute]:
    """Reads the files once, so build the routes at start."""
    page = Response((built / "index.html").read_bytes(), media_type="text/html", headers=PAGE_HEADERS)
    assets = {path.name: Asset(path) for path in (built / "assets").iterdir()}

    async def show(_: Request) -> Response:
        return page

    async def asset(request: Request) -> Response:
        found = assets.get(request.path_params["name"])
        if found is None:
            return Response(status_code=404)
        return found.answer(request.headers.get("accept-encoding", ""))

    return [Route("/console", show, methods=["GET"]), Route(f"{ASSETS}/{{name}}", asset, methods=["GET"])]
