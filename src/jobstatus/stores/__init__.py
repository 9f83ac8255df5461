"""Stores that keep the lifecycle of jobs, whoever writes."""

from jobstatus.stores._postgres import PostgresStore
from jobstatus.stores._progress import JobError
from jobstatus.stores._records import Change, Stored, Version
from jobstatus.stores._sqlite import SqliteStore
from jobstatus.stores._store import Store
from jobstatus.stores._work import Work

__all__ = [
    "Change",
    "JobError",
    "PostgresStore",
    "SqliteStore",
    "Store",
    "Stored",
    "Version",
    "Work",
]
