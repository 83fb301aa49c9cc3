"""The README's table of systems is what the manifests say."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.catalogue import as_markdown, with_table
from gateway.cli import main
from sources.manifest import CAPABILITIES, Manifest, Proof
from sources.registry import CONNECTORS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OFFERS = {"crm": frozenset({"relationships"}), "carrier": CAPABILITIES["carrier"], "erp": CAPABILITIES["erp"]}
PROOFS = (Proof.VENDOR_DESCRIPTION, Proof.FIXTURES)
SHOP = Manifest(name="shop", title="Shop", roles=dict.fromkeys(OFFERS, object), offers=OFFERS, proofs=PROOFS)


def test_the_readme_tells_of_the_systems_as_they_are() -> None:
    assert with_table(README) == README, "run `make systems` and commit it"
    assert README.count("\n| [") >= sum(len(found.roles) for found in CONNECTORS.values())


def test_the_table_tells_what_works_what_does_not_and_how_that_was_proven() -> None:
    proven = "the vendor's own description of its API; answers of our own, after the vendor's documentation"
    system, more = "[Shop](sources/shop/README.md), `shop`", "see [there](sources/shop/README.md#not-covered)"
    assert as_markdown({"shop": SHOP}).splitlines()[2:] == [
        f"| {system} | crm | `relationships` | `add_note` | {proven} |",
        f"| {system} | carrier | `tracking` | {more} | {proven} |",
        f"| {system} | erp | everything | {more} | {proven} |",
    ]


def test_the_table_is_printed_or_written_into_a_page(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["sources"]).output == as_markdown()
    page = tmp_path / "page.md"
    page.write_text(with_table(README, {"shop": SHOP}), encoding="utf-8")
    assert CliRunner().invoke(main, ["sources", "--write", str(page)]).exit_code == 0
    assert page.read_text(encoding="utf-8") == with_table(README)


def test_a_page_without_a_place_for_it_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Nothing", encoding="utf-8")
    outcome = CliRunner().invoke(main, ["sources", "--write", str(page)])
    assert (outcome.exit_code, outcome.output) == (1, f"Error: {page}: there is no place for the table\n")
    assert page.read_text(encoding="utf-8") == "# Nothing"
    with pytest.raises(ValueError, match="no place"):
        with_table("# Nothing")
