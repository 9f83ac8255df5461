"""`SqliteStore` accepts only legal changes of the stored version."""

from tests.stores.behaviour import *  # noqa: F403 - the tests of every store
