"""What costs its source something extra is asked for only where it was selected, in fragments too."""

import pytest
from stack import Stack

QUOTE = """query ($customer: String!, $sku: String!) {
  quote(input: {customer: $customer, lines: [{sku: $sku, quantity: "10"}]}) SELECTED
}"""
LIST = '{ customers(company: "CA", first: 1) SELECTED }'


def selecting(query: str, selected: str) -> str:
    """The query with what is selected in it, and the fragments behind it."""
    selection, fragment, fragments = selected.partition("fragment ")
    return f"{query.replace('SELECTED', selection)}\n{fragment}{fragments}"


@pytest.mark.parametrize(
    "selected",
    [
        "{ tax { amount } }",
        "{ asOf freight: tax { amount } }",
        "{ asOf ... { tax { amount } } }",
        "{ asOf ... on Quote { ... { tax { amount } } } }",
        "{ lines { sku } ...Sums } fragment Sums on Quote { asOf ...Tax } fragment Tax on Quote { tax { amount } }",
        "{ freight { amount } }",
        "{ total { amount } }",
    ],
)
async def test_a_quote_is_simulated_once_wherever_a_figure_of_the_erps_is_selected(
    stack: Stack, samples: dict[str, list[str]], selected: str
) -> None:
    keys = {"customer": samples["customers"][0], "sku": samples["skus"][0]}
    answer = await stack.ask(selecting(QUOTE, selected), keys)
    assert "errors" not in answer
    assert (await stack.calls())["POST /orders/simulate"] == 1


@pytest.mark.parametrize(
    "selected",
    [
        "{ asOf }",
        "{ tax: subtotal { amount } }",
        "{ lines { total { amount } } }",
        "{ ...Lines } fragment Lines on Quote { lines { total { amount } } }",
        "{ ... on Quote { ... { lines { sku } } } }",
    ],
)
async def test_a_quote_is_not_simulated_for_what_the_gateway_knows_itself(
    stack: Stack, samples: dict[str, list[str]], selected: str
) -> None:
    keys = {"customer": samples["customers"][0], "sku": samples["skus"][0]}
    answer = await stack.ask(selecting(QUOTE, selected), keys)
    assert "errors" not in answer
    assert "POST /orders/simulate" not in await stack.calls()


@pytest.mark.parametrize(
    "selected",
    [
        "{ edges { cursor } n: totalCount }",
        "{ ... { n: totalCount } }",
        "{ edges { cursor } ... on CustomerConnection { ...Count } } fragment Count on CustomerConnection { n: totalCount }",
    ],
)
async def test_a_list_is_counted_wherever_its_total_is_selected(stack: Stack, selected: str) -> None:
    plain = await stack.ask(selecting(LIST, "{ totalCount }"))
    answer = await stack.ask(selecting(LIST, selected))
    assert answer["data"]["customers"]["n"] == plain["data"]["customers"]["totalCount"] > 1


@pytest.mark.parametrize("directive", ["@include(if: $wanted)", "@skip(if: $unwanted)"])
@pytest.mark.parametrize("wanted", [True, False])
async def test_what_is_left_out_costs_nothing_and_what_is_let_in_does(
    stack: Stack, samples: dict[str, list[str]], *, directive: str, wanted: bool
) -> None:
    flag = "$wanted" if "$wanted" in directive else "$unwanted"
    query = f"""query ({flag}: Boolean!, $input: QuoteInput!) {{
      quote(input: $input) {{ ...Figures @include(if: true) }} }}
    fragment Figures on Quote {{ asOf tax {directive} {{ amount }} }}"""
    lines = [{"sku": samples["skus"][0], "quantity": "10"}]
    asked = {"input": {"customer": samples["customers"][0], "lines": lines}}
    answer = await stack.ask(query, asked | {flag[1:]: wanted if flag == "$wanted" else not wanted})
    assert "errors" not in answer
    assert ("tax" in answer["data"]["quote"]) is wanted
    assert ("POST /orders/simulate" in await stack.calls()) is wanted
