"""Where Tryton lives: an environment of its own, a database with its modules and nothing else, and one a day with data.

All of it is in `.tryton/` beside the project: made once, kept until the pinned versions change. The data are seeded anew
each day, because orders and deliveries stand on days from now.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sandbox.tryton.office import Office
from sandbox.tryton.seed import seed
from sandbox.tryton.server import ADMINISTRATOR, DATABASE, PASSWORD, TrytonServer, configuration

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("CROSSDOCK_TRYTON", HERE.parents[1] / ".tryton"))
REQUIREMENTS = HERE / "requirements.txt"
VERSION = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
VENV = FOLDER / f"venv-{VERSION}"
EMPTY = FOLDER / f"empty-{VERSION}.sqlite"
MODULES = (
    "sale_price_list", "sale_product_quantity", "sale_stock_quantity", "sale_credit_limit", "stock_forecast",
    "stock_supply", "stock_package_shipping", "account_invoice",
)  # fmt: skip
INSTALL_SECONDS, MAKE_SECONDS = 600, 300


def is_there() -> bool:
    return EMPTY.exists()


def prepare() -> Path:
    """Make what is missing; the path of today's data. One process makes it, others wait for that."""
    FOLDER.mkdir(exist_ok=True)
    with _alone():
        if not EMPTY.exists():
            _install()
            _make_empty()
        return _seeded()


def template() -> Path:
    """The path of today's data, where the environment is there already."""
    with _alone():
        return _seeded()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True)
    command = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*map(str, command), "-r", str(REQUIREMENTS)], INSTALL_SECONDS)


def _make_empty() -> None:
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        database, config, password = (
            Path(folder) / name for name in (f"{DATABASE}.sqlite", "trytond.conf", "password")
        )
        database.touch()
        config.write_text(configuration(Path(folder), port=0))
        password.write_text(PASSWORD)
        command = [str(VENV / "bin" / "trytond-admin"), "-c", str(config), "-d", DATABASE, "--all", "--language", "en"]
        told = ["--email", f"{ADMINISTRATOR}@example.com", "--activate-dependencies", "-u", *MODULES]
        _run([*command, *told], MAKE_SECONDS, TRYTONPASSFILE=str(password))
        _settled(database).replace(EMPTY)


def _seeded() -> Path:
    today = FOLDER / f"seeded-{VERSION}-{_recipe()}-{date.today():%Y%m%d}.sqlite"  # noqa: DTZ011 - Tryton stands on this machine
    if today.exists():
        return today
    for old in FOLDER.glob("seeded-*.sqlite"):
        old.unlink()
    with TrytonServer(VENV, EMPTY, folder=FOLDER) as server:
        with Office(server.url, DATABASE) as office:
            office.login(ADMINISTRATOR, PASSWORD)
            seed(office)
        server.stop()
        shutil.copy(_settled(server.database), today)
    return today


def _recipe() -> str:
    """Other data are other files."""
    told = hashlib.sha256()
    for path in sorted(HERE.glob("seed*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:8]


def _settled(database: Path) -> Path:
    """All of it in the one file: what SQLite keeps beside it is written back."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    return database


def _run(command: list[str], seconds: int, **environment: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own environment's programs
        command, env={**os.environ, **environment}, timeout=seconds, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(f"{Path(command[0]).name} failed")
