"""What a store returns: versions, stored jobs and changes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final, NamedTuple, final

import attrs

from jobstatus._status import JobStatus
from jobstatus._untrusted import as_str, excerpt
from jobstatus.errors import InvalidValueError

_VERSION: Final = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{32})")


@final
@attrs.frozen
class Version:
    """The version of a stored job. Its text is an ETag and the id of a server-sent event.

    A version belongs to one creation of a job. If the job is removed and its id used again, no old
    version matches.

    Attributes:
        number: 1 for the job as it was created, and 1 more for each change.
        creation: A random text that is new for each creation.

    Example:
        >>> version = Version.parse("3-0123456789abcdef0123456789abcdef")
        >>> version.number
        3
        >>> str(version)
        '3-0123456789abcdef0123456789abcdef'
    """

    number: int
    creation: str

    def __str__(self) -> str:
        return f"{self.number}-{self.creation}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """Return the version with this text.

        Raises:
            InvalidValueError: With the code ``invalid_version`` if no version has this text.
        """
        match = None if (plain := as_str(text)) is None else _VERSION.fullmatch(plain)
        if match is None:
            message = f"expected the text of a version, got {excerpt(text)}"
            raise InvalidValueError("invalid_version", message)
        return cls(int(match[1]), match[2])


class Stored(NamedTuple):
    """A job with its version.

    Attributes:
        version: The version.
        job: The job.
    """

    version: Version
    job: JobStatus[Any]


class Change(NamedTuple):
    """An accepted change of a job, its creation included.

    Attributes:
        cursor: The place among the changes of all jobs; pass it to `Store.changes`.
        version: The version since the change.
        job: The job since the change.
        time: The time of the change, in UTC, by the clock of the database.
    """

    cursor: str
    version: Version
    job: JobStatus[Any]
    time: datetime
