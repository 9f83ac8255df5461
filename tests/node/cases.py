"""How many cases a property is held to."""

from hypothesis import settings


def times(number: float) -> settings:
    """Return settings for a property that needs so many times the cases of the profile."""
    return settings(max_examples=round(number * settings().max_examples))
