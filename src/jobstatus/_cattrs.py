"""cattrs support: hooks for your own converter, and a new converter that has the hooks."""

from __future__ import annotations

from cattrs import Converter

from jobstatus._status import is_job_status
from jobstatus.codec import Codec, Dates, Null, Payload, UnknownKeys
from jobstatus.errors import require_job


def register_hooks(
    converter: Converter,
    *,
    null: Null = "reject",
    unknown_keys: UnknownKeys = "ignore",
    dates: Dates = "ecmascript",
) -> None:
    """Register hooks with which a cattrs converter reads and writes `JobStatus` payloads.

    Payloads have the wire's camelCase keys. The hooks also apply to a JobStatus inside your own
    classes, lists and optionals. An invalid payload raises `DecodeError`, with pointers relative to
    the JobStatus. If the JobStatus is inside another class, cattrs wraps the error in an exception
    group. `cattrs.transform_error` replaces the message, so read the `DecodeError` itself.

    Args:
        converter: Any cattrs converter.
        null: As in `jobstatus.Codec`.
        unknown_keys: As in `jobstatus.Codec`.
        dates: As in `jobstatus.Codec`.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if an option is invalid.

    Example:
        >>> import cattrs
        >>> from jobstatus import JobStatus
        >>> converter = cattrs.Converter()
        >>> register_hooks(converter)
        >>> converter.structure([{"id": "job-42", "status": "queued"}], list[JobStatus])
        [JobStatus('job-42', 'queued')]
    """
    codec = Codec(null=null, unknown_keys=unknown_keys, dates=dates)
    converter.register_structure_hook_func(
        is_job_status, lambda value, _: codec.from_payload(value)
    )
    converter.register_unstructure_hook_func(is_job_status, _unstructure)


def make_converter(
    *, null: Null = "reject", unknown_keys: UnknownKeys = "ignore", dates: Dates = "ecmascript"
) -> Converter:
    """Return a new cattrs converter that reads and writes `JobStatus`.

    Use it if you have no converter of your own; otherwise call `register_hooks` with yours.

    Args:
        null: As in `jobstatus.Codec`.
        unknown_keys: As in `jobstatus.Codec`.
        dates: As in `jobstatus.Codec`.

    Raises:
        InvalidValueError: With the code ``invalid_option`` if an option is invalid.

    Example:
        >>> from jobstatus import JobStatus
        >>> converter = make_converter()
        >>> converter.unstructure([JobStatus.queued("job-42")], list[JobStatus])
        [{'id': 'job-42', 'status': 'queued'}]
    """
    converter = Converter()
    register_hooks(converter, null=null, unknown_keys=unknown_keys, dates=dates)
    return converter


def _unstructure(job: object) -> Payload:
    payload: Payload = require_job(job).to_payload()
    return payload
