"""Brings the query page's seven browser files into assets/: `python -m gateway.explorer.install`."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import click
import msgspec

HERE: Final = Path(__file__).parent
ASSETS: Final = HERE / "assets"
NPM_SECONDS: Final = 300


class Asset(msgspec.Struct, frozen=True):
    name: str
    source: str  # below node_modules
    sha256: str


FILES: Final = (
    Asset(
        "react.production.min.js",
        "react/umd/react.production.min.js",
        "4b4969fa4ef3594324da2c6d78ce8766fbbc2fd121fff395aedf997db0a99a06",
    ),
    Asset(
        "react-dom.production.min.js",
        "react-dom/umd/react-dom.production.min.js",
        "21758ed084cd0e37e735722ee4f3957ea960628a29dfa6c3ce1a1d47a2d6e4f7",
    ),
    Asset(
        "js.cookie.min.js",
        "js-cookie/dist/js.cookie.min.js",
        "582cc085dd8fea044917d1efde838e77e845262fd025bbfe0339f808607c81f6",
    ),
    Asset(
        "graphiql.min.js",
        "graphiql/graphiql.min.js",
        "22faab94067b695e5f7959619fbe686ebcc8955002a0c97d986bcbba4ad4bc2c",
    ),
    Asset(
        "graphiql.min.css",
        "graphiql/graphiql.min.css",
        "b1868247f8e0502cd869e581f5f3cb55b334862e7f51b1d6cbace11059b9adc2",
    ),
    Asset(
        "plugin-explorer.js",
        "@graphiql/plugin-explorer/dist/index.umd.js",
        "083e37e501d3e3920a60e627b82191af056009124dce82a332e8ac74db6ca38b",
    ),
    Asset(
        "plugin-explorer.css",
        "@graphiql/plugin-explorer/dist/style.css",
        "762850cb69873400d0ab1737c6158aee91f5c38195bc4a30ee02a3c5d5af4e01",
    ),
)


def matches(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def installed(assets: Path = ASSETS) -> bool:
    return all(matches(assets / file.name, file.sha256) for file in FILES)


def copy(modules: Path, assets: Path = ASSETS) -> list[str]:
    """The sources whose hash is not the one held here; only where there are none is anything copied."""
    wrong = [file.source for file in FILES if not matches(modules / file.source, file.sha256)]
    if not wrong:
        assets.mkdir(exist_ok=True)
        for file in FILES:
            shutil.copyfile(modules / file.source, assets / file.name)
    return wrong


def npm_install(npm: str, folder: Path, *, seconds: float = NPM_SECONDS) -> str | None:
    """What npm complained of, or None where it succeeded."""
    shutil.copy(HERE / "package.json", folder)
    # Peers are left out: the page needs only the packages named, and no package's script is run.
    flags = ["--ignore-scripts", "--legacy-peer-deps", "--no-package-lock", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(  # noqa: S603 - the path is what the shell would find, the arguments are constants
            [npm, "install", *flags], cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it took longer than {seconds:g} s"
    return done.stderr.strip() if done.returncode else None


def install(assets: Path = ASSETS) -> int:
    """The exit code."""
    if installed(assets):
        click.echo("explorer: all files are in place, nothing to do")
        return 0
    npm = shutil.which("npm")
    if npm is None:
        click.echo("explorer: npm is not installed, so /explorer will load GraphiQL from its CDN; /graphql is complete")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        complaint = npm_install(npm, Path(folder))
        if complaint is not None:
            click.echo(f"explorer: npm install failed: {complaint}", err=True)
            return 1
        wrong = copy(Path(folder) / "node_modules", assets)
    if wrong:
        click.echo(f"explorer: nothing copied, these are not the files expected: {', '.join(wrong)}", err=True)
        return 1
    click.echo(f"explorer: {len(FILES)} files copied to {assets}")
    return 0


if __name__ == "__main__":
    sys.exit(install())
