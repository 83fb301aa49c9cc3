"""`crossdock schema --check OLD`: every kind of change, its class, its place, and what was announced."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from graphql.utilities.find_schema_changes import BreakingChangeType, DangerousChangeType, SafeChangeType

from gateway.advice import ADVICE
from gateway.cli import main
from gateway.schema_changes import Change, NotASchema, as_text, changes
from resolvers.schema import printed, printed_for_routers

PAGE = Path(__file__).parents[2] / "docs" / "schema-changes.md"
TODAY = date(2026, 6, 30)
OLD = """
directive @seen(by: String, since: Int! = 1) repeatable on FIELD_DEFINITION | OBJECT
directive @gone on OBJECT
interface Named { name: String }
type Parcel implements Named { name: String weight: Float size: Int lots: [String] kind: Kind
  lost(why: String, on: Int, at: Int = 1, by: Int = 1): Int }
type Pallet { id: ID! }
union Load = Parcel | Pallet
enum Kind { BOX BAG }
input Wish { text: String, most: Int = 5, least: Int = 1, none: Int, must: Int! }
scalar Day
type Query { load: Load parcel(first: Int): Parcel day: Day wish(wish: Wish): Int named: Named plain: Int }
"""
NEW = """
directive @seen(by: Int, since: Int! = 2, who: String!) on FIELD_DEFINITION | ENUM
directive @fresh on OBJECT
interface Named { name: String }
interface Aged { age: Int }
"Goods."
type Parcel implements Aged { name: String! weight: Int lots: [String!] kind: Kind age: Int
  lost(why: Int, on: Int = 3, at: Int = 2, by: Int, who: String, must: Int!): Int }
type Pallet { id: ID! }
type Roll implements Named { name: String }
union Load = Parcel | Roll
"How it is packed."
enum Kind { BOX ROLL }
input Wish { text: Int, most: Int = 6, least: Int, none: Int = 0, must: Int, more: Int, all: Int! }
enum Day { MONDAY }
type Query { load: Load parcel(first: Int): Parcel day: Day wish(wish: Wish): Int named: Named pallet: Pallet plain: Int }
"""
FOUND = {
    ("breaking", "@gone", "directive was removed"),
    ("breaking", "@seen", "OBJECT was removed from it"),
    ("breaking", "@seen", "Repeatable flag was removed from it"),
    ("breaking", "@seen(by:)", "argument has changed type from String to Int"),
    ("breaking", "@seen(who:)", "a required argument was added"),
    ("breaking", "Day", "changed from a Scalar type to an Enum type"),
    ("breaking", "Kind.BAG", "enum value was removed"),
    ("breaking", "Load", "Pallet was removed from it"),
    ("breaking", "Parcel", "no longer implements interface Named"),
    ("breaking", "Parcel.lost(must:)", "a required argument was added"),
    ("breaking", "Parcel.lost(why:)", "argument has changed type from String to Int"),
    ("breaking", "Parcel.size", "field was removed"),
    ("breaking", "Parcel.weight", "field changed type from Float to Int"),
    ("breaking", "Wish.all", "a required field was added"),
    ("breaking", "Wish.text", "field changed type from String to Int"),
    ("breaking", "Float", "standard scalar was removed because it is not referenced anymore"),
    ("dangerous", "@seen(since:)", "has changed defaultValue from 1 to 2"),
    ("dangerous", "Kind.ROLL", "enum value was added"),
    ("dangerous", "Load", "Roll was added to it"),
    ("dangerous", "Named", "Roll is one, too"),
    ("dangerous", "Parcel", "implements Aged"),
    ("dangerous", "Parcel.lost(at:)", "has changed defaultValue from 1 to 2"),
    ("dangerous", "Parcel.lost(by:)", "defaultValue was removed"),
    ("dangerous", "Parcel.lost(who:)", "an optional argument was added"),
    ("dangerous", "Wish.least", "defaultValue was removed"),
    ("dangerous", "Wish.more", "an optional field was added"),
    ("dangerous", "Wish.most", "has changed defaultValue from 5 to 6"),
    ("safe", "@fresh", "directive was added"),
    ("safe", "@seen", "ENUM was added to it"),
    ("safe", "Aged", "was added"),
    ("safe", "Kind", "is described otherwise"),
    ("safe", "Parcel", "is described otherwise"),
    ("safe", "Parcel.age", "field was added"),
    ("safe", "Parcel.lost(on:)", "added a defaultValue 3"),
    ("safe", "Parcel.lots", "field changed type from [String] to [String!]"),
    ("safe", "Parcel.name", "field changed type from String to String!"),
    ("safe", "Query.pallet", "field was added"),
    ("safe", "Roll", "was added"),
    ("safe", "Wish.must", "field changed type from Int! to Int"),
    ("safe", "Wish.none", "added a defaultValue 0"),
}  # fmt: skip


def test_each_kind_of_change_is_told_with_its_class_and_its_place() -> None:
    found = [(each.severity, each.place, each.told) for each in changes(OLD, NEW, TODAY)]
    assert len(found) == len(set(found))
    assert set(found) == FOUND


def test_whatever_graphql_core_can_find_has_its_advice_and_what_is_not_safe_is_never_left_without() -> None:
    kinds = {each.name for kind in (BreakingChangeType, DangerousChangeType, SafeChangeType) for each in kind}
    assert kinds == ADVICE.keys()
    assert all(each.advice for each in changes(OLD, NEW, TODAY) if each.severity != "safe")


def test_the_gravest_is_told_first_one_a_line_with_the_counts_behind() -> None:
    lines = as_text(changes(OLD, NEW, TODAY)).splitlines()
    assert lines[-1] == "16 breaking, 11 dangerous, 13 safe"
    classes = [line.split()[0] for line in lines[:-1]]
    assert classes == ["breaking"] * 16 + ["dangerous"] * 11 + ["safe"] * 13


FAX = """
"A number."
type Fax { number: String }
type Sent { fax: Fax @deprecated(reason: "REASON") }
enum Way { POST FAX @deprecated(reason: "REASON") }
input How { way: Way fax: String @deprecated(reason: "REASON") }
type Query { sent(fax: String @deprecated(reason: "REASON"), how: How): Sent phone: String way: Way }
"""
WITHOUT_FAX = """
type Sent { post: Int }
enum Way { POST }
input How { way: Way }
type Query { sent(how: How): Sent phone: String way: Way }
"""
REMOVED = ("Fax", "How.fax", "Query.sent(fax:)", "Sent.fax", "Way.FAX")


def removals(reason: str) -> list[Change]:
    found = changes(FAX.replace("REASON", reason), WITHOUT_FAX, TODAY)
    assert [each.place for each in found if each.severity == "breaking"] == list(REMOVED)
    return [each for each in found if each.severity == "breaking"]


def test_what_was_deprecated_until_a_day_that_has_passed_is_told_as_announced_and_breaks_nothing() -> None:
    for each in removals("Use post; goes after 2026-06-29."):
        assert each.announced == date(2026, 6, 29)
        assert not each.is_break
        assert each.advice.startswith("announced: ")
    assert (
        as_text(removals("After 2026-06-29.")).splitlines()[-1]
        == "5 breaking (5 of them announced), 0 dangerous, 0 safe"
    )


@pytest.mark.parametrize("reason", ["Use post; goes after 2026-06-30.", "Use post.", "Goes after 2026-02-30."])
def test_what_goes_before_its_day_has_passed_or_without_one_breaks(reason: str) -> None:
    found = removals(reason)
    assert [each.is_break for each in found] == [True] * 5
    told = "it was deprecated until 2026-06-30, which has not passed: bring it back until then"
    assert [each.advice == told for each in found[1:]] == ["06-30" in reason] * 4


def test_a_type_that_something_in_use_still_led_to_was_not_announced() -> None:
    old = FAX.replace("REASON", "Goes after 2026-06-29.").replace("phone: String", "phone: String last: Fax")
    found = {each.place: each for each in changes(old, WITHOUT_FAX, TODAY)}
    assert found["Fax"].is_break
    assert not found["Sent.fax"].is_break


def test_a_deprecation_is_safe_and_its_day_may_be_put_off_but_not_brought_forward() -> None:
    def deprecated(reason: str) -> str:
        return f"type Query {{ kept: Int fax: Int{f' @deprecated(reason: {json.dumps(reason)})' if reason else ''} }}"

    def told(old: str, new: str) -> list[tuple[str, str, str]]:
        return [(each.severity, each.place, each.told) for each in changes(deprecated(old), deprecated(new), TODAY)]

    assert told("", "After 2027-01-31.") == [("safe", "Query.fax", "is deprecated: After 2027-01-31.")]
    assert told("After 2027-01-31.", "After 2027-02-28.")[0][0] == "safe"
    assert told("After 2027-01-31.", "After 2026-12-31.")[0][0] == "breaking"
    assert told("After 2027-01-31.", "Soon.")[0][0] == "breaking"
    assert told("After 2027-01-31.", "") == [("safe", "Query.fax", "is no longer deprecated")]
    assert told("After 2027-01-31.", "After 2027-01-31.") == []


ROUTED = 'extend schema @link(url: "of federation")\ntype Query { a: A }\ntype A DIRECTIVES { b: Int FIELD }'


def test_what_routers_go_by_is_compared_too() -> None:
    old = ROUTED.replace("DIRECTIVES", '@key(fields: "b") @shareable').replace("FIELD", '@tag(name: "x")')
    new = ROUTED.replace("DIRECTIVES", "@shareable").replace("FIELD", '@requiresScopes(scopes: [["s"]])')
    assert [(each.severity, each.place, each.told) for each in changes(old, new, TODAY)] == [
        ("breaking", "A", '@key(fields: "b") was removed'),
        ("dangerous", "A.b", '@tag(name: "x") was removed'),
        ("dangerous", "A.b", '@requiresScopes(scopes: [["s"]]) was added'),
    ]
    back = [(each.severity, each.place) for each in changes(new, old, TODAY)]
    assert back == [("dangerous", "A.b"), ("safe", "A"), ("safe", "A.b")]


@pytest.mark.parametrize("text", ["type Query {", "type Query { a: Missing }", "{ query }", ""])
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(NotASchema):
        changes(text, printed(), TODAY)


def test_the_pages_example_is_what_is_told() -> None:
    old = printed() + "\nextend type Viewer { gone: Int }\n"
    new = printed() + "\nextend enum Channel { FAX }\nextend type Customer { notes: String }\n"
    assert f"```\n{as_text(changes(old, new, TODAY))}\n```" in PAGE.read_text()


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(main, ["schema", *arguments])
    return outcome.exit_code, outcome.output


@pytest.mark.parametrize("flags", [(), ("--federation",), ("--federation", "--no-scopes")])
def test_the_schema_has_not_changed_since_itself(tmp_path: Path, flags: tuple[str, ...]) -> None:
    now = tmp_path / "now.graphql"
    now.write_text(printed_for_routers(with_scopes=len(flags) == 1) if flags else printed())
    assert run("--check", str(now), *flags) == (0, "0 breaking, 0 dangerous, 0 safe\n")
    assert run("--same", str(now), *flags) == (0, "")


def test_the_command_ends_with_one_where_something_breaks_and_tells_it_as_json_too(tmp_path: Path) -> None:
    old = tmp_path / "old.graphql"
    old.write_text(printed() + "\nextend type Viewer { gone: Int }\n")
    told = "breaking   Viewer.gone  field was removed; bring it back, deprecated with a day: it goes after a release has told that day"
    assert run("--check", str(old)) == (1, f"{told} and it has passed\n1 breaking, 0 dangerous, 0 safe\n")
    code, output = run("--check", str(old), "--json")
    assert (code, json.loads(output)["breaks"]) == (1, 1)
    assert json.loads(output)["changes"][0]["place"] == "Viewer.gone"


def test_the_command_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    old = tmp_path / "old.graphql"
    old.write_text("{ query }")
    assert run("--check", str(old)) == (1, f"Error: {old} is no schema: it has no Query\n")
