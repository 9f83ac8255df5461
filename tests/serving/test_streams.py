"""The router streams from SQLite."""

from tests.serving.behaviour import *  # noqa: F403 - the tests of every database
