"""The connectors, what of each role they offer and how that was proven: the README's table, made from the manifests."""

from collections.abc import Iterator
from pathlib import Path

from sources.manifest import CAPABILITIES, Manifest
from sources.registry import CONNECTORS, Connectors

BEGIN, END = "<!-- systems: `make systems` writes what is between -->", "<!-- end of systems -->"
_FEW = 5
"""So many capabilities are named, even where a role has no more."""

_HEAD = ("System", "Role", "Works", "Not covered", "Proven against")


def as_markdown(connectors: Connectors = CONNECTORS) -> str:
    rows = [_HEAD, ("---",) * len(_HEAD), *(row for found in connectors.values() for row in _rows(found))]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _rows(found: Manifest) -> Iterator[tuple[str, ...]]:
    name = f"[{found.title}](sources/{found.name}/README.md), `{found.name}`"
    proofs = "; ".join(proof.value for proof in found.proofs)
    for role, offers in found.offers.items():
        whole = CAPABILITIES[role]
        works = "everything" if offers == whole and len(whole) > _FEW else _listed(offers)
        yield (
            name,
            role,
            works,
            _listed(whole - offers) or f"see [there](sources/{found.name}/README.md#not-covered)",
            proofs,
        )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(names))


def with_table(page: str, connectors: Connectors = CONNECTORS) -> str:
    """The page with the table as it is now. Raises ValueError where it has no place for it."""
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError("there is no place for the table")
    return f"{before}{BEGIN}\n{as_markdown(connectors)}{END}{after}"


def write(path: Path) -> None:
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
