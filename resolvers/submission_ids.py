"""The ids of submissions as clients carry them."""

from resolvers.errors import BadInput
from resolvers.nodes import decode_id


def submission_id_of(text: str, argument: str) -> str:
    """Raises BadInput, which names the argument."""
    found = decode_id(argument, text)
    if found.type != "OrderSubmission":
        raise BadInput(argument, "this is no submission's id.")
    return found.number
