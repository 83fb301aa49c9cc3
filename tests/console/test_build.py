"""What is committed under built/ is what the sources give, and the sources hold what their types say."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.console.page import BUILT

FOLDER = BUILT.parent
SECONDS = 120


@pytest.fixture
def tools() -> Path:
    """The folder of npm's programs, by `make console-tools`."""
    found = FOLDER / "node_modules" / ".bin"
    if shutil.which("node") and (found / "tsc").exists():
        return found
    reason = "the console's tools are missing: make console-tools"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def done(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("tools")
def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    built = done("node", "build.mjs", str(tmp_path / "built"))
    assert built.returncode == 0, built.stderr
    assert contents(tmp_path / "built") == contents(BUILT), "make console, and commit it"


def test_the_types_hold(tools: Path) -> None:
    checked = done(str(tools / "tsc"), "--noEmit")
    assert (checked.returncode, checked.stdout) == (0, "")
