"""Lists over two ERPs: every row once, totals added up; and whoever may see only a part of them."""

from collections.abc import AsyncIterator

import pytest
from several import Several, failures, several_over
from two_companies import SYSTEMS, WORLDS

from gateway import development_key
from sources.viewer import SCOPES


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[Several]:
    async with several_over(WORLDS, SYSTEMS) as running:
        yield running


@pytest.fixture
async def several(world: Several) -> AsyncIterator[Several]:
    await world.calls()
    yield world
    await world.mend()


async def pages(several: Several, field: str, node: str, first: int) -> list[str]:
    found: list[str] = []
    after = None
    for _ in range(20):
        page = f"pageInfo {{ hasNextPage endCursor }} edges {{ node {{ company {node} }} }}"
        query = f"query ($first: Int, $after: String) {{ {field}(first: $first, after: $after) {{ {page} }} }}"
        answer = await several.ask(query, {"first": first, "after": after})
        listed = answer["data"][field]
        found += [f"{edge['node']['company']} {edge['node'][node]}" for edge in listed["edges"]]
        after = listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            return found
    raise AssertionError(found)


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 7, 20])
async def test_lists_page_through_both_companies_without_loss_or_repetition(several: Several, first: int) -> None:
    assert await pages(several, "searchItems", "sku", first) == ["CA BOLT", "CA MAPLE", "US BOLT", "US NUT"]
    assert await pages(several, "customers", "number", first) == ["CA C1", "CA C9", "US C1", "US C2"]
    assert await pages(several, "orders", "number", first) == [
        "US 703", "CA 702", "US 702", "CA 701", "US 701", "CA 700", "US 700",
    ]  # fmt: skip


async def test_a_total_is_the_sum_of_both_and_unsaid_where_one_cannot_be_asked(several: Several) -> None:
    asked = "{ searchItems(first: 2) { totalCount edges { node { company sku } } } orders(first: 1) { totalCount } }"
    answer = (await several.ask(asked))["data"]
    assert (answer["searchItems"]["totalCount"], answer["orders"]["totalCount"]) == (4, 7)
    await several.fault("erp.us", status=503)
    answer = await several.ask("{ searchItems(first: 2) { totalCount edges { node { sku } } } }")
    assert answer == {
        "data": {"searchItems": {"totalCount": None, "edges": [{"node": {"sku": "BOLT"}}, {"node": {"sku": "MAPLE"}}]}}
    }


async def test_a_list_that_one_system_would_have_to_complete_fails_while_it_is_down_and_its_neighbours_does_not(
    several: Several,
) -> None:
    await several.fault("erp.ca", status=503)
    asked = '{ all: orders { edges { node { number } } } us: orders(company: "US", first: 1) { edges { node { number } } } }'
    answer = await several.ask(asked)
    assert answer["data"] == {"all": None, "us": {"edges": [{"node": {"number": "703"}}]}}
    assert failures(answer) == [("all", "erp.ca", "SOURCE_UNAVAILABLE")]


async def test_a_cursor_of_another_list_is_refused_and_asked_of_nobody(several: Several) -> None:
    page = await several.ask("{ orders(first: 1) { pageInfo { endCursor } } }")
    cursor = page["data"]["orders"]["pageInfo"]["endCursor"]
    await several.calls()
    answer = await several.ask(
        "query ($c: String) { searchItems(after: $c) { edges { node { sku } } } }", {"c": cursor}
    )
    assert failures(answer) == [("searchItems", "erp", "SOURCE_REJECTED")]
    assert await several.calls() == {}


# ---------------------------------------------------------------- whoever may see one company only


def as_one_of(companies: str, customers: str = "*") -> dict[str, str]:
    bearer = development_key.Bearer("rep", SCOPES, companies.split(), customers.split())
    return {"Authorization": f"Bearer {development_key.token(bearer)}"}


async def test_whoever_sees_one_company_is_not_kept_from_it_by_anothers_system_nor_asks_it(several: Several) -> None:
    await several.fault("erp.ca", status=503)
    asked = """{ items(skus: ["BOLT", "MAPLE"]) { company } customer(number: "C1") { company }
      searchItems { totalCount edges { node { company sku } } } orders { totalCount } customers { totalCount } }"""
    assert await several.ask(asked, **as_one_of("US")) == {
        "data": {
            "items": [{"company": "US"}, None],
            "customer": {"company": "US"},
            "searchItems": {
                "totalCount": 2,
                "edges": [{"node": {"company": "US", "sku": "BOLT"}}, {"node": {"company": "US", "sku": "NUT"}}],
            },
            "orders": {"totalCount": 4},
            "customers": {"totalCount": 2},
        }
    }
    assert {name for name in await several.calls_by_system() if name.startswith("erp")} == {"erp.us"}


@pytest.mark.parametrize(
    ("customers", "seen"),
    [("C1", ["CA C1", "US C1"]), ("US:C2", ["US C2"]), ("CA:C9 US:C1", ["CA C9", "US C1"]), ("US:C9", [])],
)
async def test_a_reach_over_both_companies_is_told_to_each_as_far_as_it_concerns_it(
    several: Several, customers: str, seen: list[str]
) -> None:
    asked = "{ customers { totalCount edges { node { company number } } } }"
    page = (await several.ask(asked, **as_one_of("*", customers)))["data"]["customers"]
    assert [f"{edge['node']['company']} {edge['node']['number']}" for edge in page["edges"]] == seen
    assert page["totalCount"] == len(seen)
