"""The submissions' database is a system like others: while it is away, that is what is said."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from resolvers.loaders import Loaders
from resolvers.whereabouts import Whereabouts
from sources.call import CallContext, Deadline
from sources.errors import SourceUnavailable
from sources.models import Key
from sources.ports import Sources
from sources.viewer import Viewer

NOWHERE: Any = Sources(None, None, None, None)  # type: ignore[arg-type]  # what is asked here reads no source


async def test_a_submission_that_cannot_be_looked_up_is_of_a_system_that_is_away() -> None:
    async def away(*_: Any) -> Any:
        raise OperationalError("SELECT s3cret", None, ConnectionError())

    call = CallContext(Viewer("alice"), Deadline.after(5), "c1", lambda _: None)
    loaders = Loaders(call, NOWHERE, Whereabouts(), away)
    with pytest.raises(SourceUnavailable) as told:
        await loaders.submission_by_id.load(Key("", "s1"))
    assert (told.value.source, told.value.detail) == ("submissions", "OperationalError")
    await loaders.aclose()
