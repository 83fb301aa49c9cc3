"""Which trusted documents are tools, under which names."""

from typing import Annotated

import msgspec

_ToolName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


class ToolSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`document`: its id in the manifest, or the name of its operation. `destructive` is told of mutations only."""

    document: Annotated[str, msgspec.Meta(min_length=1)]
    title: str = ""
    description: str = ""
    destructive: bool = True


class McpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = False
    tools: dict[_ToolName, ToolSettings] = {}

    def __post_init__(self) -> None:
        if self.enabled and not self.tools:
            raise ValueError("`tools` must name one at least where `enabled` is true")
