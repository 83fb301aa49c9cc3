"""A gateway without identity, limits and rates, for benchmarks/security.py alone: python benchmarks/unguarded.py CONFIG."""

import sys
from pathlib import Path

import orjson
import uvicorn
from graphql import OperationType
from starlette.requests import Request as HttpRequest

import gateway.app
from engine import Documents
from gateway import operation
from gateway.auth import Known
from gateway.endpoint import Asked, GraphQLEndpoint
from gateway.intake import Taken
from gateway.rates import NOTHING_TOLD
from gateway.reception import Admitted
from gateway.settings import read_settings
from resolvers.schema import schema
from sources.viewer import SERVICE_DESK

DOCUMENTS = Documents(schema._schema)  # noqa: SLF001 - as gateway.operation has it
NOBODY = Admitted(Known(SERVICE_DESK), NOTHING_TOLD)


class Unguarded(GraphQLEndpoint):
    async def _asked(self, http: HttpRequest) -> Asked:
        given = orjson.loads(await http.body())
        request = operation.Request(given["query"], given.get("variables"))
        taken = Taken(request, DOCUMENTS.prepared(request.query), 0, OperationType.QUERY)
        return Asked(NOBODY, taken)


def main() -> None:
    gateway.app.GraphQLEndpoint = Unguarded  # type: ignore[misc]  # what is measured is the difference
    settings = read_settings(Path(sys.argv[1]))
    app = gateway.app.create_app(settings)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
