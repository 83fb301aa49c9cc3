"""Why a data set cannot be had."""


class NoSuchDataError(Exception):
    """The data set asked for cannot be read; the sentence says why."""
