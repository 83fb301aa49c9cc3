"""What a token bucket grants, by a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.bucket import Bucket


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def granted(bucket: Bucket, asked: int) -> int:
    return [bucket.take() for _ in range(asked)].count(True)


def test_a_bucket_grants_its_burst_and_then_what_drips_in() -> None:
    clock = Clock()
    bucket = Bucket(4, clock)
    assert granted(bucket, 10) == 4
    clock.now += 0.125
    assert granted(bucket, 1) == 0
    clock.now += 0.125
    assert granted(bucket, 10) == 1
    clock.now += 0.75
    assert granted(bucket, 10) == 3


def test_a_long_rest_fills_a_bucket_no_further_than_its_burst() -> None:
    clock = Clock()
    bucket = Bucket(3, clock)
    clock.now += 3_600
    assert granted(bucket, 10) == 3


# Sixteenths of a second add up exactly, so that the bound holds to the token.
@given(st.integers(1, 20), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 50)), max_size=30))
def test_never_more_is_granted_than_the_burst_and_the_rate_allow(rate: int, asked: list[tuple[int, int]]) -> None:
    clock = Clock()
    bucket = Bucket(rate, clock)
    taken = 0
    for sixteenths, calls in asked:
        clock.now += sixteenths / 16
        taken += granted(bucket, calls)
        assert taken <= rate + (clock.now - 1_000) * rate
