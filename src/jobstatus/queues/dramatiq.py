"""Publishing from Dramatiq, by a middleware."""

from __future__ import annotations

from typing import Any, final

from dramatiq import Broker, Message, Middleware
from dramatiq.broker import MessageProxy
from dramatiq.middleware import SkipMessage

from jobstatus.queues._current import JobCancelled, enter, is_cancelled, leave, stop
from jobstatus.queues._publisher import Publisher

__all__ = ["PublishMiddleware"]


@final
class PublishMiddleware(Middleware):
    """Publishes the steps of the messages of a broker.

    Add it last: ``broker.add_middleware(PublishMiddleware(publisher))``. Dramatiq calls the hooks
    after a message backwards, so that this one comes before the retries. The id of a job is that of
    its message. A job that was cancelled before it started does not run. One that is cancelled
    while it runs ends with `jobstatus.queues.JobCancelled` at its next `jobstatus.queues.report`.

    Args:
        publisher: The publisher.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._errors: dict[str, BaseException] = {}

    def before_enqueue(self, broker: Broker, message: Message[Any], delay: int) -> None:  # noqa: ARG002, D102 - a hook
        if message.options.get("retries"):
            self._publisher.retried(message.message_id)
        else:
            self._publisher.queued(message.message_id)

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002, D102 - a hook
        name = message.message_id
        enter(self._publisher, name, stop, is_outermost=True)
        self._publisher.started(name)
        if is_cancelled(self._publisher, name):
            raise SkipMessage

    def after_process_message(  # noqa: D102 - a hook
        self,
        broker: Broker,  # noqa: ARG002 - a hook
        message: MessageProxy,
        *,
        result: Any | None = None,  # noqa: ARG002 - a hook
        exception: BaseException | None = None,
    ) -> None:
        name = message.message_id
        leave(name)
        if exception is None:
            self._publisher.completed(name)
        elif isinstance(exception, JobCancelled):
            message.options["throws"] = JobCancelled  # so that the retries give up
        else:
            self._errors[name] = exception

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002, D102 - a hook
        leave(message.message_id)
        if not message.failed:
            self._publisher.cancelled(message.message_id, "skipped")

    def after_ack(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002, D102 - a hook
        self._errors.pop(message.message_id, None)  # it will be retried

    def after_nack(self, broker: Broker, message: MessageProxy) -> None:  # noqa: ARG002, D102 - a hook
        name = message.message_id
        if not is_cancelled(self._publisher, name):
            self._publisher.failed(name, self._errors.pop(name, None))
