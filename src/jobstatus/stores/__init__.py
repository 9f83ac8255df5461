"""Stores that keep the lifecycle of jobs, whoever writes."""

from jobstatus.stores._records import Change, Stored, Version
from jobstatus.stores._sqlite import SqliteStore

__all__ = ["Change", "SqliteStore", "Stored", "Version"]
