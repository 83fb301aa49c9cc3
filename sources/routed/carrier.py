"""Several carriers as one: by the carrier's name, else by the form of the parcel's number."""

from collections.abc import Sequence

from sources.call import CallContext
from sources.models import Tracking, TrackingKey
from sources.ports import CarrierSource, Found
from sources.routed.systems import System, Systems, each_its_own
from sources.tracking_number import carriers_of


class RoutedCarrier:
    def __init__(self, name: str, systems: Sequence[System[CarrierSource]]) -> None:
        self.name = name
        self._systems = Systems(systems)
        self.max_batch = self._systems.max_batch

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        """A number that is none of theirs is asked of nobody: it does not exist here."""
        return await each_its_own(
            numbers,
            lambda number: self._of(carrier, number),
            lambda port, asked: port.tracking(call, carrier, asked),
            key=lambda number: TrackingKey(carrier, number),
        )

    def _of(self, carrier: str | None, number: str) -> CarrierSource | None:
        """A name that none of them has is no hindrance: the WMS may call the carrier something else."""
        names = [] if carrier is None else [carrier]
        system = self._systems.of_carrier([*names, *carriers_of(number)])
        return system.port if system is not None else None
