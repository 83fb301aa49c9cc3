"""A filler is one JSON text, however it is cut."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.filler import LEAST_BYTES, Filler


@pytest.mark.parametrize(
    ("size", "text"), [(13, b'{"filler":""}'), (14, b'{"filler":"x"}'), (20, b'{"filler":"xxxxxxx"}')]
)
def test_a_filler_is_json_of_exactly_its_size(size: int, text: bytes) -> None:
    assert (len(Filler(size)), Filler(size)[:]) == (size, text)


@given(st.integers(LEAST_BYTES, 200), st.integers(1, 60))
def test_the_pieces_of_a_filler_are_the_whole(size: int, step: int) -> None:
    filler = Filler(size)
    pieces = [filler[at : at + step] for at in range(0, size, step)]
    assert [len(piece) for piece in pieces[:-1]] == [step] * (len(pieces) - 1)
    assert json.loads(b"".join(pieces)) == {"filler": "x" * (size - LEAST_BYTES)}
