"""The work on a job of a `SqliteStore` starts it, and completes or fails it."""

from tests.stores.work_behaviour import *  # noqa: F403 - the tests of every store
