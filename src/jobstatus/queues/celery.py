"""Publishing from Celery, by its signals."""

# Celery has no types that pyright's strict mode knows.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

from functools import partial
from typing import Any, Final, NoReturn, final

from celery import Celery, states
from celery.exceptions import Ignore, TaskRevokedError
from celery.signals import (
    before_task_publish,
    task_failure,
    task_postrun,
    task_prerun,
    task_revoked,
    task_success,
)

from jobstatus.queues._current import enter, leave
from jobstatus.queues._publisher import Publisher

__all__ = ["connect"]

_REASON: Final = "the job was cancelled"


def connect(app: Celery, publisher: Publisher) -> None:
    """Publish the steps of the tasks of an app.

    Call it where the app is made, so that the processes that send tasks and the workers both call
    it. The id of a job is that of its task.

    A task that was cancelled before it started runs up to its first `jobstatus.queues.report`. Then
    it ends, revoked, and no ``autoretry_for`` runs it again. Celery's own tasks are not published.

    Args:
        app: The app, whose tasks may be registered later.
        publisher: The publisher.
    """
    hooks = _Hooks(app, publisher)
    handlers = {
        before_task_publish: hooks.before_publish,
        task_prerun: hooks.prerun,
        task_postrun: hooks.postrun,
        task_success: hooks.success,
        task_failure: hooks.failure,
        task_revoked: hooks.revoked,
    }
    for signal, handler in handlers.items():
        signal.connect(handler, weak=False)


@final
class _Hooks:
    """The receivers of Celery's signals, which come from all apps of the process."""

    def __init__(self, app: Any, publisher: Publisher) -> None:
        self._app, self._publisher = app, publisher

    def _is_ours(self, name: str) -> bool:
        return name in self._app.tasks and not name.startswith("celery.")

    def before_publish(self, sender: str, headers: dict[str, Any], **_: object) -> None:
        """Create the job, or queue it again, before a worker can receive the task.

        The signal task_retry would be too late: the next attempt may have begun, or even ended.
        """
        if self._is_ours(sender):
            step = self._publisher.retried if headers.get("retries") else self._publisher.queued
            step(headers["id"])

    def prerun(self, sender: Any, task_id: str, **_: object) -> None:
        """Start the job, and make it the current one."""
        if sender.app is self._app and self._is_ours(sender.name):
            enter(self._publisher, task_id, partial(_stop, sender, task_id))
            self._publisher.started(task_id)

    def postrun(self, task_id: str, **_: object) -> None:
        """Make the outer job the current one again."""
        leave(task_id)

    def success(self, sender: Any, **_: object) -> None:
        """Complete the job."""
        if sender.app is self._app and self._is_ours(sender.name):
            self._publisher.completed(sender.request.id)

    def failure(self, sender: Any, task_id: str, exception: BaseException, **_: object) -> None:
        """Fail the job. A hard time limit sends this signal twice."""
        if sender.app is self._app and self._is_ours(sender.name):
            self._publisher.failed(task_id, exception)

    def revoked(self, sender: Any, request: Any, **_: object) -> None:
        """Cancel the job."""
        if sender.app is self._app and self._is_ours(sender.name):
            self._publisher.cancelled(request.id)


def _stop(task: Any, task_id: str) -> NoReturn:
    """End the task as revoked. Only an exception of Celery's own passes ``autoretry_for``."""
    # Ignore alone would leave the task in the state STARTED. The task is given, because another one
    # may be running inside it, and because Celery knows none in a thread that the task started.
    task.update_state(task_id=task_id, state=states.REVOKED, meta=TaskRevokedError(_REASON))
    raise Ignore(_REASON)
