"""cattrs support: hooks for your own converter, and a new converter that has the hooks."""

from __future__ import annotations

from cattrs import Converter

from jobstatus._status import is_job_status
from jobstatus.codec import DEFAULT, Codec, Payload, require_codec
from jobstatus.errors import require_job


def register_hooks(converter: Converter, *, codec: Codec = DEFAULT) -> None:
    """Register hooks with which a cattrs converter reads and writes `JobStatus` payloads.

    Payloads have the wire's camelCase keys. The hooks also apply to a JobStatus inside your own
    classes, lists and optionals. An invalid payload raises `DecodeError`, with pointers relative to
    the JobStatus. If the JobStatus is inside another class, cattrs wraps the error in an exception
    group. `cattrs.transform_error` replaces the message, so read the `DecodeError` itself.

    Args:
        converter: Any cattrs converter.
        codec: The options for reading.

    Raises:
        TypeError: If ``codec`` is not a Codec.

    Example:
        >>> import cattrs
        >>> from jobstatus import JobStatus
        >>> converter = cattrs.Converter()
        >>> register_hooks(converter)
        >>> converter.structure([{"id": "job-42", "status": "queued"}], list[JobStatus])
        [JobStatus('job-42', 'queued')]
    """
    require_codec(codec)
    converter.register_structure_hook_func(
        is_job_status, lambda value, _: codec.from_payload(value)
    )
    converter.register_unstructure_hook_func(is_job_status, _unstructure)


def make_converter(*, codec: Codec = DEFAULT) -> Converter:
    """Return a new cattrs converter that reads and writes `JobStatus`.

    Use it if you have no converter of your own; otherwise call `register_hooks` with yours.

    Args:
        codec: The options for reading.

    Raises:
        TypeError: If ``codec`` is not a Codec.

    Example:
        >>> from jobstatus import JobStatus
        >>> converter = make_converter()
        >>> converter.unstructure([JobStatus.queued("job-42")], list[JobStatus])
        [{'id': 'job-42', 'status': 'queued'}]
    """
    converter = Converter()
    register_hooks(converter, codec=codec)
    return converter


def _unstructure(job: object) -> Payload:
    payload: Payload = require_job(job).to_payload()
    return payload
