"""How many keys an operation takes at once, by the port's method."""

ANY_NUMBER = 1_000


class Batches(dict[str, int]):
    """What is not offered is answered at once, however many keys there are: nobody is asked."""

    def __missing__(self, operation: str) -> int:
        return ANY_NUMBER
