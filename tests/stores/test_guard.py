"""A guard in SQLite refuses illegal moves, whoever writes."""

from tests.stores.guard_behaviour import *  # noqa: F403 - the tests of every database
