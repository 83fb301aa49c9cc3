"""The four systems: as applications in this process, or as four servers."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette

from sandbox.announce import announce
from sandbox.application import TOKEN
from sandbox.books import Books
from sandbox.carrier import carrier_app
from sandbox.crm import crm_app
from sandbox.data import GENERATED, load
from sandbox.erp import erp_app
from sandbox.facts import Dataset
from sandbox.family import Family, Member
from sandbox.journal import Journal
from sandbox.server import bound, serve
from sandbox.wms import wms_app

SYSTEMS: Mapping[str, Callable[[Books, str], Starlette]] = {
    "erp": erp_app,
    "crm": crm_app,
    "wms": wms_app,
    "carrier": carrier_app,
}


class Options(NamedTuple):
    """Each system keeps its own port, `port` + 0 to 3, also when it runs alone."""

    port: int
    host: str = "127.0.0.1"
    data: str = GENERATED
    journal: Path | None = None
    only: str | None = None
    token: str = TOKEN


def apps(dataset: Dataset, journal_path: Path | None = None, token: str = TOKEN) -> dict[str, Starlette]:
    """All four over one set of books, for tests that need no sockets."""
    books = _books(dataset, journal_path)
    return {name: make(books, token) for name, make in SYSTEMS.items()}


def run(options: Options) -> int:
    """Until a signal says otherwise; the exit code. Ports are taken before the data is made, so that a taken one shows at once."""
    members = [
        Member(name, options.host, options.port + at, bound(options.host, options.port + at))
        for at, name in enumerate(SYSTEMS)
        if options.only in {None, name}
    ]
    dataset = load(options.data)
    _ = dataset.samples
    if options.only is not None:
        return _run_alone(members[0], dataset, options)
    with _journal(options.journal) as journal:
        # A broken journal is better told here, once, than by four children.
        _books(dataset, journal).journal.close()

        def work(member: Member, parent: int) -> None:
            books = _books(dataset, journal)
            serve(SYSTEMS[member.name](books, options.token), member.listening, parent)

        return Family(members, work).run()


def _run_alone(member: Member, dataset: Dataset, options: Options) -> int:
    books = _books(dataset, options.journal)
    announce(f"{member.name:8}http://{member.host}:{member.port}")
    announce("sandbox ready")
    serve(SYSTEMS[member.name](books, options.token), member.listening)
    return 0


def _books(dataset: Dataset, journal: Path | None) -> Books:
    """Opened where it is used: a lock belongs to an open file, and a forked one would be its parent's."""
    books = Books(dataset, Journal(journal))
    books.catch_up()
    return books


@contextmanager
def _journal(path: Path | None) -> Iterator[Path]:
    if path is not None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        yield Path(folder) / "journal.jsonl"
