"""docs/adding-a-source.md holds: what it says to do is done in a copy of the project, step by step, and the checks and tests pass there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.skeleton import NotMade, Vendor, made

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
COPIED = (
    "sources",
    "gateway",
    "resolvers",
    "orders",
    "engine",
    "sandbox",
    "deploy",
    "examples",
    "docs",
    "tests",
    "pyproject.toml",
    "README.md",
)
LEFT = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")
OWN = (
    "tests/connectors",
    "tests/sources/test_aftership.py",
    "tests/sources/test_manifest.py",
    "tests/gateway/test_catalogue.py",
)
SECONDS = 120


class Block(NamedTuple):
    """A fenced block of the page: a file's content, or without a path a line of shell."""

    path: str
    content: str


def blocks() -> list[Block]:
    found = re.findall(r"^```(sh|python|markdown)(?: (\S+))?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [Block(path, content) for _, path, content in found]


def outside() -> dict[str, str]:
    """The environment without what the tests around this one are run and measured by: the copy is none of theirs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}


class Copy(NamedTuple):
    root: Path

    def run(self, *arguments: str) -> str:
        """Python there, with the copy's own modules before the installed ones. What it printed; it must have ended well."""
        command = [sys.executable, "-m", *arguments]
        ended = subprocess.run(  # noqa: S603 - our own modules, and the tools that check them
            command, cwd=self.root, env=outside(), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert ended.returncode == 0, ended.stdout[-5_000:] + ended.stderr[-2_000:]
        return ended.stdout

    def tests(self, *arguments: str) -> str:
        return self.run("pytest", "-q", "-p", "no:cacheprovider", *arguments)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    root = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=LEFT)
        else:
            shutil.copy(ROOT / name, root / name)
    assert Copy(root).run("gateway", "--help").startswith("Usage")
    yield Copy(root)
    shutil.rmtree(root)


def shell(copy: Copy, line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "crossdock"
    copy.run("gateway", *arguments)


def paths(page: Sequence[Block]) -> list[str]:
    return [block.path for block in page if block.path]


def test_the_skeleton_offers_nothing_and_passes_what_every_connector_must(copy: Copy) -> None:
    shell(copy, "crossdock new-source shop_floor --role erp --role wms --title 'Shop Floor'")
    copy.run("ruff", "check", "--quiet", ".")
    copy.run("ruff", "format", "--check", "--quiet", ".")
    copy.run("mypy", "-p", "sources.shop_floor", "-p", "sources.registry")
    wanted = "shop_floor or every_connector or found_by_the_name"
    told = copy.tests("tests/connectors", "tests/sources/test_manifest.py", "-k", wanted)
    assert int(re.findall(r"(\d+) passed", told)[0]) > 15
    assert "failed" not in told


def test_the_page_makes_a_connector_that_keeps_the_contract(copy: Copy) -> None:
    page = blocks()
    assert len(paths(page)) == 7
    for block in page:
        if block.path:
            (copy.root / block.path).write_text(block.content, encoding="utf-8")
        else:
            for line in block.content.splitlines():
                shell(copy, line)
    ours = [path for path in paths(page) if path.endswith(".py")]
    copy.run("ruff", "check", "--quiet", *ours, "sources/registry.py", "tests/connectors/cases.py")
    copy.run("ruff", "format", "--check", "--quiet", *ours, "sources/registry.py", "tests/connectors/cases.py")
    copy.run("mypy", "-p", "sources.aftership")
    told = copy.tests(*OWN, "-k", "aftership or catalogue")
    assert int(re.findall(r"(\d+) passed", told)[0]) > 30
    assert "failed" not in told


# ---------------------------------------------------------------- what is refused


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of one as a skeleton changes."""
    for name in ("sources/registry.py", "tests/connectors/cases.py", "pyproject.toml", "sources/aftership/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def everything(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("vendor", "told"),
    [
        (Vendor("Shop", "Shop", ("crm",)), "a name is made of"),
        (Vendor("../shop", "Shop", ("crm",)), "a name is made of"),
        (Vendor("shop", 'S"', ("crm",)), "a title begins with"),
        (Vendor("shop", "", ("crm",)), "a title begins with"),
        (Vendor("registry", "Registry", ("crm",)), "sources/registry.py is there already"),
        (Vendor("taken", "Taken", ("crm",)), "sources/taken/mapping.py is there already"),
    ],
)
def test_what_cannot_be_made_changes_nothing(checkout: Path, vendor: Vendor, told: str) -> None:
    (checkout / "sources" / "taken").mkdir()
    (checkout / "sources" / "taken" / "mapping.py").write_text("")
    before = everything(checkout)
    with pytest.raises(NotMade, match=re.escape(told)):
        made(checkout, vendor)
    assert everything(checkout) == before


def test_a_folder_that_is_no_checkout_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(NotMade, match="no checkout"):
        made(tmp_path, Vendor("shop", "Shop", ("crm",)))
    assert everything(tmp_path) == {}


def test_a_vendor_that_has_webhooks_only_is_made_a_connector_in_its_place(checkout: Path) -> None:
    before = everything(checkout)
    written = made(checkout, Vendor("aftership", "AfterShip", ("carrier",)))
    after = everything(checkout)
    assert "MANIFEST" not in before["sources/aftership/__init__.py"]
    assert "MANIFEST" in after["sources/aftership/__init__.py"]
    assert after["pyproject.toml"] == before["pyproject.toml"]
    assert sorted(after.keys() - before.keys()) == [
        "sources/aftership/README.md",
        "sources/aftership/carrier.py",
        "sources/aftership/mapping.py",
        "sources/aftership/payload.py",
        "tests/connectors/aftership.py",
    ]
    assert len(written) == 9
