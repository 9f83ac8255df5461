"""The number of examples for a test."""

from hypothesis import settings


def times(number: float) -> settings:
    """Return settings with this multiple of the profile's examples."""
    return settings(max_examples=round(number * settings().max_examples))
