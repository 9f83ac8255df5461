"""What the headers and the path of a request say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from fastapi import Request

from jobstatus.errors import InvalidValueError
from jobstatus.stores import Version

_TAG: Final = re.compile(r'"([^"]*)"')
_MOST_DIGITS: Final = 9


def has_encoded_slash(request: Request) -> bool:
    """Return whether an encoded slash has become a slash of the path.

    The server decodes the path before it is routed, so that ``/jobs/a%2Fevents`` looks like
    ``/jobs/a/events``.
    """
    raw: bytes = request.scope.get("raw_path") or b""
    return b"%2f" in raw.partition(b"?")[0].lower()


def knows(values: Iterable[str], version: Version) -> bool:
    """Return whether the values of If-None-Match have this version (RFC 9110, section 13.1.2)."""
    text = ",".join(values)
    return text.strip() == "*" or str(version) in _TAG.findall(text)


def preferred_wait(values: Iterable[str]) -> int:
    """Return the seconds of the preference ``wait`` (RFC 7240, section 4.3), or 0."""
    for preference in ",".join(values).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            digits = value.strip().strip('"')
            is_number = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
            return int(digits) if is_number else 0
    return 0


def last_version(text: str | None) -> Version | None:
    """Return the version in Last-Event-ID, or None for one that is not ours."""
    try:
        return None if text is None else Version.parse(text)
    except InvalidValueError:
        return None


def is_foreign(request: Request, origins: Collection[str]) -> bool:
    """Return whether a page of another origin made a browser send the request.

    Browsers send Sec-Fetch-Site. Old ones send only Origin, and other clients neither.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None and origin in origins:
        return False
    if site is not None:
        return site not in {"same-origin", "none"}
    if origin is None:
        return False
    host = _without_port(origin.partition("://")[2])
    return not host or host != _without_port(request.headers.get("host", ""))


def _without_port(authority: str) -> str:
    """Return a host without the port that its scheme has by default."""
    return authority.lower().removesuffix(":443").removesuffix(":80")
