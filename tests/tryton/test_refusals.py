"""What Tryton's errors, which come with status 200, mean; and that nothing of them but a word gets out."""

from typing import Any

import msgspec
import pytest

from sources.errors import SourceContractBroken, SourceError, SourceRefused, SourceRejected, SourceUnavailable
from sources.tryton.payload import Answered
from sources.tryton.refusals import Warned, judged

SECRET = "Zebra-of-the-upstream"
FIELDS = {"party": {"name": "party", "states": SECRET * 1_000}}
"""What comes along with a value that does not fit its domain: some thirty kilobytes."""


def answer(kind: Any, *told: Any) -> Answered[Any]:
    body = msgspec.json.encode({"id": 0, "error": [kind, *told]})
    return msgspec.json.decode(body, type=Answered[Any])


def value(field: str) -> tuple[str, str, Any]:
    told = (
        f'The value "{SECRET}" for field "{field}" in record "{SECRET}" of "Sale" is not valid according to its domain.'
    )
    return told, "", [[["party", "=", 2]], FIELDS]


WORDS = [
    ("CREDIT_LIMIT", f'The party "{SECRET}" will exceed their $500.00 credit limit by $900.00.'),
    ("CREDIT_HOLD", f'The party "{SECRET}" has reached the credit limit level for dunning "{SECRET}".'),
    (
        "INSUFFICIENT_AVAILABILITY",
        f'The forcast quantity (3\xa0u) for line "{SECRET}" is lower than its quantity (9\xa0u).',
    ),
    (
        "INSUFFICIENT_AVAILABILITY",
        f'The forecast quantity (3\xa0u) of product "{SECRET}" is lower than the quantity (9\xa0u).',
    ),
    ("QUANTITY_RULE", f"The quantity 13.0\xa0u of line {SECRET} is too small, you must set at least 24.0\xa0u."),
    ("QUANTITY_RULE", f"The quantity 25.0\xa0u of line {SECRET} is not valid, you must set multiple of 12.0\xa0u."),
    ("WRONG_STATE", f'You can not call "quote" on "{SECRET}" of "Sale".'),
    ("UNKNOWN_SHIP_TO", value("Shipment Address")[0]),
    ("UNKNOWN_SHIP_TO", f'A value is required for field "Shipment Address" in record "{SECRET}" of "Sale".'),
    ("ITEM_BLOCKED", value("Product")[0]),
    ("UNKNOWN_UOM", value("Unit")[0]),
    ("UNKNOWN_CUSTOMER", value("Party")[0]),
    ("UNKNOWN_WAREHOUSE", value("Warehouse")[0]),
    ("REJECTED", value("Something Else")[0]),
    ("REJECTED", f"{SECRET} will exceed their credit limit by far, says a note"),
]


@pytest.mark.parametrize(("word", "told"), WORDS)
def test_an_error_is_a_refusal_with_its_word_and_nothing_else_of_it(word: str, told: str) -> None:
    error = judged("erp", answer("UserError", [told, SECRET, [[], FIELDS]]))
    assert isinstance(error, SourceRejected)
    assert error.reason == word
    assert SECRET not in f"{error!r}{error}{error.detail}{error.args}"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("0f6b.credit_limit_amount", "CREDIT_LIMIT"),
        ("0f6b.credit_limit_dunning", "CREDIT_HOLD"),
        ("stock_quantity_warning_3", "INSUFFICIENT_AVAILABILITY"),
        ("0f6b.sale_of_the_century", "REJECTED"),
    ],
)
def test_a_warning_is_known_by_its_name_by_which_it_can_be_passed_over(name: str, word: str) -> None:
    error = judged("erp", answer("UserWarning", [name, SECRET, SECRET]))
    assert isinstance(error, Warned)
    assert (error.reason, error.name) == (word, name)
    assert SECRET not in f"{error!r}{error}{error.detail}{error.args}"


@pytest.mark.parametrize(
    ("kind", "told", "meant"),
    [
        ("UserError", [f'You are not allowed to access "{SECRET}".', SECRET, None], SourceRefused),
        ("UserError", [f'Calling button "process on "{SECRET}" is not allowed.', "", None], SourceRefused),
        ("ConcurrencyException", SECRET, SourceUnavailable),
        ("LoginException", ["password", SECRET, "password"], SourceRefused),
        (f"KeyError: {SECRET}", f"Traceback {SECRET}", SourceContractBroken),
        (5, 5, SourceContractBroken),
    ],
)
def test_other_errors_are_somebody_else_s_to_mend(kind: Any, told: Any, meant: type[SourceError]) -> None:
    error = judged("erp", answer(kind, told))
    assert type(error) is meant
    assert SECRET not in f"{error!r}{error}{error.detail}{error.args}"


def test_an_answer_with_a_result_is_none_and_one_with_neither_is_broken() -> None:
    assert judged("erp", msgspec.json.decode(b'{"id": 0, "result": null}', type=Answered[Any])) is None
    broken = judged("erp", msgspec.json.decode(b'{"id": 0}', type=Answered[Any]))
    assert isinstance(broken, SourceContractBroken)
    assert broken.path == "$.result"
