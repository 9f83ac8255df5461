"""The slow path, which reads any document under any policy and reports every problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from jobstatus._fields import Job
from jobstatus._wire import _json, _payload
from jobstatus._wire._policy import Policy
from jobstatus.errors import Problem

Decode: TypeAlias = Callable[[_json.Document, Policy], Job]
DecodeArray: TypeAlias = Callable[[_json.Document, Policy], list[Job]]


def decode(data: _json.Document, policy: Policy, id: str | None = None) -> Job:
    """Return the job of a document, whose id may be given, or raise DecodeError."""
    if policy.unknown_keys == "keep":
        data = _json.decode_utf8(data)
        return _payload.read(_json.parse(data, policy.max_depth), policy, id, (data, 0))
    return _payload.read(_json.parse(data, policy.max_depth), policy, id)


def decode_array(data: _json.Document, policy: Policy) -> list[Job]:
    """Return the jobs of an array, or raise DecodeError with the problems of all items."""
    jobs: list[Job] = []
    problems: list[Problem] = []
    text = _json.decode_utf8(data)
    # One item at a time, so that rejecting a megabyte of items takes no longer than reading it.
    for index, (item, begin) in enumerate(_json.parse_items(text, policy.max_depth)):
        result = _payload.read_plain(item, policy)
        if result is None:
            result = _payload.check(item, policy, source=(text, begin))
        if type(result) is list:
            found = cast("list[Problem]", result)
            problems.extend(problem.below(f"/{index}") for problem in found)
            if len(problems) > policy.max_problems:
                break
        else:
            jobs.append(result)
    if problems:
        raise _payload.reject(problems, policy)
    return jobs
