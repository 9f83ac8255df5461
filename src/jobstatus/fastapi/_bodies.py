"""Jobs in the bodies of requests and responses."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from fastapi import Body
from fastapi.responses import JSONResponse

from jobstatus._status import JobStatus
from jobstatus._wire import MAX_DEPTH
from jobstatus.codec import Codec
from jobstatus.errors import DecodeError

_CODEC: Final = Codec(unknown_keys="keep", max_depth=MAX_DEPTH)

JobBody: TypeAlias = Annotated[JobStatus, Body()]
"""A parameter that is the body of the request. A bare `JobStatus` is a parameter of the query."""


class JobStatusResponse(JSONResponse):
    """Writes a job, or a list of jobs, byte for byte as V8 does.

    It writes anything else as ``JSONResponse`` does, so that it may be the
    ``default_response_class`` of an application. A route must declare that it returns a job.

    Example:
        >>> from fastapi import FastAPI
        >>> from fastapi.testclient import TestClient
        >>> app = FastAPI(default_response_class=JobStatusResponse)
        >>> @app.post("/jobs")
        ... def create(job: JobBody) -> JobStatus:
        ...     return job
        >>> TestClient(app).post("/jobs", json={"id": "a", "status": "queued"}).content
        b'{"id":"a","status":"queued"}'
    """

    def render(self, content: Any) -> bytes:
        """Return the JSON of a payload, of a list of payloads, or of anything else."""
        body: Any = content
        items: list[Any] = body if isinstance(content, list) else [body]
        try:
            jobs = [_CODEC.from_payload(item) for item in items]
        except DecodeError:
            return super().render(content)
        # Something that looks like a job may have a date that would be written otherwise.
        if [job.to_payload() for job in jobs] != items:
            return super().render(content)
        return _CODEC.encode_array(jobs) if items is content else _CODEC.encode(jobs[0])
