"""One Tryton for all tests of it that do not need one of their own; nothing in it may be taken for granted but what the seed says."""

from collections.abc import AsyncIterator, Iterator

import pytest
from tryton_process import erp_at, office_of, tryton_process, wms_at

from sandbox.tryton.office import Office
from sandbox.tryton.server import TrytonServer
from sources.tryton.erp import TrytonErp
from sources.tryton.wms import TrytonWms


@pytest.fixture(scope="session")
def tryton() -> Iterator[TrytonServer]:
    with tryton_process() as server:
        yield server


@pytest.fixture
def office(tryton: TrytonServer) -> Iterator[Office]:
    with office_of(tryton) as office:
        yield office


@pytest.fixture
async def erp(tryton: TrytonServer) -> AsyncIterator[TrytonErp]:
    async with erp_at(tryton.url) as erp:
        yield erp


@pytest.fixture
async def wms(tryton: TrytonServer) -> AsyncIterator[TrytonWms]:
    async with wms_at(tryton.url) as wms:
        yield wms
