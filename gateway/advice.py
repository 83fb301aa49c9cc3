"""What to do about a change of the schema, by graphql-core's name for it; nothing where it is empty."""

from collections.abc import Mapping

_KEEP = "bring it back, deprecated with a day: it goes after a release has told that day and it has passed"
_BESIDE = "leave it as it is and add another beside it; deprecate this one with the day it goes"
_OPTIONAL = "make it optional, or give it a default"
_AGAIN = "bring it back: clients ask by it"
_CASE = "tell it in the changelog: a client that goes by the cases it knows needs one for the rest"
_LEFT_OUT = "see that whoever leaves it out gets what they got before"

NOT_YET = "it was deprecated until {day}, which has not passed: bring it back until then"

OF_DIRECTIVE: Mapping[str, str] = {
    "breaking": "bring it back: supergraphs are composed by it",
    "dangerous": "tell it in the changelog: routers and contracts go by it",
    "safe": "",
}

ADVICE: Mapping[str, str] = {
    "TYPE_REMOVED": _KEEP,
    "TYPE_CHANGED_KIND": _BESIDE,
    "TYPE_REMOVED_FROM_UNION": _AGAIN,
    "VALUE_REMOVED_FROM_ENUM": _KEEP,
    "REQUIRED_INPUT_FIELD_ADDED": _OPTIONAL,
    "IMPLEMENTED_INTERFACE_REMOVED": _AGAIN,
    "FIELD_REMOVED": _KEEP,
    "FIELD_CHANGED_KIND": _BESIDE,
    "REQUIRED_ARG_ADDED": _OPTIONAL,
    "ARG_REMOVED": _KEEP,
    "ARG_CHANGED_KIND": _BESIDE,
    "DIRECTIVE_REMOVED": _AGAIN,
    "DIRECTIVE_ARG_REMOVED": _AGAIN,
    "REQUIRED_DIRECTIVE_ARG_ADDED": _OPTIONAL,
    "DIRECTIVE_REPEATABLE_REMOVED": _AGAIN,
    "DIRECTIVE_LOCATION_REMOVED": _AGAIN,
    "VALUE_ADDED_TO_ENUM": _CASE,
    "TYPE_ADDED_TO_UNION": _CASE,
    "OPTIONAL_INPUT_FIELD_ADDED": _LEFT_OUT,
    "OPTIONAL_ARG_ADDED": _LEFT_OUT,
    "IMPLEMENTED_INTERFACE_ADDED": _CASE,
    "ARG_DEFAULT_VALUE_CHANGE": _LEFT_OUT,
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": _LEFT_OUT,
    "TYPE_ADDED": "",
    "OPTIONAL_DIRECTIVE_ARG_ADDED": "",
    "DIRECTIVE_ADDED": "",
    "FIELD_ADDED": "",
    "DIRECTIVE_REPEATABLE_ADDED": "",
    "DIRECTIVE_LOCATION_ADDED": "",
    "FIELD_CHANGED_KIND_SAFE": "",
    "ARG_CHANGED_KIND_SAFE": "",
    "ARG_DEFAULT_VALUE_ADDED": "",
    "DESCRIPTION_CHANGED": "",
    "INPUT_FIELD_DEFAULT_VALUE_ADDED": "",
}
