"""FastAPI: a ready-made router for the status of jobs, and what a service of your own needs.

It needs FastAPI, which the extra ``fastapi`` installs.
"""

from jobstatus.fastapi._bodies import JobBody, JobStatusResponse
from jobstatus.fastapi._problems import install_error_handlers
from jobstatus.fastapi._router import Action, Authorize, status_router

__all__ = [
    "Action",
    "Authorize",
    "JobBody",
    "JobStatusResponse",
    "install_error_handlers",
    "status_router",
]
