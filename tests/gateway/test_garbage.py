"""The collector's settings hold while the gateway runs, and not a moment longer."""

import gc

import pytest

from gateway import garbage


@pytest.fixture
def before() -> tuple[int, int, int]:
    return gc.get_threshold()


def test_they_are_tuned_inside_and_as_before_outside(before: tuple[int, int, int]) -> None:
    frozen = gc.get_freeze_count()
    with garbage.tuned():
        assert gc.get_threshold() == (100_000, 50, 100)
        assert gc.get_freeze_count() > frozen
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_pythons_own_ways_are_left_alone(before: tuple[int, int, int]) -> None:
    with garbage.tuned(is_tuned=False):
        assert gc.get_threshold() == before


def test_a_start_is_not_held_up_and_whoever_serves_collects_again() -> None:
    with garbage.paused():
        assert not gc.isenabled()
        with garbage.tuned():
            assert gc.isenabled()
    assert gc.isenabled()
    with garbage.paused(), garbage.tuned(is_tuned=False):
        assert gc.isenabled()
