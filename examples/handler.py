"""A step of a service, without a framework."""

from __future__ import annotations

from jobstatus import DecodeError, IllegalTransitionError, JobStatus, UnknownJobError
from jobstatus.stores import SqliteStore


def put(body: bytes, store: SqliteStore) -> tuple[int, object]:
    """Take a job to the status that was sent, and return a code and a body."""
    try:
        job = JobStatus.from_json(body)
        stored = store.apply(job.id, lambda _: job)
    except DecodeError as error:
        problem = error.to_problem_details()
        return problem["status"], problem
    except UnknownJobError:
        return 404, None
    except IllegalTransitionError as error:
        return 409, error.job.to_payload()
    return 200, stored.job.to_payload()
