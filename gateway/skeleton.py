"""`crossdock new-source NAME`: a connector that offers nothing yet, and the lines that name it elsewhere."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sources.manifest import CAPABILITIES

ROLES = tuple(CAPABILITIES)
TO_BE_WRITTEN = "_To be written._"
"""What stands where only a person knows what to say; a test refuses it of a connector that offers anything."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class NotMade(Exception):
    """The skeleton cannot be made; the message says why."""


class Vendor(NamedTuple):
    name: str
    title: str
    roles: Sequence[str]

    def kind(self, role: str) -> str:
        """The class that plays the role."""
        words = re.findall(r"[A-Za-z0-9]+", self.title)
        return "".join(word[0].upper() + word[1:] for word in words) + role.capitalize()


def made(root: Path, vendor: Vendor) -> list[Path]:
    """What was written or changed under `root`, a checkout. Raises NotMade, and has then changed nothing."""
    _check(root, vendor)
    files = {root / path: text for path, text in _files(vendor)}
    there = [path for path in files if path.exists() and not _is_bare(path)]
    if there:
        raise NotMade(f"{there[0].relative_to(root)} is there already")
    changed = {
        root / "sources" / "registry.py": _registered(root, vendor),
        root / "tests" / "connectors" / "cases.py": _cased(root, vendor),
        root / "pyproject.toml": _layered(root, vendor),
    }
    for path, text in (files | changed).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    written = [*files, *changed]
    _formatted(root, [path for path in written if path.suffix == ".py"])
    return written


def _check(root: Path, vendor: Vendor) -> None:
    if not (root / "sources" / "registry.py").is_file():
        raise NotMade("this is no checkout of Crossdock: sources/registry.py is not here")
    if not _NAME.fullmatch(vendor.name):
        raise NotMade("a name is made of a-z, 0-9 and _, begins with a letter, and has at most 40 of them")
    if not re.search(r"[A-Za-z]", vendor.title[:1]) or not vendor.title.isprintable() or '"' in vendor.title:
        raise NotMade("a title begins with a letter, and has no quotation marks")
    if (root / "sources" / f"{vendor.name}.py").exists():
        raise NotMade(f"sources/{vendor.name}.py is there already")


def _is_bare(path: Path) -> bool:
    """A package that says only what it is, as those that have but webhooks do."""
    return path.name == "__init__.py" and all(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in ast.parse(path.read_text()).body
    )


# ---------------------------------------------------------------- what is new


def _files(vendor: Vendor) -> Iterator[tuple[str, str]]:
    folder, title = f"sources/{vendor.name}", vendor.title
    yield f"{folder}/__init__.py", _manifest(vendor)
    yield f"{folder}/payload.py", f'"""{title}\'s answers in its own spelling: only what is read."""\n'
    yield (
        f"{folder}/mapping.py",
        f'"""{title}\'s answers as facts of sources/models.py: pure functions, codes in tables."""\n',
    )
    for role in vendor.roles:
        yield f"{folder}/{role}.py", _role(vendor, role)
    yield f"{folder}/README.md", _readme(vendor)
    yield f"tests/connectors/{vendor.name}.py", _case(vendor)


def _role(vendor: Vendor, role: str) -> str:
    return f'''"""{vendor.title} as the {role}."""

from sources.absence import Absent{role.capitalize()}


class {vendor.kind(role)}(Absent{role.capitalize()}):
    """Offers nothing yet."""
'''


def _manifest(vendor: Vendor) -> str:
    imports = "".join(f"from sources.{vendor.name}.{role} import {vendor.kind(role)}\n" for role in vendor.roles)
    roles = ", ".join(f'"{role}": {vendor.kind(role)}' for role in vendor.roles)
    offers = ", ".join(f'"{role}": frozenset()' for role in vendor.roles)
    return f'''"""{vendor.title}."""

{imports}from sources.manifest import Manifest, Proof

MANIFEST = Manifest(
    name="{vendor.name}",
    title="{vendor.title}",
    roles={{{roles}}},
    offers={{{offers}}},
    proofs=(Proof.FIXTURES,),
)
'''


def _case(vendor: Vendor) -> str:
    cases = "".join(
        f'    Case(manifest=MANIFEST, role="{role}", server=server, auth={{"token": "secret-of-{vendor.name}"}}),\n'
        for role in vendor.roles
    )
    return f'''"""{vendor.title}, as a small server of ours speaks for it."""

from starlette.applications import Starlette

from sources.{vendor.name} import MANIFEST
from tests.connectors.case import Case


def server() -> Starlette:
    """Answers nothing yet."""
    return Starlette()


CASES = (
{cases})
'''


def _readme(vendor: Vendor) -> str:
    absent = [f"`{role}.{name}`" for role in vendor.roles for name in sorted(CAPABILITIES[role])]
    return f"""# {vendor.title}

`connector = "{vendor.name}"`.

## Auth

{TO_BE_WRITTEN}

## Rights needed

{TO_BE_WRITTEN}

## Limits

{TO_BE_WRITTEN}

## Options

None.

## Where each fact comes from

| capability | asked of | keys at once |
|---|---|---|

## Not covered

- {", ".join(absent)}.

## How it was proven

- **answers of our own, after the vendor's documentation**: `tests/connectors/{vendor.name}.py` puts it to the contract suite.
"""


# ---------------------------------------------------------------- what is changed


def _registered(root: Path, vendor: Vendor) -> str:
    text = (root / "sources" / "registry.py").read_text(encoding="utf-8")
    return _listed(_imported(text, "sources", vendor.name), f"{vendor.name}.MANIFEST", beside=".MANIFEST")


def _cased(root: Path, vendor: Vendor) -> str:
    text = (root / "tests" / "connectors" / "cases.py").read_text(encoding="utf-8")
    return _listed(_imported(text, "tests.connectors", vendor.name), f"*{vendor.name}.CASES", beside=".CASES")


def _layered(root: Path, vendor: Vendor) -> str:
    """Beside the standard connector, unless it has its place already."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    if re.search(rf"\b{vendor.name}\b", text):
        return text
    return text.replace("| standard |", f"| standard | {vendor.name} |", 1)


def _imported(text: str, module: str, name: str) -> str:
    """With one more name in `from module import …`."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module == module:
            names = sorted({*(each.name for each in node.names), name})
            return _replaced(text, node, f"from {module} import {', '.join(names)}")
    raise NotMade(f"nothing is imported from {module}")


def _listed(text: str, element: str, *, beside: str) -> str:
    """With one more element in the first tuple whose elements end like those beside it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Tuple) and node.elts:
            elements = [ast.unparse(each) for each in node.elts]
            if all(each.endswith(beside) for each in elements):
                return _replaced(text, node, f"({', '.join([*elements, element])},)")
    raise NotMade(f"there is no list of {beside}")


def _replaced(text: str, node: ast.stmt | ast.expr, by: str) -> str:
    lines = text.splitlines(keepends=True)
    end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    before = "".join(lines[: node.lineno - 1]) + lines[node.lineno - 1].encode()[: node.col_offset].decode()
    after = lines[end_line - 1].encode()[end:].decode() + "".join(lines[end_line:])
    return f"{before}{by}{after}"


def _formatted(root: Path, paths: Sequence[Path]) -> None:
    """By the project's own formatter, which a checkout made for development has; without it `make check` will tell."""
    names = [str(path.relative_to(root)) for path in paths]
    for command in (("check", "--select", "I", "--fix"), ("format",)):
        whole = [sys.executable, "-m", "ruff", *command, "--quiet", "--no-cache", *names]
        subprocess.run(whole, cwd=root, check=False, capture_output=True)  # noqa: S603 - names of our own making
