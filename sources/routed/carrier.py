"""Several carriers as one: by the carrier's name, else by the form of the parcel's number."""

from collections.abc import Mapping, Sequence

from sources.call import CallContext
from sources.models import Tracking, TrackingKey
from sources.parts import in_parts
from sources.ports import CarrierSource, Found
from sources.routed.systems import System, Systems
from sources.tracking_number import carriers_of


class RoutedCarrier:
    """`max_batch` is the largest of all: a parcel is one carrier's, so a batch is cut here, by the limit of each."""

    def __init__(self, name: str, systems: Sequence[System[CarrierSource]]) -> None:
        self.name = name
        self._systems = Systems(systems)
        self.max_batch: Mapping[str, int] = {"tracking": max(_most(each.port) for each in systems)}

    async def tracking(
        self, call: CallContext, carrier: str | None, numbers: Sequence[str]
    ) -> Found[TrackingKey, Tracking]:
        """A number that is none of theirs is asked of nobody: it does not exist here."""
        parts = self._parts(carrier, numbers)
        if len(parts) == 1:
            ((port, asked),) = parts
            return await port.tracking(call, carrier, asked)

        async def ask(part: int, asked: Sequence[str]) -> Found[str, Tracking]:
            found = await parts[part][0].tracking(call, carrier, asked)
            return {key.number: value for key, value in found.items()}

        groups = {at: asked for at, (_, asked) in enumerate(parts)}
        found = await in_parts(groups, ask, max_batch=self.max_batch["tracking"])
        return {TrackingKey(carrier, number): value for number, value in found.items()}

    def _parts(self, carrier: str | None, numbers: Sequence[str]) -> list[tuple[CarrierSource, list[str]]]:
        """Each system's own numbers, in parts no larger than it takes."""
        asked: dict[str, tuple[CarrierSource, list[str]]] = {}
        for number in numbers:
            port = self._of(carrier, number)
            if port is not None:
                asked.setdefault(port.name, (port, []))[1].append(number)
        return [
            (port, own[start : start + _most(port)])
            for port, own in asked.values()
            for start in range(0, len(own), _most(port))
        ]

    def _of(self, carrier: str | None, number: str) -> CarrierSource | None:
        """A name that none of them has is no hindrance: the WMS may call the carrier something else."""
        names = [] if carrier is None else [carrier]
        system = self._systems.of_carrier([*names, *carriers_of(number)])
        return system.port if system is not None else None


def _most(port: CarrierSource) -> int:
    return port.max_batch.get("tracking", 1)
