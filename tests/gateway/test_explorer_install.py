"""The browser files are brought by npm (a script of a few lines here), and kept only with the hash that is held here."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.explorer import install

ARGUMENTS = "install --ignore-scripts --legacy-peer-deps --no-package-lock --no-audit --no-fund"

needs_assets = pytest.mark.skipif(
    not install.installed(), reason="the explorer's assets are missing: python -m gateway.explorer.install"
)


def npm(folder: Path, *lines: str) -> Path:
    """An npm of our own, the only one on the path that is made of this folder."""
    script = folder / "npm"
    script.write_text("\n".join(["#!/bin/sh", "PATH=/usr/bin:/bin", *lines, ""]))
    script.chmod(0o755)
    return script


def bringing(folder: Path) -> list[str]:
    """What an npm does that brings the right files."""
    lines = []
    for file in install.FILES:
        lines += [
            f"mkdir -p $(dirname node_modules/{file.source})",
            f"cp {install.ASSETS / file.name} node_modules/{file.source}",
        ]
    return [f'echo "$@" > {folder / "arguments"}', f"cp package.json {folder / 'asked.json'}", *lines]


@needs_assets
def test_the_right_files_are_copied_once_and_then_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(tmp_path, *bringing(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assets = tmp_path / "assets"

    assert install.install(assets) == 0
    assert capsys.readouterr().out == f"explorer: 7 files copied to {assets}\n"
    assert sorted(path.name for path in assets.iterdir()) == sorted(file.name for file in install.FILES)
    assert install.installed(assets)
    assert (tmp_path / "arguments").read_text() == f"{ARGUMENTS}\n"
    assert (tmp_path / "asked.json").read_text() == (install.HERE / "package.json").read_text()

    npm(tmp_path, "exit 1")
    assert install.install(assets) == 0
    assert capsys.readouterr().out == "explorer: all files are in place, nothing to do\n"


@needs_assets
def test_a_file_that_was_changed_in_place_is_brought_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(tmp_path, *bringing(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assets = tmp_path / "assets"
    assert install.install(assets) == 0
    (assets / "graphiql.min.js").write_text("another file")
    assert not install.installed(assets)
    assert install.install(assets) == 0
    assert install.installed(assets)


def test_what_npm_complains_of_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(tmp_path, "echo 'no such package' >&2", "exit 7")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install.install(tmp_path / "assets") == 1
    assert capsys.readouterr().err == "explorer: npm install failed: no such package\n"
    assert not (tmp_path / "assets").exists()


def test_other_files_than_those_expected_are_named_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(tmp_path, "mkdir -p node_modules/react/umd", "echo other > node_modules/react/umd/react.production.min.js")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install.install(tmp_path / "assets") == 1
    named = ", ".join(file.source for file in install.FILES)
    assert capsys.readouterr().err == f"explorer: nothing copied, these are not the files expected: {named}\n"
    assert not (tmp_path / "assets").exists()


def test_an_npm_that_does_not_end_is_ended(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    endless = npm(tmp_path, "exec sleep 60")
    assert install.npm_install(str(endless), folder, seconds=0.1) == "it took longer than 0.1 s"


@needs_assets
def test_as_a_program_it_says_what_it_did() -> None:
    command = [sys.executable, "-m", "gateway.explorer.install"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    assert (done.returncode, done.stdout) == (0, "explorer: all files are in place, nothing to do\n")
